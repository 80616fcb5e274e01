# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of a tenant and who has them, read through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from .._errors import NotUnderstood, TenantopsError
from .._graph.batch import READS_PER_SECOND, BatchRequest, ask
from .._graph.client import Graph
from .._pace import Pace
from .holders import entries
from .model import Assignment, Role

ASSIGNMENTS = "roleManagement/directory/roleAssignments"
_DEFINITIONS = "roleManagement/directory/roleDefinitions"
_ROLE_FIELDS = "id,displayName,templateId,isBuiltIn,isEnabled"


async def read_roles(graph: Graph) -> tuple[Role, ...]:
    """All roles of the tenant, custom ones among them."""
    listed = entries(graph, "directory roles", _DEFINITIONS, {"$select": _ROLE_FIELDS})
    return tuple([Role.from_json(entry) async for entry in listed])


async def holders_of(graph: Graph, role: Role) -> tuple[Assignment, ...]:
    """Who has a role in the whole tenant. Roles that somebody is only eligible for do not count."""
    query = {"$filter": f"roleDefinitionId eq '{role.id}'"}
    listed = [
        Assignment.from_json(entry)
        async for entry in entries(graph, f"holders of {role.name}", ASSIGNMENTS, query)
    ]
    return tuple(assignment for assignment in listed if assignment is not None)


async def assignments_of(
    graph: Graph, principals: Iterable[str]
) -> Mapping[str, tuple[Assignment, ...]]:
    """The roles that each of these has in the whole tenant, by object id.

    Raises what keeps one of them from being known. Somebody who is not there has none.
    """
    found: dict[str, tuple[Assignment, ...]] = {}
    questions = map(_question, dict.fromkeys(principals))
    async for question, answer in ask(graph, Pace(READS_PER_SECOND), questions):
        if isinstance(answer, TenantopsError):
            raise answer
        found[question.id] = tuple(_assignments(graph, question.id, answer.body))
    return found


def _question(principal: str) -> BatchRequest:
    query = urlencode({"$filter": f"principalId eq '{principal}'"})
    return BatchRequest(principal, "GET", f"/{ASSIGNMENTS}?{query}", f"roles of {principal}")


def _assignments(graph: Graph, principal: str, page: Any) -> Iterable[Assignment]:
    listed = page.get("value") if isinstance(page, Mapping) else None
    if not isinstance(listed, list) or page.get("@odata.nextLink"):
        raise NotUnderstood(
            "The answer is not a list of all roles that somebody has",
            server=graph.server,
            subject=f"roles of {principal}",
            answer=f"{page!r}"[:200],
        )
    for entry in listed:
        assignment = Assignment.from_json(entry)
        if assignment is not None:
            yield assignment
