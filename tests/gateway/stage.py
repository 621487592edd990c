# SPDX-License-Identifier: Apache-2.0
"""What the tests of a running gateway share: a server in this process that stands for a model API, and the loop over their cases."""

import contextlib
import http.server
import threading

from tap import Tap


class Answers(http.server.BaseHTTPRequestHandler):
    """A handler says nothing of what it does, and reads and answers whole bodies."""

    protocol_version = "HTTP/1.1"

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def send(self, code, out, pause=None):
        """Sends JSON; in two halves where pause is called between them.  Who was killed meanwhile takes no answer."""
        half = len(out) // 2 if pause else len(out)
        with contextlib.suppress(OSError):
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(out)))
            self.end_headers()
            self.wfile.write(out[:half])
            self.wfile.flush()
            if pause:
                pause()
                self.wfile.write(out[half:])

    def log_message(self, *_):
        pass


class ModelApi(http.server.ThreadingHTTPServer):
    """On loopback, on a port of its own.  go_on lets go whoever waits; its end does, too."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.go_on = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.go_on.set()
        self.shutdown()
        self.server_close()


def run_cases(cases, words, run):
    """Runs the cases whose function's name holds one of the words, or all, by run(function)."""
    tap = Tap()
    for name, function in cases:
        if not words or any(word in function.__name__ for word in words):
            tap.run(name, run, function)
    tap.end()
