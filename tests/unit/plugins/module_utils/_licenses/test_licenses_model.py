# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    NotUnderstood,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
    Sku,
    Skus,
    assigned_licenses,
    license_added,
    read_value,
    sku_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.names import (
    plans_named,
    sku_named,
)

E3 = "6fd2c87f-b296-42f0-b197-1e91e994b900"
YAMMER = "7547a3fe-08ee-4ccb-b430-5077c5041653"
STATE: dict[str, Any] = {
    "skuId": E3,
    "disabledPlans": [],
    "assignedByGroup": None,
    "state": "Active",
    "error": "None",
}
SKU: dict[str, Any] = {
    "id": f"tenant_{E3}",
    "skuId": E3.upper(),
    "skuPartNumber": "ENTERPRISEPACK",
    "appliesTo": "User",
    "capabilityStatus": "Enabled",
    "consumedUnits": 14,
    "prepaidUnits": {"enabled": 25, "suspended": 3, "warning": 2, "lockedOut": 1},
    "servicePlans": [
        {
            "servicePlanId": YAMMER.upper(),
            "servicePlanName": "YAMMER_ENTERPRISE",
            "provisioningStatus": "Success",
            "appliesTo": "User",
        }
    ],
}


def test_a_sku_and_its_free_seats() -> None:
    sku = Sku.from_json(SKU)
    assert (sku.sku_id, sku.part_number, sku.free) == (E3, "ENTERPRISEPACK", 13)
    assert Sku.from_json({**SKU, "consumedUnits": 40}).free == 0
    assert sku.plan_id("yammer_enterprise") == sku.plan_id(YAMMER.upper()) == YAMMER
    assert sku.plan_id("TEAMS1") is None


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        *(
            {key: value for key, value in SKU.items() if key != name}
            for name in SKU
            if name != "id"
        ),
        {**SKU, "consumedUnits": True},
        {**SKU, "prepaidUnits": {"enabled": None}},
        {**SKU, "servicePlans": [None]},
    ],
)
def test_what_is_not_a_sku(entry: object) -> None:
    with pytest.raises(NotUnderstood):
        Sku.from_json(entry)


def test_states_of_licences_are_told_in_graphs_words() -> None:
    entry = {**STATE, "state": "Bewildered", "error": "MercuryInRetrograde"}
    found = AssignedLicense.from_json(entry)
    assert (found.state, found.error) == ("Bewildered", "MercuryInRetrograde")
    assert found.is_direct
    assert not found.is_in_force


@pytest.mark.parametrize(
    "states",
    [
        None,
        [{}],
        [{**STATE, "skuId": None}],
        [{**STATE, "disabledPlans": None}],
        [{**STATE, "assignedByGroup": 1}],
        # Without the field it would pass for a direct one.
        [{key: value for key, value in STATE.items() if key != "assignedByGroup"}],
        [STATE, STATE],
    ],
)
def test_what_is_not_a_list_of_licences(states: Any) -> None:
    with pytest.raises(NotUnderstood):
        assigned_licenses(states)


def test_a_value_comes_back_from_the_journal() -> None:
    change = license_added("id", "kim@f.test", "ENTERPRISEPACK", E3.upper(), [YAMMER.upper(), "a"])
    again = Change.from_json(change.to_json())
    assert again == change
    assert sku_of(again) == E3
    assert read_value(again.after) == (E3, (YAMMER, "a"))
    assert read_value(again.before) is None


@pytest.mark.parametrize("value", ["x", {}, {"sku_id": 1, "disabled_plans": []}, {"sku_id": E3}])
def test_what_is_no_value(value: Any) -> None:
    with pytest.raises(JournalUnusable):
        read_value(value)


def test_products_by_name_and_id() -> None:
    skus = Skus((Sku.from_json(SKU),))
    assert sku_named(skus, "enterprisepack") == sku_named(skus, E3.upper())
    with pytest.raises(InvalidInput) as unknown:
        sku_named(skus, "SPB")
    assert unknown.value.answer == "ENTERPRISEPACK"
    with pytest.raises(InvalidInput) as none:
        sku_named(Skus(), "SPB")
    assert none.value.answer == "none at all"
    assert skus.name("other") == "other"


def test_plans_by_name() -> None:
    sku = Sku.from_json(SKU)
    assert plans_named(sku, ["Yammer_Enterprise", YAMMER]) == (YAMMER,)
    with pytest.raises(InvalidInput) as unknown:
        plans_named(sku, ["TEAMS1"])
    assert unknown.value.answer == "YAMMER_ENTERPRISE"
