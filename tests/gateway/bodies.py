# SPDX-License-Identifier: Apache-2.0
"""Request bodies as clients send them: in a form of their own, clean or marked."""

import hashlib
import json

TAGS = "".join(chr(0xE0000 + ord(c)) for c in "HELLO")  # reads as "HELLO": the policy takes it out
ZERO_WIDTH = "pass\u200bword"  # the policy blocks it

MESSAGES, CHAT, RESPONSES = "/v1/messages", "/v1/chat/completions", "/v1/responses"
GEMINI = "/v1beta/models/gemini-2.5-pro:generateContent"

JSON = [("Content-Type", "application/json")]

# Spacing, order, spelling of numbers and escapes that no encoder would give back.
ODD = (
    b'{ "model" :"claude-sonnet-4-5",\t"max_tokens": 1e2 , "temperature":0.10,"metadata":{"user_id":"\\u0061b\\/c"},\r\n'
    b'"system":[{"type":"text","text":"caf\\u00e9 caf\xc3\xa9","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user",'
    b'"content":"tell me \\ud83d\\ude00"}],"unknown_field_of_tomorrow":[1.0,-0,1E+2,null,true] }'
)


def messages(text="How do I write a test?", model="claude-sonnet-4-5", filler=0, **more):
    """Of the Messages API.  filler: bytes of clean text beside it."""
    words = ("The quick brown fox jumps over the lazy dog; line %d of a tool's output.\\n" * (filler // 74 + 1))[:filler] if filler else ""
    content = [{"type": "text", "text": text}]
    if filler:
        content.append({"type": "text", "text": words})
    body = {"model": model, "max_tokens": 100, "system": [{"type": "text", "text": "You are terse."}],
            "messages": [{"role": "user", "content": content}], **more}
    return json.dumps(body, ensure_ascii=False).encode()


def chat(text="How do I write a test?", model="gpt-5", **more):
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more}, ensure_ascii=False).encode()


def responses(text="How do I write a test?", model="gpt-5", **more):
    return json.dumps({"model": model, "input": text, **more}, ensure_ascii=False).encode()


def gemini(text="How do I write a test?"):
    return json.dumps({"contents": [{"role": "user", "parts": [{"text": text}]}]}, ensure_ascii=False).encode()


# One body of each API: path, body made of a text.
DIALECTS = {
    "anthropic": (MESSAGES, messages),
    "openai chat": (CHAT, chat),
    "openai responses": (RESPONSES, responses),
    "gemini": (GEMINI, gemini),
}


def zstd(body):
    """A frame of blocks that are not compressed (RFC 8878, 3.1.1): what every decoder takes, without a library."""
    blocks = [body[i : i + 65536] for i in range(0, len(body), 65536)]
    frame = b"\x28\xb5\x2f\xfd" + b"\xa0" + len(body).to_bytes(4, "little")
    return frame + b"".join((len(block) << 3 | (n == len(blocks) - 1)).to_bytes(3, "little") + block for n, block in enumerate(blocks))


def wrong_span(body, sent, edits):
    """Compares, by nothing but slices of bytes: sent is body but for the spans that a record lists, and these have the hashes that it says."""
    digest = lambda part, want: hashlib.sha256(part).hexdigest().startswith(want) and want
    at = to = 0
    for edit in edits:
        kept = edit["offset"] - at
        if body[at : at + kept] != sent[to : to + kept]:
            return f"bytes before {edit} differ"
        at, to = at + kept, to + kept
        if not digest(body[at : at + edit["length"]], edit["before"]):
            return f"before {edit} stood something else"
        if not digest(sent[to : to + edit["new_length"]], edit["after"]):
            return f"at {edit} stands something else"
        at, to = at + edit["length"], to + edit["new_length"]
    return None if body[at:] == sent[to:] else "bytes behind the last edit differ"
