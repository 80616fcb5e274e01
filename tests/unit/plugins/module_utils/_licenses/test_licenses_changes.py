# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import Request
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import Write
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import (
    net_changes,
    plan_undo,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConditionUnmet,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.changes import (
    LicenseCall,
    WantedLicense,
    assigned_after,
    is_as_after,
    is_as_before,
    license_changes,
    seats_taken,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
    Sku,
    Skus,
    direct_licenses,
    license_value,
    sku_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User

SKUS = Skus(
    (
        Sku("a", "ALPHA", 10, 0),
        Sku("b", "BETA", 10, 0),
        Sku("c", "GAMMA", 10, 0),
        Sku("company", "OMEGA", 10, 0, applies_to="Company"),
        Sku("gone", "OLD", 10, 0, status="Suspended"),
    )
)
KIM = User("kim", "kim@f.test", usage_location="SE")
GROUP = "group"


def having(*licenses: AssignedLicense) -> User:
    return replace(KIM, assigned=licenses)


def changed(user: User, add: Sequence[WantedLicense], remove: Sequence[str]) -> Sequence[Change]:
    request = license_changes(user, add, remove, SKUS)
    assert isinstance(request, Request)
    return request.changes


def test_a_licence_is_assigned_with_its_disabled_plans() -> None:
    (change,) = changed(KIM, [WantedLicense("A", ("y", "x"))], [])
    assert (change.action, change.id, change.name) == (Action.REPLACE, "kim", "kim@f.test")
    assert (change.resource, change.property, change.before) == ("license", "ALPHA", None)
    assert change.after == {"sku_id": "a", "disabled_plans": ["x", "y"]}
    assert LicenseCall.of([change]).to_json() == {
        "addLicenses": [{"skuId": "a", "disabledPlans": ["x", "y"]}],
        "removeLicenses": [],
    }


def test_a_swap_is_one_call() -> None:
    user = having(AssignedLicense("a", ("x",)))
    changes = changed(user, [WantedLicense("b")], ["a"])
    assert [(each.property, each.after is None) for each in changes] == [
        ("ALPHA", True),
        ("BETA", False),
    ]
    assert LicenseCall.of(changes).to_json() == {
        "addLicenses": [{"skuId": "b", "disabledPlans": []}],
        "removeLicenses": ["a"],
    }
    assert seats_taken(user, changes) == {"a": -1, "b": 1}


def test_other_plans_are_assigned_in_place_of_the_old_ones() -> None:
    user = having(AssignedLicense("a", ("x",)))
    changes = changed(user, [WantedLicense("a", ())], [])
    assert [(each.before, each.after) for each in changes] == [
        ({"sku_id": "a", "disabled_plans": ["x"]}, {"sku_id": "a", "disabled_plans": []})
    ]
    assert LicenseCall.of(changes).to_json() == {
        "addLicenses": [{"skuId": "a", "disabledPlans": []}],
        "removeLicenses": [],
    }
    assert seats_taken(user, changes) == {}


@pytest.mark.parametrize(
    ("assigned", "add", "remove"),
    [
        ((), [], ["a"]),
        ((AssignedLicense("a", ("x",)),), [WantedLicense("a")], []),
        ((AssignedLicense("a", ("x",)),), [WantedLicense("a", ("X", "x"))], []),
        # What a group gives is not ours to take.
        ((AssignedLicense("a", by_group=GROUP),), [], ["a"]),
    ],
)
def test_there_is_nothing_to_do(
    assigned: tuple[AssignedLicense, ...], add: list[WantedLicense], remove: list[str]
) -> None:
    assert license_changes(having(*assigned), add, remove, SKUS) is None


def test_what_a_group_gives_as_well_takes_no_further_seat() -> None:
    user = having(AssignedLicense("a", by_group=GROUP))
    assert seats_taken(user, changed(user, [WantedLicense("a")], [])) == {}
    both = having(AssignedLicense("a"), AssignedLicense("a", by_group=GROUP))
    assert seats_taken(both, changed(both, [], ["a"])) == {}


@pytest.mark.parametrize(
    ("user", "sku_id", "error"),
    [
        (replace(KIM, usage_location=None), "a", InvalidInput),
        (KIM, "unknown", InvalidInput),
        (KIM, "company", ConditionUnmet),
        (KIM, "gone", ConditionUnmet),
    ],
)
def test_what_cannot_be_assigned(user: User, sku_id: str, error: type[Exception]) -> None:
    assert isinstance(license_changes(user, [WantedLicense(sku_id)], [], SKUS), error)


def test_what_is_gone_can_be_removed_without_a_location() -> None:
    user = replace(having(AssignedLicense("unknown")), usage_location=None)
    (change,) = changed(user, [], ["unknown"])
    assert change.property == "unknown"


# Requests as one user may meet them, one after the other, in one run.

plans = st.lists(st.sampled_from("xyz"), max_size=2).map(lambda found: tuple(sorted(set(found))))
sku_ids = st.sampled_from("abc")
wishes = st.tuples(
    st.lists(st.builds(WantedLicense, sku_ids, st.none() | plans), max_size=3),
    st.lists(sku_ids, max_size=3),
)
licenses = st.dictionaries(sku_ids, plans).map(
    lambda found: tuple(AssignedLicense(*each) for each in found.items())
)
by_groups = st.lists(st.builds(AssignedLicense, sku_ids, plans, st.just(GROUP)), max_size=2)


@given(licenses, by_groups, wishes)
def test_a_request_leads_to_what_is_wanted(
    direct: tuple[AssignedLicense, ...],
    inherited: list[AssignedLicense],
    wish: tuple[list[WantedLicense], list[str]],
) -> None:
    user = having(*direct, *inherited)
    request = license_changes(user, *wish, SKUS)
    changes = request.changes if isinstance(request, Request) else ()
    after = direct_licenses(assigned_after(user.assigned, changes))
    added = {each.sku_id: each for each in wish[0]}
    for sku_id in "abc":
        before = direct_licenses(direct).get(sku_id)
        if sku_id in added:
            wanted = added[sku_id].disabled_plans
            kept = () if before is None else before.disabled_plans
            assert after[sku_id].disabled_plans == (kept if wanted is None else wanted)
        elif sku_id in wish[1]:
            assert sku_id not in after
        else:
            assert after.get(sku_id) == before
    assert [each for each in assigned_after(user.assigned, changes) if not each.is_direct] == (
        inherited
    )
    if changes:
        assert is_as_before(user.assigned, changes)
        assert is_as_after(assigned_after(user.assigned, changes), changes)
        assert not is_as_after(user.assigned, changes)
    user_after = replace(user, assigned=assigned_after(user.assigned, changes))
    assert license_changes(user_after, *wish, SKUS) is None


def current(assigned: Sequence[AssignedLicense], change: Change) -> Value:
    found = direct_licenses(assigned).get(sku_of(change))
    return None if found is None else license_value(found.sku_id, found.disabled_plans)


@given(licenses, st.lists(wishes, max_size=5))
def test_a_run_can_be_undone_whatever_it_did(
    direct: tuple[AssignedLicense, ...], course: list[tuple[list[WantedLicense], list[str]]]
) -> None:
    user = having(*direct)
    writes = []
    for number, wish in enumerate(course):
        request = license_changes(user, *wish, SKUS)
        if isinstance(request, Request):
            writes.append(Write(str(number), "graph", request.changes, "made"))
            user = replace(user, assigned=assigned_after(user.assigned, request.changes))
    for effects in net_changes(writes).values():
        undo = plan_undo(effects, partial(current, user.assigned))
        assert undo.conflicts == ()
        if undo.changes:
            call = LicenseCall.of(undo.changes)
            assert not set(call.add) & set(call.remove)
            assert is_as_before(user.assigned, undo.changes)
            user = replace(user, assigned=assigned_after(user.assigned, undo.changes))
    assert direct_licenses(user.assigned) == direct_licenses(direct)


@given(licenses, wishes, licenses)
def test_what_somebody_changed_since_is_left_alone(
    direct: tuple[AssignedLicense, ...],
    wish: tuple[list[WantedLicense], list[str]],
    since: tuple[AssignedLicense, ...],
) -> None:
    user = having(*direct)
    request = license_changes(user, *wish, SKUS)
    if not isinstance(request, Request):
        return
    made = assigned_after(user.assigned, request.changes)
    (effects,) = list(net_changes([Write("1", "graph", request.changes, "made")]).values())
    undo = plan_undo(effects, partial(current, since))
    ours, found = direct_licenses(made), direct_licenses(since)
    for change in undo.changes:
        sku_id = sku_of(change)
        assert found.get(sku_id) == ours.get(sku_id)
