# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""entra_license: who gets which licence, with the cloud's own books as the judge."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    InvalidInput,
    NotApproved,
    NotUnderstood,
    Refused,
    TooManyChanges,
)
from lab.description import Description

from .licensing_office import DOMAIN, PERMISSIONS, TENANT, LicensingOffice, licensing_office

BATCH = "/v1.0/$batch"
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))
PEOPLE = int(os.environ.get("TENANTOPS_PEOPLE", "400"))


@pytest.fixture
def office(lab: Description, tmp_path: Path) -> Iterator[LicensingOffice]:
    with licensing_office(lab, tmp_path) as office:
        yield office


def name(*users: str) -> list[str]:
    return [f"{user}@{DOMAIN}" for user in users]


def changed(outcome: Outcome) -> list[tuple[str, str]]:
    return [(change.name.partition("@")[0], change.property) for change in outcome.changes or ()]


def problems(outcome: Outcome) -> dict[str, str]:
    return {
        failure["name"].partition("@")[0]: failure["error"]["problem"]
        for failure in outcome.values["failures"]
    }


def test_given_once(office: LicensingOffice) -> None:
    office.add("kim")
    office.add("lee", usage_location=None)
    who: dict[str, Any] = {"user_principal_names": name("kim", "lee"), "usage_location": "se"}
    dry = office.license("ENTERPRISEPACK", check_mode=True, **who)
    assert office.licensed() == {}
    made = office.license("ENTERPRISEPACK", **who)
    assert dry == made
    assert changed(made) == [
        ("lee", "usageLocation"),
        ("kim", "ENTERPRISEPACK"),
        ("lee", "ENTERPRISEPACK"),
    ]
    assert office.licensed() == {"kim": {"ENTERPRISEPACK": []}, "lee": {"ENTERPRISEPACK": []}}
    assert office.people()["lee"]["usage_location"] == "SE"
    assert office.license("ENTERPRISEPACK", **who, run="again").changes == ()


def test_swapped_in_one_call_with_the_plans_as_they_were(office: LicensingOffice) -> None:
    plans = ["SWAY", "YAMMER_ENTERPRISE"]
    for user in ("kim", "lee"):
        held = [{"sku": "STANDARDPACK"}, {"sku": "EMS", "disabled_plans": ["MFA_PREMIUM"]}]
        office.add(user, licenses=held)
    office.add("max", "EMS")
    office.forget()
    swap = [
        {"sku": "STANDARDPACK", "state": "absent"},
        {"sku": "enterprisepack", "disabled_plans": plans},
        {"sku": "EMS"},
    ]
    made = office.license(licensed_with=["STANDARDPACK"], licenses=swap)
    assert made.error is None, made.error
    assert office.licensed() == {
        "kim": {"ENTERPRISEPACK": plans, "EMS": ["MFA_PREMIUM"]},
        "lee": {"ENTERPRISEPACK": plans, "EMS": ["MFA_PREMIUM"]},
        "max": {"EMS": []},
    }
    assert office.writes() == [("POST", "assignLicense")] * 2
    assert office.seats("STANDARDPACK") == 0


def test_other_plans_are_disabled_only_where_it_is_said(office: LicensingOffice) -> None:
    office.add("kim", licenses=[{"sku": "ENTERPRISEPACK", "disabled_plans": ["SWAY"]}])
    kim = name("kim")
    assert office.license("ENTERPRISEPACK", user_principal_names=kim).changes == ()
    sku_id = office.users(user_principal_names=kim).values["users"][0]["licenses"][0]["sku_id"]
    wanted = [{"sku": sku_id, "disabled_plans": ["teams1"]}]
    made = office.license(user_principal_names=kim, licenses=wanted)
    (change,) = made.changes or ()
    assert change.before is not None
    assert office.licensed() == {"kim": {"ENTERPRISEPACK": ["TEAMS1"]}}
    office.license(
        user_principal_names=kim, licenses=[{"sku": sku_id, "disabled_plans": []}], run="all"
    )
    assert office.licensed() == {"kim": {"ENTERPRISEPACK": []}}
    # Undone one after the other, as a run that did all of it would be.
    office.undo("all")
    assert office.licensed() == {"kim": {"ENTERPRISEPACK": ["TEAMS1"]}}
    office.undo()
    assert office.licensed() == {"kim": {"ENTERPRISEPACK": ["SWAY"]}}


def test_what_a_group_gives_is_told_and_left_alone(office: LicensingOffice) -> None:
    office.order(groups=[{"name": "Licensed", "licenses": [{"sku": "ENTERPRISEPACK"}]}])
    office.add("kim", groups=["Licensed"])
    office.add("lee", "ENTERPRISEPACK", groups=["Licensed"])
    for state in ("ENTERPRISEPACK", "-ENTERPRISEPACK"):
        made = office.license(state, groups=["Licensed"], check_mode=True)
        told = made.values["inherited"]
        assert {row["user_principal_name"] for row in told} == set(name("kim", "lee"))
        assert {row["by_group"] for row in told} == {office.people_groups()["Licensed"]}
        assert made.error is None
    made = office.license("-ENTERPRISEPACK", groups=["Licensed"])
    assert changed(made) == [("lee", "ENTERPRISEPACK")]
    assert office.seats("ENTERPRISEPACK") == 2
    assert [one["sku"] for one in office.people()["lee"]["inherited"]] == ["ENTERPRISEPACK"]


def test_rules_for_those_who_were_synchronised_anew(office: LicensingOffice) -> None:
    synced: dict[str, Any] = {
        "immutable_id": "x",
        "user_principal_name": "x",
        "sam_account_name": "x",
    }
    office.order(groups=[{"name": "Tokyo"}, {"name": "Japan", "groups": ["Tokyo"]}])
    accounts: dict[str, dict[str, Any]] = {
        "kim": {"details": {"department": "Sales"}},
        "taro": {"groups": ["Tokyo"]},
        "old": {"licenses": [{"sku": "EMS"}], "usage_location": "SE"},
        "off": {"account_enabled": False},
    }
    for user, account in accounts.items():
        anchor = {**synced, "immutable_id": user, "sam_account_name": user}
        office.add(user, **{"usage_location": None, "on_premises": anchor, **account})
    office.add("cloud", usage_location=None)
    rules = [
        {
            "name": "Japan",
            "groups": ["Japan"],
            "usage_location": "JP",
            "licenses": [{"sku": "ENTERPRISEPACK", "disabled_plans": ["SWAY"]}],
        },
        {"name": "Sales", "departments": ["sales"], "licenses": licenses_of("EMS")},
        {"name": "All", "domains": [DOMAIN], "licenses": licenses_of("ENTERPRISEPACK")},
    ]
    how: dict[str, Any] = {
        "synced": True,
        "licensed": False,
        "account_enabled": True,
        "usage_location": "SE",
    }
    dry = office.license(rules=rules, **how, check_mode=True)
    made = office.license(rules=rules, **how)
    assert dry == made
    assert office.licensed() == {
        "kim": {"EMS": [], "ENTERPRISEPACK": []},
        "taro": {"ENTERPRISEPACK": ["SWAY"]},
        "old": {"EMS": []},
    }
    locations = {user: each["usage_location"] for user, each in office.people().items()}
    assert (locations["kim"], locations["taro"], locations["cloud"]) == ("SE", "JP", None)
    assert office.license(rules=rules, **how, run="again").changes == ()


def licenses_of(*skus: str) -> list[dict[str, str]]:
    return [{"sku": sku} for sku in skus]


@pytest.mark.parametrize("check_mode", [True, False])
def test_seats_are_counted_before_the_first_write(
    office: LicensingOffice, check_mode: bool
) -> None:
    office.order(
        crowd={"count": 13, "usage_location": None},
        skus=[{"part_number": "ENTERPRISEPACK", "enabled": 3, "warning": 1}],
    )
    office.add("kim", "ENTERPRISEPACK")
    office.forget()
    with pytest.raises(ConditionUnmet) as refused:
        office.license(
            "ENTERPRISEPACK",
            filter=f"endsWith(userPrincipalName,'{DOMAIN}')",
            usage_location="SE",
            check_mode=check_mode,
        )
    people = len(office.people()) - 1
    assert refused.value.answer == f"ENTERPRISEPACK needs {people}, 3 free"
    assert office.writes() == []


def test_seats_are_passed_on(office: LicensingOffice) -> None:
    office.order(skus=[{"part_number": "EMS", "enabled": 2}])
    for user in ("leaver1", "leaver2"):
        office.add(user, "EMS", account_enabled=False, details={"department": "Left"})
    for user in ("joiner1", "joiner2"):
        office.add(user, details={"department": "New"})
    rules = [
        {"departments": ["new"], "licenses": licenses_of("EMS")},
        {"departments": ["left"], "licenses": [{"sku": "EMS", "state": "absent"}]},
    ]
    dry = office.license(rules=rules, check_mode=True)
    made = office.license(rules=rules)
    assert dry == made
    assert made.error is None
    assert set(office.licensed()) == {"joiner1", "joiner2"}


def test_one_who_cannot_be_given_it_keeps_nobody_else(office: LicensingOffice) -> None:
    office.add("kim")
    office.add("nowhere", usage_location=None)
    who: dict[str, Any] = {"user_principal_names": [*name("kim", "nowhere"), "nobody@contoso.test"]}
    dry = office.license("EMS", **who, check_mode=True)
    made = office.license("EMS", **who)
    assert problems(dry) == problems(made)
    assert set(problems(made)) == {"nowhere", "nobody"}
    assert "usage location" in problems(made)["nowhere"]
    assert made.error is not None
    assert changed(made) == [("kim", "EMS")]


def test_refusal_of_graph_is_told_with_what_to_do(office: LicensingOffice) -> None:
    """Somebody else takes the last seat between the look and the write."""
    office.order(skus=[{"part_number": "EMS", "enabled": 1}])
    office.add("kim")
    shown = {"value": [office.sku("EMS") | {"consumedUnits": 0}]}
    office.add("lee", "EMS")
    office.trouble("answer", path="/v1.0/subscribedSkus", set=shown)
    made = office.license("EMS", user_principal_names=name("kim"))
    (failure,) = made.values["failures"]
    assert "available licenses" in failure["error"]["problem"]
    assert "last seat" in failure["error"]["advice"]
    assert made.changes == ()


def test_what_is_not_in_force_is_told(office: LicensingOffice) -> None:
    office.add("kim", "EMS")
    user = office.people()["kim"]["id"]
    states = [
        {
            "skuId": office.sku("EMS")["skuId"],
            "disabledPlans": [],
            "assignedByGroup": None,
            "state": "Bewildered",
            "error": "SomethingNew",
            "lastUpdatedDateTime": None,
        }
    ]
    # What a single user is like, in a batch, cannot be replaced: so all are read.
    page = {
        "value": [
            {
                "id": user,
                "userPrincipalName": name("kim")[0],
                "mail": None,
                "displayName": "Kim",
                "accountEnabled": True,
                "usageLocation": "SE",
                "licenseAssignmentStates": states,
                "userType": "Member",
                "department": None,
                "onPremisesSyncEnabled": None,
            }
        ]
    }
    office.trouble("answer", path="/v1.0/users", set=page)
    made = office.license("EMS", domains=[DOMAIN])
    assert made.changes == ()
    (row,) = made.values["not_in_force"]
    assert (row["state"], row["error"]) == ("Bewildered", "SomethingNew")
    assert made.warnings


@pytest.mark.parametrize(
    "options",
    [
        {"domains": [DOMAIN], "licenses": [{"sku": "NO_SUCH_PRODUCT"}]},
        {"domains": [DOMAIN], "licenses": [{"sku": "EMS", "disabled_plans": ["NO_SUCH_PLAN"]}]},
        {"groups": ["No such group"], "licenses": [{"sku": "EMS"}]},
        {"licenses": [{"sku": "EMS"}]},
    ],
)
def test_what_cannot_be_meant(office: LicensingOffice, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        office.license(**options)
    assert office.writes() == []


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    "permission", ["LicenseAssignment.ReadWrite.All", "GroupMember.Read.All", "User.Read.All"]
)
def test_missing_permission_is_named(
    office: LicensingOffice, permission: str, check_mode: bool
) -> None:
    office.order(groups=[{"name": "Sales"}])
    # Reading users is among what writing them allows, and so is licensing them.
    office.permit([each for each in PERMISSIONS if each not in (permission, "User.ReadWrite.All")])
    with pytest.raises(Refused) as refused:
        office.license("EMS", groups=["Sales"], check_mode=check_mode)
    assert permission in str(refused.value)


def test_limit_and_approval_are_for_the_whole(office: LicensingOffice) -> None:
    for user in ("kim", "lee"):
        office.add(user, usage_location=None)
    who: dict[str, Any] = {"user_principal_names": name("kim", "lee"), "usage_location": "SE"}
    office.forget()
    with pytest.raises(TooManyChanges):
        office.license("EMS", **who, max_changes="3")
    planned = office.license("EMS", **who, check_mode=True).changes or ()
    part = Plan(TENANT, "playbook", "check", tuple(planned)[:3]).to_json()
    with pytest.raises(NotApproved):
        office.license("EMS", **who, approved_plan=part)
    assert office.writes() == []
    plan = Plan(TENANT, "playbook", "check", tuple(planned)).to_json()
    made = office.license("EMS", **who, approved_plan=plan, max_changes="4")
    assert made.changes == planned


def test_a_dry_run_builds_on_earlier_tasks(office: LicensingOffice) -> None:
    office.order(skus=[{"part_number": "EMS", "enabled": 1}])
    office.add("kim", "EMS")
    office.add("lee")
    taken = office.license("-EMS", user_principal_names=name("kim"), check_mode=True)
    given: dict[str, Any] = {"user_principal_names": name("lee")}
    with pytest.raises(ConditionUnmet):
        office.license("EMS", **given, check_mode=True)
    earlier = [change.to_json() for change in taken.changes or ()]
    dry = office.license("EMS", **given, check_mode=True, planned_changes=earlier)
    office.license("-EMS", user_principal_names=name("kim"))
    made = office.license("EMS", **given, planned_changes=earlier)
    assert dry == made
    assert set(office.licensed()) == {"lee"}


class TestRollback:
    def test_all_is_as_it_was(self, office: LicensingOffice) -> None:
        office.add("kim", licenses=[{"sku": "EMS", "disabled_plans": ["MFA_PREMIUM"]}])
        office.add("lee")
        before = office.licensed()
        who: dict[str, Any] = {"user_principal_names": name("kim", "lee")}
        office.license("-EMS", "ENTERPRISEPACK", **who)
        office.license("EMS", **who)
        dry = office.undo(check_mode=True)
        made = office.undo()
        assert dry.changes == made.changes
        assert office.licensed() == before
        assert office.undo().changes == ()

    def test_a_swap_is_undone_in_one_call(self, office: LicensingOffice) -> None:
        office.add("kim", "EMS")
        office.license("-EMS", "ENTERPRISEPACK", user_principal_names=name("kim"))
        office.forget()
        office.undo()
        assert office.writes() == [("POST", "assignLicense")]
        assert office.licensed() == {"kim": {"EMS": []}}

    def test_what_somebody_changed_since_is_left_alone(self, office: LicensingOffice) -> None:
        for user in ("kim", "lee"):
            office.add(user)
        office.license("EMS", "STANDARDPACK", user_principal_names=name("kim", "lee"))
        office.license("-EMS", user_principal_names=name("kim"), run="other")
        wanted = [{"sku": "EMS", "disabled_plans": ["MFA_PREMIUM"]}]
        office.license(user_principal_names=name("lee"), licenses=wanted, run="other")
        undone = office.undo()
        assert sorted(changed(undone)) == [("kim", "STANDARDPACK"), ("lee", "STANDARDPACK")]
        (conflict,) = undone.values["conflicts"]
        assert conflict["reason"] == "somebody changed it since"
        assert office.licensed() == {"lee": {"EMS": ["MFA_PREMIUM"]}}

    def test_a_usage_location_stays_and_is_told(self, office: LicensingOffice) -> None:
        office.add("kim", usage_location=None)
        office.license("EMS", user_principal_names=name("kim"), usage_location="SE")
        undone = office.undo()
        assert changed(undone) == [("kim", "EMS")]
        assert [each["reason"] for each in undone.values["conflicts"]] == ["it cannot be undone"]

    def test_a_seat_that_is_gone_is_told(self, office: LicensingOffice) -> None:
        office.order(skus=[{"part_number": "EMS", "enabled": 1}])
        office.add("kim", "EMS")
        office.license("-EMS", user_principal_names=name("kim"))
        office.add("lee", "EMS")
        undone = office.undo()
        assert undone.error is not None
        assert "last seat" in undone.values["failures"][0]["error"]["advice"]


# Whoever is hit five times is given up, and a rhythm of its own can hit the same ones each time.
DROPS: dict[str, Any] = {"kind": "drop", "path": BATCH, "writing": True, "every": 2, "count": 4}

TROUBLES: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "throttle", "path": "*/assignLicense", "every": 7, "retry_after": 0},
    "collisions": {"kind": "conflict", "path": "*/assignLicense", "every": 5},
    "failed-before": {"kind": "failure", "path": "*/assignLicense", "every": 5, "when": "before"},
    "failed-after": {"kind": "failure", "path": "*/assignLicense", "every": 5, "when": "after"},
    "dropped-before": {**DROPS, "when": "before"},
    "dropped-after": {**DROPS, "when": "after"},
    "slow-to-show": {"kind": "lag", "path": "*/assignLicense", "seconds": 0.5},
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_whatever_happens_each_swaps_once(office: LicensingOffice, trouble: str) -> None:
    users = crowd(office, 60)
    office.trouble(**TROUBLES[trouble])
    made = office.license("-STANDARDPACK", "ENTERPRISEPACK", licensed_with=["STANDARDPACK"])
    assert made.error is None, made.error
    assert office.truth.troubled_writes()
    office.calm()
    check_swapped(office, users)


def test_killed_again_and_again_each_swaps_once(office: LicensingOffice) -> None:
    users = crowd(office, max(120, 80 * KILLS))
    office.trouble("slow", path=BATCH, method="POST", seconds=0.3, when="after")
    swap = ("-STANDARDPACK", "ENTERPRISEPACK")
    for number in range(KILLS):
        already = office.seats("ENTERPRISEPACK")
        process = office.start(*swap, licensed_with=["STANDARDPACK"], run=f"killed-{number}")
        while office.seats("ENTERPRISEPACK") < already + 20 and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None, "it was done before it could be killed"
        process.kill()
        process.wait()
    office.calm()
    made = office.license(*swap, licensed_with=["STANDARDPACK"], run="last")
    assert made.error is None, made.error
    check_swapped(office, users)


def test_thousands_in_one_task_and_back_again(office: LicensingOffice) -> None:
    users = crowd(office, PEOPLE)
    before = office.licensed()
    swap = ("-STANDARDPACK", "ENTERPRISEPACK")
    dry = office.license(*swap, licensed_with=["STANDARDPACK"], check_mode=True)
    made = office.license(*swap, licensed_with=["STANDARDPACK"])
    assert dry == made
    check_swapped(office, users)
    office.undo()
    assert office.licensed() == before


def crowd(office: LicensingOffice, count: int) -> set[str]:
    """So many users with one product, and seats enough of another one."""
    skus = [
        {"part_number": sku, "enabled": count + 20} for sku in ("STANDARDPACK", "ENTERPRISEPACK")
    ]
    office.order(skus=skus, crowd={"count": count, "licenses": {"STANDARDPACK": 1}})
    users = set(office.licensed())
    assert len(users) == count
    return users


def check_swapped(office: LicensingOffice, users: set[str]) -> None:
    """Everybody has one product in place of the other, and got it once."""
    licensed = office.licensed()
    assert set(licensed) == users
    assert all(set(has) == {"ENTERPRISEPACK"} for has in licensed.values())
    assert (office.seats("STANDARDPACK"), office.seats("ENTERPRISEPACK")) == (0, len(users))
    got = Counter(office.events("license_assigned", "ENTERPRISEPACK"))
    assert set(got.values()) == {1}
    assert len(got) == len(users)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1.0/subscribedSkus", {"set": {"value": [{}]}}),
        ("/v1.0/subscribedSkus", {"raw": "{}"}),
        ("/v1.0/users", {"set": {"value": [{"id": "x"}]}}),
        ("/v1.0/users", {"raw": "{}"}),
    ],
)
def test_answer_that_is_not_understood_is_no_absence(
    office: LicensingOffice, path: str, answer: dict[str, Any]
) -> None:
    office.trouble("answer", path=path, **answer)
    with pytest.raises(NotUnderstood):
        office.license("EMS", domains=[DOMAIN], entra_retry_time=1)
    assert office.writes() == []
