# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A company's API for tests: HTTPS on loopback, strict, and with faults on request."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trustme


@dataclass(frozen=True)
class Request:
    """What was sent. `headers` have their names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_write(self) -> bool:
        return self.method != "GET" and "token" not in self.path


@dataclass(frozen=True)
class Reply:
    """What is answered; status 0 closes the connection without an answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, status: int, body: Any, **headers: str) -> Reply:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(body).encode(), {"Content-Type": "application/json", **told})


NO_ANSWER = Reply(0)

# What becomes of a request before it is looked at; null lets it through.
Fault = Callable[[Request], Reply | None]


class Misused(Exception):
    """A request that the company's documentation does not know."""


class Company:
    """What all companies have in common; a subclass is one of them.

    `before` and `after` are for faults: the one is asked before a request is carried out, the
    other may replace its answer.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.misuses: list[str] = []
        self.before: Fault = _let_through
        self.after: Callable[[Request, Reply], Reply] = _as_is
        self.url = ""
        self.lock = threading.RLock()

    def answer(self, request: Request) -> Reply:
        """Carry out a request. Raises `Misused`."""
        raise NotImplementedError

    def handle(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            reply = self.before(request)
            if reply is not None:
                return reply
            try:
                return self.after(request, self.answer(request))
            except (Misused, KeyError, ValueError, TypeError, AssertionError) as error:
                self.misuses.append(f"{request.method} {request.path}: {error!r} {request.body!r}")
                return Reply(501, b"this is not in the documentation")

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.is_write]


@contextmanager
def serving(company: Company, authority: trustme.CA) -> Iterator[str]:
    """Serve a company; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body together, and at once: else the second waits for the client's ACK.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            reply = company.handle(Request(self.command, parts.path, query, headers, body))
            if reply.status == 0:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.wfile.flush()

        def __getattr__(self, name: str) -> Any:
            # do_GET and so on
            if not name.startswith("do_"):
                raise AttributeError(name)
            return self._any

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        company.url = f"https://localhost:{server.server_port}"
        yield company.url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _let_through(request: Request) -> Reply | None:
    return None


def _as_is(request: Request, reply: Reply) -> Reply:
    return reply
