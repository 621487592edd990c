# SPDX-License-Identifier: Apache-2.0
"""Providers, or what stands in their place, that answer anything at all.

Every row of the table is what comes over the wire behind a request, byte for byte.  Whatever it is: the worker lives, the client gets an end, and
the request has one record and one outcome that does not claim more than was there.
"""

import gzip
import random
import socket
import struct

from bodies import JSON, MESSAGES, messages
from harness import SSE, Reader, case, connect, message
from tap import expect

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
STREAM = f"HTTP/1.1 200 OK\r\nContent-Type: {SSE}\r\n".encode()
NOISE = random.Random(7).randbytes(200_000)
USAGE = b'{"usage":{"input_tokens":%s,"output_tokens":%s}}'


def whole(body, head=PLAIN):
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def event(data):
    return b"event: message_delta\ndata: " + data + b"\n\n"


# name: what is sent, the end that the record may tell
ANSWERS = {
    "nothing": (b"", "upstream_abort"),
    "noise": (NOISE, None),  # nginx takes it for HTTP/0.9
    "half a head": (PLAIN, "upstream_abort"),
    "a status that is none": (b"HTTP/1.1 abc\r\n\r\n", None),  # so here
    "a head that does not end": (PLAIN + b"X: " + b"a" * 300_000, "upstream_abort"),
    "ten thousand headers": (PLAIN + b"X: y\r\n" * 10_000 + b"Content-Length: 0\r\n\r\n", "upstream_abort"),
    "a NUL in a header": (PLAIN + b"X: a\0b\r\nContent-Length: 0\r\n\r\n", "upstream_abort"),
    "two lengths": (PLAIN + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", None),
    "a length with a sign": (PLAIN + b"Content-Length: -2\r\n\r\n{}", None),
    "more than its length": (whole(b"{}") + NOISE, "complete"),
    "less than its length": (PLAIN + b"Content-Length: 100\r\n\r\n{}", "upstream_abort"),
    "chunks without an end": (STREAM + b"Transfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n", "upstream_abort"),
    "a chunk that overflows": (STREAM + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nx", "upstream_abort"),
    "trailers": (STREAM + b"Transfer-Encoding: chunked\r\n\r\n3\r\n:a\n\r\n0\r\nX-Telltale-Decision: allow\r\n\r\n", None),
    "gzip that nobody asked for": (whole(gzip.compress(USAGE % (b"1", b"2")), PLAIN + b"Content-Encoding: gzip\r\n"), "complete"),
    "gzip that is none": (whole(NOISE, STREAM + b"Content-Encoding: gzip\r\n"), "complete"),
    "events of noise": (whole(NOISE, STREAM), "complete"),
    "events that are only CR": (whole(b"data: {}\r\r" * 1000, STREAM), "complete"),
    "one line of a megabyte": (whole(b"data: " + b"x" * 1_000_000, STREAM), "complete"),
    "brackets without end": (whole(event(b"[" * 500_000), STREAM), "complete"),
    "numbers too large": (whole(event(USAGE % (b"9" * 400, b"1e400")) + event(USAGE % (b"-5", b"18446744073709551616")), STREAM), "complete"),
    "JSON too deep": (whole(b'{"usage":' * 100_000), "complete"),
    "JSON that ends too early": (whole(b'{"usage":{"input_tokens":1'), "complete"),
    "no content": (b"HTTP/1.1 204 No\r\n\r\n" + NOISE, "complete"),
    "an upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + NOISE, None),
    "every X-Accel": (whole(b"{}", PLAIN + b"X-Accel-Redirect: /v1/models\r\nX-Accel-Expires: 100\r\nX-Accel-Limit-Rate: 1\r\nX-Accel-Charset: utf-7\r\n"
                                           b"X-Accel-Buffering: yes\r\n"), "complete"),
}


def play(sock, raw, reset=False):
    """Sends it and closes."""
    try:
        sock.sendall(raw)
    except OSError:
        return False
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def ask(g, server, body=messages()):
    """All bytes of the answer; the gateway closes."""
    with connect(g.ports[server]) as sock:
        sock.sendall(message(MESSAGES, body, [*JSON, ("x-test", "raw"), ("Connection", "close")]))
        return Reader(sock).rest()


def hostile(g, server):
    workers = g.nginx.workers()
    for name, (raw, end) in ANSWERS.items():
        for reset in (False, True):
            g.drain()
            before = len(g.upstream.seen)
            g.upstream.do_raw = lambda sock, *_, raw=raw, reset=reset: play(sock, raw, reset)
            got = ask(g, server)
            expect(got.startswith(b"HTTP/1.1 ") or raw.startswith(got), f"{name}: no answer", got[:300])
            head = got.split(b"\r\n\r\n")[0].lower()
            expect(b"x-accel" not in head, f"{name}: a header passes", head)
            request, outcome = g.begin_and_end()
            expect(request["decision"]["action"] == "allow" and outcome["attempts"] >= 1, f"{name}: record", request, outcome)
            expect(reset or end in (None, outcome["end"]), f"{name}: not {end}", outcome, got[:300])
            expect(len(g.upstream.seen) == before + 1, f"{name}: asked again")
            for kind, count in (outcome.get("usage") or {}).items():
                expect(not isinstance(count, int) or -1 <= count < 1 << 53, f"{name}: {kind}", outcome)
    expect(g.nginx.workers() == workers, "a worker is another one")


@case("providers that answer anything at all")
def answers(g):
    hostile(g, "main")
    hostile(g, "buffering")


@case("providers that answer before they have read, or go away meanwhile")
def early(g):
    class Impatient:
        """Answers at the head of a request and closes."""

        def __init__(self, raw):
            self.raw = raw

        def __call__(self, sock, reader):
            reader.head()
            return play(sock, self.raw, reset=not self.raw)

    kept = g.upstream.one
    try:
        for raw in (whole(b'{"early":true}'), b"", PLAIN + b"Content-Length: 9\r\n\r\n{"):
            g.drain()
            g.upstream.one = Impatient(raw)
            got = ask(g, "main", messages(filler=3_000_000))
            expect(got.startswith(b"HTTP/1.1 200" if raw else b"HTTP/1.1 502") or b" 502 " in got[:20], "no answer", got[:200])
            request, outcome = g.begin_and_end()
            expect(request["id"] == outcome["id"], "records", request, outcome)
    finally:
        g.upstream.one = kept
    expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served after it")
