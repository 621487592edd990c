#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the gateway beside plain nginx, HAProxy and a gateway from npm (docs/bench.md explains the rows).

    gateway.py [--quick] [--million] BUILD

run.py calls it too.  All servers run at once and lead to the same upstream; the gateway that is loaded has one core, everything else has
another.  Loads are taken in turn, and a ratio is of two loads of the same turn.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is

import gateway_material
import gateway_peers as peers
from gateway_peers import GATEWAY_CORE, OTHER_CORE
from measure import Spread
from rows import Row, not_measured, print_table
from running import Failed, Gateway, Upstream, on_core

ROUNDS = 5
SECONDS = 1.0  # of one load
CONNECTIONS = 64
PORTKEY_ROUNDS, PORTKEY_SECONDS, PORTKEY_CONNECTIONS = 3, 2.0, 8
SSE = {"pairs": 20, "events": 40, "every-ms": 5}
LOAD_SHARE = 0.4  # of what the slowest of the compared gateways can do, for what is measured at equal load
FEW, MANY, FEWER = 10_000, 1_000_000, 100_000  # requests before and after which memory is read
FAST_ENOUGH = 8_000  # requests a second for MANY
LARGE = 3_500_000  # bytes of the requests that test the body buffer's size

# The bars.
CPU_TIMES = {30_000: 1.7, 300_000: 1.8}
PORTKEY_TIMES = 20
P99_TIMES = 1.5
SSE_MS = 0.2
MEMORY_TIMES = 1.05

# Every kind of check has something to do, and none of it speaks.
POLICY = """
telltale_policy: 1
id: bench
owner: bench@example.com
default:
  model: approved
  software: approved
  route: approved
regions:
  union: [DE, FR, NL]
decisions:
  - id: model-one
    match:
      model_family: kimi
    status: prohibited
    reason: Not reviewed.
    timeline:
      block: 2026-01-01
  - id: product-one
    match:
      product: cursor
      version: "< 1.0"
    status: prohibited
    reason: Too old.
    timeline:
      block: 2026-01-01
  - id: region-one
    match:
      provider_jurisdiction: SG
    status: prohibited
    reason: Not reviewed.
    applies_to:
      regions: [union]
    timeline:
      block: 2026-01-01
marks:
  - id: date-line
    channel: date-line
    action: normalise
  - id: tags
    channel: tags
    action: block
  - id: invisible
    channel: zero-width
    action: normalise
gateway:
  identity: [api-key, address]
  on_error: closed
"""


def kilobytes(size):
    return f"{size // 1000} KB"


class Load:
    """Runs the load program and reads what it says."""

    def __init__(self, program, folder):
        self.command = [*on_core(OTHER_CORE), *peers.ahead(), program]
        self.bodies = {}
        self.folder, self.seed = folder, 0
        for size in (*CPU_TIMES, LARGE):
            material = gateway_material.Material(size)
            self.bodies[size] = f"{folder}/body-{size}"
            material.write(self.bodies[size])
            if size != LARGE:
                print(f"requests of {kilobytes(size)}: {material.describe()}")

    def run(self, *words):
        done = subprocess.run([*self.command, *map(str, words)], capture_output=True, text=True, timeout=600, check=False)
        if done.returncode != 0:
            raise Failed(f"load: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def post(self, peer, size, fresh="end", **options):
        """A number of requests, all of which have to be answered with 200."""
        self.seed += 1
        words = []
        for name, value in {"connections": CONNECTIONS, "fresh": fresh, "seed": self.seed, **options}.items():
            words += [f"--{name}", value]
        for line in peer.headers:
            words += ["--header", line]
        result = self.run("post", *words, peer.port, self.bodies[size])
        if result["failed"] or not result["requests"]:
            raise Failed(f"{peer.name}: {result['failed']} of {result['requests']} requests failed: {result['statuses']}")
        return result

    def cpu(self, peer, size, fresh="end", connections=CONNECTIONS, seconds=SECONDS):
        """Processor time a request, in microseconds, and requests a second.  What a conversation's requests share has been seen before."""
        self.post(peer, size, fresh, connections=connections, count=connections)
        before = peer.cpu()
        result = self.post(peer, size, fresh, connections=connections, seconds=seconds)
        return (peer.cpu() - before) * 1e6 / result["requests"], result["requests"] / result["seconds"]


class Bench:
    """The servers, and what the rows share."""

    def __init__(self, build, folder, cache, quick, million):
        self.build, self.folder, self.cache, self.million = build, folder, cache, million
        self.rounds, self.seconds = (2, 0.3) if quick else (ROUNDS, SECONDS)
        self.servers = []
        self.speeds = {}  # (size, name): requests a second

    def start(self):
        self.upstream = self.keep(Upstream(f"{self.build}/tests/upstream", self.folder, [*on_core(OTHER_CORE), *peers.ahead()]))
        self.direct = peers.Peer("direct", self.upstream, lambda: [self.upstream.process.pid])
        self.nginx = self.keep_peer(peers.start_nginx(self.folder, self.upstream.port))
        self.haproxy = self.keep_peer(peers.start_haproxy(self.folder, self.upstream.port))
        self.ours = self.start_ours()
        self.load = Load(f"{self.build}/tests/load", self.folder)

    def keep(self, server):
        self.servers.append(server)
        return server

    def keep_peer(self, peer):
        if peer:
            self.keep(peer.server)
        return peer

    def start_ours(self):
        telltale = f"{self.build}/telltale"
        if not Gateway.supported(telltale):
            return None
        upstreams = {"provider-anthropic": f"http://127.0.0.1:{self.upstream.port}"}
        server = self.keep(Gateway(telltale, f"{self.folder}/gateway", POLICY, upstreams, "--workers", "1"))
        if on_core(GATEWAY_CORE):
            os.sched_setaffinity(server.process.pid, {OTHER_CORE})
            for worker in server.workers():
                os.sched_setaffinity(worker, {GATEWAY_CORE})
        return peers.Peer("telltale", server, server.workers)

    def collector(self):
        """Processor time of the gateway's own process, which writes records into the ledger, beside the workers."""
        return peers.cpu_seconds(self.ours.server.process.pid) if self.ours else 0

    def stop(self):
        for server in reversed(self.servers):
            server.stop()


# ---- processor time ----


def cpu_rounds(bench, size):
    """name -> processor time of each round."""
    times = {}
    runs = [("direct", bench.direct, "end"), ("nginx", bench.nginx, "end")]
    if bench.ours:
        runs += [("next turn", bench.ours, "end"), ("first turn", bench.ours, "all")]
    if bench.haproxy:
        runs.append(("haproxy", bench.haproxy, "end"))
    for _ in range(bench.rounds):
        for name, peer, fresh in runs:
            before = bench.collector()
            used, speed = bench.load.cpu(peer, size, fresh, seconds=bench.seconds)
            times.setdefault(name, []).append(used)
            if name == "next turn":
                times.setdefault("collector", []).append((bench.collector() - before) * 1e6 / (speed * bench.seconds))
            bench.speeds.setdefault((size, name), []).append(speed)
    return times


def ratios(ours, theirs):
    return Spread.of([a / b for a, b in zip(ours, theirs)])


def portkey_times(bench, size):
    return [bench.load.cpu(bench.portkey, size, "end", PORTKEY_CONNECTIONS, PORTKEY_SECONDS)[0] for _ in range(min(bench.rounds, PORTKEY_ROUNDS))]


def show_us(values):
    return Spread.of(values).show("us")


def our_cpu_rows(size, times):
    what = f"CPU of a worker for a request of {kilobytes(size)}"
    bar = f"<= {CPU_TIMES[size]} x"
    names = ("next turn", "first turn")
    if names[0] not in times:
        return [not_measured(f"{what}, {name}", "no `telltale gateway` in this build", bar) for name in names]
    rows = []
    for name in names:
        ratio = ratios(times[name], times["nginx"])
        beside = "nginx " + show_us(times["nginx"])
        rows.append(Row(f"{what}, {name}", show_us(times[name]), beside, ratio.show("x"), bar, ratio.median <= CPU_TIMES[size]))
    return [*rows, Row("  its collector, which writes the ledger on the other core", show_us(times["collector"]))]


def peer_cpu_rows(bench, size, times):
    """The others, each as a multiple of nginx."""
    rows = []
    for name, peer in (("direct", bench.direct), ("haproxy", bench.haproxy)):
        what = f"  the same, {peer.name if peer else name}" + (": the upstream alone" if name == "direct" else "")
        if name in times:
            rows.append(Row(what, "", show_us(times[name]), ratios(times[name], times["nginx"]).show("x nginx")))
        else:
            rows.append(not_measured(what, "install the package haproxy"))
    return rows


def portkey_rows(bench, size, times):
    bar = f">= {PORTKEY_TIMES} x"
    what = f"  the same, {peers.PORTKEY[0]}"
    if not bench.portkey:
        return [not_measured(what, bench.no_portkey, bar)]
    theirs = portkey_times(bench, size)
    beside = f"{bench.portkey.name} {show_us(theirs)}"
    rows = []
    for turn in ("next turn", "first turn"):
        if turn not in times:
            return [not_measured(what, beside, bar)]
        median = Spread.of(times[turn]).median
        ratio = Spread.of([value / median for value in theirs])
        rows.append(Row(f"{what} ({turn})", show_us(times[turn]), beside, ratio.show("x"), bar, ratio.median >= PORTKEY_TIMES))
    return rows


def processor_time(bench):
    bench.no_portkey = peers.install_portkey(bench.cache)
    rows = []
    times = {size: cpu_rounds(bench, size) for size in CPU_TIMES}
    # It starts after the others were measured: even idle it wakes up often.
    bench.portkey = None if bench.no_portkey else peers.start_portkey(bench.folder, bench.upstream.port, bench.cache)
    for size, found in times.items():
        rows += our_cpu_rows(size, found) + peer_cpu_rows(bench, size, found) + portkey_rows(bench, size, found)
    if bench.portkey:
        bench.portkey.server.stop()
    return rows


# ---- delay ----


class AtRate:
    """What a peer's requests took at a rate that all of them can keep up with: a list of each, a round an element."""

    def __init__(self):
        self.cpu, self.p50, self.p99 = [], [], []

    def add(self, bench, peer, size, rate):
        before = peer.cpu()
        result = bench.load.post(peer, size, "end", rate=rate, seconds=bench.seconds)
        self.cpu.append((peer.cpu() - before) * 1e6 / result["requests"])
        self.p50.append(result["p50_us"])
        self.p99.append(result["p99_us"])


def at_rate_rows(what, bar, found, column):
    """The others as multiples of nginx; bar: a number, or None."""
    theirs = getattr(found["nginx"], column)
    beside, shown = "nginx " + show_us(theirs), f"<= {bar} x" if bar else ""
    rows = []
    for name, values in found.items():
        mine = getattr(values, column)
        ratio = ratios(mine, theirs)
        if name == "telltale":
            rows.append(Row(what, show_us(mine), beside, ratio.show("x"), shown, ratio.median <= bar if bar else None))
        elif name != "nginx":
            rows.append(Row(f"  the same, {name}", "", show_us(mine), ratio.show("x nginx")))
    if "telltale" not in found and bar:
        rows.append(not_measured(what, beside, shown))
    return rows


def at_rate(bench, size):
    """Processor time and delay of a next turn at a rate that all of them can keep up with."""
    compared = [peer for peer in (bench.nginx, bench.ours, bench.haproxy) if peer]
    slowest = min(Spread.of(speeds).median for (of, name), speeds in bench.speeds.items() if of == size and name != "direct")
    rate = round(slowest * LOAD_SHARE)
    found = {peer.name: AtRate() for peer in compared}
    for _ in range(bench.rounds):
        for peer in compared:
            found[peer.name].add(bench, peer, size, rate)
    requests = f"{rate} requests of {kilobytes(size)} a second"
    return [
        *at_rate_rows(f"CPU of a worker for one of {requests}", CPU_TIMES[size], found, "cpu"),
        *at_rate_rows(f"p50 of {requests}", None, found, "p50"),
        *at_rate_rows(f"p99 of {requests}", P99_TIMES, found, "p99"),
    ]


def requests_at_rate(bench):
    return [row for size in CPU_TIMES for row in at_rate(bench, size)]


def delay_of_streams(bench):
    """What each adds to the delay of a stream's events, beside the stream that came directly."""
    through = [peer for peer in (bench.nginx, bench.ours) if peer]
    words = [word for name, value in SSE.items() for word in (f"--{name}", value)]
    found = bench.load.run("sse", *words, bench.direct.port, *(peer.port for peer in through))
    added = {peer.name: [pair[i + 1] - pair[0] for pair in found] for i, peer in enumerate(through)}
    direct = "direct " + show_us([pair[0] for pair in found])
    rows = [Row("delay that nginx adds to an event of a stream", "", show_us(added["nginx"]))]
    bar, what = f"<= {SSE_MS} ms", "delay that telltale adds to it"
    if not bench.ours:
        return [*rows, not_measured(what, direct, bar)]
    ours = Spread.of(added["telltale"])
    return [*rows, Row(what, ours.show("us"), direct, "", bar, ours.median <= SSE_MS * 1000)]


# ---- memory and files ----


def memory(bench):
    """Of the worker; the rings are files that it shares, and of a fixed size."""
    what, bar = "memory of a worker", f"<= {MEMORY_TIMES} x"
    if not bench.ours:
        return not_measured(what, "no `telltale gateway` in this build", bar)
    size = min(CPU_TIMES)
    first = bench.load.post(bench.ours, size, "all", count=FEW)
    before = [private_kb(pid) for pid in bench.ours.pids()]
    fast = first["requests"] / first["seconds"] >= FAST_ENOUGH
    count = MANY if bench.million or (fast and bench.rounds == ROUNDS) else FEWER
    bench.load.post(bench.ours, size, "all", count=count - FEW)
    after = [private_kb(pid) for pid in bench.ours.pids()]
    times = sum(after) / sum(before)
    shown = f"{sum(after) / 1024:.1f} MB after {count}", f"{sum(before) / 1024:.1f} MB after {FEW} requests"
    return Row(f"{what}, requests of {kilobytes(size)}", *shown, f"{times:.3f} x", bar, times <= MEMORY_TIMES)


def private_kb(pid):
    return peers.status_kb(pid, "VmRSS") - peers.status_kb(pid, "RssShmem")


def temporary_files(bench):
    """Of all requests so far, and of some that are as large as requests become."""
    what = f"bodies in temporary files, requests up to {LARGE / 1e6:g} MB"
    if not bench.ours:
        return not_measured(what, "no `telltale gateway` in this build", "0")
    bench.load.post(bench.ours, LARGE, "all", connections=4, count=20)
    count = bench.ours.server.error_log().count("buffered to a temporary file")
    return Row(what, str(count), "", "", "0", count == 0)


STEPS = (processor_time, requests_at_rate, delay_of_streams, memory, temporary_files)


def measure_gateway(build, folder, cache, quick=False, million=False):
    """The rows of the table.  Raises Failed."""
    why = peers.missing()
    if why:
        return [not_measured("gateway", why)]
    bench = Bench(build, folder, cache, quick, million)
    os.makedirs(folder, exist_ok=True)
    rows = []
    try:
        bench.start()
        for step in STEPS:
            made = step(bench)
            rows += made if isinstance(made, list) else [made]
    finally:
        bench.stop()
    return rows


def main():
    parser = argparse.ArgumentParser(description="measure the gateway beside plain nginx and its peers")
    parser.add_argument("--quick", action="store_true", help="short rounds, for a first look")
    parser.add_argument("--million", action="store_true", help="a million requests before memory is read again, however long that takes")
    parser.add_argument("build", help="a release build with tests")
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    folder = f"{build}/bench-gateway"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        rows = measure_gateway(build, folder, f"{os.path.dirname(build)}/npm/portkey", args.quick, args.million)
    except Failed as failure:
        sys.exit(f"bench: {failure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_table(rows)


if __name__ == "__main__":
    main()
