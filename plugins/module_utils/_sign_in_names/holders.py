# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who of a tenant has a name now, those among the deleted users too.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

from .._graph.client import Graph
from .._graph.json_pages import json_entries
from .._users.model import User
from .._users.streaming import READ_USERS, read_users
from .planning import HOLDER_FIELDS, Holders

_DELETED = "directory/deletedItems/microsoft.graph.user"
_SUBJECT = "deleted users"
_PAGE_SIZE = 999


async def read_holders(
    graph: Graph, names: Iterable[str], as_planned: Callable[[User], User] = lambda user: user
) -> Holders:
    """Who has any of these names, as the name to sign in with or among the addresses.

    All users of the tenant are read, and only those are kept who have one. `as_planned` is what
    earlier tasks would make of a user. Raises `NotUnderstood` for an answer that is no list of
    users.
    """
    holders = Holders(names)
    async for user in read_users(graph, fields=HOLDER_FIELDS):
        holders.add(as_planned(user))
    async for user in _deleted_users(graph):
        holders.add(user, is_deleted=True)
    return holders


async def _deleted_users(graph: Graph) -> AsyncIterator[User]:
    query = {"$select": ",".join(HOLDER_FIELDS), "$top": str(_PAGE_SIZE)}
    async for entry in json_entries(graph, _SUBJECT, _DELETED, query, access=READ_USERS):
        yield User.from_json(entry, HOLDER_FIELDS)
