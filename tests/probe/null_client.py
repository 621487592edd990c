#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A client that hides nothing but is not easy to compare: ids, times and counters, headers in random order, requests that race, a leaf
that differs in one run of twenty, a date and a locale in words.

    null_client.py [--url BASE_URL]
"""

import http.client
import json
import os
import random
import sys
import threading
import time
import urllib.parse
import uuid

WORDS = {"de": "Antworte auf Deutsch.", "zh": "\u8bf7\u7528\u4e2d\u6587\u56de\u7b54\u3002"}


def count_starts():
    """How often this home folder has seen the client."""
    path = os.path.expanduser("~/.null_client")
    try:
        with open(path, encoding="ascii") as file:
            n = int(file.read()) + 1
    except FileNotFoundError:
        n = 1
    with open(path, "w", encoding="ascii") as file:
        file.write(str(n))
    return n


def body(number, starts):
    language = os.environ.get("LC_ALL", "C")[:2]
    system = ["You help with code.", f"Today's date is {time.strftime('%A, %d %B %Y')}.", WORDS.get(language, "Answer in English."),
              f"Folder: {os.getcwd()}", f"Session {uuid.uuid4()}"]
    return {
        "model": "mock-model",
        "metadata": {"run": uuid.uuid4().hex, "at": int(time.time() * 1000), "starts": starts, "part": number,
                     "cache": "warm" if random.random() < 0.05 else "cold"},
        "messages": [{"role": "system", "content": "\n".join(system)}, {"role": "user", "content": f"part {number}"}],
        "stream": False,
    }


def ask(url, number, starts):
    data = json.dumps(body(number, starts)).encode()
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    headers = {"User-Agent": "null-client/1.0", "X-Request": str(uuid.uuid4()), "Content-Type": "application/json",
               "X-Facts": json.dumps({"platform": "linux", "id": uuid.uuid4().hex, "zone": os.environ.get("TZ", "")}),
               "Content-Length": str(len(data)), "X-Time": str(time.time())}
    names = list(headers)
    random.shuffle(names)
    time.sleep(random.random() / 50)
    connection = connect(url.hostname, url.port, timeout=20)
    connection.putrequest("POST", url.path.rstrip("/") + "/chat/completions", skip_accept_encoding=True)
    for name in names:
        connection.putheader(name, headers[name])
    connection.endheaders(data)
    connection.getresponse().read()
    connection.close()


def main():
    url = urllib.parse.urlsplit(sys.argv[2] if len(sys.argv) > 2 else "https://api.vendor.example")
    starts = count_starts()
    threads = [threading.Thread(target=ask, args=(url, number, starts)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
