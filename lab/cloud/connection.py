# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Closing a connection without an answer, which ASGI alone has no message for."""

from __future__ import annotations

from typing import Any, cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

_EXTENSION = "lab.abort"


class AbortableProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol; hands the application a way to abort the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application: Any = self.app

        async def with_abort(scope: Any, receive: Any, send: Any) -> None:
            extensions = scope.setdefault("extensions", {})
            # The transport is known only once the connection is made.
            # pylint: disable-next=unnecessary-lambda
            extensions[_EXTENSION] = lambda: self.transport.abort()
            await application(scope, receive, send)

        self.app = with_abort

    def shutdown(self) -> None:
        """Let go of idle connections at once: uvicorn would wait for the clients' TLS goodbye."""
        # None before the first request, though uvicorn's annotation denies it.
        cycle = cast(RequestResponseCycle | None, self.cycle)
        if cycle is None or cycle.response_complete:
            self.transport.abort()
        else:
            super().shutdown()


class NoResponse(Response):
    """In place of a response: the connection is closed, the client never hears why."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"][_EXTENSION]()
        # uvicorn answers 500 for an application that returns while it believes in the connection.
        while (await receive())["type"] != "http.disconnect":
            pass
