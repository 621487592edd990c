# SPDX-License-Identifier: Apache-2.0
"""Stands between a client and the gateway, passes every byte on in both directions, and keeps what the client sent."""

import socket
import threading


def pump(source, target, keep):
    try:
        while data := source.recv(65536):
            keep(data)
            target.sendall(data)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Wiretap:
    def __init__(self, port):
        self.to = port
        self.sent = []  # of each connection, what the client sent
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            kept = bytearray()
            self.sent.append(kept)
            threading.Thread(target=pump, args=(client, server, kept.extend), daemon=True).start()
            threading.Thread(target=pump, args=(server, client, lambda _: None), daemon=True).start()

    def begin(self):
        self.sent = []

    def bodies(self):
        """The bodies that the client sent with a length, in the order of its connections."""
        found = []
        for data in self.sent:
            rest = bytes(data)
            while b"\r\n\r\n" in rest:
                head, _, rest = rest.partition(b"\r\n\r\n")
                lines = [line.partition(b":") for line in head.lower().split(b"\r\n")[1:]]
                length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
                found.append(rest[:length])
                rest = rest[length:]
        return [body for body in found if body]

    def stop(self):
        self.listener.close()
