#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of tests/golden/cli, each a page that a person can read, and prints TAP.

    run.py [--update] TELLTALE [CASE.md]...

A case is prose with fenced blocks.  All blocks of one page share one empty folder.

    files   the first line names a file, the rest is its content
    run     a command line for sh; $TELLTALE is the program, $TT_ROOT the project's folder
    stdout  what the run before must print; no block: nothing
    stderr  the same for standard error
    exit    its exit code; no block: 0

\\u{XXXX} and \\xNN stand for a character and a byte; a backslash at the end of a block says that no newline follows.  "…" in an
expected block matches anything within a line.  --update rewrites expected blocks that differ.
"""

import argparse
import difflib
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import Tap

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TIMEOUT = 60  # seconds of one run
EXPECTED = ("stdout", "stderr", "exit")
FENCE = re.compile(r"(`{3,})\s*(\w*)\s*")
ESCAPE = re.compile(r"\\u\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{2})")


class Block:
    """Prose (kind '') or a fenced block; lines without their newlines."""

    def __init__(self, kind, lines, fence=""):
        self.kind, self.lines, self.fence = kind, lines, fence

    def source(self):
        if not self.fence:
            return self.lines
        while any(line.startswith(self.fence) for line in self.lines):
            self.fence += "`"
        return [self.fence + self.kind, *self.lines, self.fence]


def read_blocks(text):
    blocks, lines, opened = [], [], None
    for line in text.split("\n"):
        match = FENCE.fullmatch(line)
        if opened and match and not match[2] and len(match[1]) >= len(opened[0]):
            blocks.append(Block(opened[1], lines, opened[0]))
            lines, opened = [], None
        elif not opened and match:
            blocks.append(Block("", lines))
            lines, opened = [], (match[1], match[2])
        else:
            lines.append(line)
    if opened:
        raise ValueError("a block is not closed")
    return blocks + [Block("", lines)]


def to_bytes(lines):
    """What the lines of a files block stand for."""
    text = "\n".join(lines)
    text = text[:-1] if text.endswith("\\") else text + "\n" if lines else ""
    out, at = b"", 0
    for match in ESCAPE.finditer(text):
        out += text[at : match.start()].encode()
        out += chr(int(match[1], 16)).encode() if match[1] else bytes([int(match[2], 16)])
        at = match.end()
    return out + text[at:].encode()


def to_lines(data):
    """Output as the lines of a block: what cannot be seen is escaped."""
    out = []
    for char in data.decode("utf-8", "surrogateescape"):
        code = ord(char)
        if 0xDC80 <= code <= 0xDCFF:
            out.append(f"\\x{code - 0xDC00:02X}")
        elif char != "\n" and char != " " and unicodedata.category(char)[0] in "CZ":
            out.append(f"\\u{{{code:04X}}}")
        else:
            out.append(char)
    text = "".join(out)
    if not text:
        return []
    return text[:-1].split("\n") if text.endswith("\n") else (text + "\\").split("\n")


def line_matches(expected, actual):
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), actual) is not None


def matches(expected, actual):
    return len(expected) == len(actual) and all(map(line_matches, expected, actual))


def generalise(line, version):
    """A line for a page: what changes from run to run, or with a release, becomes "…"."""
    line = re.sub(r'"elapsed_ms":\d+', '"elapsed_ms":…', line)
    line = re.sub(r'"ruleIndex":\d+', '"ruleIndex":…', line)
    line = line.replace(f'"version":"{version}"', '"version":"…"')
    return "telltale …" if line == f"telltale {version}" else line


class Page:
    def __init__(self, path, telltale):
        self.path, self.telltale = path, telltale
        with open(path, encoding="utf-8") as file:
            self.blocks = read_blocks(file.read())
        self.name = os.path.basename(path).removesuffix(".md")

    def execute(self, command, folder):
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TZ", "LANG") and not k.startswith("LC_")}
        environment.update(TELLTALE=self.telltale, TT_ROOT=ROOT, HOME=folder, LC_ALL="C.UTF-8", TERM="dumb")
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False
        )
        code = [] if done.returncode == 0 else [str(done.returncode)]
        return {"stdout": to_lines(done.stdout), "stderr": to_lines(done.stderr), "exit": code}

    def expected_after(self, index):
        """The expected blocks of the run at index: kind to block."""
        found = {}
        for block in self.blocks[index + 1 :]:
            if block.kind in ("run", "files"):
                break
            if block.kind in EXPECTED:
                found[block.kind] = block
        return found

    def runs(self, folder):
        """Makes the files and yields (index, command, expected blocks, actual lines) of each run."""
        for index, block in enumerate(list(self.blocks)):
            if block.kind == "files":
                path = os.path.join(folder, to_bytes([block.lines[0] + "\\"]).decode("utf-8", "surrogateescape"))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(to_bytes(block.lines[1:]))
            elif block.kind == "run":
                command = "\n".join(block.lines)
                yield block, command, self.expected_after(index), self.execute(command, folder)

    def write(self, changes, version):
        """changes: run block to {kind: lines}.  Keeps expected blocks in their places and adds new ones after the run."""
        out, current = [], None
        for block in self.blocks:
            if block.kind == "run":
                current = changes.get(id(block))
            if block.kind in EXPECTED and current is not None:
                lines = current.pop(block.kind, None)
                if lines is not None:
                    block.lines = [generalise(line, version) for line in lines]
                if not block.lines:
                    continue
            out += block.source()
            if block.kind == "run" and current is not None:
                present = self.expected_after(self.blocks.index(block))
                for kind in EXPECTED:
                    if kind not in present and current.get(kind):
                        out += ["", *Block(kind, [generalise(line, version) for line in current.pop(kind)], "```").source()]
        with open(self.path, "w", encoding="utf-8") as file:
            file.write("\n".join(out))


def differences(kind, expected, actual):
    return difflib.unified_diff(expected, actual, f"{kind} expected", f"{kind} actual", lineterm="", n=1)


def run_page(page, tap, update, version):
    changes = {}
    with tempfile.TemporaryDirectory(prefix="telltale-golden-") as folder:
        for block, command, expected, actual in page.runs(folder):
            wrong = {}
            for kind in EXPECTED:
                lines = expected[kind].lines if kind in expected else []
                if kind == "exit" and lines == ["0"]:
                    lines = []
                if not matches(lines, actual[kind]):
                    wrong[kind] = lines
            shown = [line for kind, lines in wrong.items() for line in differences(kind, lines, actual[kind])]
            if update and wrong:
                changes[id(block)] = {kind: actual[kind] for kind in wrong}
                tap.note(*shown)
            tap.case(f"{page.name}: {command.splitlines()[0]}", None if update else shown)
    if changes:
        page.write(changes, version)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("telltale")
    parser.add_argument("cases", nargs="*")
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cli")
    cases = args.cases or sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".md"))
    telltale = os.path.abspath(args.telltale)
    answer = subprocess.run([telltale, "--version"], capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout
    tap = Tap()
    for path in cases:
        run_page(Page(path, telltale), tap, args.update, answer.split()[1])
    tap.end()


if __name__ == "__main__":
    main()
