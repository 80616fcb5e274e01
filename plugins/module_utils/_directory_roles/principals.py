# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users whom changes of roles are about, found by object id or by name.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._errors import NotUnderstood, TenantopsError
from .._graph.batch import READS_PER_SECOND, BatchRequest, ask
from .._graph.client import Graph
from .._graph.errors import GraphRefused
from .._pace import Pace


async def find_users(graph: Graph, names: Iterable[str]) -> Mapping[str, str | None]:
    """The object ids of users by what they are asked for with: a name to sign in with, or an id.

    Null for one who is not there. Raises what keeps one of them from being known.
    """
    return await _find(graph, names, "users")


async def find_deleted_users(graph: Graph, ids: Iterable[str]) -> Mapping[str, str | None]:
    """The same for users who were deleted and can be restored; by id only."""
    return await _find(graph, ids, "directory/deletedItems")


async def _find(graph: Graph, names: Iterable[str], collection: str) -> Mapping[str, str | None]:
    wanted: Sequence[str] = list(dict.fromkeys(names))
    questions = (
        BatchRequest(name, "GET", f"/{collection}/{quote(name, safe='')}?$select=id", name)
        for name in wanted
    )
    found: dict[str, str | None] = {}
    async for question, answer in ask(graph, Pace(READS_PER_SECOND), questions):
        if isinstance(answer, GraphRefused) and answer.is_absence:
            found[question.id] = None
        elif isinstance(answer, TenantopsError):
            raise answer
        else:
            found[question.id] = _id(graph, question.id, answer.body)
    return found


def _id(graph: Graph, name: str, body: Any) -> str:
    identity = body.get("id") if isinstance(body, Mapping) else None
    if not isinstance(identity, str) or not identity:
        raise NotUnderstood(
            "The answer is not a user", server=graph.server, subject=name, answer=f"{body!r}"[:200]
        )
    return identity.lower()
