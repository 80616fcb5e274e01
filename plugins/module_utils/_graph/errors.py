# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Graph and the sign-in service answer when they refuse, in words for the operator.

Decisions are made on HTTP status, Graph's `code` and Entra's AADSTS number, never on message texts.
Source: Microsoft Graph error responses; Microsoft Entra authentication error codes. Private.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    NotTrusted,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from .._libraries import library

with library("azure-identity"):
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    # azure-identity wraps them in its own error for wrong credentials.
    _NO_ANSWER = (ServiceRequestError, ServiceResponseError)

with library("msgraph-sdk"):
    import httpx

if TYPE_CHECKING:
    from kiota_abstractions.api_error import APIError

_AADSTS = re.compile(r"AADSTS\d+")

_SIGN_IN_ADVICE = {
    "AADSTS7000215": "The client secret is wrong: give its value, not its id, or make a new one.",
    "AADSTS7000222": "The client secret has expired: make a new one.",
    "AADSTS700016": "The app is not known in this tenant: check entra_client_id, and consent to "
    "the app there.",
    "AADSTS90002": "There is no such tenant in this cloud: check entra_tenant_id and entra_cloud.",
    "AADSTS900023": "entra_tenant_id is neither a tenant id nor one of its domain names.",
    "AADSTS700027": "The certificate is not the one registered with the app: upload its public "
    "part to the app.",
    "AADSTS700024": "The assertion is outside its time: check the clock of this machine.",
    "AADSTS70021": "No federated credential of the app fits the token's issuer, subject, audience.",
    "AADSTS700213": "No federated credential of the app fits the token's subject.",
    "AADSTS53003": "Conditional Access blocks this app: exempt it or move it to an allowed place.",
}

_GRAPH_ADVICE = {
    "Authorization_RequestDenied": "Grant the app the permissions that the module's documentation "
    "names, with admin consent, and wait a minute for them to take effect.",
    "InvalidAuthenticationToken": "The token is not accepted: check entra_cloud, entra_graph_url "
    "and entra_tenant_id.",
    "insufficient_claims": "Conditional Access asks for more than an app can give: exempt the app.",
    "Request_ResourceNotFound": "The tenant has no such object, or it has not reached all of "
    "Microsoft's servers yet.",
    "Directory_ConcurrencyViolation": "Others kept changing the same object; run again later.",
    "TooManyRequests": "Raise entra_retry_time, or run fewer tenants at once.",
}


class GraphRefused(Refused):
    """Graph understood and said no: with what a caller can tell the reasons apart by.

    `status` is HTTP's and `code` is Graph's. The message is for people only.
    """

    status: int = 0
    code: str = ""

    @property
    def is_absence(self) -> bool:
        """Whether the tenant has no such object."""
        return (self.status, self.code) == (404, "Request_ResourceNotFound")


def graph_error(error: APIError, server: str, subject: str) -> TenantopsError:
    """The error to raise for an answer of Graph that is no success."""
    refusal = Refusal(
        error.response_status_code or 0, _code(error), _message(error), _request_id(error)
    )
    return refusal.as_error(server, subject)


@dataclass(frozen=True)
class Refusal:
    """An answer of Graph that is no success: of a request, or of one in a batch.

    `status` is HTTP's; the texts are empty where Graph does not tell.
    """

    status: int
    code: str
    message: str
    request_id: str

    @classmethod
    def from_json(cls, status: int, body: Any) -> Refusal:
        """From a body in plain JSON, which may be anything."""
        error = _part(body, "error")
        inner = _part(error, "innerError")
        texts = (error.get("code"), error.get("message"), inner.get("request-id"))
        code, message, request_id = (text if isinstance(text, str) else "" for text in texts)
        return cls(status, code, message, request_id)

    def as_error(self, server: str, subject: str) -> TenantopsError:
        """The error to raise."""
        answer = f"HTTP {self.status} {self.code or '(no code)'}"
        if self.request_id:
            answer += f", request-id {self.request_id}"
        advice = _GRAPH_ADVICE.get(self.code, "")
        if self.status == 401:
            return AuthenticationFailed(
                "Graph does not accept the token",
                server=server,
                subject=subject,
                answer=answer,
                advice=advice,
            )
        if self.code and 400 <= self.status < 500:
            problem = f"Graph refused: {self.message}" if self.message else "Graph refused"
            refused = GraphRefused(
                problem, server=server, subject=subject, answer=answer, advice=advice
            )
            refused.status, refused.code = self.status, self.code
            return refused
        return NotUnderstood(
            f"Graph could not answer: {self.message}" if self.message else "Graph could not answer",
            server=server,
            subject=subject,
            answer=answer,
            advice=advice
            or "Nothing is known about the outcome. Run again; if it stays, give the "
            "request-id to Microsoft's support.",
        )


def _part(body: Any, name: str) -> Mapping[str, Any]:
    part = body.get(name) if isinstance(body, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def is_denied(error: TenantopsError) -> bool:
    """Whether Graph says that the caller may not do this, whatever its kind of service calls it.

    Conditional Access refuses with 403 too, and no permission helps against it.
    """
    return (
        isinstance(error, GraphRefused)
        and error.status == 403
        and error.code != "insufficient_claims"
    )


def sign_in_error(error: Exception, server: str, tenant_id: str) -> TenantopsError:
    """The error to raise when no token could be had; `error` is one of azure-core's."""
    if any(isinstance(cause, _NO_ANSWER) for cause in _chain(error)):
        failure = connection_error(error, server, f"token for tenant {tenant_id}")
        # Without a token nothing is asked of Graph.
        failure.nothing_written = True
        return failure
    text = str(error).split("\n", 1)[0]
    found = _AADSTS.search(text)
    if found is None:
        return AuthenticationFailed(
            "No token could be had from the sign-in service",
            server=server,
            subject=f"tenant {tenant_id}",
            answer=text,
            advice="Check entra_tenant_id and entra_cloud, and the options that entra_auth needs.",
        )
    return AuthenticationFailed(
        "The sign-in service refuses the app",
        server=server,
        subject=f"tenant {tenant_id}",
        answer=text,
        advice=_SIGN_IN_ADVICE.get(found[0], "Look the code up at Microsoft's error pages."),
    )


def connection_error(error: Exception, server: str, subject: str) -> TenantopsError:
    """The error to raise when no answer came: refused, timed out, cut off, or not trusted."""
    causes = _causes(error)
    if any("CERTIFICATE_VERIFY_FAILED" in text for text in causes):
        return NotTrusted(
            "The server's certificate cannot be trusted",
            server=server,
            subject=subject,
            answer=causes[-1],
            advice="If an inspecting proxy stands between, give its authority as entra_ca_path.",
        )
    # What a connection was about when the time was over says nothing.
    is_late = isinstance(error, httpx.TimeoutException)
    return ConnectionFailed(
        "No answer came",
        server=server,
        subject=subject,
        answer=type(error).__name__ if is_late else causes[-1],
        advice="Check the name, the network and the proxy variables, and run again.",
    )


def _causes(error: BaseException) -> list[str]:
    return [str(cause) or type(cause).__name__ for cause in _chain(error)]


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _code(error: APIError) -> str:
    return str(getattr(_main(error), "code", None) or "")


def _message(error: APIError) -> str:
    return str(getattr(_main(error), "message", None) or "")


def _main(error: APIError) -> Any:
    """Graph's error object; an answer without a body has none."""
    return getattr(error, "error", None)


def _request_id(error: APIError) -> str:
    inner = getattr(_main(error), "inner_error", None)
    headers = error.response_headers or {}
    return str(getattr(inner, "request_id", None) or headers.get("request-id", ""))
