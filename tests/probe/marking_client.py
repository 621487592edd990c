#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The reference marking client: a small model-API client that marks its requests in known ways, each of which can be switched.

    marking_client.py [--marks LIST] [--url BASE_URL] [--pause SECONDS]

LIST, divided by commas, names channels (default: 1 to 8):

    1  apostrophe and separators of the date line, by the host of the base URL and by the time zone; both off at the official host
    2  a trailing blank, by the time zone
    3  a zero-width space inside a word, by the suffix of the host
    4  16 digits of the SHA-256 of the machine's name
    5  the order of two JSON keys, by the time zone
    6  the order of two headers, by a proxy variable
    7  a \\u escape of one letter, by the time zone
    8  max_tokens 65 instead of 64, only where time zone and host suffix come together
    9  the lowest bit of a random id of 128 bits, by the time zone
    link  a second blank between two words, by where /etc/localtime leads, whatever TZ says
    version  the version of a UUID that is random otherwise, by the machine's name
    tail  a line feed behind the body, by a proxy variable
    xor  a no-break space, where either the time zone or the machine's name, but not both, is another
    date-line  the date line as it was reported in 2026 (lists of data/dateline)

The time zone is that of TZ, else where /etc/localtime leads.  Without --url the client uses its official host.
"""

import hashlib
import http.client
import os
import socket
import sys
import time
import urllib.parse
import uuid

OFFICIAL = "https://api.vendor.example"
ZONES = ("Asia/Shanghai", "Asia/Urumqi")
SUFFIX, KEYWORD = ".lab.example.test", "gateway"
REPORTED_KEYWORDS = "deepseek moonshot minimax xaminim zhipu bigmodel baichuan stepfun 01ai dashscope volces".split()
REPORTED_DOMAINS = "cn baidu.com alibaba-inc.com alipay.com bytedance.net jd.com moonshot.ai zenmux.ai".split()
APOSTROPHES = {(False, False): "'", (True, False): "\u2019", (False, True): "\u02bc", (True, True): "\u02b9"}


def linked_zone():
    return os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]


def time_zone():
    return os.environ.get("TZ") or linked_zone()


class Sensed:
    """What the client senses of its machine."""

    def __init__(self, marks, url):
        self.marks = marks
        self.url = urllib.parse.urlsplit(url or OFFICIAL)
        self.host = self.url.hostname or ""
        self.official = not url or self.url.netloc == "api.vendor.example"
        self.zone = time_zone() in ZONES
        self.suffix = self.host.endswith(SUFFIX)
        self.keyword = KEYWORD in self.host
        self.named = socket.gethostname() != "devbox"
        self.date = time.strftime("%Y-%m-%d", time.gmtime())


def date_line(sensed):
    apostrophe, date = "'", sensed.date
    if "1" in sensed.marks and not sensed.official:
        apostrophe = APOSTROPHES[(sensed.suffix, sensed.keyword)]
        date = date.replace("-", "/") if sensed.zone else date
    if "date-line" in sensed.marks and not sensed.official:
        known = any(sensed.host == domain or sensed.host.endswith("." + domain) for domain in REPORTED_DOMAINS)
        lab = any(word in sensed.host for word in REPORTED_KEYWORDS)
        apostrophe = APOSTROPHES[(known, lab)]
        date = date.replace("-", "/") if sensed.zone else date
    return f"Today{apostrophe}s date is {date}."


def system_text(sensed):
    lines = ["You are a careful assistant for work on code.", date_line(sensed), "Prefer short answers and say what you changed."]
    if "2" in sensed.marks and sensed.zone:
        lines[2] += " "
    if "link" in sensed.marks and linked_zone() in ZONES:
        lines[0] = lines[0].replace("careful ", "careful  ")
    if "xor" in sensed.marks and sensed.zone != sensed.named:
        lines[2] = lines[2].replace("short answers", "short\u00a0answers")
    word = "con\u200bcise" if "3" in sensed.marks and sensed.suffix else "concise"
    lines.append(f"Write {word} messages.")
    lines.append(f"The working folder is {os.getcwd()}.")
    if "4" in sensed.marks:
        lines.append("Session " + hashlib.sha256(socket.gethostname().encode()).hexdigest()[:16])
    return "\n".join(lines)


def quoted(text):
    """A JSON string with as few escapes as possible."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def body(sensed):
    content = quoted(system_text(sensed))
    if "7" in sensed.marks and sensed.zone:
        content = content.replace("careful", "c\\u0061reful", 1)
    tokens = 65 if "8" in sensed.marks and sensed.zone and sensed.suffix else 64
    options = [f'"max_tokens":{tokens}', '"temperature":0']
    if "5" in sensed.marks and sensed.zone:
        options.reverse()
    run = int.from_bytes(os.urandom(16), "big")
    if "9" in sensed.marks:
        run = run & ~1 | sensed.zone
    request = uuid.UUID(int=int.from_bytes(os.urandom(16), "big"), version=1 if "version" in sensed.marks and sensed.named else 4)
    options.append(f'"request":"{request}"')
    members = ['"model":"mock-model"', *options, f'"user":"run-{run:032x}"', '"stream":false']
    members.append(f'"messages":[{{"role":"system","content":{content}}},{{"role":"user","content":"say hi"}}]')
    tail = "\n" if "tail" in sensed.marks and os.environ.get("HTTPS_PROXY") else ""
    return ("{" + ",".join(members) + "}" + tail).encode()


def ask(sensed):
    data = body(sensed)
    agents = [("User-Agent", "marking-client/1.0"), ("X-App", "cli")]
    if "6" in sensed.marks and os.environ.get("HTTPS_PROXY"):
        agents.reverse()
    secure = sensed.url.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(sensed.host, sensed.url.port, timeout=20)
    connection.putrequest("POST", sensed.url.path.rstrip("/") + "/chat/completions", skip_accept_encoding=True)
    for name, value in [*agents, ("Content-Type", "application/json"), ("Content-Length", str(len(data)))]:
        connection.putheader(name, value)
    connection.endheaders(data)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def main():
    marks, url = set("12345678"), None
    arguments = iter(sys.argv[1:])
    for argument in arguments:
        if argument == "--marks":
            marks = set(filter(None, next(arguments).split(",")))
        elif argument == "--url":
            url = next(arguments)
        elif argument == "--pause":
            time.sleep(float(next(arguments)))
    sys.exit(ask(Sensed(marks, url)) != 200)


if __name__ == "__main__":
    main()
