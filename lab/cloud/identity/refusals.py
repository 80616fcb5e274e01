# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How all endpoints of the sign-in service refuse, and which of the cloud's URLs they go by."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..faults import Drawn, Failure, Throttle
from .errors import SignInError


def used_url(request: Request, base_urls: Sequence[str]) -> str:
    """Return the URL by which the client came, if it is one of the cloud's, else the first."""
    used = f"https://{request.headers.get('host', '')}"
    return used if used in base_urls else base_urls[0]


def refuse(
    request: Request,
    base_urls: Sequence[str],
    error: SignInError,
    *,
    retry_after: int | None = None,
) -> Response:
    """Return Entra's answer for the error."""
    trace_id = str(uuid.uuid4())
    correlation_id = request.headers.get("client-request-id") or str(uuid.uuid4())
    headers = {"x-ms-request-id": trace_id, "Cache-Control": "no-store, no-cache"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    body = error.body(used_url(request, base_urls), trace_id, correlation_id)
    return JSONResponse(body, status_code=error.status, headers=headers)


def broken(request: Request, base_urls: Sequence[str], drawn: Drawn) -> Response | None:
    """Return the error that a fault wants in place of an answer, if one does."""
    throttle = drawn.first(Throttle)
    if throttle is not None:
        error = SignInError(
            429,
            "temporarily_unavailable",
            90055,
            "The server has terminated the request due to an excessive request rate.",
        )
        return refuse(request, base_urls, error, retry_after=throttle.retry_after)
    failure = drawn.first(Failure)
    if failure is None:
        return None
    if failure.empty_body:
        return Response(status_code=failure.status)
    error = SignInError(
        failure.status, "temporarily_unavailable", 90033, "A transient error has occurred."
    )
    return refuse(request, base_urls, error, retry_after=failure.retry_after)
