# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks Microsoft's sign-in service, which needs no credentials, whose a domain is.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .._domain_names.names import address, domain_name
from .._errors import ConnectionFailed, NotTrusted, NotUnderstood, Refused, TenantopsError
from .._graph.clouds import cloud_for
from .._graph.errors import connection_error
from .._graph.retry import is_worth_retrying, retry_delay
from .._graph.trust import trust
from .._libraries import library, require
from .._pace import Pace
from .answers import (
    Answer,
    UserRealm,
    read_personal_account,
    read_tenant,
    read_user_realm,
    was_not_looked_up,
)
from .model import Account, Realm, RealmKind

with library("httpx"):
    import httpx

IN_FLIGHT = 8
PER_SECOND = 20.0

# How often nothing at all may come back before that is the answer; at a refused connection this is
# seven seconds.
_MOST_UNANSWERED = 4

_ERROR_NUMBER = re.compile(r"AADSTS[0-9]+")


@dataclass(frozen=True)
class RealmConnection:
    """How to reach the sign-in service: the options of the fragment `entra_discovery`."""

    authority: str
    ca_path: str | None
    timeout: float
    retry_time: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> RealmConnection:
        """Read the options, among others. Raises `InvalidInput` before anything is sent."""
        cloud = cloud_for(parameters["entra_cloud"], None, parameters["entra_authority"])
        return cls(
            authority=cloud.authority,
            ca_path=parameters["entra_ca_path"],
            timeout=parameters["entra_timeout"],
            retry_time=parameters["entra_retry_time"],
        )


@dataclass(frozen=True)
class _Question:
    """One request, and what it is about, for messages."""

    subject: str
    path: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class _NoAnswer:
    """What came instead of an answer, where the same question can have one later."""

    failure: TenantopsError
    delay: float
    is_for_all: bool


class Realms:
    """The sign-in service. Every call asks anew; `remembered.py` has what asks once."""

    def __init__(
        self, client: httpx.AsyncClient, connection: RealmConnection, pace: Pace, in_flight: int
    ) -> None:
        self._client = client
        self._connection = connection
        self._pace = pace
        self._free = asyncio.Semaphore(in_flight)
        self._why_nobody_is_asked: TenantopsError | None = None
        self._why_all_wait: TenantopsError | None = None

    @property
    def server(self) -> str:
        """The service's address, for messages."""
        return self._connection.authority

    async def realm(self, domain: str) -> Realm:
        """Whose a domain is.

        Raises `InvalidInput` for what is no domain, and another `TenantopsError` for everything
        that is no answer to this question. An unknown domain is an answer.
        """
        name = domain_name(domain)
        user_realm = await self._user_realm(name)
        if user_realm.kind is RealmKind.UNKNOWN:
            return Realm(name, user_realm.kind)
        path = f"/{quote(name)}/v2.0/.well-known/openid-configuration"
        discovery = await self._ask(_Question(name, path, {}))
        return read_tenant(name, user_realm, discovery)

    async def kind(self, domain: str) -> RealmKind:
        """Of what kind a domain's realm is, which takes one request. Raises like `realm`."""
        return (await self._user_realm(domain_name(domain))).kind

    async def has_personal_account(self, mail_address: str) -> bool:
        """Whether a personal Microsoft account has this address. Raises like `realm`."""
        written = address(mail_address)
        question = _user_realm_question(
            str(written), str(written), {"checkForMicrosoftAccount": "true"}
        )
        answer = await self._ask(question)
        # The answer can be about another domain here as well.
        read_user_realm(written.domain, answer)
        return read_personal_account(answer)

    async def account(self, mail_address: str) -> Account:
        """The realm of an address, and whether it is a personal account. Raises like `realm`."""
        written = address(mail_address)
        realm = await self.realm(written.domain)
        return Account(str(written), realm, await self.has_personal_account(str(written)))

    async def _user_realm(self, name: str) -> UserRealm:
        # The service looks at the domain only; what stands before the @ is of no account.
        told = await self._ask(_user_realm_question(name, f"user@{name}"))
        return read_user_realm(name, told)

    async def _ask(self, question: _Question) -> Answer:
        """Ask until there is an answer, as long as the operator's time allows."""
        # Held over all tries: whoever has waited long must not have to queue up again.
        async with self._free:
            asked_at = self._pace.clock()
            give_up_at = asked_at + self._connection.retry_time
            attempt = 0
            while True:
                attempt += 1
                if not await self._pace.turn(give_up_at):
                    _raise_for(question, self._why_all_wait)
                _raise_for(question, self._why_nobody_is_asked)
                answer = await self._send(question, attempt)
                if isinstance(answer, Answer):
                    self._pace.went_well()
                    return answer
                await self._wait(answer, asked_at, attempt)

    async def _wait(self, nothing: _NoAnswer, asked_at: float, attempt: int) -> None:
        """Wait before the next try, or raise the failure that stays."""
        failure, delay = nothing.failure, nothing.delay
        if nothing.is_for_all:
            self._why_all_wait = failure
            self._pace.pause(delay)
        is_unanswered = isinstance(failure, ConnectionFailed)
        is_too_late = self._pace.clock() + delay > asked_at + self._connection.retry_time
        if is_too_late or (is_unanswered and attempt >= _MOST_UNANSWERED):
            if attempt > 1 and self._pace.is_silent_since(asked_at):
                # It is not about this question: the others would wait as long in vain.
                self._why_nobody_is_asked = failure
            raise failure
        if not nothing.is_for_all:
            await self._pace.sleep(delay)

    async def _send(self, question: _Question, attempt: int) -> Answer | _NoAnswer:
        try:
            response = await self._client.get(question.path, params=question.query)
        except (httpx.HTTPError, ssl.SSLError) as error:
            failure = connection_error(error, self.server, question.subject)
            if isinstance(failure, NotTrusted):
                self._why_nobody_is_asked = failure
                raise failure from error
            return _NoAnswer(failure, retry_delay(attempt, {}), is_for_all=False)
        if response.status_code != httpx.codes.OK:
            return self._refusal(response, question, attempt)
        answer = Answer(self.server, question.subject, _fields(response, self.server, question))
        if was_not_looked_up(answer):
            throttled = _throttled(self.server, question.subject, answer.told("MicrosoftAccount"))
            return _NoAnswer(throttled, retry_delay(attempt, {}), is_for_all=True)
        return answer

    def _refusal(self, response: httpx.Response, question: _Question, attempt: int) -> _NoAnswer:
        """What to do about a status that is no success. Raises those that stay."""
        status = response.status_code
        told = " ".join([f"HTTP {status}", *_ERROR_NUMBER.findall(response.text)[:1]])
        if not is_worth_retrying(status, code=""):
            raise NotUnderstood(
                "The sign-in service did not answer the question",
                server=self.server,
                subject=question.subject,
                answer=told,
                advice="Check entra_cloud and entra_authority, and whether a proxy or a sign-in"
                " page of the network answers in its place.",
            )
        is_throttled = status == httpx.codes.TOO_MANY_REQUESTS
        failure = (
            _throttled(self.server, question.subject, told)
            if is_throttled
            else NotUnderstood(
                "The sign-in service could not answer",
                server=self.server,
                subject=question.subject,
                answer=told,
                advice="Run again later.",
            )
        )
        return _NoAnswer(
            failure,
            retry_delay(attempt, response.headers),
            is_for_all=is_throttled or "retry-after" in response.headers,
        )


@asynccontextmanager
async def open_realms(
    connection: RealmConnection, *, in_flight: int = IN_FLIGHT, per_second: float = PER_SECOND
) -> AsyncIterator[Realms]:
    """The sign-in service, closed at the end of the block.

    At most `in_flight` questions are asked at a time, and `per_second` requests are sent.
    """
    require("httpx")
    async with httpx.AsyncClient(
        base_url=connection.authority,
        verify=trust(connection.ca_path),
        timeout=connection.timeout,
        # It does not redirect these requests; whoever does is not the service.
        follow_redirects=False,
        limits=httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight),
    ) as client:
        yield Realms(client, connection, Pace(per_second), in_flight)


def _raise_for(question: _Question, why: TenantopsError | None) -> None:
    """Raise why this question is not asked, which another one has found out."""
    if why is not None:
        raise type(why)(
            why.problem,
            server=why.server,
            subject=question.subject,
            answer=why.answer,
            advice=why.advice,
        )


def _user_realm_question(
    subject: str, user: str, more: Mapping[str, str] | None = None
) -> _Question:
    # Version 2.1 is the first that tells whether a tenant is unmanaged.
    query = {"user": user, "api-version": "2.1", **(more or {})}
    return _Question(subject, "/common/userrealm", query)


def _fields(response: httpx.Response, server: str, question: _Question) -> Mapping[str, Any]:
    try:
        content = response.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        kind = response.headers.get("content-type", "no content type")
        raise NotUnderstood(
            "The answer is not one of the sign-in service",
            server=server,
            subject=question.subject,
            answer=f"{kind}, which is not a JSON object",
            advice="Check entra_authority, and whether a proxy or a sign-in page of the network"
            " answers in its place.",
        )
    return content


def _throttled(server: str, subject: str, told: str) -> Refused:
    return Refused(
        "The sign-in service asks to be asked less",
        server=server,
        subject=subject,
        answer=told,
        advice="Run again later, or raise entra_retry_time.",
    )
