#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mock of the probe behind sockets: what clients of other makers make of it, and what it captures of them.

    mock.py MOCK_SERVE [--update]

Prints TAP.  With --update the golden answers are written anew.  Everything runs on the loopback and ends by itself.
"""
import base64
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))  # where tap is
from tap import Skip, Tap, Wrong

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden" / "probe"
SERVE = str(pathlib.Path(sys.argv[1]).resolve())
WAIT = 30


class Mock:
    """One mock on the loopback; leaving the block ends it and reads what it captured."""

    def __init__(self, *options, output=()):
        self.top = tempfile.TemporaryDirectory(prefix="telltale-mock-")
        self.process = subprocess.Popen([SERVE, self.top.name, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=output)
        ports = [int(word) for word in self.process.stdout.readline().split()]
        self.port, self.other, self.dns = ports[0], ports[1], ports[-1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.authority, self.bundle = f"{self.top.name}/ca.pem", f"{self.top.name}/bundle.pem"
        self.run = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self.process.stdout.close()
        folder = pathlib.Path(self.top.name) / "run"
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
        self.run = json.loads(self.files.get("run.json", b"null"))
        self.top.cleanup()

    def wait_end(self):
        """Waits until it ends without being told."""
        self.process.wait(WAIT)

    @property
    def exchanges(self):
        return self.run["exchanges"]

    def contacts(self, kind):
        return [contact for contact in self.run["contacts"] if contact["kind"] == kind]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)

    def talk(self, data):
        """Sends bytes, then no more; returns everything that comes back."""
        with self.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def curl(self, *options, check=True):
        environment = {"PATH": os.environ["PATH"], "HOME": "/proc/nonexistent"}
        done = subprocess.run(["curl", "-sS", "--max-time", str(WAIT), *options], capture_output=True, env=environment, check=False)
        if check and done.returncode != 0:
            raise Wrong(f"curl {options}: {done.stderr.decode()}")
        return done.stdout if check else done.returncode


def end_sending(connection):
    """No more bytes.  A connection that the other side has reset is none any more, and has nothing to end."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def equal(got, expected, what=""):
    if got != expected:
        raise Wrong(f"{what}: {got!r} is not {expected!r}")


# ---- answers ----

MODEL = '"model":"mock-1"'
TOOLS = {
    "chat": '"tools":[{"type":"function","function":{"name":"list_directory","parameters":{"type":"object","properties":{"path":{"type":"string"}},'
    '"required":["path"]}}}]',
    "responses": '"tools":[{"type":"function","name":"glob","parameters":{"properties":{"pattern":{"type":"string"}},"required":["pattern"]}}]',
    "messages": '"tools":[{"name":"LS","input_schema":{"properties":{"path":{"type":"string"}},"required":["path"]}}]',
    "gemini": '"tools":[{"functionDeclarations":[{"name":"read_file","parameters":{"properties":{"n":{"type":"INTEGER"}},"required":["n"]}}]}]',
}
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages?beta=true",
    "gemini": "/v1beta/models/mock-1:generateContent",
    "gemini-array": "/v1beta/models/mock-1:streamGenerateContent",
    "gemini-events": "/v1beta/models/mock-1:streamGenerateContent?alt=sse",
}


def golden_requests():
    """Name of the golden file -> method, path, body."""
    table = {}
    for api in ("chat", "responses", "messages"):
        for form, stream in (("json", ""), ("events", ',"stream":true')):
            table[f"{api}.{form}"] = ("POST", PATHS[api], f"{{{MODEL}{stream}}}")
            table[f"{api}.tool.{form}"] = ("POST", PATHS[api], f"{{{MODEL},{TOOLS[api]}{stream}}}")
    for api in ("gemini", "gemini-array", "gemini-events"):
        table[api] = ("POST", PATHS[api], "{}")
        table[f"{api}.tool"] = ("POST", PATHS[api], f"{{{TOOLS['gemini']}}}")
    table["chat.asks-json"] = ("POST", PATHS["chat"], '{"response_format":{"type":"json_object"}}')
    table["count"] = ("POST", "/v1/messages/count_tokens", "{}")
    table["gemini-count"] = ("POST", "/v1beta/models/mock-1:countTokens", "{}")
    table["gemini-models"] = ("GET", "/v1beta/models", "")
    table["models"] = ("GET", "/v1/models", "")
    table["model"] = ("GET", "/v1/models/mock-1", "")
    table["unknown"] = ("POST", "/telemetry?x=y", "{}")
    return table


def request(method, path, body, headers=""):
    return f"{method} {path} HTTP/1.1\r\nHost: h\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def test_golden():
    """Every answer, byte by byte, is what it was; asked again it is the same."""
    got, again = {}, {}
    for name, row in golden_requests().items():
        with Mock("tool") as mock:
            got[name], again[name] = mock.talk(request(*row)), mock.talk(request(*row))
    equal(got, again, "the second time")
    if "--update" in sys.argv:
        GOLDEN.mkdir(exist_ok=True)
        for path in GOLDEN.iterdir():
            path.unlink()
        for name, answer in got.items():
            (GOLDEN / f"{name}.http").write_bytes(answer)
    files = {path.name.removesuffix(".http"): path.read_bytes() for path in GOLDEN.iterdir()}
    equal(sorted(files), sorted(got), "the golden files")
    for name, answer in got.items():
        equal(answer, files[name], name)
        head = answer.split(b"\r\n\r\n")[0].lower()
        for word in (b"\r\ndate:", b"\r\nserver:", b"\r\nset-cookie:"):
            assert word not in head, name


def read_answer(answer):
    """Status, headers and body of one answer, by its Content-Length."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    equal(len(body), int(headers["content-length"]), "the body's length")
    return int(lines[0].split()[1]), headers, body


def read_events(body):
    """Server-sent events as the HTML standard dispatches them: (type, data)."""
    events, kind, data = [], "", []
    for line in body.decode("utf-8").split("\n"):
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "":
            if data:
                events.append((kind or "message", "\n".join(data)))
            kind, data = "", []
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)
        else:
            raise Wrong(f"a line of events: {line}")
    equal((kind, data), ("", []), "behind the last event")
    return events


def test_streams():
    """Streams put together by the rules of each API say what the plain answers say."""
    plain = {name: read_answer(path.read_bytes())[2] for name in golden_requests() for path in [GOLDEN / f"{name}.http"]}
    for tool in ("", ".tool"):
        chunks = [data for _, data in read_events(plain[f"chat{tool}.events"])]
        equal(chunks.pop(), "[DONE]")
        chunks = [json.loads(chunk) for chunk in chunks]
        message, finish = {}, None
        for choice in (choice for chunk in chunks for choice in chunk["choices"]):
            for key, value in choice["delta"].items():
                if key == "tool_calls":
                    value = [{k: v for k, v in call.items() if k != "index"} for call in value]
                message[key] = value
            finish = choice["finish_reason"] or finish
        whole = json.loads(plain[f"chat{tool}.json"])
        equal({**message, "refusal": None}, whole["choices"][0]["message"])
        equal((finish, chunks[-1]["usage"]), (whole["choices"][0]["finish_reason"], whole["usage"]))

        events = [(kind, json.loads(data)) for kind, data in read_events(plain[f"messages{tool}.events"])]
        message = events[0][1]["message"]
        for kind, event in events:
            equal(kind, event["type"])
            if kind == "content_block_start":
                message["content"].append(event["content_block"])
            elif kind == "content_block_delta" and event["delta"]["type"] == "text_delta":
                message["content"][event["index"]]["text"] += event["delta"]["text"]
            elif kind == "content_block_delta":
                message["content"][event["index"]]["input"] = json.loads(event["delta"]["partial_json"])
            elif kind == "message_delta":
                message.update(event["delta"])
        equal(events[-1][0], "message_stop")
        equal(message, json.loads(plain[f"messages{tool}.json"]))

        events = [(kind, json.loads(data)) for kind, data in read_events(plain[f"responses{tool}.events"])]
        equal([event["sequence_number"] for _, event in events], list(range(len(events))))
        equal([kind for kind, event in events if kind != event["type"]], [])
        equal(events[-1][1]["response"], json.loads(plain[f"responses{tool}.json"]))
        done = [event["item"] for kind, event in events if kind == "response.output_item.done"]
        equal(done, events[-1][1]["response"]["output"])

        whole = json.loads(plain[f"gemini{tool}"])
        equal([json.loads(data) for _, data in read_events(plain[f"gemini-events{tool}"])], [whole])
        equal(json.loads(plain[f"gemini-array{tool}"]), [whole])


def test_own_answer():
    """A file of the user's takes the place of an answer."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b'{"mine":1}')
        file.flush()
        with Mock(f"answer=/completions={file.name}") as mock:
            equal(json.loads(mock.curl(mock.url + "/v1/chat/completions", "-d", "{}")), {"mine": 1})


# ---- HTTP ----


def test_curl():
    """curl: plain, chunked, expecting, compressed, through a proxy."""
    packed = gzip.compress(b'{"stream":true}')
    big = b'{"x":"' + b"a" * 3_000_000 + b'"}'
    with Mock() as mock, tempfile.NamedTemporaryFile() as file:
        file.write(packed)
        file.flush()
        mock.curl(mock.url + "/v1/chat/completions", "-d", "{}")
        mock.curl(mock.url + "/v1/chat/completions", "-H", "Transfer-Encoding: chunked", "-d", '{"a":1}')
        events = mock.curl(mock.url + "/v1/chat/completions", "-H", "Content-Encoding: gzip", "--data-binary", "@" + file.name)
        assert events.startswith(b"data: "), events
        file.seek(0)
        file.write(big)
        file.flush()
        mock.curl(mock.url + "/v1/messages", "-H", "Expect: 100-continue", "--data-binary", "@" + file.name)
        mock.curl("http://api.example.test/v1/models", "-x", mock.url)
        mock.curl("-I", mock.url + "/v1/models")
        equal(mock.curl("-0", mock.url + "/v1/models", mock.url + "/v1/models")[:1], b"{")
    equal([one["status"] for one in mock.exchanges], [200, 200, 200, 200, 200, 404, 200, 200])
    equal([one["chunked"] for one in mock.exchanges[:3]], [False, True, False])
    assert mock.files["02.request"].endswith(b'7\r\n{"a":1}\r\n0\r\n\r\n')
    equal(mock.files["02.content"], b'{"a":1}')
    equal((mock.exchanges[2]["coding"], mock.exchanges[2]["decoded"]), ("gzip", True))
    assert mock.files["03.request"].endswith(packed)
    equal(mock.files["03.content"], b'{"stream":true}')
    assert mock.files["04.request"].endswith(big)
    assert mock.files["05.request"].startswith(b"GET http://api.example.test/v1/models HTTP/1.1\r\n")
    equal([one["name"] for one in mock.contacts("unknown_path")], ["/v1/models"])  # HEAD: no API has it


def test_pipelining():
    """Many requests at once, by one client that then reads."""
    with Mock() as mock, mock.connect() as connection:
        connection.sendall(request("POST", PATHS["chat"], "{}") * 200)
        connection.shutdown(socket.SHUT_WR)
        answers = read_all(connection)
        equal(answers.count(b"HTTP/1.1 200 OK\r\n"), 200)
    equal([one["connection"] for one in mock.exchanges], [1] * 200)


def test_slow():
    """A request that comes byte by byte while others are answered, and 200 connections that say nothing."""
    data = request("POST", PATHS["chat"], "{}")
    with Mock() as mock, contextlib.ExitStack() as stack:
        slow = stack.enter_context(mock.connect())
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i, byte in enumerate(data):
            slow.sendall(bytes([byte]))
            if i % 20 == 0:
                equal(read_answer(mock.talk(data))[0], 200)
        slow.shutdown(socket.SHUT_WR)
        equal(read_answer(read_all(slow))[0], 200)
        for _ in range(200):
            stack.enter_context(mock.connect())
        equal(read_answer(mock.talk(data))[0], 200)
    equal(mock.run["flooded"], False)


def test_idle():
    """Connections that are kept alive and idle make room for new ones, and those that were never used do not."""
    data = request("POST", PATHS["chat"], "{}")
    with Mock() as mock, contextlib.ExitStack() as stack:
        silent = stack.enter_context(mock.connect())
        for _ in range(400):
            connection = stack.enter_context(mock.connect())
            connection.sendall(data)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        silent.sendall(data)
        assert silent.recv(65536).startswith(b"HTTP/1.1 200 OK")
    equal(len(mock.exchanges), 401)


def test_nonsense():
    """What is no request is answered where it can be, told, and harms nobody else."""
    nonsense = {
        "no request line": b"HELO me\r\n\r\n",
        "SOCKS": b"\x05\x01\x00",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "Content-Length is no number": b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "a chunk that is none": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz",
        "a request that does not end": b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab",
        "a head over the limit": b"GET / HTTP/1.1\r\nA: " + b"x" * 300_000,
    }
    with Mock() as mock:
        for data in nonsense.values():
            with mock.connect() as connection:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(data)
                    end_sending(connection)
                    read_all(connection)
            equal(read_answer(mock.talk(request("POST", PATHS["chat"], "{}")))[0], 200)
    equal([one["detail"] for one in mock.contacts("nonsense")], list(nonsense))
    equal(len(mock.exchanges), len(nonsense))


# ---- TLS ----


def secure(mock, name, **options):
    """A connection of Python's, as strict as it can be."""
    context = ssl.create_default_context(cafile=mock.authority)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["h2", "http/1.1"])
    for key, value in options.items():
        setattr(context, key, value)
    return context.wrap_socket(mock.connect(), server_hostname=name)


def test_tls():
    """Names, addresses, old and new versions; the certificate holds from 2000 to 2099."""
    with Mock("tls") as mock:
        for name in ("api.example.test", "127.0.0.1", "xn--bcher-kva.example", "a_b.example.test"):
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                with secure(mock, name, maximum_version=version) as connection:
                    equal(connection.selected_alpn_protocol(), "http/1.1")
                    facts = connection.getpeercert()
                    equal((facts["notBefore"], facts["notAfter"]), ("Jan  1 00:00:00 2000 GMT", "Dec 31 23:59:59 2099 GMT"))
                    connection.sendall(request("POST", PATHS["chat"], "{}", "Connection: close\r\n"))
                    equal(read_answer(read_all(connection))[0], 200)
        pem = pathlib.Path(mock.authority).read_bytes()
        bundle = pathlib.Path(mock.bundle).read_bytes()
    assert bundle.endswith(pem) and bundle.count(b"BEGIN CERTIFICATE") >= 1
    equal([one["sni"] for one in mock.exchanges[::2]], ["api.example.test", "", "xn--bcher-kva.example", "a_b.example.test"])
    equal({(one["tls"], one["alpn"]) for one in mock.exchanges}, {(True, "h2,http/1.1")})
    equal(len(mock.contacts("sni")), 8)
    for one in mock.contacts("sni"):
        hello = bytes.fromhex(one["hello"])
        equal((hello[0], int.from_bytes(hello[1:4], "big")), (1, len(hello) - 4))


def test_openssl():
    """openssl verifies the chain at both ends of its time, and shows what a certificate says."""
    with Mock("tls") as mock:
        for moment in ("946771200", "1770120000", "4102358400"):
            command = ["openssl", "s_client", "-connect", f"127.0.0.1:{mock.port}", "-servername", "h.example.test", "-CAfile", mock.authority, "-x509_strict"]
            command += ["-verify_return_error", "-verify_hostname", "h.example.test", "-attime", moment, "-alpn", "http/1.1", "-showcerts"]
            done = subprocess.run(command, input=b"", capture_output=True, timeout=WAIT, check=False)
            equal(done.returncode, 0, done.stderr.decode())
        text = subprocess.run(["openssl", "x509", "-noout", "-text"], input=done.stdout, capture_output=True, check=True).stdout.decode()
        for words in ("prime256v1", "DNS:h.example.test", "TLS Web Server Authentication", "CA:FALSE"):
            assert words in text, words


def test_curl_tls():
    """curl: by name, by address, through a tunnel, through a proxy that is itself behind TLS."""
    with Mock("tls") as mock:
        trust = ["--cacert", mock.authority, "-d", "{}"]
        at = f"127.0.0.1:{mock.other}"
        mock.curl(*trust, "--connect-to", f"::{at}", "https://api.example.test/v1/messages")
        mock.curl(*trust, f"https://{at}/v1/messages")
        mock.curl(*trust, "-x", f"http://{at}", "https://api.example.test/v1/messages")
        mock.curl(*trust, "-x", f"http://{at}", "--proxytunnel", "http://plain.example.test/v1/messages")
        mock.curl(*trust, "-x", f"https://{at}", "--proxy-cacert", mock.authority, "https://inner.example.test/v1/messages")
        equal(mock.curl("--connect-to", f"::{at}", "https://lost.example.test/", check=False), 60)
    facts = [(one["connection"], one["tls"], one["sni"], one["connect_target"]) for one in mock.exchanges]
    expected = [
        (1, True, "api.example.test", ""),
        (2, True, "", ""),
        (3, False, "", ""),
        (3, True, "api.example.test", "api.example.test:443"),
        (4, False, "", ""),
        (4, False, "", "plain.example.test:80"),
        (5, True, "", ""),
        (5, True, "inner.example.test", "inner.example.test:443"),
    ]
    equal(facts, expected)
    equal([one["name"] for one in mock.contacts("connect")], ["api.example.test:443", "plain.example.test:80", "inner.example.test:443"])
    equal([one["name"] for one in mock.contacts("failed_handshake")], ["lost.example.test"])
    equal(mock.contacts("sni")[-1]["name"], "lost.example.test")


def test_no_authority():
    """Without certificates a handshake fails, and is told."""
    with Mock() as mock:
        equal(mock.curl("-k", f"https://127.0.0.1:{mock.port}/", check=False), 35)
        equal(mock.curl("-k", "--connect-to", f"::127.0.0.1:{mock.port}", "https://h.example.test/", check=False), 35)
    equal([(one["name"], one["detail"]) for one in mock.contacts("failed_handshake")],
          [("", "the mock has no certificates"), ("h.example.test", "the mock has no certificates")])


NODE = """
const post = async (url) => {
  const answer = await fetch(url, {method: "POST", body: JSON.stringify({stream: true, model: "m"})});
  const text = await answer.text();
  if (!text.endsWith("data: [DONE]\\n\\n")) throw new Error(text);
};
await post(process.argv[1] + "/v1/chat/completions");
await Promise.all([1, 2, 3, 4].map(() => post(process.argv[2] + "/v1/chat/completions")));
const stream = new ReadableStream({start(c) { c.enqueue(new TextEncoder().encode("{}")); c.close(); }});
await (await fetch(process.argv[1] + "/v1/messages", {method: "POST", body: stream, duplex: "half"})).json();
"""


def test_node():
    """node's fetch, over HTTP and over TLS with the authority in the environment, and with a body of chunks."""
    if not shutil.which("node"):
        raise Skip("node is not there")
    with Mock("tls") as mock:
        environment = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": mock.authority}
        command = ["node", "--input-type=module", "-e", NODE, mock.url, f"https://127.0.0.1:{mock.other}"]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=WAIT, check=False)
        equal(done.returncode, 0, done.stderr.decode())
    equal([one["tls"] for one in mock.exchanges], [False, True, True, True, True, False])
    equal(mock.exchanges[-1]["chunked"], True)
    return None


# ---- names ----


def query(mock, name, kind, at="127.0.0.1"):
    """Asks; returns the answer's code and the addresses of it."""
    question = b"".join(bytes([len(label)]) + label for label in name.encode().split(b".")) + b"\0" + struct.pack(">HH", kind, 1)
    with socket.socket(socket.AF_INET6 if ":" in at else socket.AF_INET, socket.SOCK_DGRAM) as dns:
        dns.settimeout(WAIT)
        dns.sendto(struct.pack(">6H", 77, 0x0100, 1, 0, 0, 0) + question, (at, mock.dns))
        answer, sender = dns.recvfrom(512)
    equal(sender[:2], (at, mock.dns))
    number, flags, questions, records = struct.unpack(">4H", answer[:8])
    equal((number, flags >> 15, questions), (77, 1, 1))
    rest = answer[12 + len(question) :]
    addresses = [socket.inet_ntoa(rest[16 * i + 12 : 16 * i + 16]) for i in range(records)]
    equal(len(rest), 16 * records)
    return flags & 15, addresses


def test_dns():
    """Names do not exist, or lead to one address; every question is captured."""
    with Mock() as mock:
        equal(query(mock, "api.example.test", 1), (3, []))
        equal(query(mock, "a b\\c.test", 28), (3, []))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dns:
            dns.sendto(b"nonsense", ("127.0.0.1", mock.dns))
            dns.sendto(b"", ("127.0.0.1", mock.dns))
        equal(query(mock, "third.example.test", 16), (3, []))
    equal([(one["name"], one["detail"]) for one in mock.contacts("dns")],
          [("api.example.test", "A"), ("a b\\092c.test", "AAAA"), ("third.example.test", "TXT")])
    with Mock("redirect") as mock:
        equal(query(mock, "api.example.test", 1), (0, ["198.51.100.7"]))
        equal(query(mock, "api.example.test", 28), (0, []))
        equal(query(mock, "api.example.test", 65), (0, []))
    equal([one["detail"] for one in mock.contacts("dns")], ["A", "AAAA", "HTTPS"])


def test_any_address():
    """On sockets for every address, answers come from the address that was asked, and the capture names it."""
    if not has_ipv6():
        raise Skip("the loopback has no IPv6")
    with Mock("any") as mock:
        for address in ("127.0.0.1", "127.0.0.77", "::1"):
            equal(query(mock, "x.test", 1, address), (3, []))
            with socket.create_connection((address, mock.port), timeout=WAIT) as connection:
                connection.sendall(request("POST", PATHS["chat"], "{}", "Connection: close\r\n"))
                equal(read_answer(read_all(connection))[0], 200)
    equal([one["address"] for one in mock.exchanges], ["127.0.0.1", "127.0.0.77", "::1"])
    equal([one["port"] for one in mock.exchanges], [mock.port] * 3)
    return None


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
        return True
    except OSError:
        return False


# ---- WebSocket ----


def frame(kind, payload, mask=b"\x11\x22\x33\x44"):
    length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return bytes([0x80 | kind]) + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def read_frames(data):
    """The frames of a server: (kind, payload)."""
    frames = []
    while data:
        kind, length, at = data[0] & 15, data[1], 2
        assert data[0] & 0x80 and length < 128, "a frame without mask, in one part"
        if length == 126:
            length, at = struct.unpack(">H", data[2:4])[0], 4
        frames.append((kind, data[at : at + length]))
        data = data[at + length :]
    return frames


def test_web_socket():
    """Refused unless it is wanted; then messages are captured and answered with events."""
    key = base64.b64encode(b"0123456789abcdef")
    upgrade = b"GET /v1/responses HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += b"Sec-WebSocket-Key: " + key + b"\r\n\r\n"
    with Mock() as mock:
        equal(read_answer(mock.talk(upgrade))[0], 426)
    equal(mock.contacts("websocket")[0]["name"], "/v1/responses")
    long = json.dumps({"type": "response.create", "model": "m", "input": "x" * 1000}).encode()
    with Mock("socket") as mock:
        answer = mock.talk(upgrade + frame(9, b"ping") + frame(1, long) + frame(8, b"\x03\xe8bye"))
    head, _, data = answer.partition(b"\r\n\r\n")
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    assert head.startswith(b"HTTP/1.1 101 ") and b"\r\nSec-WebSocket-Accept: " + accept in head, head
    frames = read_frames(data)
    equal((frames[0], frames[-1]), ((10, b"ping"), (8, b"\x03\xe8")))
    equal([json.loads(text)["type"] for kind, text in frames if kind == 1][::8], ["response.created", "response.completed"])
    equal([one["kind"] for one in mock.exchanges], ["http", "websocket"])
    equal(mock.files["02.content"], long)


# ---- a run ----


def test_output():
    """What the client prints is kept up to a bound, and read beyond it."""
    with contextlib.ExitStack() as stack:
        out, err = os.pipe(), os.pipe()
        mock = stack.enter_context(Mock(f"output=1000:{out[0]}:{err[0]}", output=(out[0], err[0])))
        os.close(out[0])
        os.close(err[0])
        os.write(err[1], b"oh\n")
        for _ in range(100):
            os.write(out[1], b"x" * 65536)
        os.close(out[1])
        os.close(err[1])
    equal((mock.files["stdout"], mock.files["stderr"]), (b"x" * 1000, b"oh\n"))
    equal((mock.run["out_cut"], mock.run["flooded"]), (True, False))


def test_deadline():
    """A run ends at its deadline, with what was there."""
    with Mock("wall=400") as mock, mock.connect() as connection:
        connection.sendall(request("POST", PATHS["chat"], "{}") + b"POST /half")
        before = time.monotonic()
        mock.wait_end()
        assert time.monotonic() - before < WAIT / 2
    equal((mock.run["timed_out"], len(mock.exchanges)), (True, 1))
    assert mock.run["wall_ms"] >= 400


def test_last_words():
    """What a client sent right before its end is captured: requests and names that the mock had no time to look at."""
    for _ in range(5):
        with Mock() as mock:
            with mock.connect() as connection, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as dns:
                dns.sendto(struct.pack(">6H", 1, 0, 1, 0, 0, 0) + b"\1x\0\0\1\0\1", ("127.0.0.1", mock.dns))
                connection.sendall(request("POST", PATHS["chat"], "{}") * 3)
                mock.process.stdin.close()
                mock.wait_end()
        equal((len(mock.exchanges), len(mock.contacts("dns"))), (3, 1))


def test_flood():
    """More requests than a run may have end it."""
    with Mock() as mock, mock.connect() as connection:
        with contextlib.suppress(ConnectionError):
            for _ in range(2000):
                connection.sendall(b"GET /v1/models HTTP/1.1\r\n\r\n")
        mock.wait_end()
    equal((mock.run["flooded"], len(mock.exchanges)), (True, 1024))


def test_held():
    """A client that begins many large requests and ends none runs into a bound of them all."""
    part = b"POST / HTTP/1.1\r\nContent-Length: 30000000\r\n\r\n" + b"x" * 1_000_000
    with Mock() as mock, contextlib.ExitStack() as stack:
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                stack.enter_context(mock.connect()).sendall(part)
        mock.wait_end()
    equal((mock.run["flooded"], mock.exchanges), (True, []))


def main():
    tap = Tap()
    for name, function in list(globals().items()):
        if name.startswith("test_"):
            tap.run(function.__doc__.strip().rstrip("."), function)
    tap.end()


main()
