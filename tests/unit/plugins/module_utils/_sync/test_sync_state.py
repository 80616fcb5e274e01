# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a tenant is synchronised, from answers of our own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import Refusal
from ansible_collections.tenantops.migration.plugins.module_utils._sync import state
from ansible_collections.tenantops.migration.plugins.module_utils._sync.state import (
    moment_from,
    read_sync_state,
    was_synced_after,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenants.organization import (
    Organization,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.answering_graph import (  # noqa: E501
    AnsweringGraph,
)

LAST = "2026-11-22T20:15:00+00:00"


def organization(last: str | None = LAST) -> Organization:
    return Organization("t", "Contoso", "AAD", "SE", True, last, (), ())


@pytest.fixture(autouse=True)
def synced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(_graph: Graph) -> Organization:
        return organization()

    monkeypatch.setattr(state, "read_organization", read)


def read(answer: Any) -> Any:
    graph = AnsweringGraph(onPremisesSynchronization=[answer])
    return asyncio.run(read_sync_state(graph.graph))


@pytest.mark.parametrize("is_on", [True, False])
def test_the_features_are_told_by_graphs_names(is_on: bool) -> None:
    features = {"synchronizeUpnForManagedUsersEnabled": is_on, "passwordSyncEnabled": True}
    found = read({"value": [{"id": "t", "features": features}]})
    assert found.pushes_names is is_on
    assert found.to_json() == {
        "is_synced": True,
        "last_sync": LAST,
        "synchronizes_upn_of_managed_users": is_on,
        "features": features,
        "features_denied": None,
    }


@pytest.mark.parametrize("value", [[], [{"features": {}}], [{"features": {"odd": "yes"}}]])
def test_a_feature_that_is_not_told_is_not_known(value: Any) -> None:
    assert read({"value": value}).pushes_names is None


def test_denied_features_are_not_known_and_told_as_that() -> None:
    denied = Refusal(403, "Authorization_RequestDenied", "No.", "r1").as_error("graph", "features")
    found = read(denied)
    assert found.features is None
    assert found.pushes_names is None
    assert "Authorization_RequestDenied" in str(found.to_json()["features_denied"])


@pytest.mark.parametrize("answer", [{}, {"value": [{}]}, {"value": [1]}, {"value": [{}, {}]}])
def test_another_answer_is_none(answer: Any) -> None:
    with pytest.raises(NotUnderstood):
        read(answer)


@pytest.mark.parametrize("status", [400, 500])
def test_other_errors_are_raised(status: int) -> None:
    with pytest.raises(TenantopsError):
        read(Refusal(status, "Something", "No.", "").as_error("graph", "features"))


def test_moments_are_compared_as_such() -> None:
    assert was_synced_after(organization(), moment_from("o", "2026-11-22T20:14:59"))
    assert not was_synced_after(organization(), moment_from("o", "2026-11-22T20:15:00Z"))
    assert was_synced_after(organization(), moment_from("o", "2026-11-22T22:14:00+02:00"))
    assert not was_synced_after(organization(None), datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="option is not a time"):
        moment_from("option", "soon")
