# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is taken from what the tenant tells of its sync."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sync.state import SyncState
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.cloud import (
    brings_names,
)

GRAPH: Any = SimpleNamespace(server="graph.test", tenant="contoso")
FEATURE = "synchronizeUpnForManagedUsersEnabled"


@pytest.mark.parametrize("is_on", [True, False])
def test_what_graph_tells_counts(is_on: bool) -> None:
    assert brings_names(GRAPH, SyncState(True, None, {FEATURE: is_on}), "read") is is_on


@pytest.mark.parametrize("features", [None, {}, {"passwordSyncEnabled": True}])
def test_feature_that_is_not_told_is_not_off(features: Mapping[str, bool] | None) -> None:
    denial = Refused("not you") if features is None else None
    sync = SyncState(True, None, features, denial)
    with pytest.raises(ConditionUnmet, match="does not tell"):
        brings_names(GRAPH, sync, "read")
    assert brings_names(GRAPH, sync, "enabled")
    assert not brings_names(GRAPH, sync, "disabled")


@pytest.mark.parametrize("is_synced", [None, False])
def test_tenant_without_sync_is_refused(is_synced: bool | None) -> None:
    with pytest.raises(ConditionUnmet, match="No directory is synchronised"):
        brings_names(GRAPH, SyncState(is_synced, None, {FEATURE: True}), "enabled")
