# SPDX-License-Identifier: Apache-2.0
"""nginx goes on: reloads, a new module, a policy that is wrong, while streams run."""

import os
import pathlib
import shutil
import threading

import gateways
from bodies import JSON, MESSAGES, ZERO_WIDTH, messages
from harness import Reader, anthropic_events, case, connect, message, read_answer, until
from tap import expect

EVENTS = b"".join(anthropic_events(40))


class Stream(threading.Thread):
    """A stream of 40 events, 20 ms apart, that runs beside what the case does."""

    def __init__(self, g):
        super().__init__(daemon=True)
        self.sock = connect(g.port)
        self.sock.sendall(message(MESSAGES, messages(stream=True), [*JSON, ("x-test", "sse 40 0.02 done")]))
        self.reader, self.answer = Reader(self.sock), None
        until(lambda: self.reader.buffer or not self.reader.more(), "the stream begins")
        self.start()

    def run(self):
        self.answer = read_answer(self.reader)
        self.sock.close()

    def check(self):
        self.join()
        expect(self.answer.complete and self.answer.body == EVENTS, "the stream was disturbed", self.answer)


def gateway(**how):
    return gateways.Gateway({"main": gateways.LOCATION}, **how)


def finish(g):
    bad = g.stop()
    expect(not bad, "the log has alerts", *bad)


@case("HUP three times in a stream", None)
def reload():
    g = gateway().start()
    try:
        stream = Stream(g)
        for _ in range(3):
            g.nginx.reload()
            expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served after a reload")
        stream.check()
        until(lambda: len(g.nginx.children(g.nginx.pid)) == 1, "old workers are gone")
        records = g.records(8)
        expect(len([r for r in records if r["type"] == "request"]) == 4 and all(r.get("end", "complete") == "complete" for r in records),
               "records", records)
    finally:
        finish(g)


@case("HUP with another policy takes it; one that is wrong leaves the old one", None)
def reload_policy():
    g = gateway().start()
    try:
        body = messages(ZERO_WIDTH)
        expect(g.send(MESSAGES, body, JSON).status == 403, "not blocked")
        g.nginx.write("policy.yaml", gateways.POLICY.replace("action: block", "action: blok"))
        code, words = g.nginx.check()
        expect(code != 0 and "policy.yaml:23:13: error: " in words, "nginx -t says", words)
        before = g.nginx.workers()
        g.nginx.signal("SIGHUP")
        until(lambda: "policy.yaml:23:13: error: " in g.nginx.errors(), "the log says why")
        expect(g.nginx.workers() == before and g.send(MESSAGES, body, JSON).status == 403, "the old policy is gone")
        g.nginx.write("policy.yaml", gateways.POLICY.replace("action: block", "action: report"))
        g.nginx.reload()
        expect(g.send(MESSAGES, body, JSON).status == 200, "the new policy is not taken")
    finally:
        bad = [line for line in g.stop() if "policy.yaml" not in line]
    expect(not bad, "the log has alerts", *bad)


@case("a new module: HUP does not load it, USR2 and QUIT do, in a stream", None)
def upgrade():
    g = gateway()
    module = g.nginx.folder / "module.so"
    shutil.copy(gateways.MODULE, module)
    g.nginx.module = module
    g.configure()
    g.start()

    def inode(pid):
        return {line.split()[4] for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines() if "module.so" in line}

    try:
        stream = Stream(g)
        old, first = g.nginx.pid, inode(g.nginx.workers()[0])
        shutil.copy(gateways.MODULE, g.nginx.folder / "module.new")
        os.replace(g.nginx.folder / "module.new", module)
        g.nginx.reload()
        expect(inode(g.nginx.workers()[0]) == first, "HUP loaded it after all")
        g.nginx.signal("SIGUSR2")
        until(lambda: (g.nginx.folder / "nginx.pid.oldbin").exists() and (g.nginx.folder / "nginx.pid").exists() and g.nginx.pid != old
              and g.nginx.workers(), "the new master runs")
        expect(inode(g.nginx.workers()[0]) != first, "the old module is mapped")
        g.nginx.signal("SIGQUIT", old)
        expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served")
        stream.check()
        until(lambda: not pathlib.Path(f"/proc/{old}/exe").exists(), "the old master ends")
        expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON).status == 403, "not inspected any more")
        records = g.records(6)
        expect(len({r["id"] for r in records if r["type"] == "request"}) == 3, "records", records)
    finally:
        finish(g)


@case("QUIT lets a stream end", None)
def graceful_end():
    g = gateway().start()
    stream = Stream(g)
    until(lambda: g.upstream.seen, "forwarded")
    bad = g.nginx.stop(fast=False)
    stream.check()
    g.upstream.close()
    records = [r["type"] for r in g.nginx.records()]
    g.nginx.remove()
    expect(not bad and records == ["request", "outcome", "gone"], "the end", *bad, records)


@case("nginx -t while another nginx serves the same ports", None)
def check_beside():
    g = gateway().start()
    try:
        expect(g.nginx.check()[0] == 0, "refused", g.nginx.check()[1])
        expect(g.send(MESSAGES, messages(), JSON).status == 200, "not served")
    finally:
        finish(g)
