# SPDX-License-Identifier: Apache-2.0
"""The gateways that cases ask for: policies, configurations, and what belongs to them."""

import hashlib
import json

from harness import Nginx, Upstream, free_ports, send, until
from tap import expect

MODULE = SHOW = FAIL_ALLOC = None  # set by run.py

POLICY = """\
telltale_policy: 1
id: gateway-test
owner: security@company.example
teams: [payments, research]
decisions:
  - id: NO-FORBIDDEN
    match:
      model: "forbidden-*"
    status: prohibited
    severity: high
    reason: A model that the test forbids
    timeline:
      block: 2026-01-01
    alternative_models: [qwen]
marks:
  - id: TAKE-TAGS-OUT
    channel: tags
    level: suspicious
    action: normalise
  - id: NO-ZERO-WIDTH
    channel: zero-width
    level: suspicious
    action: block
gateway:
  identity: [api-key, header]
  identity_header: x-team
  contact: ai-desk@company.example
"""

# What every location that forwards has, as the gateway's own rendering does.
FORWARD = """
    proxy_pass http://$telltale_upstream$telltale_uri;
    proxy_http_version 1.1;
    proxy_set_header Host $telltale_host;
    proxy_set_header Connection "";
    proxy_set_header Accept-Encoding "";
    proxy_set_header Content-Encoding $telltale_content_encoding;
    proxy_set_header Authorization $telltale_authorization;
    proxy_set_header x-api-key $telltale_x_api_key;
    proxy_set_header x-goog-api-key $telltale_goog_key;
    proxy_pass_header Date;
    proxy_pass_header Server;
    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
    proxy_hide_header X-Accel-Redirect;
    proxy_hide_header X-Accel-Buffering;
"""

# At http level, so that a location can say otherwise.
STREAM = "proxy_buffering off; proxy_max_temp_file_size 0; proxy_read_timeout 20s;"

ERRORS = """
    error_page 413 = @too_large;
    error_page 429 = @rate;
    error_page 502 = @upstream;
    error_page 504 = @timeout;
"""

ANSWERS = """
    location @too_large { telltale_answer too_large; }
    location @rate { telltale_answer rate; }
    location @upstream { telltale_answer upstream; }
    location @timeout { telltale_answer timeout; }
"""

SECRET = bytes(range(32))
VIRTUAL_KEY, OTHER_KEY = "vk-payments-1", "vk-nobody-knows"
UPSTREAM_KEY = "sk-upstream-secret-123"


def keys(**more):
    client = {"id": "ci-payments", "sha256": hashlib.sha256(VIRTUAL_KEY.encode()).hexdigest(), "team": "payments", "region": "DE",
              "rate": "10r/s"}
    return json.dumps({"clients": [client], **more})


class Gateway:
    """nginx with the module in front of one provider.  ports: of its servers, by name."""

    def __init__(self, servers, http="", policy=POLICY, files=None, rings="", main="", upstream=None, module=None):
        self.upstream = upstream or Upstream()
        names = ["main", *(name for name in servers if name != "main")]
        self.ports = dict(zip(names, free_ports(len(names))))
        self.port = self.ports["main"]
        self.open = set()
        self.parts = {"servers": servers, "http": http, "rings": rings, "main": main}
        files = {"policy.yaml": policy, "secret": SECRET, "keys.json": keys(), "upstream.key": UPSTREAM_KEY + "\n", **(files or {})}
        self.nginx = Nginx(module or MODULE, "", files, SHOW, start=False)
        self.configure()

    def configure(self, **parts):
        self.parts |= parts
        text = f"""
    telltale on;
    telltale_policy policy.yaml;
    telltale_secret secret;
    telltale_rings {self.nginx.rings} {self.parts["rings"]};
    telltale_provider provider-anthropic api.anthropic.com provider anthropic.messages;
    telltale_provider provider-other other.test other anthropic.messages;
    {STREAM}
    client_max_body_size 4m;
    client_body_buffer_size 4m;
    upstream provider {{ server 127.0.0.1:{self.upstream.port}; keepalive 16; }}
    upstream other {{ server 127.0.0.1:{self.upstream.port}; }}
    upstream twice {{ server 127.0.0.1:{self.upstream.port} max_fails=0; server 127.0.0.1:{self.upstream.port} max_fails=0; }}
    upstream nobody {{ server 127.0.0.1:{free_ports(1)[0]}; }}
    {self.parts["http"]}
"""
        for name, body in self.parts["servers"].items():
            port, flags = self.ports[name], "http2" if name.startswith("h2") else ""
            text += f"server {{ listen 127.0.0.1:{port} {flags}; {ERRORS} {body.replace('FORWARD', FORWARD)} {ANSWERS} }}\n"
        self.nginx.config(text.replace("PREFIX", str(self.nginx.folder)), self.parts["main"])

    def start(self):
        self.nginx.start()
        return self

    def stop(self):
        self.upstream.close()
        bad = self.nginx.stop()
        self.nginx.remove()
        return bad

    def send(self, path, body=b"", headers=(), server="main", **how):
        return send(self.ports[server], path, body, headers, **how)

    def read(self):
        """Records that wait, taken out; remembers which requests are under way."""
        got = self.nginx.records()
        for record in got:
            if record["type"] == "request":
                self.open.add(record["id"])
            elif record["type"] == "outcome":
                self.open.discard(record["id"])
        return got

    def drain(self):
        """What waits in the rings goes away.  A request's outcome comes after its answer, so those under way are waited for."""
        until(lambda: self.read() is not None and not self.open, "the outcomes of earlier requests")

    def records(self, want=2):
        """At least so many records, in the order in which they came."""
        got = []
        until(lambda: got.extend(self.read()) or len([r for r in got if r["type"] in ("request", "outcome")]) >= want,
              f"{want} records")
        return got

    def begin_and_end(self):
        """The two records of one request."""
        got = [r for r in self.records(2) if r["type"] in ("request", "outcome")]
        expect([r["type"] for r in got] == ["request", "outcome"] and got[0]["id"] == got[1]["id"], "not one pair of records", got)
        return got


LOCATION = "location / { telltale_provider provider-anthropic api.anthropic.com provider; FORWARD }"


def main():
    """All that one start serves: the plain gateway, and servers with one peculiarity each."""
    anthropic = "telltale_provider provider-anthropic api.anthropic.com"
    servers = {
        "main": LOCATION,
        "h2": LOCATION,
        "shadow": "telltale_shadow on;" + LOCATION,
        "file": "client_body_buffer_size 8k;" + LOCATION,
        "unbuffered": "proxy_request_buffering off;" + LOCATION,
        "buffering": f"location / {{ {anthropic} provider; FORWARD proxy_buffering on; }}",
        "h2-buffering": f"location / {{ {anthropic} provider; FORWARD proxy_buffering on; }}",
        "satisfy": f"location / {{ {anthropic} provider; satisfy any; allow all; FORWARD }}",
        "retry": f"location / {{ {anthropic} twice; FORWARD proxy_next_upstream error timeout http_502 non_idempotent; }}",
        "down": f"location / {{ {anthropic} nobody; FORWARD }}",
        "late": f"location / {{ {anthropic} provider; FORWARD proxy_read_timeout 300ms; }}",
        "mirror": LOCATION.replace("{ ", "{ mirror /mirror; ", 1) + "location = /mirror { internal; proxy_pass http://provider/mirrored; }",
        "auth": LOCATION.replace("{ ", "{ auth_request /auth; ", 1)
        + "location = /auth { internal; proxy_pass http://provider/auth; proxy_pass_request_body off; proxy_set_header Content-Length ''; }",
        "deny": LOCATION.replace("{ ", "{ auth_request /auth; ", 1)
        + "location = /auth { internal; proxy_pass http://provider/auth; proxy_pass_request_body off; proxy_set_header Content-Length '';"
        " proxy_set_header x-test 'status 401'; }",
        "redirect": f"location / {{ {anthropic} nobody; FORWARD error_page 502 = @spare; }}"
        f"location @spare {{ {anthropic} provider; FORWARD }}",
        "elsewhere": f"location / {{ {anthropic} nobody; FORWARD error_page 502 = @spare; }}"
        "location @spare { telltale_provider provider-other other.test other; FORWARD }",
        "inner": LOCATION + "location /secret { internal; return 200 'inner'; }",
        "rate": f"limit_req zone=clients; limit_req_status 429; {LOCATION}",
        "h2-rate": f"limit_req zone=clients; limit_req_status 429; {LOCATION}",
        "region": f"telltale_region CN; {LOCATION}",
        "off": "telltale off; location / { return 200 'static'; }",
    }
    http = "limit_req_zone $telltale_key zone=clients:1m rate=2r/m;"
    return Gateway(servers, http).start()


def keyed():
    """Virtual keys, and a key of the gateway's own for the provider."""
    policy = POLICY + "  credentials: replace\n  answer_headers: always\n  body_hash: always\n  meter: require\n  references:\n    response: block\n"
    files = {"keys.json": keys(require=True, upstreams={"provider-anthropic": {"key_file": "upstream.key"}})}
    servers = {"shadow": "telltale_shadow on;" + LOCATION, "main": LOCATION + "location /who { telltale off; return 200 '$telltale_team $telltale_rate'; }"}
    http = "telltale_keys keys.json; log_format full '$request_uri $telltale_record $telltale_decision $telltale_key';"
    return Gateway(servers, http, policy, files).start()


def opened():
    """A policy that fails open, with the smallest ring and little room for bodies."""
    return Gateway({"main": LOCATION}, "telltale_body_memory 600k;", POLICY + "  on_error: open\n", rings="128k").start()


def closed():
    """The same, failing closed."""
    return Gateway({"main": LOCATION, "shadow": "telltale_shadow on;" + LOCATION}, "telltale_body_memory 600k;", rings="128k").start()


REROUTE = """\
  reroute: true
  meter: inject
"""


def rerouting(credentials, named):
    """Blocked models go to an approved one of the same API.  named: providers for which the keys file has a key of the gateway's own."""
    choices = ("telltale_provider provider-deepseek api.deepseek.com other openai.chat;"
               "telltale_provider provider-google generativelanguage.googleapis.com other gemini.generate_content;")
    policy = POLICY.replace("alternative_models: [qwen]", "alternative_models: [deepseek, gemini-2.5-flash]") + REROUTE
    location = LOCATION.replace("FORWARD", "FORWARD proxy_set_header api-key '';") if credentials == "replace" else LOCATION
    own = location.replace("provider-anthropic api.anthropic.com", "provider-google generativelanguage.googleapis.com")
    servers = {"main": location, "own": own, "shadow": "telltale_shadow on;" + location}
    files = {f"{name}.key": f"sk-{name}\n" for name in named}
    files["keys.json"] = keys(upstreams={name: {"key_file": f"{name}.key"} for name in named})
    return Gateway(servers, choices + "telltale_keys keys.json;", policy + f"  credentials: {credentials}\n", files).start()


def rerouted():
    """To another provider, with the gateway's own keys; streams of chat get their usage."""
    return rerouting("replace", ["provider-anthropic", "provider-deepseek", "provider-google"])


def passed():
    """Clients' own keys pass, so nothing may go to another provider, although the keys file names one for it."""
    return rerouting("pass", ["provider-deepseek"])


def half():
    """Keys are replaced, but there is none for one of those to which requests could go."""
    return rerouting("replace", ["provider-anthropic", "provider-google"])


ALL = {"rerouted": rerouted, "passed": passed, "half": half, "main": main, "keyed": keyed, "open": opened, "closed": closed}
