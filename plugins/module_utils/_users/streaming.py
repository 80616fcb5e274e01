# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant in a stream, a page of them in memory at a time.

The answers are read as plain JSON: the SDK would load hundreds of classes for what a user may hold.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from urllib.parse import quote

from .._errors import NotUnderstood, ObjectGone, TenantopsError
from .._graph.access import Access
from .._graph.batch import READS_PER_SECOND, BatchRequest, ask
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._graph.json_pages import json_pages
from .._graph.json_requests import get_json
from .._pace import Pace
from .model import FIELDS, User

READ_USERS = Access(
    "User.Read.All",
    "Directory Readers",
    ("User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"),
)
"""What reading users with licences and identities needs."""

_SUBJECT = "users"
_PAGE_SIZE = 999  # the most that Graph gives
# Conditions such as endsWith and ne are only for the index that this names (Graph documentation,
# "Advanced query capabilities").
_ADVANCED = {"ConsistencyLevel": "eventual"}
_GONE = 404


async def read_users(
    graph: Graph,
    *,
    filter: str | None = None,  # noqa: A002
    fields: Collection[str] = FIELDS,
) -> AsyncIterator[User]:
    """The users of the tenant, in Graph's order; `filter` is an OData condition.

    Raises `NotUnderstood` for an answer that is no list of users, and for one without an end.
    """
    async for page in user_pages(graph, filter=filter, fields=fields):
        for user in page:
            yield user


async def user_pages(
    graph: Graph,
    *,
    filter: str | None = None,  # noqa: A002
    fields: Collection[str] = FIELDS,
    is_advanced: bool = True,
) -> AsyncIterator[list[User]]:
    """The users of `read_users`, as many at a time as Graph gives.

    A condition that is not `is_advanced` is answered by the directory itself, which knows what was
    written some minutes before the index does.
    """
    query = {"$select": _selected(fields), "$top": str(_PAGE_SIZE)}
    headers = None
    if filter is not None:
        query["$filter"] = filter
        if is_advanced:
            query["$count"] = "true"
            headers = _ADVANCED
    async for page in json_pages(graph, _SUBJECT, "users", query, headers, access=READ_USERS):
        yield [User.from_json(entry, fields) for entry in page]


async def read_named_users(
    graph: Graph,
    names: Iterable[str],
    *,
    fields: Collection[str] = FIELDS,
    pace: Pace | None = None,
) -> AsyncIterator[tuple[str, User | TenantopsError]]:
    """Users by object id or sign-in name, in any order, each with the name it was asked for by.

    They are read one by one, 20 in a request, and so are newer than the lists. A name that is
    nobody's comes with an `ObjectGone`. Raises what keeps any further one from being read.
    """
    asked = list(dict.fromkeys(names))
    questions = (
        # The ids of a batch's requests are Graph's to interpret, so they are numbers.
        BatchRequest(str(number), "GET", _address(name, fields), name)
        for number, name in enumerate(asked)
    )
    async for question, answer in ask(graph, pace or Pace(READS_PER_SECOND), questions):
        name = asked[int(question.id)]
        if isinstance(answer, TenantopsError):
            yield name, _named_error(graph, name, answer)
            continue
        try:
            yield name, User.from_json(answer.body, fields)
        except NotUnderstood as error:
            error.server, error.subject = graph.server, name
            yield name, error


async def read_named_user(graph: Graph, name: str, fields: Collection[str] = FIELDS) -> User:
    """One user by object id or sign-in name. Raises `ObjectGone` if there is none."""
    query = {"$select": _selected(fields)}
    path = f"users/{quote(name, safe='@')}"
    try:
        answer = await get_json(graph, name, path, query, access=READ_USERS)
    except GraphRefused as error:
        raise _named_error(graph, name, error) from error
    return User.from_json(answer, fields)


def no_such_user(graph: Graph, name: str, answer: str = "") -> ObjectGone:
    """The error for an id or a name that is nobody's."""
    return ObjectGone(
        "The tenant has no such user",
        server=graph.server,
        subject=name,
        answer=answer,
        advice="Check the spelling. Who was deleted since can be restored for 30 days.",
    )


def _selected(fields: Collection[str]) -> str:
    return ",".join(dict.fromkeys(("id", "userPrincipalName", *fields)))


def _address(name: str, fields: Collection[str]) -> str:
    return f"/users/{quote(name, safe='@')}?$select={_selected(fields)}"


def _named_error(graph: Graph, name: str, error: TenantopsError) -> TenantopsError:
    if isinstance(error, GraphRefused) and error.status == _GONE:
        return no_such_user(graph, name, error.answer)
    if is_denied(error):
        error.advice = READ_USERS.advice
    return error
