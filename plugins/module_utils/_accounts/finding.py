# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has a name: asked of Graph for thousands of names, also among the deleted users.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from .._errors import NotUnderstood, TenantopsError
from .._graph.batch import READS_PER_SECOND, BatchRequest, ask
from .._graph.client import Graph
from .._graph.errors import GraphRefused
from .._graph.json_pages import json_entries
from .._pace import Pace
from .._users.streaming import READ_USERS
from .model import ADDRESS_FIELDS, FIELDS, Account, DeletedAccount, addresses

_EVENTUAL = {"ConsistencyLevel": "eventual"}
_DELETED = "directory/deletedItems/microsoft.graph.user"
_PAGE_SIZE = 999


async def accounts_named(graph: Graph, names: Iterable[str]) -> Mapping[str, Account | None]:
    """The users by the names that they sign in with, null for who is not there.

    Asked by key: a list may not show yet who was made a moment ago. Raises what keeps one of them
    from being known: unknown is not absent.
    """
    found: dict[str, Account | None] = {}
    questions = map(_by_key, dict.fromkeys(names))
    async for question, answer in ask(graph, Pace(READS_PER_SECOND), questions):
        if isinstance(answer, GraphRefused) and answer.is_absence:
            found[question.id] = None
        elif isinstance(answer, TenantopsError):
            raise answer
        else:
            found[question.id] = _account(graph, question.id, answer.body)
    return found


async def others_with(graph: Graph, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Who has these names (as they are compared) among their mail addresses, told for people."""
    found: dict[str, Sequence[str]] = {}
    questions = map(_by_address, dict.fromkeys(names))
    async for question, answer in ask(graph, Pace(READS_PER_SECOND), questions):
        if isinstance(answer, TenantopsError):
            raise answer
        users = _listed(graph, question.id, answer.body)
        if answer.body.get("@odata.nextLink"):
            raise _not_understood(graph, question.id, "more users than fit on a page")
        found[question.id] = [_shown(user) for user in users if question.id in set(addresses(user))]
    return found


async def deleted_accounts(graph: Graph, names: Collection[str]) -> Sequence[DeletedAccount]:
    """The users that can be restored and had one of these names, in Graph's order."""
    fields = (*ADDRESS_FIELDS, "deletedDateTime")
    query = {"$select": ",".join(fields), "$top": str(_PAGE_SIZE)}
    wanted = frozenset(names)
    found: list[DeletedAccount] = []
    async for entry in json_entries(graph, "deleted users", _DELETED, query, access=READ_USERS):
        deleted = DeletedAccount.from_json(entry)
        if not wanted.isdisjoint(deleted.names):
            found.append(deleted)
    return found


def _account(graph: Graph, name: str, body: Any) -> Account:
    try:
        return Account.from_json(body)
    except NotUnderstood as error:
        error.server, error.subject = graph.server, name
        raise


def _by_key(name: str) -> BatchRequest:
    url = f"/users/{quote(name, safe='')}?{urlencode({'$select': ','.join(FIELDS)})}"
    return BatchRequest(name, "GET", url, name)


def _by_address(name: str) -> BatchRequest:
    quoted = name.replace("'", "''")
    query = {
        "$filter": f"mail eq '{quoted}' or proxyAddresses/any(address:address eq 'smtp:{quoted}')",
        "$select": ",".join(ADDRESS_FIELDS),
        "$count": "true",
    }
    return BatchRequest(name, "GET", f"/users?{urlencode(query)}", name, headers=_EVENTUAL)


def _shown(user: Mapping[str, Any]) -> str:
    name, shown = user.get("userPrincipalName"), user.get("displayName")
    return f"{name} ({shown})" if shown else str(name)


def _listed(graph: Graph, subject: str, page: Any) -> Sequence[Mapping[str, Any]]:
    listed = page.get("value") if isinstance(page, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(entry, Mapping) for entry in listed):
        raise _not_understood(graph, subject, f"{page!r}"[:200])
    return listed


def _not_understood(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list of users", server=graph.server, subject=subject, answer=answer
    )
