# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until a directory's synchronisation has brought users to where they should be.

What counts is what Graph shows of each user, never how much time has passed. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from .._errors import AuthenticationFailed, NotTrusted, NotUnderstood, TenantopsError
from .._graph import waiting
from .._graph.batch import BatchRequest, ask
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._pace import Pace

_FIELDS = ("id", "userPrincipalName", "onPremisesImmutableId", "onPremisesSyncEnabled")
# More than the quota allows, by which all requests are paced.
_PER_SECOND = 1_000.0
_TEXT_OR_NULL = (str, type(None))
_TRUTH_OR_NULL = (bool, type(None))


@dataclass(frozen=True)
class ExpectedUser:
    """A user as the cloud should show it; `name` is what the caller calls the person.

    It is looked up by its object id, else by the immutable id, else by the sign-in name. What is
    null may be anything. Raises `ValueError` if there is nothing to look it up by.
    """

    name: str
    user_id: str | None = None
    immutable_id: str | None = None
    user_principal_name: str | None = None

    def __post_init__(self) -> None:
        if not (self.user_id or self.immutable_id or self.user_principal_name):
            raise ValueError(f"{self.name} has neither an id nor a name to look it up by")

    def is_met_by(self, user: SyncedUser | None) -> bool:
        """Whether this is the user and everything is as expected; names without regard to case."""
        if user is None:
            return False
        name, identity = self.user_principal_name, self.immutable_id
        return (name is None or name.lower() == user.user_principal_name.lower()) and (
            identity is None or identity == user.immutable_id
        )


@dataclass(frozen=True)
class SyncedUser:
    """What Graph shows of a user; `is_synced` is null if it never came from a directory."""

    id: str
    user_principal_name: str
    immutable_id: str | None
    is_synced: bool | None


@dataclass(frozen=True)
class Look:
    """What one look at those who were still waited for has shown.

    `arrived` are as expected now, and are not looked at again. `waiting` are not, each with what
    Graph shows in its place, null if nobody. `unknown` could not be looked at this time.
    """

    arrived: Mapping[ExpectedUser, SyncedUser]
    waiting: Mapping[ExpectedUser, SyncedUser | None]
    unknown: Mapping[ExpectedUser, TenantopsError]
    seconds_left: float

    @property
    def open(self) -> int:
        """How many are still waited for."""
        return len(self.waiting) + len(self.unknown)


@dataclass(frozen=True)
class Waited:
    """How a wait ended: who came, and who did not, with what Graph shows in their places.

    `seconds_left` are more than 0 if it ended before its time.
    """

    arrived: Mapping[ExpectedUser, SyncedUser] = field(default_factory=dict)
    missing: Mapping[ExpectedUser, SyncedUser | None] = field(default_factory=dict)
    unknown: Mapping[ExpectedUser, TenantopsError] = field(default_factory=dict)
    seconds_left: float = 0.0


async def look_for_users(
    graph: Graph, expected: Iterable[ExpectedUser], seconds: float
) -> AsyncIterator[Look]:
    """Look again and again, until all have arrived or the seconds are over; at least once.

    Each look asks for those alone who have not arrived, in batches, and they come further and
    further apart. Raises `Refused` where the app may not look, and the like where looking again
    would end the same way; all else that goes wrong leaves those users `unknown` for this look.
    """
    remaining = list(dict.fromkeys(expected))
    if not remaining:
        return
    async for left in waiting.looks(seconds):
        look = await _look(graph, remaining, left)
        yield look
        remaining = [each for each in remaining if each not in look.arrived]
        if not remaining:
            return


async def wait_for_users(
    graph: Graph,
    expected: Iterable[ExpectedUser],
    seconds: float,
    on_look: Callable[[Look], bool | None] = lambda _look: None,
) -> Waited:
    """Wait until all have arrived, or the seconds are over, or `on_look` says that it is enough.

    Raises what `look_for_users` raises.
    """
    arrived: dict[ExpectedUser, SyncedUser] = {}
    waited = Waited()
    async for look in look_for_users(graph, expected, seconds):
        arrived.update(look.arrived)
        waited = Waited(arrived, look.waiting, look.unknown, look.seconds_left)
        if on_look(look):
            break
    return waited


async def _look(graph: Graph, expected: Iterable[ExpectedUser], left: float) -> Look:
    by_id = {str(number): each for number, each in enumerate(expected)}
    found: dict[ExpectedUser, SyncedUser | None] = {}
    unknown: dict[ExpectedUser, TenantopsError] = {}
    questions = [_question(identity, each) for identity, each in by_id.items()]
    try:
        async for question, answer in ask(graph, Pace(_PER_SECOND), questions):
            each = by_id[question.id]
            try:
                found[each] = _user_of(graph, question, answer)
            except TenantopsError as error:
                if _is_final(error):
                    raise
                unknown[each] = error
    except TenantopsError as error:
        if _is_final(error):
            raise
        unknown |= {each: error for each in by_id.values() if each not in found}
    arrived = {each: user for each, user in found.items() if user and each.is_met_by(user)}
    still = {each: user for each, user in found.items() if each not in arrived}
    return Look(arrived, still, unknown, left)


def _is_final(error: TenantopsError) -> bool:
    """Whether looking again would end the same way."""
    return isinstance(error, (AuthenticationFailed, NotTrusted)) or is_denied(error)


def _question(identity: str, expected: ExpectedUser) -> BatchRequest:
    query = {"$select": ",".join(_FIELDS)}
    if expected.user_id:
        path = f"/users/{quote(expected.user_id, safe='')}"
    else:
        path = "/users"
        name, value = "onPremisesImmutableId", expected.immutable_id
        if not value:
            name, value = "userPrincipalName", expected.user_principal_name
        quoted = (value or "").replace("'", "''")
        query["$filter"] = f"{name} eq '{quoted}'"
    return BatchRequest(identity, "GET", f"{path}?{urlencode(query)}", expected.name)


def _user_of(graph: Graph, question: BatchRequest, answer: Any) -> SyncedUser | None:
    """The user that was asked about, null if there is none."""
    if isinstance(answer, GraphRefused) and answer.is_absence:
        return None
    if isinstance(answer, TenantopsError):
        raise answer
    body = answer.body
    if not question.url.startswith("/users?"):
        return _read_user(graph, question.subject, body)
    listed = body.get("value") if isinstance(body, Mapping) else None
    if not isinstance(listed, list) or len(listed) > 1 or body.get("@odata.nextLink"):
        raise _not_understood(graph, question.subject, f"{body!r}"[:200])
    return _read_user(graph, question.subject, listed[0]) if listed else None


def _read_user(graph: Graph, subject: str, entry: Any) -> SyncedUser:
    told: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    identity, name, immutable_id, is_synced = (told.get(each) for each in _FIELDS)
    is_understood = (
        isinstance(identity, str)
        and isinstance(name, str)
        and isinstance(immutable_id, _TEXT_OR_NULL)
        and isinstance(is_synced, _TRUTH_OR_NULL)
    )
    if not is_understood:
        raise _not_understood(graph, subject, f"{sorted(told)}")
    return SyncedUser(str(identity), str(name), immutable_id, is_synced)


def _not_understood(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not the user that was asked for",
        server=graph.server,
        subject=subject,
        answer=answer,
    )
