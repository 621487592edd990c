# SPDX-License-Identifier: Apache-2.0
"""What is wrong in a configuration is refused by nginx -t, with its place; identities, keys and where a request goes."""

import hashlib
import hmac
import json
import subprocess

import gateways
from bodies import DIALECTS, GEMINI, JSON, MESSAGES, messages
from harness import case
from tap import expect

WRONG = {
    "a policy that is none": ({"policy": "telltale_policy: 2\n"}, "policy.yaml:1:"),
    "a policy with an unknown word": ({"policy": gateways.POLICY.replace("status: prohibited", "status: prohibitid")}, "policy.yaml:9:13: error: "),
    "a policy with a learned site": (
        {"policy": gateways.POLICY.replace("channel: tags", "site: The date is today.")},
        "policy.yaml:17:11: error: an entry of marks names a learned site that no file of --learned describes"),
    "a description of sites that is none": (
        {"http": "telltale_learned sites.json;", "files": {"sites.json": '{"telltale_sites":1,\n "client":{"name":"a"}}'}}, "sites.json:2:11: error: a member is missing: version"),
    "a policy that is not there": ({"http": "telltale_keys nowhere.json;"}, "nowhere.json"),
    "a secret that is too short": ({"files": {"secret": b"short"}}, "must be 32 random bytes"),
    "keys that are no JSON": ({"http": "telltale_keys keys.json;", "files": {"keys.json": '{"clients":[}'}}, "keys.json:1:13: error: "),
    "keys with an unknown word": ({"http": "telltale_keys keys.json;", "files": {"keys.json": '{\n "client": []}'}}, "keys.json:2:2: error: an unknown name"),
    "a client without sha256": ({"http": "telltale_keys keys.json;", "files": {"keys.json": '{"clients":[{"id":"x"}]}'}}, "keys.json:1:13: error: a client without sha256"),
    "a client whose sha256 is short": ({"http": "telltale_keys keys.json;", "files": {"keys.json": '{"clients":[{"sha256":"abc"}]}'}}, "64 hexadecimal digits"),
    "a key file that is empty": (
        {"http": "telltale_keys keys.json;", "files": {"keys.json": gateways.keys(upstreams={"x": {"key_file": "upstream.key"}}), "upstream.key": "\n"}},
        "upstream.key\" is no key"),
    "a key file that is not there": (
        {"http": "telltale_keys keys.json;", "files": {"keys.json": gateways.keys(upstreams={"x": {"key_file": "gone.key"}})}}, "gone.key"),
    "credentials to replace, and none": ({"policy": gateways.POLICY + "  credentials: replace\n"}, 'has none for "provider-anthropic"'),
    "telltale off beside proxy_pass": ({"location": "location /x { telltale off; proxy_pass http://provider; }"}, '"telltale off" in location "/x"'),
    "telltale off above proxy_pass": ({"location": "location /x { telltale off; location /x/y { proxy_pass http://provider; } }"}, 'in location "/x/y"'),
    "telltale off for a server": ({"server": "telltale off;"}, '"telltale off" in location "/"'),
    "telltale off beside proxy_pass to a variable": (
        {"location": "location /x { telltale off; proxy_pass http://$telltale_upstream; }"}, '"telltale off" in location "/x"'),
    "an answer of an unknown name": ({"location": "location /x { telltale_answer tea; }"}, '"telltale_answer" directive has an unknown name'),
    "telltale on without a policy": ({"bare": "telltale on; server { }"}, '"telltale on" without "telltale_policy"'),
    "an answer without a policy": ({"bare": "server { location / { telltale_answer fault; } }"}, '"telltale_answer" without "telltale_policy"'),
    "a region that is no country": ({"server": "telltale_region Germany;"}, "is no country"),
    "a provider without upstream": ({"server": "telltale_provider a b;"}, "needs an id, a host and an upstream"),
    "a provider of an unknown API": ({"http": "telltale_provider a b c openai.chats;"}, "names an unknown API"),
    "a ring of an odd size": ({"rings": "100000"}, "no power of two"),
    "a catalogue that is broken": ({"http": "telltale_catalog catalog.d;", "catalog": "{"}, "catalog.d/own.json:1:"),
}


def make(name, policy=gateways.POLICY, http="", files=None, location="", server="", rings="", catalog=None, bare=None):
    g = gateways.Gateway({"main": server + gateways.LOCATION + location}, http, policy, files, rings)
    if bare:
        g.nginx.config(bare)
    if catalog is not None:
        (g.nginx.folder / "catalog.d").mkdir()
        g.nginx.write("catalog.d/own.json", catalog)
    return g


def add_wrong(name, how, words):
    @case(f"nginx -t refuses {name}", None)
    def refuse():
        g = make(name, **how)
        code, said = g.nginx.check()
        g.upstream.close()
        g.nginx.remove()
        expect(code == 1 and words in said and "[emerg]" in said, f"not refused with {words}", code, said)
        expect(gateways.UPSTREAM_KEY not in said, "a key is shown", said)


for _name, (_how, _words) in WRONG.items():
    add_wrong(_name, _how, _words)


@case("the module is loaded and nothing says telltale: nginx is as ever", None)
def unused():
    g = make("unused")
    g.nginx.config(f"server {{ listen 127.0.0.1:{g.port}; location / {{ proxy_pass http://127.0.0.1:{g.upstream.port}; }} }}")
    g.start()
    try:
        expect(g.send("/any/path?x=1", b"no JSON", JSON).status == 200, "not forwarded")
        g.nginx.reload()
        g.configure()
        g.nginx.reload()
        expect(g.send("/any/path", b"no JSON", JSON).status == 404, "a reload did not switch it on")
    finally:
        bad = g.stop()
    expect(not bad, "the log has alerts", *bad)


@case("telltale off serves what is no proxy")
def off(g):
    answer = g.send("/", method="GET", server="off")
    expect(answer.status == 200 and answer.body == b"static", "not served", answer)


@case("clients are known by a keyed hash, the same for each way to present a key")
def client_hash(g):
    want = hmac.new(gateways.SECRET, b"key-1", hashlib.sha256).hexdigest()[:16]
    path, gemini = GEMINI, DIALECTS["gemini"][1]("x")
    for where, body, headers in [(MESSAGES, messages(), [("x-api-key", "key-1")]), (MESSAGES, messages(), [("Authorization", "Bearer key-1")]),
                                 (path, gemini, [("x-goog-api-key", "key-1")]), (path + "?alt=sse&key=key-1", gemini, [])]:
        g.drain()
        expect(g.send(where, body, [*JSON, *headers]).status == 200, "not forwarded")
        begin = g.begin_and_end()[0]
        expect(begin["client"] == want and begin["identity"] == "api-key", "another client", begin, want)
    g.send(path + "?key=key-1", messages("x" * 5_000_000), JSON)
    g.send(path + "?key=key-1", gemini, JSON, server="down")
    expect("too large body" in g.nginx.errors() and "refused" in g.nginx.errors(), "nothing was logged")
    expect("key-1" not in g.nginx.errors(), "a key is in the log")


@case("a trusted header names the team; no source that answers names nobody")
def team_header(g):
    g.drain()
    expect(g.send(MESSAGES, messages(), [*JSON, ("X-Team", "research")]).status == 200, "not forwarded")
    begin = g.begin_and_end()[0]
    expect(begin["identity"] == "header" and begin["team"] == "research", "record", begin)
    g.drain()
    g.send(MESSAGES, messages(), [*JSON, ("X-Team", "nobody")])
    expect("team" not in g.begin_and_end()[0], "a team that is none")
    g.drain()
    g.send(MESSAGES, messages(), JSON)
    begin = g.begin_and_end()[0]
    expect("client" not in begin and "identity" not in begin, "record", begin)


@case("the region of a listener is recorded")
def region(g):
    g.drain()
    g.send(MESSAGES, messages(), JSON, server="region")
    expect(g.begin_and_end()[0]["region"] == "CN", "record")


@case("a key that is not listed: 401 in each dialect", "keyed")
def unknown_key(g):
    before = len(g.upstream.seen)
    for path, make_body in DIALECTS.values():
        for headers in ([], [("x-api-key", gateways.OTHER_KEY)], [("Authorization", f"Bearer {gateways.OTHER_KEY}")]):
            # Not in shadow either: the gateway's own key would serve strangers.
            g.send(path, make_body("x"), [*JSON, *headers], server="shadow")
            answer = g.send(path, make_body("x"), [*JSON, *headers])
            expect(answer.status == 401 and answer.json()["error"]["message"], "not refused", answer)
            expect(gateways.OTHER_KEY.encode() not in answer.body, "the key is shown")
    expect(len(g.upstream.seen) == before, "forwarded")


@case("a virtual key becomes the gateway's own, in the provider's header", "keyed")
def replaced_key(g):
    key, own = gateways.VIRTUAL_KEY, gateways.UPSTREAM_KEY
    for dialect, want in (("anthropic", ("x-api-key", own)), ("openai chat", ("Authorization", f"Bearer {own}")), ("gemini", ("x-goog-api-key", own))):
        path, make_body = DIALECTS[dialect]
        for headers, query in ([("x-api-key", key)], ""), ([("Authorization", f"Bearer {key}")], ""), ([("x-goog-api-key", key)], ""), ([], f"?a=1&key={key}&b=2"):
            g.drain()
            answer = g.send(path + query, make_body("x"), [*JSON, *headers])
            expect(answer.status == 200, "refused", answer)
            got = answer.json()
            expect(key not in json.dumps(got), "the virtual key went on", got)
            shown = [(name, value) for name, value in got["headers"] if name.lower() in ("x-api-key", "authorization", "x-goog-api-key")]
            expect(shown == [want], f"{dialect}: another credential", shown)
            expect(got["line"].split()[1] == path + ("?a=1&b=2" if query else ""), "another path", got["line"])
            begin = g.begin_and_end()[0]
            expect(begin["team"] == "payments" and begin["region"] == "DE", "record", begin)
            expect(begin["body"]["sha256"] == begin["body"]["sent_sha256"], "hashes: the policy asks for them always", begin)
            expect(answer.header("x-telltale-record") == begin["id"] and answer.header("x-telltale-decision") == "allow", "headers", answer)


@case("neither nginx -T nor a log shows a key", "keyed")
def no_key_shown(g):
    done = subprocess.run(g.nginx.command("-T"), capture_output=True, text=True, env=g.nginx.environment(), timeout=20)
    expect(done.returncode == 0 and "telltale_keys" in done.stdout, "nginx -T", done.stderr)
    for text in (done.stdout, done.stderr, g.nginx.errors()):
        expect(gateways.UPSTREAM_KEY not in text, "the key is shown")
    records = json.dumps(g.read())
    expect(gateways.UPSTREAM_KEY not in records and gateways.VIRTUAL_KEY not in records, "a record shows a key")


@case("the client's own credentials pass where the policy lets them")
def passed_key(g):
    headers = [("Authorization", "Bearer own-1"), ("x-api-key", "own-2"), ("x-goog-api-key", "own-3")]
    got = g.send(MESSAGES, messages(), [*JSON, *headers]).json()
    shown = {name.lower(): value for name, value in got["headers"]}
    expect(all(shown.get(name.lower()) == value for name, value in headers), "changed", got["headers"])


@case("an addition to the catalogue is taken", None)
def catalog():
    g = make("catalog", http="telltale_catalog catalog.d;", catalog=json.dumps({}))
    code, said = g.nginx.check()
    g.upstream.close()
    g.nginx.remove()
    expect("catalog.d/own.json" in said or code == 0, "not read", said)


def certificate(folder, name, issuer=None):
    """A key and a certificate for ten days, by its own or another's hand."""
    by = ["-CA", f"{folder}/{issuer}.pem", "-CAkey", f"{folder}/{issuer}.key"] if issuer else []
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10", "-subj", f"/O=Test/CN={name}",
                    "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", *by], check=True, capture_output=True, timeout=20)


@case("a client's certificate says who asks, when it was verified; HTTP/2 over TLS", None)
def client_certificate():
    policy = gateways.POLICY.replace("identity: [api-key, header]", "identity: [client-certificate, header]")
    # The name as nginx writes it, RFC 2253.
    client = {"id": "laptop", "sha256": hashlib.sha256(b"CN=laptop,O=Test").hexdigest(), "team": "research"}
    g = gateways.Gateway({"main": "ssl_certificate server.pem; ssl_certificate_key server.key; ssl_client_certificate own.pem; ssl_verify_client optional_no_ca;"
                          + gateways.LOCATION}, "telltale_keys keys.json;", policy, {"keys.json": json.dumps({"clients": [client]})})
    folder = g.nginx.folder
    for name, issuer in (("own", None), ("other", None), ("server", None), ("laptop", "own"), ("stranger", "other")):
        certificate(folder, name, issuer)
    conf = (folder / "nginx.conf").read_text().replace(f"listen 127.0.0.1:{g.port} ;", f"listen 127.0.0.1:{g.port} ssl http2;")
    (folder / "nginx.conf").write_text(conf)
    g.start()
    try:
        for name, want in (("laptop", "client-certificate"), ("stranger", None), (None, None)):
            more = ["--cert", f"{folder}/{name}.pem", "--key", f"{folder}/{name}.key"] if name else []
            done = subprocess.run(["curl", "-sSk", "--http2", *more, "-H", "Content-Type: application/json", "--data-binary", "@-",
                                   f"https://127.0.0.1:{g.port}{MESSAGES}"], input=messages(), capture_output=True, timeout=20)
            expect(done.returncode == 0 and json.loads(done.stdout)["sha256"] == hashlib.sha256(messages()).hexdigest(), "not forwarded", done)
            begin = g.begin_and_end()[0]
            expect(begin.get("identity") == want and begin.get("team") == ("research" if want else None), f"{name}: record", begin)
    finally:
        bad = g.stop()
    expect(not bad, "the log has alerts", *bad)
