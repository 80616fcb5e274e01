# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Mode,
    Report,
    Step,
    Tenant,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.recorder import (
    NO_RESULT,
    NOT_REACHED,
    Ending,
    Recorder,
)

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_STEP = Step("Publish", "dns_txt", "domain_txt")


def _recorder(*hosts: str) -> Recorder:
    recorder = Recorder("Title", Mode.APPLY, _NOW)
    recorder.playbook("move.yml", has_steps=True)
    recorder.play(hosts, hosts, has_steps=True)
    return recorder


def _tenant(report: Report, name: str) -> Tenant:
    return next(tenant for tenant in report.tenants if tenant.name == name)


def test_step_without_a_result_is_a_gap() -> None:
    recorder = _recorder("contoso")
    recorder.step_started("contoso", "task-1", _STEP)

    contoso = _tenant(recorder.report(_NOW), "contoso")

    assert contoso.gaps == [f"domain_txt: Publish: {NO_RESULT}"]
    assert contoso.steps[_STEP].label == "unknown"
    assert contoso.outcome == "incomplete"


def test_report_can_be_made_again_and_is_the_same() -> None:
    recorder = _recorder("contoso")
    recorder.step_started("contoso", "task-1", _STEP)

    assert recorder.report(_NOW) == recorder.report(_NOW)


def test_host_that_went_through_without_our_tasks_is_complete() -> None:
    assert _tenant(_recorder("contoso").report(_NOW), "contoso").complete


def test_host_that_was_lost_before_our_tasks_is_not() -> None:
    recorder = _recorder("contoso")
    recorder.failed_elsewhere("contoso", "Ping", "ping", {"msg": "no answer"}, unreachable=True)

    contoso = _tenant(recorder.report(_NOW, lost={"contoso"}), "contoso")

    assert contoso.gaps == [NOT_REACHED]
    assert contoso.outcome == "unreachable"


def test_failure_of_another_task_that_was_rescued_does_not_matter() -> None:
    recorder = _recorder("contoso")
    recorder.failed_elsewhere("contoso", "Try", "command", {"msg": "no"}, unreachable=False)

    assert _tenant(recorder.report(_NOW), "contoso").complete


def test_own_failure_that_was_rescued_still_leaves_changes_unknown() -> None:
    recorder = _recorder("contoso")
    recorder.step_started("contoso", "task-1", _STEP)
    recorder.step_ended("contoso", "task-1", _STEP, {"msg": "no"}, Ending(failed=True))

    contoso = _tenant(recorder.report(_NOW), "contoso")

    assert not contoso.complete
    assert contoso.failures[0].ignored


def test_unreachable_step_is_told_apart_from_a_failed_one() -> None:
    recorder = _recorder("contoso")
    recorder.step_started("contoso", "task-1", _STEP)
    recorder.step_unreachable("contoso", "task-1", _STEP, {"msg": "no route"}, Ending())

    contoso = _tenant(recorder.report(_NOW, lost={"contoso"}), "contoso")

    assert contoso.outcome == "unreachable"
    assert contoso.steps[_STEP].label == "unreachable"
    assert contoso.failures[0].message == "no route"


def test_what_a_failed_step_says_it_changed_is_in_the_plan() -> None:
    change = Change(System.AD, "directory_object", "id", "n", "mail", Action.REPLACE, "a", "b")
    result = {"failed": True, "msg": "1 of 2 failed.", "changes": [change.to_json()]}
    recorder = _recorder("contoso")
    recorder.step_started("contoso", "task", _STEP)
    recorder.step_ended("contoso", "task", _STEP, result, Ending(failed=True))
    tenant = _tenant(recorder.report(_NOW, lost=["contoso"]), "contoso")
    assert tenant.changes == [change]
    assert [failure.message for failure in tenant.failures] == ["1 of 2 failed."]
    assert not tenant.complete
    assert tenant.count(_STEP).label == "failed, 1 change"


_GATE = {
    "failed": True,
    "msg": "The domain is owned by another tenant. Ask its owner.",
    "error": {"kind": "gate", "problem": "The domain is owned by another tenant"},
}


def test_gate_is_no_failure_and_leaves_the_plan_incomplete() -> None:
    recorder = _recorder("contoso")
    recorder.step_ended("contoso", "task", _STEP, _GATE, Ending(failed=True))

    contoso = _tenant(recorder.report(_NOW, lost={"contoso"}), "contoso")

    assert contoso.failures == []
    assert [(gate.step, gate.ignored) for gate in contoso.gates] == [("domain_txt: Publish", False)]
    assert (contoso.outcome, contoso.complete) == ("at a gate", False)
    assert contoso.steps[_STEP].label == "open gate"
    assert contoso.steps[_STEP].is_trouble


def test_items_of_a_loop_have_each_a_gate_of_their_own() -> None:
    recorder = _recorder("contoso")
    result = {"msg": "one or more items failed", "results": [_GATE, {"changes": []}, _GATE]}
    recorder.step_ended("contoso", "task", _STEP, result, Ending(failed=True))

    contoso = _tenant(recorder.report(_NOW, lost={"contoso"}), "contoso")

    assert len(contoso.gates) == 2
    assert contoso.failures == []
    assert contoso.steps[_STEP].label == "2 open gates"


def test_gate_that_the_playbook_went_past_is_still_open() -> None:
    recorder = _recorder("contoso")
    recorder.step_ended("contoso", "task", _STEP, _GATE, Ending(failed=True))

    contoso = _tenant(recorder.report(_NOW), "contoso")

    assert [gate.ignored for gate in contoso.gates] == [True]
    assert not contoso.complete


def test_failure_beside_a_gate_is_what_the_tenant_is_told_by() -> None:
    recorder = _recorder("contoso")
    recorder.step_ended("contoso", "task", _STEP, _GATE, Ending(failed=True))
    recorder.step_ended("contoso", "task-2", _STEP, {"msg": "no"}, Ending(failed=True))

    contoso = _tenant(recorder.report(_NOW, lost={"contoso"}), "contoso")

    assert contoso.outcome == "failed"
    assert contoso.steps[_STEP].label == "failed, open gate"


def test_directory_and_conflicts_are_kept_with_their_tenant() -> None:
    change = {
        "system": "ad",
        "resource": "directory_object",
        "id": "1",
        "name": "CN=Jane",
        "property": "mail",
        "action": "replace",
        "before": "a",
        "after": "b",
        "rule": None,
        "reversible": True,
    }
    summary = {
        "objects_read": 2,
        "in_scope": 1,
        "with_findings": 0,
        "searched": "corp.example",
        "skipped": {},
        "severities": {},
        "rules": {},
        "address_list_fields": {},
    }
    recorder = _recorder("contoso")
    recorder.step_ended("contoso", "task-1", _STEP, {"summary": summary}, Ending())
    conflict = {"change": change, "found": "c", "reason": "somebody changed it since"}
    recorder.step_ended(
        "contoso", "task-2", _STEP, {"changes": [], "conflicts": [conflict]}, Ending()
    )

    contoso = _tenant(recorder.report(_NOW), "contoso")

    assert [label for label, _assessment in contoso.assessments] == ["domain_txt: Publish"]
    assert contoso.assessment is not None
    assert contoso.assessment.objects_read == 2
    assert [(left.found, left.reason) for left in contoso.conflicts] == [
        ("c", "somebody changed it since")
    ]
    assert contoso.complete
