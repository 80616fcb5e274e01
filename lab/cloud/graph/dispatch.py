# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an HTTP request to the resource's handler and back, with everything all resources share."""

from __future__ import annotations

import inspect
import json
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from ..connection import NoResponse
from ..faults import Answer as AlteredAnswer
from ..faults import Conflict, Drawn, Failure, FaultBook, Lag, Throttle
from ..identity.tokens import Caller, TokenAuthority, TokenRefusedError
from ..ledger import Ledger
from ..public_dns import PublicDns
from ..quota import QuotaBook
from ..request_log import LogEntry, RequestLog, log_entry
from ..store import Store
from . import (
    authorization_policy,
    batch,
    cross_tenant_access,
    deleted_users,
    directory_roles,
    domains,
    email_otp,
    groups,
    invitations,
    licenses,
    on_premises_synchronization,
    organization,
    partners,
    role_management,
    security_defaults,
    user_writing,
    users,
)
from .asked import Asked, alone
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


class GraphApi:
    """The API of all tenants; which tenant is meant, the access token says."""

    def __init__(
        self,
        base_urls: list[str],
        store: Store,
        dns: PublicDns,
        tokens: TokenAuthority,
        faults: FaultBook,
        log: RequestLog,
        ledger: Ledger,
        quotas: QuotaBook,
    ) -> None:
        self._base_urls = base_urls
        self._store = store
        self._dns = dns
        self._tokens = tokens
        self._faults = faults
        self._log = log
        self._ledger = ledger
        self._quotas = quotas
        # The order of answers within a batch: another one each time, the same ones in each lab.
        self._chance = random.Random(0)  # noqa: S311 -- no secret
        self._registry = Registry(
            [
                *authorization_policy.OPERATIONS,
                *ConditionalAccess().operations(),
                *cross_tenant_access.OPERATIONS,
                *deleted_users.OPERATIONS,
                *directory_roles.OPERATIONS,
                *domains.OPERATIONS,
                *email_otp.OPERATIONS,
                *groups.OPERATIONS,
                *invitations.OPERATIONS,
                *licenses.OPERATIONS,
                *on_premises_synchronization.OPERATIONS,
                *organization.OPERATIONS,
                *partners.OPERATIONS,
                *role_management.OPERATIONS,
                *security_defaults.OPERATIONS,
                *user_writing.OPERATIONS,
                *users.OPERATIONS,
            ]
        )

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        ids = _new_ids(request.headers)
        try:
            caller = self._authenticate(request)
            asked = alone(request, await request.body())
            body = log_entry(request).body = _json_or_none(asked.content)
            drawn = self._faults.draw(
                "graph",
                caller.tenant,
                request.method,
                request.url.path,
                writing=batch.may_write(body) if _is_batch(asked) else asked.method != "GET",
            )
            log_entry(request).faults = drawn.kinds
            if not await drawn.delay("before", request) or drawn.drops("before"):
                return NoResponse()
            base_url = self._base_url(request)
            if _is_batch(asked):
                answer = await self._guard(drawn, lambda: self._batch(asked, caller, base_url))
            else:
                answer = await self._perform(asked, caller, drawn, base_url)
        except GraphError as error:
            return _response(_refusal(error, ids), ids, None)
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

    async def _batch(self, asked: Asked, caller: Caller, base_url: str) -> Answer:
        """Answer the members, in an order of the cloud's own; raises GraphError for all of them."""
        _check_version(asked)
        members = batch.read_batch(asked.body(), asked.version)
        succeeded: set[str] = set()
        answers = []
        for member in batch.in_some_order(members, self._chance):
            answer = await self._answer_member(member, caller, base_url, succeeded)
            answers.append(answer)
            if answer["status"] < 400:
                succeeded.add(member.id)
        self._chance.shuffle(answers)
        return Answer(200, {"responses": answers})

    async def _answer_member(
        self, member: batch.Member, caller: Caller, base_url: str, succeeded: set[str]
    ) -> dict[str, Any]:
        asked = member.asked
        path = f"/{asked.version}/{asked.path}"
        writing = asked.method != "GET"
        drawn = self._faults.draw(
            "graph", caller.tenant, asked.method, path, member=True, writing=writing
        )
        entry = LogEntry.of_member(member.id, caller.tenant, asked.method, path, str(asked.query))
        entry.body, entry.faults = _json_or_none(asked.content), drawn.kinds
        self._log.add(entry)
        ids = _new_ids(asked.headers)
        try:
            if not succeeded.issuperset(member.depends_on):
                raise batch.dependency_failed()
            answer = await self._perform(asked, caller, drawn, base_url)
        except GraphError as error:
            answer = _refusal(error, ids)
        entry.status = answer.status
        altered = drawn.first(AlteredAnswer)
        body: object = answer.body
        if altered is not None and answer.body is not None and not answer.is_refusal:
            body = _json_or_none(altered.apply(answer.body).encode())
        content = {} if body is None else {"Content-Type": "application/json"}
        headers = {"Cache-Control": "no-cache", **content, **answer.headers}
        return batch.member_answer(member.id, answer.status, headers, body)

    async def _perform(self, asked: Asked, caller: Caller, drawn: Drawn, base_url: str) -> Answer:
        """Answer a request that is no batch, unless a fault has it otherwise; raises GraphError."""
        told = self._quotas.charge(caller.tenant, asked)
        answer = await self._guard(drawn, lambda: self._handle(asked, caller, drawn, base_url))
        return replace(answer, headers={**told, **answer.headers})

    async def _guard(self, drawn: Drawn, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Do the work, or what a fault wants before or after it; raises GraphError."""
        failure = drawn.first(Failure)
        if failure is None or failure.when == "before":
            _raise_fault(drawn)
            return await work()
        await work()
        raise server_failure(failure.status, failure.retry_after, empty=failure.empty_body)

    async def _handle(self, asked: Asked, caller: Caller, drawn: Drawn, base_url: str) -> Answer:
        """Find the operation, check the permission and call the handler; raises GraphError."""
        _check_version(asked)
        operation, ids = self._registry.find(asked.method, asked.path)
        if not operation.allows(caller.roles):
            raise permission_denied()
        self._store.catch_up(caller.tenant)
        lag = drawn.first(Lag)
        hidden_for = lag.seconds if lag else 0
        call = Call(
            base_url=base_url,
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
            query=read_query(asked.query, asked.headers, operation.query_options),
            body=asked.body(),
        )
        answer = operation.handler(call)
        return await answer if inspect.isawaitable(answer) else answer

    def _base_url(self, request: Request) -> str:
        """Return the URL the client used, if it is one of ours."""
        used = f"https://{request.headers.get('host', '')}"
        return used if used in self._base_urls else self._base_urls[0]


def _check_version(asked: Asked) -> None:
    if asked.version.casefold() != _VERSION:
        raise malformed(f"Invalid version: {asked.version}.")


def _new_ids(headers: Headers) -> RequestIds:
    request_id = str(uuid.uuid4())
    return RequestIds(request_id, headers.get("client-request-id") or request_id)


def _is_batch(asked: Asked) -> bool:
    return (asked.method, asked.path.casefold()) == ("POST", batch.PATH)


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
        raise server_failure(failure.status, failure.retry_after, empty=failure.empty_body)
    if drawn.first(Conflict) is not None:
        raise concurrency_violation()


def _refusal(error: GraphError, ids: RequestIds) -> Answer:
    return Answer(error.status, error.body(ids), error.headers, is_refusal=True)


def _response(answer: Answer, ids: RequestIds, altered: AlteredAnswer | None) -> Response:
    headers = {**_headers(ids), **answer.headers}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    text = json.dumps(answer.body, ensure_ascii=False)
    if altered is not None and not answer.is_refusal:
        text = altered.apply(answer.body)
    headers["Content-Type"] = CONTENT_TYPE
    if not answer.is_refusal:
        headers["OData-Version"] = "4.0"
    return Response(text, status_code=answer.status, headers=headers)


def _headers(ids: RequestIds) -> dict[str, str]:
    return {
        "request-id": ids.request,
        "client-request-id": ids.client,
        "x-ms-ags-diagnostic": _DIAGNOSTIC,
        "Cache-Control": "no-cache",
        "Strict-Transport-Security": "max-age=31536000",
    }
