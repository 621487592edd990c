#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`telltale gateway` and its subcommands: start, reload, upgrade, status, stop, and everything that can come in between.  Prints TAP.

    command.py TELLTALE MODULE

Each case has a folder and a gateway of its own; the upstream is a server in this process.
"""

import contextlib
import functools
import hashlib
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # the source folder stays as it is
from running import Gateway, Server, command_line, free_port, listens, nginx_program, sanitized_nginx, sanitizers_said, wait_until
from stage import Answers, ModelApi, run_cases
from tap import Skip, Wrong, expect, skip_all

POLICY = """
telltale_policy: 1
id: {id}
owner: test@example.com
default:
  model: approved
  software: approved
  route: approved
{more}
"""
BLOCK = """
decisions:
  - id: T-1
    match:
      model_family: grok
    status: prohibited
    reason: not for this test
    from: "2026-01-01"
    timeline:
      block: "2026-01-01"
"""
CONNECTIONS = 1000  # that one client may have
BODY = {"model": "grok-4", "max_tokens": 1, "messages": [{"role": "user", "content": "Hello"}]}
cases = []


def case(name):
    return lambda function: cases.append((name, function)) or function


class Echo(Answers):
    """Answers what it got; /slow in the model's name: in two halves."""

    def answer(self):
        body, server = self.body(), self.server
        server.asked.append(self.path)
        out = json.dumps({"path": self.path, "headers": dict(self.headers.items()), "body": body.decode("latin-1"), "upstream": server.name})
        self.send(200, out.encode(), self.wait if b"slow" in body else None)

    def wait(self):
        self.server.met.set()
        self.server.go_on.wait(20)

    do_GET = do_POST = answer


class Upstream(ModelApi):
    def __init__(self, name):
        self.name, self.met, self.asked = name, threading.Event(), []
        super().__init__(Echo)


def policy(name="first", more=""):
    return POLICY.format(id=name, more=more)


class Bench:
    """What a case works with."""

    def __init__(self, telltale, module, folder, upstream):
        self.telltale, self.module, self.folder, self.upstream = telltale, module, folder, upstream
        self.gateway = None
        os.environ["HOME"] = folder  # no additions of a person's own

    def start(self, *more, text=None, upstreams=None, prefix=()):
        """Like running.Gateway, but the module is named, so that a case may replace it."""
        led = {"anthropic": self.upstream.url(), "openai": self.upstream.url(), "gemini": self.upstream.url(), **(upstreams or {})}
        telltale = self.telltale
        if prefix:
            telltale = f"{self.folder}/as-other"
            with open(telltale, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\nHOME=/proc/nonexistent exec {' '.join(prefix)} {self.telltale} \"$@\"\n")
            os.chmod(telltale, 0o755)
        options = ["--module", self.module, *sanitized_nginx(self.folder), *more]
        if "--metrics" not in more:
            options += ["--metrics", "off"]
        self.gateway = Gateway(telltale, self.folder, text or policy(), dict(zip(("provider-anthropic", "provider-openai", "provider-google"), led.values())), *options)
        self.ready()
        return self.gateway

    def ready(self):
        """Listening is not all: nginx has sockets before the gateway has seen its workers."""
        def serves():
            done = subprocess.run([self.telltale, "gateway", "status", "--state", self.gateway.state, "--format", "json"], capture_output=True, timeout=60, check=False)
            return done.returncode == 0 and json.loads(done.stdout)["phase"] == "serving"

        wait_until(serves, "status")

    def close(self):
        if self.gateway:
            self.upstream.go_on.set()
            self.gateway.stop()
            # Whatever a failed case left behind: workers show no path, but they stand in the folder.
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                with contextlib.suppress(OSError):
                    if command_line(pid).startswith("nginx: ") and self.folder in command_line(pid) + os.readlink(f"/proc/{pid}/cwd"):
                        os.kill(pid, signal.SIGKILL)
            shutil.rmtree(os.path.realpath(f"{self.gateway.state}/rings"), ignore_errors=True)

    def run(self, *words, code=0):
        if "--module" in words:
            words = (*words, *sanitized_nginx(self.folder))
        done = subprocess.run([self.telltale, "gateway", *words], capture_output=True, text=True, timeout=150, check=False)
        expect(done.returncode == code, f"{words}: exit code {done.returncode}, not {code}:", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def command(self, verb, *more, code=0):
        return self.run(verb, "--state", self.gateway.state, *more, code=code)

    def status(self):
        return json.loads(self.command("status", "--format", "json"))

    def ask(self, path="/v1/messages", body=BODY, headers=None, method=None):
        """(status, headers, body) of one request."""
        link = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=30)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        link.request(method or ("GET" if body is None else "POST"), path, data, {"content-type": "application/json", **(headers or {})})
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        return answer.status, answer.headers, json.loads(text) if text[:1] in "{[" and text else text

    def ledger(self):
        """Rows as (kind, record)."""
        with contextlib.closing(sqlite3.connect(f"file:{self.gateway.state}/ledger.db?mode=ro", uri=True)) as db:
            return [(kind, json.loads(text)) for kind, text in db.execute("SELECT kind, json FROM record ORDER BY seq")]

    def said(self):
        return self.gateway.said()

    def processes(self):
        return [command_line(pid) for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if f"{self.gateway.state}/" in command_line(pid)]


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@case("a request goes through, and its answer comes back as it is")
def through(bench):
    bench.start()
    code, headers, body = bench.ask("/v1/messages?beta=true", headers={"x-api-key": "k", "X-Telltale-Record": "mine"})
    expect(code == 200 and body["path"] == "/v1/messages?beta=true", code, body)
    expect(json.loads(body["body"]) == BODY, body)
    expect(body["headers"]["x-api-key"] == "k", body)
    expect(not any(name.lower().startswith(("x-telltale", "accept-encoding")) for name in body["headers"]), body)
    expect(headers["server"].startswith("BaseHTTP"), headers)


@case("every API, with its prefix and without; what is not known is refused")
def apis(bench):
    with Upstream("openai") as openai, Upstream("gemini") as gemini:
        bench.start(upstreams={"openai": openai.url(), "gemini": gemini.url()})
        bench.upstream.name = "anthropic"
        generate = {"contents": [{"parts": [{"text": "Hello"}]}]}
        for path, body, headers, name in (
            ("/v1/messages", BODY, {}, "anthropic"), ("/anthropic/v1/messages", BODY, {}, "anthropic"),
            ("/v1/messages/count_tokens", BODY, {}, "anthropic"),
            ("/v1/chat/completions", BODY, {}, "openai"), ("/openai/v1/chat/completions", BODY, {}, "openai"),
            ("/v1/responses", {"model": "m", "input": "Hello"}, {}, "openai"),
            ("/v1beta/models/g:generateContent", generate, {}, "gemini"), ("/gemini/v1beta/models/g:streamGenerateContent?alt=sse", generate, {}, "gemini"),
            ("/v1/models/g:generateContent", generate, {}, "gemini"),
            ("/v1/models", None, {}, "openai"), ("/v1/models", None, {"anthropic-version": "2023-06-01"}, "anthropic"),
            ("/v1/models/m", None, {}, "openai"), ("/anthropic/v1/models", None, {}, "anthropic"),
        ):
            code, _, answer = bench.ask(path, body, headers)
            expect(code == 200 and answer["upstream"] == name, path, code, answer)
            expect(answer["path"] == path.removeprefix("/anthropic").removeprefix("/openai").removeprefix("/gemini"), path, answer["path"])
        for path, body, headers in (("/", None, {}), ("/v1/files", BODY, {}), ("/v1//messages", BODY, {}), ("//v1/messages", BODY, {}),
                                    ("/anthropic", BODY, {})):
            code, _, answer = bench.ask(path, body, headers)
            expect(code == 404 and "error" in answer, path, code, answer)
        code, _, answer = bench.ask("/v1/responses", None, {"Connection": "upgrade", "Upgrade": "websocket"})
        expect(code == 426 and "error" in answer, code, answer)


@case("errors of nginx's own are JSON of the dialect; an upstream that is away is 502")
def errors(bench):
    bench.start(upstreams={"anthropic": f"http://127.0.0.1:{free_port()}"})
    code, _, answer = bench.ask()
    expect(code == 502 and answer["type"] == "error", code, answer)
    code, _, answer = bench.ask("/v1/chat/completions", b"x" * (33 << 20))
    expect(code == 413 and "request_too_large" in json.dumps(answer), code, answer)


def say(port, *pieces):
    """Bytes as they are, and the answer: status, body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                link.sendall(piece)
        with contextlib.suppress(OSError):  # no connection any more that could be shut down
            link.shutdown(socket.SHUT_WR)
        got = b""
        with contextlib.suppress(ConnectionError):
            while piece := link.recv(65536):
                got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    expect(head.startswith(b"HTTP/1.1 "), got[:300])
    expect(b"content-type: application/json" in head.lower(), head)
    return int(head.split()[1]), json.loads(body)


@case("what nginx refuses by itself: in the dialect of the path, and recorded wherever a path was read")
def broken(bench):
    with open(f"{bench.folder}/own.conf", "w", encoding="utf-8") as file:
        file.write("if ($http_x_unwanted) { return 403; }\nlocation = /health { return 200 ok; }\n")
    bench.start("--include", f"{bench.folder}/own.conf")
    port = bench.gateway.port
    long = b"x" * 40000
    start = b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n"
    rows = [  # status, the path's dialect, is it recorded
        (400, None, False, b"nonsense\r\n\r\n"),
        (400, None, False, b"POST /v1/../../messages HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, None, True, b"GET http:/// HTTP/1.1\r\n\r\n"),
        (400, None, False, b"GET /" + long + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (400, None, False, b"POST /v1/messages HTTP/3.0\r\nHost: a\r\n\r\n"),
        (400, "anthropic", True, b"POST /v1/messages HTTP/1.1\r\n\r\n"),
        (400, "anthropic", True, start + b"Host: b\r\n\r\n"),
        (400, "anthropic", True, start + b"Content-Length: x\r\n\r\n"),
        (400, "anthropic", True, start + b"Transfer-Encoding: odd\r\n\r\n"),
        (400, "anthropic", True, start + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"),
        (400, "anthropic", True, start + b"Transfer-Encoding: chunked\r\n\r\nnot a length\r\n"),
        (400, "gemini", True, b"POST /v1beta/models/g:generateContent HTTP/1.1\r\nHost: a\r\nX: " + long + b"\r\n\r\n"),
        (400, "openai", True, b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nContent-Length: -1\r\n\r\n"),
        (404, "anthropic", True, b"TRACE /v1/messages HTTP/1.1\r\nHost: a\r\n\r\n"),
        (426, "openai", True, b"GET /v1/responses HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n\r\n"),
        (403, "openai", True, b"POST /v1/responses HTTP/1.1\r\nHost: a\r\nX-Unwanted: 1\r\nContent-Length: 2\r\n\r\n{}"),
        (404, None, True, b"GET /telltale/invalid HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
    ]
    recorded = 0
    for status, dialect, is_recorded, raw in rows:
        got, answer = say(port, raw)
        expect(got == status, raw[:80], got, answer)
        kind = "gemini" if "status" in answer["error"] else "openai" if "param" in answer["error"] else "anthropic" if "type" in answer else None
        expect(kind == dialect and answer["error"]["message"], raw[:80], answer)
        recorded += is_recorded
    expect(bench.ask()[0] == 200, "it serves on")
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") >= recorded + 1, "records")
    records = [record for kind, record in bench.ledger() if kind == "request"]
    expect(len(records) == recorded + 1, len(records), recorded, records)
    expect([record["decision"]["action"] for record in records].count("refuse") == recorded, records)
    expect(sum(record.get("api") == "anthropic.messages" and record.get("operation") == "chat" for record in records) == 7, records)  # six, and the good one
    # A body that never comes as a whole: nobody gets an answer, and the record says what there was.
    with socket.create_connection(("127.0.0.1", port), timeout=30) as link:
        link.sendall(start + b"Content-Length: 100\r\n\r\n{")
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") >= recorded + 2, "the one that broke off")
    (_, begin), (_, end) = bench.ledger()[-2:]
    expect(begin["not_inspected"] == "body-unread" and end["end"] == "client_abort" and begin["id"] == end["id"], begin, end)
    code, _, answer = bench.ask("/health", None)
    time.sleep(0.3)
    expect(code == 200 and [kind for kind, _ in bench.ledger()].count("request") == recorded + 2, "what is no call is not recorded")


@case("the owner's own allow and deny: who is kept out reads so in the dialect")
def denied(bench):
    with open(f"{bench.folder}/own.conf", "w", encoding="utf-8") as file:
        file.write("deny all;\n")
    bench.start("--include", f"{bench.folder}/own.conf")
    code, _, answer = bench.ask()
    expect(code == 403 and answer["error"]["type"] == "permission_error", code, answer)
    wait_until(lambda: len(bench.ledger()) == 2, "records")
    expect([record.get("end") for _, record in bench.ledger()] == [None, "refused"], bench.ledger())


SITES = f"{os.path.dirname(os.path.abspath(__file__))}/../../examples/learned-sites/client.json"


@case("learned sites: reported, normalised, blocked; read again on reload, and told of in status")
def learned(bench):
    file = shutil.copy(SITES, f"{bench.folder}/sites.json")
    with open(file, encoding="utf-8") as source:
        description = source.read()
    date, word, spelled = ({"model": "grok-4", "system": text} for text in (
        "Hello.\nToday\u02bcs date is 2026/05/09.\nBye.", "Write con\u200bcise messages to the person who asked.", "Nothing at all."))
    entries = "".join(f"  - id: {name}\n    site: a-client-{name}\n    action: {action}\n" for name, action in (
        ("apostrophe", "normalise"), ("separator", "report"), ("word", "block"), ("spelling", "normalise")))
    bench.start("--learned", file, text=policy(more=f"marks:\n{entries}"))
    plain = json.dumps(date, ensure_ascii=False).replace("\u02bc", "'")
    code, _, answer = bench.ask(body=json.dumps(date, ensure_ascii=False).encode())
    expect(code == 200 and answer["body"] == plain, "only the proven bytes change", answer)
    code, _, answer = bench.ask(body=word)
    expect(code == 403 and "word" in answer["error"]["message"], code, answer)
    raw = json.dumps(spelled).replace("Nothing at all.", "You are a c\\u0061reful assistant for work on code.").encode()
    code, _, answer = bench.ask(body=raw)
    expect(code == 200 and answer["body"] == raw.decode().replace("\\u0061", "a"), "how it is spelled", answer)
    wait_until(lambda: len(bench.ledger()) >= 6, "records")
    requests = sorted((record for kind, record in bench.ledger() if kind == "request"), key=lambda record: record["time"])
    expect([record["decision"]["action"] for record in requests] == ["normalise", "block", "normalise"], requests)
    expect({mark.get("site") for mark in requests[0]["marks"]} >= {"a-client-apostrophe", "a-client-separator"}, requests[0])
    status = bench.status()["learned"]
    digest = hashlib.sha256(description.encode()).hexdigest()
    expect(status == [{"file": file, "identity": f"sha256:{digest}", "sites": 5}], status)
    # A description that is broken, or has a site no longer that the policy names, changes nothing.
    for text, wrong in ((description[:-4], "sites.json:"), (description.replace("a-client-word", "a-client-other"), "names a learned site")):
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        said = bench.command("reload", code=2)
        expect(wrong in said and "stays" in said and bench.status()["learned"] == status, said)
        expect(bench.ask(body=word)[0] == 403, "it is still in force")
    with open(file, "w", encoding="utf-8") as out:
        out.write(description.replace("con\\u200bcise", "con\\u200dcise"))
    bench.command("reload")
    wait_until(lambda: bench.status()["learned"][0]["identity"] != status[0]["identity"], "another description")
    wait_until(lambda: bench.ask(body=word)[0] == 200, "it is in force")
    expect("5 sites" in bench.command("status"), "status for a person")


@case("the ledger has a request and its outcome, and metrics tell of it")
def records(bench):
    port = free_port()
    bench.start("--metrics", f"127.0.0.1:{port}")
    bench.ask(headers={"x-api-key": "a key that is nobody's business"})
    wait_until(lambda: bench.status()["records"]["stored"] >= 2, "two records")
    rows = bench.ledger()
    expect([kind for kind, _ in rows] == ["request", "outcome"], rows)
    request, outcome = (record for _, record in rows)
    expect(request["id"] == outcome["id"] and request["model"] == "grok-4" and request["provider"] == "provider-anthropic", request)
    expect(outcome["status"] == 200 and outcome["end"] == "complete", outcome)
    expect("business" not in json.dumps(rows) and "Hello" not in json.dumps(rows), rows)

    def metrics():
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        link.request("GET", "/metrics")
        answer = link.getresponse()
        return (answer.read().decode() if answer.status == 200 else "") + str(answer.headers)

    wait_until(lambda: "telltale_requests_total{" in metrics(), "metrics")
    expect("text/plain; version=0.0.4" in metrics(), metrics())
    expect(bench.status()["policy"]["identity"] in metrics(), metrics())


@case("while the ledger cannot be written records are spooled, which is said; none is lost")
def spooled(bench):
    os.makedirs(f"{bench.folder}/state/ledger.db", 0o700)
    os.chmod(f"{bench.folder}/state", 0o700)
    bench.start()
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: bench.status()["records"]["spooled_bytes"] > 0, "spooled")
    expect("the ledger does not work, records are spooled: " in bench.said() and "ledger.db" in bench.said(), bench.said())
    expect("ATTENTION" in bench.command("status"), bench.command("status"))
    os.rmdir(f"{bench.gateway.state}/ledger.db")
    wait_until(lambda: bench.status()["records"]["ledger_works"], "works again")
    wait_until(lambda: "the ledger works again" in bench.said(), bench.said())
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") == 2, "all records")
    expect([kind for kind, _ in bench.ledger()] == ["request", "outcome"] * 2, bench.ledger())


@case("another ledger in the place of the one in use: nothing is added to it, which is said; with the right one back nothing is lost")
def replaced(bench):
    bench.start()
    path = f"{bench.gateway.state}/ledger.db"
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: len(bench.ledger()) == 2, "records")
    older = sqlite3.connect(f"{bench.folder}/older.db")
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.backup(older)
    older.close()
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: len(bench.ledger()) == 4, "records")
    os.rename(path, f"{bench.folder}/right.db")
    shutil.copy(f"{bench.folder}/older.db", path)
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: "ends with record 2, and not with the record 4" in bench.command("status"), "the reason in status")
    expect("ATTENTION" in bench.command("status") and "records are spooled" in bench.said(), bench.said())
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: bench.status()["records"]["stored"] == 8 and bench.status()["records"]["spooled_bytes"] > 0, "spooled")
    expect(len(bench.ledger()) == 2, "something was added to the wrong one")
    os.rename(f"{bench.folder}/right.db", path)
    wait_until(lambda: len(bench.ledger()) == 8, "all records")
    wait_until(lambda: "the ledger works again" in bench.said(), bench.said())
    expect("whole: 8 records" in subprocess.run([bench.telltale, "ledger", "verify", "--ledger", path], capture_output=True, text=True, check=False).stdout, "verify")


def may_mount():
    return os.geteuid() == 0 and shutil.which("unshare") and subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode == 0


@case("a full disk: requests are served, their records stay in memory, which is said; with room again all are in the ledger")
def full_disk(bench):
    if "TT_SMALL_DISK" not in os.environ:
        # A disk of its own, in a mount namespace that ends with the case.
        if may_mount():
            done = subprocess.run(["unshare", "-m", sys.executable, __file__, bench.telltale, bench.module, "full_disk"], capture_output=True, text=True,
                                  env={**os.environ, "TT_SMALL_DISK": "1"}, timeout=300, check=False)
            expect(done.returncode == 0, done.stdout, done.stderr)
        return
    state = f"{bench.folder}/state"
    os.mkdir(state, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "none", state], check=True)
    bench.start()
    asked = 0
    for _ in range(5):
        expect(bench.ask()[0] == 200, "no answer")
        asked += 1
    wait_until(lambda: len(bench.ledger()) == 2 * asked, "records")
    with contextlib.suppress(OSError), open(f"{state}/filler", "wb", buffering=0) as filler:
        while filler.write(b"x" * 4096) == 4096:
            pass
    # What is in the log's or SQLite's files already may hold a few more; then no byte fits.
    wait_until(lambda: bench.ask()[0] == 200 and "records stay in memory: " in bench.said(), "the full disk is said")
    before = len(bench.ledger())
    for _ in range(50):
        code, headers, _ = bench.ask()
        expect(code == 200, code)
    expect(len(bench.ledger()) == before and "database or disk is full" in bench.said(), bench.said())
    expect("ATTENTION" in bench.command("status") and "No space left on device" in bench.command("status"), bench.command("status"))
    os.unlink(f"{state}/filler")
    wait_until(lambda: "the ledger works again" in bench.said(), bench.said())
    wait_until(lambda: bench.status()["rings"]["used_bytes"] == 0 and bench.status()["records"]["spooled_bytes"] == 0, "taken over")
    kinds = [kind for kind, _ in bench.ledger()]
    expect(set(kinds) == {"request", "outcome"} and kinds.count("request") == kinds.count("outcome") == len(bench.upstream.asked), kinds.count("request"), len(bench.upstream.asked))
    ids = [record["id"] for kind, record in bench.ledger() if kind == "request"]
    expect(len(set(ids)) == len(ids) and bench.status()["records"]["lost"] == 0, "twice, or lost")
    said = subprocess.run([bench.telltale, "ledger", "verify", "--ledger", f"{state}/ledger.db"], capture_output=True, text=True, check=False).stdout
    expect(f"whole: {len(kinds)} records" in said, said)
    bench.gateway.stop()


@case("the folder is its owner's alone")
def modes(bench):
    state = bench.start().state
    shared = os.geteuid() == 0
    expect(mode(state) == (0o710 if shared else 0o700), oct(mode(state)))
    for name in ("nginx.conf", "policy.yaml", "secret", "gateway.pid", "status.json", "error.log", "ledger.db"):
        expect(mode(f"{state}/{name}") == 0o600, name, oct(mode(f"{state}/{name}")))
    rings = os.readlink(f"{state}/rings")
    expect(mode(rings) == 0o700, oct(mode(rings)))
    expect(os.stat(rings).st_uid == (pwd.getpwnam("www-data").pw_uid if shared else os.geteuid()), "owner of rings")
    expect(os.path.getsize(f"{state}/secret") == 32, "size of secret")


@case("a user without rights runs it as well")
def other_user(bench):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return
    os.chmod(bench.folder, 0o777)
    bench.start(prefix=("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"))
    expect(bench.ask()[0] == 200, "no answer")
    expect(mode(bench.gateway.state) == 0o700, oct(mode(bench.gateway.state)))
    expect("reloaded" in bench.command("reload"), "root cannot ask it")
    expect("[alert]" not in bench.gateway.error_log(), bench.gateway.error_log())


@case("a second gateway on the folder is refused, and the first serves on")
def second(bench):
    bench.start()
    said = bench.run("--policy", bench.gateway.policy, "--state", bench.gateway.state, "--module", bench.module, "--listen", f"127.0.0.1:{free_port()}",
                     "--upstream", "anthropic=off", "--upstream", "openai=off", "--upstream", "gemini=off", code=2)
    expect("runs on this folder already" in said and str(bench.gateway.process.pid) in said, said)
    expect(bench.ask()[0] == 200 and bench.status()["pid"] == bench.gateway.process.pid, "the first")


@case("a pid file that names another process is not believed")
def stale(bench):
    state = f"{bench.folder}/state"
    os.mkdir(state, 0o700)
    with open(f"{state}/gateway.pid", "w", encoding="ascii") as file:
        file.write(f"{os.getpid()} 1\n")
    said = bench.run("stop", "--state", state, code=2)
    expect("no gateway runs" in said, said)
    bench.start()
    expect(bench.ask()[0] == 200, "no answer")


@case("a policy with an error does not start anything")
def wrong_start(bench):
    with open(f"{bench.folder}/policy.yaml", "w", encoding="utf-8") as file:
        file.write(policy() + "nonsense: 1\n")
    state = f"{bench.folder}/state"
    said = bench.run("--policy", f"{bench.folder}/policy.yaml", "--state", state, "--module", bench.module, code=2)
    expect("policy.yaml:" in said and "nonsense" in said, said)
    expect(not os.path.exists(f"{state}/nginx.conf"), "a configuration was left")
    shutil.rmtree(os.path.realpath(f"{state}/rings"), ignore_errors=True)


@case("a reload with a broken policy keeps the old one, and says so")
def broken_reload(bench):
    gateway = bench.start()
    before = bench.status()["policy"]["identity"]
    gateway.write_policy(policy() + "nonsense: 1\n")
    said = bench.command("reload", code=2)
    expect("policy.yaml:" in said and "nonsense" in said and "not reloaded" in said, said)
    expect("not reloaded" in bench.said(), bench.said())
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: "last_reload" in bench.status(), "status")
    now = bench.status()
    expect(now["policy"]["identity"] == before and not now["last_reload"]["good"], now)
    expect("nonsense" in now["last_reload"]["message"], now)
    expect("FAILED" in bench.command("status"), "status for a person")


@case("a reload with another policy changes decisions")
def reload(bench):
    gateway = bench.start()
    expect(bench.ask()[0] == 200, "before")
    gateway.write_policy(policy("second", BLOCK))
    expect("reloaded: policy second" in bench.command("reload"), "reload")
    code, _, answer = bench.ask()
    expect(code == 403 and "T-1" in answer["error"]["message"], code, answer)
    gateway.write_policy(policy("third"))
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: bench.ask()[0] == 200, "SIGHUP")
    wait_until(lambda: bench.status()["policy"]["id"] == "third", "status")


@case("shadow decides, and lets pass")
def shadow(bench):
    bench.start("--shadow", text=policy("shadow", BLOCK))
    expect(bench.ask()[0] == 200, "blocked")
    expect(bench.status()["shadow"] is True, "status")
    wait_until(lambda: len(bench.ledger()) >= 2, "records")
    request = bench.ledger()[0][1]
    expect(request["shadow"] is True and request["decision"]["action"] == "block", request)


@case("what nginx refuses is not put in force")
def nginx_refuses(bench):
    gateway = bench.start("--include", f"{bench.folder}/own.conf") if write(f"{bench.folder}/own.conf", "allow all;\n") else None
    write(f"{bench.folder}/own.conf", "allow nobody;\n")
    said = bench.command("reload", code=2)
    expect("own.conf:1" in said and "not reloaded" in said, said)
    write(f"{bench.folder}/own.conf", "location /open { satisfy any; }\n")
    expect("own.conf:1: 'satisfy' is not taken" in bench.command("reload", code=2), "satisfy")
    expect(bench.ask()[0] == 200, "no answer")
    write(f"{bench.folder}/own.conf", "deny all;\n")
    bench.command("reload")
    expect(bench.ask()[0] == 403, "the file is not in force")
    expect(gateway.process.poll() is None, "ended")


def write(path, text, to=0o600):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, to)
    return True


@case("keys: who is not listed is refused, and a rate holds for its client alone")
def keys(bench):
    def entry(name, **more):
        return {"id": name, "sha256": hashlib.sha256(name.encode()).hexdigest(), **more}

    path = f"{bench.folder}/keys.json"
    write(path, json.dumps({"require": True, "clients": [entry("slow", rate="2r/m"), entry("fast", team="red")]}))
    bench.start("--keys", path, text=policy("keys", "teams: [red]\ngateway:\n  identity: [api-key]"))
    expect(bench.ask(headers={"x-api-key": "nobody"})[0] == 401, "a key that is not listed")
    codes = [bench.ask(headers={"x-api-key": "slow"})[0] for _ in range(6)]
    expect(codes[:2] == [200, 200] and codes[4:] == [429, 429], codes)
    code, headers, answer = bench.ask(headers={"x-api-key": "slow"})
    expect(code == 429 and answer["error"]["type"] == "rate_limit_error", code, answer)
    expect([bench.ask(headers={"x-api-key": "fast"})[0] for _ in range(6)] == [200] * 6, "the other client")
    os.chmod(path, 0o644)
    expect("others may read it" in bench.command("reload", code=2), "modes")
    write(path, json.dumps({"require": True, "clients": [{"id": "x", "sha256": "no digest"}]}))
    said = bench.command("reload", code=2)
    expect(f"{path}:1:" in said and "not reloaded" in said, said)
    write(path, json.dumps({"require": True, "clients": [entry("new")]}))
    bench.command("reload")
    expect(bench.ask(headers={"x-api-key": "new"})[0] == 200 and bench.ask(headers={"x-api-key": "fast"})[0] == 401, "the new file is not in force")


def replace_module(bench, text=None):
    """A new file under the old name, as a package does it."""
    fresh = bench.module + ".new"
    if text is None:
        shutil.copy(bench.module, fresh)
    else:
        write(fresh, text)
    os.rename(fresh, bench.module)


@case("upgrade loads the module that is installed; a reload does not")
def upgrade(bench):
    if os.environ.get("TT_ASAN_RUNTIME"):
        raise Skip("a new master gets a clean environment, and would lack the sanitizer's runtime")
    own = shutil.copy(bench.module, f"{bench.folder}/module.so")
    bench.module = own
    bench.start()
    before = bench.status()["nginx"]["pid"]
    expect(bench.status()["module"]["loaded"], "not loaded")
    replace_module(bench)
    wait_until(lambda: not bench.status()["module"]["loaded"], "status")
    expect("installed, not loaded" in bench.command("status"), "status for a person")
    bench.command("reload")
    expect(not bench.status()["module"]["loaded"], "a reload loaded it")
    bench.upstream.met.clear()
    stream = threading.Thread(target=lambda: results.append(bench.ask(body={**BODY, "model": "slow"})))
    results = []
    stream.start()
    expect(bench.upstream.met.wait(10), "the stream did not begin")
    expect("upgraded" in bench.command("upgrade"), "upgrade")
    wait_until(lambda: bench.status()["module"]["loaded"], "loaded")
    expect(bench.status()["nginx"]["pid"] != before, "the same master")
    expect(bench.ask()[0] == 200, "no answer")
    said = bench.command("upgrade", code=2)
    expect("still finishes its streams" in said, said)
    bench.upstream.go_on.set()
    stream.join(20)
    expect(results and results[0][0] == 200 and results[0][2]["path"] == "/v1/messages", "the stream broke", results)
    wait_until(lambda: not os.path.exists(f"{bench.gateway.state}/nginx.pid.oldbin"), "the old master")
    expect("upgraded" in bench.command("upgrade"), "again")


@case("an upgrade to a module that does not work is rolled back")
def upgrade_broken(bench):
    if os.environ.get("TT_ASAN_RUNTIME"):
        raise Skip("a new master gets a clean environment, and would lack the sanitizer's runtime")
    bench.module = shutil.copy(bench.module, f"{bench.folder}/module.so")
    bench.start()
    before = bench.status()["nginx"]["pid"]
    replace_module(bench, "no module\n")
    said = bench.command("upgrade", code=2)
    expect("not upgraded" in said and "serves on" in said, said)
    expect(bench.ask()[0] == 200 and bench.status()["nginx"]["pid"] == before, "the old one")


@case("killed and started again: nginx serves on, and no record is lost")
def killed(bench):
    gateway = bench.start()
    master = bench.status()["nginx"]["pid"]
    gateway.process.kill()
    gateway.process.wait()
    expect(bench.ask()[0] == 200, "nginx does not serve on")
    expect("no gateway runs" in bench.command("status", code=2), "status")
    # The same port and folder, as a service manager would do it.
    argv = gateway.process.args
    bench.gateway.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=open(gateway.log, "ab"), stderr=subprocess.STDOUT)
    bench.ready()
    expect(bench.status()["nginx"]["pid"] == master and "taken over" in bench.said(), bench.said())
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") >= 2, "records")
    expect(bench.status()["records"]["lost"] == 0, bench.status()["records"])
    bench.command("stop")
    expect(bench.processes() == [], bench.processes())


@case("nginx that dies is said, and nothing serves unseen")
def nginx_dies(bench):
    for adopted in (False, True):
        gateway = bench.start()
        if adopted:
            gateway.process.kill()
            gateway.process.wait()
            gateway.process = subprocess.Popen(gateway.process.args, stdin=subprocess.DEVNULL, stdout=open(gateway.log, "ab"), stderr=subprocess.STDOUT)
            bench.ready()
        os.kill(bench.status()["nginx"]["pid"], signal.SIGKILL)
        expect(gateway.process.wait(30) == 4, "exit code", gateway.process.returncode)
        expect("nginx has ended by itself" in bench.said(), bench.said())
        wait_until(lambda: not listens(gateway.port), "workers serve on")
        expect(bench.processes() == [], bench.processes())


@case("stop lets a request finish, stores its record, and leaves nothing running")
def stop(bench):
    gateway = bench.start()
    results = []
    stream = threading.Thread(target=lambda: results.append(bench.ask(body={**BODY, "model": "slow"})))
    stream.start()
    expect(bench.upstream.met.wait(10), "the request did not arrive")
    stopper = threading.Thread(target=lambda: results.append(bench.command("stop")))
    stopper.start()
    wait_until(lambda: not listens(gateway.port), "still listens")
    expect(results == [], "did not wait")
    bench.upstream.go_on.set()
    stream.join(20)
    stopper.join(20)
    expect(len(results) == 2 and results[0][0] == 200 and results[1] == "stopped\n", results)
    expect(gateway.process.wait(10) == 0, "exit code")
    rows = [kind for kind, _ in bench.ledger()]
    expect(rows == ["request", "outcome"] and bench.ledger()[1][1]["end"] == "complete", bench.ledger())
    expect(bench.processes() == [] and not os.path.exists(f"{gateway.state}/status.json"), bench.processes())


@case("stop --wait 0 cuts what runs, and says so")
def stop_now(bench):
    gateway = bench.start()
    results = []

    def slow():
        try:
            results.append(bench.ask(body={**BODY, "model": "slow"}))
        except (OSError, http.client.HTTPException):
            results.append("cut")

    stream = threading.Thread(target=slow)
    stream.start()
    expect(bench.upstream.met.wait(10), "the request did not arrive")
    expect("were cut" in bench.command("stop", "--wait", "0"), "stop")
    stream.join(20)
    expect(results == ["cut"] and gateway.process.wait(10) == 0, results)
    ends = [record["end"] for kind, record in bench.ledger() if kind == "outcome"]
    expect(len(ends) == 1 and ends[0] != "complete", ends)


@case("a configuration that nginx does not take, though its check passed, is taken back")
def not_taken(bench):
    gateway = bench.start()
    master = bench.status()["nginx"]["pid"]
    gateway.write_policy(policy("late", BLOCK))
    os.kill(master, signal.SIGSTOP)
    try:
        said = bench.command("reload", code=2)
    finally:
        os.kill(master, signal.SIGCONT)
    expect("nginx did not take the configuration" in said and "stays first" in said, said)
    with open(f"{gateway.state}/policy.yaml", encoding="utf-8") as file:
        expect(file.read() == policy("first"), "the copy of the policy")
    with open(f"{gateway.state}/nginx.conf", encoding="utf-8") as file:
        expect("# policy first " in file.read(), "the configuration")
    # The signal that waited is obeyed now, with what is in force.
    wait_until(lambda: bench.ask()[0] == 200, "the old policy")
    expect("reloaded: policy late" in bench.command("reload") and bench.ask()[0] == 403, "later")


@case("what killed workers had open is not counted against its client for good")
def killed_limits(bench):
    bench.start()
    begun = b"POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nContent-Length: 1000\r\n\r\n{"
    with contextlib.ExitStack() as stack:

        def open_one():
            stack.enter_context(socket.create_connection(("127.0.0.1", bench.gateway.port), timeout=30)).sendall(begun)

        def is_full():
            open_one()  # the call before may have taken the place of one
            return bench.ask()[0] == 429

        for _ in range(CONNECTIONS):
            open_one()
        wait_until(is_full, "the limit of a client")
        for worker in bench.gateway.workers():
            os.kill(worker, signal.SIGKILL)
    wait_until(lambda: "connections are counted anew: reloaded" in bench.said(), bench.said())
    expect(bench.ask()[0] == 200, "no room for the client")


@case("status tells how much of a budget is used")
def budgets(bench):
    more = "budgets:\n  - id: all-of-it\n    team: all\n    amount: 100\n    from: 2026-01-01\n    period: month\n    at_limit: warn\n"
    bench.start(text=policy("budgets", more))
    expect(bench.status()["budgets"] == [{"id": "all-of-it", "team": "all", "used_millionths": 0}], bench.status())
    expect("all-of-it of all: 0 % used" in bench.command("status"), bench.command("status"))


@case("a folder of rings that was removed: the workers that have theirs serve on, and no reload takes it from them")
def rings_removed(bench):
    gateway = bench.start()
    expect(bench.ask()[0] == 200, "no answer")
    rings = os.path.realpath(f"{gateway.state}/rings")
    wait_until(lambda: len([name for name in os.listdir(rings) if name.startswith("ring.")]) == len(gateway.workers()), "a ring for each worker")
    time.sleep(0.3)  # and the collector has seen them
    shutil.rmtree(rings)
    said = bench.command("reload", code=2)
    expect("the folder of the rings is gone" in said and "not reloaded" in said, said)
    expect(bench.ask()[0] == 200, "no answer")
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") == 2, "records")
    expect("no ring" not in bench.command("status"), bench.command("status"))
    # A worker that begins now gets none: what is asked there is refused, and status says so.
    workers = bench.gateway.workers()
    os.kill(workers[0], signal.SIGKILL)
    wait_until(lambda: bench.status()["nginx"].get("without_ring") == 1, "a worker without a ring")
    said = bench.command("status")
    expect("ATTENTION   1 worker has no ring" in said and "it is refused" in said, said)
    expect("telltale: no ring in" in bench.gateway.error_log(), bench.gateway.error_log())


@case("neither keys nor text stay behind, whatever becomes of a request")
def nothing_kept(bench):
    key, text = "KEY-zq81", "TEXT-zq82"
    state = bench.start(text=policy("first", BLOCK)).state
    own, body = {"x-api-key": key}, {**BODY, "model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": text}]}
    gemini = f"/v1beta/models/m:generateContent?key={key}"
    whole = json.dumps(body).encode()
    asked = [bench.ask(path, sent, own)[0] for path, sent in (
        ("/v1/messages", whole), ("/v1/messages", {**body, "model": "grok-4"}), ("/v1/messages", whole + b"}"), ("/v1/messages", whole[:-1]),
        ("/v1/messages?key=" + key, {**body, "more": "y" * 6_000_000}), (gemini, {"contents": [{"parts": [{"text": text}]}]}),
        (f"/v1/files?key={key}", whole), (f"/v1/models?key={key}", None))]
    expect(asked == [200, 403, 400, 400, 200, 200, 404, 200], asked)
    for raw in (f"POST {gemini} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\nx-api-key: {key}\r\n\r\n{text}",
                f"GET /v1/models?key={key} HTTP/1.1\r\nHost: x\r\nX: {'z' * 40000}\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", bench.gateway.port), 20) as link:
            link.sendall(raw.encode())
            expect(link.recv(100).startswith(b"HTTP/1.1 400"), raw[:80])
    # Workers die while a large body is in its file.
    with socket.create_connection(("127.0.0.1", bench.gateway.port), 20) as link:
        link.sendall(f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: {key}\r\nContent-Length: 9000000\r\n\r\n".encode() + whole[:-1] + b" " * 8_000_000)
        wait_until(lambda: bench.status()["temp_files"] >= 2, "a file")
        for worker in bench.gateway.workers():
            os.kill(worker, signal.SIGKILL)
    wait_until(lambda: [kind for kind, _ in bench.ledger()].count("outcome") == len(asked) + 2, "records")
    places = [state, os.path.realpath(f"{state}/rings"), bench.gateway.log]
    found = subprocess.run(["grep", "-rlaE", f"{key}|{text}", *places], capture_output=True, text=True, check=False).stdout
    expect(not found, found)
    expect(not [name for _, _, names in os.walk(f"{state}/temp") for name in names], "a file is left")
    expect(key not in bench.command("status") + bench.command("status", "--format", "json"), "status")
    expect(not any(key in command_line(int(pid)) for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()), "a command line")


@case("the error log does not fill the disk, and what it says is counted")
def log(bench):
    state = bench.start().state
    with open(f"{state}/error.log", "a", encoding="utf-8") as file:
        file.write("2026/11/21 11:40:46 [warn] 1#1: *1 a client request body is buffered to a temporary file /x, client: 1.2.3.4, request: \"POST /?key=secret\"\n")
        file.write("2026/11/21 11:40:46 [alert] 1#1: *1 something broke, client: 1.2.3.4, server: _, request: \"POST /v1beta/x?key=secret HTTP/1.1\"\n")
    wait_until(lambda: bench.status()["temp_files"] == 1 and bench.status()["nginx"]["alerts"] == 1, "counted")
    status = bench.command("status")
    expect("something broke" in status and "each: 1" in status and "secret" not in status, status)
    inode = os.stat(f"{state}/error.log").st_ino
    os.truncate(f"{state}/error.log", (64 << 20) + 1)
    wait_until(lambda: os.path.exists(f"{state}/error.log") and os.stat(f"{state}/error.log").st_ino != inode, "put aside", 60)
    expect(os.stat(f"{state}/error.log.1").st_ino == inode, "error.log.1")
    expect(bench.ask()[0] == 200, "no answer")


@case("a port that is taken is said, and nothing is left")
def taken(bench):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        write(f"{bench.folder}/policy.yaml", policy())
        state = f"{bench.folder}/state"
        said = bench.run("--policy", f"{bench.folder}/policy.yaml", "--state", state, "--module", bench.module, "--metrics", "off",
                         "--listen", "127.0.0.1:%d" % other.getsockname()[1], "--upstream", "anthropic=off", "--upstream", "openai=off",
                         "--upstream", "gemini=off", code=4)
        expect("Address already in use" in said and "nginx did not start" in said, said)
        expect(said.count("failed (98") == 1, said)
        expect("no gateway runs" in bench.run("status", "--state", state, code=2), "status")
        shutil.rmtree(os.path.realpath(f"{state}/rings"), ignore_errors=True)


@case("--check starts nothing and leaves nothing")
def check(bench):
    write(f"{bench.folder}/policy.yaml", policy())
    os.environ["TMPDIR"] = f"{bench.folder}/tmp"
    os.mkdir(os.environ["TMPDIR"])
    words = ["--policy", f"{bench.folder}/policy.yaml", "--module", bench.module, "--check", "--state", f"{bench.folder}/state",
             "--upstream", "anthropic=off", "--upstream", "openai=off", "--upstream", "gemini=off"]
    try:
        before = set(os.listdir("/dev/shm"))
        expect("nginx takes the configuration" in bench.run(*words), "check")
        write(f"{bench.folder}/key.pem", "")
        said = bench.run(*words, "--tls-cert", f"{bench.folder}/key.pem", "--tls-key", f"{bench.folder}/key.pem", code=2)
        expect("key.pem" in said, said)
        expect(os.listdir(os.environ["TMPDIR"]) == [] and not os.path.exists(f"{bench.folder}/state"), "left behind")


        def left():
            # Gateways that others start at this moment have rings soon.
            with contextlib.suppress(OSError):
                return [name for name in set(os.listdir("/dev/shm")) - before if re.fullmatch("telltale-[0-9a-f]{16}", name) and not os.listdir(f"/dev/shm/{name}")]
            return ["?"]

        wait_until(lambda: not left(), f"left behind: {left()}")
    finally:
        del os.environ["TMPDIR"]


@case("a folder of somebody else is refused")
def foreign(bench):
    if os.geteuid() != 0:
        return
    state = f"{bench.folder}/state"
    os.mkdir(state)
    os.chown(state, pwd.getpwnam("nobody").pw_uid, -1)
    write(f"{bench.folder}/policy.yaml", policy())
    said = bench.run("--policy", f"{bench.folder}/policy.yaml", "--state", state, "--module", bench.module, code=2)
    expect("belongs to another user" in said, said)


@case("a folder that workers cannot reach is refused, not found out at the first large body")
def unreachable(bench):
    if os.geteuid() != 0:
        return
    write(f"{bench.folder}/policy.yaml", policy())
    os.mkdir(f"{bench.folder}/closed", 0o700)
    said = bench.run("--policy", f"{bench.folder}/policy.yaml", "--state", f"{bench.folder}/closed/state", "--module", bench.module, code=2)
    expect("may not pass through" in said and "/closed:" in said, said)


def make_certificate(folder, name, host="localhost"):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={host}",
                    "-addext", f"subjectAltName=DNS:{host}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"],
                   check=True, capture_output=True, timeout=60)


@case("an upstream with a certificate is reached by its name; a wrong one is 502")
def tls_upstream(bench):
    if not shutil.which("openssl"):
        return
    for name, host in (("good", "localhost"), ("other", "elsewhere.example")):
        make_certificate(bench.folder, name, host)
    with open(f"{bench.folder}/ca.pem", "w", encoding="ascii") as out:
        for name in ("good", "other"):
            with open(f"{bench.folder}/{name}.pem", encoding="ascii") as file:
                out.write(file.read())
    with Upstream("good") as good, Upstream("other") as other:
        names = []
        for server in (good, other):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{bench.folder}/{server.name}.pem", f"{bench.folder}/{server.name}.key")
            context.sni_callback = lambda _, name, __: names.append(name)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        bench.start("--ca", f"{bench.folder}/ca.pem", upstreams={"anthropic": f"https://localhost:{good.server_address[1]}",
                                                                 "openai": f"https://localhost:{other.server_address[1]}"})
        code, _, answer = bench.ask()
        expect(code == 200 and answer["headers"]["Host"] == f"localhost:{good.server_address[1]}", code, answer)
        expect(names[:1] == ["localhost"], names)
        code, _, answer = bench.ask("/v1/chat/completions")
        expect(code == 502 and answer["error"]["type"] == "server_error", code, answer)
        shutil.copy(f"{bench.folder}/other.pem", f"{bench.folder}/ca.pem")
        bench.command("reload")
        expect(bench.ask()[0] == 502, "an unknown authority")
        expect(bench.ask("/v1beta/models/m:generateContent", {"contents": []})[0] == 200, "the upstream without a certificate")


@case("TLS at the front, with HTTP/2 and client certificates")
def tls(bench):
    if not shutil.which("openssl") or not shutil.which("curl"):
        return
    for name in ("server", "client"):
        make_certificate(bench.folder, name)
    bench.start("--tls-cert", f"{bench.folder}/server.pem", "--tls-key", f"{bench.folder}/server.key", "--client-ca", f"{bench.folder}/client.pem")

    def curl(*more):
        done = subprocess.run(["curl", "-sk", "--max-time", "20", "-w", "\n%{http_version} %{http_code}", "-d", json.dumps(BODY),
                               f"https://127.0.0.1:{bench.gateway.port}/v1/messages", *more], capture_output=True, text=True, timeout=60, check=False)
        return done.stdout.splitlines()[-1:]

    own = ("--cert", f"{bench.folder}/client.pem", "--key", f"{bench.folder}/client.key")
    expect(curl(*own) == ["2 200"], curl(*own))
    expect(curl("--http1.1", *own) == ["1.1 200"], curl("--http1.1", *own))
    expect(curl() == ["2 401"] and curl("--http1.1") == ["1.1 401"], curl(), curl("--http1.1"))
    code, answer = say(bench.gateway.port, b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    expect(code == 400 and "https://" in answer["error"]["message"] and answer["type"] == "error", code, answer)


@case("the shipped example: a prohibited model is refused with the rule, others pass, strangers do not")
def example(bench):
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    port = free_port()
    state = f"{bench.folder}/state"
    argv = ["sh", f"{root}/examples/gateway/run.sh", bench.telltale, "--module", bench.module, *sanitized_nginx(bench.folder), "--listen", f"127.0.0.1:{port}", "--metrics", "off"]
    for api in ("anthropic", "openai", "gemini"):
        argv += ["--upstream", f"{api}={bench.upstream.url()}"]
    server = Server("example", argv, port, bench.folder, {**os.environ, "TELLTALE_STATE": state})
    server.state = state
    bench.gateway = server
    bench.ready()
    own = {"x-api-key": "example-client-key"}
    code, _, answer = bench.ask(headers=own)
    expect(code == 403 and "EX-1" in answer["error"]["message"] and "ai-platform@company.example" in answer["error"]["message"], code, answer)
    expect(bench.ask(body={**BODY, "model": "claude-sonnet-4-5"}, headers=own)[0] == 200, "an approved model")
    expect(bench.ask()[0] == 401, "a stranger")
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "hidden text")
    marked = {**BODY, "model": "claude-sonnet-4-5", "messages": [{"role": "user", "content": f"Hello{hidden} there"}]}
    code, _, answer = bench.ask(body=marked, headers=own)
    expect(code == 200 and json.loads(answer["body"])["messages"][0]["content"] == "Hello there", code, answer)


def run(telltale, module, function):
    with tempfile.TemporaryDirectory(prefix="telltale-command-") as folder, Upstream("first") as upstream:
        bench = Bench(telltale, module, folder, upstream)
        os.chmod(folder, 0o755)
        try:
            function(bench)
            expect(not sanitizers_said(folder), sanitizers_said(folder))
        except Skip:
            raise
        except Exception as failure:
            said = (bench.gateway.said() if bench.gateway else "") + sanitizers_said(folder)
            raise Wrong(f"{type(failure).__name__}: {failure}\n{said}") from failure
        finally:
            bench.close()
            if os.path.ismount(f"{folder}/state"):
                subprocess.run(["umount", "-l", f"{folder}/state"], check=True)


def main():
    telltale, module = map(os.path.abspath, sys.argv[1:3])
    if not nginx_program():
        skip_all("nginx is not there")
    if not os.path.exists(module):
        skip_all("the module was not built")
    run_cases(cases, sys.argv[3:], functools.partial(run, telltale, module))


if __name__ == "__main__":
    main()
