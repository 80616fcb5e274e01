# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an HTTP request to the resource's handler and back, with everything all resources share."""

from __future__ import annotations

import inspect
import json
import uuid

from starlette.requests import Request
from starlette.responses import Response

from ..connection import NoResponse
from ..faults import Answer as AlteredAnswer
from ..faults import Conflict, Drawn, Failure, FaultBook, Lag, Throttle
from ..identity.tokens import Caller, TokenAuthority, TokenRefusedError
from ..ledger import Ledger
from ..public_dns import PublicDns
from ..request_log import log_entry
from ..store import Store
from . import (
    authorization_policy,
    cross_tenant_access,
    domains,
    email_otp,
    invitations,
    organization,
    security_defaults,
    users,
)
from .conditional_access import ConditionalAccess
from .errors import (
    GraphError,
    RequestIds,
    concurrency_violation,
    invalid_token,
    malformed,
    permission_denied,
    server_failure,
    throttled,
)
from .odata import CONTENT_TYPE, read_query
from .routes import Answer, Call, Registry

_VERSION = "v1.0"
_DIAGNOSTIC = json.dumps(
    {
        "ServerInfo": {
            "DataCenter": "Lab",
            "Slice": "E",
            "Ring": "5",
            "ScaleUnit": "001",
            "RoleInstance": "LAB00000001",
        }
    }
)
_WRITING = {"POST", "PATCH", "PUT"}


class GraphApi:
    """The API of all tenants; which tenant is meant, the access token says."""

    def __init__(
        self,
        base_urls: list[str],
        store: Store,
        dns: PublicDns,
        tokens: TokenAuthority,
        faults: FaultBook,
        ledger: Ledger,
    ) -> None:
        self._base_urls = base_urls
        self._store = store
        self._dns = dns
        self._tokens = tokens
        self._faults = faults
        self._ledger = ledger
        self._registry = Registry(
            [
                *authorization_policy.OPERATIONS,
                *ConditionalAccess().operations(),
                *cross_tenant_access.OPERATIONS,
                *domains.OPERATIONS,
                *email_otp.OPERATIONS,
                *invitations.OPERATIONS,
                *organization.OPERATIONS,
                *security_defaults.OPERATIONS,
                *users.OPERATIONS,
            ]
        )

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        request_id = str(uuid.uuid4())
        ids = RequestIds(request_id, request.headers.get("client-request-id") or request_id)
        try:
            caller = self._authenticate(request)
            raw = await request.body()
            log_entry(request).body = _json_or_none(raw)
            drawn = self._faults.draw("graph", caller.tenant, request.method, request.url.path)
            log_entry(request).faults = drawn.kinds
            if not await drawn.delay("before", request) or drawn.drops("before"):
                return NoResponse()
            failure = drawn.first(Failure)
            if failure is not None and failure.empty_body:
                return Response(status_code=failure.status, headers=_headers(ids))
            _raise_fault(drawn)
            answer = await self._handle(request, caller, drawn, raw)
        except GraphError as error:
            return Response(
                json.dumps(error.body(ids)),
                status_code=error.status,
                headers={**_headers(ids), "Content-Type": CONTENT_TYPE, **error.headers},
            )
        if not await drawn.delay("after", request) or drawn.drops("after"):
            return NoResponse()
        return _response(answer, ids, drawn.first(AlteredAnswer))

    def _authenticate(self, request: Request) -> Caller:
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not token:
            raise invalid_token("Access token is empty.")
        try:
            caller = self._tokens.verify(token.strip())
        except TokenRefusedError as error:
            raise invalid_token(str(error)) from error
        log_entry(request).tenant = caller.tenant
        return caller

    async def _handle(self, request: Request, caller: Caller, drawn: Drawn, raw: bytes) -> Answer:
        """Find the operation, check the permission and call the handler; raises GraphError."""
        version, path = _split_path(request)
        if version.casefold() != _VERSION:
            raise malformed(f"Invalid version: {version}.")
        operation, ids = self._registry.find(request.method, path)
        if not operation.allows(caller.roles):
            raise permission_denied()
        self._store.catch_up(caller.tenant)
        lag = drawn.first(Lag)
        hidden_for = lag.seconds if lag else 0
        call = Call(
            base_url=self._base_url(request),
            tenant_name=caller.tenant,
            tenant=self._store.as_readers_see(caller.tenant),
            cloud=lambda: self._store.cloud,
            dns=self._dns,
            users=self._store.users_as_readers_see(caller.tenant),
            change=lambda: self._store.change(caller.tenant, hidden_for=hidden_for),
            change_users=lambda: self._store.change_users(caller.tenant, hidden_for=hidden_for),
            permissions=caller.roles,
            note=self._ledger.add,
            path=ids,
            query=read_query(request.query_params, request.headers, operation.query_options),
            body=_read_body(request, raw),
        )
        answer = operation.handler(call)
        return await answer if inspect.isawaitable(answer) else answer

    def _base_url(self, request: Request) -> str:
        """Return the URL the client used, if it is one of ours."""
        used = f"https://{request.headers.get('host', '')}"
        return used if used in self._base_urls else self._base_urls[0]


def _split_path(request: Request) -> tuple[str, str]:
    """Return version and path as sent: ids may hold escaped slashes."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    version, _slash, path = raw.decode("latin-1").partition("?")[0].strip("/").partition("/")
    return version, path


def _read_body(request: Request, raw: bytes) -> object:
    """Return the JSON of a writing request, None for the others; raises GraphError."""
    if request.method not in _WRITING or not raw:
        return None
    content_type = request.headers.get("content-type")
    if content_type is None:
        raise malformed(
            "Write requests (excluding DELETE) must contain the Content-Type header declaration."
        )
    if content_type.partition(";")[0].strip().casefold() != "application/json":
        raise GraphError(
            415,
            "UnsupportedMediaType",
            f"The media type '{content_type}' is not supported; send application/json.",
        )
    try:
        return json.loads(raw)
    except ValueError as error:
        raise malformed(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and "
            "payload is of valid JSON format."
        ) from error


def _json_or_none(raw: bytes) -> object:
    """Return the JSON of a body, for the request log; None if it is none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _raise_fault(drawn: Drawn) -> None:
    """Raise the error that a fault wants in place of an answer, before anything is done."""
    throttle = drawn.first(Throttle)
    if throttle is not None:
        raise throttled(throttle.retry_after)
    failure = drawn.first(Failure)
    if failure is not None:
        raise server_failure(failure.status, failure.retry_after)
    if drawn.first(Conflict) is not None:
        raise concurrency_violation()


def _response(answer: Answer, ids: RequestIds, altered: AlteredAnswer | None) -> Response:
    if answer.body is None:
        return Response(status_code=answer.status, headers=_headers(ids))
    text = json.dumps(answer.body, ensure_ascii=False)
    if altered is not None:
        text = altered.apply(answer.body)
    headers = {**_headers(ids), "Content-Type": CONTENT_TYPE, "OData-Version": "4.0"}
    return Response(text, status_code=answer.status, headers=headers)


def _headers(ids: RequestIds) -> dict[str, str]:
    return {
        "request-id": ids.request,
        "client-request-id": ids.client,
        "x-ms-ags-diagnostic": _DIAGNOSTIC,
        "Cache-Control": "no-cache",
        "Strict-Transport-Security": "max-age=31536000",
    }
