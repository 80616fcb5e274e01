# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan, approve, apply over several tenants: what was approved is made, and nothing else.

The modules fleet_plan_pin, fleet_plan_approve, fleet_plan_fetch and fleet_plan_compare as the
playbooks use them.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.archive import (
    Archive,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.records import (
    Application,
)
from ansible_collections.tenantops.migration.plugins.module_utils._plan_store.opening import (
    open_store,
)
from lab.description import Description

from .playbooks import DEMO_TENANTS, Finished, Operator
from .truth import Truth

RUN = "monday"
OTP = "email_method/allow_external_id_to_use_email_otp"


@dataclass(frozen=True)
class Fleet:
    """An operator with a plan store, and what the playbooks are told each time."""

    operator: Operator
    truth: Truth
    store: Path

    def plan(self, *arguments: str, **variables: Any) -> Finished:
        return told_well(self.operator.run("plan", *arguments, **self._given(variables)))

    def approve(self, **variables: Any) -> Finished:
        given = self._given({"tenantops_approver": "anna.berg@contoso.test", **variables})
        return told_well(self.operator.run("approve", **given))

    def apply(self, *arguments: str, **variables: Any) -> Finished:
        return told_well(self.operator.run("apply", *arguments, **self._given(variables)))

    def _given(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {
            "tenantops_plan_store": str(self.store),
            "tenantops_fleet_run": RUN,
            **variables,
        }


def told_well(finished: Finished) -> Finished:
    assert "Traceback" not in finished.output
    return finished


@pytest.fixture
def fleet(clean_lab: Description, tmp_path: Path) -> Fleet:
    store = tmp_path / "store"
    store.mkdir()
    return Fleet(Operator(clean_lab, tmp_path), Truth(clean_lab), store)


def stats(finished: Finished) -> dict[str, str]:
    """What the job hands on to the next one."""
    _everything_else, _heading, told = finished.output.partition("CUSTOM STATS:")
    return dict(re.findall(r"(tenantops_\w+): (\w+)", told))


def made(finished: Finished) -> dict[str, int]:
    """How many changes each tenant has in the part that may write."""
    return {tenant: len(changes) for tenant, changes in finished.changes("apply").items()}


def test_a_tenant_that_moved_is_left_alone_and_the_others_are_applied(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whatever is done twice changes nothing the second time."""
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "1")
    truth, start = fleet.truth, fleet.truth.everything()
    planned = fleet.plan(tenantops_hosts="tenants:northwind")
    assert planned.exit_code != 0  # northwind's credentials are wrong
    assert "No plan for northwind: Its plan is not complete" in planned.output
    handed_on = stats(planned)
    assert sorted(handed_on) == [
        "tenantops_fleet_run",
        *(f"tenantops_plan_sha256_{tenant}" for tenant in DEMO_TENANTS),
    ]
    approved = fleet.approve(**handed_on)
    assert approved.exit_code == 0, approved.output
    assert "incomplete" not in approved.output
    assert "changed=0" in fleet.approve(**handed_on).output
    assert truth.everything() == start
    assert not fleet.operator.journal.exists()
    truth.cloud("PUT", f"/state/tenants/fabrikam/{OTP}", "default")
    moved = truth.everything()

    dry = fleet.apply("--check", tenantops_hosts="tenants:northwind", **handed_on)
    due = dry.changes("check")
    assert set(due) == {"contoso", "fourthcoffee"}
    assert truth.everything() == moved
    applied = fleet.apply(tenantops_hosts="tenants:northwind", **handed_on)

    assert applied.exit_code != 0  # for fabrikam
    assert "Left alone: northwind: It has no plan in this run" in applied.output
    assert "approved disabled -> enabled, now default -> enabled" in applied.output
    assert made(applied) == {"contoso": 2, "fourthcoffee": 3}
    assert applied.changes("apply") == due
    now = truth.everything()
    assert now["email_otp"] == {**moved["email_otp"], "fourthcoffee": "enabled"}
    assert {"contoso.test", "fourthcoffee.test"} <= set(now["suffixes"])
    assert "fabrikam.test" not in now["suffixes"]
    assert now["txt"]["fabrikam"] == moved["txt"]["fabrikam"]

    again = fleet.apply(tenantops_hosts="contoso,fourthcoffee", **handed_on)
    assert again.exit_code == 0, again.output
    assert "2 are already applied" in again.output
    assert truth.everything() == now


def test_a_part_is_approved_and_an_application_that_was_cut_short_goes_on(fleet: Fleet) -> None:
    """With blank answers of a survey, a store in Git, and a tenant that fails the second look."""
    truth, start = fleet.truth, fleet.truth.everything()
    repository = fleet.store / "plans.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True)
    store = {"tenantops_plan_store": f"git+file://{repository}#fleet"}
    blank = dict.fromkeys(
        (
            "tenantops_course",
            "tenantops_hosts",
            "tenantops_plan_lifetime",
            "tenantops_plans_kept",
            "tenantops_plan_store_token",
            "tenantops_plan_store_ca_path",
            "tenantops_approval_expires",
        ),
        "",
    )
    assert fleet.plan(**store, **blank).exit_code == 0
    assert truth.everything() == start

    nobody = fleet.approve(tenantops_approved_tenants=[], **store, **blank)
    assert "nothing is approved" in nobody.output
    two = fleet.approve(tenantops_approved_tenants="contoso\nfourthcoffee", **store, **blank)
    assert "approves the plans of 2 tenants" in two.output
    # What an application notes before it begins, when it is killed after it has done a part.
    note_application(store["tenantops_plan_store"], ["contoso", "fourthcoffee"])
    truth.cloud("PUT", f"/state/tenants/fourthcoffee/{OTP}", "enabled")

    wrong = {"tenant_entra_client_secret": "wrong"}
    inventory = fleet.operator.folder / "contoso.yml"
    inventory.write_text(json.dumps({"tenants": {"hosts": {"contoso": wrong}}}))
    applied = fleet.apply(f"--inventory={inventory}", **store, **blank)

    assert applied.exit_code != 0  # for contoso, whose credentials are wrong by now
    assert "Left alone: fabrikam: Nobody approved its plan." in applied.output
    assert "Not applied, since its dry run is not complete: contoso" in applied.output
    assert made(applied) == {"fourthcoffee": 2}
    now = truth.everything()
    assert "fourthcoffee.test" in now["suffixes"]
    assert not {"contoso.test", "fabrikam.test"} & set(now["suffixes"])


def note_application(store: str, tenants: list[str]) -> None:
    options = {"store": store, "store_token": None, "store_ca_path": None}
    record = Application(RUN, datetime.now(UTC), tuple(tenants))
    open_store(options).perform(lambda documents: Archive(documents).add_application(record))


@pytest.mark.parametrize(
    ("playbook", "variables", "told"),
    [
        ("plan", {"tenantops_course": "assess_domains"}, "which is no course that can be planned"),
        ("apply", {"tenantops_course": "rollback"}, "which is no course that can be planned"),
        ("plan", {"tenantops_hosts": "nobody"}, "The inventory has no host in nobody"),
        ("apply", {"tenantops_fleet_run": ""}, "The plan run is not named"),
        ("approve", {"tenantops_approver": ""}, "Nobody is named who approves"),
        ("plan", {"tenantops_plan_store": ""}, "No plan store is given"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything(
    fleet: Fleet, playbook: str, variables: dict[str, Any], told: str
) -> None:
    run = {"plan": fleet.plan, "approve": fleet.approve, "apply": fleet.apply}[playbook]
    finished = run(**variables)
    assert finished.exit_code != 0
    assert told in " ".join(finished.output.split())
    assert list(fleet.store.iterdir()) == []
    assert "Work on the tenants" not in finished.output
