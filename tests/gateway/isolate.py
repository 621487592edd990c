# SPDX-License-Identifier: Apache-2.0
"""Lets a test see no network but loopback."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

MARK = "TELLTALE_TEST_ISOLATED"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def bring_loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))


def namespace_command():
    """How to start a program in a network of its own, where that is allowed."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
            return command
    return None


def isolate():
    """Starts this program again in a network of its own, which has only loopback.  Returns whether that is so now."""
    if os.environ.get(MARK):
        bring_loopback_up()
        return True
    command = namespace_command()
    if not command:
        return False
    os.environ[MARK] = "1"
    sys.stdout.flush()
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def without_proxy():
    """Variables for a client where there is no network of its own: what is not loopback goes to a port where nobody listens."""
    dead = "http://127.0.0.1:9"
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return {**dict.fromkeys(names, dead), "no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}
