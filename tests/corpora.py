#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clean text of real people in many languages must give nothing at `suspicious` or above; prints TAP.

    corpora.py [--whole] TELLTALE [FOLDER ...]

The text is what Debian packages install: manual pages, dictionaries and message catalogues of languages in which joiners,
direction marks, letters like apostrophes and unusual spaces belong to the spelling, and the emoji of the Unicode data.  It is
unpacked into a temporary folder, one folder a language, and scanned in one run.  A package that is not installed is a failure:
its name stands in the result.  Source code that every build machine has comes beside them.  A candidate says little, and may be
given once a megabyte.  Each language is also scanned with one planted message, which must be found.

--whole takes every text below the folders of WHOLE, or those that are named, and lists each finding for review.  Nobody vouches for
all of these texts (they hold copies of web pages and test data), so that a few findings are allowed: see BUDGET.
"""

import argparse
import bz2
import collections
import fnmatch
import gzip
import json
import lzma
import os
import re
import struct
import subprocess
import sys
import tempfile

from tap import Tap

TIMEOUT = 300  # seconds of one scan
ALARMING = ("suspicious", "confirmed")
TELLING = ("mark.tags", "confirmed")  # what the planted message must give

# Language: the packages with its text, the locale of its messages in iso-codes or None, and a lower bound of its megabytes.
Language = collections.namedtuple("Language", "packages locale megabytes")
LANGUAGES = {
    "Arabic": Language(["hunspell-ar"], "ar", 3),
    "Bengali": Language(["hunspell-bn"], "bn", 2),
    "Chinese": Language(["manpages-zh"], "zh_CN", 8),
    "English": Language(["base-files"], None, 0.2),
    "French": Language(["manpages-fr"], "fr", 4),
    "German": Language(["manpages-de"], "de", 8),
    "Hebrew": Language(["hunspell-he"], "he", 6),
    "Hindi": Language(["hunspell-hi"], "hi", 0.2),
    "Japanese": Language(["manpages-ja"], "ja", 8),
    "Malayalam": Language(["hunspell-ml"], "ml", 4),
    "Persian": Language(["myspell-fa"], "fa", 4),
    "Russian": Language(["manpages-ru"], "ru", 3),
    "Sinhala": Language(["hunspell-si"], "si", 0.8),
    "Ukrainian": Language(["hunspell-uk"], "uk", 6),
}
# Programs: packages, * standing for a version.
PROGRAMS = ["libc6-dev", "libpython3.*-stdlib", "linux-libc-dev", "meson", "perl-modules-5.*"]
MESSAGES = "iso-codes"
EMOJI = "unicode-data"

CANDIDATES = 1  # a megabyte, and at least one in each language

# Text and nothing else; the changelogs of packages quote bug reports, which are nobody's clean prose.
TEXT_PATH = re.compile(r"/usr/share/(man/.*|hunspell/.*\.(dic|aff)|iso-codes/json/.*|common-licenses/.*)")
PROGRAM_PATH = re.compile(r"/usr/(include/.*\.h|lib/python3.*\.py|share/.*\.(py|p[lm]|pod))")

WHOLE = [
    "/usr/share/" + name
    for name in (
        "aclocal aspell common-licenses debhelper dict doc doc-base fortunes games/fortunes gettext hunspell hyphen i18n info"
        " iso-codes locale man misc myspell mythes nodejs perl perl5 polkit-1 unicode vim X11 xml zoneinfo"
    ).split()
] + ["/usr/lib/python3", "/usr/lib/python3.11", "/usr/include"]
# A million bytes of unreviewed text may give so many suspicious findings; nothing in it may be confirmed.
BUDGET = 0.05

UNPACK = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}


# ---- texts ----


def package_files(package):
    """Paths of a package, links left out; None when it is not installed."""
    done = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    return [path for path in done.stdout.splitlines() if os.path.isfile(path) and not os.path.islink(path)]


def read_unpacked(path):
    with open(path, "rb") as file:
        data = file.read()
    unpack = UNPACK.get(os.path.splitext(path)[1])
    return unpack(data) if unpack else data


def dictionary_charset(path):
    """The SET of a hunspell dictionary's .aff file, by Python's name."""
    with open(os.path.splitext(path)[0] + ".aff", "rb") as file:
        found = re.search(rb"^\s*SET\s+([\w-]+)", file.read(), re.MULTILINE)
    return found[1].decode().lower().replace("microsoft-", "") if found else "iso8859-1"


def read_text(path):
    """The text of a file as UTF-8; ValueError when it is in another encoding that its format does not name."""
    data = read_unpacked(path)
    try:
        data.decode()
    except UnicodeDecodeError:
        if not path.endswith((".dic", ".aff")):
            raise
        data = data.decode(dictionary_charset(path)).encode()
    return data


def read_messages(path):
    """The translations of a compiled catalogue (gettext manual, "The Format of GNU MO Files"), one a line."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] == b"\xde\x12\x04\x95" else ">"
    count, _, table = struct.unpack_from(order + "3I", data, 8)
    entries = (struct.unpack_from(order + "2I", data, table + 8 * i) for i in range(count))
    messages = [data[start : start + length].replace(b"\0", b"\n") for length, start in entries]
    charset = re.search(rb"charset=([\w-]+)", messages[0]) if messages else None
    return b"\n".join(messages[1:]).decode(charset[1].decode() if charset else "ascii").encode()


def catalogues():
    """Locale to its catalogues in iso-codes; None when that is not installed."""
    found = collections.defaultdict(list)
    paths = package_files(MESSAGES)
    for path in paths or []:
        if path.endswith(".mo"):
            found[path.split("/")[4]].append(path)
    return None if paths is None else dict(found)


# ---- emoji ----


def sequences(name, wanted=""):
    """The sequences of a file of the Unicode data, as strings."""
    with open(os.path.join("/usr/share/unicode", name), encoding="utf-8") as file:
        for line in file:
            points, _, rest = line.partition("#")[0].partition(";")
            if points.strip() and ".." not in points and wanted in rest:
                yield "".join(chr(int(point, 16)) for point in points.split())


def emoji_texts():
    """File name to text: each listed emoji alone, in prose, without blanks, and escaped in JSON."""
    listed = list(sequences("emoji/emoji-test.txt", "fully-qualified"))
    listed += sequences("emoji/emoji-sequences.txt")
    listed += sequences("emoji/emoji-zwj-sequences.txt")
    listed += sequences("emoji/emoji-variation-sequences.txt")
    variants = list(sequences("StandardizedVariants.txt"))
    return {
        "lines.txt": "\n".join(listed + variants),
        "prose.txt": " ".join(f"Say {one}, then{one} or ({one})." for one in listed),
        "close.txt": "".join(listed),
        "escaped.json": json.dumps({"content": listed + variants}),
        "plain.json": json.dumps({"content": ["".join(listed)]}, ensure_ascii=False),
    }


# ---- one folder a language ----


class Folder:
    """The texts of one TAP case, written below a temporary folder, or the reason why there are none."""

    def __init__(self, top, name):
        self.name, self.path = name, os.path.join(top, name.lower().replace(" ", "-"))
        self.files = self.size = 0
        self.trouble = []

    def write(self, path, data):
        target = os.path.join(self.path, path.lstrip("/"))
        target = os.path.splitext(target)[0] if target.endswith(tuple(UNPACK)) else target
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
        self.files += 1
        self.size += len(data)

    def add(self, read, path):
        try:
            self.write(path, read(path))
        except (OSError, ValueError, EOFError, lzma.LZMAError) as error:
            self.trouble.append(f"{path}: {error}")

    def add_package(self, package, wanted=TEXT_PATH):
        paths = package_files(package)
        if paths is None:
            self.trouble.append(f"package {package} is not installed")
            return
        texts = [path for path in paths if wanted.fullmatch(path)]
        if not texts:
            self.trouble.append(f"package {package} is installed without its texts (see path-exclude in dpkg.cfg)")
        for path in texts:
            self.add(read_text, path)

    def add_messages(self, paths):
        if paths is None:
            self.trouble.append(f"package {MESSAGES} is not installed")
        for path in paths or []:
            self.add(read_messages, path)

    def demand(self, megabytes):
        if not self.trouble and self.size < megabytes * 1e6:
            self.trouble.append(f"only {self.size} bytes of text; {megabytes} MB were expected")

    def plant(self):
        """Hides a message in a copy of one text; its path."""
        texts = sorted(os.path.join(root, name) for root, _, names in os.walk(self.path) for name in names)
        text = next(path for path in texts if not path.endswith(".json"))
        with open(text, "rb") as file:
            lines = file.read().split(b"\n")
        middle = len(lines) // 2
        lines[middle] += "".join(chr(0xE0000 + ord(char)) for char in "planted here").encode()
        self.write("planted.txt", b"\n".join(lines))


def language_folder(top, name, language, messages):
    folder = Folder(top, name)
    for package in language.packages:
        folder.add_package(package)
    if language.locale:
        folder.add_messages(None if messages is None else messages.get(language.locale, []))
    folder.demand(language.megabytes)
    return folder


def other_folder(top, messages):
    """The languages of iso-codes that have no folder of their own, and its own files."""
    taken = {language.locale for language in LANGUAGES.values()}
    locales = sorted(set(messages or []) - taken)
    folder = Folder(top, f"{len(locales)} other languages")
    folder.add_package(MESSAGES)
    for locale in locales:
        folder.add_messages(messages[locale])
    folder.demand(5)
    return folder


def emoji_folder(top):
    folder = Folder(top, "Emoji")
    if package_files(EMOJI) is None:
        folder.trouble.append(f"package {EMOJI} is not installed")
        return folder
    for name, text in emoji_texts().items():
        folder.write(name, text.encode())
    folder.demand(0.3)
    return folder


def program_folder(top):
    folder = Folder(top, "Programs")
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package}\n"], capture_output=True, text=True, check=True)
    installed = sorted(set(done.stdout.split()))
    for pattern in PROGRAMS:
        for package in fnmatch.filter(installed, pattern) or [pattern]:
            folder.add_package(package, PROGRAM_PATH)
    folder.demand(20)
    return folder


def folders(top):
    messages = catalogues()
    for name, language in LANGUAGES.items():
        yield language_folder(top, name, language, messages)
    yield other_folder(top, messages)
    yield emoji_folder(top)
    yield program_folder(top)


# ---- scanning ----


class Report:
    """What a scan says: findings, what was not inspected, and the counts of the last line."""

    def __init__(self, telltale, paths):
        command = [telltale, "scan", "--format", "json", "--show", "candidate", *paths]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, check=False)
        if done.returncode not in (0, 1, 3) or done.stderr:
            sys.exit(f"Bail out! {' '.join(command[:2])} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.findings = [line for line in lines if line["type"] == "finding"]
        self.skipped = lines[-1]["not_inspected"]
        self.inspected = lines[-1]["inspected"]

    def below(self, path):
        """The findings and what was not inspected below a folder."""
        inside = os.path.join(path, "")
        return (
            [finding for finding in self.findings if finding["where"]["uri"].startswith(inside)],
            [entry for entry in self.skipped if entry["uri"].startswith(inside)],
        )


def describe(finding, top=""):
    """One line for a reviewer: place, rule, and the bytes around the mark with everything unprintable escaped."""
    where = finding["where"]
    with open(where["uri"], "rb") as file:
        file.seek(max(0, where["offset"] - 30))
        around = file.read(min(where["offset"], 30) + where["length"] + 20).decode(errors="ignore")
    shown = "".join(char if char.isprintable() else f"<{ord(char):04X}>" for char in around)
    uri = where["uri"].removeprefix(top)
    return f"{finding['level']} {finding['rule']} {uri}:{where['line']}:{where['column']}: {finding['message']}: {shown}"


def judge(folder, report, top):
    """The lines that say what is wrong with a language; empty: nothing."""
    findings, skipped = report.below(folder.path)
    alarms = [f for f in findings if f["level"] in ALARMING]
    candidates = [f for f in findings if f["level"] == "candidate"]
    most = max(1, int(CANDIDATES * folder.size / 1e6))
    return (
        folder.trouble
        + [describe(finding, top) for finding in alarms]
        + [describe(finding, top) for finding in (candidates if len(candidates) > most else [])]
        + [f"not inspected: {entry['uri'].removeprefix(top)}: {entry['why']}" for entry in skipped]
    )


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def check_languages(telltale, top, tap):
    languages = list(folders(top))
    report = Report(telltale, [top])
    for folder in languages:
        candidates = sum(finding["level"] == "candidate" for finding in report.below(folder.path)[0])
        tap.case(f"{folder.name}: {folder.files} files, {megabytes(folder.size)}", judge(folder, report, top + "/")[:20])
        if folder.size:
            tap.note(f"{candidates} candidates, {candidates / (folder.size / 1e6):.2f} a megabyte")
    written = {"files": sum(f.files for f in languages), "bytes": sum(f.size for f in languages)}
    read = {key: report.inspected[key] for key in written}
    tap.case(f"every text was read: {written['files']} files, {megabytes(written['bytes'])}", None if read == written else str(read))
    return languages


def check_planted(telltale, languages, tap):
    """A scan that finds nothing may be blind: each language with a message in it."""
    present = [folder for folder in languages if folder.files]
    for folder in present:
        folder.plant()
    report = Report(telltale, [os.path.join(folder.path, "planted.txt") for folder in present])
    blind = [f.name for f in present if TELLING not in [(x["rule"], x["level"]) for x in report.below(f.path)[0]]]
    tap.case("a message planted in each of them is found", blind if present else "there are none")


def check_default(telltale, tap):
    with tempfile.TemporaryDirectory(prefix="telltale-corpora-") as top:
        check_planted(telltale, check_languages(telltale, top, tap), tap)


# ---- the whole machine ----


def is_text(data):
    if b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def whole_texts(folder, root):
    """Copies every text below root; what is no text in UTF-8 is counted and left out."""
    left_out = 0
    for place, _, names in os.walk(root):
        for name in names:
            path = os.path.join(place, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            try:
                data = read_messages(path) if name.endswith(".mo") else read_text(path)
            except (OSError, ValueError, LookupError, EOFError, struct.error, lzma.LZMAError):
                left_out += 1
                continue
            if is_text(data):
                folder.write(path, data)
            else:
                left_out += 1
    return left_out


def check_root(telltale, root, tap):
    """A case for one folder; returns its size and how many findings it has."""
    with tempfile.TemporaryDirectory(prefix="telltale-corpora-") as top:
        folder = Folder(top, "whole")
        left_out = whole_texts(folder, root)
        if not folder.files:
            return 0, 0
        report = Report(telltale, [folder.path])
        alarms = [finding for finding in report.findings if finding["level"] in ALARMING]
        tap.case(f"{root}: {folder.files} texts, {megabytes(folder.size)}, {left_out} other files, {len(alarms)} findings",
                 any(finding["level"] == "confirmed" for finding in alarms))
        tap.note(*(describe(finding, folder.path) for finding in alarms))
        tap.note(*(f"not inspected: {entry['uri'].removeprefix(folder.path)}: {entry['why']}" for entry in report.skipped[:20]))
        return folder.size, len(alarms)


def check_whole(telltale, roots, tap):
    seen = [check_root(telltale, root, tap) for root in filter(os.path.isdir, roots)]
    size, alarms = (sum(column) for column in zip(*seen)) if seen else (0, 0)
    rate = alarms / (max(size, 1) / 1e6)
    tap.case(f"{alarms} findings in {megabytes(size)}: {rate:.3f} a megabyte, {BUDGET} are allowed", not size or rate > BUDGET)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every text of this machine, against a budget")
    parser.add_argument("telltale")
    parser.add_argument("folder", nargs="*", help="with --whole: texts to take instead")
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    telltale = os.path.abspath(args.telltale)
    if not os.access(telltale, os.X_OK):
        sys.exit(f"Bail out! {telltale} is not a program")
    tap = Tap()
    if args.whole:
        check_whole(telltale, args.folder or WHOLE, tap)
    else:
        check_default(telltale, tap)
    tap.end()


if __name__ == "__main__":
    main()
