#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scan writes for programs, against schemas; prints TAP.

    schemas.py TELLTALE

JSON Lines follow data/schema/finding.json, which is part of the interface.  SARIF follows tests/schema/sarif.json, the part of
SARIF 2.1.0 that telltale uses; rules and counts that refer to each other are compared here.

With TT_SARIF_SCHEMA=FILE it follows that schema too.  The one that OASIS publishes (sarif-schema-2.1.0.json) is not shipped, for its licence.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

from tap import Tap, skip_all

try:
    import jsonschema
except ImportError:
    skip_all("python3-jsonschema is not there")

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
LEVELS = ("info", "candidate", "suspicious", "confirmed")
SARIF_LEVELS = dict(zip(LEVELS, ("note", "note", "warning", "error")))
TAGS = "".join(chr(0xE0000 + ord(char)) for char in "hidden text")
REQUEST = {"model": "m", "system": "Today\u02bcs date is 2026/05/09.", "messages": [{"role": "user", "content": "see " + TAGS}]}
ODD_NAMES = ["with blank.txt", "per%cent.txt", "hash#and?.txt", "quote\"and\\.txt", "Grüße-密钥.txt", "zero\u200bwidth.txt", "-dash.txt", "new\nline.txt"]


def schema_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema, jsonschema.Draft7Validator)
    kind.check_schema(schema)
    return kind(schema)


def write(top, name, data):
    path = os.path.join(top, name)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())
    return path


# ---- the scans: name, and a function that fills a folder and returns the arguments ----


def no_findings(top):
    return [write(top, "plain.txt", "Nothing to see here.\n")]


def findings(top):
    other = {**REQUEST, "system": "Today's date is 2026-05-09."}
    return [write(top, "a.json", json.dumps(REQUEST)), write(top, "b.jsonl", json.dumps(other) + "\n" + json.dumps(REQUEST) + "\n"),
            write(top, "c.md", "pass\u200bword and p\u0430y, a\u2009b\u2008c, \u202eabc\n")]


def not_inspected(top):
    return [write(top, "good.txt", TAGS), write(top, "bad.txt", b"a \xff\xfe\xfa b\n" * 3), write(top, "cut.json", '{"system": "' + TAGS),
            os.path.join(top, "absent.txt"), write(top, "nul.bin", b"a\0b" * 9)]


def odd_names(top):
    for name in ODD_NAMES:
        write(top, name, "visible " + TAGS + "\n")
    write(top, os.fsdecode(b"not-utf8-\xff.txt"), TAGS)
    return [top]


def empty(top):
    return [write(top, "empty.txt", ""), write(top, "empty.json", "")]


def rule_examples(top):
    paths = []
    folder = os.path.join(ROOT, "data", "rules")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            rule = json.load(file)
        for number, example in enumerate(rule["examples"]):
            text = example if isinstance(example, str) else json.dumps(example)
            paths.append(write(top, f"{name}-{number}.txt", text.encode("utf-8", "surrogatepass")))
    return paths


SCANS = {"no findings": no_findings, "findings": findings, "not inspected": not_inspected, "odd names": odd_names,
         "empty inputs": empty, "the examples of all rules": rule_examples}


# ---- checks ----


def run(telltale, fmt, args):
    command = [telltale, "scan", "--format", fmt, "--show", "info", "--", *args]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 1, 3) or done.stderr:
        raise ValueError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()  # strict: output is UTF-8 whatever the input


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def errors_of(validator, value, limit=3):
    out = []
    for error in list(validator.iter_errors(value))[:limit]:
        deepest = jsonschema.exceptions.best_match([error])
        out.append(f"{'/'.join(map(str, deepest.absolute_path))}: {deepest.message[:300]}")
    return out


def check_lines(text, validator):
    lines = [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]
    trouble = [error for line in lines for error in errors_of(validator, line)]
    kinds = [line["type"] for line in lines]
    if kinds[-1] != "summary" or kinds.count("summary") != 1:
        trouble.append(f"the last line alone is a summary: {kinds}")
    found = [line for line in lines if line["type"] == "finding"]
    counts = {level: sum(line["level"] == level for line in found) for level in LEVELS}
    if counts != lines[-1]["findings"]:
        trouble.append(f"counts: {counts}, and the summary says {lines[-1]['findings']}")
    return found, lines[-1], trouble


def sarif_uri(uri):
    return urllib.parse.unquote(urllib.parse.urlparse(uri).path)


def check_sarif(text, validator, found, summary):
    log = json.loads(text, parse_constant=no_constant)
    trouble = errors_of(validator, log)
    if trouble:
        return trouble
    one = log["runs"][0]
    rules = [rule["id"] for rule in one["tool"]["driver"]["rules"]]
    if len(set(rules)) != len(rules):
        trouble.append("a rule stands there twice")
    for result in one["results"]:
        if rules[result["ruleIndex"]] != result["ruleId"]:
            trouble.append(f"ruleIndex {result['ruleIndex']} is not {result['ruleId']}")
        if SARIF_LEVELS[result["properties"]["level"]] != result["level"]:
            trouble.append(f"level {result['level']} is not that of {result['properties']['level']}")
    same = [(f["rule"], f["message"], f["id"], f["where"]["offset"]) for f in found]
    seen = [(r["ruleId"], r["message"]["text"], *r["partialFingerprints"].values(), r["locations"][0]["physicalLocation"]["region"]["byteOffset"])
            for r in one["results"]]
    if sorted(same) != sorted(seen):
        trouble.append(f"results and findings differ: {len(seen)} and {len(same)}")
    notes = one["invocations"][0].get("toolExecutionNotifications", [])
    if len(notes) != len(summary["not_inspected"]) or one["invocations"][0]["executionSuccessful"] != (not notes):
        trouble.append(f"{len(notes)} notifications for {len(summary['not_inspected'])} entries")
    return trouble


def check_names(text, top):
    """Each odd name comes back from its URI."""
    log = json.loads(text)
    names = {sarif_uri(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for r in log["runs"][0]["results"]}
    return [f"{name!r} is not among the URIs" for name in ODD_NAMES if os.path.join(top, name) not in names]


def main():
    telltale = os.path.abspath(sys.argv[1])
    lines, sarif = schema_of("data/schema/finding.json"), schema_of("tests/schema/sarif.json")
    published = os.environ.get("TT_SARIF_SCHEMA")
    published = schema_of(os.path.abspath(published)) if published else None
    tap = Tap()
    for name, fill in SCANS.items():
        with tempfile.TemporaryDirectory(prefix="telltale-schemas-") as top:
            args = fill(top)
            found, summary, trouble = check_lines(run(telltale, "json", args), lines)
            tap.case(f"JSON Lines: {name}", trouble)
            text = run(telltale, "sarif", args)
            trouble = check_sarif(text, sarif, found, summary)
            tap.case(f"SARIF: {name}", trouble + (check_names(text, top) if fill is odd_names else []))
            if published:
                tap.case(f"SARIF as published: {name}", errors_of(published, json.loads(text)))
    broken = [{}, {"type": "finding"}, {"type": "summary", "version": ""}, {"type": "other"}]
    tap.case("the schemas refuse what is broken", [str(value) for value in broken if lines.is_valid(value) or sarif.is_valid(value)])
    tap.end()


if __name__ == "__main__":
    main()
