# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who has an address: asked of Graph for many addresses at once, also among the deleted users.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from .._errors import NotUnderstood, TenantopsError
from .._graph.batch import READS_PER_SECOND, BatchRequest, ask
from .._graph.client import Graph
from .._graph.json_pages import json_entries
from .._graph.json_requests import get_json
from .._guests.model import FIELDS, ReadGuest
from .._guests.reading import READ_GUESTS
from .._pace import Pace
from .model import Holders

_HEADERS = {"ConsistencyLevel": "eventual"}
_DELETED = "directory/deletedItems/microsoft.graph.user"
_PAGE_SIZE = 999


async def holders_of(graph: Graph, addresses: Iterable[str]) -> Mapping[str, Holders]:
    """Who has each of these addresses (lower case), by the address.

    Raises what keeps one of them from being known: unknown is not absent.
    """
    wanted = list(dict.fromkeys(addresses))
    found: dict[str, Holders] = {}
    async for question, answer in ask(graph, Pace(READS_PER_SECOND), map(_question, wanted)):
        if isinstance(answer, TenantopsError):
            raise answer
        found[question.id] = Holders(tuple(_users(graph, question.id, answer.body)))
    return found


async def holders_of_one(graph: Graph, address: str) -> Holders:
    """Who has this address, asked by itself."""
    page = await get_json(graph, address, "users", _query(address), _HEADERS, access=READ_GUESTS)
    return Holders(tuple(_users(graph, address, page)))


@dataclass(frozen=True)
class Deleted:
    """A user that was deleted and can be restored; `at` is when, as Graph writes times."""

    user: ReadGuest
    at: str


async def deleted_users(graph: Graph) -> Mapping[str, Deleted]:
    """The users that can be restored, by address in lower case: the last one to be deleted."""
    query = {"$select": ",".join((*FIELDS, "deletedDateTime")), "$top": str(_PAGE_SIZE)}
    found: dict[str, Deleted] = {}
    async for entry in json_entries(graph, "deleted users", _DELETED, query):
        user, at = ReadGuest.from_json(entry), entry.get("deletedDateTime")
        if not isinstance(at, str):
            raise _not_understood(graph, _DELETED, f"deletedDateTime {at!r}")
        for address in _addresses(user):
            if address not in found or found[address].at < at:
                found[address] = Deleted(user, at)
    return found


def _question(address: str) -> BatchRequest:
    url = f"/users?{urlencode(_query(address))}"
    return BatchRequest(address, "GET", url, address, headers=_HEADERS)


def _query(address: str) -> dict[str, str]:
    quoted = address.replace("'", "''")
    in_name = quoted.replace("@", "_")
    return {
        "$filter": f"mail eq '{quoted}' or otherMails/any(other:other eq '{quoted}') or "
        f"startswith(userPrincipalName,'{in_name}#EXT#')",
        "$select": ",".join(FIELDS),
        "$count": "true",
    }


def _users(graph: Graph, address: str, page: Any) -> Iterator[ReadGuest]:
    for entry in _listed(graph, address, page):
        yield ReadGuest.from_json(entry)
    if page.get("@odata.nextLink"):
        raise _not_understood(graph, address, "more users with one address than fit on a page")


def _listed(graph: Graph, subject: str, page: Any) -> list[Any]:
    listed = page.get("value") if isinstance(page, Mapping) else None
    if not isinstance(listed, list):
        raise _not_understood(graph, subject, f"{page!r}"[:200])
    return listed


def _addresses(user: ReadGuest) -> Iterator[str]:
    for address in (user.mail, *user.other_mails):
        if address:
            yield address.lower()


def _not_understood(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list of users", server=graph.server, subject=subject, answer=answer
    )
