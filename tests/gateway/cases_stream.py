# SPDX-License-Identifier: Apache-2.0
"""Answers pass as they come: untouched, undelayed, metered; and what is recorded when one of the two ends leaves."""

import struct
import socket
import subprocess
import time

from bodies import JSON, MESSAGES, messages
from harness import Reader, anthropic_events, case, connect, message, until
from tap import expect

STREAM = messages(stream=True)
ALL = b"".join(anthropic_events())


def asked(words):
    return [*JSON, ("x-test", "sse " + words)]


def is_metered(end, source="reported"):
    usage = end["usage"]
    expect(usage["source"] == source and usage["input_total"] == 16 and usage["input_cached"] == 3, "usage", end)
    if source == "reported":
        expect(usage["output_total"] == 42 and end["model"] == "claude-test-1" and end["response_id"] == "msg_1", "usage", end)


@case("events pass untouched, whether nginx buffers or not, and are metered")
def untouched(g):
    for server in ("main", "buffering"):
        for words in ("20 0 done", "20 0 close", "0 0 done", "300 0 done"):
            g.drain()
            answer = g.send(MESSAGES, STREAM, asked(words), server=server)
            want = b"".join(anthropic_events(int(words.split()[0])))
            expect(answer.status == 200 and answer.complete and answer.body == want, f"{server} {words}: changed", answer)
            begin, end = g.begin_and_end()
            expect(begin["stream"] is True and end["end"] == "complete", "record", begin, end)
            is_metered(end)


@case("events that are split at every byte")
def split(g):
    for size in (1, 2, 3, 7, 64):
        g.drain()
        answer = g.send(MESSAGES, STREAM, asked(f"20 0 done {size}"))
        expect(answer.body == ALL, f"pieces of {size}: changed", answer)
        is_metered(g.begin_and_end()[1])


@case("events over HTTP/2")
def http2(g):
    for server in ("h2", "h2-buffering"):
        g.drain()
        done = subprocess.run(["curl", "-sSN", "--http2-prior-knowledge", "-H", "x-test: sse 20 0 done", "-H", "Content-Type: application/json",
                               "--data-binary", "@-", f"http://127.0.0.1:{g.ports[server]}{MESSAGES}"], input=STREAM, capture_output=True, timeout=20)
        expect(done.returncode == 0 and done.stdout == ALL, "changed", done)
        is_metered(g.begin_and_end()[1])


@case("an event arrives when it was sent, not with the next")
def prompt(g):
    for server in ("main", "buffering"):
        with connect(g.ports[server]) as sock:
            sock.sendall(message(MESSAGES, STREAM, asked("9 step done")))
            reader = Reader(sock)
            for event in anthropic_events(9):
                expect((reader.until(b"\n\n") + b"\n\n").endswith(event), "not this event", event)
                g.upstream.seen_event.release()  # the next is sent now, and not before


@case("an answer that is no stream is metered")
def plain_json(g):
    g.drain()
    answer = g.send(MESSAGES, messages(), [*JSON, ("x-test", "json")])
    expect(answer.status == 200 and answer.json()["id"] == "msg_2", "changed", answer)
    end = g.begin_and_end()[1]
    expect(end["usage"] == {**end["usage"], "input_total": 7, "output_total": 5, "source": "reported"}, "usage", end)


@case("an error event behind status 200 passes")
def error_event(g):
    g.drain()
    answer = g.send(MESSAGES, STREAM, [*JSON, ("x-test", "error_event")])
    expect(answer.status == 200 and b"overloaded_error" in answer.body and answer.complete, "changed", answer)
    expect(g.begin_and_end()[1]["end"] == "complete", "record")


@case("the client leaves: recorded as such, with an estimate")
def client_leaves(g):
    for server, reset in (("main", False), ("main", True), ("buffering", False)):
        g.drain()
        with connect(g.ports[server]) as sock:
            sock.sendall(message(MESSAGES, STREAM, asked("20 0.005 hold")))
            reader = Reader(sock)
            reader.until(b"word 5")
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        begin, end = g.begin_and_end()
        expect(end["end"] == "client_abort" and end["status"] in (200, 499), "record", end)
        is_metered(end, "estimated" if end["usage"]["source"] == "estimated" else "derived")
        expect(end["usage"]["output_total"] > 1, "no estimate", end)


@case("the client leaves before the answer begins")
def client_leaves_early(g):
    g.drain()
    with connect(g.port) as sock:
        sock.sendall(message(MESSAGES, STREAM, [*JSON, ("x-test", "stall")]))
        until(lambda: g.upstream.seen and g.upstream.seen[-1]["body"] == STREAM, "forwarded")
        time.sleep(0.05)
    begin, end = g.begin_and_end()
    expect(end["end"] == "client_abort" and end["status"] == 499, "record", end)


@case("a client of HTTP/2 leaves")
def http2_leaves(g):
    g.drain()
    process = subprocess.Popen(["curl", "-sSN", "--http2-prior-knowledge", "-H", "x-test: sse 20 0.005 hold", "-H", "Content-Type: application/json",
                                "--data-binary", "@-", f"http://127.0.0.1:{g.ports['h2']}{MESSAGES}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(STREAM)
    process.stdin.close()
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    expect(g.begin_and_end()[1]["end"] == "client_abort", "record")


@case("the provider breaks off: recorded as such")
def provider_breaks(g):
    for server in ("main", "buffering"):
        g.drain()
        answer = g.send(MESSAGES, STREAM, asked("20 0 reset"), server=server)
        expect(answer.status == 200 and not answer.complete, "the client cannot tell", answer)
        end = g.begin_and_end()[1]
        expect(end["end"] == "upstream_abort" and end["usage"]["source"] != "reported", "record", end)


@case("the first byte's time is that of the first byte")
def first_byte(g):
    g.drain()
    g.send(MESSAGES, STREAM, asked("8 0.02 done"))
    end = g.begin_and_end()[1]
    expect(end["first_byte_ms"] < 100 < end["total_ms"], "times", end)
