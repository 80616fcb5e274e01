# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import JournalUnusable
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph
from ansible_collections.tenantops.migration.plugins.module_utils._tenants import journalled

GRAPH = cast(Graph, SimpleNamespace(server="https://graph.example"))


@pytest.fixture(autouse=True)
def read(monkeypatch: pytest.MonkeyPatch) -> list[Graph]:
    asked: list[Graph] = []

    async def organization(graph: Graph) -> Any:
        asked.append(graph)
        return SimpleNamespace(tenant_id="ours")

    monkeypatch.setattr(journalled, "read_organization", organization)
    return asked


def check(change_ids: Collection[str]) -> None:
    asyncio.run(journalled.check_tenant(GRAPH, change_ids))


def test_changes_of_the_tenant_itself(read: list[Graph]) -> None:
    check(["ours"])
    check(["ours kim@contoso.test", "ours lee@contoso.test"])
    assert read == [GRAPH, GRAPH]


def test_nothing_is_asked_for_no_changes(read: list[Graph]) -> None:
    check([])
    assert read == []


@pytest.mark.parametrize(
    "change_ids", [["theirs"], ["ours kim@contoso.test", "theirs kim@contoso.test"]]
)
def test_changes_of_another_tenant_are_refused(change_ids: list[str]) -> None:
    with pytest.raises(JournalUnusable, match="another tenant") as caught:
        check(change_ids)
    assert caught.value.subject == "tenant ours"
    assert "theirs" in caught.value.answer
