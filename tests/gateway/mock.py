# SPDX-License-Identifier: Apache-2.0
"""A model API on loopback for real clients: remembers what it is asked, and answers in the shapes of OpenAI, Anthropic and Gemini.

An answer always says the same text.  Side requests (token counts, lists of models) are answered too, so that a client does not stop over one.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SAID = "The mock upstream was reached."


class Asked:
    """One request as it arrived."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body

    def json(self):
        return json.loads(self.body)

    def is_turn(self):
        """A call of a model, no side request."""
        return self.method == "POST" and any(word in self.path for word in ("/chat/completions", "/messages", "/responses", "enerateContent"))


def openai_chunk(model, delta, finish=None):
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1778284800, "model": model, "choices": choices}


OPENAI_USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12, "prompt_tokens_details": {"cached_tokens": 2}}
GEMINI_USAGE = {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12, "cachedContentTokenCount": 2}


def openai_answer(asked):
    """(events of a stream or None, JSON or None)"""
    request = asked.json()
    model = request.get("model", "")
    if not request.get("stream"):
        message = {"role": "assistant", "content": SAID}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return None, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1778284800, "model": model, "choices": choices, "usage": OPENAI_USAGE}
    events = [openai_chunk(model, {"role": "assistant", "content": ""}), openai_chunk(model, {"content": SAID}), openai_chunk(model, {}, "stop")]
    if request.get("stream_options", {}).get("include_usage"):
        events.append({**openai_chunk(model, {}), "choices": [], "usage": OPENAI_USAGE})
    return [*map(json.dumps, events), "[DONE]"], None


def gemini_answer(asked):
    content = {"role": "model", "parts": [{"text": SAID}]}
    answer = {
        "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
        "usageMetadata": GEMINI_USAGE,
        "modelVersion": asked.path.partition("/models/")[2].partition(":")[0],
        "responseId": "response-1",
    }
    return ([json.dumps(answer)], None) if "streamGenerateContent" in asked.path else (None, answer)


def answer_of(asked):
    if "enerateContent" in asked.path:
        return gemini_answer(asked)
    if "/chat/completions" in asked.path:
        return openai_answer(asked)
    if "countTokens" in asked.path:
        return None, {"totalTokens": 7}
    if asked.path.partition("?")[0].endswith("/models"):
        return None, {"object": "list", "data": [], "models": []}
    return None, {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def send(self, status, kind, body, headers=()):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        asked = Asked(self.command, self.path, list(self.headers.items()), self.read_body())
        self.server.mock.take(asked)
        refusal = self.server.mock.refusal
        if refusal and asked.is_turn():
            status, headers, body = refusal
            self.send(status, "application/json", json.dumps(body).encode(), headers)
            return
        events, value = answer_of(asked)
        if events is None:
            self.send(200, "application/json", json.dumps(value).encode())
        else:
            self.send(200, "text/event-stream", "".join(f"data: {event}\n\n" for event in events).encode())

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


class Mock:
    """The server, in a thread of its own.  refusal: (status, headers, JSON) that every call of a model gets instead of an answer."""

    def __init__(self):
        self.lock = threading.Lock()
        self.asked = []
        self.refusal = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.mock = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, asked):
        with self.lock:
            self.asked.append(asked)

    def begin(self, refusal=None):
        """Forgets what was asked before."""
        with self.lock:
            self.asked, self.refusal = [], refusal

    def turns(self):
        with self.lock:
            return [asked for asked in self.asked if asked.is_turn()]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
