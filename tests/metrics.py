#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of metrics of many records, read by a strict reader and compared with counts made here.

    metrics.py METRICS_PAGE OTEL_TABLE.json GATEWAY.md
"""

import json
import random
import re
import subprocess
import sys
from collections import Counter

import exposition
from tap import Tap

PAGE, TABLE = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
TAP = Tap()


def report(holds, what):
    TAP.that(what, holds)


def page_of(records):
    text = "\n".join(r if isinstance(r, str) else json.dumps(r, separators=(",", ":")) for r in records)
    run = subprocess.run([PAGE], input=text.encode(), capture_output=True, check=True, timeout=120)
    return run.stdout.decode()


def labels(**words):
    return tuple(sorted(words.items()))


def simple(families, name):
    return families[name][1]


# Model as asked -> as the catalogue knows it.
MODELS = {
    "claude-sonnet-4-5-20250929": "claude-sonnet-4-5",
    "anthropic/claude-opus-4-1": "claude-opus-4-1",
    "claude-secret-project-x": "claude",
    "my-own-model": "other",
    "\"}\n evil": "other",
}
PROVIDERS = {"provider-anthropic": "anthropic", "provider-google": "gcp.gemini", "provider-zai": "provider-zai", "provider-nobody": "other"}
ENDS = ("complete", "client_abort", "upstream_abort", "refused", "worker_lost")


def request(rng, number):
    record = {
        "type": "request", "id": f"{number:024x}", "time": "2026-11-21T10:48:26.123456Z", "api": rng.choice(("anthropic.messages", "openai.chat")),
        "operation": rng.choice(("chat", "chat", "embeddings", "count_tokens")), "provider": rng.choice(list(PROVIDERS)),
        "model": rng.choice(list(MODELS)), "stream": rng.random() < 0.5, "body": {"length": 5, "model": "not this"},
        "decision": {"action": rng.choice(("allow", "block", "normalise")), "rule": "r"}, "shadow": rng.random() < 0.2,
        "not_inspected": rng.choice((None, None, "too deep")), "marks": [], "marks_more": rng.choice((0, 0, 3)),
        "edits": [{"offset": 1, "rule": "mark.dateline"}], "inspect_us": rng.choice((5, 37, 1500, 10 ** 7))}
    if rng.random() < 0.3:
        record["references"] = rng.sample(("response", "file", "url"), rng.randrange(4))
    for _ in range(rng.choice((0, 0, 1, 4))):
        record["marks"].append({"rule": rng.choice(("mark.dateline", "mark.zero-width")), "path": "$.system"})
    if rng.random() < 0.7:
        record["team"] = rng.choice(("payments", "search", "ca\u00f1a"))
    return record


def outcome(rng, asked):
    record = {"type": "outcome", "id": asked["id"], "time": "2026-11-21T10:48:27Z", "status": rng.choice((200, 200, 429, 503)), "attempts": 1,
              "model": asked["model"], "total_ms": rng.choice((0.5, 10, 1234.567, 99999)), "end": rng.choice(ENDS)}
    if rng.random() < 0.5:
        record["charge"] = {"day": 20261121, "cost": rng.choice((0, 1, 2500000))}
    if rng.random() < 0.8:
        record["first_byte_ms"] = rng.choice((1, 20.5, 3000.001))
    if rng.random() < 0.2:
        record["error"] = True
    if rng.random() < 0.8:
        record["usage"] = {"input_total": rng.choice((1, 2, 1000, 10 ** 9)), "output_total": rng.randrange(5000),
                           "source": rng.choice(("reported", "derived", "estimated"))}
        if rng.random() < 0.1:
            del record["usage"]["output_total"]
    return record


def error_of(record):
    if record["status"] >= 400:
        return str(record["status"])
    if record["end"] != "complete":
        return record["end"]
    return "provider_error" if record.get("error") else None


class Expected:
    """What a page has to say of these requests and outcomes."""

    def __init__(self, pairs):
        self.requests, self.findings, self.ends, self.teams, self.team_tokens = Counter(), Counter(), Counter(), Counter(), Counter()
        self.reasons, self.estimated, self.estimates, self.cost = Counter(), Counter(), 0, Counter()
        self.references = Counter()
        self.tokens, self.duration, self.chunk = {}, {}, {}
        for asked, ended in pairs:
            self.request(asked)
            if ended:
                self.outcome(asked, ended)

    def request(self, r):
        action = r["decision"]["action"]
        self.requests[labels(route=r["api"], operation=r["operation"], decision=action, shadow=str(r["shadow"]).lower())] += 1
        team = {"team": r["team"]} if "team" in r else {}
        self.teams[labels(decision=action, **team)] += 1
        for mark in r["marks"]:
            self.findings[labels(channel=mark["rule"], action=action)] += 1
        if r["marks_more"]:
            self.findings[labels(channel="other", action=action)] += r["marks_more"]
        for kind in r.get("references", ()):
            self.references[labels(kind=kind)] += 1
        if r["not_inspected"]:
            self.reasons[labels(reason=r["not_inspected"])] += 1

    def outcome(self, asked, ended):
        self.ends[labels(end=ended["end"])] += 1
        if ended["end"] == "refused" or asked["operation"] == "count_tokens":
            return
        base = {"gen_ai_operation_name": asked["operation"], "gen_ai_provider_name": PROVIDERS[asked["provider"]],
                "gen_ai_request_model": MODELS[asked["model"]], "gen_ai_response_model": MODELS[ended["model"]]}
        error = error_of(ended)
        key = labels(**base, **({"error_type": error} if error else {}))
        self.duration.setdefault(key, []).append(ended["total_ms"] / 1000)
        if asked["stream"] and "first_byte_ms" in ended:
            self.chunk.setdefault(key, []).append(ended["first_byte_ms"] / 1000)
        team = {"team": asked["team"]} if "team" in asked else {}
        if "charge" in ended:
            self.cost[labels(**team)] += ended["charge"]["cost"]
        usage = ended.get("usage")
        if not usage:
            return
        self.estimates += usage["source"] == "estimated"
        for kind in ("input", "output"):
            if kind + "_total" not in usage:
                continue
            n = usage[kind + "_total"]
            self.team_tokens[labels(type=kind, **team)] += n
            if usage["source"] == "estimated":
                self.estimated[labels(type=kind)] += n
            else:
                self.tokens.setdefault(labels(**base, gen_ai_token_type=kind), []).append(n)


def same_histogram(actual, expected, bounds):
    if set(actual) != set(expected):
        return False
    for key, values in expected.items():
        buckets, total, count = actual[key]
        want = {float(b): sum(v <= b for v in values) for b in bounds}
        want[float("inf")] = len(values)
        if buckets != want or count != len(values) or abs(total - sum(values)) > 1e-6:
            return False
    return True


def check_counts():
    rng = random.Random(7)
    pairs = []
    for number in range(1, 1500):
        asked = request(rng, number)
        pairs.append((asked, outcome(rng, asked) if rng.random() < 0.9 else None))
    records = [asked for asked, _ in pairs] + [ended for _, ended in pairs if ended]
    records.insert(3, "{\"type\":\"loss\",\"slot\":1,\"from\":10,\"to\":12}")
    records.append("not JSON")
    records.append("[1]")
    records.append({"type": "outcome", "id": "f" * 24, "end": "complete", "total_ms": 1})
    families = exposition.parse(page_of(records))
    want = Expected(pairs)
    want.ends[labels(end="complete")] += 1
    for name, counter in (("requests", want.requests), ("findings", want.findings), ("outcomes", want.ends), ("team_requests", want.teams),
                          ("team_tokens", want.team_tokens), ("not_inspected", want.reasons), ("references", want.references),
                          ("estimated_tokens", want.estimated)):
        report(simple(families, f"telltale_{name}_total") == dict(counter), f"counts {name.replace('_', ' ')}")
    cost = simple(families, "telltale_team_cost_usd_total")
    report({team: round(usd * 1e6) for team, usd in cost.items()} == dict(want.cost), "counts cost")
    for metric, values in (("token_usage", want.tokens), ("duration", want.duration), ("first_chunk", want.chunk)):
        spec = TABLE["metrics"][metric]
        kind, actual = families[spec["prometheus"]]
        report(kind == "histogram" and same_histogram(actual, values, spec["bounds"]), f"observes {spec['name']}")
    inspected = families["telltale_inspect_seconds"][1][()]
    report(inspected[2] == len(pairs) and abs(inspected[1] - sum(a["inspect_us"] for a, _ in pairs) / 1e6) < 1e-6, "observes the inspection")
    singles = {"usage_estimated_total": want.estimates, "outcomes_unpaired_total": 1, "records_unreadable_total": 2, "shadow": 1,
               "open_requests": sum(e is None for _, e in pairs), "metrics_overflow_total": 0, "audit_dropped_total": 3, "spool_bytes": 4,
               "body_tempfile_total": 5, "workers": 6, "start_time_seconds": 7, "ring_used_bytes": 1, "ring_size_bytes": 2, "ledger_up": 1}
    for name, value in singles.items():
        report(simple(families, "telltale_" + name) == {(): value}, name.replace("_", " "))
    report(simple(families, "telltale_policy_info") == {labels(hash="sha256:ab\"\\"): 1}, "names the policy")
    report(simple(families, "telltale_build_info") == {labels(version="1.2.3"): 1}, "names the version")
    report(simple(families, "telltale_budget_used_ratio") == {labels(team="payments"): 0.25}, "shows a budget")


def check_bounds():
    """Names without end make neither labels nor memory without end."""
    records = []
    for number in range(40000):
        records.append({"type": "request", "id": f"{number:024x}", "api": f"api{number}", "operation": "chat", "team": f"team \u202e{number}",
                        "provider": f"provider-{number}", "model": f"claude-{number}" if number % 2 else f"m{number}", "stream": True,
                        "decision": {"action": f"a{number}"}, "shadow": False, "not_inspected": f"why{number}",
                        "marks": [{"rule": f"mark.{number}"}, {"rule": "\x01"}], "marks_more": 0})
        records.append({"type": "outcome", "id": f"{number:024x}", "status": 200 + number % 400, "model": f"x{number}", "end": f"e{number}",
                        "total_ms": number, "first_byte_ms": number, "usage": {"input_total": 1, "output_total": 1, "source": "reported"}})
    text = page_of(records)
    families = exposition.parse(text)
    report(len(text) < 1 << 21, f"a page of {len(text)} bytes for names without end")
    report(all(len(f[1]) <= 1025 for f in families.values()), "no metric has more label sets than its bound")
    teams = {dict(k).get("team") for k in simple(families, "telltale_team_requests_total")}
    report(len(teams) == 257 and "other" in teams, "teams over the bound are other")
    models = {dict(k)["gen_ai_request_model"] for k in families["gen_ai_client_token_usage"][1]}
    report(models == {"claude", "other"}, f"models are those of the catalogue: {sorted(models)}")
    report(sum(simple(families, "telltale_requests_total").values()) == 40000, "and every request counts")
    report(sum(h[2] for h in families["gen_ai_client_operation_duration_seconds"][1].values()) == 40000, "and every outcome")
    report(simple(families, "telltale_open_requests") == {(): 0}, "nobody waits")


def check_open():
    """Requests that never end give way, and are not paired by mistake."""
    records = [{"type": "request", "id": f"{n:024x}", "api": "openai.chat", "operation": "chat", "decision": {"action": "allow"}}
               for n in range(60000)]
    records += [{"type": "outcome", "id": f"{n:024x}", "status": 200, "end": "complete", "total_ms": 1} for n in range(60000)]
    families = exposition.parse(page_of(records))
    paired = sum(h[2] for h in families["gen_ai_client_operation_duration_seconds"][1].values())
    lost = simple(families, "telltale_outcomes_unpaired_total")[()]
    report(paired + lost == 60000 and paired > 12000, f"{paired:.0f} of 60000 open requests still had their labels")
    report(simple(families, "telltale_open_requests") == {(): 0}, "all are closed")
    again = [{"type": "outcome", "id": "1" * 24, "end": "complete"}, {"type": "request", "id": "1" * 24, "operation": "chat"}] * 3
    families = exposition.parse(page_of(again))
    report(simple(families, "telltale_outcomes_unpaired_total") == {(): 1}, "an id that comes again is a new request")


def check_empty():
    families = exposition.parse(page_of([]))
    report(families["gen_ai_client_token_usage"] == ("histogram", {}), "a page without records has no label sets")
    with open(sys.argv[3], encoding="utf-8") as file:
        documented = set(re.findall(r"`((?:telltale|gen_ai)_[a-z_]+)`", file.read()))
    report(documented == set(families), f"each metric is documented, and each that is exists {sorted(documented ^ set(families))}")
    names = set(TABLE["attributes"].values())
    report(all(name in names or name.startswith("gen_ai.") for name in TABLE["record"].values()), "names of records are of the conventions")


check_counts()
check_bounds()
check_open()
check_empty()
TAP.end()
