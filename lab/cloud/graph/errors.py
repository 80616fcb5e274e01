# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Graph's errors: status, code and message, and the JSON around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class RequestIds:
    """The two ids in every answer: ours, and the client's (ours again if it sent none)."""

    request: str
    client: str


class GraphError(Exception):
    """A refused request. ``headers`` go into the answer, which may have no body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: dict[str, str] | None = None,
        *,
        has_body: bool = True,
    ) -> None:
        super().__init__(message)
        self._has_body = has_body
        self.status = status
        self.code = code
        self.headers = headers or {}

    def body(self, ids: RequestIds) -> dict[str, Any] | None:
        """Return the JSON of the answer, None if it has no body."""
        if not self._has_body:
            return None
        return {
            "error": {
                "code": self.code,
                "message": str(self),
                "innerError": {
                    "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
                    "request-id": ids.request,
                    "client-request-id": ids.client,
                },
            }
        }


def bad_request(message: str) -> GraphError:
    """The request is understood and refused."""
    return GraphError(400, "Request_BadRequest", message)


def malformed(message: str) -> GraphError:
    """The request is not understood: Graph's front end refuses it before any service sees it."""
    return GraphError(400, "BadRequest", message)


def unsupported_query(message: str) -> GraphError:
    """A query option that the resource does not have."""
    return GraphError(400, "Request_UnsupportedQuery", message)


def invalid_token(message: str) -> GraphError:
    """No access token, or one that is not good here."""
    challenge = (
        'Bearer realm="", client_id="00000003-0000-0000-c000-000000000000", error="invalid_token"'
    )
    return GraphError(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": challenge})


def permission_denied() -> GraphError:
    """The token lacks the permission."""
    return GraphError(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )


def not_found(identifier: str) -> GraphError:
    """There is no such object."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects "
        "are not present.",
    )


def method_not_allowed() -> GraphError:
    """The path exists, the method does not."""
    return GraphError(
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
    )


def concurrency_violation() -> GraphError:
    """Somebody else was writing to the same object."""
    return GraphError(
        409,
        "Directory_ConcurrencyViolation",
        "The operation could not be completed because of a concurrency violation. Retry later.",
    )


def throttled(retry_after: int | None) -> GraphError:
    """Too many requests; ``retry_after`` in seconds, None leaves the header out."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return GraphError(429, "TooManyRequests", "Too Many Requests", headers)


_FAILURE_CODES = {
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


def server_failure(status: int, retry_after: int | None, *, empty: bool = False) -> GraphError:
    """Something is wrong on the server's side; gateways in front of Graph send an empty body."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return GraphError(
        status,
        _FAILURE_CODES[status],
        "The service could not process the request.",
        headers,
        has_body=not empty,
    )
