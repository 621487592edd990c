# SPDX-License-Identifier: Apache-2.0
"""What is allowed arrives byte for byte: body, headers, path; however the client sends it."""

import gzip
import hashlib
import json
import subprocess

from bodies import DIALECTS, JSON, MESSAGES, ODD, messages, zstd
from harness import Reader, case, connect, message, read_answer, until
from tap import expect

sha256 = lambda body: hashlib.sha256(body).hexdigest()


def arrived(answer, body):
    expect(answer.status == 200, "not forwarded", answer)
    got = answer.json()
    expect(got["sha256"] == sha256(body) and got["length"] == len(body), "another body arrived", got, body)
    return got


@case("the odd form of a body is kept, and allowed")
def odd_form(g):
    got = arrived(g.send(MESSAGES, ODD, JSON), ODD)
    expect(got["line"] == "POST /v1/messages HTTP/1.1", "another request line", got["line"])


@case("each dialect is forwarded")
def dialects(g):
    for name, (path, make) in DIALECTS.items():
        arrived(g.send(path, make("Hello."), JSON), make("Hello."))


@case("order, spelling and repetition of headers are kept")
def headers(g):
    sent = [("anthropic-version", "2023-06-01"), ("anthropic-beta", "a-2025,b-2026"), ("X-Stainless-Lang", "js"), ("Accept", "*/*"),
            ("anthropic-beta", "c"), ("User-Agent", "claude-cli/2.0 (external, cli)"), ("x_with_underscore", "1"), *JSON]
    got = arrived(g.send(MESSAGES, messages(), sent), messages())
    names = {key.lower() for key, _ in sent} - {"x_with_underscore"}
    kept = [(key, value) for key, value in got["headers"] if key.lower() in names]
    expect(kept == [pair for pair in sent if pair[0] != "x_with_underscore"], "headers changed", got["headers"])
    added = {key.lower() for key, _ in got["headers"]} - names
    expect(added <= {"host", "content-length", "connection"}, "headers were added", added)


@case("headers in the gateway's own name do not go on")
def own_headers(g):
    got = arrived(g.send(MESSAGES, messages(), [*JSON, ("x-telltale-record", "forged"), ("X-Telltale-Decision", "allow")]), messages())
    expect(not any(key.lower().startswith("x-telltale") or key.lower() == "keep-alive" for key, _ in got["headers"]),
           "a forged header arrived", got["headers"])


@case("raw path and query go on, without the gateway's prefix")
def raw_path(g):
    for path, want in [
        ("/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("/anthropic/v1/messages?a=%2F&b=x%20y", "/v1/messages?a=%2F&b=x%20y"),
        ("/openai/v1/chat/completions", "/v1/chat/completions"),
        ("/v1beta/models/gemini-2.5-pro%3AgenerateContent?key=abc&alt=sse", "/v1beta/models/gemini-2.5-pro%3AgenerateContent?key=abc&alt=sse"),
    ]:
        body = DIALECTS["gemini" if "gemini" in path else "openai chat" if "chat" in path else "anthropic"][1]("Hello.")
        got = arrived(g.send(path, body, JSON), body)
        expect(got["line"] == f"POST {want} HTTP/1.1", "another request line", got["line"])


@case("a path with two spellings is refused")
def two_paths(g):
    for path in ["/v1/x/../messages", "/v1//messages", "/v1/./messages", "/v1/%2e%2e/v1/messages", "//v1/messages", "/v1%2Fmessages",
                 "/%61nthropic/v1/messages", "/v1/messages%23", "/v1/messages%2f", "/v1/messages/", "/v1/messages%00"]:
        answer = g.send(path, messages(), JSON)
        expect(answer.status in (400, 404), f"{path} was not refused", answer)


@case("chunked arrives with its length, in pieces of any size")
def chunked(g):
    for filler in (0, 3000, 100000):
        body = messages(filler=filler)
        got = arrived(g.send(MESSAGES, body, JSON, coding="chunked"), body)
        named = {key.lower(): value for key, value in got["headers"]}
        expect(named.get("content-length") == str(len(body)) and "transfer-encoding" not in named, "another framing", named)


@case("a body that arrives in many small pieces")
def slow_body(g):
    body = messages("caf\u00e9 \u2026 " * 40)
    raw = message(MESSAGES, body, JSON)
    with connect(g.port) as sock:
        for i in range(0, len(raw), 97):
            sock.sendall(raw[i : i + 97])
        arrived(read_answer(Reader(sock)), body)


@case("Expect: 100-continue is answered before the body is sent")
def expect_continue(g):
    body = messages()
    head, rest = message(MESSAGES, body, [*JSON, ("Expect", "100-continue")]).split(b"\r\n\r\n", 1)
    with connect(g.port) as sock:
        sock.sendall(head + b"\r\n\r\n")
        reader = Reader(sock)
        expect(reader.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue", "no 100")
        sock.sendall(rest)
        arrived(read_answer(reader), body)


def curl(port, path, body, *more):
    command = ["curl", "-sS", "--http2-prior-knowledge", "-X", "POST", "-H", "Content-Type: application/json", *more,
               f"http://127.0.0.1:{port}{path}", "--data-binary", "@-", "-w", "\n%{http_code} %{http_version}"]
    done = subprocess.run(command, input=body, capture_output=True, timeout=20)
    expect(done.returncode == 0, "curl failed", done.stderr)
    text, _, status = done.stdout.rpartition(b"\n")
    return status.decode(), text


@case("HTTP/2, with a length and without")
def http2(g):
    for filler in (0, 100000):
        body = messages(filler=filler)
        for more in ([], ["-H", "Content-Length:"]):
            status, text = curl(g.ports["h2"], MESSAGES, body, *more)
            expect(status == "200 2" and json.loads(text)["sha256"] == sha256(body), "not as sent", status, text[:500])


@case("GET of the models goes on without a body")
def get_models(g):
    answer = g.send("/v1/models?limit=5", method="GET")
    expect(answer.status == 200 and answer.json()["line"] == "GET /v1/models?limit=5 HTTP/1.1", "not forwarded", answer)


@case("GET with a body is refused")
def get_body(g):
    answer = g.send("/v1/models", b'{"hidden":1}', JSON, method="GET")
    expect(answer.status == 400, "not refused", answer)


@case("one connection serves many requests")
def keepalive(g):
    with connect(g.port) as sock:
        reader = Reader(sock)
        for n in range(30):
            body = messages(f"number {n}", filler=n * 100)
            sock.sendall(message(MESSAGES, body, JSON, coding="chunked" if n % 3 == 0 else None))
            arrived(read_answer(reader), body)


@case("two requests in one packet")
def pipelined(g):
    one, two = messages("one"), messages("two")
    with connect(g.port) as sock:
        sock.sendall(message(MESSAGES, one, JSON) + message(MESSAGES, two, JSON))
        reader = Reader(sock)
        arrived(read_answer(reader), one)
        arrived(read_answer(reader), two)


@case("no temporary file at the shipped buffer, 300 KB and 3 MB")
def no_temp_files(g):
    before = g.nginx.errors().count("temporary file")
    for filler in (300_000, 3_000_000):
        for coding in (None, "chunked"):
            body = messages(filler=filler)
            arrived(g.send(MESSAGES, body, JSON, coding=coding), body)
    expect(g.nginx.errors().count("temporary file") == before, "a temporary file was used")


@case("a body in a temporary file is inspected and arrives")
def temp_file(g):
    for coding in (None, "chunked"):
        body = messages(filler=200_000)
        arrived(g.send(MESSAGES, body, JSON, server="file", coding=coding), body)
    expect("buffered to a temporary file" in g.nginx.errors(), "no file was used")


@case("proxy_request_buffering off")
def unbuffered(g):
    for coding in (None, "chunked"):
        body = messages(filler=100_000)
        arrived(g.send(MESSAGES, body, JSON, server="unbuffered", coding=coding), body)


@case("gzip and zstd: the compressed bytes go on as they came")
def compressed(g):
    plain = messages(filler=20_000)
    for coding, packed in (("gzip", gzip.compress(plain)), ("zstd", zstd(plain)), ("GZIP", gzip.compress(plain, 1))):
        got = arrived(g.send(MESSAGES, packed, [*JSON, ("Content-Encoding", coding)]), packed)
        expect(["Content-Encoding", coding] in got["headers"], "the header is gone", got["headers"])


@case("other headers of an answer come as the provider sent them")
def provider_errors(g):
    for status in ("429", "529"):
        answer = g.send(MESSAGES, messages(), [*JSON, ("x-test", f"status {status}")])
        expect(answer.status == int(status) and b"as the provider says" in answer.body, "changed", answer)
        name, value = {"429": ("retry-after", "7"), "529": ("x-should-retry", "true")}[status]
        expect(answer.header(name) == value, "a header is gone", answer)
        expect(answer.header("x-telltale-record") is None, "a header was added to a plain answer", answer)


@case("mirror and auth_request beside it")
def beside(g):
    body = messages(filler=5000)
    before = len(g.upstream.seen)
    arrived(g.send(MESSAGES, body, JSON, server="mirror"), body)
    arrived(g.send(MESSAGES, body, JSON, server="auth"), body)
    copies = until(lambda: [s for s in g.upstream.seen[before:] if s["line"].startswith("POST /mirrored")], "the mirror")
    expect(len(copies) == 1 and copies[0]["body"] == body, "the mirror got something else", copies)
    answer = g.send(MESSAGES, body, JSON, server="deny")
    expect(answer.status == 401, "authentication was passed by", answer)


@case("X-Accel-Redirect of a provider is not followed")
def accel(g):
    answer = g.send(MESSAGES, messages(), [*JSON, ("x-test", "accel /secret")], server="inner")
    expect(answer.status == 200 and answer.json() == {"from": "provider"}, "followed", answer)
    expect(answer.header("x-accel-redirect") is None, "shown", answer)


@case("the record of what is plainly allowed")
def allowed_record(g):
    g.drain()
    body = messages()
    arrived(g.send(MESSAGES, body, [*JSON, ("x-api-key", "some-key"), ("User-Agent", "claude-cli/2.0")]), body)
    begin, end = g.begin_and_end()
    expect(begin["decision"]["action"] == "allow" and begin["shadow"] is False and begin["not_inspected"] is None, "decision", begin)
    expect(begin["api"] == "anthropic.messages" and begin["operation"] == "chat" and begin["provider"] == "provider-anthropic", "route", begin)
    expect(begin["body"]["length"] == len(body) and "sha256" not in begin["body"] and len(begin["body"]["fingerprint"]) == 32, "body", begin)
    expect(begin["identity"] == "api-key" and len(begin["client"]) == 16 and begin["policy"].startswith("sha256:"), "client", begin)
    expect(end["status"] == 200 and end["upstream_status"] == 200 and end["attempts"] == 1 and end["end"] == "complete", "outcome", end)
    expect(end["total_ms"] >= end["first_byte_ms"] >= 0, "times", end)
    expect(b"some-key" not in json.dumps([begin, end]).encode(), "a key is in the record")
