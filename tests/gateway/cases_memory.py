# SPDX-License-Identifier: Apache-2.0
"""Each request for memory of a worker fails once, while it serves each kind of request."""

import contextlib
import gzip
import hashlib
import mmap
import struct

import gateways
from bodies import CHAT, JSON, MESSAGES, TAGS, ZERO_WIDTH, chat, messages
from harness import anthropic_events, case, sanitizer
from tap import expect

sha256 = lambda body: hashlib.sha256(body).hexdigest()
MARKED = messages(f"x{TAGS}y", filler=30_000)
CLEAN = MARKED.replace(TAGS.encode(), b"")
STREAM = messages(stream=True)
GZIP = [*JSON, ("Content-Encoding", "gzip")]

# Name: path, body, headers, how it is sent, the status that it has when nothing fails, and what alone may reach the provider.
KINDS = {
    "allowed": (MESSAGES, CLEAN, [*JSON, ("x-api-key", "k")], {}, 200, CLEAN),
    "normalised": (MESSAGES, MARKED, JSON, {}, 200, CLEAN),
    "normalised, chunked": (MESSAGES, MARKED, JSON, {"coding": "chunked"}, 200, CLEAN),
    "normalised, from a file": (MESSAGES, MARKED, JSON, {"server": "file"}, 200, CLEAN),
    "normalised, gzip": (MESSAGES, gzip.compress(MARKED, mtime=0), GZIP, {}, 200, CLEAN),
    "normalised often": (MESSAGES, messages(f"x{TAGS} " * 40), JSON, {}, 200, messages("x " * 40)),
    "gzip": (MESSAGES, gzip.compress(CLEAN, mtime=0), GZIP, {}, 200, gzip.compress(CLEAN, mtime=0)),
    "blocked": (CHAT, chat(ZERO_WIDTH), JSON, {}, 403, None),
    "blocked by its model": (MESSAGES, messages(model="forbidden-1"), JSON, {}, 403, None),
    "no JSON": (MESSAGES, b"garbage", JSON, {}, 400, None),
    "too large": (MESSAGES, messages("x" * 4_300_000), JSON, {}, 413, None),
    "unknown call": ("/v1/other", b"{}", JSON, {}, 404, None),
    "a stream": (MESSAGES, STREAM, [*JSON, ("x-test", "sse 5 0 done")], {}, 200, STREAM),
}


class Failing:
    """A gateway of which a test fails the n-th request for memory."""

    def __init__(self):
        servers = {"main": gateways.LOCATION, "file": "client_body_buffer_size 8k;" + gateways.LOCATION}
        # Small pools ask more often.
        self.g = gateways.Gateway(servers, "connection_pool_size 256; request_pool_size 256; keepalive_timeout 0;")
        self.file = open(self.g.nginx.folder / "fail", "w+b")
        self.file.write(struct.pack("ll", -1, 0))
        self.file.flush()
        self.numbers = mmap.mmap(self.file.fileno(), 16)
        self.g.nginx.more = {"LD_PRELOAD": gateways.FAIL_ALLOC, "TT_FAIL_FILE": self.file.name}
        self.g.start()
        self.worker = self.g.nginx.workers()

    def arm(self, n):
        self.numbers[:] = struct.pack("ll", n, 0)

    def left(self):
        return struct.unpack("ll", self.numbers[:])[0]

    def close(self):
        bad = self.g.stop()
        self.numbers.close()
        self.file.close()
        return [line for line in bad if "(12: Cannot allocate memory)" not in line]


def sweep(failing, name):
    path, body, headers, how, status, may_arrive = KINDS[name]
    g, n = failing.g, 0
    while True:
        before = len(g.upstream.seen)
        failing.arm(n)
        answer = None
        with contextlib.suppress(OSError, EOFError, IndexError):  # a connection that is closed is an answer, too
            answer = g.send(path, body, headers, **how)
        survived = failing.left() >= 0
        failing.arm(-1)
        expect(g.nginx.workers() == failing.worker, f"request {n} for memory: the worker ended")
        for seen in g.upstream.seen[before:]:
            expect(seen["body"] == may_arrive, f"request {n} for memory: something else was forwarded", seen["line"], seen["body"][:300])
        allowed = {status, 500, 502, 503}
        expect(not answer or answer.status in allowed, f"request {n} for memory", answer)
        if survived:
            expect(answer and answer.status == status and answer.complete, f"after {n} requests for memory", answer)
            return n
        n += 1
        expect(n < 2000, "it does not end")


@case("memory: each request for it fails once, for each kind of request", None)
def memory():
    if sanitizer():
        return
    failing = Failing()
    try:
        for name in KINDS:
            count = sweep(failing, name)
            expect(count > 10, f"{name}: memory was asked for only {count} times")
        for name, (path, body, headers, how, status, _) in KINDS.items():
            answer = failing.g.send(path, body, headers, **how)
            expect(answer.status == status, f"{name}: not as before", answer)
        answer = failing.g.send(MESSAGES, STREAM, [*JSON, ("x-test", "sse 5 0 done")])
        expect(answer.body == b"".join(anthropic_events(5)), "the stream", answer)
        failing.g.drain()
    finally:
        bad = failing.close()
    expect(not bad, "the log has alerts", *bad[:5])
