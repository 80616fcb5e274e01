# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of a fleet: names, times, who may be applied, what moved, and what is read of a dry run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotApproved,
    NotUnderstood,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.admission import (
    Reason,
    admitted,
    check_course,
    check_digests,
    chosen_tenants,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.comparison import (
    Standing,
    compare,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.dry_run import (
    read_dry_run,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.names import (
    file_name,
    is_own_file_name,
    run_name,
    run_of_time,
    stat_name,
    time_of_run,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.records import (
    Application,
    Approval,
    ListedPlan,
    PinnedPlan,
    PlanList,
    PlanRun,
    Terms,
    decode,
    encode,
)
from ansible_collections.tenantops.migration.plugins.module_utils._fleet_plans.times import (
    duration,
    until,
)

NOW = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def change(value: str, **fields: Any) -> Change:
    known: dict[str, Any] = {
        "system": System.DNS,
        "resource": "txt_rrset",
        "id": "contoso.test contoso.test",
        "name": "contoso.test",
        "property": "TXT",
        "action": Action.ADD,
        "before": None,
        "after": value,
    }
    return Change(**{**known, **fields})


def otp(before: str, after: str = "enabled") -> Change:
    return change(after, property="otp", action=Action.REPLACE, before=before)


def plan(*changes: Change) -> Plan:
    return Plan("contoso", "tenantops.migration.migrate", "check", changes)


# Names


def test_run_is_named_after_its_time() -> None:
    assert run_of_time(NOW) == "20261123T221500Z"
    assert time_of_run("20261123T221500Z") == NOW
    assert time_of_run("monday") is None


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-x", "a b", "x" * 101])
def test_name_that_no_run_can_have(name: str) -> None:
    with pytest.raises(InvalidInput):
        run_name(name)


@pytest.mark.parametrize("tenant", ["contoso", "contoso-eu", "contoso_eu", "contoso.eu", "ö", "1"])
def test_digest_travels_in_a_variable_that_ansible_takes(tenant: str) -> None:
    assert stat_name(tenant).isidentifier()
    assert stat_name(tenant).startswith("tenantops_plan_sha256_")


def test_tenants_with_like_names_have_variables_and_documents_of_their_own() -> None:
    tenants = ["a-b", "a_b", "a.b", "a/b", ".a", "%2Ea", "A_B", "x" * 300, "x" * 301]
    assert len({stat_name(tenant) for tenant in tenants}) == len(tenants)
    assert len({file_name(tenant) for tenant in tenants}) == len(tenants)
    assert not any("/" in file_name(tenant) for tenant in tenants)
    assert stat_name("contoso_eu") == "tenantops_plan_sha256_contoso_eu"


@pytest.mark.parametrize("tenant", ["../contoso", "a/b", ".a"])
def test_tenant_whose_file_would_be_elsewhere(tenant: str) -> None:
    assert not is_own_file_name(tenant)


# Times


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-30", datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-30T18:00:00Z", datetime(2026, 11, 30, 18, tzinfo=UTC)),
        ("2026-11-30T18:00:00", datetime(2026, 11, 30, 18, tzinfo=UTC)),
        ("2026-11-30T18:00:00+02:00", datetime(2026, 11, 30, 16, tzinfo=UTC)),
    ],
)
def test_until(text: str, moment: datetime) -> None:
    assert until(text, NOW) == moment


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01", "2026-11-23T22:15:00Z", "2025-01-01"])
def test_until_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidInput):
        until(text, NOW)


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "three", "1e400"])
def test_duration_that_cannot_be(text: str) -> None:
    with pytest.raises(InvalidInput, match="plan_lifetime"):
        duration("plan_lifetime", text, HOUR)


# What moved


def test_the_same_changes() -> None:
    assert compare(plan(change("a")), plan(change("a")), begun=False).standing is (
        Standing.AS_APPROVED
    )
    assert compare(plan(), plan(), begun=True).standing is Standing.NOTHING_TO_DO


@pytest.mark.parametrize("begun", [False, True])
def test_value_that_differs_is_told_with_both(begun: bool) -> None:
    found = compare(plan(otp("disabled")), plan(otp("default")), begun=begun)
    assert found.standing is Standing.MOVED
    assert found.moved == (
        "dns: replace otp of contoso.test: approved disabled -> enabled, now default -> enabled",
    )


def test_change_that_is_new_and_one_that_is_gone() -> None:
    found = compare(plan(change("a"), change("b")), plan(change("b"), otp("default")), begun=False)
    assert found.standing is Standing.MOVED
    assert found.moved == (
        "dns: add TXT of contoso.test: (none) -> a was approved, and is not due any more",
        "dns: replace otp of contoso.test: default -> enabled is due now, and was not approved",
    )


def test_other_order_is_no_silent_match() -> None:
    found = compare(plan(change("a"), change("b")), plan(change("b"), change("a")), begun=False)
    assert found.standing is Standing.MOVED
    assert "order" in found.moved[0]


def test_application_that_was_cut_short_goes_on_with_the_rest() -> None:
    approved = plan(change("a"), otp("disabled"))
    assert compare(approved, plan(otp("disabled")), begun=True).standing is Standing.BEGUN
    assert compare(approved, plan(), begun=True).standing is Standing.ALREADY_APPLIED
    # If nobody began, somebody else has done it.
    assert compare(approved, plan(otp("disabled")), begun=False).standing is Standing.MOVED
    assert compare(approved, plan(), begun=False).standing is Standing.MOVED


def test_value_known_after_apply_is_the_same_in_both_dry_runs() -> None:
    unknown = change("x", after=KNOWN_AFTER_APPLY)
    assert compare(plan(unknown), plan(unknown), begun=False).standing is Standing.AS_APPROVED


# Who may be applied

TERMS = Terms("monday", "migrate", planned=NOW, expires=NOW + 72 * HOUR)
SHA, OTHER_SHA = "a" * 64, "b" * 64


def approval(sha256: str = SHA, **fields: Any) -> Approval:
    known: dict[str, Any] = {
        "run": "monday",
        "approver": "anna",
        "approved": NOW,
        "expires": NOW + 2 * HOUR,
        "tenants": {"contoso": sha256},
    }
    return Approval(**{**known, **fields})


def planned(*approvals: Approval) -> PlanRun:
    plans = {name: ListedPlan(SHA, 1) for name in ("contoso", "fabrikam")}
    return PlanRun("monday", (PlanList(TERMS, plans, {"northwind": "refused"}),), approvals)


def reason(run: PlanRun, tenant: str = "contoso", **digests: str) -> Reason | None:
    ready, left = admitted(run, [tenant], digests, NOW + HOUR)
    assert (tenant in ready) != bool(left)
    return left[0].reason if left else None


def test_approved_plan_is_admitted() -> None:
    assert reason(planned(approval())) is None
    assert reason(planned(approval()), tenantops_plan_sha256_contoso=SHA) is None


def test_latest_good_approval_counts() -> None:
    past = approval(expires=NOW)
    assert reason(planned(approval(), past)) is None
    assert reason(planned(past)) is Reason.EXPIRED
    assert reason(planned(past, approval(OTHER_SHA))) is Reason.EXPIRED


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (planned(), Reason.NOT_APPROVED),
        (planned(approval(tenants={"fabrikam": SHA})), Reason.NOT_APPROVED),
        (planned(approval(tenants={})), Reason.NOT_APPROVED),
        (planned(approval(OTHER_SHA)), Reason.DIGEST_DIFFERS),
        (planned(approval(expires=NOW + HOUR)), Reason.EXPIRED),
        (
            replace(
                planned(approval()),
                lists=(PlanList(replace(TERMS, expires=NOW), {"contoso": ListedPlan(SHA, 1)}),),
            ),
            Reason.EXPIRED,
        ),
    ],
)
def test_who_is_left_alone(run: PlanRun, expected: Reason) -> None:
    assert reason(run) is expected


def test_digest_that_was_handed_on_has_to_be_that_of_the_store() -> None:
    run = planned(approval())
    handed_on = {"tenantops_plan_sha256_contoso": OTHER_SHA}
    assert reason(run, **handed_on) is Reason.DIGEST_DIFFERS
    with pytest.raises(NotApproved, match="contoso"):
        check_digests(run, ["contoso"], handed_on)
    check_digests(run, ["fabrikam"], handed_on)


def test_tenant_without_a_plan_is_told_why() -> None:
    ready, left = admitted(planned(), ["northwind", "tailspin", "a/b"], {}, NOW)
    assert not ready
    assert [each.reason for each in left] == [
        Reason.NOT_PLANNED,
        Reason.NOT_PLANNED,
        Reason.UNUSABLE_NAME,
    ]
    assert "refused" in left[0].told


def test_plan_that_was_pinned_first_stays_the_one() -> None:
    later = PlanList(TERMS, {"contoso": ListedPlan(OTHER_SHA, 1)})
    run = planned(approval())
    run = replace(run, lists=(*run.lists, later))
    assert run.plan("contoso") == (TERMS, ListedPlan(SHA, 1))


def test_run_of_another_course() -> None:
    check_course(planned(), "migrate")
    with pytest.raises(InvalidInput, match="tenantops_course"):
        check_course(planned(), "guest_access")


@pytest.mark.parametrize(
    ("given", "tenants"),
    [
        (None, None),
        ("", None),
        ([], []),
        ([""], []),
        (" ", []),
        (["b", "a", "a"], ["a", "b"]),
        ("a, b\nc\n", ["a", "b", "c"]),
    ],
)
def test_an_emptied_list_is_nobody_and_a_blank_answer_everybody(
    given: object, tenants: list[str] | None
) -> None:
    assert chosen_tenants(given) == tenants


def test_tenants_that_are_no_list() -> None:
    with pytest.raises(InvalidInput):
        chosen_tenants({"contoso": True})


# Records


@pytest.mark.parametrize(
    "record",
    [
        PinnedPlan(TERMS, plan(change("a")), str(plan(change("a")).to_json()["sha256"])),
        PlanList(TERMS, {"contoso": ListedPlan(SHA, 3)}, {"northwind": "refused"}),
        approval(),
        Application("monday", NOW, ("contoso",)),
    ],
)
def test_record_is_read_as_it_was_written(record: Any) -> None:
    assert decode(encode(record.to_json()), "x.json", type(record)) == record


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"\xff",
        b'{"format": 2}',
        encode({**approval().to_json(), "expires": "2026-11-23T22:15:00"}),
        encode({**approval().to_json(), "expires": "soon"}),
        encode({**approval().to_json(), "tenants": ["contoso"]}),
    ],
)
def test_document_that_is_no_record(content: bytes) -> None:
    with pytest.raises(NotApproved, match="not as this version"):
        decode(content, "monday/approvals-0001.json", Approval)


# A dry run


def written(folder: Path, index: Any, **plans: Any) -> Path:
    for name, content in plans.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "index.json").write_text(json.dumps(index))
    return folder


CONTENT = {**plan(change("a")).to_json(), "complete": True}
ENTRY = {"file": "contoso.json", "sha256": CONTENT["sha256"]}
INDEX = {
    "format": 1,
    "playbook": "tenantops.migration.migrate",
    "mode": "check",
    "ended": "2026-11-23T22:20:00+00:00",
    "tenants": {"contoso": ENTRY},
}


def test_complete_plan_is_taken_and_who_was_not_reached_is_told(tmp_path: Path) -> None:
    written(tmp_path, INDEX, contoso=CONTENT)
    found = read_dry_run(tmp_path, ["contoso", "fabrikam"], "migrate", NOW)
    assert found.plans == {"contoso": plan(change("a"))}
    assert list(found.incomplete) == ["fabrikam"]


@pytest.mark.parametrize(
    "fields",
    [
        {"ended": None},
        {"ended": "2026-11-23T22:14:59+00:00"},
        {"mode": "apply"},
        {"playbook": "tenantops.migration.guest_access"},
    ],
)
def test_dry_run_of_another_time_or_course_is_refused(
    tmp_path: Path, fields: dict[str, Any]
) -> None:
    written(tmp_path, {**INDEX, **fields}, contoso=CONTENT)
    with pytest.raises(InvalidInput):
        read_dry_run(tmp_path, ["contoso"], "migrate", NOW)


def test_callback_that_is_not_enabled(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="callbacks_enabled"):
        read_dry_run(tmp_path, ["contoso"], "migrate", NOW)


@pytest.mark.parametrize("index", [{**INDEX, "format": 2}, {**INDEX, "tenants": []}, []])
def test_index_that_is_not_understood(tmp_path: Path, index: Any) -> None:
    written(tmp_path, index, contoso=CONTENT)
    with pytest.raises(NotUnderstood):
        read_dry_run(tmp_path, ["contoso"], "migrate", NOW)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"complete": False, "gaps": ["a", "b", "c", "d"]}, "a; b; c; and 1 more"),
        ({"complete": False, "gates": [{"step": "s", "msg": "ask Anna"}]}, "s: ask Anna"),
        ({"tenant": "fabrikam"}, "not the one"),
        ({"changes": []}, "altered"),
        ({"other_mode": [change("a").to_json()]}, "not a dry one"),
    ],
)
def test_plan_that_is_not_taken(tmp_path: Path, fields: dict[str, Any], told: str) -> None:
    written(tmp_path, INDEX, contoso={**CONTENT, **fields})
    found = read_dry_run(tmp_path, ["contoso"], "migrate", NOW)
    assert not found.plans
    assert told in found.incomplete["contoso"]


def test_plan_that_was_not_written(tmp_path: Path) -> None:
    entry = {"file": None, "sha256": None, "problem": "no room"}
    written(tmp_path, {**INDEX, "tenants": {"contoso": entry}})
    found = read_dry_run(tmp_path, ["contoso"], "migrate", NOW)
    assert "no room" in found.incomplete["contoso"]
