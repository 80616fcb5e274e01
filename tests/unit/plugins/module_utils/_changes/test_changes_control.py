# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotApproved,
    TooManyChanges,
)

CHANGE = Change(System.AD, "forest", "g", "contoso", "uPNSuffixes", Action.ADD, None, "a.test")
PLAN = Plan("contoso", "migrate.yml", "check", (CHANGE,)).to_json()


def control(**options: Any) -> ChangeControl:
    unset = dict.fromkeys(("approved_plan", "max_changes", "journal", "tenant", "run"))
    return ChangeControl.from_parameters(unset | options)


def test_without_options_everything_is_allowed_and_nothing_is_written_down() -> None:
    everything = control()
    everything.admit([CHANGE] * 1000, scope=1)
    with everything.journalled("dc1", [CHANGE]):
        pass
    assert everything == ChangeControl()


@pytest.mark.parametrize("form", ["content", "text", "path"])
def test_an_approved_plan_in_each_of_its_forms(form: str, tmp_path: Path) -> None:
    text = json.dumps(PLAN)
    path = tmp_path / "plan.json"
    path.write_text(text)
    approved = control(approved_plan={"content": PLAN, "text": text, "path": str(path)}[form])
    approved.admit([CHANGE], scope=1)
    with pytest.raises(NotApproved, match=r"add uPNSuffixes of contoso: \(none\) -> b\.test"):
        approved.admit([CHANGE, replace(CHANGE, after="b.test")], scope=2)


def test_the_plan_of_another_tenant_is_refused() -> None:
    control(approved_plan=PLAN, tenant="contoso")
    with pytest.raises(NotApproved, match="fabrikam"):
        control(approved_plan=PLAN, tenant="fabrikam")


@pytest.mark.parametrize("plan", [5, [], True])
def test_a_plan_of_another_type_is_refused(plan: object) -> None:
    with pytest.raises(NotApproved):
        control(approved_plan=plan)


def test_many_deviations_are_counted_and_the_first_are_shown() -> None:
    changes = [replace(CHANGE, after=f"{number}.test") for number in range(25)]
    with pytest.raises(NotApproved) as caught:
        control(approved_plan=PLAN).admit(changes, scope=25)
    assert "25 changes are not in the approved plan" in str(caught.value)
    assert "19.test; and 5 more" in str(caught.value)


def test_the_limit_is_checked() -> None:
    control(max_changes="1").admit([CHANGE], scope=1)
    with pytest.raises(TooManyChanges):
        control(max_changes="10%").admit([CHANGE], scope=9)


def test_an_unusable_limit_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput):
        control(max_changes="all")


@pytest.mark.parametrize("options", [{}, {"tenant": "contoso"}, {"run": "1"}])
def test_a_journal_needs_a_tenant_and_a_run(options: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="tenant and run"):
        control(journal="/journal", **options)


def test_the_journal_lies_under_tenant_and_run(tmp_path: Path) -> None:
    with control(journal=str(tmp_path), tenant="contoso", run="1").journalled("dc1", [CHANGE]):
        pass
    (write,) = read_journal(tmp_path / "contoso" / "1.jsonl")
    assert (write.target, write.changes, write.outcome) == ("dc1", (CHANGE,), "made")
