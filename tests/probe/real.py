#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`telltale probe` with real clients; prints TAP.

    real.py TELLTALE CACHE [--long]

The clients come from npm, as for tests/gateway/clients.py, into CACHE.  As shipped they have no covert finding; one of them with a mark that is patched
in has exactly that one.  --long makes whole probes of both, and looks for what is known of them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source folder stays as it is
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../gateway")  # before this folder: both have a "mock"

sys.path.append(f"{HERE}/..")  # where tap is
from clients import install
from tap import Tap, expect, skip_all

COVERT = ("probe.c0", "probe.c1", "probe.c2", "probe.c3", "probe.c4", "probe.c5")
QWEN, GEMINI = "@qwen-code/qwen-code", "@google/gemini-cli"
SENTENCE = "Today's date is ${today}"
MARK = ("Today${((h)=>[\"'\",\"\\u2019\",\"\\u02bc\",\"\\u02b9\"][(h.includes(\".lab.example.test\")?1:0)+(h.includes(\"gateway\")?2:0)])"
        "(process.env.OPENAI_BASE_URL||\"\")}s date is ${today}")
HOURS = 3600


def probe(telltale, folder, timeout, *arguments):
    command = [telltale, "probe", "--format", "json", "--show", "info", "--out", folder, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done, [line for line in lines if line["type"] == "finding"]


def rows(done, findings):
    out = [f"exit {done.returncode}", done.stderr[-400:]]
    out += [f"{f['rule']} {f['level']} {f['evidence'].get('factors')} {f['evidence'].get('symbols')} {f['message']}" for f in findings]
    return "\n".join(out)[-6000:]


def covert(findings):
    return [f for f in findings if f["rule"] in COVERT and f["level"] == "confirmed"]


def patched(modules, top):
    """The installed client with links to its files, but for the one that holds the sentence."""
    place = f"{top}/node_modules/{QWEN}"
    shutil.copytree(f"{modules}/{QWEN}", place, copy_function=os.link, symlinks=True)
    for folder, _, names in os.walk(f"{place}/chunks"):
        for name in names:
            path = f"{folder}/{name}"
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
            if SENTENCE in text:
                os.unlink(path)  # the link, not the file
                with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                    file.write(text.replace(SENTENCE, MARK))
                return place
    return None


def qwen(place):
    return ["--profile", "qwen", "--", "node", f"{place}/cli-entry.js", "-p", "say hi"]


def gemini(place):
    return ["--profile", "gemini", "--", "node", f"{place}/bundle/gemini.js", "-m", "gemini-2.5-flash", "--skip-trust", "-p", "say hi"]


def marked(telltale, modules, top):
    place = patched(modules, top)
    expect(place, "the client has no such sentence any more")
    done, findings = probe(telltale, f"{top}/marked", HOURS, "--quick", "--factor", "host", *qwen(place))
    found = [(f["rule"], f["evidence"]["factors"], f["evidence"]["bits"]) for f in covert(findings)]
    wanted = [("probe.c0", ["host"], 2.0)]
    points = set(re.findall(r"U\+\w+", " ".join(findings[0]["evidence"].get("symbols", [])))) if findings else set()
    good = found == wanted and {"U+0027", "U+2019", "U+02BC", "U+02B9"} <= points and done.returncode == 1
    expect(good, f"wanted {wanted}, found {found}", rows(done, findings))


def knows(findings, factor, words):
    """Is there a visible dependence on the factor whose symbols or place hold the words?"""
    return any(f["rule"] == "probe.visible" and factor in f["evidence"]["factors"] and
               words in json.dumps([f["message"], f["evidence"]], ensure_ascii=False) for f in findings)


def whole(telltale, top, name, client, truths):
    done, findings = probe(telltale, f"{top}/{name}", HOURS, *client)
    wrong = [f"not found: {factor}: {words}" for factor, words in truths if not knows(findings, factor, words)]
    wrong += [f"covert: {f['rule']} {f['message']}" for f in covert(findings) if f["evidence"]["factors"] != ["git"]]
    expect(not wrong, *wrong, rows(done, findings))


def main():
    telltale, cache, *words = sys.argv[1:]
    telltale, cache = os.path.abspath(telltale), os.path.abspath(cache)
    doctor = subprocess.run([telltale, "probe", "doctor"], capture_output=True, text=True, timeout=60, check=False)
    why = "this machine forbids sealed boxes" if doctor.returncode else install(cache)
    if why:
        skip_all(why)
    modules = f"{cache}/node_modules"
    # Beside the cache: links do not reach over file systems.
    with tempfile.TemporaryDirectory(prefix="probe-", dir=cache) as top:
        tap = Tap()
        tap.run("qwen-code with a mark patched in: exactly that one", marked, telltale, modules, top)
        if "--long" in words:
            tap.run("qwen-code as shipped: nothing covert, and what is known of it", whole, telltale, top, "qwen", qwen(f"{modules}/{QWEN}"),
                    [("date", "2025"), ("folder", "other"), ("host", "compatible-mode")])
            tap.run("gemini-cli as shipped: nothing covert, and what is known of it", whole, telltale, top, "gemini", gemini(f"{modules}/{GEMINI}"),
                    [("date", "2025"), ("folder", "other"), ("terminal", "CloudCodeVSCode")])
    tap.end()


if __name__ == "__main__":
    main()
