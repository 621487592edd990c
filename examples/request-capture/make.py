#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the sample captures with the reference encoder of the built telltale.

    make.py TELLTALE            writes marked.jsonl and unmarked.jsonl beside this file
    make.py TELLTALE --check    compares instead; exit code 1 when a byte differs

Both captures hold the same conversation, so that only the date sentence differs between them. All names are invented and
all hosts are reserved ones.
"""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LISTS = os.path.join(HERE, "..", "..", "data", "dateline")
DATE = "2026-05-09"
CAPTURES = {
    "marked.jsonl": ["--base-url", "https://my-deepseek-proxy.example.com", "--timezone", "Asia/Shanghai"],
    "unmarked.jsonl": ["--base-url", "https://gateway.example.com", "--timezone", "Europe/Berlin"],
}

SYSTEM = [
    "You are a coding assistant that works in a terminal.",
    "You help with software in the project folder. Read files before you change them, keep changes small, and run the tests"
    " when you are done. Answer in plain text and do not repeat what the tools printed.\n\n"
    "<env>\nWorking directory: /home/dev/ledger\nIs directory a git repo: Yes\nPlatform: linux\n</env>",
]


def schema(**properties):
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in properties.items()},
        "required": list(properties),
    }


TOOLS = [
    {
        "name": "Read",
        "description": "Reads a file of the project and returns its lines with numbers.",
        "input_schema": schema(file_path="Absolute path of the file"),
    },
    {
        "name": "Bash",
        "description": "Runs a command in the project folder and returns what it prints. Don't use it to edit files.",
        "input_schema": schema(command="The command line", description="What the command does, in a few words"),
    },
    {
        "name": "Edit",
        "description": "Replaces one piece of text in a file. The old text must occur exactly once.",
        "input_schema": schema(file_path="Absolute path of the file", old_string="Text to replace", new_string="New text"),
    },
]

CONTEXT = (
    "<system-reminder>\n"
    "As you answer the user's questions, you can use the following context:\n"
    "# projectNotes\n"
    "Build with make, test with make check. Amounts are integers in cents.\n"
    "# currentDate\n"
    "{sentence}\n\n"
    "      IMPORTANT: this context may or may not matter for the task at hand. Leave it aside when it does not.\n"
    "</system-reminder>\n"
)

LOG = (
    "test_round ... ok\n"
    "test_statement_totals ... FAILED\n"
    "  expected 1204, got 1203\n"
    "written to logs/2026/05/09/check.log, last good run 2026-05-08\n"
)

SOURCE = (
    "     1\tdef statement_total(lines):\n"
    "     2\t    return int(sum(line.amount * line.rate for line in lines))\n"
)


def text(words):
    return {"type": "text", "text": words}


def tool_use(number, name, **values):
    return {"type": "tool_use", "id": "toolu_sample_%02d" % number, "name": name, "input": values}


def tool_result(number, words):
    return {"type": "tool_result", "tool_use_id": "toolu_sample_%02d" % number, "content": words}


def turns(sentence):
    """The conversation, as turns of one message each; the user speaks first."""
    return [
        [text(CONTEXT.format(sentence=sentence)), text("make check fails since yesterday. Please find out why, and fix it.")],
        [text("I'll run the tests first."), tool_use(1, "Bash", command="make check", description="Run the tests")],
        [tool_result(1, LOG)],
        [
            text("The total is one cent too low. Let's see how it is computed."),
            tool_use(2, "Read", file_path="/home/dev/ledger/statement.py"),
        ],
        [tool_result(2, SOURCE)],
    ]


def request(messages):
    return {
        "model": "claude-sonnet-4-5",
        "max_tokens": 8192,
        "stream": True,
        "metadata": {"user_id": "user_0000000000000000_session_00000000-0000-4000-8000-000000000000"},
        "system": [dict(text(part), cache_control={"type": "ephemeral"}) for part in SYSTEM],
        "messages": [
            {"role": "assistant" if i % 2 else "user", "content": content} for i, content in enumerate(messages)
        ],
        "tools": TOOLS,
    }


def capture(telltale, options):
    """Three requests of one conversation, each longer than the last, as a client sends them."""
    command = [telltale, "marks", "encode", "--lists", LISTS, "--date", DATE, "--quiet", *options]
    sentence = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode("utf-8").rstrip("\n")
    conversation = turns(sentence)
    requests = [request(conversation[:end]) for end in (1, 3, 5)]
    # As JSON.stringify writes it: no blanks, and only what must be escaped is.
    lines = [json.dumps(body, ensure_ascii=False, separators=(",", ":")) + "\n" for body in requests]
    return "".join(lines).encode("utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("telltale", help="the built program")
    parser.add_argument("--check", action="store_true", help="compare with the files instead of writing them")
    args = parser.parse_args()
    different = []
    for name, options in CAPTURES.items():
        path = os.path.join(HERE, name)
        made = capture(args.telltale, options)
        if not args.check:
            with open(path, "wb") as file:
                file.write(made)
            continue
        with open(path, "rb") as file:
            if file.read() != made:
                different.append(name)
    if different:
        sys.exit("not what make.py writes: " + ", ".join(different))


if __name__ == "__main__":
    main()
