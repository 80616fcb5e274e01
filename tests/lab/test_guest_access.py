# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How guests sign in, set in one planned run: roles email_otp, guest_redemption, sign_in_policy."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .domain_courses import covers, gates, moments
from .guest_courses import (
    DEFAULTS,
    EVERYBODY,
    FALLBACK,
    GATES,
    MOVED,
    PASSCODE,
    STOPPED,
    Reception,
    outline,
    reset_guests,
)
from .killing import kill, start
from .playbooks import DOORS, Finished, Operator
from .truth import Truth

PLAYBOOK = "guest_access"
HOSTS = {"tenantops_hosts": "guest_tenants"}
# Here some guests can only be reset by a person, which is told at the end.
WITH_IMMOVABLE = "relecloud"
GOING_ON = EVERYBODY - set(STOPPED) - set(GATES)


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def reception(clean_lab: Description) -> Reception:
    return Reception(Truth(clean_lab))


def failure(finished: Finished, mode: str, tenant: str) -> dict[str, Any]:
    """The error of the one task that failed for a tenant."""
    (failed,) = finished.plan(mode, tenant)["failures"]
    return dict(failed["error"])


def assert_others_are_stopped(finished: Finished, mode: str, *, is_approved: bool = False) -> None:
    for tenant, told in {**STOPPED, **GATES}.items():
        assert finished.plan(mode, tenant)["changes"] == []
        (error,) = gates(finished, mode, tenant) or [failure(finished, mode, tenant)]
        # What stopped the dry run is in no plan that could be approved.
        is_told = told in f"{error['problem']} {error['advice']}"
        assert is_told or (is_approved and error["kind"] == "not_approved"), error
    if not is_approved:
        assert all(gates(finished, mode, tenant) for tenant in GATES)
    for tenant in GOING_ON:
        assert not gates(finished, mode, tenant)
        is_whole = tenant != WITH_IMMOVABLE
        assert is_whole is not bool(finished.plan(mode, tenant).get("failures")), finished.output
    assert "Traceback" not in finished.output


def test_every_tenant_dry_run_run_again_and_back(operator: Operator, reception: Reception) -> None:
    before = reception.everything()
    courses = {tenant: reception.course(tenant) for tenant in GOING_ON}
    movable = {tenant: set(reception.movable(tenant)) for tenant in MOVED}
    immovable = reception.immovable(WITH_IMMOVABLE)
    assert movable["relecloud"]
    assert movable["vanarsdel"]
    assert len(immovable) == 3

    dry = operator.run(PLAYBOOK, "--check", "--diff", report="dry", **HOSTS)
    assert_others_are_stopped(dry, "check")
    assert reception.everything() == before
    assert reception.writes() == []
    planned = dry.changes("check")
    assert set(planned) == EVERYBODY
    for tenant, course in courses.items():
        assert outline(planned[tenant]) == course, tenant
    for tenant, ids in movable.items():
        assert reset_guests(planned[tenant]) == ids

    real = operator.run(
        PLAYBOOK,
        report="real",
        tenantops_run="course",
        tenantops_approved_plans=str(dry.report / "check"),
        **HOSTS,
    )
    assert_others_are_stopped(real, "apply", is_approved=True)
    made = real.changes("apply")
    for tenant in courses:
        assert covers(planned[tenant], made[tenant]), tenant
    assert_who_cannot_be_moved_is_listed(immovable, real)
    reached = reception.everything()
    assert_only_the_selected_moved(movable, before, reached)
    for tenant in (*STOPPED, *GATES):
        assert reached[tenant] == before[tenant]

    reception.forget_requests()
    for mode, arguments in (("apply", ()), ("check", ("--check",))):
        again = operator.run(PLAYBOOK, *arguments, report="again", **HOSTS)
        assert_others_are_stopped(again, mode)
        assert not any(again.changes(mode).values())
        assert reception.everything() == reached
    assert reception.writes() == []

    back = operator.run("rollback", report="back", tenantops_undo_run="course", **HOSTS)
    assert back.exit_code == 0, back.output
    assert_undone_where_nobody_is_locked_out(before, reached, reception.everything(), back)


def assert_undone_where_nobody_is_locked_out(
    before: dict[str, Any], reached: dict[str, Any], now: dict[str, Any], back: Finished
) -> None:
    """The redemptions cannot be undone, and the guards hold on the way back as well."""
    assert "it cannot be undone" in back.output
    for tenant in EVERYBODY:
        assert now[tenant]["guests"] == reached[tenant]["guests"]
    for kind in ("email_method", "policies"):
        assert now["vanarsdel"][kind] == before["vanarsdel"][kind]
    # The passcode that was off is in use by those who had redeemed with it long ago.
    assert now["relecloud"]["policies"] == before["relecloud"]["policies"]
    assert now["relecloud"]["email_method"] == reached["relecloud"]["email_method"]
    assert "would be locked out" in back.output
    # Microsoft does not turn security defaults on beside Conditional Access.
    assert now["nodpublishers"] == reached["nodpublishers"]
    assert "Security defaults cannot be turned on" in back.output


def assert_only_the_selected_moved(
    movable: dict[str, set[str]], before: dict[str, Any], reached: dict[str, Any]
) -> None:
    for tenant in EVERYBODY:
        for identity, guest in reached[tenant]["guests"].items():
            was = before[tenant]["guests"][identity]
            if identity in movable.get(tenant, ()):
                assert guest["state"] == "PendingAcceptance"
                assert guest["state_changed"] != was["state_changed"]
            else:
                assert guest == was


def assert_who_cannot_be_moved_is_listed(
    immovable: dict[str, dict[str, Any]], real: Finished
) -> None:
    told, verdict = real.plan("apply", WITH_IMMOVABLE)["failures"]
    assert told["error"]["kind"] == "partly_done"
    assert told["ignored"]
    for guest in immovable.values():
        name = guest["address"] or guest["user_principal_name"]
        assert name in told["error"]["answer"]
        assert name in verdict["msg"]


@pytest.mark.parametrize("door", DOORS)
def test_the_guests_get_in_again_the_way_the_course_had_in_mind(
    operator: Operator, reception: Reception, door: str
) -> None:
    movable = {tenant: reception.movable(tenant) for tenant in MOVED}
    operator.run(PLAYBOOK, door=door, tenantops_hosts=",".join(MOVED))

    to_passcode = reception.redeem("relecloud", movable["relecloud"])
    assert {guest["problem"] for guest in to_passcode.values()} == {None}
    # Whoever has an account that comes first in the order uses that; nobody else falls back.
    assert "microsoft_account" not in {guest["method"] for guest in to_passcode.values()}
    assert "one_time_passcode" in {guest["method"] for guest in to_passcode.values()}

    from_passcode = reception.redeem("vanarsdel", movable["vanarsdel"])
    assert {guest["problem"] for guest in from_passcode.values()} == {None}
    assert "one_time_passcode" not in {guest["method"] for guest in from_passcode.values()}
    for tenant, guests in movable.items():
        assert sorted(reception.resets(tenant)) == sorted(guests)
    told = [mail["to"] for mail in reception.mails("vanarsdel")]
    assert sorted(told) == sorted(guest["address"] for guest in movable["vanarsdel"].values())
    assert reception.mails("relecloud") == []


def test_a_course_that_was_killed_is_completed(operator: Operator, reception: Reception) -> None:
    """Killed when guests were reset and nobody has been told."""
    movable = reception.movable("vanarsdel")
    held = {"kind": "slow", "seconds": 600, "when": "after", "path": "/v1.0/$batch", "count": 1}
    reception.truth.cloud("POST", "/chaos", held)
    only = {"tenantops_hosts": "vanarsdel"}
    killed = start(operator, PLAYBOOK, {**only, "tenantops_run": "killed"})
    for _moment in moments():
        if killed.poll() is not None or reception.resets("vanarsdel"):
            break
    kill(killed)
    reception.truth.cloud("DELETE", "/chaos")
    assert reception.resets("vanarsdel")

    rerun = operator.run(PLAYBOOK, tenantops_run="rerun", **only)
    assert rerun.exit_code == 0, rerun.output
    assert outline(rerun.changes("apply")["vanarsdel"])[-1] == PASSCODE
    assert sorted(reception.resets("vanarsdel")) == sorted(movable)
    assert len(reception.mails("vanarsdel")) == len(movable)


def test_so_many_may_be_locked_out_and_no_more(operator: Operator, reception: Reception) -> None:
    only: dict[str, Any] = {"tenantops_hosts": "wideworld"}
    before = reception.everything()
    by_passcode = [
        guest
        for guest in reception.guests("wideworld").values()
        if guest["method"] == "one_time_passcode" and guest["state"] == "Accepted"
    ]
    number = len(by_passcode)
    allowed = "tenant_email_otp_acknowledge_locked_out"

    only[allowed] = number - 1
    short = operator.run(PLAYBOOK, report="short", **only)
    assert f"{number} guests" in failure(short, "apply", "wideworld")["problem"]
    assert reception.everything() == before

    only[allowed] = number
    dry = operator.run(PLAYBOOK, "--check", report="dry", **only)
    real = operator.run(PLAYBOOK, report="real", **only)
    assert real.exit_code == 0, real.output
    (change,) = real.changes("apply")["wideworld"]
    assert [change] == dry.changes("check")["wideworld"]
    assert outline([change]) == [PASSCODE]
    assert str(number) in change["note"]
    assert reception.guests("wideworld") == before["wideworld"]["guests"]
    # They are locked out indeed.
    met = reception.redeem("wideworld", [guest["id"] for guest in by_passcode])
    assert all(guest["problem"] for guest in met.values())


def test_a_reset_that_is_left_out_keeps_the_passcode_on(
    operator: Operator, reception: Reception
) -> None:
    """One who cannot be reset is locked out like one whom nobody resets."""
    holder = {"address": "boss@keiri.test", "method": "one_time_passcode"}
    role = {"role": "User Administrator"}
    reception.truth.cloud("POST", "/guests/vanarsdel", {"guests": [holder | role]})
    only: dict[str, Any] = {"tenantops_hosts": "vanarsdel"}
    for mode, arguments in (("check", ("--check",)), ("apply", ())):
        stopped = operator.run(PLAYBOOK, *arguments, report="stopped", **only)
        left_out, failed = stopped.plan(mode, "vanarsdel")["failures"]
        assert left_out["ignored"]
        error = failed["error"]
        assert "1 guests" in error["problem"]
        assert "boss@keiri.test" in error["answer"]
        assert PASSCODE not in outline(stopped.changes(mode)["vanarsdel"])

    acknowledged = operator.run(
        PLAYBOOK, report="acknowledged", tenant_email_otp_acknowledge_locked_out=1, **only
    )
    assert outline(acknowledged.changes("apply")["vanarsdel"]) == [PASSCODE]
    left_out, verdict = acknowledged.plan("apply", "vanarsdel")["failures"]
    assert "boss@keiri.test" in verdict["msg"]


def test_a_tenant_goes_on_once_the_permission_is_granted(
    operator: Operator, reception: Reception
) -> None:
    only: dict[str, Any] = {"tenantops_hosts": "margies"}
    stopped = operator.run(PLAYBOOK, "--check", report="stopped", **only)
    told = failure(stopped, "check", "margies")
    assert told["kind"] == "refused"
    assert "Authentication Policy Administrator" in told["advice"]

    application = reception.truth.cloud("GET", "/state")["tenants"]["margies"]["application"]
    needed = ["Policy.ReadWrite.AuthenticationMethod", "Policy.ReadWrite.CrossTenantAccess"]
    granted = [*application["permissions"], *needed]
    reception.put("margies", "application/permissions", granted)
    real = operator.run(PLAYBOOK, report="real", **only)
    assert real.exit_code == 0, real.output
    assert outline(real.changes("apply")["margies"]) == [PASSCODE, FALLBACK]


def test_security_defaults_wait_for_a_person_or_a_reason(
    operator: Operator, reception: Reception
) -> None:
    _conditional_access(reception, "consolidated", "disabled")
    on = operator.run(PLAYBOOK, report="on", tenantops_hosts="consolidated")
    assert on.exit_code == 0, on.output
    assert outline(on.changes("apply")["consolidated"]) == [DEFAULTS]

    _conditional_access(reception, "nodpublishers", "enabledForReportingButNotEnforced")
    only: dict[str, Any] = {"tenantops_hosts": "nodpublishers"}
    stopped = operator.run(PLAYBOOK, report="stopped", **only)
    (gate,) = gates(stopped, "apply", "nodpublishers")
    assert "acknowledge_reason" in gate["advice"]
    assert stopped.changes("apply")["nodpublishers"] == []

    reason = "CHG0031337: the federation asks administrators for a key"
    only["tenant_security_defaults"] = {"enabled": False, "acknowledge_reason": reason}
    dry = operator.run(PLAYBOOK, "--check", report="dry", **only)
    real = operator.run(PLAYBOOK, report="real", tenantops_run="reason", **only)
    assert real.exit_code == 0, real.output
    for finished, mode in ((dry, "check"), (real, "apply")):
        (change,) = finished.changes(mode)["nodpublishers"]
        assert reason in change["note"]
    assert reason in (operator.journal / "nodpublishers" / "reason.jsonl").read_text()


def _conditional_access(reception: Reception, tenant: str, state: str) -> None:
    """Let somebody set all policies to a state."""
    policies = reception.truth.cloud("GET", "/state")["tenants"][tenant]["policies"]
    reception.put(
        tenant,
        "policies/conditional_access",
        [{**policy, "state": state} for policy in policies["conditional_access"]],
    )


def test_links_are_for_their_owner_and_nobody_else(
    operator: Operator, reception: Reception, tmp_path: Path
) -> None:
    movable = reception.movable("relecloud")
    folder = tmp_path / "links"
    done = operator.run(
        PLAYBOOK, "-vvvv", tenantops_hosts="relecloud", tenantops_guest_links=str(folder)
    )
    path = folder / "relecloud.csv"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(movable)
    links = {value for row in rows for value in row.values() if value.startswith("https://")}
    assert len(links) == len(movable)
    kept = [
        file.read_text(errors="replace")
        for folder in (operator.journal, done.report)
        for file in folder.rglob("*")
        if file.is_file()
    ]
    for link in links:
        assert link not in done.output
        assert not any(link in text for text in kept)


def test_guests_are_told_in_their_language_by_file_and_by_mail(
    operator: Operator, reception: Reception, tmp_path: Path
) -> None:
    movable = reception.movable("vanarsdel").values()
    folder = tmp_path / "notices"
    told: dict[str, Any] = {
        "tenantops_hosts": "vanarsdel",
        "tenantops_assessments": str(tmp_path / "tables"),
        "tenantops_guest_notices": str(folder),
        "tenant_guest_notice": {"organization": "VanArsdel", "contact": "help@vanarsdel.test"},
    }
    before = reception.everything()
    assessed = operator.run("assess_guests", report="assess", **told)
    assert assessed.exit_code == 0, assessed.output
    assert reception.everything() == before
    files = {path.name: path.read_text() for path in (folder / "vanarsdel").glob("*.txt")}
    assert set(files) == {f"{guest['address']}.txt" for guest in movable}
    in_swedish = files["sara.berg@keiri.test.txt"]
    assert "inbjudan till VanArsdel" in in_swedish
    assert "招待" in files["ken.ito@keiri.test.txt"]
    # Whoever has no account has to make one, because there is no passcode to fall back to.
    assert "skapa ett Microsoft-konto" in in_swedish

    done = operator.run(PLAYBOOK, report="done", **told)
    assert done.exit_code == 0, done.output
    mails = {mail["to"]: mail for mail in reception.mails("vanarsdel")}
    assert set(mails) == {guest["address"] for guest in movable}
    mail = mails["sara.berg@keiri.test"]
    assert mail["language"].startswith("sv")
    assert "skapa ett Microsoft-konto" in mail["body"]
