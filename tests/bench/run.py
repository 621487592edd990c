#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures telltale beside its limits and its peers, and prints one table (docs/bench.md explains its rows).

    run.py [--keep] BUILD MB

BUILD is a release build with tests.  MB is the size of the tree that is scanned; the other data scales with it.  Data and npm packages lie
in BUILD/bench while it runs.  The two sides of a row run in turn, ROUNDS times; a figure is the median, with minimum and maximum behind
it.  Whether a bar holds is said in the table and depends on the machine; the exit code is 1 only when something could not be measured
because a program failed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the source folder stays as it is

import gateway_material
import material
from gateway import measure_gateway
from measure import Failed, Spread, compare, peak_memory, run
from material import MB
from rows import Row, not_measured, print_table

ROUNDS = 5
SLOW_ROUNDS = 3  # of peers that take seconds
SHORT_ROUNDS = 11  # of runs that take milliseconds and a peer that takes tenths of a second
START_ROUNDS = 50
TELLTALE_CODES = (0, 1, 3)  # findings, and files that were not inspected, are results

# The bars.
MEMCHR_SHARE = 0.8
CORE_SPEED = 1.0  # GB/s
RIPGREP_TIMES = 1.5
NPM_TIMES = 50
PEAK_MEMORY = 64 * MB
START_TIME = 0.005  # seconds
BOX_TIME = 0.050  # seconds that a sealed box and its clock may add to one run of a client
INSPECT_TIME = 10  # seconds of processor time for a minified bundle of INSPECT_SIZE
INSPECT_SIZE = 30 * 1000 * 1000
INSPECT_MEMORY = 500 * MB
PROBE_TIME = 60  # seconds of a whole probe of a client that takes 0.4, on two cores

ONE_LINE = b"One line of text.\n"

# Peers from npm: the arguments that make them read a folder.
NPM_PEERS = {
    "anti-trojan-source": lambda folder: ["bin/anti-trojan-source.js", "--files", f"{folder}/**/*"],
    "out-of-character": lambda folder: ["bin/out-of-character.js", "--recursive", folder],
}
NPM_SAMPLE = 8  # they are given every so many files of one copy


class Bench:
    """What the rows share: the programs and the data."""

    def __init__(self, build, folder, megabytes):
        self.build, self.folder, self.megabytes = build, folder, megabytes
        self.tree = f"{folder}/tree"
        self.files = self.bytes = 0

    def prepare(self):
        self.files, self.bytes = material.make_tree(self.tree, self.megabytes * MB)
        self.first = f"{self.tree}/copy-000"

    def of(self, *kinds):
        """The files of these kinds in the first copy."""
        return [path for kind in kinds for path in material.files_of(f"{self.first}/{kind}")]

    def command(self, *args):
        """All files are read, as the peers do, whatever the .gitignore of the source folder says of its build folder."""
        return [f"{self.build}/telltale", "scan", "--no-ignore", *args]

    def scan(self, *args):
        return run(self.command(*args), TELLTALE_CODES)


def gigabytes(count):
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"


def speed(size, seconds):
    """GB/s of a spread of seconds; the fastest round is the shortest."""
    return Spread(*(size / 1e9 / value for value in (seconds.median, seconds.high, seconds.low)))


# ---- kernels and lexer: the programs of the build measure themselves ----


def lines_of(argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{argv[0]}: {done.stderr.strip()}")
    return [line.split() for line in done.stdout.splitlines()]


def kernel_figures(bench, *text):
    """The last, that is the fastest, version of each kernel: (text, kernel) -> (version, GB/s, share of memchr)."""
    figures = {}
    for name, version, kind, *rest in lines_of([f"{bench.build}/tests/check_kernels", "--bench", *text]):
        values = [float(word.strip("()")) for word in rest if word.strip("()")[0].isdigit()]
        figures[kind, name] = (version, Spread(*values[0:3]), Spread(*values[3:6]))
    return figures


def kernel_on_ascii(bench):
    version, own, share = kernel_figures(bench, str(max(1, bench.megabytes // 4)))["ascii", "collect"]
    what = f"search for marks in ASCII, {version}, one core"
    memchr = f"{own.median / share.median:.3g} GB/s memchr"
    return Row(what, own.show("GB/s"), memchr, share.show("x"), f">= {MEMCHR_SHARE} x", share.median >= MEMCHR_SHARE)


def kernel_on_text(bench):
    path = f"{bench.folder}/multilingual.txt"
    parts = [part for part in bench.of("man", "dictionaries") if material.is_utf8(part)]
    size = material.make_file(path, parts)
    version, own, _ = kernel_figures(bench, str(max(1, size // MB)), path)["file", "inspect"]
    what = f"the same and UTF-8 check, {gigabytes(size)} of man pages and dictionaries in 10 languages"
    return Row(what, own.show("GB/s"), "", "", f">= {CORE_SPEED:g} GB/s", own.median >= CORE_SPEED)


def json_lexer(bench):
    figures = {}
    for words in lines_of([f"{bench.build}/tests/bench_json"])[1:]:
        figures[words[0]] = float(words[words.index("GB/s") - 1])
    own = figures["lexer"]
    rows = []
    for peer in ("memchr", "jansson"):
        if peer in figures:
            beside = f"{figures[peer]:.3g} GB/s {peer}"
            rows.append(Row("JSON lexer on a request of 300 KB", f"{own:.3g} GB/s", beside, f"{own / figures[peer]:.3g} x"))
    return rows


# ---- audit records: the program of the build measures itself ----


def audit_records(bench):
    """What a record costs the worker that forwards a request, and how fast records become rows of the ledger."""
    figures = {(words[0], words[2] if words[0] == "ledger" else ""): [float(word) for word in words[1:]] for words in
               lines_of([f"{bench.build}/tests/bench_ring", bench.folder])}
    put = figures["put", ""]
    rows = []
    for call, name in (("write", "write(2)"), ("fdatasync", "write(2) and fdatasync(2)")):
        other = figures[call, ""]
        beside = f"{name}: {other[0]:.3g} us, half below {other[1]:.3g}"
        ours = f"{put[0]:.3g} us, half below {put[1]:.3g}"
        rows.append(Row("audit record of 600 bytes, mean", ours, beside, f"{other[0] / put[0]:.3g} x"))
    collect, batch, single = figures["collect", ""][0], figures["ledger", "4096"][0], figures["ledger", "100"][0]
    rows.append(Row("records from the rings into the ledger", f"{collect:.3g}/s", f"rows alone: {batch:.3g}/s, {single:.3g}/s by the hundred"))
    rows.append(Row("telltale ledger verify", f"{figures['verify', ''][0]:.3g} records/s"))
    return rows


# ---- the whole command ----


def waking_class(bench):
    done = subprocess.run([f"{bench.build}/tests/check_kernels", "--class"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def beside_ripgrep(bench, what, count):
    bar = f">= {RIPGREP_TIMES} x"
    if not shutil.which("rg"):
        return not_measured(what, "install the package ripgrep", bar)
    search = ["rg", "--no-config", count, "-j2", "-uuu", "-e", waking_class(bench), bench.tree]
    ours, theirs, ratio = compare(lambda: bench.scan("--jobs", "2", bench.tree), lambda: run(search, (0, 1)), ROUNDS)
    beside = f"rg {count} {speed(bench.bytes, theirs).show('GB/s')}"
    return Row(what, speed(bench.bytes, ours).show("GB/s"), beside, ratio.show("x"), bar, ratio.median >= RIPGREP_TIMES)


def whole_tree(bench):
    """ripgrep counts the characters, or only the lines that have one, which is less work."""
    what = f"scan --jobs 2 of a tree, {gigabytes(bench.bytes)} in {bench.files} files"
    return [beside_ripgrep(bench, what, "--count-matches"), beside_ripgrep(bench, "the same", "--count")]


def findings(bench, cpumask):
    """Everything but the summary, which tells the time."""
    path = f"{bench.folder}/findings.jsonl"
    bench.scan("--format", "json", "--show", "info", "--cpumask", cpumask, "--output", path, bench.tree)
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    os.remove(path)
    return [line for line in lines if json.loads(line)["type"] == "finding"]


def same_findings(bench):
    fast, plain = findings(bench, "0xffffffff"), findings(bench, "0")
    what = "findings of that tree with AVX2 (where there is any)"
    return Row(what, f"{len(fast)} findings", f"--cpumask 0: {len(plain)} findings", "", "identical", fast == plain)


def beside_reading(bench):
    """JSON Lines against what it takes to read them at all."""
    path = f"{bench.folder}/transcripts.jsonl"
    size = material.make_file(path, bench.of("transcripts"), bench.megabytes * MB // 4)
    ours, theirs, ratio = compare(lambda: bench.scan("--jobs", "2", path), lambda: run(["cat", path]), ROUNDS)
    os.remove(path)
    what = f"scan of a JSON Lines transcript, {gigabytes(size)}"
    return Row(what, speed(size, ours).show("GB/s"), "cat " + speed(size, theirs).show("GB/s"), ratio.show("x"))


# ---- peers from npm ----


def install_npm_peers(folder):
    """Returns why there are none, or None."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "install the package npm"
    os.makedirs(folder, exist_ok=True)
    command = ["npm", "install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", *NPM_PEERS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return "the npm registry did not answer"
    return None if done.returncode == 0 else "npm install failed"


def beside_peer(bench, peer, packages, target, what, rounds):
    module = f"{packages}/node_modules/{peer}"
    script, *rest = NPM_PEERS[peer](target)
    argv = ["node", f"{module}/{script}", *rest]
    ours, theirs, ratio = compare(lambda: bench.scan(target), lambda: run(argv, (0, 1)), rounds)
    with open(f"{module}/package.json", encoding="utf-8") as file:
        version = json.load(file)["version"]
    beside = f"{peer} {version} {theirs.show('s')}"
    return Row(what, ours.show("ms", 1000), beside, ratio.show("x"), f">= {NPM_TIMES} x", ratio.median >= NPM_TIMES)


def beside_npm(bench):
    packages = f"{bench.folder}/npm"
    sample = f"{bench.folder}/sample"
    one = f"{bench.folder}/one"
    size = material.copy_some(bench.first, sample, NPM_SAMPLE)
    material.write(f"{one}/file.txt", ONE_LINE)
    targets = [
        (sample, f"scan of {gigabytes(size)} of that tree", SLOW_ROUNDS),
        (one, "scan of a folder with one small file", SHORT_ROUNDS),
    ]
    why = install_npm_peers(packages)
    if why:
        return [not_measured(what, f"{peer}: {why}", f">= {NPM_TIMES} x") for _, what, _ in targets for peer in NPM_PEERS]
    return [beside_peer(bench, peer, packages, *target) for target in targets for peer in NPM_PEERS]


# ---- memory and start ----


def peak_row(bench, what, path):
    peak = peak_memory(bench.command(path), TELLTALE_CODES)
    return Row(what, f"{peak / MB:.0f} MB", "", "", f"< {PEAK_MEMORY // MB} MB", peak < PEAK_MEMORY)


def memory_of_large_files(bench):
    rows = []
    for kinds, name in ((("man", "dictionaries", "sources"), "large.txt"), (("transcripts",), "large.jsonl")):
        path = f"{bench.folder}/{name}"
        size = material.make_file(path, bench.of(*kinds), 2 * bench.megabytes * MB)
        rows.append(peak_row(bench, f"peak memory, one file of {gigabytes(size)} ({name.split('.')[1]})", path))
        os.remove(path)
    return rows


def memory_of_small_files(bench):
    folder = f"{bench.folder}/small"
    count = max(1000, bench.megabytes * 100_000 // 1024)
    material.make_small_files(folder, count, bench.of("sources")[0])
    row = peak_row(bench, f"peak memory, {count} small files", folder)
    shutil.rmtree(folder)
    return row


def start(bench):
    path = f"{bench.folder}/one.txt"
    material.write(path, ONE_LINE)
    rows = []
    for what, argv in (("telltale --version", ["--version"]), ("scan of one small file", ["scan", path])):
        command = [f"{bench.build}/telltale", *argv]
        ours, theirs, _ = compare(lambda: run(command), lambda: run([shutil.which("true")]), START_ROUNDS)
        bar = f"< {START_TIME * 1000:g} ms"
        rows.append(Row(what, ours.show("ms", 1000), "true " + theirs.show("ms", 1000), "", bar, ours.median < START_TIME))
    return rows


# ---- the sealed box ----


def box(bench):
    """What a box adds to one run, from its making until nothing of it is left; client and box run in turn."""
    boxed = f"{bench.build}/tests/boxed"
    bar = f"< {BOX_TIME * 1000:g} ms more"
    tried = subprocess.run([boxed, "--", "/bin/true"], capture_output=True, text=True)
    if tried.returncode != 0:
        return [not_measured("a client in a sealed box", tried.stdout.strip(), bar)]
    clients = [("true", ["/bin/true"], START_ROUNDS)]
    if os.path.exists("/usr/bin/node"):
        clients.append(("node", ["/usr/bin/env", "-i", "/usr/bin/node", "-e", "0"], SHORT_ROUNDS))
    rows = []
    for name, client, rounds in clients:
        for what, options in (("a sealed box", []), ("a sealed box with its own clock", ["--instant=1770120000"])):
            ours, theirs, _ = compare(lambda: run([boxed, *options, "--", *client]), lambda: run(client), rounds)
            more = ours.median - theirs.median
            rows.append(Row(f"{what}, {name} in it", ours.show("ms", 1000), "outside " + theirs.show("ms", 1000), f"{more * 1000:.3g} ms more", bar, more < BOX_TIME))
    return rows


def probe(bench):
    """All factors with all their levels, pairs, and what confirms: of the marking client, slowed down to 0.4 seconds."""
    client = ["/usr/bin/python3", os.path.abspath(f"{os.path.dirname(__file__)}/../probe/marking_client.py"), "--pause", "0.3"]
    what, bar = "a whole probe of a client of 0.4 s, on two cores", f"<= {PROBE_TIME} s"
    command = [f"{bench.build}/telltale", "probe", "--jobs", "2", "--quiet", "--format", "json", "--out", f"{bench.folder}/probe", "--", *client, "--url", "{BASE_URL}/v1"]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.monotonic() - began
    if done.returncode != 1:
        return [not_measured(what, done.stderr.strip()[-200:], bar)]
    runs = next(json.loads(line)["plan"]["runs"] for line in done.stdout.splitlines() if '"type":"probe"' in line)
    return [Row(what, f"{seconds:.3g} s", "", f"{runs} runs", bar, seconds <= PROBE_TIME)]


# ---- packages ----


def minified(build):
    """Different scripts with long lines out of the npm packages that tests and rows have fetched, the largest first."""
    found = {}
    for folder, _, names in os.walk(f"{os.path.dirname(os.path.abspath(build))}/npm"):
        for name in names:
            path = f"{folder}/{name}"
            if name.endswith((".js", ".mjs", ".cjs")) and not os.path.islink(path) and os.path.getsize(path) > INSPECT_SIZE // 300:
                with open(path, "rb") as file:
                    script = file.read()
                if len(script) > 500 * (script.count(b"\n") + 1):
                    found[script] = None
    return sorted(found, key=len, reverse=True)


def inspection(bench):
    """Of a bundle, on one core: processor time, because what else runs here is no matter of it."""
    what, bar = f"inspect of a minified bundle of {gigabytes(INSPECT_SIZE)}", f"< {INSPECT_TIME} s"
    scripts = minified(bench.build)
    if not scripts:
        return [not_measured(what, "run make check first, which fetches npm packages", bar)]
    bundle = b";".join(scripts)[:INSPECT_SIZE]
    path = f"{bench.folder}/bundle.js"
    material.write(path, bundle)
    what = f"inspect of a minified bundle of {gigabytes(len(bundle))}"
    command = [f"{bench.build}/telltale", "inspect", "--format", "json", path]
    before = os.times().children_user
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = os.times().children_user - before
    if done.returncode not in TELLTALE_CODES:
        raise Failed(f"telltale inspect: {done.stderr.strip()}")
    whole = not json.loads(done.stdout.splitlines()[-1])["not_inspected"]
    peak = peak_memory(command, TELLTALE_CODES)
    os.remove(path)
    ended = "searched to its end" if whole else "not searched to its end"
    return [Row(what, f"{seconds:.3g} s", "", ended, bar, whole and seconds < INSPECT_TIME),
            Row("its peak memory", f"{peak / MB:.0f} MB", "", "", f"< {INSPECT_MEMORY // MB} MB", peak < INSPECT_MEMORY)]


# ---- the gateway ----

JUDGED = {"repeated": "seen before", "turn": "its last tenth new", "fresh": "all of it new"}


def judging(bench):
    """What judging a request costs in memory, beside a look at its quotes and the lexer alone."""
    paths = []
    for size in (30_000, 300_000):
        body = gateway_material.Material(size)
        paths.append(f"{bench.folder}/request-{size}.json")
        material.write(paths[-1], body.request(len(body.turns) // 2))
    rows = []
    for line in lines_of([f"{bench.build}/tests/bench_gate", *paths]):
        figures = json.loads(" ".join(line))
        for way, words in JUDGED.items():
            ours, beside = figures[way], figures["memchr"]
            both = f"memchr over its quotes {beside:.1f} us, lexer {figures['lexer']:.1f} us, and a glance {figures['glance']:.1f} us"
            rows.append(Row(f"judging a request of {figures['bytes'] / 1000:.0f} KB, {words}", f"{ours:.1f} us", both, f"{ours / beside:.3g} x"))
    return rows


def gateway(bench):
    build = os.path.abspath(bench.build)
    return measure_gateway(build, os.path.abspath(bench.folder) + "/gateway", f"{os.path.dirname(build)}/npm/portkey")


STEPS = (
    kernel_on_ascii,
    kernel_on_text,
    json_lexer,
    audit_records,
    whole_tree,
    same_findings,
    beside_reading,
    beside_npm,
    memory_of_large_files,
    memory_of_small_files,
    start,
    box,
    probe,
    inspection,
    judging,
    gateway,
)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return models[0] if models else "unknown processor"


def measure_all(bench):
    rows = []
    for number, step in enumerate(STEPS):
        if sys.stderr.isatty():
            print(f"\r\033[K{number + 1}/{len(STEPS)} {step.__name__}", end="", file=sys.stderr, flush=True)
        made = step(bench)
        rows += made if isinstance(made, list) else [made]
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description="measure telltale beside its limits and its peers")
    parser.add_argument("--keep", action="store_true", help="keep the data in BUILD/bench")
    parser.add_argument("build", help="a release build with tests")
    parser.add_argument("megabytes", type=int, help="size of the tree that is scanned")
    args = parser.parse_args()
    missing = material.missing_packages()
    if missing:
        sys.exit(f"bench: install these packages, whose texts it reads: {' '.join(missing)}")
    bench = Bench(args.build, f"{args.build}/bench", args.megabytes)
    shutil.rmtree(bench.folder, ignore_errors=True)
    try:
        bench.prepare()
        rows = measure_all(bench)
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    finally:
        if not args.keep:
            shutil.rmtree(bench.folder, ignore_errors=True)
    print(f"{processor()}, {os.cpu_count()} cores; medians of rounds taken in turn (minimum-maximum)")
    print_table(rows)
    broken = sum(row.holds is False for row in rows)
    print(f"{broken} bars do not hold here" if broken else "every bar that was measured holds")


main()
