#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the project that a client finds in the box: its files, and a git repository with one commit, as a C table declared in
src/probe/project.h.

    project.py OUTPUT FOLDER FILE...

The same files give the same bytes: names and dates of the commit are fixed, and the index holds no times.  Only the standard library
is used.  Formats: gitformat-index(5), gitformat-pack(5) for loose objects.
"""

import hashlib
import os
import struct
import sys
import zlib

sys.dont_write_bytecode = True  # the source folder stays as it is

from c_text import literal

WHO = b"Dev Example <dev@example.test> 1767607200 +0000"  # 2026-01-05T10:00:00Z
CONFIG = b"""[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
"""


class Repository:
    def __init__(self):
        self.files = {}

    def add(self, kind, content):
        """A loose object; its id."""
        data = kind + b" %d\0" % len(content) + content
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        self.files[f".git/objects/{name[:2]}/{name[2:]}"] = zlib.compress(data, 9)
        return name

    def tree(self, entries):
        """entries: path -> blob id; folders become trees of their own."""
        here, below = {}, {}
        for path, blob in entries.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = blob
            else:
                here[first] = (b"100644", blob)
        for name, inner in below.items():
            here[name] = (b"40000", self.tree(inner))

        def order(item):
            return (item[0] + ("/" if item[1][0] == b"40000" else "")).encode()

        return self.add(b"tree", b"".join(mode + b" " + name.encode() + b"\0" + bytes.fromhex(ident)
                                          for name, (mode, ident) in sorted(here.items(), key=order)))


def index(entries, sizes):
    """Version 2; zero times make git compare contents once."""
    out = [b"DIRC", struct.pack(">II", 2, len(entries))]
    for path, blob in sorted(entries.items()):
        name = path.encode()
        entry = struct.pack(">10I", 0, 0, 0, 0, 0, 0, 0o100644, 1000, 1000, sizes[path])
        entry += bytes.fromhex(blob) + struct.pack(">H", len(name)) + name
        out.append(entry + b"\0" * (8 - len(entry) % 8))
    data = b"".join(out)
    return data + hashlib.sha1(data, usedforsecurity=False).digest()


def build(contents):
    repository = Repository()
    entries = {path: repository.add(b"blob", content) for path, content in contents.items()}
    tree = repository.tree(entries)
    commit = repository.add(b"commit", b"tree %s\nauthor %s\ncommitter %s\n\nFirst version\n" % (tree.encode(), WHO, WHO))
    log = b"0" * 40 + b" " + commit.encode() + b" " + WHO + b"\tcommit (initial): First version\n"
    repository.files.update({
        ".git/HEAD": b"ref: refs/heads/main\n",
        ".git/config": CONFIG,
        ".git/refs/heads/main": commit.encode() + b"\n",
        ".git/logs/HEAD": log,
        ".git/logs/refs/heads/main": log,
        ".git/index": index(entries, {path: len(content) for path, content in contents.items()}),
        ".git/description": b"A project for measurements\n",
        ".git/info/exclude": b"",
    })
    return {**contents, **repository.files}


def main():
    output, folder, *paths = sys.argv[1:]
    contents = {}
    for path in paths:
        with open(path, "rb") as file:
            contents[os.path.relpath(path, folder)] = file.read()
    lines = ["/* Written by data/gen/project.py from data/probe/project. */", '#include "probe/project.h"', ""]
    lines.append("const struct tt_project_file tt_project_files[] = {")
    files = build(contents)
    for path in sorted(files):
        lines.append(f'    {{"{path}", TT_STR_INIT({literal(files[path], " " * 8)})}},')
    lines += ["};", "", "const size_t tt_project_file_count = sizeof(tt_project_files) / sizeof(*tt_project_files);", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
