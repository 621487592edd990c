#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gateway under load while it is reloaded every second, and while its workers are killed: no request fails over a reload, no record is lost.

    soak.py TELLTALE UPSTREAM LOAD SECONDS

UPSTREAM and LOAD are the programs of tests/bench.  The upstream numbers what it answers, so that records can be counted against answers.
SECONDS is for the reloads; kills take less than half of that.  Prints TAP.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter

sys.dont_write_bytecode = True  # the source folder stays as it is
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench"))

from gateway_material import Material
from running import Failed, Gateway, Upstream, nginx_program, wait_until
from tap import Tap, expect, skip_all

BODY = 30_000
RATE, CLOSING_RATE = 150, 30  # requests a second on connections that stay, and on one connection each
STREAMS = 4  # at any time
STREAM_EVENTS, STREAM_EVERY_MS = 25, 60  # of one stream: longer than the time between two reloads
SEED = 20260509

POLICY = """
telltale_policy: 1
id: soak-{number}
owner: soak@example.com
default:
  model: approved
  software: approved
  route: approved
marks:
  - id: tags
    channel: tags
    action: block
gateway:
  identity: [api-key, address]
"""


class Load:
    """Load programs that run beside each other.  slow: answers take a tenth of a second, and a broken stream does not end its program."""

    def __init__(self, program, port, body, seconds, slow=False):
        streams = max(1, int(seconds / (STREAM_EVENTS * STREAM_EVERY_MS / 1000)))
        path = "/v1/messages?events=2&every_ms=30" if slow else "/v1/messages"
        post = [program, "post", "--seconds", str(seconds), "--path", path]
        target = [str(port), body]
        commands = [
            [*post, "--connections", "16", "--rate", str(RATE), *target],
            [*post, "--connections", "8", "--rate", str(CLOSING_RATE), "--close", *target],
        ]
        sse = [program, "sse", "--pairs", str(streams), "--events", str(STREAM_EVENTS), "--every-ms", str(STREAM_EVERY_MS), str(port)]
        sse += ["--go-on"] if slow else []
        commands += [sse] * STREAMS
        self.running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for command in commands]

    def wait(self, seconds):
        """Returns what the programs said: of posts their results, of streams None, or the message with which one ended."""
        results = []
        for process in self.running:
            try:
                out, err = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                err += "did not end"
            value = json.loads(out) if process.returncode == 0 else None
            results.append((value, err.strip() if process.returncode else ""))
        return results

    def stop(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.wait()


class Stage:
    def __init__(self, telltale, upstream, load, folder):
        self.load_program, self.folder = load, folder
        self.body = f"{folder}/body"
        Material(BODY).write(self.body)
        self.upstream = Upstream(upstream, folder)
        try:
            upstreams = {"provider-anthropic": f"http://127.0.0.1:{self.upstream.port}"}
            self.gateway = Gateway(telltale, f"{folder}/gateway", POLICY.format(number=0), upstreams, "--workers", "2")
        except Failed:
            self.upstream.stop()
            raise

    def answered(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.upstream.port}/count", timeout=10) as answer:
            return json.load(answer)["requests"]

    def stop(self):
        self.gateway.stop()
        self.upstream.stop()

    def records(self):
        """What the ledger has once the gateway has ended, by kind."""
        with sqlite3.connect(f"file:{self.gateway.state}/ledger.db?mode=ro", uri=True) as ledger:
            rows = [json.loads(text) for (text,) in ledger.execute("SELECT json FROM record ORDER BY seq")]
        found = {"request": [], "outcome": [], "loss": []}
        for row in rows:
            found.setdefault(row["type"], []).append(row)
        return found


class Records:
    """What every run has to satisfy, however it went."""

    def __init__(self, stage):
        found = stage.records()
        self.requests, self.outcomes, losses = found["request"], found["outcome"], found["loss"]
        expect(not losses, "losses:", losses[:3])
        for name, rows in (("request", self.requests), ("outcome", self.outcomes)):
            twice = [ident for ident, count in Counter(row["id"] for row in rows).items() if count > 1]
            expect(not twice, f"{len(twice)} requests have two records of kind {name}:", twice[:3])
        without = {row["id"] for row in self.requests} ^ {row["id"] for row in self.outcomes}
        expect(not without, f"{len(without)} requests without an outcome, or outcomes without a request")
        self.ends = Counter(row["end"] for row in self.outcomes)
        self.answers = {row["response_id"] for row in self.outcomes if row.get("response_id")}


def say(*words):
    print("#", *words, flush=True)


def reloads(stage, seconds):
    """No request fails, and each has its record."""
    load = Load(stage.load_program, stage.gateway.port, stage.body, seconds)
    end, count = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            time.sleep(1)
            count += 1
            stage.gateway.write_policy(POLICY.format(number=count))
            code, said = stage.gateway.command("reload")
            expect(code == 0, f"reload {count}: exit {code}:", said)
        results = load.wait(60)
    finally:
        load.stop()
    posts = [value for value, _ in results[:2] if value]
    sent, failed, retried = (sum(post[key] for post in posts) for key in ("requests", "failed", "retried"))
    say(f"{count} reloads, {sent} requests, {failed} failed, {retried} sent again on a connection that was being closed; "
        f"{STREAMS} streams at any time; p99 {max(post['p99_us'] for post in posts) / 1000:.1f} ms")
    said = [why for _, why in results if why]
    expect(not said, "a load program ended:", "; ".join(said))
    expect(failed == 0 and sent > 0, failed, "requests failed of", sent, [post["statuses"] for post in posts])
    stage.answers = stage.answered()
    stage.gateway.stop()
    records = Records(stage)
    say(f"{stage.answers} answered by the upstream; {len(records.requests)} request records, ends {dict(records.ends)}, "
        f"{len({row['policy'] for row in records.requests})} policies")
    expect(len(records.requests) == stage.answers, len(records.requests), "records for", stage.answers, "answers")
    expect(set(records.ends) == {"complete"}, "ends", dict(records.ends))
    missing = {f"msg_{number}" for number in range(1, stage.answers + 1)} ^ records.answers
    expect(not missing, len(missing), "answers are not named by exactly one outcome")
    alarms = [line for line in stage.gateway.error_log().splitlines() if "[alert]" in line or "[crit]" in line or "[emerg]" in line]
    expect(not alarms, "error log:", alarms[:3])


def kills(stage, seconds):
    """Requests that a killed worker had fail, but what was forwarded has its record, and an end."""
    chance = random.Random(SEED)
    load = Load(stage.load_program, stage.gateway.port, stage.body, seconds, slow=True)
    end, count = time.monotonic() + seconds - 1, 0
    try:
        while time.monotonic() < end:
            time.sleep(0.4)
            workers = stage.gateway.workers()
            if workers:
                os.kill(chance.choice(workers), signal.SIGKILL)
                count += 1
        results = load.wait(60)
    finally:
        load.stop()
    wait_until(lambda: len(stage.gateway.workers()) == 2, "new workers")
    answers = stage.answered()
    stage.gateway.stop()
    records = Records(stage)
    posts = [value for value, _ in results[:2] if value]
    lost = records.ends["worker_lost"]
    say(f"{count} workers killed, {sum(post['requests'] for post in posts)} requests answered with 200, {sum(post['failed'] for post in posts)} failed; "
        f"{answers} answered by the upstream; {len(records.requests)} request records, ends {dict(records.ends)}")
    expect(count > 0 and len(posts) == 2, "load programs ended:", [why for _, why in results if why])
    expect(len(records.requests) >= answers, len(records.requests), "records for", answers, "answers")
    unnamed = {f"msg_{number}" for number in range(1, answers + 1)} - records.answers
    expect(len(unnamed) <= lost, len(unnamed), "answers without an outcome that names them, and", lost, "workers' losses")
    expect(len(records.requests) - answers <= lost, "more records than answers and losses")
    expect(set(records.ends) <= {"complete", "worker_lost", "upstream_abort", "client_abort"}, "ends", dict(records.ends))


def on_stage(function, seconds, *programs):
    with tempfile.TemporaryDirectory(prefix="telltale-soak-") as folder:
        os.chmod(folder, 0o755)
        stage = Stage(*programs, folder)
        try:
            function(stage, seconds)
        finally:
            stage.stop()


def main():
    telltale, upstream, load = map(os.path.abspath, sys.argv[1:4])
    seconds = float(sys.argv[4])
    if not nginx_program():
        skip_all("nginx is not there")
    if not Gateway.supported(telltale):
        skip_all("this build has no gateway")
    if subprocess.run([telltale, "ledger", "--help"], capture_output=True, timeout=30, check=False).returncode != 0:
        skip_all("this build has no ledger")
    tap = Tap()
    tap.run("reload every second: no request fails, no record is lost", on_stage, reloads, seconds, telltale, upstream, load)
    tap.run("kill -9 of workers: what was forwarded has a record and an end", on_stage, kills, seconds * 0.4, telltale, upstream, load)
    tap.end()


if __name__ == "__main__":
    main()
