# SPDX-License-Identifier: Apache-2.0
"""Clients that want to be passed over.

Every row of a table is one request, byte for byte.  What the policy forbids stands in it in some disguise; it must not arrive at the provider, and
every request that does arrive must have one record that says so, and one outcome.
"""

import gzip
import json
import zlib

from bodies import CHAT, GEMINI, JSON, MESSAGES, ZERO_WIDTH, chat, gemini, messages, zstd
from harness import Reader, case, chunked, connect, message, read_answer, until
from tap import expect

FORBIDDEN = messages(model="forbidden-1")
ALLOWED = messages()


def post(body=FORBIDDEN, path=MESSAGES, *headers, method="POST", type_=JSON, **how):
    return message(path, body, [*type_, *headers], method=method, **how)


def packed(body, *codings):
    return post(body, MESSAGES, *(("Content-Encoding", coding) for coding in codings))


def framed(chunks, trailer=b""):
    return message(MESSAGES, b"", [*JSON, ("Transfer-Encoding", "chunked")]).replace(b"Content-Length: 0\r\n", b"") + chunks + b"0\r\n" + trailer + b"\r\n"


def renamed(old, new, body=FORBIDDEN):
    return post(body.replace(old, new))


def huge_gzip_header(body):
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (b"\x1f\x8b\x08\x1c\0\0\0\0\0\xff" + (60000).to_bytes(2, "little") + b"E" * 60000 + b"n" * 500000 + b"\0" + b"c" * 500000 + b"\0"
            + deflate.compress(body) + deflate.flush() + zlib.crc32(body).to_bytes(4, "little") + len(body).to_bytes(4, "little"))


def with_dictionary(body):
    deflate = zlib.compressobj(9, zlib.DEFLATED, 15, 8, 0, body)
    return deflate.compress(body) + deflate.flush()


SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0abcd"
FORM = [("Content-Type", "application/x-www-form-urlencoded")]

BODIES = {
    "a byte order mark": post(b"\xef\xbb\xbf" + FORBIDDEN),
    **{code: post(FORBIDDEN.decode().encode(code)) for code in ("utf-16", "utf-16-le", "utf-16-be", "utf-32-le")},
    "a comment": post(b"{/**/" + FORBIDDEN[1:]),
    "single quotes": renamed(b'"', b"'"),
    "a comma too many": post(FORBIDDEN[:-1] + b",}"),
    "NaN": post(FORBIDDEN[:-1] + b',"t":NaN}'),
    "two documents": post(ALLOWED + b"\n" + FORBIDDEN),
    "a NUL behind it": post(ALLOWED + b"\0" + FORBIDDEN),
    "a list": post(b"[" + FORBIDDEN + b"]"),
    "nothing": post(b""),
    "the model twice": post(b'{"model":"claude-sonnet-4-5",' + FORBIDDEN[1:]),
    "the model twice, once escaped": post(b'{"\\u006dodel":"claude-sonnet-4-5",' + FORBIDDEN[1:]),
    "the model's name escaped": renamed(b'"model"', b'"\\u006dodel"'),
    "the model in another case": renamed(b'"model"', b'"Model"'),
    "the model in two cases": post(b'{"model":"claude-sonnet-4-5",' + FORBIDDEN[1:].replace(b'"model"', b'"MODEL"')),
    "messages with a long s": renamed(b'"messages"', '"me\u017fsages"'.encode()),
    "a value that is escaped": renamed(b"forbidden", b"f\\u006frbidden"),
    "blanks around the value": renamed(b"forbidden-1", b" \\tforbidden-1\\n "),
    "an invisible character in the value": post(messages(model="forbid\u200bden-1")),
    "a value that is no text": renamed(b'"forbidden-1"', b'{"a":"forbidden-1"}'),
    "a form": post(b"model=forbidden-1", type_=FORM),
    "multipart": post(b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nforbidden-1\r\n--x--\r\n',
                      type_=[("Content-Type", "multipart/form-data; boundary=x")]),
    "no media type": post(type_=[]),
    "another media type": post(type_=[("Content-Type", "image/png")]),
    "a mark in a name": post(ALLOWED[:-1] + f',"{ZERO_WIDTH}":1}}'.encode()),
    "a mark in a name, escaped": post(ALLOWED[:-1] + b',"pass\\u200bword":1}'),
    "a mark at the greatest depth": post(ALLOWED[:-1] + b',"d":' + b'{"a":' * 120 + f'"{ZERO_WIDTH}"'.encode() + b"}" * 121),
    "a mark deeper than that": post(ALLOWED[:-1] + b',"d":' + b"[" * 130 + f'"{ZERO_WIDTH}"'.encode() + b"]" * 130 + b"}"),
    "a mark in JSON in a string": post(messages(json.dumps({"a": ZERO_WIDTH}))),
    "a mark, a byte at a time": framed(chunked(messages(ZERO_WIDTH), 1)[:-5]),
    "an overlong sequence": renamed(b"test", b"te\xe0\x82\x80st", ALLOWED),
}

CODINGS = {
    **{f"{coding!r}": packed(gzip.compress(FORBIDDEN), coding) for coding in ("gzip", "GZip", "x-gzip\t", "gzip, identity", "identity, gzip", "deflate", "br")},
    "gzip that nobody mentions": post(gzip.compress(FORBIDDEN)),
    "gzip that is none": packed(FORBIDDEN, "gzip"),
    "something behind gzip": packed(gzip.compress(ALLOWED) + FORBIDDEN, "gzip"),
    "zeros behind gzip": packed(gzip.compress(FORBIDDEN) + b"\0" * 20, "gzip"),
    "two members": packed(gzip.compress(ALLOWED) + gzip.compress(FORBIDDEN), "gzip"),
    "one body in two members": packed(gzip.compress(FORBIDDEN[:30]) + gzip.compress(FORBIDDEN[30:]), "gzip"),
    "a megabyte of gzip header": packed(huge_gzip_header(FORBIDDEN), "gzip"),
    "a wrong checksum": packed(gzip.compress(FORBIDDEN)[:-8] + b"\0" * 8, "gzip"),
    "a preset dictionary": packed(with_dictionary(FORBIDDEN), "gzip"),
    "gzip in gzip": packed(gzip.compress(gzip.compress(FORBIDDEN)), "gzip"),
    "empty gzip": packed(b"", "gzip"),
    "two headers": packed(gzip.compress(FORBIDDEN), "identity", "gzip"),
    "zstd": packed(zstd(FORBIDDEN), "zstd"),
    "a skippable frame first": packed(SKIPPABLE + zstd(FORBIDDEN), "zstd"),
    "a skippable frame last": packed(zstd(FORBIDDEN) + SKIPPABLE, "zstd"),
    "a skippable frame alone": packed(SKIPPABLE, "zstd"),
    "two frames": packed(zstd(ALLOWED) + zstd(FORBIDDEN), "zstd"),
    "a dictionary that is named": packed(b"\x28\xb5\x2f\xfd\xa1\x07" + zstd(FORBIDDEN)[5:], "zstd"),
}

FRAMES = {
    "length and chunks": post(coding="chunked").replace(b"\r\nTransfer", b"\r\nContent-Length: 5\r\nTransfer"),
    "chunks with a control": post().replace(b"Content-Length", b"Transfer-Encoding: \x0bchunked\r\nContent-Length"),
    "chunks of gzip": post(coding="chunked").replace(b"Encoding: chunked", b"Encoding: gzip, chunked"),
    "two lengths": post().replace(b"Content-Length", b"Content-Length: 5\r\nContent-Length"),
    "a length with a sign": post().replace(b"Content-Length: ", b"Content-Length: +"),
    "extensions of chunks": framed(b'%x;a="b\r\n%s\r\n' % (len(FORBIDDEN), FORBIDDEN)),
    "a trailer": framed(b"%x\r\n%s\r\n" % (len(FORBIDDEN), FORBIDDEN), b"Content-Encoding: gzip\r\n"),
    "a chunk less than nothing": framed(b"-1\r\n" + FORBIDDEN),
    "a chunk that overflows": framed(b"ffffffffffffffff1\r\n" + FORBIDDEN),
    "chunks in HTTP/1.0": post(coding="chunked").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "lines without CR": post().replace(b"\r\n", b"\n"),
    "a CR in a header": post(FORBIDDEN, MESSAGES, ("X: y\rTransfer-Encoding", "chunked")),
    "an unknown expectation": post(FORBIDDEN, MESSAGES, ("Expect", "200-maybe")),
    "an upgrade": post(FORBIDDEN, MESSAGES, ("Connection", "Upgrade"), ("Upgrade", "websocket")),
    **{f"method {method}": post(ALLOWED, method=method) for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "PROPFIND", "GET")},
    **{name: post(ALLOWED, MESSAGES, (name, "DELETE")) for name in ("X-HTTP-Method-Override", "x-http-method", "X-Method-Override")},
}

MODELS = "/v1beta/models/"
PATHS = {
    **{path: post(FORBIDDEN, path) for path in (
        "http://elsewhere.example/v1/messages", "/v1/%6dessages", "/v1/messages?model=claude-sonnet-4-5", "/openai/v1/messages", "/v1/messages?")},
    **{path: post(ALLOWED, path) for path in (
        "http://gateway.test//v1/messages", "//v1/messages", "/v1//messages", "/v1%2fmessages", "/v1/./messages", "/v1/x/../messages", "/v1/messages/",
        "/v1/messages;x", "/v1/messages;", "/V1/Messages", "/v1/messages#x", "/v1/messages%23", "/v1/messages%00", "/v1/messages%20", "/v1/messages\\",
        "/anthropic//v1/messages", "/anthropic/v1/../v1/messages", "*", "/%61nthropic/v1/messages", "/v1/messages%3fx", "/v1/messages%c0%af",
        "/v1/messages/batches", "/v1/messages?$httpMethod=GET", "/v1/messages?a=b&%24%48ttpHeaders=x")},
    **{path: post(gemini(), MODELS + path) for path in (
        "a/../forbidden-1:generateContent", "forbidden-1%3agenerateContent", "%66orbidden-1:generateContent", "x%2fforbidden-1:generateContent",
        "x:forbidden-1:generateContent", "forbidden-1:generateContent:generateContent", "forbidden-1:batchGenerateContent", "forbidden-1:generatecontent",
        "/forbidden-1:generateContent", "forbidden-1:generateContent/", "good:generateContent?$httpMethod=DELETE",
        "good:generateContent?%24httpHeaders=Content-Type:application/x-protobuf")},
    "another resource": post(gemini(), "/v1beta/tunedModels/x:generateContent"),
    "another version": post(gemini(), "/v1alpha/models/x:generateContent"),
    "the other prefix": post(gemini(), "/v1/models/forbidden-1:generateContent"),
    "contents in another case": post(gemini().replace(b"contents", b"Contents"), GEMINI),
    "a method in a header": post(gemini(), GEMINI, ("X-HTTP-Method-Override", "DELETE")),
}


def answer_to(g, raw, server):
    """The status; 0: the connection was closed without a word."""
    with connect(g.ports[server]) as sock:
        try:
            sock.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            return read_answer(Reader(sock)).status
        except (EOFError, ConnectionResetError):
            return 0


def stopped(g, table, server="main"):
    """Nothing of a table arrives.  Requests that nginx does not take for one have no record; of the others each one is whole."""
    g.drain()
    before = len(g.upstream.seen)
    for name, raw in table.items():
        status = answer_to(g, raw, server)
        expect(status == 0 or 400 <= status < 600 and status != 500, f"{name}: answered with {status}")
        expect(len(g.upstream.seen) == before, f"{name}: it was forwarded", *g.upstream.seen[before:])
    got = []
    until(lambda: got.extend(g.read()) or not g.open, "the outcomes")
    begins = [r["id"] for r in got if r["type"] == "request"]
    ends = [r["id"] for r in got if r["type"] == "outcome"]
    expect(sorted(begins) == sorted(ends) and len(set(begins)) == len(begins), "records", got)
    expect(all(r["decision"]["action"] in ("block", "refuse") for r in got if r["type"] == "request"), "a record says that it went on", got)
    # What refuses must also serve: the next request of a good client.
    expect(g.send(MESSAGES, ALLOWED, JSON, server=server).status == 200, "a good request is refused")


for _title, _table in (("bodies", BODIES), ("codings", CODINGS), ("frames and methods", FRAMES), ("paths", PATHS)):
    case(f"disguises: {_title}")(lambda g, table=_table: stopped(g, table))
case("disguises, where nginx passes bodies on as they come, or by files")(
    lambda g: [stopped(g, {**BODIES, **CODINGS}, server) for server in ("unbuffered", "file")])


def named(g, *types):
    """The media types under which an allowed body arrives."""
    answer = g.send(MESSAGES, ALLOWED, [("Content-Type", type_) for type_ in types])
    expect(answer.status == 200, "refused", answer)
    return [value for name, value in answer.json()["headers"] if name.lower() == "content-type"]


@case("what was read as JSON goes on as JSON, whatever the client calls it")
def media_types(g):
    for same in ("application/json", "Application/JSON", "application/json; charset=utf-8", 'application/json;charset="UTF-8"', "application/json;"):
        expect(named(g, same) == [same], f"{same}: changed", named(g, same))
    for other in ("application/json; charset=utf-7", "application/json; charset=utf-16", "application/x-protobuf", "text/plain", FORM[0][1],
                  "multipart/form-data; boundary=x", "application/jsonp", "application/json; charset=utf-8; charset=utf-7", "application/json-patch+json"):
        expect(named(g, other) == ["application/json"], f"{other}: goes on", named(g, other))
    expect(named(g, "application/x-protobuf", "application/json") == ["application/json"], "two of them")
    expect(named(g) == [], "one where there was none")


@case("requests one behind the other: each is judged for itself, in its order")
def pipelined(g):
    g.drain()
    before = len(g.upstream.seen)
    rows = [post(ALLOWED), post(), post(chat(), CHAT), post(messages(ZERO_WIDTH)), post(ALLOWED, "/v1/files"), post(ALLOWED, coding="chunked")]
    with connect(g.port) as sock:
        sock.sendall(b"".join(rows))
        reader = Reader(sock)
        statuses = [read_answer(reader).status for _ in rows]
    expect(statuses == [200, 403, 200, 403, 404, 200], "answers", statuses)
    expect([s["line"].split()[1] for s in g.upstream.seen[before:]] == [MESSAGES, CHAT, MESSAGES], "forwarded", g.upstream.seen[before:])
    got = g.records(2 * len(rows))
    actions = [r["decision"]["action"] for r in got if r["type"] == "request"]
    expect(actions == ["allow", "block", "allow", "block", "refuse", "allow"], "records", got)
