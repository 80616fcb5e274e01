# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a directory role: whom an app without such a role of its own may not touch.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from .._errors import NotUnderstood, TenantopsError
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.errors import is_denied
from .._graph.json_pages import json_entries

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
    async for role in entries(graph, _SUBJECT, "directoryRoles"):
        name = role.get("displayName")
        path = f"directoryRoles/{role['id']}/members"
        async for member in entries(graph, _SUBJECT, path):
            identity = member["id"]
            told = name if isinstance(name, str) else role["id"]
            holders[identity] = (*holders.get(identity, ()), told)
    return holders


async def protected_users(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """The names of their roles, by object id, of the users whom this app may surely not change.

    An app that holds no directory role itself may neither rename nor delete administrators
    (Microsoft Graph, "Sensitive actions"). There are none in the answer where the app holds a role,
    where a person has signed in, and where the app may not read the roles: then Graph decides.
    """
    if not await graph.is_app_without_role():
        return {}
    try:
        return await role_holders(graph)
    except TenantopsError as error:
        if is_denied(error):
            return {}
        raise


async def entries(
    graph: Graph, subject: str, path: str, query: Mapping[str, str] | None = None
) -> AsyncIterator[Mapping[str, Any]]:
    """The objects of a list of roles, of who holds them, or of assignments, page by page.

    Raises `NotUnderstood` for an answer that is no such list.
    """
    async for entry in json_entries(graph, subject, path, query, access=READ_ROLES):
        if not isinstance(entry.get("id"), str):
            raise NotUnderstood(
                "The answer is not a list of roles or of those who hold one",
                server=graph.server,
                subject=subject,
                answer=f"an entry without an id: {entry!r}"[:200],
            )
        yield entry
