#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Covert choices at sites of requests, beside all that changes innocently; prints TAP.

    variation.py TELLTALE [WORD]...     WORD: only cases whose name holds it

A case is a kind of mark, a shape of request and a way to keep requests.  Twelve requests of one client are made: user names, dates,
identifiers, folders, questions and answers differ in each, and at one site of the template the mark differs with a secret bit.  The
site must be reported with its forms, documents and bits.  Without the mark, the same requests must be silent but for what
is stated.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import uuid

from tap import Tap

DOCUMENTS = 12
SYSTEM = """You are a careful assistant for people who write programs.
The name of the user is {user}.
\u2714 Read a file before you change it, and keep every change small.
Never guess what the user{apostrophe}s tools return.
The folder holds {number} files that were read at the start.
Use a well{hyphen}known library instead of code of your own.
The session began on {date} for somebody.
Working directory: {folder}
Session identifier: {session}
Answer in the language of the question, and name the files that you {verb}.
{first}
{second}
End every answer with a short list of what is left to do.{blank}"""
ORDER = ("Ask before a command deletes anything.", "Run the tests when you are done.")
PLAIN = {"apostrophe": "'", "hyphen": "-", "space": " ", "blank": "", "verb": "changed"}
NAMES = ["alice", "bob", "chen", "dmitri", "esther", "farid", "gül", "håkon", "iris", "josé", "kaveh", "lakshmi"]
QUESTIONS = ["Why does this test fail on Tuesdays?", "Rename the function, please.", "What\u2019s the difference between these?",
             "Add a \u201cdark mode\u201d to the page \u2014 quickly.", "It's slow; can you profile it?", "Fix the build."]
TOOLS = ["read_file", "write_file", "run", "search", "fetch_page"]


def innocent(seed):
    chance = random.Random(seed)
    return {
        "user": NAMES[seed % len(NAMES)],
        "date": f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
        "folder": f"/home/{NAMES[seed % len(NAMES)]}/src/project-{chance.randrange(1000)}",
        "session": str(uuid.UUID(int=chance.getrandbits(128))),
        "number": f"{chance.randrange(1, 9)},{chance.randrange(1000):03}",
        "question": QUESTIONS[chance.randrange(len(QUESTIONS))],
        "tools": chance.sample(TOOLS, 3),
    }


# ---- kinds of marks: from a bit and the innocent values to the template's values; what must be said ----


def swap(name, *forms):
    return lambda bit, values: {name: forms[bit]}


def date_form(bit, values):
    year, month, day = values["date"].split("-")
    return {"date": f"{day}.{month}.{year}" if bit else values["date"]}


MARKS = {
    "apostrophe": (swap("apostrophe", "'", "\u2019"), "mark.varying-site", "suspicious"),
    "rare apostrophe": (swap("apostrophe", "'", "\u02bc"), "mark.varying-site", "suspicious"),
    "hyphen": (swap("hyphen", "-", "\u2010"), "mark.varying-site", "suspicious"),
    "no-break hyphen": (swap("hyphen", "-", "\u2011"), "mark.varying-site", "suspicious"),
    "no-break space": (lambda bit, values: {"nbsp": bit}, "mark.varying-site", "candidate"),
    "double space": (lambda bit, values: {"double": bit}, "mark.varying-site", "candidate"),
    "joiner": (lambda bit, values: {"joiner": bit}, "mark.varying-site", "suspicious"),
    "soft hyphen": (lambda bit, values: {"soft": bit}, "mark.varying-site", "suspicious"),
    "grapheme joiner": (lambda bit, values: {"grapheme": bit}, "mark.varying-site", "suspicious"),
    "style of an emoji": (lambda bit, values: {"style": bit}, "mark.varying-site", "suspicious"),
    "look-alike letter": (lambda bit, values: {"letter": bit}, "mark.varying-site", "suspicious"),
    "trailing blank": (swap("blank", "", " "), "mark.varying-site", "candidate"),
    "trailing blank inside": (lambda bit, values: {"inside": bit}, "mark.varying-site", "candidate"),
    "date order": (date_form, "mark.varying-site", "suspicious"),
    "date separator": (lambda bit, values: {"date": values["date"].replace("-", "/") if bit else values["date"]}, "mark.varying-site", "suspicious"),
    "digit groups": (lambda bit, values: {"number": values["number"].replace(",", ".") if bit else values["number"]}, "mark.varying-site", "suspicious"),
    "order of lines": (lambda bit, values: dict(zip(("first", "second"), ORDER[::-1] if bit else ORDER)), "mark.wording", "candidate"),
    "synonym": (swap("verb", "changed", "touched"), "mark.wording", "candidate"),
    "order of names": (lambda bit, values: {"names": bit}, "mark.json-form", "candidate"),
    "number form": (lambda bit, values: {"written": ('"temperature": 1', '"temperature": 1.0') if bit else None}, "mark.json-form", "candidate"),
    "blank before a comma": (lambda bit, values: {"written": (', "temperature"', ' , "temperature"') if bit else None}, "mark.json-form", "candidate"),
    "blank behind a colon": (lambda bit, values: {"written": ('"temperature": ', '"temperature":') if bit else None}, "mark.json-form", "candidate"),
    "escaped slash": (lambda bit, values: {"written": ("/", "\\/") if bit else None}, "mark.json-form", "candidate"),
}


def system_text(values):
    values = {**PLAIN, "first": ORDER[0], "second": ORDER[1], **values}
    text = SYSTEM.format(**values)
    if values.get("nbsp"):
        text = text.replace("careful assistant", "careful\u00a0assistant")
    if values.get("double"):
        text = text.replace("small.\n", "small.\n").replace("every change", "every  change")
    if values.get("joiner"):
        text = text.replace("library", "lib\u200drary")
    if values.get("soft"):
        text = text.replace("library", "lib\u00adrary")
    if values.get("grapheme"):
        text = text.replace("library", "lib\u034frary")
    if values.get("style"):
        text = text.replace("\u2714", "\u2714\ufe0f")
    if values.get("letter"):
        text = text.replace("own.", "\u043ewn.")
    if values.get("inside"):
        text = text.replace("changed.\n", "changed. \n").replace("keep every change small.", "keep every change small. ")
    return text


# ---- shapes ----


def anthropic(text, values):
    tools = [{"name": name, "description": f"The tool {name} of this client."} for name in values["tools"]]
    return {"model": "m", "max_tokens": 9, "system": [{"type": "text", "text": text}], "tools": tools,
            "messages": [{"role": "user", "content": values["question"]}, {"role": "assistant", "content": "I\u2019ll look at it, it's fine."}],
            "metadata": {"user_id": values["session"]}}


def anthropic_reminder(text, values):
    block = f"<system-reminder>\n{text}\n</system-reminder>"
    return {"model": "m", "messages": [{"role": "user", "content": [{"type": "text", "text": block}, {"type": "text", "text": values["question"]}]}]}


def openai_chat(text, values):
    return {"model": "m", "user": values["user"], "messages": [{"role": "system", "content": text}, {"role": "user", "content": values["question"]}]}


def openai_responses(text, values):
    return {"model": "m", "instructions": text, "input": [{"role": "user", "content": [{"type": "input_text", "text": values["question"]}]}]}


def gemini(text, values):
    return {"systemInstruction": {"parts": [{"text": text}]}, "contents": [{"role": "user", "parts": [{"text": values["question"]}]}]}


def transcript(text, values):
    return {"type": "user", "sessionId": values["session"], "cwd": values["folder"],
            "message": {"role": "system", "content": text}}


SHAPES = {f.__name__: f for f in (anthropic, anthropic_reminder, openai_chat, openai_responses, gemini, transcript)}
FREE = ("anthropic_reminder", "mark.wording")  # what a user's message carries may be worded in any way
SOFT = ("soft hyphen", "style of an emoji")  # what keyboards and pages add to it


def document(shape, mark, bit, seed):
    values = innocent(seed)
    values.update(mark(bit, values) if mark else {})
    request = SHAPES[shape](system_text(values), values)
    if values.get("names"):
        request = dict(reversed(request.items()))
    request["temperature"] = 1
    return json.dumps(request).replace(*values.get("written") or ("", ""))


def one_file_each(top, documents):
    paths = []
    for number, text in enumerate(documents):
        paths.append(os.path.join(top, f"{number:02}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def lines(top, documents):
    path = os.path.join(top, "all.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(text + "\n" for text in documents)
    return [path]


def capture(top, documents):
    path = os.path.join(top, "all.har")
    entries = [{"request": {"method": "POST", "postData": {"mimeType": "application/json", "text": text}}} for text in documents]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"log": {"entries": entries}}, file)
    return [path]


WAYS = {"files": one_file_each, "lines": lines, "capture": capture}


def scan(telltale, paths, options=()):
    command = [telltale, "scan", "--format", "json", "--show", "candidate", *options, *paths]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        raise ValueError(f"exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return [line for line in map(json.loads, done.stdout.splitlines()) if line["type"] == "finding"]


def compared(findings):
    """Findings of the comparison, which count documents."""
    return [f for f in findings if "documents" in f["evidence"]]


def describe(finding):
    return f"{finding['level']} {finding['rule']}: {finding['message']}: {finding['evidence'].get('forms')}"


def wrong_with_mark(found, rule, level):
    hits = [f for f in found if f["rule"] == rule and f["level"] == level]
    others = [f for f in found if f not in hits and f["rule"] != "mark.wording"]
    if not hits:
        return ["the site is not reported", *map(describe, found)]
    evidence = hits[0]["evidence"]
    if len(evidence["forms"]) != 2 or evidence["alphabet"] != 2 or evidence["bits"] != 1 or evidence["documents"] != DOCUMENTS:
        return [f"evidence: {evidence}"]
    return [f"more than the mark: {describe(f)}" for f in others]


def main():
    telltale, words = os.path.abspath(sys.argv[1]), sys.argv[2:]
    secret = [int(bit) for bit in "011010011101"]
    tap = Tap()

    def check(shape, way, name, options=()):
        mark, rule, level = MARKS[name] if name else (None, None, None)
        if name in SOFT and shape == "anthropic_reminder":
            level = "candidate"
        with tempfile.TemporaryDirectory(prefix="telltale-variation-") as top:
            documents = [document(shape, mark, secret[i], i) for i in range(DOCUMENTS)]
            found = compared(scan(telltale, WAYS[way](top, documents), options))
        return wrong_with_mark(found, rule, level) if name else [describe(f) for f in found]

    for shape in SHAPES:
        for way in WAYS:
            names = [None, *MARKS]
            for name in names:
                title = f"{shape}, {way}: {name or 'nothing but innocent changes'}"
                if any(word not in title for word in words) or (name and (shape, MARKS[name][1]) == FREE):
                    continue
                tap.case(title, check(shape, way, name))
    tap.end()


if __name__ == "__main__":
    main()
