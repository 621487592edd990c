# SPDX-License-Identifier: Apache-2.0
"""When the gateway itself cannot do its work: rings full or gone, no room for bodies, workers that die."""

import hashlib
import os
import shutil
import threading
import time

import gateways
from bodies import JSON, MESSAGES, TAGS, ZERO_WIDTH, messages
from harness import Reader, case, connect, message, read_answer, until
from tap import expect

sha256 = lambda body: hashlib.sha256(body).hexdigest()


def fill(g, server="main"):
    """Requests until the ring has no room; the statuses."""
    statuses = []
    for _ in range(400):
        statuses.append(g.send(MESSAGES, messages(), JSON, server=server).status)
        if statuses[-1] != 200 or "no room in the ring" in g.nginx.errors():
            return statuses
    return statuses


@case("ring full, failing closed: 503, and nothing goes on; room again: 200", "closed")
def ring_full_closed(g):
    g.drain()
    statuses = fill(g)
    expect(statuses[-1] == 503 and set(statuses[:-1]) == {200}, "not refused", statuses[-3:])
    before = len(g.upstream.seen)
    answer = g.send(MESSAGES, messages(), JSON)
    expect(answer.status == 503 and answer.header("retry-after") and answer.json()["error"]["type"] == "api_error", "not in the dialect", answer)
    expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON).status in (403, 503), "a block needs no room")
    expect(len(g.upstream.seen) == before, "forwarded without a record")
    expect(g.send(MESSAGES, messages(), JSON, server="shadow").status == 200, "shadow must not stop anything")
    # Every request that went on has both records: room for the second was kept.
    records = g.records(2 * statuses.count(200))
    begins = {r["id"] for r in records if r["type"] == "request"}
    ends = {r["id"] for r in records if r["type"] == "outcome"}
    expect(begins <= ends and len(begins) == statuses.count(200), "records", len(begins), len(ends), statuses.count(200))
    expect(len(ends - begins) <= 1, "more than the one in shadow went on without its first record", len(begins), len(ends))
    expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served again")


@case("ring full, failing open: forwarded", "open")
def ring_full_open(g):
    g.drain()
    expect(set(fill(g)) == {200}, "refused")
    expect("no room in the ring" in g.nginx.errors(), "the ring was never full")
    body = messages()
    answer = g.send(MESSAGES, body, JSON)
    expect(answer.status == 200 and answer.json()["sha256"] == sha256(body), "not forwarded", answer)
    expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON).status == 403, "open does not mean that the policy is off")
    g.drain()


def budgeted(amount):
    """Fails open, with the smallest ring, and a budget that blocks."""
    budget = ("budgets:\n  - id: all-of-it\n    team: all\n    amount: %s\n    from: 2026-01-01\n    period: month\n    at_limit: block\n" % amount)
    return gateways.Gateway({"main": gateways.LOCATION}, policy=gateways.POLICY.replace("gateway:\n", budget + "gateway:\n") + "  on_error: open\n", rings="128k").start()


def stopped(g):
    bad = g.stop()
    expect(not bad, "the log has alerts", *bad)


@case("ring full, failing open: what goes on counts against its budget all the same", None)
def ring_full_budget():
    g = budgeted("0.26")
    statuses = []
    while len(statuses) < 1500 and statuses[-1:] != [429]:
        statuses.append(g.send(MESSAGES, messages(), JSON).status)
    expect("no room in the ring" in g.nginx.errors(), "the ring was never full", statuses)
    expect(statuses[-1] == 429 and set(statuses[:-1]) == {200}, "never refused", len(statuses), set(statuses))
    records = [r for r in g.records(2) if r["type"] in ("request", "outcome")]
    known = {r["id"] for r in records}
    charge = next(r["charge"] for r in records if r["type"] == "outcome")
    # Nobody collects here: what is recorded stays reserved, and what is not is charged what it cost.
    used = len(known) * charge["reserved"] + (len(statuses) - 1 - len(known)) * charge["cost"]
    expect(260000 - 2 * charge["reserved"] < used <= 260000, "another sum than fits", used, len(known), len(statuses))
    expect(len(known) < len(statuses) - 20, "all were recorded")
    stopped(g)


@case("ring full, failing open: an outcome for which there is room again is recorded, and what it cost is charged by it", None)
def ring_full_outcome():
    g = budgeted("100")
    fill(g)
    held = []
    caller = threading.Thread(target=lambda: held.append(g.send(MESSAGES, messages(stream=True), [*JSON, ("x-test", "sse 20 0 hold")])))
    seen = len(g.upstream.seen)
    caller.start()
    until(lambda: len(g.upstream.seen) > seen, "the call is under way")
    g.drain()
    g.upstream.gate.set()
    caller.join()
    records = g.records(1)
    expect([r["type"] for r in records] == ["outcome"] and records[0]["charge"]["cost"] > 0 and records[0]["charge"]["reserved"] > 0, "record", records)
    stopped(g)


@case("a ring that an earlier configuration left smaller is not used", None)
def smaller_ring():
    g = gateways.Gateway({"main": gateways.LOCATION}, rings="128k").start()
    sizes = lambda: [path.stat().st_size >> 10 for path in sorted(g.nginx.rings.glob("ring.*"))]
    expect(g.send(MESSAGES, messages(), JSON).status == 200 and sizes() == [128 + 64], "the first", sizes())
    for _ in range(2):
        g.drain()
        g.configure(rings="512k")
        g.nginx.reload()
        statuses = [g.send(MESSAGES, messages(), JSON).status for _ in range(250)]
        expect(set(statuses) == {200}, "a ring of the old size is in use", set(statuses), sizes())
        expect("no room in the ring" not in g.nginx.errors(), "records are lost")
    expect(set(sizes()) == {128 + 64, 512 + 64}, "sizes", sizes())
    stopped(g)


@case("room for bodies is limited: 503, then free again", "closed")
def body_memory(g):
    g.drain()
    large = messages(filler=400_000)
    with connect(g.port) as sock:
        sock.sendall(message(MESSAGES, large, JSON)[:-10])
        until(lambda: g.nginx.workers(), "a worker")
        time.sleep(0.1)
        answer = g.send(MESSAGES, large, JSON)
        expect(answer.status == 503 and answer.header("retry-after") == "1", "no limit", answer)
        expect(g.send(MESSAGES, messages(), JSON).status == 200, "small ones have room")
        sock.sendall(large[-10:])
        expect(read_answer(Reader(sock)).status == 200, "the first has its room")
    expect(g.send(MESSAGES, large, JSON).status == 200, "the room was not given back")
    g.drain()


@case("a client that leaves in the middle of its body gives its room back", "closed")
def body_memory_abort(g):
    large = messages(filler=400_000)
    for _ in range(5):
        with connect(g.port) as sock:
            sock.sendall(message(MESSAGES, large, JSON)[:-10])
            time.sleep(0.02)
    until(lambda: g.send(MESSAGES, large, JSON).status == 200, "room again")
    g.drain()


@case("garbage, failing closed: refused; failing open: the same words for what is no request of the API", "open")
def garbage_open(g):
    g.drain()
    for body in (b"garbage", b"\x00\xff" * 50_000, b"[" * 100_000):
        answer = g.send(MESSAGES, body, JSON)
        begin = g.begin_and_end()[0]
        expect(answer.status in (200, 400), "neither forwarded nor refused", answer)
        expect(answer.status == 400 or begin["not_inspected"], "forwarded and called inspected", begin)
        expect(answer.status == 400 or answer.json()["sha256"] == sha256(body), "changed", answer)


@case("slow senders and broken requests leave the worker well")
def broken_requests(g):
    worker = g.nginx.workers()
    for raw in (b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", b"\x16\x03\x01\x02\x00", b"POST / HTTP/9.9\r\n\r\n",
                b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"GET " + b"/" * 9000 + b" HTTP/1.1\r\n\r\n"):
        with connect(g.port) as sock:
            sock.sendall(raw)
            time.sleep(0.01)
    expect(g.send(MESSAGES, messages(), JSON).status == 200 and g.nginx.workers() == worker, "the worker is another one")


@case("a slow body of a byte at a time, beside others")
def slow_loris(g):
    body = messages()
    raw = message(MESSAGES, body, JSON)
    socks = [connect(g.port) for _ in range(20)]
    for sock in socks:
        sock.sendall(raw[:-30])
    expect(g.send(MESSAGES, body, JSON).status == 200, "others wait")
    for i in range(len(raw) - 30, len(raw)):
        for sock in socks:
            sock.sendall(raw[i : i + 1])
    expect([read_answer(Reader(sock)).status for sock in socks] == [200] * 20, "slow ones are not served")
    for sock in socks:
        sock.close()


@case("100 MB where the limit allows it: blocked, refused, forwarded", None)
def hundred_megabytes():
    g = gateways.Gateway({"main": "client_max_body_size 110m; client_body_buffer_size 128m;" + gateways.LOCATION}).start()
    try:
        text = "A line of a very long tool result that says nothing.\\n" * 1024
        body = messages(ZERO_WIDTH, tail="X").replace(b'"X"', b"[" + b",".join([b'"' + text.encode() + b'"'] * 1900) + b"]")
        expect(100_000_000 < len(body) < 110_000_000, "length", len(body))
        expect(g.send(MESSAGES, body, JSON).status == 403, "not blocked")
        clean = body.replace(ZERO_WIDTH.encode(), b"password")
        expect(g.send(MESSAGES, clean[:-1], JSON).status == 400, "not refused")
        expect(g.send(MESSAGES, clean, JSON).json()["sha256"] == sha256(clean), "not forwarded")
        expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served after it")
    finally:
        bad = g.stop()
    expect(not bad, "the log has alerts", *bad)


@case("no folder for rings: the fail mode, and a word in the log", None)
def no_rings():
    for on_error, status in (("closed", 503), ("open", 200)):
        g = gateways.Gateway({"main": gateways.LOCATION}, policy=gateways.POLICY + f"  on_error: {on_error}\n")
        shutil.rmtree(g.nginx.rings)
        g.start()
        try:
            expect(g.send(MESSAGES, messages(), JSON).status == status, on_error)
        finally:
            bad = g.stop()
        expect(len(bad) == 1 and "no ring" in bad[0], "what the log says", *bad)


@case("kill -9 of workers under load: each forwarded request has one first record", None)
def kill_workers():
    g = gateways.Gateway({"main": gateways.LOCATION}, main="worker_processes 2;").start()
    stop, failures = threading.Event(), []

    def load():
        n = 0
        while not stop.is_set():
            n += 1
            try:
                g.send(MESSAGES, messages(f"x{TAGS}{n}"), [*JSON, ("x-test", "sse 2 0.002 done" if n % 2 else "echo")])
            except (OSError, EOFError, IndexError) as error:
                failures.append(error)

    records, collecting = [], threading.Event()

    def collect():
        while not collecting.is_set():
            records.extend(g.nginx.records())
            time.sleep(0.02)

    threads = [threading.Thread(target=load, daemon=True) for _ in range(4)] + [threading.Thread(target=collect, daemon=True)]
    for thread in threads:
        thread.start()
    try:
        for n in range(12):
            time.sleep(0.08)
            workers = g.nginx.workers()
            if workers:
                os.kill(workers[n % len(workers)], 9)
            if n == 6:
                g.nginx.signal("SIGHUP")
    finally:
        stop.set()
        for thread in threads[:4]:
            thread.join()
        until(lambda: len(g.nginx.workers()) == 2, "two workers")
        bad = [line for line in g.nginx.errors().splitlines() if "[alert]" in line and "exited on signal 9" not in line]
        collecting.set()
        threads[4].join()
        records += g.nginx.records()
        g.stop()
    expect(not bad, "the log has alerts", *bad)
    begins = [r["id"] for r in records if r["type"] == "request"]
    ends = [r["id"] for r in records if r["type"] == "outcome"]
    expect(not [r for r in records if r["type"] == "loss"], "records were lost")
    expect(len(set(begins)) == len(begins) >= len(g.upstream.seen) > 100, "records and requests", len(begins), len(g.upstream.seen))
    expect(set(ends) <= set(begins) and len(set(ends)) == len(ends), "outcomes without a request")


@case("many requests: the worker's memory stays as it is")
def flat(g):
    worker = g.nginx.workers()[0]

    def resident():
        """Without the ring, whose pages come as they are written to."""
        with open(f"/proc/{worker}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("RssAnon:"))

    bodies = [messages(filler=20_000), messages(f"x{TAGS}y", filler=20_000), messages(ZERO_WIDTH), b"garbage", messages("y" * 60_000)]

    def many(count):
        with connect(g.port) as sock:
            reader = Reader(sock)
            for n in range(count):
                sock.sendall(message(MESSAGES, bodies[n % len(bodies)], JSON, coding="chunked" if n % 3 == 0 else None))
                read_answer(reader)
                if n % 100 == 0:
                    g.read()

    # nginx closes a connection after 1000 requests.
    many(900)
    before = resident()
    for _ in range(3):
        many(900)
    expect(resident() <= before * 1.05 + 512, "kB before and after", before, resident())
    g.drain()
    g.upstream.seen.clear()
