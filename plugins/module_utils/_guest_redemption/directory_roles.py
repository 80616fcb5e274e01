# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a directory role: an app may not reset their redemption.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_requests import get_json, next_link

READ_ROLES = Access(
    "RoleManagement.Read.Directory",
    "Directory Readers",
    (
        "RoleManagement.Read.All",
        "RoleManagement.ReadWrite.Directory",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)
"""What reading the roles and who holds them needs."""

_SUBJECT = "directoryRoles"


async def role_holders(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """The names of the roles that are held now, by the object ids of those who hold them.

    Raises `NotUnderstood` for an answer that is no list.
    """
    holders: dict[str, tuple[str, ...]] = {}
    async for role in _entries(graph, "directoryRoles"):
        name = role.get("displayName")
        path = f"directoryRoles/{role['id']}/members"
        async for member in _entries(graph, path):
            identity = member["id"]
            told = name if isinstance(name, str) else role["id"]
            holders[identity] = (*holders.get(identity, ()), told)
    return holders


async def _entries(graph: Graph, path: str) -> AsyncIterator[Mapping[str, Any]]:
    """The objects of a list. These lists have no pages; should one have, they are read."""
    asked: set[str] = set()
    link: str | None = path
    while link is not None:
        if link in asked:
            raise _not_understood(graph, "a link that leads in a circle")
        asked.add(link)
        page = await get_json(graph, _SUBJECT, link, access=READ_ROLES)
        listed = page.get("value")
        if not isinstance(listed, list):
            raise _not_understood(graph, f"an object with {sorted(page)}")
        for entry in listed:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str):
                raise _not_understood(graph, f"an entry without an id: {entry!r}")
            yield entry
        link = next_link(graph, _SUBJECT, page)


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list of roles or of those who hold one",
        server=graph.server,
        subject=_SUBJECT,
        answer=answer,
    )
