#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that a probe must survive.

    bad_client.py WAY [--url BASE_URL]
"""

import os
import socket
import sys
import time
import urllib.parse


def hang():
    while True:
        time.sleep(60)


def leave():
    """Goes on in a session of its own after the client has ended."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(60)
        os._exit(0)
    os.wait()


def breed():
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def connected():
    url = urllib.parse.urlsplit(sys.argv[3])
    return socket.create_connection((url.hostname, url.port or 80), timeout=20)


def flood():
    """Requests without end."""
    with connected() as connection:
        body = b'{"messages":[]}'
        request = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        while True:
            connection.sendall(request * 100)
            connection.recv(1 << 20)


def nonsense():
    with connected() as connection:
        connection.sendall(b"\x00\xff\xfenonsense\r\n\r\n" * 10)
        connection.recv(1 << 16)


def leave_at_once():
    sys.exit(7)


def need_terminal():
    if not sys.stdin.isatty():
        print("this program needs a terminal", file=sys.stderr)
        sys.exit(1)


def print_much():
    block = b"x" * (1 << 20)
    for _ in range(1024):
        os.write(1, block)


def write_much():
    block = b"x" * (1 << 20)
    with open(os.path.expanduser("~/much"), "wb") as file:
        for _ in range(1024):
            file.write(block)


WAYS = {way.__name__.replace("_", "-"): way
        for way in (hang, leave, breed, flood, nonsense, leave_at_once, need_terminal, print_much, write_much)}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
