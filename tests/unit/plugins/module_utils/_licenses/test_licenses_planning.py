# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.planned import (
    PlannedChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.locations import (
    location_set,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
    ServicePlan,
    Sku,
    Skus,
    license_added,
    license_removed,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.planning import (
    LicensePlan,
    Planner,
    skus_after,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.rules import Rules
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User
from ansible_collections.tenantops.migration.plugins.module_utils._users.planned import (
    PlannedUsers,
)

SKUS = Skus(
    (
        Sku(
            "a", "ALPHA", 10, 8, service_plans=(ServicePlan("x", "MAIL"), ServicePlan("y", "CHAT"))
        ),
        Sku("b", "BETA", 1, 0),
    )
)
NOTHING: dict[str, Any] = {
    "ids": [],
    "user_principal_names": [],
    "domains": [],
    "groups": [],
    "departments": [],
}
TASK: dict[str, Any] = {
    **NOTHING,
    "licensed_with": [],
    "filter": "accountEnabled eq true",
    "licenses": None,
    "rules": None,
    "usage_location": None,
}


def license_(sku: str, state: str = "present", plans: list[str] | None = None) -> dict[str, Any]:
    return {"sku": sku, "state": state, "disabled_plans": plans}


def rule(*licenses: dict[str, Any], **options: Any) -> dict[str, Any]:
    usual = {"name": None, "usage_location": None, "licenses": licenses}
    return {**NOTHING, **usual, **options}


def user(name: str, *licenses: AssignedLicense, **others: Any) -> User:
    usual = User(f"id-{name}", f"{name}@f.test", usage_location="SE", assigned=licenses)
    return replace(usual, **others)


def planner(users: Iterable[User], **options: Any) -> Planner:
    rules = Rules.from_parameters({**TASK, **options})
    made = Planner(rules.resolved(SKUS), SKUS, {"Tokyo": {"id-taro"}}, 1000)
    for each in users:
        made.add(each)
    return made


def plan(users: Iterable[User], **options: Any) -> LicensePlan:
    return planner(users, **options).plan


def told(made: LicensePlan) -> list[tuple[str, str, Any]]:
    return [(change.name, change.property, change.after) for change in made.changes]


def test_each_user_gets_what_all_rules_say_and_the_earlier_one_counts() -> None:
    made = plan(
        [
            user("kim", department="Sales"),
            user("taro", usage_location=None),
            user("lee", department="IT"),
        ],
        rules=[
            rule(license_("ALPHA", plans=["chat"]), departments=["sales"]),
            rule(license_("ALPHA"), license_("BETA"), groups=["Tokyo"], usage_location="jp"),
            rule(license_("ALPHA"), domains=["f.test"], usage_location="SE"),
        ],
    )
    assert made.users == 3
    assert told(made) == [
        ("taro@f.test", "usageLocation", "JP"),
        ("kim@f.test", "ALPHA", {"sku_id": "a", "disabled_plans": ["y"]}),
        ("taro@f.test", "ALPHA", {"sku_id": "a", "disabled_plans": []}),
        ("taro@f.test", "BETA", {"sku_id": "b", "disabled_plans": []}),
        ("lee@f.test", "ALPHA", {"sku_id": "a", "disabled_plans": []}),
    ]
    assert made.seats == {"a": 3, "b": 1}


def test_who_is_read_twice_takes_one_seat() -> None:
    made = plan([user("kim"), user("kim")], rules=[rule(license_("ALPHA"), domains=["f.test"])])
    assert (made.users, made.seats, len(made.changes)) == (1, {"a": 1}, 1)


def test_product_that_the_tenant_has_no_more_is_taken_away_by_its_id() -> None:
    gone = "6fd2c87f-b296-42f0-b197-1e91e994b900"
    rules = [rule(license_(gone.upper(), "absent"), domains=["f.test"])]
    (change,) = plan([user("kim", AssignedLicense(gone)), user("lee")], rules=rules).changes
    assert (change.property, change.after) == (gone, None)
    for unknown in (license_(gone), license_("GAMMA", "absent")):
        with pytest.raises(InvalidInput, match="has no product"):
            plan([], rules=[rule(unknown, domains=["f.test"])])


def test_who_fits_no_rule_is_not_meant() -> None:
    made = plan([user("kim")], rules=[rule(license_("ALPHA"), departments=["IT"])])
    assert (made.users, made.changes) == (0, ())


def test_licences_through_groups_are_told_and_left_alone() -> None:
    by_group = AssignedLicense("a", ("x",), "group")
    broken = AssignedLicense("a", (), "group", "Error", "CountViolation")
    users = [
        user("has", by_group),
        user("both", AssignedLicense("a"), by_group),
        user("broken", broken),
    ]
    wanted = plan(users, licenses=[license_("ALPHA", plans=["chat"])])
    # Who has it by a group already is not given it twice, but one that is not in force is no use.
    assert [change.name for change in wanted.changes] == ["both@f.test", "broken@f.test"]
    assert [(row["user_principal_name"], row["wanted"]) for row in wanted.inherited] == [
        ("has@f.test", "present"),
        ("both@f.test", "present"),
        ("broken@f.test", "present"),
    ]
    unwanted = plan(users, licenses=[license_("ALPHA", "absent")])
    assert [change.name for change in unwanted.changes] == ["both@f.test"]
    assert unwanted.inherited_count == 3
    assert (unwanted.unchanged, unwanted.freed) == (2, {})


def test_a_licence_without_effect_is_told() -> None:
    broken = AssignedLicense("a", (), None, "Error", "MutuallyExclusiveViolation")
    made = plan([user("kim", broken)], licenses=[license_("ALPHA")])
    assert (made.changes, made.unchanged) == ((), 1)
    (row,) = made.not_in_force
    assert (row["error"], row["sku"]) == ("MutuallyExclusiveViolation", "ALPHA")


def test_no_more_rows_are_kept_than_the_limit_says() -> None:
    rules = Rules.from_parameters({**TASK, "licenses": [license_("ALPHA", "absent")]})
    limited = Planner(rules.resolved(SKUS), SKUS, {}, 2)
    for number in range(5):
        limited.add(user(str(number), AssignedLicense("a", (), "group")))
    assert (len(limited.plan.inherited), limited.plan.inherited_count) == (2, 5)


def test_a_user_without_a_location_is_given_one_or_fails() -> None:
    nowhere = user("kim", usage_location=None)
    without = plan([nowhere], licenses=[license_("ALPHA")])
    assert without.changes == ()
    (failure,) = without.failures
    assert isinstance(failure.error, InvalidInput)
    located = plan([nowhere], licenses=[license_("ALPHA")], usage_location="se")
    (first, _second) = located.changes
    assert (first.resource, first.before, first.after) == ("usage_location", None, "SE")
    assert not first.reversible
    # Who loses a product needs none, and another one is never changed.
    taken = [user("kim", AssignedLicense("a"), usage_location=None), user("lee")]
    removal = plan(taken, licenses=[license_("ALPHA", "absent")], usage_location="JP")
    assert [change.property for change in removal.changes] == ["ALPHA"]
    elsewhere = plan([user("lee")], licenses=[license_("ALPHA")], usage_location="JP")
    assert [change.property for change in elsewhere.changes] == ["ALPHA"]


def test_seats_are_counted_for_all() -> None:
    users = [user(str(number)) for number in range(3)]
    enough = planner(users[:2], licenses=[license_("ALPHA")])
    enough.check_seats("graph")
    short = planner(users, licenses=[license_("ALPHA"), license_("BETA")])
    with pytest.raises(ConditionUnmet) as refused:
        short.check_seats("graph")
    assert refused.value.answer == "ALPHA needs 3, 2 free; BETA needs 3, 1 free"


def test_seats_that_others_give_back_first_count() -> None:
    leaving = [user(f"left{number}", AssignedLicense("b"), department="X") for number in range(2)]
    coming = [user(f"new{number}") for number in range(3)]
    rules = [
        rule(license_("BETA", "absent"), departments=["x"]),
        rule(license_("BETA"), domains=["f.test"]),
    ]
    made = planner([*coming, *leaving], rules=rules)
    made.check_seats("graph")
    assert [change.name for change in made.plan.changes[:2]] == ["left0@f.test", "left1@f.test"]
    # Of those who swap nobody knows who comes first.
    swapping = [user("s", AssignedLicense("b"), department="Y")]
    swap = [rule(license_("BETA", "absent"), license_("ALPHA"), departments=["y"]), *rules]
    with pytest.raises(ConditionUnmet, match="seats"):
        planner([*coming, *leaving[:1], *swapping], rules=swap).check_seats("graph")


@pytest.mark.parametrize(
    "options",
    [
        {"filter": None, "licenses": [license_("ALPHA")]},
        {"filter": None, "rules": [rule(license_("ALPHA"))]},
        {"licenses": []},
        {"rules": [rule()]},
        {"licenses": [license_(" ")]},
        {"licenses": [license_("ALPHA", "absent", ["MAIL"])]},
        {"licenses": [license_("ALPHA")], "usage_location": "Sweden"},
        {"licenses": [license_("ALPHA")], "usage_location": ""},
        {"rules": [rule(license_("ALPHA"), usage_location="S1")]},
    ],
)
def test_what_cannot_be_meant(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Rules.from_parameters({**TASK, **options})


@pytest.mark.parametrize(
    "options",
    [
        {"licenses": [license_("DELTA")]},
        {"licenses": [license_("ALPHA"), license_("A")]},
        {"licenses": [license_("ALPHA", plans=["VIDEO"])]},
        {"licenses": [license_("ALPHA")], "licensed_with": ["DELTA"]},
    ],
)
def test_what_the_tenant_does_not_have(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Rules.from_parameters({**TASK, **options}).resolved(SKUS)


def test_a_dry_run_takes_earlier_changes_for_made() -> None:
    kim = user("kim", usage_location=None)
    changes = [
        location_set(kim, "SE"),
        license_added(kim.id, "kim@f.test", "ALPHA", "a", ()),
        license_removed("id-lee", "lee@f.test", "BETA", "b", ()),
    ]
    later = PlannedUsers(PlannedChanges(changes))
    assert later.after(kim) == user("kim", AssignedLicense("a"))
    assert later.after(user("lee", AssignedLicense("b"))) == user("lee")
    assert later.after(user("max")) == user("max")
    assert [sku.consumed for sku in skus_after(SKUS, changes).skus] == [9, -1]
