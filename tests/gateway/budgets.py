#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Budgets at a running gateway: reserved before, settled after, refused at the limit, and right again after kills, restarts and steps of the clock.
Prints TAP.

    budgets.py TELLTALE MODULE STEP_CLOCK [CASE]...
"""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True  # the source folder stays as it is
from running import Gateway, nginx_program, sanitized_nginx, sanitizers_said, wait_until
from stage import Answers, ModelApi, run_cases
from tap import Skip, expect, skip_all

# Of the catalogue, in micro-USD: 3 a token of input, 15 of output.  A call asks for as much as its answer costs, and a little more.
MODEL, COST = "claude-sonnet-4-5", 20000 * 3 + 16000 * 15
USAGE = {"input_tokens": 20000, "output_tokens": 16000}
MAX_TOKENS = 20000
POLICY = """telltale_policy: 1
id: budgets
owner: test@example.com
default:
  model: approved
  software: approved
  route: approved
budgets:
  - id: all-of-it
    team: all
    amount: {amount}
    from: 2026-01-01
    period: month
    at_limit: {at_limit}
"""
cases = []


def case(name):
    return lambda function: cases.append((name, function)) or function


class Model(Answers):
    """Answers with USAGE, or with nothing for as long as the test wants."""

    def do_POST(self):
        body = self.body()
        if b"wait" in body:
            self.server.go_on.wait(20)
        answer = {"id": "msg_1", "type": "message", "role": "assistant", "model": MODEL, "content": [], "stop_reason": "end_turn", "usage": USAGE}
        out = json.dumps(answer).encode()
        self.send(500 if b"fail" in body else 200, b"{}".ljust(len(out)) if b"fail" in body else out)


class Place:
    """A gateway, and a model API behind it, in a folder of their own."""

    def __init__(self, telltale, module, amount, at_limit="block", more=()):
        self.telltale, self.module, self.more = telltale, module, more
        self.folder = tempfile.mkdtemp(prefix="telltale-budgets-")
        os.chmod(self.folder, 0o755)
        self.server = ModelApi(Model)
        self.policy = POLICY.format(amount=amount, at_limit=at_limit)
        self.start()

    def start(self):
        upstreams = {"provider-anthropic": self.server.url()}
        self.gateway = Gateway(self.telltale, self.folder, self.policy, upstreams, "--module", self.module, "--workers", "2",
                               *sanitized_nginx(self.folder), *self.more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.go_on.set()
        self.gateway.stop()
        self.server.close()
        said = sanitizers_said(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        expect(not said, said[:1200])

    def post(self, text="hello", path="/v1/messages", **more):
        body = json.dumps({"model": MODEL, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": text}], **more})
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=30)
        try:
            connection.request("POST", path, body, {"content-type": "application/json", "x-api-key": "k"})
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read().decode()
        except (http.client.HTTPException, OSError) as failure:
            return 0, {}, repr(failure)
        finally:
            connection.close()

    def rows(self, kind):
        """Records of the ledger."""
        try:
            with sqlite3.connect(f"file:{self.gateway.state}/ledger.db?mode=ro", uri=True) as ledger:
                table = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%json%' AND sql LIKE '%hash%'").fetchone()[0]
                return [json.loads(row[0]) for row in ledger.execute(f"SELECT json FROM {table} WHERE kind = ? ORDER BY seq", (kind,))]
        except (sqlite3.OperationalError, TypeError):
            return []

    def settled(self, count):
        wait_until(lambda: len(self.rows("outcome")) >= count, f"{count} outcomes in the ledger")
        time.sleep(0.2)  # the accounts follow within the same round
        return self.rows("outcome")


def spent_said(body):
    """What a refusal says: with this call, how much could be spent or reserved."""
    return round(float(re.search(r"with it ([0-9.]+) of", body)[1]) * 1e6)


@case("what answers cost is counted, and the call that does not fit is refused")
def limit(telltale, module):
    with Place(telltale, module, "1.25") as place:
        for n in range(4):
            status, _, body = place.post()
            expect(status == 200, status, body)
            place.settled(n + 1)
        status, headers, body = place.post()
        expect(status == 429, status, body)
        error = json.loads(body)["error"]
        expect(error["type"] == "rate_limit_error" and "all-of-it" in error["message"], body)
        expect(headers["x-should-retry"] == "false", headers)
        expect(0 < int(headers["retry-after"]) <= 31 * 86400, headers)
        rows = place.settled(5)
        expect([row["charge"]["cost"] for row in rows] == [COST] * 4 + [0], rows)
        expect(rows[4]["end"] == "refused" and rows[4]["charge"]["reserved"] == 0, rows[4])
        refused = place.rows("request")[4]
        expect(refused["decision"]["action"] == "refuse" and refused["decision"]["rule"] == "all-of-it", refused)


@case("200 calls at once do not spend more than there is")
def at_once(telltale, module):
    with Place(telltale, module, "10") as place:
        with ThreadPoolExecutor(40) as pool:
            answers = list(pool.map(lambda _: place.post(), range(200)))
        statuses = [answer[0] for answer in answers]
        passed = statuses.count(200)
        expect(set(statuses) == {200, 429}, set(statuses), answers[0], place.gateway.error_log()[-500:])
        rows = place.settled(200)
        total = sum(row["charge"]["cost"] for row in rows)
        expect(total == passed * COST and total <= 10000000, passed, total)
        expect(passed >= 30, passed)


@case("a restart works out from the ledger what was spent")
def restart(telltale, module):
    with Place(telltale, module, "0.65") as place:
        expect(place.post()[0] == 200 and place.settled(1), "first")
        expect(place.post()[0] == 200 and place.settled(2), "second")
        expect(place.post()[0] == 429, "third")
        place.gateway.stop()
        shutil.rmtree(os.path.realpath(f"{place.gateway.state}/rings"), ignore_errors=True)  # as a reboot does
        place.start()
        status, _, body = place.post()
        expect(status == 429, status)
        expect(2 * COST < spent_said(body), body)


@case("a reload keeps what was spent, and takes a new limit")
def reload(telltale, module):
    with Place(telltale, module, "0.35") as place:
        expect(place.post()[0] == 200 and place.settled(1), "first")
        expect(place.post()[0] == 429, "second")
        place.gateway.write_policy(POLICY.format(amount="1", at_limit="block"))
        expect(place.gateway.command("reload")[0] == 0, "reload")
        expect(place.post()[0] == 200 and place.settled(3), "third")
        place.gateway.write_policy(POLICY.format(amount="0.70", at_limit="block"))
        expect(place.gateway.command("reload")[0] == 0, "reload")
        status, _, body = place.post()
        expect(status == 429 and spent_said(body) > 2 * COST, status, body)


@case("a worker that is killed charges what it had reserved, once")
def killed(telltale, module):
    with Place(telltale, module, "1") as place:
        caller = threading.Thread(target=place.post, args=("wait",))
        caller.start()
        wait_until(lambda: len(place.rows("request")) == 1, "the request's record")
        reserved = place.rows("request")[0]["charge"]["reserved"]
        for worker in place.gateway.workers():
            os.kill(worker, signal.SIGKILL)
        place.settled(1)
        caller.join()
        expect(place.rows("outcome")[0]["end"] == "worker_lost", place.rows("outcome"))
        # No reservation is left beside what it cost: a call that is refused says so.
        place.gateway.write_policy(POLICY.format(amount="0.50", at_limit="block"))
        expect(place.gateway.command("reload")[0] == 0, "reload")
        status, _, body = place.post()
        expect(status == 429 and 2 * COST <= spent_said(body) <= 2 * COST + 10000 and reserved > COST, status, body, reserved)


@case("errors of the provider cost nothing; counting tokens is not charged")
def free(telltale, module):
    with Place(telltale, module, "1") as place:
        expect(place.post("fail")[0] == 500, "fail")
        expect(place.post(path="/v1/messages/count_tokens")[0] == 200, "count")
        rows = {row["status"]: row for row in place.settled(2)}  # two workers: in any order
        expect(rows[500]["charge"]["cost"] == 0 and "charge" not in rows[200], rows)


@case("at_limit warn lets pass and records; so does shadow")
def warn(telltale, module):
    for at_limit, more in (("warn", ()), ("block", ("--shadow",))):
        with Place(telltale, module, "0.70", at_limit, more) as place:
            for n in range(3):
                answer = place.post()
                expect(answer[0] == 200, at_limit, answer, place.gateway.error_log()[-300:])
                place.settled(n + 1)
            rows = place.rows("outcome")
            expect([row["charge"]["cost"] for row in rows] == [COST] * 3, rows)
            last = place.rows("request")[2]["charge"]
            expect(last["budget"] == "all-of-it" and last["over"], last)


class Clock:
    """The time of day of what is started while it is held; monotonic time goes on."""

    def __init__(self, folder):
        self.path = f"{folder}/clock"
        with open(self.path, "wb") as file:
            file.write(bytes(8))

    def set(self, shift):
        """Seconds to the machine's own time, from now on.  The file is mapped: it keeps its place."""
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", shift))

    @contextlib.contextmanager
    def held(self):
        words = {"LD_PRELOAD": os.path.abspath(sys.argv[3]), "TT_STEP_CLOCK": self.path}
        os.environ.update(words)
        try:
            yield
        finally:
            for word in words:
                del os.environ[word]


@case("the machine's clock steps: each call counts in its own month, a step is no loss, and the chain holds")
def clock_steps(telltale, module):
    if os.environ.get("TT_ASAN_RUNTIME"):
        raise Skip("a sanitizer's runtime has to be loaded first")
    month = 40 * 86400
    with tempfile.TemporaryDirectory(prefix="telltale-clock-") as folder:
        os.chmod(folder, 0o755)
        clock = Clock(folder)
        with clock.held():
            place = Place(telltale, module, "0.35")
        with place:
            slow = threading.Thread(target=place.post, args=("wait",))
            slow.start()  # is under way in one month, and ends in another
            wait_until(lambda: len(place.rows("request")) == 1, "the request's record")
            clock.set(month)
            expect(place.post()[0] == 200, "a new month, forward")
            place.server.go_on.set()
            slow.join()
            place.settled(2)
            expect(place.post()[0] == 429, "spent, forward")
            clock.set(-month)
            expect(place.post()[0] == 200, "a new month, back")
            place.settled(4)
            expect(place.post()[0] == 429, "spent, back")
            clock.set(0)
            status, _, body = place.post()
            expect(status == 429 and spent_said(body) > COST, "what ended in another month is not charged where it began", status, body)
            place.settled(6)
            place.gateway.stop()
            shutil.rmtree(os.path.realpath(f"{place.gateway.state}/rings"), ignore_errors=True)
            clock.set(-month)
            with clock.held():
                place.start()
            expect(place.post()[0] == 429, "after a restart, back")
            clock.set(month)
            expect(place.post()[0] == 429, "after a restart, forward")
            days = [row["time"][:7] for row in place.settled(8)]
            expect(len(set(days)) == 3, days)
            done = subprocess.run([telltale, "ledger", "verify", "--ledger", f"{place.gateway.state}/ledger.db"], capture_output=True, text=True, timeout=60, check=False)
            expect(done.returncode == 0, done.stdout + done.stderr)


@case("a model without a price is let pass, and recorded as unpriced")
def unpriced(telltale, module):
    with Place(telltale, module, "0.05") as place:
        expect(place.post(model="nobodys-model")[0] == 200, "post")
        charge = place.settled(1)[0]["charge"]
        expect(not charge["priced"] and "cost" not in charge, charge)


def main():
    telltale, module = (os.path.abspath(argument) for argument in sys.argv[1:3])
    if not nginx_program():
        skip_all("nginx is not there")
    run_cases(cases, sys.argv[4:], lambda function: function(telltale, module))


if __name__ == "__main__":
    main()
