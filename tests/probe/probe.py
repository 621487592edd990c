#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`telltale probe` with clients whose marks are known, with one that has none, and with ones that misbehave; prints TAP.

    probe.py TELLTALE [--long] [WORD]...     WORD: only cases whose name holds it

--long makes the cases that take minutes: many probes of the client without marks, and deep ones.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the source folder stays as it is

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(f"{HERE}/..")  # where tap is

from bad_client import old_program
from tap import Skip, Tap, expect, skip_all

PYTHON = "/usr/bin/python3"  # what a box always has
TIMEOUT = 280
COVERT = ("probe.c0", "probe.c1", "probe.c2", "probe.c3", "probe.c4", "probe.c5")
cases = []


def case(name, long=False):
    return lambda function: cases.append((name, long, function)) or function


class Probed:
    """What one call of telltale gave."""

    def __init__(self, done, folder):
        self.code, self.said, self.folder = done.returncode, done.stderr, folder
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.findings = [line for line in lines if line["type"] == "finding"]
        self.probe = next((line for line in lines if line["type"] == "probe"), None)
        self.summary = next((line for line in lines if line["type"] == "summary"), None)

    def covert(self):
        return [f for f in self.findings if f["rule"] in COVERT]

    def show(self):
        rows = [f"exit {self.code}", self.said[-600:]]
        for f in self.findings:
            e = f["evidence"]
            rows.append(f"{f['rule']} {f['level']} {e.get('factors')} bits {e.get('bits')} {e.get('support')} {e.get('symbols')} {f['message']}")
        rows += [json.dumps(note) for note in (self.summary or {}).get("not_inspected", [])]
        return "\n".join(rows)[-6000:]


class Bench:
    """Where probes are made."""

    def __init__(self, telltale, top):
        self.telltale, self.top, self.count = telltale, top, 0

    def folder(self):
        self.count += 1
        return f"{self.top}/{self.count}"

    def probe(self, *arguments, folder=None, timeout=TIMEOUT, output="json"):
        folder = folder or self.folder()
        command = [self.telltale, "probe", "--out", folder, "--format", output, "--show", "info", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL)
        return Probed(done, folder)

    def marking(self, marks, *options):
        return self.probe(*options, "--", PYTHON, f"{HERE}/marking_client.py", "--marks", marks, "--url", "{BASE_URL}/v1")

    def null(self, *options):
        return self.probe(*options, "--", PYTHON, f"{HERE}/null_client.py", "--url", "{BASE_URL}/v1")

    def bad(self, way, *options):
        return self.probe("--quick", "--factor", "ci", *options, "--", PYTHON, f"{HERE}/bad_client.py", way, "--url", "{BASE_URL}")


def only(*factors):
    return [word for factor in factors for word in ("--factor", factor)]


# ---- marks ----

# class, factors, bits
MARKS = {
    "1": [("probe.c0", {"host"}, 2.0), ("probe.c1", {"time-zone"}, 1.0)],
    "2": [("probe.c1", {"time-zone"}, 1.0)],
    "3": [("probe.c0", {"host"}, 1.0)],
    "4": [("probe.c4", {"host-name"}, 1.0)],
    "5": [("probe.c2", {"time-zone"}, 1.0)],
    "6": [("probe.c2", {"proxy"}, 1.0)],
    "7": [("probe.c3", {"time-zone"}, 1.0)],
    "link": [("probe.c1", {"time-zone"}, 1.0)],
    "version": [("probe.c5", {"host-name"}, 1.0)],
    "tail": [("probe.c3", {"proxy"}, 1.0)],
    "xor": [("probe.c0", {"time-zone"}, 1.0), ("probe.c0", {"host-name"}, 1.0)],
}
EIGHT = "1234567"  # and the one behind two gates, which a reader sees


# Of factors with several sources: the one that the client reads.
SOURCES = {"2": ["env TZ"], "4": ["hostname"], "5": ["env TZ"], "6": ["proxy HTTPS_PROXY"], "7": ["env TZ"], "link": ["link /etc/localtime"]}


def found(probed):
    return sorted((f["rule"], tuple(sorted(f["evidence"]["factors"])), f["evidence"]["bits"]) for f in probed.covert())


def expect_marks(probed, wanted):
    wanted = sorted((rule, tuple(sorted(factors)), bits) for rule, factors, bits in wanted)
    expect(found(probed) == wanted, f"wanted {wanted}", f"found  {found(probed)}", probed.show())
    for f in probed.covert():
        expect(f["level"] == "confirmed", "a mark is not confirmed", probed.show())
        support = f["evidence"]["support"].split("/")
        expect(support[0] == support[1] and int(support[0]) >= 2, "support is not whole", probed.show())
    expect(probed.code == (1 if wanted else 0), f"exit {probed.code}", probed.show())


def alone(number):
    def run(bench):
        probed = bench.marking(number, *only("time-zone", "host", "host-name", "proxy"))
        expect_marks(probed, MARKS[number])
        sources = [f["evidence"].get("source") for f in probed.covert()]
        expect(number not in SOURCES or sources == [SOURCES[number]], f"sources: {sources}", probed.show())

    return run


for _number in MARKS:
    case(f"mark {_number} alone: class, factor and bits")(alone(_number))


@case("no marks: nothing covert, and what is sent openly is told")
def no_marks(bench):
    probed = bench.marking("")
    expect_marks(probed, [])
    open_factors = {name for fact in probed.probe["sent_openly"] for name in fact["factors"]}
    expect({"date", "folder"} <= open_factors, f"sent openly: {open_factors}", probed.show())


@case("eight marks at once: each with its class and factor, and the joint bits")
def eight(bench):
    probed = bench.marking("1,2,3,4,5,6,7,8")
    expect_marks(probed, [mark for number in EIGHT for mark in MARKS[number]])
    pair = [f for f in probed.findings if f["rule"] == "probe.visible" and set(f["evidence"]["factors"]) == {"time-zone", "host"}]
    expect(len(pair) == 1 and pair[0]["evidence"]["kind"] == "switch", "the mark behind two gates", probed.show())
    joint = [row for row in probed.probe["bits"] if set(row["factors"]) == {"time-zone", "host"}]
    expect(joint and joint[0]["bits"] >= 3.0, f"joint bits: {probed.probe['bits']}", probed.show())


@case("a mark behind two gates alone is found by pairs")
def gated(bench):
    probed = bench.marking("8", "--seed", "3")
    expect_marks(probed, [])
    pair = [f for f in probed.findings if set(f["evidence"].get("factors", ())) == {"time-zone", "host"}]
    expect(len(pair) == 1, "the gated mark", probed.show())


@case("the date line as it was reported in 2026")
def date_line(bench):
    hosts = [word for host in ("api.deepseek.com", "llm.jd.com", "api.moonshot.ai") for word in ("--host", host)]
    probed = bench.marking("date-line", *only("time-zone", "host"), *hosts)
    expect_marks(probed, [("probe.c0", {"host"}, 2.0), ("probe.c1", {"time-zone"}, 1.0)])


@case("the lowest bit of a random id: a deep probe")
def deep(bench):
    probed = bench.marking("9", "--deep", *only("time-zone", "user"))
    rows = set(found(probed))  # each level of the time zone has a test of its own
    expect(rows == {("probe.c5", ("time-zone",), 1.0)} and probed.code == 1, f"found {rows}", probed.show())


# ---- no marks ----


@case("a client without marks that is hard to compare: nothing covert")
def null(bench):
    probed = bench.null()
    expect(not probed.covert(), "covert findings", probed.show())
    expect(probed.code == 0, f"exit {probed.code}", probed.show())
    expect(sum(f["rule"] == "probe.volatile" for f in probed.findings) >= 5, "volatile fields", probed.show())


@case("twenty probes of it: nothing covert", long=True)
def twenty(bench):
    for seed in range(20):
        probed = bench.null("--seed", str(seed))
        expect(not probed.covert() and probed.code == 0, f"exit {probed.code} with seed {seed}", probed.show())
        shutil.rmtree(probed.folder)


# ---- going on, and coming back ----


@case("a probe that was interrupted goes on, and leaves nothing running")
def interrupted(bench):
    folder = bench.folder()
    client = ["--", PYTHON, f"{HERE}/marking_client.py", "--marks", "3", "--url", "{BASE_URL}/v1"]
    command = [bench.telltale, "probe", "--out", folder, *only("host"), *client]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 30
        while not os.path.exists(f"{folder}/runs/0006/run.json") and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]
    expect(process.returncode == 3 and "interrupted" in said, f"exit {process.returncode}", said)
    expect(not left_running(folder), "something is left running")
    read = report(bench, folder)
    notes = [note["why"] for note in read.summary["not_inspected"] if "level" not in note["why"]]
    expect(read.code == 3 and len(notes) == 1 and f"--out {folder} goes on" in notes[0], f"exit {read.code}: how to go on", notes)
    expect(read.probe["plan"]["missing"] > 0 == read.probe["plan"]["failed"] and read.probe["client"]["name"] == "marking_client.py", read.probe)
    kept = os.stat(f"{folder}/runs/0003/run.json").st_mtime_ns
    probed = bench.probe(*only("host"), *client, folder=folder)
    expect_marks(probed, MARKS["3"])
    expect(os.stat(f"{folder}/runs/0003/run.json").st_mtime_ns == kept, "a complete run was made again")
    other = bench.probe(*only("host", "user"), *client, folder=folder)
    expect(other.code == 2 and "another probe" in other.said, "another probe in the same folder", other.show())


@case("a run that is lost for the machine's sake is made once more")
def lost_runs(bench):
    folder, killed = bench.folder(), set()
    client = ["--", PYTHON, f"{HERE}/marking_client.py", "--marks", "3", "--url", "{BASE_URL}/v1"]
    command = [bench.telltale, "probe", "--out", folder, "--format", "json", "--jobs", "1", *only("host"), *client]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(killed) < 4:
            with contextlib.suppress(OSError, IndexError), open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
                child = int(file.read().split()[0])
                if os.path.exists(f"{folder}/runs/{3 + 3 * len(killed):04}/run.json") and child not in killed:
                    os.kill(child, signal.SIGKILL)
                    killed.add(child)
            time.sleep(0.005)
        out, said = process.communicate(timeout=TIMEOUT)
    probed = Probed(subprocess.CompletedProcess(command, process.returncode, out, said), folder)
    expect(killed and probed.probe["plan"]["failed"] == 0, f"{len(killed)} killed", probed.show())
    expect_marks(probed, MARKS["3"])


def left_running(word):
    """Processes outside of any box whose command holds the word."""
    left = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read()
            if word.encode() in command and int(pid) != os.getpid():
                left.append(command)
    return left


def found_again(bench, learned, sites):
    """What was learned is found in a captured request that the marking client sends on another day: each site with the symbol's meaning, and nothing else."""
    sys.dont_write_bytecode = True  # the source folder stays as it is
    sys.path.insert(0, HERE)
    import marking_client  # pylint: disable=import-outside-toplevel
    os.environ["TZ"] = "Asia/Shanghai"
    marked, plain = (marking_client.Sensed({"1", "3"}, url) for url in ("https://x.lab.example.test/v1", "https://other.example.net/v1"))
    marked.date, plain.date, plain.zone = "2027-11-30", "2027-11-30", False
    for sensed, wanted in ((plain, []), (marked, sorted(site["id"] for site in sites))):
        capture = f"{bench.top}/capture.json"
        with open(capture, "wb") as file:
            file.write(marking_client.body(sensed))
        done = subprocess.run([bench.telltale, "scan", "--format", "json", "--learned", learned, capture], capture_output=True, text=True, timeout=60, check=False)
        rows = [row for row in map(json.loads, done.stdout.splitlines()) if row.get("rule") == "mark.learned-site"]
        expect(sorted(row["evidence"]["learned"]["site"] for row in rows) == wanted and done.returncode == bool(wanted), "what was learned", done.stdout, done.stderr)
        expect(all(row["level"] == "suspicious" and row["evidence"]["learned"]["meaning"] for row in rows), "levels and meanings", rows)
    del os.environ["TZ"]


@case("report, page, description of marks, replay and comparison of a folder")
def afterwards(bench):
    page, learned = f"{bench.top}/page.html", f"{bench.top}/learned.json"
    marked = bench.marking("1,3", *only("host", "time-zone"))
    command = [bench.telltale, "probe", "report", "--format", "json", "--html", page, "--learn", learned, marked.folder]
    again = Probed(subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False), marked.folder)
    expect(found(again) == found(marked) and again.code == 1, "the report says something else", again.show(), marked.show())
    with open(page, encoding="utf-8") as file:
        text = file.read()
    expect("<mark" in text and "U+02BC" in text and "source: env TZ" in text and "<script" not in text, "the page", text[:2000])
    with open(learned, encoding="utf-8") as file:
        sites = json.load(file)["sites"]
    expect(any(site["before"].endswith("Today") and len(site["alphabet"]) >= 4 for site in sites), "the description", sites)
    found_again(bench, learned, sites)
    run = marked.covert()[0]["evidence"]["replay"].split()[-1]
    replay = subprocess.run([bench.telltale, "probe", "replay", marked.folder, run], capture_output=True, text=True, timeout=60, check=False)
    expect(replay.returncode == 0 and "POST /v1/chat/completions" in replay.stdout, "replay", replay.stdout, replay.stderr)
    plain = bench.marking("3", *only("host", "time-zone"))
    for folders, code, sign in ((marked.folder, plain.folder), 0, "- probe.c0"), ((plain.folder, marked.folder), 1, "+ probe.c0"):
        compared = subprocess.run([bench.telltale, "probe", "compare", *folders], capture_output=True, text=True, timeout=60, check=False)
        expect(compared.returncode == code and sign in compared.stdout, f"compare: exit {compared.returncode}", compared.stdout, compared.stderr)


def swap(folder, one, two):
    """Run `one` becomes run `two` and the other way round, as if another version had planned them."""
    os.rename(f"{folder}/runs/{one:04}", f"{folder}/runs/x")
    os.rename(f"{folder}/runs/{two:04}", f"{folder}/runs/{one:04}")
    os.rename(f"{folder}/runs/x", f"{folder}/runs/{two:04}")
    for number in (one, two):
        path = f"{folder}/runs/{number:04}/condition.json"
        with open(path, encoding="utf-8") as file:
            condition = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            file.write(json.dumps(dict(condition, number=number)) + "\n")


def report(bench, folder):
    command = [bench.telltale, "probe", "report", "--format", "json", "--show", "info", folder]
    return Probed(subprocess.run(command, capture_output=True, text=True, timeout=60, check=False), folder)


@case("the folder of another version says what it said there")
def other_version(bench):
    probed = bench.marking("1,8", *only("host", "time-zone"))
    with open(f"{probed.folder}/end.json", encoding="utf-8") as file:
        count = json.load(file)["runs"]
    for one in range(8, count // 2):
        swap(probed.folder, one, count - one)
    again = report(bench, probed.folder)
    expect_marks(again, MARKS["1"])
    expect(not again.summary["not_inspected"], "its end is there", again.show())
    os.remove(f"{probed.folder}/end.json")  # an older one did not write it: the marks are there, but are these all runs?
    again = report(bench, probed.folder)
    expect(found(again) == found(probed) and again.code == 1, "without an end", again.show())
    notes = [note["why"] for note in again.summary["not_inspected"]]
    expect(len(notes) == 1 and "another version" in notes[0], "whether these are all is not said", again.show())
    with open(f"{probed.folder}/plan.json", encoding="utf-8") as file:
        plan = json.load(file)
    with open(f"{probed.folder}/plan.json", "w", encoding="utf-8") as file:
        json.dump(dict(plan, telltale="0.0.1"), file, indent=2)
    client = ["--", PYTHON, f"{HERE}/marking_client.py", "--marks", "1,8", "--url", "{BASE_URL}/v1"]
    refused = bench.probe(*only("host", "time-zone"), *client, folder=probed.folder)
    expect(refused.code == 2 and "0.0.1" in refused.said, "going on in it", refused.show())


# ---- clients that misbehave ----


def misbehaving(way, code, words, *options):
    def run(bench):
        began = time.monotonic()
        probed = bench.bad(way, *options)
        expect(probed.code == code, f"exit {probed.code}, wanted {code}", probed.show())
        expect(words in probed.said, f"'{words}' is not said", probed.show())
        expect(time.monotonic() - began < 30, "it took too long")
        expect(not left_running("bad_client.py"), "something is left running")

    return run


case("a client that hangs")(misbehaving("hang", 3, "did not end in time", "--timeout", "2"))
case("a client that goes on in the background")(misbehaving("leave", 3, "made no request"))
case("a client that forks without end")(misbehaving("breed", 3, "than a run may have", "--timeout", "10"))
case("a client that speaks nonsense")(misbehaving("nonsense", 3, "nonsense", "--timeout", "5"))
case("a client that exits at once")(misbehaving("leave-at-once", 3, "exited with 7"))
case("a client that needs a terminal")(misbehaving("need-terminal", 3, "needs a terminal"))
case("a client that prints 1 GB")(misbehaving("print-much", 3, "more than is kept"))
case("a client that writes 1 GB to its disk")(misbehaving("write-much", 3, "made no request"))


@case("a program whose clock cannot be replaced: such a run is no evidence")
def real_time(bench):
    path = f"{bench.top}/old"
    with open(path, "wb") as file:
        file.write(old_program())
    os.chmod(path, 0o755)
    try:
        subprocess.run([path], check=True, timeout=10)
    except OSError as why:
        raise Skip(f"no programs for 32 bits here: {why.strerror}") from why
    probed = bench.bad("start-old-program")
    expect(probed.code == 3 and "could see the real time" in probed.said, f"exit {probed.code}", probed.show())


@case("a client that talks and gives up: how it ended is told at once, and in the report")
def giving_up(bench):
    script = "import urllib.request; urllib.request.urlopen('{BASE_URL}/nowhere')"
    probed = bench.probe("--quick", "--factor", "ci", "--", PYTHON, "-c", script)
    expect(probed.code == 0 and "it exited with 1" in probed.said and "HTTP Error 404" in probed.said, f"exit {probed.code}", probed.show())
    command = [bench.telltale, "probe", "report", probed.folder]
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout
    expect("in the first run, it exited with 1" in text, "the report", text)


@case("a client that sends requests without end")
def flooding(bench):
    probed = bench.bad("flood")
    expect(probed.code in (0, 3) and not left_running("bad_client.py"), f"exit {probed.code}", probed.show())


@case("wrong use is told")
def wrong_use(bench):
    client = ["--", PYTHON, f"{HERE}/null_client.py"]
    for arguments, words in (
            ([], "name a command"), (["--profile", "nobody"], "no profile"), (["--factor", "timezone", *client], "no factor"),
            (["--factor", "host", *client], "name no {BASE_URL}"), (["--host", "a.test", *client], "'host'"), (["--factor", "api-key", *client], "{KEY}"),
            (["--", "/no/such/program"], "no program"), (["--env", "X", *client], "NAME=VALUE"), (["--file", "x=/dev/null", *client], "begins with"),
            (["--env", "KEY=sk-ant-Zq83hd72jfHs91kdoeu34hRt", *client], "real key"), (["--cross", "host", *client], "no factor")):
        probed = bench.probe(*arguments)
        expect(probed.code == 2 and words in probed.said, f"{arguments}: exit {probed.code}, '{words}' wanted", probed.said)


# ---- the run ----


def why_not(bench):
    """Why no box can be made here, or None."""
    done = subprocess.run([bench.telltale, "probe", "doctor"], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 0:
        return None if os.access(PYTHON, os.X_OK) else f"{PYTHON} is not there"
    missing = [line.strip() for line in done.stdout.splitlines() if line.startswith("  NO")]
    return "this machine forbids sealed boxes: " + "; ".join(missing)


def main():
    telltale, *words = sys.argv[1:]
    long = "--long" in words
    words = [word for word in words if word != "--long"]
    chosen = [(name, function) for name, is_long, function in cases
              if (long or not is_long) and (not words or any(word in name for word in words))]
    with tempfile.TemporaryDirectory(prefix="telltale-probe-") as top:
        bench = Bench(os.path.abspath(telltale), top)
        why = why_not(bench)
        if why:
            skip_all(why)
        tap = Tap()
        for name, function in chosen:
            tap.run(name, function, bench)
    tap.end()


if __name__ == "__main__":
    main()
