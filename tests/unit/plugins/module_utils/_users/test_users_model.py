# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
    Sku,
    Skus,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import (
    FIELDS,
    GAL_FIELDS,
    IDENTITY_FIELDS,
    Identity,
    User,
)

E3 = "6fd2c87f-b296-42f0-b197-1e91e994b900"
PLAN = "7547a3fe-08ee-4ccb-b430-5077c5041653"
GROUP = "0f4a6c7e-8b1d-4c57-9f0a-7a9d1f1c2b11"

KIM: dict[str, Any] = {
    **dict.fromkeys(GAL_FIELDS),
    "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
    "userPrincipalName": "kim@Fourthcoffee.test",
    "mail": "kim@mail.fourthcoffee.test",
    "displayName": "Kim",
    "department": "Sales",
    "businessPhones": ["+46 8 123"],
    "accountEnabled": True,
    "createdDateTime": "2019-05-17T08:30:00Z",
    "creationType": None,
    "userType": "Member",
    "usageLocation": "SE",
    "onPremisesSyncEnabled": True,
    "onPremisesImmutableId": "qVvWgZ3Wx0iBqQw3l1nKkA==",
    "mailNickname": "kim",
    "proxyAddresses": ["smtp:kim@old.test", "SMTP:Kim@mail.fourthcoffee.test"],
    "otherMails": [],
    "identities": [
        {"signInType": "userPrincipalName", "issuer": "f.test", "issuerAssignedId": "kim@f.test"}
    ],
    "licenseAssignmentStates": [
        {
            "skuId": E3.upper(),
            "disabledPlans": [PLAN.upper()],
            "assignedByGroup": None,
            "state": "Active",
            "error": "None",
        },
        {
            "skuId": E3,
            "disabledPlans": [],
            "assignedByGroup": GROUP,
            "state": "Error",
            "error": "CountViolation",
        },
    ],
}


def test_what_is_asked_for_is_what_is_told() -> None:
    assert set(FIELDS) == set(KIM)
    assert User.from_json(KIM) == User(
        id="6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
        user_principal_name="kim@Fourthcoffee.test",
        mail="kim@mail.fourthcoffee.test",
        display_name="Kim",
        account_enabled=True,
        created="2019-05-17T08:30:00Z",
        user_type="Member",
        usage_location="SE",
        department="Sales",
        on_premises_sync_enabled=True,
        on_premises_immutable_id="qVvWgZ3Wx0iBqQw3l1nKkA==",
        mail_nickname="kim",
        proxy_addresses=("smtp:kim@old.test", "SMTP:Kim@mail.fourthcoffee.test"),
        identities=(Identity("userPrincipalName", "f.test", "kim@f.test"),),
        gal={
            **dict.fromkeys(GAL_FIELDS),
            "displayName": "Kim",
            "department": "Sales",
            "businessPhones": "+46 8 123",
        },
        assigned=(
            AssignedLicense(E3, (PLAN,)),
            AssignedLicense(E3, (), GROUP, "Error", "CountViolation"),
        ),
    )


def test_the_result_names_the_products_that_are_known() -> None:
    told: Any = User.from_json(KIM).to_json(Skus((Sku(E3, "ENTERPRISEPACK", 5, 3),)))
    assert told["licenses"] == [
        {
            "sku": "ENTERPRISEPACK",
            "sku_id": E3,
            "disabled_plans": [PLAN],
            "by_group": None,
            "state": "Active",
            "error": None,
        },
        {
            "sku": "ENTERPRISEPACK",
            "sku_id": E3,
            "disabled_plans": [],
            "by_group": GROUP,
            "state": "Error",
            "error": "CountViolation",
        },
    ]
    assert told["gal"]["department"] == "Sales"
    nameless: Any = User.from_json(KIM).to_json()
    assert [license_["sku"] for license_ in nameless["licenses"]] == [None, None]


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"id", "userPrincipalName"}))
def test_what_was_asked_for_must_be_there(name: str) -> None:
    missing = {key: value for key, value in KIM.items() if key != name}
    with pytest.raises(NotUnderstood):
        User.from_json(missing)
    fields = [field for field in FIELDS if field != name]
    assert User.from_json(missing, fields).id == KIM["id"]


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("department", 5, "department: 5"),
        ("accountEnabled", "yes", "accountEnabled: 'yes'"),
        ("licenseAssignmentStates", [{"skuId": "a"}], "'skuId': 'a'"),
    ],
)
def test_who_is_not_as_documented_is_named(name: str, value: object, answer: str) -> None:
    with pytest.raises(NotUnderstood) as told:
        User.from_json({**KIM, name: value})
    assert told.value.subject == KIM["userPrincipalName"]
    assert answer in told.value.answer


def test_what_was_not_asked_for_is_empty() -> None:
    user = User.from_json({name: KIM[name] for name in IDENTITY_FIELDS}, IDENTITY_FIELDS)
    assert (user.assigned, user.proxy_addresses, user.identities) == ((), (), ())
    assert user.usage_location is None


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        *({**KIM, name: 1} for name in FIELDS),
        {**KIM, "proxyAddresses": [1]},
        {**KIM, "identities": [1]},
        {**KIM, "identities": [{"issuer": 1}]},
        {**KIM, "licenseAssignmentStates": None},
        {**KIM, "licenseAssignmentStates": [None]},
        {**KIM, "licenseAssignmentStates": [{"skuId": E3, "disabledPlans": []}]},
    ],
)
def test_what_is_not_a_user(entry: object) -> None:
    with pytest.raises(NotUnderstood):
        User.from_json(entry)


@pytest.mark.parametrize(
    ("domains", "is_of"),
    [
        ({"fourthcoffee.test"}, True),
        ({"mail.fourthcoffee.test"}, True),
        ({"other.test", "fourthcoffee.test"}, True),
        ({"coffee.test"}, False),
        (set[str](), False),
    ],
)
def test_whose_domain(domains: set[str], is_of: bool) -> None:
    assert User.from_json(KIM).is_of(domains) is is_of


def test_the_primary_address() -> None:
    assert User.from_json(KIM).primary_address == "Kim@mail.fourthcoffee.test"
    without = User.from_json({**KIM, "proxyAddresses": ["smtp:kim@old.test"]})
    assert without.primary_address == "kim@mail.fourthcoffee.test"


@pytest.mark.parametrize(("flag", "is_synced"), [(True, True), (False, False), (None, False)])
def test_who_is_synchronised(flag: bool | None, is_synced: bool) -> None:
    assert User.from_json({**KIM, "onPremisesSyncEnabled": flag}).is_synced is is_synced
