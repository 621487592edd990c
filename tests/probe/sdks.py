#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The providers' own libraries for JavaScript understand what the mock of the probe answers.

    sdks.py MOCK_SERVE CACHE

The libraries come from npm, in the versions below, into CACHE, which stays.  Without npm, or without its registry, the test is skipped.  Prints TAP.
"""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))  # where tap is
from tap import Tap, Wrong, skip_all

PACKAGES = {"openai": "6.49.0", "@anthropic-ai/sdk": "1.12.0", "@google/genai": "2.32.0"}
INSTALL_SECONDS, WAIT = 120, 60
CALL = ["glob", {"pattern": "*"}]
EXPECTED = {
    "openai": {
        "chat": ["Hello.", "stop", 2],
        "chatStream": ["Hello.", "stop", 2],
        "chatTool": [*CALL, "tool_calls"],
        "chatSecond": "Hello.",
        "responses": ["Hello.", "completed", 2],
        "responsesStream": ["Hello.", "Hello."],
        "responsesTool": [*CALL, "completed"],
        "responsesSecond": "Hello.",
        "models": ["mock-model"],
    },
    "anthropic": {
        "messages": ["Hello.", "end_turn", 1],
        "messagesStream": ["Hello.", "end_turn"],
        "messagesTool": [*CALL, "tool_use"],
        "messagesSecond": "Hello.",
        "count": 1,
        "anthropicModels": ["mock-model"],
    },
    "gemini": {
        "gemini": ["Hello.", "STOP", 2],
        "geminiStream": "Hello.",
        "geminiTool": CALL,
        "geminiSecond": "Hello.",
        "geminiCount": 1,
        "geminiModels": ["models/mock-model"],
    },
}


def version_of(cache, name):
    try:
        return json.loads(pathlib.Path(cache, "node_modules", name, "package.json").read_text(encoding="utf-8"))["version"]
    except FileNotFoundError:
        return None


def install(cache):
    """Returns why the libraries are not there, or None."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm and node are not there"
    os.makedirs(cache, exist_ok=True)
    with open(f"{cache}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all(version_of(cache, name) == version for name, version in PACKAGES.items()):
            return None
        command = ["npm", "install", "--prefix", cache, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        command += [f"{name}@{version}" for name, version in PACKAGES.items()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=INSTALL_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return "the npm registry did not answer in time"
    return None if done.returncode == 0 else "npm cannot fetch the libraries"


def run(serve, cache, library):
    """What a library understood, and how many requests the mock did not know."""
    with tempfile.TemporaryDirectory(prefix="telltale-mock-") as top:
        mock = subprocess.Popen([serve, top, "tool"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = mock.stdout.readline().split()[0].decode()
        script = pathlib.Path(__file__).with_suffix(".mjs")
        environment = {"PATH": os.environ["PATH"], "HOME": top}
        done = subprocess.run(["node", script, os.path.abspath(cache), f"http://127.0.0.1:{port}", library], env=environment, capture_output=True, timeout=WAIT, check=False)
        mock.stdin.close()
        mock.wait(WAIT)
        mock.stdout.close()
        contacts = json.loads(pathlib.Path(top, "run", "run.json").read_text(encoding="ascii"))["contacts"]
    if done.returncode != 0:
        raise Wrong(done.stderr.decode()[-2000:])
    return json.loads(done.stdout), contacts


def check(serve, cache, library, expected):
    got = run(serve, cache, library)
    if got != (expected, []):
        raise Wrong(got)


def main():
    serve, cache = sys.argv[1:]
    reason = install(cache)
    if reason:
        skip_all(reason)
    tap = Tap()
    for library, expected in EXPECTED.items():
        tap.run(f"{library}: plain, streaming, a turn with a tool, counts, models", check, serve, cache, library, expected)
    tap.end()


main()
