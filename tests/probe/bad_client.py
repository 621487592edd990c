#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that a probe must survive.

    bad_client.py WAY [--url BASE_URL]
"""

import contextlib
import os
import socket
import struct
import subprocess
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


def old_program(base=0x8048000):
    """A program for 32-bit processors that only ends; x86-64 runs it with a clock page of another kind."""
    code = b"\xb8\x01\0\0\0\x31\xdb\xcd\x80"  # exit(0)
    head = b"\x7fELF\1\1\1" + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    return head + struct.pack("<IIIIIIII", 1, 0, base, base, 84 + len(code), 84 + len(code), 5, 4096) + code


def start_old_program():
    path = os.path.expanduser("~/old")
    with open(path, "wb") as file:
        file.write(old_program())
    os.chmod(path, 0o755)
    with contextlib.suppress(OSError):
        subprocess.run([path], check=False)
    ask()


def ask():
    with connected() as connection:
        connection.sendall(b'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n{"messages":[]}')
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
        for way in (hang, leave, breed, flood, nonsense, start_old_program, leave_at_once, need_terminal, print_much, write_much)}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
