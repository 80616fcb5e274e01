# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What clients have asked, for tests to look at.

Headers are never kept, nor what was sent to sign in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .conversion import to_json

_LENGTH = 10_000
_SCOPE_KEY = "lab.log_entry"


@dataclass
class LogEntry:
    """One request. ``status`` is null while it runs and when the connection was dropped.

    ``body`` is the JSON sent to Graph, null for any other body. ``member`` is the id that a request
    has within a batch, null for one that came alone.
    """

    time: str
    method: str
    path: str
    query: str
    authorization: bool
    tenant: str | None = None
    status: int | None = None
    faults: list[str] = field(default_factory=list)
    body: Any = None
    member: str | None = None

    @classmethod
    def of_member(cls, member: str, tenant: str, method: str, path: str, query: str) -> LogEntry:
        """Return the entry of a request that came within a batch, which has one of its own."""
        return cls(_now(), method, path, query, authorization=True, tenant=tenant, member=member)


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[LogEntry] = deque(maxlen=_LENGTH)

    def add(self, entry: LogEntry) -> None:
        """Append an entry; what is learnt later is filled in by reference."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def describe(self) -> list[dict[str, Any]]:
        """Return all entries as JSON."""
        return [to_json(entry) for entry in self._entries]


class RequestLogMiddleware:
    """Logs every HTTP request but those to the lab's own door."""

    def __init__(self, app: ASGIApp, log: RequestLog) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_lab/"):
            await self._app(scope, receive, send)
            return
        entry = LogEntry(
            time=_now(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            authorization=any(name == b"authorization" for name, _value in scope["headers"]),
        )
        scope[_SCOPE_KEY] = entry
        self._log.add(entry)

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await self._app(scope, receive, noting_send)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def log_entry(request: Request) -> LogEntry:
    """Return the entry of a request that is being answered."""
    entry: LogEntry = request.scope[_SCOPE_KEY]
    return entry
