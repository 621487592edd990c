#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files and surroundings that go wrong, each made on the spot; prints TAP.

    bad_input.py TELLTALE [WORD]...     WORD: only cases whose name holds it

Whatever is wrong with one input: the program ends by itself, says where and why, counts it as not inspected (exit code 3 when
nothing else decides), and still reports the mark in the files beside it.  Every run must be free of signals and of a
sanitizer's words.  Each case has a temporary folder of its own, which is gone before the next one begins.
"""

import bz2
import gzip
import io
import json
import lzma
import os
import pwd
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from tap import Skip, Tap, Wrong, expect

MARK = "pass\u200bword"  # a zero-width space inside a word
RULE, LEVEL = "mark.zero-width", "suspicious"
ESCAPED = "pass\\u200bword"
TIMEOUT = 120  # seconds of one run
MEMORY = 64 << 20  # bytes that one run may use, however large its input
MIB = 1 << 20
WORDS = b"words to wait for " * 20000  # more than a pipe and the first look at an input hold

EXIT_OK, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INTERNAL = 0, 1, 3, 4
cases = []


def case(name):
    """Adds a function of a Place to the cases."""
    return lambda function: cases.append((name, function)) or function


# ---- runs ----


class Result:
    """What one run left."""

    def __init__(self, command, code, out, err):
        self.command, self.code, self.out, self.err = command, code, out, err
        expect(code is not None, f"{command}: did not end")
        expect(code >= 0, f"{command}: ended by signal {-code}", err)
        expect("Sanitizer" not in err and "runtime error" not in err, f"{command}: a sanitizer spoke", err)
        self.lines = []

    def expect(self, code, out=(), err=()):
        """The exit code, and what must stand in the output and among the complaints."""
        expect(self.code == code, f"{self.command}: exit {self.code}, not {code}", self.out[-2000:], self.err)
        for words in out:
            expect(words in self.out, f"{self.command}: the output lacks {words!r}", self.out[-2000:])
        for words in err:
            expect(words in self.err, f"{self.command}: standard error lacks {words!r}", self.err)
        expect(err or not self.err, f"{self.command}: unexpected on standard error", self.err)
        return self

    def parse(self):
        """JSON Lines: findings and the summary behind them."""
        self.lines = [json.loads(line) for line in self.out.splitlines()]
        expect(self.lines and self.lines[-1]["type"] == "summary", f"{self.command}: no summary", self.out[-2000:])
        return self

    @property
    def summary(self):
        return self.lines[-1]

    def marks(self, name=""):
        """Offsets of the planted marks that were found in files whose path ends so."""
        kind = [line for line in self.lines[:-1] if (line["rule"], line["level"]) == (RULE, LEVEL)]
        return [line["where"]["offset"] for line in kind if line["where"]["uri"].endswith(name)]

    def why_not(self, name):
        """The reasons for which a path was not inspected."""
        return [entry["why"] for entry in self.summary["not_inspected"] if entry["uri"].endswith(name)]

    def expect_marks(self, name, *offsets):
        expect(self.marks(name) == list(offsets), f"{name}: marks at {self.marks(name)}, not {list(offsets)}", self.summary)
        return self


class Place:
    """The temporary folder of a case, and the program in it."""

    def __init__(self, telltale, folder):
        self.telltale, self.folder = telltale, folder
        self.tree = os.path.join(folder, "tree")
        os.mkdir(self.tree)
        with open(telltale, "rb") as file:
            self.sanitized = any(b"__asan_init" in line for line in file)

    def path(self, name):
        return os.path.join(self.tree, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
        return self.path(name)

    def start(self, *args, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.folder, **options}
        return subprocess.Popen([self.telltale, *args], preexec_fn=default_signals, **options)

    def finish(self, process, data=None):
        try:
            out, err = process.communicate(data, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Wrong(f"{process.args}: still running after {TIMEOUT} s") from None
        out, err = ((stream or b"").decode("utf-8", "replace") for stream in (out, err))
        return Result(" ".join(map(ascii, process.args[1:])), process.returncode, out, err)

    def run(self, *args, **options):
        return self.finish(self.start("scan", *args, **options))

    def json(self, *args, **options):
        return self.run("--format", "json", *args, **options).parse()


def default_signals():
    """In the child: a job of a script may have been started with signals ignored or blocked."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def expect_not_inspected(place, name, why, shown=None, **options):
    """One thing in the tree cannot be inspected; a marked file before it and one behind it are."""
    for neighbour in ("0-before.txt", "~-behind.txt"):
        place.write(neighbour, MARK)
    report = place.json("--fail-on", "confirmed", "tree", **options).expect(EXIT_INCOMPLETE)
    reasons = report.why_not(name)
    expect(any(why in reason for reason in reasons), f"{name}: not inspected because {reasons}, not {why!r}", report.summary)
    report.expect_marks("0-before.txt", 4).expect_marks("~-behind.txt", 4)
    shown = ["Not inspected:", os.path.basename(shown or name), why]
    place.run("--fail-on", "confirmed", "tree", **options).expect(EXIT_INCOMPLETE, out=shown)
    place.run("tree", **options).expect(EXIT_FINDINGS, out=shown)
    return report


# ---- permissions and kinds of files ----


def as_nobody(place):
    """Options that run the program without root's right to read everything."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    program = os.path.join(place.folder, "telltale")
    shutil.copy(place.telltale, program)
    os.chmod(program, 0o755)
    os.chmod(place.folder, 0o755)
    place.telltale = program
    try:
        place.finish(place.start("--version", user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])).expect(EXIT_OK, out=["telltale"])
    except (OSError, subprocess.SubprocessError) as error:
        raise Skip(f"no run as an unprivileged user: {error}") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@case("a file without the right to read it")
def unreadable_file(place):
    options = as_nobody(place)
    os.chmod(place.write("closed.txt", MARK), 0)
    expect_not_inspected(place, "closed.txt", "permission denied", **options)
    place.json("tree/closed.txt", **options).expect(EXIT_INCOMPLETE)


@case("a directory without the right to list it")
def unreadable_directory(place):
    options = as_nobody(place)
    os.mkdir(place.path("closed"))
    place.write("closed/inside.txt", MARK)
    os.chmod(place.path("closed"), 0)
    try:
        expect_not_inspected(place, "closed", "permission denied", **options).expect_marks("inside.txt")
    finally:
        os.chmod(place.path("closed"), 0o700)


@case("a directory that may be listed and not entered")
def closed_directory(place):
    options = as_nobody(place)
    os.mkdir(place.path("listed"))
    place.write("listed/inside.txt", MARK)
    os.chmod(place.path("listed"), 0o444)
    try:
        expect_not_inspected(place, "listed/inside.txt", "permission denied", **options)
    finally:
        os.chmod(place.path("listed"), 0o700)


@case("a path that does not exist")
def missing_path(place):
    place.write("marked.txt", MARK)
    result = place.json("--fail-on", "confirmed", "tree/missing", "tree/marked.txt").expect(EXIT_INCOMPLETE)
    expect(result.why_not("missing") == ["no such file or directory"], "no reason", result.summary)
    result.expect_marks("marked.txt", 4)
    place.run("tree/missing").expect(EXIT_INCOMPLETE, out=["Not inspected:", "missing", "no such file or directory"])
    place.run("tree/missing", "tree/marked.txt").expect(EXIT_FINDINGS, out=["Not inspected:", "missing"])


@case("a file that is gone before its turn comes")
def vanishing_file(place):
    for name in ("gone.txt", "marked.txt"):
        place.write(name, MARK)
    command = ["scan", "--format", "json", "--jobs", "1", "--fail-on", "confirmed", "-", "tree"]
    process = place.start(*command, stdin=subprocess.PIPE)
    process.stdin.write(WORDS)  # taken only when the tree was walked and its first input, "-", is read
    process.stdin.flush()
    os.unlink(place.path("gone.txt"))
    result = place.finish(process, MARK.encode()).parse().expect(EXIT_INCOMPLETE)
    expect(result.why_not("gone.txt") == ["no such file or directory"], "another reason", result.summary)
    result.expect_marks("-", len(WORDS) + 4).expect_marks("/marked.txt", 4)


@case("a symbolic link to nothing")
def dangling_link(place):
    os.symlink("nothing", place.path("link"))
    expect_not_inspected(place, "link", "symbolic link to nothing")
    place.json("tree/link").expect(EXIT_INCOMPLETE)


@case("symbolic links in a circle")
def cyclic_links(place):
    os.symlink("second", place.path("first"))
    os.symlink("first", place.path("second"))
    os.symlink("self", place.path("self"))
    for name in ("first", "second", "self"):
        expect_not_inspected(place, name, "symbolic links go in a circle")
    place.json("tree/self").expect(EXIT_INCOMPLETE)


@case("a symbolic link to a directory above it")
def upward_link(place):
    os.mkdir(place.path("inner"))
    os.symlink("..", place.path("inner/up"))
    place.write("inner/marked.txt", MARK)
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("marked.txt", 4)
    expect(result.summary["inspected"]["files"] == 1, "a file was read twice", result.summary)


@case("a symbolic link out of the tree")
def outward_link(place):
    outside = os.path.join(place.folder, "outside.txt")
    with open(outside, "w", encoding="utf-8") as file:
        file.write(MARK)
    os.symlink("../outside.txt", place.path("link.txt"))
    expect_not_inspected(place, "link.txt", "out of the scanned paths").expect_marks("link.txt")
    place.json("tree/link.txt").expect(EXIT_FINDINGS).expect_marks("link.txt", 4)


@case("a pipe and a socket inside a tree")
def pipe_and_socket(place):
    os.mkfifo(place.path("pipe"))
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(place.tree)  # a socket's path may be short only
        server.bind("socket")
        os.chdir(here)
        for name in ("pipe", "socket"):
            expect_not_inspected(place, name, "not a regular file")


@case("a device inside a tree")
def device_in_tree(place):
    try:
        os.mknod(place.path("device"), stat.S_IFCHR | 0o666, os.makedev(1, 5))  # endless zeros
    except OSError as error:
        raise Skip(f"no device can be made: {error}") from None
    expect_not_inspected(place, "device", "not a regular file")


@case("a device that is named")
def named_device(place):
    place.write("marked.txt", MARK)
    result = place.json("--fail-on", "confirmed", "/dev/zero", "tree").expect(EXIT_INCOMPLETE).expect_marks("marked.txt", 4)
    expect(result.why_not("/dev/zero"), "endless zeros were inspected", result.summary)
    place.json("/dev/null").expect(EXIT_OK)


@case("standard input that is closed, or a directory")
def odd_standard_input(place):
    place.write("marked.txt", MARK)
    folder = os.open(place.tree, os.O_RDONLY)
    for options in ({"stdin": folder}, {"preexec_fn": lambda: os.close(0)}):
        command = [place.telltale, "scan", "--format", "json", "--fail-on", "confirmed", "-", "tree"]
        done = subprocess.run(command, cwd=place.folder, capture_output=True, timeout=TIMEOUT, check=False, **options)
        result = Result(str(options), done.returncode, done.stdout.decode(), done.stderr.decode()).parse().expect(EXIT_INCOMPLETE)
        expect(result.why_not("-"), "standard input was inspected", result.summary)
        result.expect_marks("marked.txt", 4)
    os.close(folder)


# ---- contents ----


@case("JSON that is cut off")
def truncated_json(place):
    text = '{"messages":[{"role":"user","content":"' + ESCAPED + " and more"
    place.write("cut.json", text)
    report = expect_not_inspected(place, "cut.json", f"line 1, column {len(text) + 1} (byte {len(text)}): not valid JSON")
    report.expect_marks("cut.json", text.index("\\u200b"))


@case("JSON with an error in its middle")
def broken_json(place):
    text = '{\n"a": "' + MARK + '",\n"b": oops,\n"c": "' + MARK + '"}'
    place.write("broken.json", text)
    report = expect_not_inspected(place, "broken.json", "line 3, column 6 (byte 27): not valid JSON")
    first = text.encode().index(b"\xe2\x80\x8b")
    report.expect_marks("broken.json", first, text.encode().index(b"\xe2\x80\x8b", first + 1))


@case("JSON that is 100,000 levels deep")
def deep_json(place):
    text = "[" * 100000 + '"' + MARK + '"' + "]" * 100000
    place.write("deep.json", text)
    report = expect_not_inspected(place, "deep.json", "nested deeper than the limit")
    report.expect_marks("deep.json", 100005)


@case("JSON Lines with one bad line")
def broken_lines(place):
    good = json.dumps({"text": MARK}) + "\n"
    bad = '{"text": oops}\n'
    place.write("log.jsonl", good + bad + good)
    report = expect_not_inspected(place, "log.jsonl", "line 2")
    at = good.index("\\u200b")
    report.expect_marks("log.jsonl", at, at + len(good) + len(bad))
    paths = [line["where"]["path"] for line in report.lines if line.get("where", {}).get("uri", "").endswith("log.jsonl")]
    expect(paths == ["$.text"] * 2, "the good lines were not read as JSON", report.lines)


@case("a binary file")
def binary_file(place):
    place.write("program", b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(256)) * 100)
    place.write("0-before.txt", MARK)
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("0-before.txt", 4)
    expect(result.lines[-1]["inspected"]["binary"] == 1, "the binary is not counted", result.lines)
    place.json("tree/program").expect(EXIT_INCOMPLETE)


@case("NUL bytes behind the beginning")
def late_nul(place):
    text = b"a line of text\n" * 10000 + b"\0\0 " + MARK.encode()
    place.write("late.txt", text)
    place.json("tree").expect(EXIT_FINDINGS).expect_marks("late.txt", text.index(b"\xe2\x80\x8b"))


@case("a file of NUL bytes only")
def only_nuls(place):
    for size in (1, 100000):
        place.write("nuls", bytes(size))
        result = place.json("tree/nuls").expect(EXIT_INCOMPLETE)
        expect("NUL" in str(result.why_not("nuls")), "the reason is not named", result.lines)


@case("an empty file")
def empty_file(place):
    place.write("empty.txt", b"")
    place.write("empty.json", b"")
    result = place.json("tree").expect(EXIT_OK)
    expect(result.summary["inspected"]["files"] == 2 and not result.summary["not_inspected"], "not clean", result.summary)


@case("bytes that are no UTF-8")
def invalid_utf8(place):
    mark = MARK.encode()
    forms = {
        "stray.txt": b"caf\xe9, na\xefve ",
        "alone.txt": b"\x80\xbf ",
        "never.txt": b"\xfe\xff is no byte order mark here \xf5\xf8\xfc ",
        "overlong-2.txt": b"\xc0\xaf\xc1\xbf ",
        "overlong-3.txt": b"\xe0\x80\x8b\xe0\x9f\xbf ",
        "overlong-4.txt": b"\xf0\x82\x80\x8b ",
        "surrogate.txt": b"\xed\xa0\x80\xed\xbf\xbf ",
        "too-high.txt": b"\xf4\x90\x80\x80 ",
        "cut.txt": b"\xe2\x80 and \xf0\x9f\x98 ",
    }
    for name, bytes_ in forms.items():
        place.write(name, b"text " + bytes_ + mark + b"\n" + mark + b" \xe2\x80")
        report = expect_not_inspected(place, name, "line 1, column ")
        expect("not valid UTF-8" in report.why_not(name)[0], "another reason", report.summary)
        report.expect_marks(name, 5 + len(bytes_) + 4, 5 + len(bytes_) + len(mark) + 1 + 4)
        os.unlink(place.path(name))


@case("no UTF-8 inside JSON")
def invalid_utf8_in_json(place):
    text = b'{"a":"caf\xe9 ' + MARK.encode() + b'","b":"' + ESCAPED.encode() + b'"}'
    place.write("latin.json", text)
    report = expect_not_inspected(place, "latin.json", "line 1, column 10 (byte 9)")
    report.expect_marks("latin.json", text.index(b"\xe2\x80\x8b"), text.index(b"\\u200b"))


@case("half a surrogate pair in JSON")
def lone_surrogates(place):
    text = '{"a":"\\ud83d ' + ESCAPED + ' \\udc00 \\ud83d\\ud83d","b":"' + ESCAPED + '"}'
    place.write("half.json", text)
    place.write("marked.txt", MARK)
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("marked.txt", 4)
    expect({text.index("\\u200b"), text.rindex("\\u200b")} <= set(result.marks("half.json")), "a mark is missing", result.lines)


@case("UTF-16 and UTF-32 with a byte order mark")
def utf16(place):
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        before = "\ufeffh\u00e9llo \U0001f600\npass"
        place.write("wide.txt", (before + "\u200bword").encode(encoding))
        place.write("wide.json", ('\ufeff{"a":"' + MARK + '"}').encode(encoding))
        result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("wide.txt", len(before.encode(encoding)))
        where = [line["where"] for line in result.lines[:-1]]
        expect((where[1]["line"], where[1]["column"]) == (2, 5), "the place is wrong", where)
        expect(where[1]["length"] == len("\u200b".encode(encoding)), "the length is wrong", where)
        expect(where[0]["path"] == "$.a", "not read as JSON", where)


@case("UTF-16 with surrogates that have no partner")
def broken_utf16(place):
    text = "\ufeffline\n".encode("utf-16-le") + b"\x3d\xd8" + " pass\u200bword ".encode("utf-16-le") + b"\x00\xde!"
    place.write("wide.txt", text)
    why = "line 2, column 1 (byte 12): no character of the encoding, read as U+FFFD: UTF-16LE (and 2 more places)"
    expect_not_inspected(place, "wide.txt", why).expect_marks("wide.txt", text.index(b"\x0b\x20"))


@case("UTF-16 without a byte order mark")
def unmarked_utf16(place):
    place.write("wide.txt", ("words and " + MARK + "\n").encode("utf-16-be"))
    expect_not_inspected(place, "wide.txt", "--encoding utf-16be reads it")
    place.json("--encoding", "utf-16be", "tree/wide.txt").expect(EXIT_FINDINGS).expect_marks("wide.txt", 28)


@case("text in another encoding")
def other_encodings(place):
    place.write("latin.txt", "caf\u00e9, na\u00efve".encode("latin-1"))
    expect_not_inspected(place, "latin.txt", "--encoding NAME reads other encodings")
    before = "\u65e5\u672c\u8a9e pass"
    place.write("other.txt", (before + "\u200bword").encode("gb18030"))
    place.json("--encoding", "gb18030", "tree/other.txt").expect(EXIT_FINDINGS).expect_marks("other.txt", len(before.encode("gb18030")))
    place.json("--encoding", "iso-8859-1", "tree/latin.txt").expect(EXIT_OK)
    place.run("--encoding", "no-such", "tree").expect(2, err=["unknown encoding 'no-such'", "iconv -l"])
    place.run("--encoding", "latin-8859", "tree").expect(2, err=["unknown encoding"])
    place.write("random", bytes((i * 7919 >> 3) % 255 + 1 for i in range(5000)))
    place.json("--encoding", "shift_jis", "tree/random").expect(EXIT_INCOMPLETE)


# ---- archives ----


def tar_of(entries, mode="w"):
    """A tar with these files; an entry is (name, bytes)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.PAX_FORMAT) as tar:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


ENTRIES = [
    ("a/marked.txt", MARK.encode()),
    ("a/\u00e9\u65e5.json", ('{"a":["' + MARK + '"]}').encode()),
    ("b/program", b"\x7fELF" + bytes(range(256)) * 300),
    ("b/wide.txt", ("\ufeff" + MARK).encode("utf-16-le")),
    ("c.txt", b"nothing here\n"),
]


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout


def check_entries(place, uri, *args, **options):
    result = place.json(*args, **options).expect(EXIT_FINDINGS)
    found = [(line["where"]["uri"], line["where"]["offset"], line["where"].get("path", "")) for line in result.lines[:-1]]
    names = [("a/marked.txt", 4, ""), ("a/\u00e9\u65e5.json", 11, "$.a[0]"), ("b/wide.txt", 10, "")]
    expect(found == [(f"{uri}!{name}", at, path) for name, at, path in names], f"{uri}: other findings", found, result.summary)
    seen = result.summary["inspected"]
    expect((seen["files"], seen["documents"], seen["binary"]) == (4, 1, 1), f"{uri}: other counts", seen)
    expect(not result.summary["not_inspected"], f"{uri}: not all was inspected", result.summary)
    return result


@case("archives of every kind")
def archives(place):
    plain = tar_of(ENTRIES)
    kinds = {
        "x.tar": plain,
        "x.tar.gz": gzip.compress(plain),
        "x.tgz": gzip.compress(plain),
        "x.tar.bz2": bz2.compress(plain),
        "x.tar.xz": lzma.compress(plain),
        "x.zip": zip_of(ENTRIES),
        "stored.zip": zip_of(ENTRIES, zipfile.ZIP_STORED),
        "named-otherwise.bin": zip_of(ENTRIES),
    }
    if shutil.which("zstd"):
        kinds["x.tar.zst"] = zstd(plain)
    for name, data in kinds.items():
        place.write(name, data)
        check_entries(place, "tree/" + name, "tree")
        check_entries(place, "tree/" + name, "tree/" + name)
        with open(place.path(name), "rb") as file:
            check_entries(place, "-", "-", stdin=file)
        os.unlink(place.path(name))
    expect(sorted(os.listdir(place.folder)) == ["tree"], "something was written", os.listdir(place.folder))


@case("an archive where libarchive is missing")
def no_library(place):
    place.write("x.zip", zip_of(ENTRIES))
    os.mkdir(place.path("../lib"))
    place.write("../lib/libarchive.so.13", b"")  # the loader finds it first, and cannot use it
    environment = {**os.environ, "LD_LIBRARY_PATH": place.path("../lib")}
    expect_not_inspected(place, "x.zip", "libarchive.so.13, which opens archives, is not installed", env=environment)


@case("a single compressed file")
def compressed_file(place):
    place.write("log.jsonl.gz", gzip.compress(('{"a":1}\n{"a":"' + MARK + '"}\n').encode()))
    place.write("notes.xz", lzma.compress(MARK.encode()))
    place.write("empty.gz", gzip.compress(b""))
    result = place.json("tree").expect(EXIT_FINDINGS)
    found = [(line["where"]["uri"], line["where"]["offset"]) for line in result.lines[:-1]]
    expect(found == [("tree/log.jsonl.gz!log.jsonl", 18), ("tree/notes.xz!notes", 4)], "other findings", found)
    expect(result.summary["inspected"]["documents"] == 2, "not read as JSON Lines", result.summary)


@case("archives inside archives")
def nested_archives(place):
    data = MARK.encode()
    for depth in range(3):
        data = zip_of([(f"{depth}.txt", MARK.encode()), (f"{depth}.bin", data)])
    place.write("nested.zip", data)
    result = place.json("tree").expect(EXIT_FINDINGS)
    found = [line["where"]["uri"].split("!")[1:] for line in result.lines[:-1]]
    expect(found == [["2.txt"], ["2.bin", "1.txt"], ["2.bin", "1.bin", "0.txt"], ["2.bin", "1.bin", "0.bin"]], "other findings", found)
    place.write("nested.zip", tar_of([("a.txt", MARK.encode()), ("deep.gz", gzip.compress(data)), ("b.txt", MARK.encode())]))
    report = expect_not_inspected(place, "nested.zip!deep.gz!2.bin!1.bin", "archives are nested too deep")
    report.expect_marks("nested.zip!a.txt", 4).expect_marks("nested.zip!b.txt", 4).expect_marks("deep.gz!2.txt", 4)


@case("an archive that unpacks to far more than its size")
def bomb(place):
    zeros = bytes(4 * MIB)
    place.write("bomb.gz", b"".join([gzip.compress(b"x" + zeros)] * 160))
    expect_not_inspected(place, "bomb.gz", "a bomb?")
    place.write("bomb.gz", gzip.compress(zeros))  # for libarchive it begins as a tar ends
    expect_not_inspected(place, "bomb.gz", "no files were found in it")
    os.unlink(place.path("bomb.gz"))
    words = b"only words, again and again. " * (8 * MIB // 29)
    place.write("bomb.zip", zip_of([(f"{number}.txt", words) for number in range(40)]))
    report = expect_not_inspected(place, "bomb.zip", "a bomb?")
    expect(report.summary["inspected"]["bytes"] < 256 * MIB, "too much was unpacked", report.summary)
    os.unlink(place.path("bomb.zip"))
    inner = zip_of([("zeros", zeros)])
    place.write("nested.zip", zip_of([(f"{number}.zip", inner) for number in range(100)]))
    expect_not_inspected(place, "nested.zip", "a bomb?")
    check_memory(place)


@case("archives that are cut off or damaged")
def damaged_archives(place):
    many = [(f"{number}.txt", (MARK + " and other words\n").encode() * 50) for number in range(40)]
    for name, data in {"x.tar": tar_of(many), "x.zip": zip_of(many), "x.tar.gz": gzip.compress(tar_of(many)), "x.xz": lzma.compress(WORDS)}.items():
        for size in (2048 * 20 + 900, 700) if name == "x.tar" else (len(data) // 4, len(data) // 3):
            place.write(name, data[:size])
            expect_not_inspected(place, name, "not read to its end")
        place.write(name, data[: len(data) // 2] + bytes(len(data) // 2))
        expect(place.json("tree/" + name).code in (EXIT_FINDINGS, EXIT_INCOMPLETE), f"{name}: damaged and clean")
        os.unlink(place.path(name))
    for name, data in {"PK.zip": b"PK\x03\x04" + WORDS, "gz": b"\x1f\x8b\x08" + WORDS, "zst": b"\x28\xb5\x2f\xfd" + WORDS}.items():
        place.write(name, data)
        expect_not_inspected(place, name, "not read to its end")
        os.unlink(place.path(name))


@case("a zip with encrypted and unknown entries")
def encrypted_zip(place):
    data = bytearray(zip_of([("secret.txt", MARK.encode()), ("open.txt", MARK.encode())], zipfile.ZIP_STORED))
    data[6] |= 1  # the flag of the first local header
    place.write("x.zip", bytes(data))
    expect_not_inspected(place, "x.zip!secret.txt", "encrypted").expect_marks("x.zip!open.txt", 4)
    data[6] &= ~1
    data[8] = 77  # its method
    place.write("x.zip", bytes(data))
    expect_not_inspected(place, "x.zip!secret.txt", "reading stopped").expect_marks("x.zip!open.txt", 4)


@case("names in archives that lead elsewhere or are not fit to be printed")
def odd_entry_names(place):
    names = ["../../outside.txt", "/etc/absolute.txt", "a/../b.txt", "line\nbreak\x1b[31m.txt", "x" * 10000]
    place.write("odd.tar", tar_of([(name, MARK.encode()) for name in names]))
    result = place.json("tree").expect(EXIT_FINDINGS)
    found = [line["where"]["uri"] for line in result.lines[:-1]]
    expect(found == ["tree/odd.tar!" + name[:4096] for name in names], "other names", found)
    text = place.run("tree").expect(EXIT_FINDINGS).out
    expect("\x1b" not in text and "line\nbreak" not in text, "a raw name", text)
    expect(sorted(os.listdir(place.folder)) == ["tree"], "something was written", os.listdir(place.folder))


@case("an archive of many small files")
def many_entries(place):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar:
        for number in range(20000):
            info = tarfile.TarInfo(f"folder/{number:05}.txt")
            info.size = 19
            tar.addfile(info, io.BytesIO(b"nothing to see here"))
    place.write("many.tar.gz", out.getvalue())
    result = place.json("tree").expect(EXIT_OK)
    expect(result.summary["inspected"]["files"] == 20000, "files are missing", result.summary)
    check_memory(place)


# ---- names ----


@case("a name of 255 bytes, and one that is too long")
def long_name(place):
    name = "n" * 251 + ".txt"
    place.write(name, MARK)
    place.json("tree").expect(EXIT_FINDINGS).expect_marks(name, 4)
    result = place.json("tree/" + "n" * 300).expect(EXIT_INCOMPLETE)
    expect(result.why_not("n" * 300) == ["the name is too long"], "another reason", result.summary)


@case("a path that is longer than the system takes")
def long_path(place):
    here = os.getcwd()
    os.chdir(place.tree)
    try:
        for _ in range(20):  # 20 times 250 bytes
            os.mkdir("d" * 250)
            os.chdir("d" * 250)
        with open("lost.txt", "w", encoding="utf-8") as file:
            file.write(MARK)
    finally:
        os.chdir(here)
    place.write("~-behind.txt", MARK)
    result = place.json("--fail-on", "confirmed", "tree").expect(EXIT_INCOMPLETE).expect_marks("~-behind.txt", 4)
    expect("the name is too long" in str(result.summary["not_inspected"]), "the path's end was silent", result.summary)
    place.run("--fail-on", "confirmed", "tree").expect(EXIT_INCOMPLETE, out=["Not inspected:", "the name is too long"])


@case("directories that are nested too deep")
def deep_directories(place):
    os.makedirs(place.path("/".join(["d"] * 300)))
    place.write("d/marked.txt", MARK)
    result = place.json("--fail-on", "confirmed", "tree").expect(EXIT_INCOMPLETE).expect_marks("marked.txt", 4)
    expect("nested too deep" in str(result.summary["not_inspected"]), "the depth was silent", result.summary)


@case("names that are no UTF-8, or not fit to be printed")
def odd_names(place):
    tree = os.fsencode(place.tree)
    names = [b"caf\xe9.txt", b"line\nbreak.txt", b"bell\x07\x1b[31m.txt", b"-dash", b"zero\xe2\x80\x8bwidth.txt", b'quote".json', b"*"]
    for name in names:
        with open(os.path.join(tree, name), "wb") as file:
            file.write(MARK.encode())
    result = place.json("tree").expect(EXIT_FINDINGS)
    expect(len(result.marks()) == len(names), "a file is missing", result.lines)
    text = place.run("tree").expect(EXIT_FINDINGS).out
    raw = [char for char in ("\x07", "\x1b", "\u200b", "line\nbreak") if char in text]
    expect(not raw, f"the text output holds raw {raw}", text)
    sarif = json.loads(place.run("--format", "sarif", "tree").expect(EXIT_FINDINGS).out)
    expect("caf%E9.txt" in json.dumps(sarif), "SARIF lacks the name that is no UTF-8", sarif)
    os.symlink(b"nothing\xff", os.path.join(tree, b"link\xff"))
    expect_not_inspected(place, "link\ufffd", "symbolic link to nothing", shown="link‹FF›")


# ---- size ----


def check_memory(place):
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    expect(place.sanitized or peak < MEMORY, f"a run used {peak >> 20} MiB of memory")


def write_long(place, name, head, size, tail):
    """head, words without any line break up to size bytes, tail."""
    block = (b"These are only words in a line that has no end. " * (MIB // 48 + 1))[:MIB]
    with open(place.path(name), "wb") as file:
        file.write(head)
        for _ in range(size // MIB):
            file.write(block)
        file.write(tail)
    return len(head) + size // MIB * MIB


@case("a gigabyte in one line")
def long_line(place):
    size = (64 if place.sanitized else 1024) * MIB
    at = write_long(place, "long.txt", b"", size, b" " + MARK.encode() + b" the end")
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("long.txt", at + 5)
    where = result.lines[0]["where"]
    expect((where["line"], where["column"]) == (1, at + 6), "the place is wrong", where)
    expect(result.summary["inspected"]["bytes"] == os.path.getsize(place.path("long.txt")), "bytes are missing", result.summary)
    check_memory(place)


@case("256 megabytes in one JSON string")
def long_string(place):
    size = (64 if place.sanitized else 256) * MIB
    head = b'{"messages":[{"role":"user","content":"'
    at = write_long(place, "long.json", head, size, b" " + ESCAPED.encode() + b' the end"}]}')
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("long.json", at + 5)
    where = result.lines[0]["where"]
    expect(where["path"] == "$.messages[0].content", "the path is wrong", where)
    expect(result.summary["inspected"]["documents"] == 1, "it is no document", result.summary)
    check_memory(place)


@case("nothing but brackets, quotes or marks")
def dense_input(place):
    write_long(place, "open.json", b"[" * MIB, 0, b"")
    write_long(place, "quotes.json", b'["' + b'","' * MIB, 0, b'"]')
    place.write("marks.json", json.dumps([MARK] * 100000))
    result = place.json("tree").expect(EXIT_FINDINGS)
    expect(result.summary["findings"][LEVEL] == 100000, "findings were not counted", result.summary["findings"])
    expect(any("counted but not listed" in why for why in result.why_not("marks.json")), "dropped in silence", result.summary)
    check_memory(place)


@case("results that are large and must wait for their turn")
def waiting_results(place):
    place.write("00.txt", b"words only\n" * (2 * MIB))
    for number in range(1, 12):
        place.write(f"{number:02}.txt", "Today\u02bcs date is 2026/05/09.\n" * 9000)
    outputs = [place.json("--jobs", jobs, "tree").expect(EXIT_FINDINGS).lines[:-1] for jobs in ("1", "8")]
    expect(len(outputs[0]) >= 11 * 9000 and outputs[0] == outputs[1], "the number of jobs matters", *map(len, outputs))


@case("20,000 small files")
def many_files(place):
    for folder in range(20):
        os.mkdir(place.path(f"{folder:02}"))
        for number in range(1000):
            place.write(f"{folder:02}/{number:03}.txt", "nothing to see here\n")
    place.write("19/998.txt", MARK)
    limit = (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)  # open files must not pile up
    result = place.json("tree").expect(EXIT_FINDINGS).expect_marks("19/998.txt", 4)
    expect(result.summary["inspected"]["files"] == 20000, "files are missing", result.summary)
    expect(not result.summary["not_inspected"], "not all was inspected", result.summary["not_inspected"][:3])
    check_memory(place)


# ---- output ----


@case("a full disk behind standard output")
def full_output(place):
    place.write("marked.txt", MARK)
    for form in ("text", "json", "sarif"):
        with open("/dev/full", "wb") as full:
            place.run("--format", form, "tree", stdout=full).expect(EXIT_INTERNAL, err=["cannot write", "No space left"])
    place.run("--output", "/dev/full", "tree").expect(EXIT_INTERNAL, err=["cannot write", "/dev/full"])


@case("standard output that is closed, or whose reader has left")
def closed_output(place):
    place.write("marked.txt", (MARK + "\n") * 1000)
    reader, writer = os.pipe()
    os.close(reader)
    place.run("--format", "json", "tree", stdout=writer).expect(EXIT_INTERNAL, err=["cannot write"])
    os.close(writer)
    command = [place.telltale, "scan", "tree"]
    done = subprocess.run(
        command, cwd=place.folder, stderr=subprocess.PIPE, timeout=TIMEOUT, check=False, preexec_fn=lambda: os.close(1)
    )
    Result("no stdout", done.returncode, "", done.stderr.decode()).expect(EXIT_INTERNAL, err=["cannot write"])


@case("a report for a directory that is missing, or is no directory")
def missing_output_directory(place):
    place.write("marked.txt", MARK)
    for path in ("missing/report.json", "tree/marked.txt/report.json", "tree", ""):
        result = place.run("--output", path, "tree")
        expect(result.code == EXIT_INTERNAL and result.err and not result.out, f"--output {path!r}", vars(result))
    expect(sorted(os.listdir(place.folder)) == ["tree"], "something was left", os.listdir(place.folder))


def start_with_report(place):
    """A scan that waits for its input, with its report begun; the folder of the report."""
    reports = os.path.join(place.folder, "reports")
    os.mkdir(reports)
    with open(os.path.join(reports, "report.json"), "w", encoding="utf-8") as file:
        file.write("of yesterday")
    process = place.start("scan", "--format", "json", "--output", "reports/report.json", "tree", "-", stdin=subprocess.PIPE)
    process.stdin.write(WORDS)
    process.stdin.flush()
    return process, reports


@case("a signal during a scan")
def interrupted(place):
    place.write("marked.txt", MARK)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process, reports = start_with_report(place)
        begun = os.listdir(reports)
        process.send_signal(number)
        process.wait(timeout=TIMEOUT)  # its input stays open, so that nothing but the signal ends it
        process.communicate()
        expect(len(begun) == 2, "no report was begun", begun)
        expect(process.returncode == -number, f"ended with {process.returncode}, not by signal {number}")
        expect(os.listdir(reports) == ["report.json"], f"left after signal {number}", os.listdir(reports))
        with open(os.path.join(reports, "report.json"), encoding="utf-8") as file:
            expect(file.read() == "of yesterday", "the old report was touched")
        shutil.rmtree(reports)


@case("a scan that is not interrupted replaces the report")
def not_interrupted(place):
    place.write("marked.txt", MARK)
    process, reports = start_with_report(place)
    place.finish(process, b"nothing").expect(EXIT_FINDINGS)
    expect(os.listdir(reports) == ["report.json"], "left behind", os.listdir(reports))
    with open(os.path.join(reports, "report.json"), encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    expect([line["type"] for line in lines] == ["finding", "summary"], "not the report", lines)


# ---- all of it ----


def run_alone(tap, telltale, name, function):
    """In a process of its own: a program starts with the memory of the one that starts it on its account."""
    child = os.fork()
    if child:
        tap.count += 1
        tap.failed += os.waitpid(child, 0)[1] != 0
        return
    code = 1
    try:
        with tempfile.TemporaryDirectory(prefix="telltale-bad-") as folder:
            failed = tap.failed
            tap.run(name, lambda: function(Place(telltale, folder)))
            code = tap.failed - failed
    finally:
        os._exit(code)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: bad_input.py TELLTALE [WORD]...")
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    telltale, words = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if not os.access(telltale, os.X_OK):
        sys.exit(f"Bail out! {telltale} is not a program")
    tap = Tap()
    for name, function in cases:
        if all(word in name for word in words):
            run_alone(tap, telltale, name, function)
    tap.end()


if __name__ == "__main__":
    main()
