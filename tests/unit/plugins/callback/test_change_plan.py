# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the callback understands Ansible's objects; tests/lab runs it in real playbooks."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import context

from ansible_collections.tenantops.migration.plugins.callback import change_plan
from ansible_collections.tenantops.migration.plugins.callback.change_plan import CallbackModule

_CHANGE = {
    "system": "dns",
    "resource": "txt_rrset",
    "id": "contoso.test contoso.test",
    "name": "contoso.test",
    "property": "TXT",
    "action": "add",
    "before": None,
    "after": "MS=ms1",
    "rule": None,
    "reversible": True,
}


def _task(**fields: Any) -> SimpleNamespace:
    known: dict[str, Any] = {
        "_uuid": "task-1",
        "_role": None,
        "action": "tenantops.migration.dns_txt",
        "resolved_action": "tenantops.migration.dns_txt",
        "args": {},
        "name": "Publish for contoso",
        "get_ds": lambda: {"name": "Publish for {{ inventory_hostname }}"},
        "get_name": lambda **_options: "Publish for contoso",
        "no_log": False,
        "check_mode": True,
        "any_errors_fatal": False,
        "ignore_unreachable": False,
        "run_once": False,
    }
    return SimpleNamespace(**{**known, **fields})


def _host(name: str = "contoso") -> SimpleNamespace:
    return SimpleNamespace(get_name=lambda: name)


def _result(result: dict[str, Any], **fields: Any) -> SimpleNamespace:
    return SimpleNamespace(host=_host(), task=_task(**fields), result=result)


def _stats(**failures: int) -> SimpleNamespace:
    return SimpleNamespace(failures=failures, dark={})


def _play(*tasks: SimpleNamespace, **own: str) -> SimpleNamespace:
    block = SimpleNamespace(block=list(tasks), rescue=[], always=[])
    variables = {"ansible_play_hosts_all": ["contoso"], "ansible_play_batch": ["contoso"], **own}
    manager = SimpleNamespace(get_vars=lambda play: variables)
    outer = SimpleNamespace(block=[block], rescue=[], always=[])
    return SimpleNamespace(
        compile=lambda: [outer],
        get_ds=lambda: {"vars": own},
        get_variable_manager=lambda: manager,
        vars=own,
    )


@pytest.fixture
def callback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CallbackModule:
    """A callback of a dry run that writes to `tmp_path`."""
    monkeypatch.setattr(context, "CLIARGS", {"check": True})
    plugin = CallbackModule()
    plugin._plugin_options = {"folder": str(tmp_path), "title": "Title"}
    return plugin


def _run(callback: CallbackModule, *tasks: SimpleNamespace) -> None:
    play = _play(*tasks)
    callback.v2_playbook_on_start(
        SimpleNamespace(_file_name="/srv/move.yml", get_plays=lambda: [play])
    )
    callback.v2_playbook_on_play_start(play)


def _plan(folder: Path, tenant: str = "contoso") -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "check" / f"{tenant}.json").read_text("utf-8"))
    return content


def test_changes_of_a_task_make_a_plan(callback: CallbackModule, tmp_path: Path) -> None:
    _run(callback, _task())
    callback.v2_runner_on_start(_host(), _task())
    callback.v2_runner_on_ok(_result({"changed": True, "changes": [_CHANGE]}))
    callback.v2_playbook_on_stats(_stats())

    plan = _plan(tmp_path)
    assert plan["changes"] == [_CHANGE]
    assert (plan["playbook"], plan["mode"], plan["complete"]) == ("move.yml", "check", True)


def test_step_is_called_what_the_playbook_calls_it(
    callback: CallbackModule, tmp_path: Path
) -> None:
    _run(callback, _task())
    callback.v2_runner_on_failed(_result({"msg": "no"}))
    callback.v2_playbook_on_stats(_stats(contoso=1))

    assert _plan(tmp_path)["failures"][0]["step"] == "Publish for {{ inventory_hostname }}"


def test_gate_is_told_on_the_screen_apart_from_what_is_incomplete(
    callback: CallbackModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(callback._display, "warning", told.append)
    _run(callback, _task())
    error = {"kind": "gate", "problem": "no consent", "advice": "Give it."}
    callback.v2_runner_on_failed(_result({"msg": "no consent", "error": error}))
    callback.v2_playbook_on_stats(_stats(contoso=1))

    (warning,) = told
    assert "1 of 1 tenants wait at a gate" in warning
    assert warning.endswith("contoso")


def test_index_is_open_while_the_run_goes_on(callback: CallbackModule, tmp_path: Path) -> None:
    _run(callback, _task())
    callback.v2_runner_on_start(_host(), _task())

    index = json.loads((tmp_path / "check" / "index.json").read_text("utf-8"))
    assert index["ended"] is None


def test_message_of_a_task_with_no_log_is_not_read(
    callback: CallbackModule, tmp_path: Path
) -> None:
    foreign = {"action": "ansible.builtin.command", "resolved_action": "ansible.builtin.command"}
    _run(callback, _task())
    callback.v2_runner_on_failed(_result({"msg": "secret"}, no_log=True))
    callback.v2_runner_on_failed(_result({"msg": "secret"}, no_log=True, **foreign))
    callback.v2_runner_on_unreachable(_result({"msg": "secret"}, no_log=True))
    callback.v2_playbook_on_stats(_stats(contoso=1))

    assert len(_plan(tmp_path)["failures"]) == 3
    for file in (tmp_path / "check").iterdir():
        assert "secret" not in file.read_text("utf-8")


@pytest.mark.parametrize("setting", ["any_errors_fatal", "run_once"])
def test_failure_that_ends_the_play_for_all_is_known(
    callback: CallbackModule, tmp_path: Path, setting: str
) -> None:
    _run(callback, _task())
    callback.v2_runner_on_ok(_result({"changed": False, "changes": []}))
    callback.v2_runner_on_failed(
        _result({"msg": "no"}, **{"action": "ping", "resolved_action": "ping", setting: True})
    )
    callback.v2_playbook_on_stats(_stats())

    assert _plan(tmp_path)["complete"] is False


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"action": "dns_txt"}, True),
        ({"action": "{{ which }}", "resolved_action": None}, False),
        ({"action": "ping", "resolved_action": "ansible.builtin.ping"}, False),
        ({"action": "x", "resolved_action": "tenantops.migrations.x"}, False),
    ],
)
def test_tasks_of_the_collection_are_recognised(fields: dict[str, Any], expected: bool) -> None:
    assert change_plan._is_ours(_task(**fields)) is expected


def test_role_of_the_collection_that_is_included_counts_before_it_runs() -> None:
    include = {"action": "ansible.builtin.include_role", "resolved_action": "x"}

    assert change_plan._has_steps(
        _play(_task(**include, args={"name": "tenantops.migration.domain_txt"}))
    )
    assert not change_plan._has_steps(_play(_task(**include, args={"name": "somebody.elses.role"})))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/project/move.yml", "move.yml"),
        ("/srv/playbooks/move.yml", "move.yml"),
        (
            "/usr/share/ansible/collections/ansible_collections/tenantops/migration/playbooks/migrate.yml",
            "tenantops.migration.migrate",
        ),
    ],
)
def test_playbook_of_a_collection_goes_by_its_full_name(path: str, name: str) -> None:
    assert change_plan._playbook_name(Path(path)) == name


def _run_in_parts(callback: CallbackModule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin a playbook that is a dry run, something else, and the run: as far as the dry run."""
    monkeypatch.setattr(context, "CLIARGS", {"check": False})
    course = {"tenantops_playbook": "migrate"}
    dry, real = (_play(_task(), tenantops_part=part, **course) for part in ("dry_run", "real_run"))
    between = _play(_task(action="debug", resolved_action="ansible.builtin.debug"))
    plays = [between, dry, between, real, between]
    callback.v2_playbook_on_start(
        SimpleNamespace(_file_name="/srv/apply.yml", get_plays=lambda: plays)
    )
    callback.v2_playbook_on_play_start(between)
    callback.v2_playbook_on_play_start(dry)
    callback.v2_runner_on_ok(_result({"changed": True, "changes": [_CHANGE]}))


def test_part_is_written_as_soon_as_it_has_ended(
    callback: CallbackModule, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _run_in_parts(callback, monkeypatch)
    callback.v2_playbook_on_play_start(_play())

    plan = _plan(tmp_path)
    assert plan["changes"] == [_CHANGE]
    assert (plan["playbook"], plan["mode"]) == ("tenantops.migration.migrate", "check")
    assert not (tmp_path / "apply").exists()


def test_each_part_has_its_own_changes(
    callback: CallbackModule, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _run_in_parts(callback, monkeypatch)
    made = {**_CHANGE, "after": "MS=ms2"}
    callback.v2_playbook_on_play_start(_play())
    callback.v2_playbook_on_play_start(
        _play(_task(), tenantops_part="real_run", tenantops_playbook="migrate")
    )
    callback.v2_runner_on_ok(_result({"changed": True, "changes": [made]}, check_mode=False))
    callback.v2_playbook_on_play_start(_play())
    # What fails for a tenant between or after the parts is no part of any.
    callback.v2_runner_on_failed(_result({"msg": "left alone"}, action="fail", resolved_action=""))
    callback.v2_playbook_on_stats(_stats(contoso=1))

    assert _plan(tmp_path)["changes"] == [_CHANGE]
    applied = json.loads((tmp_path / "apply" / "contoso.json").read_text("utf-8"))
    assert applied["changes"] == [made]
    assert (applied["mode"], applied["complete"]) == ("apply", True)


def test_tenant_for_which_something_else_failed_in_a_part_is_incomplete(
    callback: CallbackModule, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rescued or not: Ansible does not tell before the end of everything."""
    _run_in_parts(callback, monkeypatch)
    callback.v2_runner_on_failed(_result({"msg": "no"}, action="assert", resolved_action="assert"))
    callback.v2_playbook_on_play_start(_play())

    assert _plan(tmp_path)["complete"] is False


def test_module_over_the_fleet_is_a_step_of_no_tenant(
    callback: CallbackModule, tmp_path: Path
) -> None:
    action = "tenantops.migration.fleet_plan_pin"
    task = _task(action=action, resolved_action="tenantops.migration.in_worker")
    _run(callback, task)
    callback.v2_runner_on_start(_host(), task)
    callback.v2_runner_on_ok(_result({"changed": True}, action=action, resolved_action=action))
    callback.v2_playbook_on_stats(_stats())

    assert not (tmp_path / "check").exists()
