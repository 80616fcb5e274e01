# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is in a group, directly or through other groups.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from .._errors import InvalidInput, NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.errors import GraphRefused
from .._graph.json_pages import json_entries
from .._graph.json_requests import get_json
from .conditions import odata_text

READ_GROUPS = Access(
    "GroupMember.Read.All",
    "Directory Readers",
    (
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)
"""What reading groups and their members needs."""

_SUBJECT = "groups"
_PAGE_SIZE = 999
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_FIELDS = "id,displayName"


async def members_of(graph: Graph, groups: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """The object ids of all who are in groups, by the groups' ids or names as they are given.

    Raises `InvalidInput` for a group that is not there, and for a name that several have.
    """
    found: dict[str, frozenset[str]] = {}
    for group in sorted(groups):
        path = f"groups/{await _group_id(graph, group)}/transitiveMembers"
        query = {"$select": "id", "$top": str(_PAGE_SIZE)}
        found[group] = frozenset([entry["id"] async for entry in _entries(graph, path, query)])
    return found


async def _group_id(graph: Graph, group: str) -> str:
    if _GUID.fullmatch(group):
        try:
            path, query = f"groups/{quote(group)}", {"$select": _FIELDS}
            answer = await get_json(graph, f"group {group}", path, query, access=READ_GROUPS)
        except GraphRefused as error:
            if error.is_absence:
                raise _no_such_group(graph, group) from error
            raise
        return _identity(graph, answer)
    query = {"$filter": f"displayName eq {odata_text(group)}", "$select": _FIELDS}
    found = [entry["id"] async for entry in _entries(graph, "groups", query)]
    if not found:
        raise _no_such_group(graph, group)
    if len(found) > 1:
        raise InvalidInput(
            f"{len(found)} groups have this name",
            server=graph.server,
            subject=f"group {group}",
            answer=", ".join(sorted(found)),
            advice="Name the group by its object id.",
        )
    return str(found[0])


async def _entries(
    graph: Graph, path: str, query: Mapping[str, str]
) -> AsyncIterator[Mapping[str, Any]]:
    async for entry in json_entries(graph, _SUBJECT, path, query, access=READ_GROUPS):
        _identity(graph, entry)
        yield entry


def _identity(graph: Graph, entry: Any) -> str:
    identity = entry.get("id") if isinstance(entry, Mapping) else None
    if not isinstance(identity, str):
        raise _not_understood(graph, f"an entry without an id: {entry!r}"[:200])
    return identity


def _no_such_group(graph: Graph, group: str) -> InvalidInput:
    return InvalidInput(
        "The tenant has no such group",
        server=graph.server,
        subject=f"group {group}",
        advice="Check the spelling, or name the group by its object id.",
    )


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list of groups or of their members",
        server=graph.server,
        subject=_SUBJECT,
        answer=answer,
    )
