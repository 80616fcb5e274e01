# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback in real playbook runs, with a stand-in for a module: it returns what it is given."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.callback import change_plan
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import load_plan

_PLUGINS = Path(change_plan.__file__).parent.parent

# Returns its argument `result`, in a dry run and in a run, as a real module would its own.
_STAND_IN = """
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        return {**super().run(tmp, task_vars), **self._task.args["result"]}
"""

_PLAYBOOK = """
- name: Look around first
  hosts: all
  gather_facts: false
  tasks:
    - name: Say something
      ansible.builtin.debug:
        msg: nothing of ours
    - name: The first server answers
      ansible.builtin.assert:
        that: inventory_hostname != 'adventure-works'
        fail_msg: the server does not answer

- name: Prepare the controller
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Make a folder
      ansible.builtin.debug:
        msg: nothing of ours

- name: Migrate
  hosts: tenants
  gather_facts: false
  tasks:
    - name: Publish for {{ inventory_hostname }}
      tenantops.migration.dns_txt:
        result: "{{ first }}"
    - name: Publish several
      tenantops.migration.dns_txt:
        result: "{{ item }}"
      loop: "{{ several | default([]) }}"
    - name: Publish where wanted
      tenantops.migration.dns_txt:
        result: {changed: false, changes: []}
      when: wanted | default(false)
    - name: Look only
      tenantops.migration.dns_txt:
        result: {changed: true, changes: ["{{ looked_at }}"]}
      check_mode: true
      when: looked_at is defined
    - name: Really do
      tenantops.migration.dns_txt:
        result: {changed: true, changes: ["{{ really_done }}"]}
      check_mode: false
      when: really_done is defined
    - name: Keep to ourselves
      tenantops.migration.dns_txt:
        result: "{{ kept }}"
      no_log: true
      when: kept is defined
    - name: Forgive
      tenantops.migration.dns_txt:
        result: "{{ forgiven }}"
      failed_when: false
      when: forgiven is defined
    - name: Try again
      tenantops.migration.dns_txt:
        result: {changed: true, changes: ["{{ again }}"]}
      register: tried
      until: tried.attempts | default(1) | int > 1
      retries: 2
      delay: 0
      when: again is defined
"""


def _change(value: str, **fields: Any) -> dict[str, Any]:
    return {
        "system": "dns",
        "resource": "txt_rrset",
        "id": "fabrikam.test fabrikam.test",
        "name": "fabrikam.test",
        "property": "TXT",
        "action": "add",
        "before": None,
        "after": value,
        "rule": None,
        "reversible": True,
        **fields,
    }


def _changed(*values: str) -> dict[str, Any]:
    return {"changed": True, "changes": [_change(value) for value in values]}


_SECRET = "S3cr3t-of-a-task"
_REFUSED = {
    "failed": True,
    "msg": "The server refuses (answer: REFUSED).",
    "error": {"kind": "refused", "problem": "The server refuses", "answer": "REFUSED"},
    "invocation": {"module_args": {"dns_key_secret": _SECRET}},
}

# The tenants, each one story.
_HOSTS: dict[str, dict[str, Any]] = {
    "fabrikam": {"first": _changed("a"), "several": [_changed("b"), _changed("c")]},
    "contoso": {"first": {"changed": False, "changes": []}},
    "northwind": {"first": _REFUSED},
    "tailspin": {"first": _changed("a"), "several": [_changed("b"), _REFUSED]},
    "adventure-works": {"first": _changed("never")},
    "wingtip": {
        "first": _changed("a"),
        "looked_at": _change("looked at"),
        "really_done": _change("really done"),
    },
    "litware": {"first": _changed("a"), "kept": {**_changed(_SECRET), "msg": _SECRET}},
    "proseware": {"first": _changed("a"), "forgiven": _REFUSED},
    "../lucerne": {"first": _changed("a")},
    "woodgrove": {"first": {"changed": True, "changes": [{"system": "carrier pigeon"}]}},
    "cohovineyard": {"first": _changed("a"), "again": _change("again")},
}


@dataclass
class Run:
    """A finished ansible-playbook."""

    exit_code: int
    output: str
    folder: Path

    def index(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "index.json").read_text("utf-8"))
        return content

    def plan(self, tenant: str) -> dict[str, Any]:
        file = self.folder / self.index()["tenants"][tenant]["file"]
        content: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return content

    def after(self, tenant: str) -> list[str]:
        return [change["after"] for change in self.plan(tenant)["changes"]]


class Project:
    """A collection with the real callback and a stand-in for a module, an inventory, a playbook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        plugins = folder / "collections/ansible_collections/tenantops/migration/plugins"
        (plugins / "action").mkdir(parents=True)
        (plugins / "action" / "dns_txt.py").write_text(_STAND_IN)
        for kind in ("callback", "plugin_utils", "module_utils"):
            shutil.copytree(
                _PLUGINS / kind, plugins / kind, ignore=shutil.ignore_patterns("__pycache__")
            )
        self.write(_PLAYBOOK, _HOSTS)

    def write(self, playbook: str, hosts: dict[str, dict[str, Any]]) -> None:
        inventory = {"tenants": {"hosts": hosts}, "ungrouped": {"hosts": {"localhost": {}}}}
        (self.folder / "hosts.json").write_text(json.dumps(inventory))
        (self.folder / "move.yml").write_text(playbook)

    def run(self, *arguments: str, folder: Path | None = None) -> Run:
        report = folder or self.folder / "report"
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_CALLBACKS_ENABLED": "tenantops.migration.change_plan",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_CONFIG": str(self.folder / "none.cfg"),
            "TENANTOPS_REPORT_FOLDER": str(report),
        }
        command = [sys.executable, "-m", "ansible.cli.playbook", "-i", "hosts.json", "-c", "local"]
        result = subprocess.run(
            [*command, "move.yml", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        mode = "check" if "--check" in arguments else "apply"
        return Run(result.returncode, result.stdout + result.stderr, report / mode)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def dry_run(project: Project) -> Run:
    return project.run("--check")


@pytest.fixture(scope="module")
def real_run(project: Project, dry_run: Run) -> Run:
    return project.run()


def test_plan_holds_the_changes_of_tasks_and_of_loop_items(dry_run: Run) -> None:
    plan = dry_run.plan("fabrikam")

    assert dry_run.after("fabrikam") == ["a", "b", "c"]
    assert (plan["tenant"], plan["playbook"], plan["mode"]) == ("fabrikam", "move.yml", "check")
    assert plan["complete"] is True
    assert "failures" not in plan


def test_plan_is_one_that_the_modules_accept(dry_run: Run) -> None:
    plan = load_plan(str(dry_run.folder / "fabrikam.json"))

    assert len(plan.changes) == 3
    assert plan.to_json()["sha256"] == dry_run.index()["tenants"]["fabrikam"]["sha256"]


def test_run_makes_the_same_file_in_its_own_folder(dry_run: Run, real_run: Run) -> None:
    planned, applied = dry_run.plan("fabrikam"), real_run.plan("fabrikam")

    assert {**planned, "mode": "apply"} == applied


def test_index_covers_the_hosts_that_were_to_run_our_tasks(dry_run: Run) -> None:
    index = dry_run.index()

    assert set(index["tenants"]) == set(_HOSTS)  # and not localhost
    assert (index["format"], index["playbook"], index["mode"]) == (1, "move.yml", "check")
    assert index["started"] <= index["ended"]
    assert index["complete"] is False
    entry = dict(index["tenants"]["fabrikam"])
    ended = {index["steps"][each.pop("step")]["name"]: each for each in entry.pop("steps")}
    assert ended["Publish for {{ inventory_hostname }}"] == {"ok": 1, "changes": 1}
    assert ended["Publish several"] == {"ok": 2, "changes": 2}
    assert ended["Publish where wanted"] == {"skipped": 1}
    assert entry == {
        "file": "fabrikam.json",
        "sha256": dry_run.plan("fabrikam")["sha256"],
        "changes": 3,
        "changes_by_system": {"dns": {"add": 3}},
        "failed": 0,
        "unreachable": False,
        "complete": True,
    }


def test_tenant_without_changes_has_a_complete_and_empty_plan(dry_run: Run) -> None:
    assert dry_run.after("contoso") == []
    assert dry_run.plan("contoso")["complete"] is True


def test_failure_is_told_with_its_message_and_error(dry_run: Run) -> None:
    plan = dry_run.plan("northwind")

    assert plan["complete"] is False
    assert plan["failures"] == [
        {
            "step": "Publish for {{ inventory_hostname }}",
            "action": "dns_txt",
            "msg": "The server refuses (answer: REFUSED).",
            "error": _REFUSED["error"],
            "unreachable": False,
            "ignored": False,
        }
    ]


def test_changes_beside_a_failed_loop_item_are_kept(real_run: Run) -> None:
    assert real_run.after("tailspin") == ["a", "b"]
    assert real_run.plan("tailspin")["complete"] is False


def test_failure_before_our_first_task_leaves_an_incomplete_plan(dry_run: Run) -> None:
    plan = dry_run.plan("adventure-works")

    assert plan["changes"] == []
    assert plan["complete"] is False
    assert [failure["msg"] for failure in plan["failures"]] == ["the server does not answer"]


def test_failure_that_the_playbook_declares_none_leaves_an_incomplete_plan(dry_run: Run) -> None:
    plan = dry_run.plan("proseware")

    assert plan["complete"] is False
    assert [failure["ignored"] for failure in plan["failures"]] == [True]


def test_nothing_is_read_of_a_task_with_no_log(dry_run: Run, real_run: Run) -> None:
    for run in (dry_run, real_run):
        plan = run.plan("litware")

        assert run.after("litware") == ["a"]
        assert plan["complete"] is False
        assert plan["gaps"] == ["Keep to ourselves: its result is hidden by no_log."]


def test_no_argument_of_a_task_is_written(dry_run: Run, real_run: Run) -> None:
    for file in [*dry_run.folder.iterdir(), *real_run.folder.iterdir()]:
        assert _SECRET not in file.read_text("utf-8"), file


def test_changes_that_are_not_understood_are_not_taken_for_none(dry_run: Run) -> None:
    plan = dry_run.plan("woodgrove")

    assert plan["complete"] is False
    assert "does not understand" in plan["gaps"][0]


def test_task_in_the_other_mode_is_kept_out_of_the_plan(dry_run: Run, real_run: Run) -> None:
    other = {
        run.folder.name: [change["after"] for change in run.plan("wingtip")["other_mode"]]
        for run in (dry_run, real_run)
    }

    assert dry_run.after("wingtip") == ["a", "looked at"]
    assert real_run.after("wingtip") == ["a", "really done"]
    assert other == {"check": ["really done"], "apply": ["looked at"]}


def test_each_attempt_of_a_real_run_counts_and_the_last_of_a_dry_run(
    dry_run: Run, real_run: Run
) -> None:
    assert dry_run.after("cohovineyard") == ["a", "again"]
    assert real_run.after("cohovineyard") == ["a", "again", "again"]


def test_name_that_is_no_file_name_stays_in_the_folder(dry_run: Run) -> None:
    assert dry_run.index()["tenants"]["../lucerne"]["file"] == "%2E.%2Flucerne.json"
    assert dry_run.plan("../lucerne")["tenant"] == "../lucerne"


def test_files_are_for_their_owner_only(dry_run: Run) -> None:
    assert stat.S_IMODE(dry_run.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(dry_run.folder.parent.stat().st_mode) == 0o700
    files = list(dry_run.folder.iterdir())
    assert len(files) == len(_HOSTS) + 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_operator_is_told_where_the_report_is_and_what_is_incomplete(dry_run: Run) -> None:
    assert f"Report: {dry_run.folder}/report.html" in dry_run.output
    assert "change_plan: incomplete for 6 of 11 tenants" in dry_run.output


def test_part_of_the_tenants_leaves_the_files_of_others(project: Project) -> None:
    folder = project.folder / "part"
    project.run("--check", "--limit", "fabrikam,contoso", folder=folder)
    before = (folder / "check" / "contoso.json").stat()

    part = project.run("--check", "--limit", "fabrikam", folder=folder)

    assert set(part.index()["tenants"]) == {"fabrikam"}
    assert (folder / "check" / "contoso.json").stat().st_mtime_ns == before.st_mtime_ns
    assert part.exit_code == 0


def test_old_plan_is_replaced_even_if_no_play_of_ours_is_reached(project: Project) -> None:
    folder = project.folder / "replaced"
    stale = folder / "check" / "adventure-works.json"
    stale.parent.mkdir(parents=True)
    stale.write_text('{"complete": true}')

    # The only host fails in the first play, so Ansible never starts the others.
    run = project.run("--check", "--limit", "adventure-works", folder=folder)

    assert run.plan("adventure-works")["complete"] is False


def test_folder_that_cannot_be_written_is_an_error_and_fails_nothing(project: Project) -> None:
    folder = project.folder / "occupied"
    folder.write_text("a file where the folder should be")

    run = project.run("--check", "--limit", "fabrikam", folder=folder)

    assert run.exit_code == 0
    assert f"[ERROR]: change_plan: {folder}" in run.output
    assert "Report:" not in run.output


_ABORTING = """
- name: Migrate
  hosts: tenants
  gather_facts: false
  any_errors_fatal: true
  tasks:
    - name: Publish
      tenantops.migration.dns_txt:
        result: "{{ first }}"
    - name: Publish more
      tenantops.migration.dns_txt:
        result: {changed: false, changes: []}
"""


def test_tenant_that_was_stopped_for_anothers_failure_is_incomplete(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write(_ABORTING, {name: _HOSTS[name] for name in ("fabrikam", "northwind")})

    run = project.run("--check")

    assert run.after("fabrikam") == ["a"]
    assert run.plan("fabrikam")["gaps"] == [
        "The play was stopped before its end because others failed."
    ]


def test_batch_that_never_began_is_incomplete(tmp_path: Path) -> None:
    project = Project(tmp_path)
    playbook = _ABORTING.replace("any_errors_fatal: true", "serial: 1")
    project.write(playbook, {name: _HOSTS[name] for name in ("northwind", "contoso")})

    run = project.run("--check")

    assert run.plan("contoso")["gaps"] == ["No task of the collection was run for this tenant."]


def test_playbook_without_our_tasks_touches_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    playbook = _ABORTING.replace("tenantops.migration.dns_txt", "ansible.builtin.debug")
    project.write(playbook.replace("result:", "msg:"), {"fabrikam": _HOSTS["fabrikam"]})

    run = project.run("--check")

    assert run.exit_code == 0
    assert not run.folder.exists()
