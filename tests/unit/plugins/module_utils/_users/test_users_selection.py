# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import (
    CreationType,
    User,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.selection import (
    UserSelection,
)

E3 = "6fd2c87f-b296-42f0-b197-1e91e994b900"
E5 = "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
KIM = User(
    id="ID-of-kim",
    user_principal_name="Kim@Litware.test",
    mail="kim@mail.test",
    account_enabled=True,
    creation_type="EmailVerified",
    user_type="Member",
    department=" Sales ",
    on_premises_sync_enabled=True,
    assigned=(AssignedLicense(E3), AssignedLicense(E5, by_group="group")),
)
SKUS = {"EnterprisePack": E3, "ENTERPRISEPREMIUM": E5}
MEMBERS = {"Tokyo": {"ID-of-kim"}, "Osaka": set[str]()}


@pytest.mark.parametrize(
    ("options", "is_meant"),
    [
        ({}, True),
        ({"ids": ["id-OF-kim "]}, True),
        ({"ids": ["id-of-lee"]}, False),
        ({"user_principal_names": ["kim@litware.TEST"]}, True),
        ({"user_principal_names": ["kim@mail.test"]}, False),
        ({"ids": ["id-of-kim"], "user_principal_names": ["lee@litware.test"]}, False),
        ({"domains": ["LITWARE.test."]}, True),
        ({"domains": ["mail.test"]}, True),
        ({"domains": ["ware.test"]}, False),
        ({"departments": ["sales", "IT"]}, True),
        ({"departments": ["IT"]}, False),
        ({"groups": ["Tokyo", "Osaka"]}, True),
        ({"groups": ["Osaka"]}, False),
        ({"licensed_with": ["EnterprisePack"]}, True),
        # Through a group is not directly.
        ({"licensed_with": ["ENTERPRISEPREMIUM"]}, False),
        ({"licensed": True}, True),
        ({"licensed": False}, False),
        ({"synced": True}, True),
        ({"synced": False}, False),
        ({"account_enabled": False}, False),
        ({"user_types": ["member"]}, True),
        ({"user_types": ["guest"]}, False),
        ({"creation_type": "EmailVerified"}, True),
        ({"creation_type": "Invitation"}, False),
        # Graph has judged this one already.
        ({"filter": "startsWith(displayName,'K')"}, True),
    ],
)
def test_who_is_meant(options: dict[str, Any], is_meant: bool) -> None:
    assert UserSelection.from_parameters(options).chooses(KIM, MEMBERS, SKUS) is is_meant


@pytest.mark.parametrize(
    ("options", "is_everybody"),
    [
        ({}, True),
        ({"synced": True, "user_types": ["Member"], "account_enabled": True}, True),
        ({"ids": ["x"]}, False),
        ({"filter": "accountEnabled eq true"}, False),
        ({"filter": " "}, True),
        ({"licensed_with": ["E3"]}, False),
        ({"creation_type": "Invitation"}, False),
    ],
)
def test_whether_anybody_is_named(options: dict[str, Any], is_everybody: bool) -> None:
    assert UserSelection.from_parameters(options).is_everybody is is_everybody


@pytest.mark.parametrize(
    ("selection", "condition"),
    [
        (UserSelection(), None),
        (
            UserSelection(creation_type=CreationType.EMAIL_VERIFIED),
            "creationType eq 'EmailVerified'",
        ),
        (
            UserSelection(condition="mail eq 'a' or mail eq 'b'", synced=True),
            "(mail eq 'a' or mail eq 'b') and (onPremisesSyncEnabled eq true)",
        ),
        # Who was synchronised and is no more is not in that list, nor is who never was.
        (UserSelection(synced=False), None),
    ],
)
def test_what_graph_sorts_out(selection: UserSelection, condition: str | None) -> None:
    assert selection.graph_condition == condition


@pytest.mark.parametrize("option", ["ids", "user_principal_names", "groups", "departments"])
def test_an_empty_value_is_nobody(option: str) -> None:
    with pytest.raises(InvalidInput, match=option):
        UserSelection.from_parameters({option: ["x", " "]})
