# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which door a task takes, and that what comes out is what the module would give."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import constants
from ansible.errors import AnsibleUndefinedConfigEntry

from ansible_collections.tenantops.migration.plugins.action import in_worker
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.arguments import Arguments
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import (
    Operation,
    Outcome,
    Parameters,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.progress import tell
from ansible_collections.tenantops.migration.plugins.module_utils._errors import Refused

SECRET = "hush-hush"
CHANGE = Change(System.DNS, "txt_rrset", "id", "a.test", "TXT", Action.ADD, None, "v")


@dataclass
class Task:
    args: dict[str, Any] = field(default_factory=dict)
    action: str = "tenantops.migration.dns_txt"
    resolved_action: str | None = "tenantops.migration.dns_txt"
    async_val: int = 0
    become: bool = False
    environment: Any = None
    delegate_to: str | None = None
    check_mode: bool = False
    diff: bool = False


class Door:
    """The action plugin with fakes of what Ansible gives it, and with an operation of our own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.task = Task()
        self.connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir="x"))
        self.variables: dict[str, Any] = {"ansible_python_interpreter": sys.executable}
        self.outcome: Outcome | Exception = Outcome(changes=())
        self.calls: list[tuple[dict[str, Any], bool]] = []
        self.folder = folder
        self.cwd: Path | None = None
        self.warnings: list[str] = []
        self.progress: list[str] = []
        self.shown: list[str] = []
        self.handed_over: list[dict[str, Any]] = []
        arguments = Arguments(
            {
                "guests": {"type": "str", "choices": ["enabled"], "required": True},
                "secret": {"type": "str", "no_log": True},
                "force": {"type": "bool", "default": False},
            }
        )
        operation = Operation(arguments, self._run)
        monkeypatch.setattr(in_worker, "_operation", lambda name: operation)
        monkeypatch.setattr(
            in_worker,
            "Display",
            lambda: SimpleNamespace(warning=self.warnings.append, display=self.shown.append),
        )

    def _run(self, parameters: Parameters, check_mode: bool) -> Outcome:
        self.calls.append((dict(parameters), check_mode))
        self.cwd = Path.cwd()
        for line in self.progress:
            tell(line)
        if isinstance(self.outcome, Exception):
            raise self.outcome  # pylint: disable=raising-non-exception
        return self.outcome

    def open(self) -> dict[str, Any]:
        fakes: dict[str, Any] = {
            "task": self.task,
            "connection": self.connection,
            "play_context": SimpleNamespace(),
            "loader": SimpleNamespace(get_basedir=lambda: str(self.folder)),
            "templar": SimpleNamespace(template=lambda value: value),
        }
        plugin: Any = in_worker.ActionModule(**fakes)

        def execute_module(**options: Any) -> dict[str, Any]:
            self.handed_over.append(options)
            return {"changed": True, "by": "module"}

        plugin._execute_module = execute_module
        result: dict[str, Any] = plugin.run(None, self.variables)
        return result

    @property
    def is_in_worker(self) -> bool:
        self.task.args = {"guests": "enabled"}
        self.open()
        assert bool(self.calls) is not bool(self.handed_over)
        return bool(self.calls)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Door:
    return Door(monkeypatch, tmp_path)


def test_a_local_task_with_our_python_stays_in_the_worker(door: Door) -> None:
    assert door.is_in_worker


@pytest.mark.parametrize("wanted", ["auto", "auto_silent", "", f" {sys.executable} "])
def test_where_no_other_python_is_asked_for_ours_is_taken(door: Door, wanted: str) -> None:
    door.variables = {"ansible_python_interpreter": wanted}
    assert door.is_in_worker


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("async_val", 30),
        ("become", True),
        ("environment", [{"https_proxy": "http://proxy"}]),
        ("environment", ["{{ proxies }}"]),
    ],
)
def test_what_only_a_module_can_do_is_handed_over(door: Door, name: str, value: Any) -> None:
    setattr(door.task, name, value)
    assert not door.is_in_worker
    assert door.handed_over[0]["wrap_async"] is (name == "async_val")


@pytest.mark.parametrize("environment", [None, [], [{}], [None, {}]])
def test_an_empty_environment_is_none(door: Door, environment: Any) -> None:
    door.task.environment = environment
    assert door.is_in_worker


def test_another_connection_is_handed_over(door: Door) -> None:
    door.connection.transport = "ssh"
    assert not door.is_in_worker


def test_another_python_is_handed_over(door: Door) -> None:
    door.variables = {"ansible_python_interpreter": "/usr/bin/python-of-somebody-else"}
    assert not door.is_in_worker


def test_our_environment_is_ours_by_whatever_way_it_is_reached(door: Door, tmp_path: Path) -> None:
    link = tmp_path / "environment"
    link.symlink_to(Path(sys.executable).parent)
    door.variables = {"ansible_python_interpreter": str(link / Path(sys.executable).name)}
    assert door.is_in_worker


def test_another_environment_of_the_same_binary_is_another_python(
    door: Door, tmp_path: Path
) -> None:
    link = tmp_path / "python"
    link.symlink_to(sys.executable)
    door.variables = {"ansible_python_interpreter": str(link)}
    assert not door.is_in_worker


def test_a_delegated_task_asks_for_the_python_of_the_host_it_goes_to(door: Door) -> None:
    door.task.delegate_to = "other"
    elsewhere = {"ansible_python_interpreter": "/usr/bin/python-of-somebody-else"}
    door.variables = {**door.variables, "ansible_delegated_vars": {"other": elsewhere}}
    assert not door.is_in_worker
    door.variables = {**elsewhere, "ansible_delegated_vars": {"other": {}}}
    door.handed_over.clear()
    assert door.is_in_worker


def test_what_the_module_answers_is_the_result(door: Door) -> None:
    door.task.become = True
    assert door.open() == {"changed": True, "by": "module"}


def test_parameters_are_those_a_module_would_see(door: Door) -> None:
    door.task.args = {"guests": "enabled", "force": "yes"}
    door.task.check_mode = True
    door.open()
    assert door.calls == [({"guests": "enabled", "force": True, "secret": None}, True)]
    assert door.task.args == {"guests": "enabled", "force": "yes"}


def test_relative_paths_are_those_of_the_playbook(door: Door) -> None:
    before = Path.cwd()
    assert door.is_in_worker
    assert door.cwd == door.folder
    assert Path.cwd() == before


@pytest.mark.parametrize("diff", [True, False])
def test_changes_warnings_and_difference(door: Door, diff: bool) -> None:
    door.task = Task(args={"guests": "enabled"}, diff=diff)
    door.outcome = Outcome(changes=(CHANGE,), values={"ttl": None}, warnings=("careful",))
    result = door.open()
    assert result["changed"] is True
    assert result["ttl"] is None
    assert result["changes"] == [CHANGE.to_json()]
    assert ("diff" in result) is diff
    assert door.warnings == ["careful"]


def test_errors_are_results(door: Door) -> None:
    door.task.args = {"guests": "enabled"}
    door.outcome = Refused("No")
    result = door.open()
    assert (result["failed"], result["msg"]) == (True, "No.")
    assert "changed" not in result


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(values={"told": f"it is {SECRET}"}, warnings=(f"{SECRET}!",)),
        Refused(f"The secret {SECRET} is wrong", answer=SECRET),
        KeyError(SECRET),
    ],
)
def test_a_secret_is_masked_wherever_it_comes_out(
    door: Door, monkeypatch: pytest.MonkeyPatch, outcome: Outcome | Exception
) -> None:
    monkeypatch.setattr(in_worker, "_tells_invocation", lambda variables: True)
    door.task.args = {"guests": "enabled", "secret": SECRET}
    door.outcome = outcome
    result = door.open()
    assert SECRET not in repr(result)
    assert SECRET not in repr(door.warnings)
    assert result["invocation"]["module_args"]["guests"] == "enabled"


def test_a_secret_in_the_wrong_place_is_masked_in_the_complaint(door: Door) -> None:
    door.task.args = {"guests": SECRET, "secret": SECRET}
    result = door.open()
    assert "value of guests must be one of: enabled" in result["msg"]
    assert SECRET not in repr(result)
    assert door.calls == []


def test_an_unknown_option_is_told_as_a_module_tells_it(door: Door) -> None:
    door.task.args = {"guests": "enabled", "gusts": "x"}
    assert door.open()["msg"] == (
        "Unsupported parameters for (tenantops.migration.dns_txt) module: gusts. "
        "Supported parameters include: force, guests, secret."
    )


@pytest.mark.parametrize("is_told", [True, False])
def test_the_operator_decides_whether_arguments_are_told(
    door: Door, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    value: Any = constants.config.get_config_value

    def get_config_value(name: str, variables: dict[str, Any]) -> Any:
        return is_told if name == "INJECT_INVOCATION" else value(name, variables=variables)

    monkeypatch.setattr(constants.config, "get_config_value", get_config_value)
    door.task.args = {"guests": "enabled"}
    assert ("invocation" in door.open()) is is_told


def test_before_that_setting_arguments_are_always_told(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    value: Any = constants.config.get_config_value

    def get_config_value(name: str, variables: dict[str, Any]) -> Any:
        if name == "INJECT_INVOCATION":
            raise AnsibleUndefinedConfigEntry(name)
        return value(name, variables=variables)

    monkeypatch.setattr(constants.config, "get_config_value", get_config_value)
    door.task.args = {"guests": "enabled", "secret": SECRET}
    assert door.open()["invocation"] == {
        "module_args": {
            "guests": "enabled",
            "force": False,
            "secret": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        }
    }


@pytest.mark.parametrize("name", ["ad_upn_suffix", "change_rollback", "dns_txt", "entra_email_otp"])
def test_every_module_has_an_operation(name: str) -> None:
    for action in (name, f"tenantops.migration.{name}"):
        assert isinstance(in_worker._operation(action), Operation)


def test_progress_is_shown_for_the_tenant_that_waits(door: Door) -> None:
    door.variables["inventory_hostname"] = "fourthcoffee"
    door.task.args = {"guests": "enabled", "secret": SECRET}
    door.progress = ["2 of 3 servers", f"not {SECRET}"]
    door.open()
    assert door.shown[0] == "fourthcoffee: 2 of 3 servers"
    assert len(door.shown) == 2
    assert SECRET not in door.shown[1]
