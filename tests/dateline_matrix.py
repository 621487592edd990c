#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The date line, in each of its eight values, at each place of each kind of document, in each way to write a character; prints TAP.

    dateline_matrix.py TELLTALE [WORD]...     WORD: only cases whose name holds it

A case is one place and one way of writing.  Each value becomes a document of its own; telltale must give rule, level, value and its
three facts, code points, path, and the span whose bytes spell the symbol.  Value 0, which is the plain sentence, must stay silent.
Then the documents of all values are scanned together: the variation must be confirmed, with eight forms and three bits.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse

from tap import Tap

APOSTROPHES = ("'", "\u2019", "\u02bc", "\u02b9")
OPEN, CLOSE, DAY = "QQOPENQQ", "QQCLOSEQQ", "QQDAYQQ"  # around a symbol, and the day, while a document is built
BEFORE = "As you answer, use this context. "
AFTER = " IMPORTANT: it may or may not be relevant."
SENTENCES = (
    "Today{a}s date is {d}.",
    "Today{a}s date: {d}",
    "The date has changed. Today{a}s date is now {d}.",
)


# ---- ways to write a character ----


def each(write):
    """A way that writes only the two kinds of symbols in its own manner."""
    return lambda symbol: "".join(map(write, symbol))


def utf16_units(char):
    data = char.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]


def bytes_as(pattern):
    return each(lambda char: "".join(pattern % byte for byte in char.encode()))


def units_as(pattern):
    return each(lambda char: "".join(pattern % unit for unit in utf16_units(char)))


NAMES = {"'": "&apos;", "\u2019": "&rsquo;", "/": "&sol;", "-": "-"}

# name: how a symbol is written in the text.  "json" forms are the escapes of the document's own syntax.
WAYS = {
    "raw": each(str),
    "percent": bytes_as("%%%02X"),
    "percent-low": bytes_as("%%%02x"),
    "percent-u": units_as("%%u%04X"),
    "entity-hex": units_as("&#x%X;"),
    "entity-decimal": units_as("&#%d;"),
    "entity-name": each(lambda char: NAMES.get(char, f"&#{ord(char)};")),
    "byte": bytes_as("\\x%02x"),
    "octal": bytes_as("\\%03o"),
    "escape": units_as("\\u%04x"),
    "escape-braces": units_as("\\u{%x}"),
    "escape-long": units_as("\\U%08x"),
}
JSON_WAYS = {"json-low": units_as("\\u%04x"), "json-high": units_as("\\u%04X")}


def sentence_of(value, way, shape=SENTENCES[0]):
    apostrophe, separator = APOSTROPHES[value >> 1], "/" if value & 1 else "-"
    mark = [OPEN, CLOSE] if value > 1 else ["", ""]
    first, last = ([OPEN, CLOSE]) if value == 1 else ["", ""]
    date = f"2026{first}{way(separator)}05{way(separator)}{last}{DAY}"
    return BEFORE + shape.format(a=mark[0] + way(apostrophe) + mark[1], d=date) + AFTER


# Encoders of addresses leave "'" as it is, and write blanks as escapes.
SENTENCE_WAYS = {
    "component": lambda text: urllib.parse.quote(text, safe="!'()*"),
    "entities for all": lambda text: text.replace("'", "&#39;").replace("\u2019", "&rsquo;").replace("/", "&#47;"),
}


# ---- places: a function from the JSON text of a string (with its quotes) to a document, and the path ----


def anthropic(**fields):
    return {"model": "m", "max_tokens": 16, **fields}


def turn(content, role="user"):
    return anthropic(messages=[{"role": role, "content": content}])


def result_of(content):
    return turn([{"type": "tool_result", "tool_use_id": "t1", "content": content}])


HERE = "QQHEREQQ"
TEXT = {"type": "text", "text": HERE}
PLACES = {
    "system string": (anthropic(system=HERE), "$.system", "system"),
    "system array": (anthropic(system=[TEXT]), "$.system[0].text", "system"),
    "message string": (turn(HERE), "$.messages[0].content", "message"),
    "message block": (turn([TEXT]), "$.messages[0].content[0].text", "message"),
    "tool result string": (result_of(HERE), "$.messages[0].content[0].content", "tool_result"),
    "tool result array": (result_of([TEXT]), "$.messages[0].content[0].content[0].text", "tool_result"),
    "tool description": (anthropic(tools=[{"name": "n", "description": HERE}]), "$.tools[0].description", "tool"),
    "schema description": (
        anthropic(tools=[{"name": "n", "input_schema": {"properties": {"p": {"description": HERE}}}}]),
        "$.tools[0].input_schema.properties.p.description",
        "tool",
    ),
    "chat system": (turn(HERE, "system"), "$.messages[0].content", "system"),
    "chat developer": (turn([TEXT], "developer"), "$.messages[0].content[0].text", "system"),
    "chat tool": (turn(HERE, "tool"), "$.messages[0].content", "tool_result"),
    "chat function": (
        {"tools": [{"type": "function", "function": {"name": "n", "description": HERE}}]},
        "$.tools[0].function.description",
        "tool",
    ),
    "responses instructions": ({"model": "m", "instructions": HERE}, "$.instructions", "system"),
    "responses input": ({"model": "m", "input": HERE}, "$.input", "message"),
    "responses input array": (
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": HERE}]}]},
        "$.input[0].content[0].text",
        "message",
    ),
    "gemini systemInstruction": ({"systemInstruction": {"parts": [{"text": HERE}]}}, "$.systemInstruction.parts[0].text", "system"),
    "gemini system_instruction": ({"system_instruction": {"parts": {"text": HERE}}}, "$.system_instruction.parts.text", "system"),
    "gemini contents": ({"contents": [{"role": "user", "parts": [{"text": HERE}]}]}, "$.contents[0].parts[0].text", "message"),
    "transcript": ({"type": "user", "message": {"role": "user", "content": [TEXT]}}, "$.message.content[0].text", "message"),
    "wrapped body": ({"request": {"body": anthropic(system=HERE)}}, "$.request.body.system", "system"),
    "any JSON": ({"note": HERE}, "$.note", "plain"),
}
HAR = {"log": {"entries": [{"request": {"method": "POST", "postData": {"mimeType": "application/json", "text": HERE}}}]}}
HAR_PATH = "$.log.entries[0].request.postData.text!$.system[0].text"


def put(document, written):
    """The document as JSON, the string's own JSON text in its place."""
    return json.dumps(document).replace(f'"{HERE}"', written)


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


class Case:
    def __init__(self, name, path, place, suffix, build, varies):
        self.name, self.path, self.place, self.suffix = name, path, place, suffix
        self.build = build  # value -> text with OPEN and CLOSE
        self.varies = varies  # can the documents be compared?

    def document(self, value, day=9):
        """The bytes, and the span of the symbol."""
        data = self.build(value).replace(DAY, f"{day:02}").encode()
        start, end = data.find(OPEN.encode()), data.find(CLOSE.encode())
        data = data.replace(OPEN.encode(), b"").replace(CLOSE.encode(), b"")
        return data, (start, end - len(OPEN)) if start >= 0 else None


def json_cases():
    for name, (document, path, place) in PLACES.items():
        def string(written, document=document):
            return put(document, written)

        compared = place in ("system", "message", "tool")
        for way, write in WAYS.items():
            yield Case(f"{name}, {way}", path, place, "json",
                       lambda v, w=write, s=string: s(quoted(sentence_of(v, w))), compared and way == "raw")
        for way, whole in SENTENCE_WAYS.items():
            yield Case(f"{name}, {way}", path, place, "json",
                       lambda v, w=whole, s=string: s(quoted(w(sentence_of(v, str)))), False)
        for way, write in JSON_WAYS.items():
            yield Case(f"{name}, {way}", path, place, "json",
                       lambda v, w=write, s=string: s('"' + sentence_of(v, w) + '"'), compared)
        for way, write in JSON_WAYS.items():
            def nested(value, w=write, s=string):
                return s(json.dumps('{"text": "' + sentence_of(value, w) + '"}'))

            inside = "!$.text" if name == "any JSON" else ""  # of a prompt, JSON in it is a part like any other
            yield Case(f"{name}, nested {way}", path + inside, place, "json", nested, False)
        for shape in SENTENCES[1:]:
            yield Case(f"{name}, raw, {shape}", path, place, "json",
                       lambda v, s=string, h=shape: s(quoted(sentence_of(v, str, h))), compared)


def har_cases():
    inner = anthropic(system=[TEXT])
    for way, write in {"raw": str, **JSON_WAYS}.items():
        yield Case(f"HAR, {way}", HAR_PATH, "system", "har",
                   lambda v, w=write: put(HAR, quoted(put(inner, '"' + sentence_of(v, w) + '"'))), True)


def lines_cases():
    document, path, place = PLACES["transcript"]
    for way, write in {"raw": str, **JSON_WAYS}.items():
        def lines(value, w=write):
            return json.dumps({"type": "summary", "n": 1}) + "\n" + put(document, '"' + sentence_of(value, w) + '"') + "\n"

        yield Case(f"JSON Lines, {way}", path, place, "jsonl", lines, True)


def text_cases():
    shapes = {"plain text": ("txt", "Notes\n\n{}\n\nThe end.\n"), "Markdown": ("md", "# Notes\n\n> {}\n\n- one\n"),
              "environment": ("txt", "<env>\nPlatform: linux\n{}\n</env>\n")}
    for name, (suffix, shape) in shapes.items():
        for way, write in WAYS.items():
            yield Case(f"{name}, {way}", "", "plain", suffix, lambda v, w=write, h=shape: h.format(sentence_of(v, w)), way == "raw")
        for way, whole in SENTENCE_WAYS.items():
            yield Case(f"{name}, {way}", "", "plain", suffix, lambda v, w=whole, h=shape: h.format(w(sentence_of(v, str))), False)


# ---- runs ----


def scan(telltale, *paths, options=()):
    command = [telltale, "scan", "--format", "json", "--show", "candidate", *options, *paths]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit(f"Bail out! exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def level_of(value):
    return "candidate" if value <= 2 else "suspicious"


def wrong_with(case, value, data, span, findings):
    """The first thing that is wrong with the findings of one document; None: nothing."""
    found = [f for f in findings if f["rule"] == "mark.dateline"]
    if value == 0:
        loud = [f for f in findings if f["rule"] not in ("mark.wording", "mark.json-form")]  # the cases of one scan do differ in both
        return None if not loud else f"value 0 is not silent: {loud}"
    if len(found) != 1:
        return f"value {value}: {len(found)} findings in {data!r}: {findings}"
    finding = found[0]
    where, evidence = finding["where"], finding["evidence"]
    start, end = where["offset"], where["offset"] + where["length"]
    code_points = [f"U+{ord(APOSTROPHES[value >> 1]):04X}"] if value > 1 else ["U+002F", "U+0030", "U+0035", "U+002F"]
    before = data[:start]
    checks = (
        ("level", finding["level"], level_of(value)),
        ("decoded", evidence.get("decoded"), {"value": value, "lab": value >> 2, "known": value >> 1 & 1, "tz": value & 1}),
        ("bits", evidence.get("bits"), 3),
        ("code points", evidence.get("codepoints"), code_points),
        ("path", where.get("path", ""), case.path),
        ("place", evidence.get("place", "plain"), case.place),
        ("span", (start, end), span),
        ("bytes there", data[start:end], data[slice(*span)]),
        ("line", where["line"], before.count(b"\n") + 1),
        ("column", where["column"], len(before[before.rfind(b"\n") + 1 :].decode()) + 1),
        ("labels", evidence.get("labels"), ["quoted"] if case.place == "tool_result" else None),
    )
    return next((f"value {value}: {name} is {seen}, not {due}" for name, seen, due in checks if seen != due), None)


def wrong_variation(telltale, case, top):
    paths = []
    for value in range(8):
        paths.append(os.path.join(top, f"{value}.{case.suffix}"))
        with open(paths[-1], "wb") as file:
            file.write(case.document(value, 10 + value)[0])  # the date itself differs too
    options = ["--compare"] if case.suffix in ("txt", "md") else []
    found = [f for f in scan(telltale, *paths, options=options) if f.get("rule") == "mark.dateline" and f["level"] == "confirmed"]
    if len(found) != 1:
        return f"{len(found)} confirmed findings over the eight documents"
    evidence = found[0]["evidence"]
    if len(evidence["forms"]) != 8 or evidence["alphabet"] != 8 or evidence["documents"] != 8 or len(evidence["explanations"]) != 8:
        return f"not eight forms: {evidence}"
    return None if evidence.get("bits") == 3 else f"bits: {evidence}"


def all_cases():
    yield from json_cases()
    yield from har_cases()
    yield from lines_cases()
    yield from text_cases()


def check_documents(telltale, cases, top):
    """Scans the documents of one value together, so that nothing varies; what is wrong with each case."""
    wrong = {case.name: [] for case in cases}
    for value in range(8):
        made = {}
        for number, case in enumerate(cases):
            path = os.path.join(top, f"{value}-{number}.{case.suffix}")
            made[path] = (case, *case.document(value))
            with open(path, "wb") as file:
                file.write(made[path][1])
        findings = {path: [] for path in made}
        for line in scan(telltale, *made):
            if line["type"] == "finding":
                findings[line["where"]["uri"]].append(line)
        for path, (case, data, span) in made.items():
            trouble = wrong_with(case, value, data, span, findings[path])
            wrong[case.name] += [trouble] if trouble else []
    return wrong


def base64_wrong(telltale, value, place, lead, top):
    """A token is read wherever in its groups of three the symbol lies."""
    text = "x" * lead + " " + sentence_of(value, str).replace(OPEN, "").replace(CLOSE, "").replace(DAY, "09")
    symbol = APOSTROPHES[value >> 1] if value > 1 else text[text.index("05") - 1 :][:4]
    at = len(text[: text.index(symbol, text.index("Today"))].encode())
    token = base64.b64encode(text.encode()).decode()
    document, path, _ = PLACES[place]
    data = put(document, json.dumps(token)).encode()
    start = data.index(token.encode())
    due = (start + at * 8 // 6, start + -(-(at + len(symbol.encode())) * 8 // 6))
    name = os.path.join(top, "token.json")
    with open(name, "wb") as file:
        file.write(data)
    found = [f for f in scan(telltale, name) if f.get("rule") == "mark.dateline"]
    if value == 0:
        return None if not found else f"{place}: value 0 is not silent"
    if [f["evidence"]["decoded"]["value"] for f in found] != [value]:
        return f"{place}, value {value}, lead {lead}: {found}"
    where = found[0]["where"]
    seen = (where["offset"], where["offset"] + where["length"])
    if seen != due or where["path"] != path or found[0]["level"] != level_of(value):
        return f"{place}, value {value}, lead {lead}: span {seen}, not {due}; {found[0]}"
    return None


def main():
    telltale, words = sys.argv[1], sys.argv[2:]
    cases = [case for case in all_cases() if all(word in case.name for word in words)]
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="telltale-dateline-") as top:
        wrong = check_documents(telltale, cases, top)
        for case in cases:
            tap.case(case.name, wrong[case.name])
        for case in cases:
            if case.varies:
                tap.case(f"{case.name}: variation over documents", wrong_variation(telltale, case, top))
        for place in PLACES:
            if place != "any JSON" and not words:
                trouble = [base64_wrong(telltale, value, place, lead, top) for value in range(8) for lead in range(3 if value in (1, 5) else 1)]
                tap.case(f"{place}, base64", [line for line in trouble if line])
    tap.end()


if __name__ == "__main__":
    main()
