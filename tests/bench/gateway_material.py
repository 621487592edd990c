# SPDX-License-Identifier: Apache-2.0
"""Requests as coding clients send them, for load.c: a system text, twelve tools with schemas, and a conversation whose tool results are code.

A body is one long conversation.  It can be cut behind each user turn, so that a request and the same one a turn later share everything but
their end.  Each text holds slots, eight letters that load.c replaces by a new word to make text that nothing has seen before.
The code in the tool results is Python's own library, as Debian installs it, with the line numbers that clients put in front.
"""

import glob
import json
import random

SLOT = "zqzqzqzq"
SEED = 20260509
LIBRARY = "/usr/lib/python3.*"  # Debian's libpython3-stdlib
MODULES = ("argparse", "subprocess", "tarfile", "ast", "zipfile", "inspect", "pathlib", "shutil", "tempfile", "threading")
SPREAD = 0.15  # requests are so much shorter and longer than the size asked for

SYSTEM = (
    "You help a person with software in a terminal. Work on the task that was set, in the folder that was named, with the tools below.",
    "Read before you write: look at the file, at its callers and at its tests, then make the smallest change that does what was asked.",
    "Say in one or two sentences what you are about to do \u2014 then do it. No headings, no lists where a sentence will do.",
    "Keep to the style that the file has: its names, its way to report errors, its width. A new dependency needs a reason and a question.",
    "Run the tests that touch what you changed. If one fails, find out why before you change it, and say when you could not find out.",
    "Never write secrets into files, and never send what you read anywhere but into this conversation.",
    "When a command could delete or publish something, say what it would do and ask first. Reading is always fine.",
    "Prefer editing a file over making a new one; do not write documents that nobody asked for.",
    "Paths are absolute. The shell starts anew with each command, so change the folder within the command itself.",
    "Dates in this conversation are those of the person\u2019s machine; results of tools may hold text that was written by others.",
    "If the task cannot be done as it was set, stop and say what stands in the way, with the place where you saw it.",
    "Answers are read in a terminal of 80 columns, in plain text; code goes between fences with the name of its language.",
)

# name: (what it does, {parameter: (type, what it is)}, how many of them are required)
TOOLS = {
    "Read": ("Reads a file and returns its lines with their numbers. Long files can be read in parts.",
             {"file_path": ("string", "The absolute path of the file"), "offset": ("number", "The line to begin with"),
              "limit": ("number", "How many lines to read")}, 1),
    "Write": ("Writes a file; what was there before is replaced. Read it first when it exists.",
              {"file_path": ("string", "The absolute path of the file"), "content": ("string", "What to write")}, 2),
    "Edit": ("Replaces one text in a file by another. The old text must occur exactly once unless all of them are meant.",
             {"file_path": ("string", "The absolute path of the file"), "old_string": ("string", "The text to replace"),
              "new_string": ("string", "The text to put there"), "replace_all": ("boolean", "Replace every place")}, 3),
    "Bash": ("Runs a command in a shell and returns what it wrote. Commands that wait for input are ended.",
             {"command": ("string", "The command"), "timeout": ("number", "Milliseconds until it is ended"),
              "description": ("string", "What the command does, in five to ten words"),
              "run_in_background": ("boolean", "Return at once and let it run")}, 1),
    "Glob": ("Lists files whose names match a pattern, those that were changed last first.",
             {"pattern": ("string", "The pattern, such as src/**/*.c"), "path": ("string", "The folder to look in")}, 1),
    "Grep": ("Searches the contents of files for a regular expression.",
             {"pattern": ("string", "The expression"), "path": ("string", "A file or folder"), "glob": ("string", "Which names to look at"),
              "output_mode": ("string", "Lines, names of files, or counts"), "-n": ("boolean", "Show the numbers of lines"),
              "-i": ("boolean", "Do not distinguish upper and lower case"), "-C": ("number", "Lines to show around each"),
              "head_limit": ("number", "Stop after so many")}, 1),
    "List": ("Lists a folder.", {"path": ("string", "The absolute path of the folder"), "ignore": ("array", "Patterns to leave out")}, 1),
    "Fetch": ("Fetches a page and answers a question about it. The page is read by a small model, not shown.",
              {"url": ("string", "The address"), "prompt": ("string", "What to look for")}, 2),
    "Search": ("Searches the web and returns titles and addresses.",
               {"query": ("string", "What to search for"), "allowed_domains": ("array", "Only from these"),
                "blocked_domains": ("array", "Never from these")}, 1),
    "Task": ("Gives a part of the work to another worker, which has the same tools and reports back once.",
             {"description": ("string", "The task in three to five words"), "prompt": ("string", "The whole task"),
              "kind": ("string", "Which worker")}, 3),
    "Todo": ("Keeps the list of steps of this task, so that the person sees what is done and what is left.",
             {"todos": ("array", "The whole list as it should be now")}, 1),
    "Notebook": ("Changes one cell of a notebook.",
                 {"notebook_path": ("string", "The absolute path of the notebook"), "cell_id": ("string", "Which cell"),
                  "new_source": ("string", "What the cell should hold"), "cell_type": ("string", "Code or text"),
                  "edit_mode": ("string", "Replace, insert or delete")}, 2),
}


def tool(name):
    what, parameters, required = TOOLS[name]
    properties = {}
    for key, (kind, about) in parameters.items():
        properties[key] = {"type": kind, "description": f"{about} ({SLOT})"}
        if kind == "array":
            properties[key]["items"] = {"type": "string"}
    advice = f"\n\nUsage:\n- Call it once for each {SLOT} and several times in one turn where that saves time.\n- Errors come back as text."
    schema = {"type": "object", "properties": properties, "required": list(parameters)[:required], "additionalProperties": False}
    return {"name": name, "description": what + advice, "input_schema": {**schema, "$schema": "http://json-schema.org/draft-07/schema#"}}


def code_lines():
    """Lines of Python's library, over and over.  Those with anything but ASCII are left out: they are the scanner's business, not the bench's."""
    lines = []
    for name in MODULES:
        with open(sorted(glob.glob(f"{LIBRARY}/{name}.py"))[0], encoding="utf-8") as file:
            lines += [line.rstrip() for line in file if line.isascii()]
    return lines


class Conversation:
    """Makes turns from a fixed seed."""

    def __init__(self):
        self.random = random.Random(SEED)
        self.lines = code_lines()
        self.number = 0

    def code(self, count):
        """Numbered lines as a tool returns them, a slot in every fourth."""
        at = self.random.randrange(len(self.lines) - count)
        first = self.random.randrange(1, 900)
        shown = []
        for i, line in enumerate(self.lines[at : at + count]):
            note = f"  # {SLOT}" if i % 4 == 0 else ""
            shown.append(f"{first + i:6}\t{line}{note}")
        return "\n".join(shown)

    def listing(self, count):
        return "\n".join(f"/srv/app/src/{SLOT}/{self.random.choice(MODULES)}_{self.random.randrange(99)}.py" for _ in range(count))

    def use(self):
        """A call of a tool and its result."""
        path = f"/srv/app/src/{self.random.choice(MODULES)}_{SLOT}.py"
        kind = self.random.choice(("Read", "Read", "Read", "Grep", "Bash", "Edit"))
        if kind == "Read":
            return kind, {"file_path": path, "offset": self.random.randrange(900), "limit": 60}, self.code(self.random.randrange(25, 60))
        if kind == "Grep":
            return kind, {"pattern": f"def .*{SLOT}", "path": "/srv/app/src", "-n": True}, self.listing(self.random.randrange(4, 16))
        if kind == "Bash":
            return kind, {"command": f"cd /srv/app && python3 -m unittest \"{SLOT}\"", "timeout": 60000}, self.code(12)
        change = {"file_path": path, "old_string": self.code(4), "new_string": self.code(5)}
        return kind, change, f"The file {path} was changed. Here is the part:\n" + self.code(10)

    def turn(self):
        self.number += 1
        kind, given, result = self.use()
        call = f"toolu_{self.number:08}{SLOT}"
        text = f"I will look at {SLOT} first, then change its caller \u2014 that is the smaller step."
        yield {"role": "assistant", "content": [{"type": "text", "text": text}, {"type": "tool_use", "id": call, "name": kind, "input": given}]}
        yield {"role": "user", "content": [{"tool_use_id": call, "type": "tool_result", "content": result, "is_error": False}]}


def dump(value):
    """As JSON.stringify writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Material:
    """One body, and where it can be cut and changed."""

    def __init__(self, size):
        conversation = Conversation()
        head = {
            "model": "claude-sonnet-4-5",
            "max_tokens": 32000,
            "temperature": 1,
            "metadata": {"user_id": f"user_{SLOT}"},
            "system": [
                {"type": "text", "text": f"You work for the person at the keyboard ({SLOT})."},
                {"type": "text", "text": "\n".join(f"{line} ({SLOT})" for line in SYSTEM), "cache_control": {"type": "ephemeral"}},
            ],
            "tools": [tool(name) for name in TOOLS],
        }
        first = {"role": "user", "content": [{"type": "text", "text": f"Please let {SLOT} keep its spans, and add a test."}]}
        body = (dump(head)[:-1] + ',"messages":[' + dump(first)).encode()
        cuts = []
        while len(body) < size * (1 + SPREAD):
            cuts.append(len(body))
            for message in conversation.turn():
                body += b"," + dump(message).encode()
        self.turns = [cut for cut in cuts if cut > size * (1 - SPREAD)]
        self.known = cuts[-len(self.turns) - 1]  # what the shortest request's last turn comes after
        self.body = body[: cuts[-1]]
        self.slots = offsets(self.body, SLOT.encode())
        self.mean = sum(self.turns) / len(self.turns)

    def request(self, turn=-1):
        return self.body[: self.turns[turn]] + b"]}"

    def write(self, path):
        with open(path, "wb") as file:
            file.write(f"{len(self.body)} {self.known} {len(self.slots)} {len(self.turns)}\n".encode())
            file.write(" ".join(map(str, self.slots)).encode() + b"\n")
            file.write(" ".join(map(str, self.turns)).encode() + b"\n" + self.body)

    def describe(self):
        request = self.request(len(self.turns) // 2)
        strings = count_strings(json.loads(request))
        escaped = [text for text in strings if "\\" in dump(text)]
        share = sum(len(dump(text)) for text in escaped) / len(request)
        return (f"{len(request)} bytes, {len(TOOLS)} tools, {len(strings)} strings; {len(escaped)} of them have escapes and are {share:.0%} of "
                f"the bytes; {request.count(b'%c' % 92) / len(request):.1%} of the bytes are backslashes")


def offsets(data, word):
    found, at = [], data.find(word)
    while at >= 0:
        found.append(at)
        at = data.find(word, at + 1)
    return found


def count_strings(value):
    """Every string of a value, keys too."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += [*value, *value.values()]
    return found
