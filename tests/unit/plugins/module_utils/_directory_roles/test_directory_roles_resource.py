# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles through the real sender, with a Graph of our own that answers as it may."""

from __future__ import annotations

import asyncio
from typing import Any

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    Ending,
    Request,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from ansible_collections.tenantops.migration.plugins.module_utils._directory_roles.model import (
    PrincipalKey,
    Role,
    given,
    taken,
)
from ansible_collections.tenantops.migration.plugins.module_utils._directory_roles.resource import (
    RoleAssignments,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import TenantopsError
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.batching_graph import (  # noqa: E501
    ABSENT,
    Answered,
    BatchingGraph,
    refused,
)

ID = "6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10"
KEY = PrincipalKey("3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11", ID)
ROLE = Role("729827e3-9c14-49f7-bb1b-9608f156bbb8", "729827e3-9c14-49f7-bb1b-9608f156bbb8", "Help")
HELD = {
    "value": [{"id": "a1", "principalId": ID, "roleDefinitionId": ROLE.id, "directoryScopeId": "/"}]
}
NONE: dict[str, Any] = {"value": []}


def write(graph: BatchingGraph, change: Change) -> Ending:
    async def endings() -> dict[str, Ending]:
        roles = RoleAssignments(graph.graph, [ROLE], settle_time=0)
        await roles.look({KEY.id: ID})
        return {identity: ending async for identity, ending in roles.write([Request((change,))])}

    return asyncio.run(endings())[KEY.id]


def test_question_that_fails_after_a_write_does_not_say_that_nothing_was_written() -> None:
    posted = 0

    def answer(method: str, _path: str, _body: Any) -> Answered:
        nonlocal posted
        if method == "POST":
            posted += 1
            return (500, {}) if posted == 1 else refused(409, "Conflict")
        return refused(403, "Authorization_RequestDenied") if posted == 2 else (200, NONE)

    ending = write(BatchingGraph(answer), given(KEY.id, "kim", ROLE))
    assert isinstance(ending, TenantopsError)
    assert not ending.nothing_written
    assert posted == 2


def test_role_that_is_held_all_the_same_was_not_taken() -> None:
    def answer(method: str, _path: str, _body: Any) -> Answered:
        return ABSENT if method == "DELETE" else (200, HELD)

    assert isinstance(write(BatchingGraph(answer), taken(KEY.id, "kim", ROLE)), TenantopsError)


def test_role_that_somebody_else_takes_is_as_wanted() -> None:
    is_gone = False

    def answer(method: str, _path: str, _body: Any) -> Answered:
        nonlocal is_gone
        is_gone |= method == "DELETE"
        return ABSENT if method == "DELETE" else (200, NONE if is_gone else HELD)

    ending = write(BatchingGraph(answer), taken(KEY.id, "kim", ROLE))
    assert not isinstance(ending, TenantopsError)
