#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Findings must not depend on how a text is read: by which kernels, by how many threads, in which windows; prints TAP.

    same_findings.py TELLTALE

The texts are made at random from a fixed seed: words of several scripts with marks, escapes and odd line ends among them.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

from tap import Tap

SOURCES = os.path.dirname(os.path.abspath(__file__))
TEXTS = 120
WINDOW_CUT = (1 << 20) - (64 << 10)  # TT_WINDOW_SIZE - TT_WINDOW_AHEAD: up to here a full window is searched
CUT_STEP = 131  # bytes from one place of the cut in the text to the next

WORDS = (
    "the date is plain text with words and names it was said of them here foo_bar(x, y) i++ 100% &amp; a&b"
    " \u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440 caf\u00e9 na\u00efve \u00fcber \u05e9\u05dc\u05d5\u05dd \u05d9\u05d5\u05dd"
    " \u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0903\u0916 \u30ce\u30fc\u30c8 \u6587\u66f8 \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    " \u09ac\u09be\u0982\u09b2\u09be \u09b8\u09df \u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d02 don't it's 2026-05-09 10:30 v1.2.3 https://example.org/a?b=%20c"
).split()
HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0\u2009\u3000\u202e\u2019\u02bc\u0301\u0430\u03bf\U000e0041\ufe0f\ufe01\x7f\x1b\x01\u212a\u2010"
PIECES = ["\r\n", " \n", "\t \n", "\n\n", "  ", "\\", "%", "&", "+", "%E2%80", "\\u20", "&#", "A" * 30, "-" * 40, "a+b-", "p\u0430ypal"]


def escaped(rng, char):
    data = char.encode()
    return rng.choice([
        f"\\u{ord(char) & 0xFFFF:04x}",
        "".join(f"%{byte:02X}" for byte in data),
        "".join(f"\\x{byte:02x}" for byte in data),
        f"&#{ord(char)};",
        f"&amp;#x{ord(char):X};",
        f"\\\\\\u{ord(char) & 0xFFFF:04X}",
        (f"more text {char} than that").encode().hex(),
    ])


def bits(rng):
    word = rng.choice(["hidden", "id=4711", "Kilroy was here"])
    return "".join("\u200c" if byte >> bit & 1 else "\u200b" for byte in word.encode() for bit in range(7, -1, -1))


def mark(rng):
    kind = rng.randrange(6)
    char = rng.choice(HIDDEN)
    if kind == 0:
        return bits(rng)
    if kind == 1:
        return escaped(rng, char)
    if kind == 2:
        return f"Today{rng.choice(HIDDEN[10:12])}s date is 2026{rng.choice('-/')}05{rng.choice('-/')}09."
    return char * rng.randrange(1, 6) if kind < 5 else rng.choice(PIECES)


def make_text(rng, words):
    text = []
    for _ in range(words):
        text.append(rng.choice(WORDS) if rng.random() < 0.97 else mark(rng))
        text.append(rng.choice(["\n", " \n", "\n\n"]) if rng.random() < 0.08 else rng.choice([" ", " ", " ", "", "  "]))
    return "".join(text)


def make_corpus(folder):
    rng = random.Random(20260509)
    for number in range(TEXTS):
        text = make_text(rng, rng.choice([20, 200, 2000]))
        name = f"{folder}/{number:03}.txt"
        if number % 3 == 0:
            lines = [{"role": rng.choice(["user", "system", "tool"]), "content": part} for part in text.split("\n\n")]
            text = "\n".join(json.dumps(line, ensure_ascii=number % 2 == 0) for line in lines)
            name = f"{folder}/{number:03}.jsonl"
        with open(name, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    with open(f"{folder}/long.txt", "w", encoding="utf-8", newline="") as file:
        file.write(make_text(rng, 400_000))


def scan(telltale, *args):
    """The findings, each a line of JSON."""
    command = [telltale, "scan", "--no-ignore", "--format", "json", "--show", "info", *args]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in (0, 1, 3):
        sys.exit(f"Bail out! {' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return [line for line in done.stdout.splitlines() if json.loads(line)["type"] == "finding"]


def first_difference(a, b):
    for one, other in zip(a, b):
        if one != other:
            return f"{one[:300]}\n{other[:300]}"
    return f"{len(a)} findings and {len(b)}"


def same(a, b):
    return "" if a and a == b else first_difference(a, b)


def check_kernels(telltale, folder):
    return same(scan(telltale, "--cpumask", "0", folder), scan(telltale, folder))


def check_shipped(telltale, _):
    paths = [os.path.join(SOURCES, name) for name in ("golden", "fuzz/corpus", "../examples")]
    return same(scan(telltale, "--cpumask", "0", *paths), scan(telltale, *paths))


def check_jobs(telltale, folder):
    return same(scan(telltale, "--jobs", "1", folder), scan(telltale, "--jobs", "3", folder))


def marked_paragraphs():
    """Marks whose neighbourhood is all that they are judged by, each in a paragraph of its own."""
    payload = bits(random.Random(1))
    marks = [payload, "can\u02bct", "x\u202ey\u202c", "pa\u200byment", "p\u0430ypal", "Today\u02bcs date is 2026/05/09.", "a\ufe01b"]
    return "".join(f"Some words of a paragraph before it, and {text} then more words.\n\n" for text in marks * 3)


def local_findings(telltale, path, text, before):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write("x" * (before % 64) + "\n" + ("plain words in a line " * 3)[:63].join(["", "\n"]) * (before // 64) + text)
    skip = os.path.getsize(path) - len(text.encode())
    found = [json.loads(line) for line in scan(telltale, path)]
    return [(f["rule"], f["level"], f["where"]["offset"] - skip, f["where"]["length"]) for f in found if f["level"] != "candidate"]


def check_windows(telltale, folder):
    path, text = f"{folder}/window.txt", marked_paragraphs()
    expected = local_findings(telltale, path, text, 100)
    for cut in range(0, len(text.encode()), CUT_STEP):
        found = local_findings(telltale, path, text, WINDOW_CUT - cut)
        if found != expected or not expected:
            return f"cut at {cut}: {len(found)} findings, not {len(expected)}"
    return ""


CHECKS = (
    ("the reference kernels find the same in random texts", check_kernels),
    ("the reference kernels find the same in the texts of the tests", check_shipped),
    ("one thread finds the same as three", check_jobs),
    ("where a window ends does not matter", check_windows),
)


def main():
    telltale, tap = sys.argv[1], Tap()
    with tempfile.TemporaryDirectory(prefix="telltale-same-") as folder:
        make_corpus(folder)
        for name, check in CHECKS:
            tap.case(name, check(telltale, folder))
    tap.end()


main()
