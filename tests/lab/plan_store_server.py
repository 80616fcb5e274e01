# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTPS server that keeps documents, with TLS and a token, for tests of plan stores."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from lab.authority import Authority


@dataclass
class Shelf:
    """What the server has, and how it behaves."""

    token: str
    documents: dict[str, bytes] = field(default_factory=dict)
    honours_conditions: bool = True
    troubles: list[int] = field(default_factory=list)
    """Statuses that the next requests are answered with, whatever they ask."""
    losses: list[str] = field(default_factory=list)
    """Methods of requests that are carried out, and whose answer is lost."""
    redirect: str = ""
    seen_tokens: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> int:
        """Carry a request out and tell its status."""
        with self.lock:
            self.seen_tokens.append(headers.get("authorization", ""))
            if self.troubles:
                return self.troubles.pop(0)
            if headers.get("authorization") != f"Bearer {self.token}":
                return 401
            if method == "GET":
                return 200 if path in self.documents else 404
            condition = headers.get("if-none-match") == "*" and self.honours_conditions
            if condition and path in self.documents:
                return 412
            self.documents[path] = body
            return 201


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shelf: Shelf

    def do_GET(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.shelf.answer(self.command, self.path, headers, body)
        if self.command in self.shelf.losses:
            self.shelf.losses.remove(self.command)
            self.close_connection = True
            return
        content = self.shelf.documents[self.path] if status == 200 else b""
        self.send_response(status)
        if self.shelf.redirect and status == 307:
            self.send_header("Location", self.shelf.redirect)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
        """Say nothing."""


@contextmanager
def plan_store_server(folder: Path, token: str) -> Iterator[tuple[str, Path, Shelf]]:
    """Serve documents; tells the URL, the file of the certificate authority, and the shelf."""
    files = Authority(folder).server_certificate("plans", ["127.0.0.1"])
    shelf = Shelf(token)
    handler = type("Handler", (_Handler,), {"shelf": shelf})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.private_key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/plans", folder / "ca.pem", shelf
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
