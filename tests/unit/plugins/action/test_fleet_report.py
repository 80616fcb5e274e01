# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task `fleet_report`: documented as it is checked, since no module has its options."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tenantops.migration.plugins.action import fleet_report

ROOT = Path(__file__).resolve().parents[4]
TEXTS = yaml.safe_load((ROOT / "plugins/modules/fleet_report.yml").read_text(encoding="utf-8"))
OPTIONS = fleet_report.OPERATION.arguments.options


@pytest.mark.parametrize("name", sorted({*OPTIONS, *TEXTS["DOCUMENTATION"]["options"]}))
def test_option_is_documented_as_it_is_checked(name: str) -> None:
    said, done = TEXTS["DOCUMENTATION"]["options"][name], OPTIONS[name]
    for key in ("type", "elements", "required", "default"):
        assert said.get(key) == done.get(key), key
    assert list(said.get("choices", [])) == list(done.get("choices", []))


def test_examples_are_what_it_takes() -> None:
    shown: set[str] = set()
    for task in yaml.safe_load(TEXTS["EXAMPLES"]):
        given = task["tenantops.migration.fleet_report"]
        given = {**given, "tenants": ["contoso"]}
        assert ArgumentSpecValidator(dict(OPTIONS)).validate(given).error_messages == []
        shown |= set(given)
    assert shown == set(OPTIONS)


def _task(arguments: dict[str, Any]) -> fleet_report.ActionModule:
    given: dict[str, Any] = {"args": arguments, "check_mode": False, "diff": False, "async_val": 0}
    task: Any = SimpleNamespace(**given, environment=None)
    connection: Any = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir="x"))
    nothing: Any = None
    return fleet_report.ActionModule(task, connection, nothing, nothing, nothing, nothing)


def test_wrong_options_are_told() -> None:
    result = _task({"folder": "/x", "folders": ["/y"], "history": "many"}).run(task_vars={})
    assert result["failed"] is True
    assert "history" in result["msg"]


def test_errors_are_told_in_parts(tmp_path: Path) -> None:
    arguments = {"folder": str(tmp_path / "fleet"), "folders": [str(tmp_path)]}
    result = _task(arguments).run(task_vars={})
    assert result["failed"] is True
    assert result["error"]["kind"] == "invalid_input"
