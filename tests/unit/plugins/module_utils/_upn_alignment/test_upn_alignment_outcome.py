# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run says of people whom an earlier one has left without their licences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment import runner
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.arguments import (
    ALIGNMENT_ARGUMENTS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.snapshots import (
    Snapshot,
    SnapshotFile,
)

KIM = Snapshot("id-kim", "kim@firm.example", {"e3": frozenset({"sway"})})


@pytest.fixture(name="parameters")
def _parameters(tmp_path: Path) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in ALIGNMENT_ARGUMENTS.options.items()}
    unset = dict.fromkeys(("approved_plan", "max_changes"))
    names = {"journal": str(tmp_path), "tenant": "contoso", "run": "again"}
    return {**defaults, **unset, **names, "settle_time": 0.0}


@pytest.fixture(autouse=True)
def _directory_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_directory(*_arguments: object) -> None:
        raise ConnectionFailed("no domain controller answers")

    monkeypatch.setattr(runner, "read_directory", read_directory)


@pytest.mark.parametrize("check_mode", [True, False])
def test_run_that_does_not_come_to_them_names_them(
    parameters: dict[str, Any], tmp_path: Path, check_mode: bool
) -> None:
    file = SnapshotFile.of(str(tmp_path), "contoso", "first")
    with file.held():
        file.open([KIM])
    outcome = runner.run(parameters, check_mode)
    assert isinstance(outcome.error, ConnectionFailed)
    assert outcome.values["unlicensed"] == [
        {
            "id": "id-kim",
            "user_principal_name": "kim@firm.example",
            "dn": None,
            "licenses": [{"sku_id": "e3", "disabled_plans": ["sway"]}],
        }
    ]
    (warning,) = outcome.warnings
    assert "kim@firm.example" in warning


def test_run_without_such_people_just_fails(parameters: dict[str, Any]) -> None:
    with pytest.raises(ConnectionFailed):
        runner.run(parameters, True)


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("option", ["sync_timeout", "settle_time"])
def test_time_without_an_end_is_refused(
    parameters: dict[str, Any], option: str, seconds: float
) -> None:
    with pytest.raises(InvalidInput, match=option):
        runner.run({**parameters, option: seconds}, True)
