# SPDX-License-Identifier: Apache-2.0
"""What the policy does not allow as it is: blocked, normalised, refused; in shadow only recorded."""

import gzip
import hashlib
import json
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor

import gateways
from bodies import CHAT, DIALECTS, GEMINI, JSON, MESSAGES, RESPONSES, TAGS, ZERO_WIDTH, chat, messages, responses, wrong_span, zstd
from harness import Reader, case, connect, message, read_answer, until
from tap import expect

sha256 = lambda body: hashlib.sha256(body).hexdigest()


def is_error(answer, path, status, kind):
    """An error body of the dialect that the path has."""
    expect(answer.status == status, f"not {status}", answer)
    expect(answer.header("content-type") == "application/json", "not JSON", answer)
    error = answer.json()["error"]
    if path.startswith("/v1/messages"):
        expect(answer.json()["type"] == "error" and error["type"] == kind["anthropic"], "not the dialect", answer)
    elif path.startswith("/v1beta"):
        expect(error["code"] == status and error["status"] == kind["gemini"], "not the dialect", answer)
    else:
        expect(error["type"] == kind["openai"] and "param" in error, "not the dialect", answer)
    expect(isinstance(error["message"], str) and error["message"], "no message", answer)
    return error


POLICY = {"anthropic": "permission_error", "openai": "invalid_request_error", "gemini": "PERMISSION_DENIED"}
INVALID = {"anthropic": "invalid_request_error", "openai": "invalid_request_error", "gemini": "INVALID_ARGUMENT"}
LARGE = {"anthropic": "request_too_large", "openai": "invalid_request_error", "gemini": "INVALID_ARGUMENT"}
RATE = {"anthropic": "rate_limit_error", "openai": "rate_limit_error", "gemini": "RESOURCE_EXHAUSTED"}
FAULT = {"anthropic": "api_error", "openai": "server_error", "gemini": "UNAVAILABLE"}


@case("requests within requests: their models are judged too")
def inner_models(g):
    count = GEMINI.replace("generateContent", "countTokens")
    embed = "/v1beta/models/text-embedding-004:batchEmbedContents"
    for path, name, make in ((count, "gemini-2.5-pro", lambda model: {"generateContentRequest": {"model": model, **json.loads(DIALECTS["gemini"][1]())}}),
                             (embed, "text-embedding-004", lambda model: {"requests": [{"model": f"models/{name}"}, {"model": model, "content": {}}]}),
                             (embed.replace("batchEmbedContents", "embedContent"), "text-embedding-004", lambda model: {"model": model, "content": {}})):
        g.drain()
        expect(g.send(path, json.dumps(make(f"models/{name}")).encode(), JSON).status == 200, f"{path}: refused")
        g.drain()
        is_error(g.send(path, json.dumps(make("models/forbidden-1")).encode(), JSON), path, 403, POLICY)
        begin, _ = g.begin_and_end()
        expect(begin["decision"]["rule"] == "NO-FORBIDDEN" and begin["model"] == "forbidden-1", "record", begin)


@case("a mark that is blocked, in each dialect")
def block(g):
    before = len(g.upstream.seen)
    for path, make in DIALECTS.values():
        g.drain()
        body = make(ZERO_WIDTH)
        answer = g.send(path, body, JSON)
        error = is_error(answer, path, 403, POLICY)
        expect(answer.header("x-should-retry") == "false", "clients would try again", answer)
        expect("NO-ZERO-WIDTH" in error["message"], "the rule is not named", answer)
        expect("password" not in error["message"] and ZERO_WIDTH not in error["message"], "text of the request", answer)
        begin, end = g.begin_and_end()
        expect(answer.header("x-telltale-record") == begin["id"] and answer.header("x-telltale-decision") == "block", "headers", answer, begin)
        expect(begin["decision"]["action"] == "block" and begin["decision"]["rule"] == "NO-ZERO-WIDTH", "record", begin)
        expect(begin["body"]["sha256"] == sha256(body) and "sent_sha256" not in begin["body"], "hashes", begin)
        expect(end["end"] == "refused" and end["status"] == 403 and "upstream_status" not in end, "outcome", end)
    expect(len(g.upstream.seen) == before, "something was forwarded")


@case("a model that is blocked, also when a stream was asked for")
def block_model(g):
    answer = g.send(MESSAGES, messages(model="forbidden-1", stream=True), JSON)
    error = is_error(answer, MESSAGES, 403, POLICY)
    expect("NO-FORBIDDEN" in error["message"] and answer.header("content-length"), "not plain JSON", answer)


@case("a blocked body of 3 MB, chunked, in a file, over HTTP/2")
def block_large(g):
    body = messages(ZERO_WIDTH, filler=3_000_000)
    for server, coding in (("main", None), ("main", "chunked"), ("file", None), ("file", "chunked"), ("unbuffered", "chunked")):
        answer = g.send(MESSAGES, body, JSON, server=server, coding=coding)
        expect(answer.status == 403, f"{server} {coding}: not blocked", answer)


@case("satisfy any does not go around")
def satisfy(g):
    expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON, server="satisfy").status == 403, "went through")
    expect(g.send(MESSAGES, messages(), JSON, server="satisfy").status == 200, "does not go through")


@case("a blocked request is not mirrored")
def no_mirror(g):
    before = len(g.upstream.seen)
    expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON, server="mirror").status == 403, "not blocked")
    expect(len(g.upstream.seen) == before, "mirrored", g.upstream.seen[before:])


def check_normalised(g, body, answer, packed=None):
    """body: as inspected; packed: as it came.  Gives what arrived."""
    expect(answer.status == 200, "not forwarded", answer)
    got, sent = answer.json(), g.upstream.seen[-1]["body"]
    begin, end = g.begin_and_end()
    expect(begin["decision"]["action"] == "normalise" and begin["edits"], "record", begin)
    wrong = wrong_span(body, sent, begin["edits"])
    expect(sent != body and not wrong, wrong, begin, got)
    expect(begin["body"]["sha256"] == sha256(packed or body) and begin["body"]["sent_sha256"] == sha256(sent) == got["sha256"], "hashes", begin)
    expect(begin["body"]["sent_length"] == len(sent), "length", begin)
    # The value says the same but for the mark.
    expect(json.loads(sent) == json.loads(body.decode().replace(TAGS, "")), "another value", sent[:2000])
    expect(answer.header("x-telltale-record") == begin["id"] and answer.header("x-telltale-decision") == "normalise", "headers", answer)
    named = {key.lower(): value for key, value in got["headers"]}
    expect(named["content-length"] == str(len(sent)) and "content-encoding" not in named, "headers", named)
    return sent


@case("normalise in place: only the spans of the record differ")
def normalise(g):
    for path, make in DIALECTS.values():
        for text in (f"a{TAGS}b", f"{TAGS}start", f"one{TAGS} two{TAGS} three"):
            g.drain()
            body = make(text)
            want = check_normalised(g, body, g.send(path, body, JSON))
            # The same again: what was normalised is clean, and what was not gives the same bytes.
            g.drain()
            again = g.send(path, want, JSON)
            expect(again.json()["sha256"] == sha256(want), "not idempotent", again)
            expect(g.begin_and_end()[0]["decision"]["action"] == "allow", "not clean")


@case("normalise: chunked, from a file, unbuffered, at any place of a large body")
def normalise_ways(g):
    for server, coding in (("main", None), ("main", "chunked"), ("file", None), ("file", "chunked"), ("unbuffered", "chunked")):
        for filler in (500, 9_000, 150_000):
            g.drain()
            body = messages(f"x{TAGS}y", filler=filler)
            check_normalised(g, body, g.send(MESSAGES, body, JSON, server=server, coding=coding))


@case("normalise: the mark lies across packets, at every byte")
def normalise_split(g):
    body = messages(f"x{TAGS}y")
    raw = message(MESSAGES, body, JSON)
    start = raw.index(TAGS.encode())
    for at in range(start - 1, start + len(TAGS.encode()) + 2):
        g.drain()
        with connect(g.port) as sock:
            sock.sendall(raw[: at - 40])
            sock.sendall(raw[at - 40 : at])
            sock.sendall(raw[at:])
            check_normalised(g, body, read_answer(Reader(sock)))


@case("normalise: many edits in one body")
def normalise_many(g):
    g.drain()
    body = messages(" ".join(f"word{n}{TAGS}" for n in range(60)))
    check_normalised(g, body, g.send(MESSAGES, body, JSON))


@case("normalise a gzip or zstd body: identity goes on")
def normalise_compressed(g):
    body = messages(f"x{TAGS}y", filler=5000)
    for coding, packed in (("gzip", gzip.compress(body)), ("zstd", zstd(body))):
        g.drain()
        check_normalised(g, body, g.send(MESSAGES, packed, [*JSON, ("Content-Encoding", coding)]), packed)


@case("retry 502 -> 200 sends the edited body again")
def retry(g):
    for filler, coding in ((0, None), (20_000, None), (20_000, "chunked")):
        g.drain()
        body = messages(f"x{TAGS}y", filler=filler)
        before = len(g.upstream.seen)
        answer = g.send(MESSAGES, body, [*JSON, ("x-test", f"once {filler}{coding}")], server="retry", coding=coding)
        begin, end = g.begin_and_end()
        seen = [s["body"] for s in g.upstream.seen[before:]]
        expect(answer.status == 200 and len(seen) == 2 and seen[0] == seen[1], "not the same twice", answer, begin)
        expect(not wrong_span(body, seen[1], begin["edits"]), "not the edits of the record", begin)
        expect(end["attempts"] == 2 and end["status"] == 200, "outcome", end)


@case("an internal redirect keeps body, decision and record")
def redirect(g):
    g.drain()
    body = messages(f"x{TAGS}y", filler=20_000)
    check_normalised(g, body, g.send(MESSAGES, body, JSON, server="redirect"))
    expect(g.send(MESSAGES, messages(ZERO_WIDTH), JSON, server="redirect").status == 403, "went through")


@case("an internal redirect to a provider that was not judged ends there")
def elsewhere(g):
    before = len(g.upstream.seen)
    g.drain()
    is_error(g.send(MESSAGES, messages(), JSON, server="elsewhere"), MESSAGES, 403, POLICY)
    expect(len(g.upstream.seen) == before, "was forwarded")
    expect(g.begin_and_end()[1]["end"] == "refused", "record")


@case("the mirror gets the edited body")
def mirror_edited(g):
    body = messages(f"x{TAGS}y")
    before = len(g.upstream.seen)
    answer = g.send(MESSAGES, body, JSON, server="mirror")
    until(lambda: len(g.upstream.seen) == before + 2, "the mirror")
    seen = g.upstream.seen[before:]
    expect({s["sha256"] for s in seen} == {answer.json()["sha256"]} != {sha256(body)}, "two bodies", answer)


@case("shadow: decides, records, forwards what came")
def shadow(g):
    for body, action, headers in [
        (messages(ZERO_WIDTH), "block", []),
        (messages(f"x{TAGS}y"), "normalise", []),
        (messages(model="forbidden-1"), "block", []),
        (b"no JSON at all", "refuse", []),
        (messages(), "refuse", [("Content-Encoding", "br")]),
    ]:
        g.drain()
        answer = g.send(MESSAGES, body, [*JSON, *headers], server="shadow")
        expect(answer.status == 200 and answer.json()["sha256"] == sha256(body), f"{action}: not as it came", answer)
        begin, end = g.begin_and_end()
        expect(begin["shadow"] is True and begin["decision"]["action"] == action, "record", begin)
        expect(end["end"] == "complete", "outcome", end)
    answer = g.send("/v1/unknown", messages(), JSON, server="shadow")
    expect(answer.status == 200, "an unknown call was stopped in shadow", answer)


@case("what is not JSON: 400 in each dialect")
def invalid(g):
    for path, make in DIALECTS.values():
        good = make("x")
        for body in (b"", b"garbage", good[:-1], good + b"}", b"\xef\xbb\xbf" + good, good + b"\0", good[:-1] + b',"model":"a","model":"b"}',
                     b'{"model":"\xff"}', b'{"a":' * 5000):
            answer = g.send(path, body, JSON)
            is_error(answer, path, 400, INVALID)
            expect(answer.header("x-should-retry") == "false", "clients would try again", answer)


@case("encodings: br, two at once, unknown are refused with 415, in each dialect")
def encodings(g):
    for path, make in DIALECTS.values():
        for coding in ("br", "gzip, gzip", "deflate", "x"):
            answer = g.send(path, make("x"), [*JSON, ("Content-Encoding", coding)])
            is_error(answer, path, 415, INVALID)
        answer = g.send(path, make("x"), [*JSON, ("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")])
        is_error(answer, path, 415, INVALID)


@case("a broken gzip stream and a bomb are refused")
def broken_gzip(g):
    packed = gzip.compress(messages(filler=20_000))
    for body in (packed[:-20], b"\x1f\x8b" + b"x" * 100, packed[:50] + b"\0\0\0" + packed[53:]):
        answer = g.send(MESSAGES, body, [*JSON, ("Content-Encoding", "gzip")])
        expect(answer.status in (400, 415), "not refused", answer)
    bomb = gzip.compress(b'{"model":"' + b"a" * 50_000_000 + b'"}')
    answer = g.send(MESSAGES, bomb, [*JSON, ("Content-Encoding", "gzip")])
    is_error(answer, MESSAGES, 413, LARGE)


@case("too large: 413 in each dialect, by length and chunked")
def too_large(g):
    before = len(g.upstream.seen)
    for path, make in DIALECTS.values():
        body = make("x" * 4_200_000)
        for coding in (None, "chunked"):
            g.drain()
            answer = g.send(path, body, JSON, coding=coding)
            is_error(answer, path, 413, LARGE)
            expect(answer.header("x-should-retry") == "false", "clients would try again", answer)
            begin, end = g.begin_and_end()
            expect(begin["decision"]["action"] == "refuse" and end["end"] == "refused", "record", begin, end)
    expect(len(g.upstream.seen) == before, "something was forwarded")


@case("the limit of a body: the last byte that fits, and the first that does not")
def limit(g):
    for size, status in ((4 << 20, 200), ((4 << 20) + 1, 413)):
        body = messages()
        body = body[:-1] + b" " * (size - len(body)) + b"}"
        for coding in (None, "chunked"):
            answer = g.send(MESSAGES, body, JSON, coding=coding)
            expect(answer.status == status, f"{size} bytes, {coding}", answer)
    fits = (4 << 20) - len(messages(""))
    text = random.Random(1).randbytes(fits).hex()  # what shrinks a lot is refused as a bomb
    for length, status in ((fits, 200), (fits + 1, 413)):
        packed = gzip.compress(messages(text[:length]))
        answer = g.send(MESSAGES, packed, [*JSON, ("Content-Encoding", "gzip")])
        expect(answer.status == status, f"{length} bytes in gzip", answer)


REFERRING = [(RESPONSES, responses(previous_response_id="resp_1"), ["response"]),
             (MESSAGES, messages(mcp_servers=[{"type": "url", "url": "https://m.example", "name": "m"}]), ["server"]),
             (CHAT, chat([{"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}, {"type": "file", "file": {"file_id": "f"}}]),
              ["file", "url"]), (CHAT, chat(), None)]


@case("content by reference goes on, and the record names its kinds")
def references(g):
    for path, body, kinds in REFERRING:
        g.drain()
        expect(g.send(path, body, JSON).status == 200, "not forwarded")
        begin, _ = g.begin_and_end()
        expect(begin.get("references") == kinds and begin["decision"]["action"] == "allow", f"not {kinds}", begin)


@case("content by reference is refused where the policy says so", "keyed")
def references_blocked(g):
    key = [*JSON, ("Authorization", f"Bearer {gateways.VIRTUAL_KEY}")]
    for path, body, kinds in REFERRING:
        g.drain()
        answer = g.send(path, body, key)
        begin, _ = g.begin_and_end()
        expect(begin.get("references") == kinds, "record", begin)
        if kinds == ["response"]:
            error = is_error(answer, path, 403, POLICY)
            expect("gateway.references" in error["message"] and "resp_1" not in answer.body.decode(), "words", answer)
            expect(begin["decision"] == {**begin["decision"], "action": "block", "rule": "gateway.references"}, "record", begin)
        else:
            expect(answer.status == 200, "not forwarded", answer)


@case("a call that is not known: 404 in the dialect of its path; WebSocket too")
def unknown(g):
    for path, method in [("/v1/messages/batches", "POST"), ("/v1/files", "POST"), ("/v1/batches", "POST"), ("/v1/messages/batches/b_1/results", "GET"),
                         ("/v1beta/models/m:batchGenerateContent", "POST"), ("/v1beta/models/m:asyncBatchEmbedContent", "POST"),
                         ("/v1beta/cachedContents", "POST"), ("/upload/v1beta/files", "POST"), ("/", "GET"), ("/v1/messages", "PUT"),
                         ("/v1beta/files", "POST"), ("/v1/responses", "GET"), ("/admin", "GET"), ("/v1/messages/x", "POST")]:
        answer = g.send(path, b"{}" if method != "GET" else b"", JSON, method=method)
        expect(answer.status == 404 and answer.json()["error"]["message"], f"{path} was not refused", answer)
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "eA==")]
    answer = g.send(RESPONSES, headers=upgrade, method="GET")
    expect(answer.status == 404 and answer.json()["error"]["type"], "WebSocket", answer)


@case("rate: 429 without a body read, by key")
def rate(g):
    head = message(MESSAGES, b"x", [*JSON, ("x-api-key", "key-a")]).replace(b"Content-Length: 1", b"Content-Length: 2000000")[:-1]
    expect(g.send(MESSAGES, messages(), [*JSON, ("x-api-key", "key-a")], server="rate").status == 200, "the first is refused")
    g.drain()
    with connect(g.ports["rate"]) as sock:
        sock.sendall(head)  # and no body
        answer = read_answer(Reader(sock))
    is_error(answer, MESSAGES, 429, RATE)
    expect(answer.header("retry-after") == "1", "no Retry-After", answer)
    expect(g.begin_and_end()[0]["decision"]["action"] == "refuse", "record")
    expect(g.send(MESSAGES, messages(), [*JSON, ("x-api-key", "key-b")], server="rate").status == 200, "another key is refused too")
    bearer = [*JSON, ("Authorization", "Bearer key-c")]
    expect([g.send(MESSAGES, messages(), bearer, server="rate").status for _ in range(2)] == [200, 429], "bearer")
    query = GEMINI + "?key=key-d"
    body = DIALECTS["gemini"][1]("x")
    expect([g.send(query, body, JSON, server="rate").status for _ in range(2)] == [200, 429], "?key=")


def over_http2(g, server, path, body, *more):
    """The same request 40 times, each on a connection of its own: what curl got of each, as (its exit code, status, whether the body is whole)."""
    command = ["curl", "-sS", "--max-time", "20", "--http2-prior-knowledge", "-H", "Content-Type: application/json", *more, "--data-binary", "@-",
               "-w", "\n%{http_code}", f"http://127.0.0.1:{g.ports[server]}{path}"]

    def once(_):
        done = subprocess.run(command, input=body, capture_output=True, timeout=30)
        text, _, status = done.stdout.rpartition(b"\n")
        whole = text.startswith(b"{") and text.endswith(b"}") and "error" in json.loads(text)
        return done.returncode, status.decode(), whole

    with ThreadPoolExecutor(4) as pool:
        return set(pool.map(once, range(40)))


@case("HTTP/2: a refusal that needs no body arrives whole, also when the client still sends")
def http2_refused(g):
    body = messages(filler=300_000)
    refused = [("h2", "/v1/files", body, [], "404"), ("h2", MESSAGES, body, ["-H", "Content-Encoding: br"], "415"),
               ("h2", "/v1/files", body, ["-H", "Content-Length:"], "404"),  # of a length that nobody said
               ("h2", MESSAGES, messages(filler=5_000_000), [], "413"), ("h2-rate", MESSAGES, body, [], "429")]
    before = len(g.upstream.seen)
    g.send(MESSAGES, messages(), JSON, server="rate")  # the one that passes
    for server, path, sent, more, status in refused:
        g.drain()
        got = over_http2(g, server, path, sent, *more)
        expect(got == {(0, status, True)}, f"{path} {status}: not whole", got)
        records = [r for r in g.records(80) if r["type"] == "outcome"]
        expect(len(records) == 40 and {(r["end"], r["status"]) for r in records} == {("refused", int(status))}, "records", len(records), records[0])
    expect(len(g.upstream.seen) == before + 1, "something was forwarded")
    # A client that goes away, or stalls, while its body is thrown away: the next one is served.
    sender = subprocess.Popen(["curl", "-sS", "--http2-prior-knowledge", "--limit-rate", "1k", "--data-binary", "@-",
                               f"http://127.0.0.1:{g.ports['h2']}/v1/files"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    g.drain()
    sender.stdin.write(body)
    sender.stdin.close()
    until(lambda: g.read() is not None and g.open, "the refusal's record")
    sender.kill()
    sender.wait()
    g.drain()
    expect(over_http2(g, "h2", "/v1/files", body) == {(0, "404", True)}, "the next one")


@case("the provider cannot be reached: 502, late: 504, as JSON and recorded")
def upstream_down(g):
    g.drain()
    answer = g.send(MESSAGES, messages(), JSON, server="down")
    is_error(answer, MESSAGES, 502, FAULT)
    begin, end = g.begin_and_end()
    expect(begin["decision"]["action"] == "allow" and end["status"] == 502 and end["end"] == "upstream_abort", "record", begin, end)
    answer = g.send(MESSAGES, messages(), [*JSON, ("x-test", "stall")], server="late")
    is_error(answer, MESSAGES, 504, FAULT)
    g.drain()
    answer = g.send(MESSAGES, messages(), [*JSON, ("x-test", "reset")])
    is_error(answer, MESSAGES, 502, FAULT)
    expect(g.begin_and_end()[1]["end"] == "upstream_abort", "record")


# However a client may say its key.
CLIENT_KEY = "sk-client-of-one-provider"
KEYED = [*JSON, ("Authorization", f"Bearer {CLIENT_KEY}"), ("x-api-key", CLIENT_KEY), ("x-goog-api-key", CLIENT_KEY), ("api-key", CLIENT_KEY)]


@case("re-route: an approved model, at another provider of the same API, with the gateway's own key and none of the client's", "rerouted")
def reroute(g):
    for filler in ("", "x" * 50_000):
        g.drain()
        body = chat(f"Hello. {filler}", model="forbidden-1")
        answer = g.send(CHAT + f"?key={CLIENT_KEY}", body, KEYED)
        expect(answer.status == 200, "not forwarded", answer)
        got, sent = answer.json(), g.upstream.seen[-1]["body"]
        begin, end = g.begin_and_end()
        expect(["Host", "api.deepseek.com"] in got["headers"], "the same provider", got["headers"])
        expect(["Authorization", "Bearer sk-provider-deepseek"] in got["headers"], "not the gateway's key", got["headers"])
        expect(CLIENT_KEY not in json.dumps([got["line"], got["headers"]]), "the client's key", got)
        model = json.loads(sent)["model"]
        expect(model.startswith("deepseek"), "another model", model)
        expect(json.loads(sent) == {**json.loads(body), "model": model} and not wrong_span(body, sent, begin["edits"]), "more was changed", sent[:300])
        expect(begin["decision"]["action"] == "reroute" and begin["decision"]["upstream"] == "provider-deepseek", "record", begin)
        expect(begin["provider"] == "provider-anthropic" and begin["model"] == "forbidden-1", "what was asked", begin)
        expect(answer.header("x-telltale-decision") == "reroute", "headers", answer)


def stays(g, path, body, server="main"):
    """The request goes nowhere, and who asked reads why."""
    before = len(g.upstream.seen)
    g.drain()
    answer = g.send(path, body, KEYED, server=server)
    error = is_error(answer, path, 403, POLICY)
    begin, end = g.begin_and_end()
    expect(begin["decision"]["action"] == "block" and "upstream" not in begin["decision"] and end["end"] == "refused", "record", begin, end)
    expect(len(g.upstream.seen) == before and CLIENT_KEY not in answer.body.decode(), "it was sent", answer)
    return error["message"]


@case("re-route: a client's key for one provider is never sent to another; within the provider it is", "passed")
def reroute_passed(g):
    said = stays(g, CHAT, chat(model="forbidden-1"))
    expect("provider-deepseek" in said and "no key of its own" in said, "no reason", said)
    path, make = DIALECTS["gemini"]
    blocked = path.replace("gemini-2.5-pro", "forbidden-1")
    said = stays(g, f"{blocked}?key={CLIENT_KEY}", make())
    expect("provider-google" in said and "no key of its own" in said, "no reason", said)
    g.drain()
    answer = g.send(f"{blocked}?key={CLIENT_KEY}", make(), KEYED, server="own")
    expect(answer.status == 200, "not forwarded", answer)
    got = answer.json()
    expect(got["line"].split()[1] == path.replace("-pro", "-flash") + f"?key={CLIENT_KEY}", "path", got["line"])
    expect(["x-goog-api-key", CLIENT_KEY] in [[key.lower(), value] for key, value in got["headers"]], "no key", got["headers"])
    expect(g.begin_and_end()[0]["decision"]["upstream"] == "provider-google", "record")


@case("re-route: where keys are replaced, not to a provider for which the gateway has none", "half")
def reroute_half(g):
    said = stays(g, CHAT, chat(model="forbidden-1"))
    expect("provider-deepseek" in said and "no key of its own" in said, "no reason", said)
    path, make = DIALECTS["gemini"]
    got = g.send(path.replace("gemini-2.5-pro", "forbidden-1"), make(), KEYED).json()
    expect(["x-goog-api-key", "sk-provider-google"] in [[key.lower(), value] for key, value in got["headers"]], "no key", got["headers"])
    expect(CLIENT_KEY not in json.dumps([got["line"], got["headers"]]), "the client's key", got)


@case("re-route: without an upstream of the same API it is a block; clean requests stay; shadow only records", "rerouted")
def reroute_not(g):
    for path, make in (DIALECTS["anthropic"], DIALECTS["openai responses"]):
        is_error(g.send(path, make("x", model="forbidden-1"), JSON), path, 403, POLICY)
    expect(["Host", "api.anthropic.com"] in g.send(CHAT, chat(), JSON).json()["headers"], "a clean request was sent elsewhere")
    g.drain()
    body = chat(model="forbidden-1")
    got = g.send(CHAT, body, JSON, server="shadow").json()
    expect(["Host", "api.anthropic.com"] in got["headers"] and got["sha256"] == sha256(body), "shadow acted", got)
    expect(g.begin_and_end()[0]["decision"]["action"] == "reroute", "record")


@case("re-route: the model in a path is replaced, and nothing else of path, query and body", "rerouted")
def reroute_path(g):
    body = DIALECTS["gemini"][1]()
    for server in ("main", "own"):
        for path, want in [
            ("/v1beta/models/forbidden-1:generateContent", "/v1beta/models/gemini-2.5-flash:generateContent"),
            ("/gemini/v1beta/models/forbidden-1:streamGenerateContent?alt=sse&key=k%2f1&x=forbidden-1:generateContent",
             "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&x=forbidden-1:generateContent"),  # the client's key is not passed
            ("/v1/models/forbidden-generateContent:countTokens?", "/v1/models/gemini-2.5-flash:countTokens?"),
            ("/v1beta/models/%66orbidden%2d1%3AgenerateContent?/", "/v1beta/models/gemini-2.5-flash%3AgenerateContent?/"),
            ("/v1beta/%6dodels/forbidden-1:generateContent?a=/b/c", "/v1beta/%6dodels/gemini-2.5-flash:generateContent?a=/b/c"),
        ]:
            g.drain()
            answer = g.send(path, body, JSON, server=server)
            expect(answer.status == 200, "not forwarded", answer)
            begin, end = g.begin_and_end()
            got = answer.json()
            expect(got["line"].split()[1] == want and ["Host", "generativelanguage.googleapis.com"] in got["headers"], path, got)
            expect(got["sha256"] == sha256(body) == begin["body"]["sha256"] and not begin.get("edits"), "body", begin)
            expect(begin["decision"]["action"] == "reroute" and begin["decision"]["alternative"] == "gemini-2.5-flash", "record", begin)
            expect(begin["model"].startswith("forbidden-") and begin["decision"]["upstream"] == "provider-google", "record", begin)
            expect(answer.header("x-telltale-decision") == "reroute", "headers", answer)
    # A mark in such a request is taken out as well.
    g.drain()
    marked = DIALECTS["gemini"][1](f"a{TAGS}b")
    answer = g.send("/v1beta/models/forbidden-1:generateContent", marked, JSON)
    begin, end = g.begin_and_end()
    sent = g.upstream.seen[-1]["body"]
    expect(answer.json()["line"].split()[1] == "/v1beta/models/gemini-2.5-flash:generateContent", "path", answer)
    expect(sent != marked and not wrong_span(marked, sent, begin["edits"]), "more was changed", sent)


@case("re-route: paths that stay as they are", "rerouted")
def reroute_path_not(g):
    path, make = DIALECTS["gemini"]
    allowed = f"{path}?alt=json&x=a%20b"
    expect(g.send(allowed, make(), JSON, server="own").json()["line"].split()[1] == allowed, "a clean request was changed")
    blocked = path.replace("gemini-2.5-pro", "forbidden-1")
    expect(g.send(blocked, make(), JSON, server="shadow").json()["line"].split()[1] == blocked, "shadow acted")
    for other in (blocked.replace("generateContent", "embedContent"), blocked.replace("generateContent", "batchEmbedContents")):
        is_error(g.send(other, make(), JSON, server="own"), other, 403, POLICY)
    two = json.dumps({"model": "forbidden-1", **json.loads(make())}).encode()
    is_error(g.send(blocked, two, JSON, server="own"), blocked, 403, POLICY)


@case("meter inject: a chat stream asks for its usage; nothing else changes", "rerouted")
def inject(g):
    g.drain()
    body = chat(stream=True)
    g.send(CHAT, body, JSON)
    begin, _ = g.begin_and_end()
    sent = g.upstream.seen[-1]["body"]
    expect(json.loads(sent) == {**json.loads(body), "stream_options": {"include_usage": True}}, "another value", sent)
    expect(not wrong_span(body, sent, begin["edits"]), "not the edits of the record", begin)
    expect(begin["body"]["sha256"] == sha256(body) and begin["body"]["sent_sha256"] == sha256(sent), "hashes", begin)
    for same in (chat(stream=True, stream_options={"include_usage": True}), chat(), chat(stream=False)):
        expect(g.send(CHAT, same, JSON).json()["sha256"] == sha256(same), "changed", same)


@case("meter require: a chat stream without its usage is refused", "keyed")
def require(g):
    key = [*JSON, ("Authorization", f"Bearer {gateways.VIRTUAL_KEY}")]
    is_error(g.send(CHAT, chat(stream=True), key), CHAT, 400, INVALID)
    expect(g.send(CHAT, chat(stream=True, stream_options={"include_usage": True}), key).status == 200, "refused")
