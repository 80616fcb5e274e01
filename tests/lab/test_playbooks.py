# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every playbook as an operator runs it: dry run, run, second run, roll back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import DEMO_TENANTS, DOORS, ROOT, Finished, Operator
from .truth import Truth

PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
# Which tests run each as an operator does; on_tenants is the play that the others are made of.
REHEARSED = {
    "apply": "test_fleet_plans.py",
    "approve": "test_fleet_plans.py",
    "awx": "test_awx.py",
    "awx_project": "test_awx.py",
    "drift": "test_drift.py",
    "align_accounts": "test_align_accounts.py",
    "assess_accounts": "test_account_comparison.py",
    "assess_directory": "test_prepare_directory.py",
    "assess_domains": "test_assess_domains.py",
    "assess_guests": "test_assess_guests.py",
    "fleet_report": "test_fleet_report.py",
    "guest_access": "test_guest_access.py",
    "migrate": "test_playbooks.py",
    "plan": "test_fleet_plans.py",
    "prepare_directory": "test_prepare_directory.py",
    "rollback": "test_playbooks.py",
    "take_over_domain": "test_take_over_domain.py",
    "work_accounts": "test_work_accounts.py",
}

ALL_TENANTS = "tenants:broken_tenants"


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def truth(clean_lab: Description) -> Truth:
    return Truth(clean_lab)


def test_every_playbook_is_rehearsed() -> None:
    assert PLAYBOOKS - {"on_tenants"} == REHEARSED.keys()


@pytest.mark.parametrize(("playbook", "file"), REHEARSED.items())
def test_the_tests_of_a_playbook_run_it(playbook: str, file: str) -> None:
    text = Path(__file__).with_name(file).read_text(encoding="utf-8")
    assert re.search(rf'\.run\(\s*"{playbook}"|^PLAYBOOK = "{playbook}"$', text, re.MULTILINE)


def succeeded(finished: Finished) -> Finished:
    assert finished.exit_code == 0, finished.output
    return finished


def canonical(changes: list[dict[str, Any]]) -> str:
    return json.dumps(changes, sort_keys=True)


def assert_nothing_changes(finished: Finished, mode: str) -> None:
    assert finished.exit_code == 0, finished.output
    assert "changed=0" in finished.output
    assert set(finished.changes(mode)) == set(DEMO_TENANTS)
    assert not any(finished.changes(mode).values())


def assert_same_changes(dry: Finished, real: Finished) -> None:
    planned, made = dry.changes("check"), real.changes("apply")
    assert set(planned) == set(made) == set(DEMO_TENANTS)
    for tenant in planned:
        assert planned[tenant], tenant
        assert canonical(planned[tenant]) == canonical(made[tenant]), tenant
        assert dry.plan("check", tenant)["sha256"] == real.plan("apply", tenant)["sha256"]


@pytest.mark.parametrize("door", DOORS)
def test_dry_run_run_second_run_and_rollback(operator: Operator, truth: Truth, door: str) -> None:
    start = truth.everything()

    dry = succeeded(operator.run("migrate", "--check", "--diff", report="dry", door=door))
    assert truth.everything() == start
    assert not operator.journal.exists()
    real = succeeded(
        operator.run("migrate", "--diff", report="real", tenantops_run="first", door=door)
    )
    assert_same_changes(dry, real)
    assert_migrated(truth, start)
    reached = truth.everything()

    assert_nothing_changes(operator.run("migrate", report="again", door=door), "apply")
    assert_nothing_changes(operator.run("migrate", "--check", report="again", door=door), "check")
    assert truth.everything() == reached

    undo = {"tenantops_undo_run": "first", "door": door}
    dry_undo = succeeded(operator.run("rollback", "--check", "--diff", report="dry-undo", **undo))
    assert truth.everything() == reached
    real_undo = succeeded(operator.run("rollback", report="undo", tenantops_run="undo", **undo))
    assert_same_changes(dry_undo, real_undo)
    assert truth.everything() == start

    assert_nothing_changes(operator.run("rollback", report="undo-again", **undo), "apply")
    assert_nothing_changes(
        operator.run("rollback", "--check", report="undo-again", **undo), "check"
    )
    assert truth.everything() == start

    # Undoing is a run like any other, and can be undone.
    succeeded(operator.run("rollback", tenantops_undo_run="undo", door=door))
    assert truth.everything() == reached


def assert_migrated(truth: Truth, start: dict[str, Any]) -> None:
    now = truth.everything()
    lab = truth.lab
    domains = [lab.tenants[tenant]["domain"] for tenant in DEMO_TENANTS]
    assert now["suffixes"] == sorted([*start["suffixes"], *domains])
    for tenant in DEMO_TENANTS:
        proof = f'"{lab.tenants[tenant]["verification"]}"'
        was, is_ = start["txt"][tenant], now["txt"][tenant]
        assert is_["records"] == sorted([*was["records"], proof])
        assert is_["ttl"] == was["ttl"]
    assert now["email_otp"]["fourthcoffee"] == "enabled"


def test_one_tenant_s_failure_stops_no_other(operator: Operator, truth: Truth) -> None:
    for mode, arguments in (("check", ["--check"]), ("apply", [])):
        finished = operator.run("migrate", *arguments, tenantops_hosts=ALL_TENANTS)
        assert finished.exit_code != 0
        assert "Traceback" not in finished.output
        changes = finished.changes(mode)
        assert all(changes[tenant] for tenant in DEMO_TENANTS)
        for tenant in ("northwind", "tailspin"):
            assert changes[tenant] == []
            plan = finished.plan(mode, tenant)
            assert plan["complete"] is False
            assert len(plan["failures"]) == 1, plan
    # The three were moved beside the two that failed.
    now = truth.everything()
    assert "contoso.test" in now["suffixes"]
    assert now["email_otp"]["fabrikam"] == "enabled"


@pytest.mark.parametrize(
    ("role", "tenant", "kind", "told"),
    [
        ("upn_suffix", "northwind", "authentication_failed", "directory"),
        ("domain_txt", "northwind", "authentication_failed", "primary"),
        ("email_otp", "northwind", "authentication_failed", "AADSTS7000215"),
        ("upn_suffix", "tailspin", "connection_failed", "server"),
        ("domain_txt", "tailspin", "connection_failed", "server"),
        ("email_otp", "tailspin", "connection_failed", "server"),
    ],
)
def test_each_system_says_what_is_wrong(
    operator: Operator, role: str, tenant: str, kind: str, told: str
) -> None:
    """Wrong credentials and dead servers, told in a dry run already."""
    finished = operator.run("migrate", "--check", tenantops_hosts=tenant, tenantops_roles=[role])
    assert finished.exit_code != 0
    (failure,) = finished.plan("check", tenant)["failures"]
    error = failure["error"]
    assert error["kind"] == kind, error
    assert error["server"], error
    assert error["advice"], error
    assert "Traceback" not in finished.output
    if told == "AADSTS7000215":
        assert told in error["answer"]


def test_only_what_was_approved(operator: Operator, truth: Truth) -> None:
    succeeded(operator.run("migrate", "--check", report="approved"))
    plans = str(operator.folder / "approved" / "check")
    # Somebody else has moved fabrikam on: its change is another one than was approved.
    truth.cloud(
        "PUT",
        "/state/tenants/fabrikam/email_method/allow_external_id_to_use_email_otp",
        "default",
    )
    before = truth.everything()

    finished = operator.run(
        "migrate", tenantops_approved_plans=plans, tenantops_roles=["email_otp"]
    )

    assert finished.exit_code != 0
    (failure,) = finished.plan("apply", "fabrikam")["failures"]
    assert failure["error"]["kind"] == "not_approved"
    assert "default -> enabled" in failure["msg"]
    after = truth.everything()
    assert after["email_otp"]["fabrikam"] == before["email_otp"]["fabrikam"] == "default"
    assert after["email_otp"]["fourthcoffee"] == "enabled"


def test_an_altered_plan_is_refused(operator: Operator, truth: Truth) -> None:
    succeeded(operator.run("migrate", "--check", report="approved"))
    folder = operator.folder / "approved" / "check"
    for path in folder.glob("*.json"):
        path.write_text(path.read_text().replace('"enabled"', '"disabled"'))
    before = truth.everything()
    finished = operator.run(
        "migrate",
        tenantops_approved_plans=str(folder),
        tenantops_hosts="fourthcoffee",
        tenantops_roles=["email_otp"],
    )
    assert finished.exit_code != 0
    (failure,) = finished.plan("apply", "fourthcoffee")["failures"]
    assert "altered" in failure["msg"]
    assert truth.everything() == before


@pytest.mark.parametrize("limit", ["0", "0%"])
def test_a_limit_stops_before_the_first_write(operator: Operator, truth: Truth, limit: str) -> None:
    before = truth.everything()
    finished = operator.run("migrate", tenantops_max_changes=limit)
    assert finished.exit_code != 0
    for tenant in DEMO_TENANTS:
        (failure,) = finished.plan("apply", tenant)["failures"]
        assert failure["error"]["kind"] == "too_many_changes"
    assert truth.everything() == before
    assert not operator.journal.exists()


def test_rollback_leaves_alone_what_somebody_changed(operator: Operator, truth: Truth) -> None:
    start = truth.everything()
    succeeded(operator.run("migrate", tenantops_run="first", tenantops_hosts="fabrikam"))
    # An administrator has other ideas about one of the three.
    truth.cloud(
        "PUT",
        "/state/tenants/fabrikam/email_method/allow_external_id_to_use_email_otp",
        "default",
    )

    undo = {"tenantops_undo_run": "first", "tenantops_hosts": "fabrikam"}
    dry = succeeded(operator.run("rollback", "--check", report="dry", **undo))
    real = succeeded(operator.run("rollback", report="real", **undo))

    assert canonical(dry.changes("check")["fabrikam"]) == canonical(
        real.changes("apply")["fabrikam"]
    )
    for finished in (dry, real):
        assert "somebody changed it since" in finished.output
    now = truth.everything()
    assert now["email_otp"]["fabrikam"] == "default"
    assert now["suffixes"] == start["suffixes"]
    assert now["txt"] == start["txt"]
    again = operator.run("rollback", report="again", **undo)
    assert again.exit_code == 0
    assert again.changes("apply")["fabrikam"] == []


def test_a_run_that_nobody_made_cannot_be_undone(operator: Operator) -> None:
    succeeded(operator.run("migrate", tenantops_run="first", tenantops_hosts="contoso"))
    # fabrikam was not part of it: nothing to do there.
    known = operator.run(
        "rollback", tenantops_undo_run="first", tenantops_hosts="fabrikam", report="known"
    )
    assert known.exit_code == 0, known.output
    unknown = operator.run("rollback", tenantops_undo_run="frist", report="unknown")
    assert unknown.exit_code != 0
    assert "the newest runs are first" in unknown.output
