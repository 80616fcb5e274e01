# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from azure.core.exceptions import (
    ClientAuthenticationError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.identity import CredentialUnavailableError
from kiota_abstractions.api_error import APIError

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    NotTrusted,
    NotUnderstood,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import (
    GraphRefused,
    connection_error,
    graph_error,
    sign_in_error,
)

SERVER = "https://graph.microsoft.com"


def answer(
    status: int, code: str | None = None, message: str = "Told.", request_id: str | None = None
) -> APIError:
    error = APIError("as the SDK says", status, {})
    if code is not None:
        body: Any = SimpleNamespace(
            code=code, message=message, inner_error=SimpleNamespace(request_id=request_id)
        )
        error.error = body  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("status", "code", "kind", "advice"),
    [
        (401, "InvalidAuthenticationToken", AuthenticationFailed, "The token is not accepted"),
        (401, None, AuthenticationFailed, ""),
        (403, "Authorization_RequestDenied", GraphRefused, "Grant the app the permissions"),
        (403, "insufficient_claims", GraphRefused, "Conditional Access"),
        (404, "Request_ResourceNotFound", GraphRefused, "no such object"),
        (409, "Directory_ConcurrencyViolation", GraphRefused, "Others kept changing"),
        (429, "TooManyRequests", GraphRefused, "Raise entra_retry_time"),
        (400, "SomethingNew", GraphRefused, ""),
        (400, None, NotUnderstood, "Nothing is known about the outcome"),
        (404, None, NotUnderstood, "Nothing is known about the outcome"),
        (500, "InternalServerError", NotUnderstood, "Nothing is known about the outcome"),
        (502, None, NotUnderstood, "Nothing is known about the outcome"),
        (503, "ServiceUnavailable", NotUnderstood, "Nothing is known about the outcome"),
        (504, None, NotUnderstood, "Nothing is known about the outcome"),
        (0, None, NotUnderstood, "Nothing is known about the outcome"),
    ],
)
def test_each_answer_of_graph(
    status: int, code: str | None, kind: type[TenantopsError], advice: str
) -> None:
    error = graph_error(answer(status, code), SERVER, "policies/x")
    assert error.__class__ is kind
    if isinstance(error, GraphRefused):
        assert (error.status, error.code) == (status, code)
        assert error.is_absence is (status == 404)
    assert (error.server, error.subject) == (SERVER, "policies/x")
    assert error.answer == f"HTTP {status} {code or '(no code)'}"
    assert error.advice.startswith(advice) or advice in error.advice
    assert bool(error.advice) is bool(advice)


def test_graphs_own_words_are_told() -> None:
    error = graph_error(answer(403, "X", "Insufficient privileges."), SERVER, "x")
    assert error.problem == "Graph refused: Insufficient privileges."
    assert str(error).startswith("Graph refused: Insufficient privileges (server: ")


def test_the_request_id_is_told_from_body_or_header() -> None:
    assert graph_error(answer(403, "X", request_id="r1"), SERVER, "x").answer.endswith(
        ", request-id r1"
    )
    bare = answer(502)
    bare.response_headers = httpx.Headers({"Request-Id": "r2"})  # type: ignore[assignment]
    assert graph_error(bare, SERVER, "x").answer == "HTTP 502 (no code), request-id r2"


def test_an_answer_without_a_status_or_headers() -> None:
    bare = answer(403)
    bare.response_status_code = None
    bare.response_headers = None
    assert graph_error(bare, SERVER, "x").answer == "HTTP 0 (no code)"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "The client secret is wrong"),
        ("AADSTS7000222: expired", "The client secret has expired"),
        ("AADSTS700016: Application not found", "The app is not known in this tenant"),
        ("AADSTS90002: Tenant not found", "There is no such tenant in this cloud"),
        ("AADSTS700027: certificate", "The certificate is not the one registered"),
        ("AADSTS12345: new", "Look the code up"),
    ],
)
def test_each_refusal_of_the_sign_in_service(text: str, advice: str) -> None:
    raised = ClientAuthenticationError(f"Authentication failed: {text}\nTrace ID: 1\nmore")
    error = sign_in_error(raised, "https://login.test", "contoso")
    assert isinstance(error, AuthenticationFailed)
    assert error.answer == f"Authentication failed: {text}"
    assert (error.server, error.subject) == ("https://login.test", "tenant contoso")
    assert error.advice.startswith(advice)


def test_no_token_without_a_code() -> None:
    error = sign_in_error(CredentialUnavailableError("Azure CLI not found"), "l", "contoso")
    assert isinstance(error, AuthenticationFailed)
    assert error.answer == "Azure CLI not found"
    assert "entra_auth" in error.advice


def caused(outer: Exception, *causes: Exception) -> Exception:
    """The errors as if each were raised from the next."""
    current = outer
    for cause in causes:
        current.__cause__ = cause
        current = cause
    return outer


UNTRUSTED = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServiceRequestError("refused"), ConnectionFailed),
        (ServiceResponseError("timed out"), ConnectionFailed),
        (caused(ClientAuthenticationError("x"), ServiceRequestError("refused")), ConnectionFailed),
        (caused(ClientAuthenticationError("x"), ServiceRequestError("x"), UNTRUSTED), NotTrusted),
    ],
)
def test_a_sign_in_service_that_is_not_there_is_no_wrong_password(
    error: Exception, kind: type[TenantopsError]
) -> None:
    told = sign_in_error(error, "https://login.test", "contoso")
    assert told.__class__ is kind
    assert told.server == "https://login.test"
    assert told.nothing_written


def test_no_answer() -> None:
    error = connection_error(
        caused(httpx.ConnectError("outer"), OSError("[Errno 111] Connection refused")), SERVER, "x"
    )
    assert isinstance(error, ConnectionFailed)
    assert error.answer == "[Errno 111] Connection refused"
    assert not error.nothing_written


def test_no_answer_and_no_words() -> None:
    assert connection_error(httpx.ReadTimeout(""), SERVER, "x").answer == "ReadTimeout"


def test_no_answer_in_time_is_not_told_as_what_the_connection_did_then() -> None:
    late = caused(httpx.ReadTimeout(""), ssl.SSLWantReadError("The operation did not complete"))
    assert connection_error(late, SERVER, "x").answer == "ReadTimeout"


def test_a_certificate_that_is_not_trusted() -> None:
    error = connection_error(caused(httpx.ConnectError("x"), UNTRUSTED), SERVER, "x")
    assert isinstance(error, NotTrusted)
    assert "entra_ca_path" in error.advice
