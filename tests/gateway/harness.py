# SPDX-License-Identifier: Apache-2.0
"""A provider and an nginx of a test's own, both on loopback.

Upstream   answers each request with what it got, as JSON: the SHA-256 and length of the body, the headers in their order and
           spelling, the request line.  A request header "x-test" asks for something else: a stream, a stall, a reset ...
Nginx      a prefix folder, a configuration, the module; stopped by its pid, and its error log must hold no [alert] or [crit].
send       one request, byte for byte as given, and the answer as it came.
"""

import atexit
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))  # where tap is
from tap import Tap, Wrong, expect

NGINX = "/usr/sbin/nginx"
TIMEOUT = 20  # seconds for anything that should take none


def until(condition, words, timeout=TIMEOUT):
    """Waits for condition() to give something true, and gives it."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.01)
    raise Wrong(f"not within {timeout} s: {words}")


# ---- HTTP/1.1, no more of it than the tests need ----


class Reader:
    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def more(self):
        piece = self.sock.recv(65536)
        if not piece:
            raise EOFError
        self.buffer += piece

    def until(self, sign):
        while sign not in self.buffer:
            self.more()
        part, self.buffer = self.buffer.split(sign, 1)
        return part

    def exactly(self, size):
        parts, have = [self.buffer], len(self.buffer)
        while have < size:
            piece = self.sock.recv(min(1 << 20, size - have))
            if not piece:
                raise EOFError
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self.buffer = whole[size:]
        return whole[:size]

    def head(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        return lines[0], [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines[1:]]

    def chunks(self):
        while size := int(self.until(b"\r\n"), 16):
            yield self.exactly(size)
            self.until(b"\r\n")
        self.until(b"\r\n")

    def rest(self):
        parts = [self.buffer]
        try:
            while piece := self.sock.recv(65536):
                parts.append(piece)
        except ConnectionResetError:
            pass
        self.buffer = b""
        return b"".join(parts)


class Answer:
    def __init__(self, status, headers, body, complete=True, pieces=()):
        self.status, self.headers, self.body, self.complete, self.pieces = status, headers, body, complete, pieces

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status} {self.headers} {self.body[:1500]!r}"


def read_answer(reader):
    line, headers = reader.head()
    while line.split()[1] == "100":
        line, headers = reader.head()
    status = int(line.split()[1])
    named = {key.lower(): value for key, value in headers}
    pieces, complete = [], True
    try:
        if named.get("transfer-encoding") == "chunked":
            for piece in reader.chunks():
                pieces.append((time.monotonic(), piece))
        elif "content-length" in named:
            pieces.append((time.monotonic(), reader.exactly(int(named["content-length"]))))
        else:
            pieces.append((time.monotonic(), reader.rest()))
    except (EOFError, ConnectionResetError):
        complete = False
    return Answer(status, headers, b"".join(piece for _, piece in pieces), complete, pieces)


def chunked(body, size=1000):
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def message(path, body=b"", headers=(), method="POST", coding=None, host="gateway.test"):
    """A request as bytes: the headers in the order given, then the length or the chunks."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{key}: {value}" for key, value in headers)]
    if coding == "chunked":
        lines.append("Transfer-Encoding: chunked")
        body = chunked(body)
    elif body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)


def send_raw(port, raw):
    with connect(port) as sock:
        try:
            sock.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before the body was sent; the answer may be there
        return read_answer(Reader(sock))


def send(port, path, body=b"", headers=(), **how):
    return send_raw(port, message(path, body, headers, **how))


# ---- the provider ----

SSE = "text/event-stream"


def anthropic_events(words=20):
    """A stream of the Messages API: events as they are sent, one after another."""
    yield b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude-test-1","usage":{"input_tokens":11,"cache_creation_input_tokens":2,"cache_read_input_tokens":3,"output_tokens":1}}}\n\n'
    for n in range(words):
        yield b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word %d "}}\n\n' % n
    yield b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":42}}\n\n'
    yield b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


class Upstream:
    """Threads, one for a connection.  seen: every request that arrived as a whole."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.server.getsockname()[1]
        self.seen, self.lock, self.failed = [], threading.Lock(), set()
        self.gate = threading.Event()  # "hold" waits for it
        self.seen_event = threading.Semaphore(0)  # "step" waits for it behind each event
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def close(self):
        self.server.close()
        self.gate.set()

    def serve(self, sock):
        reader = Reader(sock)
        with sock:
            try:
                while self.one(sock, reader):
                    pass
            except (EOFError, OSError, ValueError):
                pass

    def one(self, sock, reader):
        line, headers = reader.head()
        named = {key.lower(): value for key, value in headers}
        if named.get("transfer-encoding") == "chunked":
            body = b"".join(reader.chunks())
        else:
            body = reader.exactly(int(named.get("content-length", 0)))
        seen = {"line": line, "headers": headers, "length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        with self.lock:
            self.seen.append({**seen, "body": body})
        words = named.get("x-test", "echo").split()
        return getattr(self, "do_" + words[0])(sock, seen, body, *words[1:]) is not False

    def answer(self, sock, status, body, type_="application/json", extra=""):
        sock.sendall(f"HTTP/1.1 {status} Test\r\nContent-Type: {type_}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body)

    def do_echo(self, sock, seen, body):
        # A small body comes back whole, so that a test can look at single bytes.
        extra = {"body": body.decode("latin-1")} if len(body) < 1 << 20 else {}
        self.answer(sock, 200, json.dumps({**seen, **extra}).encode())

    def do_status(self, sock, seen, body, status, *words):
        extra = {"429": "Retry-After: 7\r\nanthropic-ratelimit-unified-status: rejected\r\n", "529": "x-should-retry: true\r\n"}
        self.answer(sock, int(status), b'{"type":"error","error":{"type":"overloaded_error","message":"as the provider says"}}',
                    extra=extra.get(status, ""))

    def do_once(self, sock, seen, body, name):
        """502 at first, an echo when the same is tried again."""
        with self.lock:
            first = name not in self.failed
            self.failed.add(name)
        if first:
            self.answer(sock, 502, b"{}")
        else:
            self.do_echo(sock, seen, body)

    def do_accel(self, sock, seen, body, path):
        self.answer(sock, 200, b'{"from":"provider"}', extra=f"X-Accel-Redirect: {path}\r\nX-Accel-Buffering: yes\r\n")

    def do_json(self, sock, seen, body):
        self.answer(sock, 200, b'{"id":"msg_2","model":"claude-test-1","stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":5}}')

    def do_sse(self, sock, seen, body, words="20", delay="0", end="close", size="0"):
        """delay: seconds between events, or step (until the test says that it has seen one).  end: done, reset (in the middle), close (without the
        last chunk), hold (stall until the test lets go)."""
        closes = "Connection: close\r\n" if end == "close" else ""  # else nginx could send the next request on it, while it closes
        sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {SSE}\r\n{closes}Transfer-Encoding: chunked\r\n\r\n".encode())
        events = list(anthropic_events(int(words)))
        stop = len(events) if end in ("done", "close") else len(events) // 2
        for event in events[:stop]:
            pieces = [event[i : i + int(size)] for i in range(0, len(event), int(size))] if int(size) else [event]
            for piece in pieces:
                sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
            if delay != "step":
                time.sleep(float(delay))
            elif not self.seen_event.acquire(timeout=TIMEOUT):
                return False
        if end == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if end == "hold":
            self.gate.wait(TIMEOUT)
            return False
        sock.sendall(b"0\r\n\r\n")
        return end == "done"

    def do_error_event(self, sock, seen, body):
        events = [next(anthropic_events()), b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n']
        sock.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {SSE}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for event in events:
            sock.sendall(b"%x\r\n%s\r\n" % (len(event), event))
        sock.sendall(b"0\r\n\r\n")

    def do_stall(self, sock, seen, body):
        self.gate.wait(TIMEOUT)
        return False

    def do_reset(self, sock, seen, body):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


# ---- nginx ----


def free_ports(count):
    """Ports that nobody listens on.  Bound at the same time, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def sanitizer():
    """The runtime that has to be in the process before the module is, when the module was built with AddressSanitizer."""
    return os.environ.get("TT_ASAN_RUNTIME", "")


class Nginx:
    """files: name -> text, written to the prefix before the start."""

    def __init__(self, module, config, files=None, show=None, start=True):
        self.more = {}  # of the environment
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="telltale-nginx-"))
        self.module, self.show, self.process = pathlib.Path(module), show, None
        self.rings = pathlib.Path(tempfile.mkdtemp(prefix="telltale-rings-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        atexit.register(self.abandon)
        for name in ("temp", "html"):
            (self.folder / name).mkdir()
        for name, text in (files or {}).items():
            self.write(name, text)
        self.config(config)
        if start:
            self.start()

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(0o600)

    def config(self, http, main=""):
        user = "user root;" if os.getuid() == 0 else ""
        # nginx gives a successor only the variables that it is told to.
        runtime = "env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;" if sanitizer() else ""
        self.write("nginx.conf", f"""{user} {runtime}
load_module {self.module};
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log info;
{main if "worker_processes" in main else "worker_processes 1;" + main}
events {{ worker_connections 2048; }}
http {{
    access_log {self.folder}/access.log;
    {" ".join(f"{kind}_temp_path {self.folder}/temp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))}
    {http}
}}
""")

    def environment(self):
        env = {"PATH": os.environ.get("PATH", "/usr/bin"), "LC_ALL": "C.UTF-8"}
        if sanitizer():
            # nginx itself keeps what it allocates until it ends, so leaks are not looked for here.
            env |= {"LD_PRELOAD": sanitizer(), "ASAN_OPTIONS": f"detect_leaks=0:log_path={self.folder}/asan",
                    "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:log_path={self.folder}/asan"}
        return env | self.more

    def command(self, *words):
        return [NGINX, "-p", f"{self.folder}/", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log", *words]

    def check(self):
        """nginx -t: the exit code and what it says."""
        done = subprocess.run(self.command("-t"), capture_output=True, text=True, env=self.environment(), timeout=TIMEOUT)
        return done.returncode, done.stderr

    def start(self):
        done = subprocess.run(self.command(), capture_output=True, text=True, env=self.environment(), timeout=TIMEOUT)
        expect(done.returncode == 0, "nginx does not start", done.stderr, self.errors())
        until(lambda: (self.folder / "nginx.pid").exists() and self.workers(), "a worker runs")
        return self

    @property
    def pid(self):
        file = self.folder / "nginx.pid"
        return int(until(lambda: file.exists() and file.read_text().strip(), "the pid file, which is empty for a moment"))

    def children(self, pid):
        try:
            text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            return []
        return [int(word) for word in text.split()]

    def workers(self, pid=None):
        found = []
        for child in self.children(pid or self.pid):
            try:
                title = pathlib.Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:
                continue
            if b"worker process" in title and b"shutting down" not in title:
                found.append(child)
        return found

    def signal(self, name, pid=None):
        os.kill(pid or self.pid, getattr(signal, name))

    def reload(self):
        """HUP, and the old workers are replaced."""
        old = set(self.workers())
        self.signal("SIGHUP")
        until(lambda: self.workers() and not old & set(self.workers()), "new workers run")

    def records(self):
        done = subprocess.run([self.show, self.rings], capture_output=True, text=True, timeout=TIMEOUT)
        expect(done.returncode == 0, "the rings cannot be read", done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def errors(self):
        path = self.folder / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def access(self):
        return (self.folder / "access.log").read_text(errors="replace")

    def stop(self, fast=True):
        """Ends nginx and says what its log must not hold."""
        pid_file = self.folder / "nginx.pid"
        if pid_file.exists():
            pid = self.pid
            os.kill(pid, signal.SIGTERM if fast else signal.SIGQUIT)
            until(lambda: not pid_file.exists() and not pathlib.Path(f"/proc/{pid}/exe").exists(), "nginx ends")
        bad = [line for line in self.errors().splitlines() if re.search(r"\[(alert|crit|emerg)\]", line)]
        bad += [path.read_text(errors="replace") for path in self.folder.glob("asan.*")]
        return bad

    def abandon(self):
        """At the end of the run: what a case that broke has left."""
        with contextlib.suppress(OSError, ValueError, Wrong):
            self.stop()
        self.remove()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.rings, ignore_errors=True)


# ---- cases and TAP ----

cases = []


def case(name, gateway="main"):
    """Adds a function to the cases; it gets the gateway of that name, which is started for the first that asks."""
    return lambda function: cases.append((name, gateway, function)) or function


class Gateways:
    """Those that were started, each for the first case that asks for it; one that does not start fails all its cases."""

    def __init__(self, known):
        self.known, self.started, self.failed = known, {}, set()

    def use(self, key, function):
        if not key:
            return function()
        expect(key not in self.failed, f"the gateway {key} did not start")
        if key not in self.started:
            self.failed.add(key)
            self.started[key] = self.known[key]()
            self.failed.remove(key)
        return function(self.started[key])


def stop(gateway):
    alerts = gateway.stop()
    expect(not alerts, *alerts)


def run_cases(known, words):
    """known: name -> function that gives a started gateway."""
    gateways, tap = Gateways(known), Tap()
    for name, key, function in cases:
        if not words or any(word in name for word in words):
            tap.run(name, gateways.use, key, function)
    for key, gateway in gateways.started.items():
        tap.run(f"{key}: nginx ends, and its log has no alert", stop, gateway)
    tap.end()
