# SPDX-License-Identifier: Apache-2.0
"""What the bench reads: real text out of installed Debian packages, copied until there is enough of it.

A tree is a row of equal copies, copy-000, copy-001 ..., each with sources, man pages (unpacked), dictionaries, JSON and JSON Lines
transcripts.  Transcripts are made here, of the same real texts, because no package has them.
"""

import gzip
import json
import os
import shutil
import subprocess

MB = 1 << 20

# Packages that debian/control names, or that come with those; a pattern is for a name with a version in it.
PACKAGES = {
    "sources": ("libc6-dev", "linux-libc-dev", "libstdc++-*-dev", "libpython3.*-stdlib", "perl-modules-*", "meson"),
    "man": ("manpages-de", "manpages-fr", "manpages-ja", "manpages-ru"),
    "dictionaries": ("hunspell-ar", "hunspell-bn", "hunspell-he", "hunspell-hi", "hunspell-ml", "hunspell-si"),
    "json": ("iso-codes",),
}
TRANSCRIPT_SHARE = 4  # a transcript line for every so many source files and man pages
TRANSCRIPT_TURNS = 40  # lines of a transcript


def installed(pattern):
    """The installed packages of that name or pattern."""
    shown = subprocess.run(["dpkg-query", "-W", "-f=${db:Status-Status} ${binary:Package}\n", pattern], capture_output=True, text=True)
    return sorted(line.split()[1] for line in shown.stdout.splitlines() if line.startswith("installed "))


def missing_packages():
    return [name for names in PACKAGES.values() for name in names if not installed(name)]


def package_files(package):
    listed = subprocess.run(["dpkg", "-L", package], capture_output=True, text=True).stdout.splitlines()
    return sorted(path for path in listed if os.path.isfile(path) and not os.path.islink(path))


def read_text(path):
    """A file's bytes, unpacked; None for what is not text, for which telltale would be measured doing nothing."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        data = file.read()
    return None if b"\0" in data or not data else data


def texts(kind):
    """Yields (name, bytes) of each text file of a kind."""
    for pattern in PACKAGES[kind]:
        for package in installed(pattern):
            for path in package_files(package):
                data = read_text(path)
                if data:
                    yield path.removesuffix(".gz").lstrip("/"), data


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def turn(number, text):
    """One line of a transcript, a tool's answer, as coding clients write it: without \\u escapes."""
    line = {
        "type": "user",
        "uuid": f"{number:08x}-0000-4000-8000-{number * 2654435761 % 2**48:012x}",
        "timestamp": f"2026-05-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:07.123Z",
        "message": {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": f"toolu_{number:024x}", "content": text}],
        },
    }
    return json.dumps(line, ensure_ascii=False).encode()


def write_transcripts(folder, samples):
    """samples: bytes of files, each the content of one turn."""
    turns = [turn(number, text.decode(errors="replace")) for number, text in enumerate(samples)]
    for at in range(0, len(turns), TRANSCRIPT_TURNS):
        write(f"{folder}/transcript-{at // TRANSCRIPT_TURNS:03}.jsonl", b"\n".join(turns[at : at + TRANSCRIPT_TURNS]) + b"\n")


def make_first_copy(folder):
    samples = []
    for kind in PACKAGES:
        for number, (name, data) in enumerate(texts(kind)):
            write(f"{folder}/{kind}/{name}", data)
            if kind in ("sources", "man") and number % TRANSCRIPT_SHARE == 0:
                samples.append(data)
    write_transcripts(f"{folder}/transcripts", samples)


def files_of(folder):
    """Every file below, in a fixed order."""
    found = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return sorted(found)


def make_tree(folder, size):
    """A tree of at least size bytes, or of one copy; returns (files, bytes)."""
    first = f"{folder}/copy-000"
    make_first_copy(first)
    models = [(path, os.path.getsize(path)) for path in files_of(first)]
    count, total, copy = len(models), sum(length for _, length in models), 0
    while total < size:
        copy += 1
        for path, length in models:
            target = f"{folder}/copy-{copy:03}{path[len(first):]}"
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copyfile(path, target)
            count, total = count + 1, total + length
            if total >= size:
                break
    return count, total


def is_utf8(path):
    with open(path, "rb") as file:
        try:
            file.read().decode()
        except UnicodeDecodeError:
            return False
    return True


def make_file(path, parts, size=None):
    """One file of the parts, over and over and the last one cut when a size is asked for; returns its size."""
    blob = b"".join(open(part, "rb").read() for part in parts)
    left = size = len(blob) if size is None else size
    with open(path, "wb") as file:
        while left > 0:
            left -= file.write(blob[:left])
    return size


def copy_some(source, folder, step):
    """Copies one file of every step; returns their bytes."""
    total = 0
    for path in files_of(source)[::step]:
        target = folder + path[len(source) :]
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(path, target)
        total += os.path.getsize(path)
    return total


def make_small_files(folder, count, model):
    """count small files, 500 a folder, each a piece of the model's text."""
    with open(model, encoding="utf-8") as file:
        lines = file.read().splitlines(keepends=True)
    for number in range(count):
        at = number * 7 % max(1, len(lines) - 10)
        write(f"{folder}/{number // 500:04}/{number % 500:03}.txt", "".join(lines[at : at + 10]).encode())
