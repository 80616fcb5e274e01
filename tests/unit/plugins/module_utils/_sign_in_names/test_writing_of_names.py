# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names through the real sender, with a Graph of our own that answers as it may."""

from __future__ import annotations

import asyncio
from typing import Any

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    Ending,
    Request,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import ChangedMeanwhile
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.planning import (
    renamed,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.writing import (
    SignInNames,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.batching_graph import (  # noqa: E501
    Answered,
    BatchingGraph,
)

ID = "6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10"
OLD, NEW, OTHER = "kim@contoso.com", "kim.akers@contoso.com", "kim@fabrikam.com"


def write(graph: BatchingGraph) -> Ending:
    async def endings() -> dict[str, Ending]:
        request = Request((renamed(User(ID, OLD), NEW),))
        names = SignInNames(graph.graph, settle_time=0)
        return {identity: ending async for identity, ending in names.write([request])}

    return asyncio.run(endings())[ID]


def shown(*names: str) -> BatchingGraph:
    """Shows these names one after the other; the first answer to a renaming is lost."""
    left, patched = list(names), 0

    def answer(method: str, _path: str, _body: Any) -> Answered:
        nonlocal patched
        if method == "PATCH":
            patched += 1
            return (500, {}) if patched == 1 else (204, None)
        return 200, {"id": ID, "userPrincipalName": left.pop(0) if len(left) > 1 else left[0]}

    return BatchingGraph(answer)


def test_name_that_shows_late_is_ours() -> None:
    """Before it is sent, when its answer is lost, and before it is sent again."""
    assert not isinstance(write(shown(OLD, OLD, NEW)), Exception)


def test_name_that_somebody_else_gives_is_left_alone() -> None:
    for names in ((OTHER,), (NEW,), (OLD, OLD, OTHER)):
        assert isinstance(write(shown(*names)), ChangedMeanwhile), names
