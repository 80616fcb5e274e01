# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import FIELDS, User

KIM: dict[str, Any] = {
    "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
    "userPrincipalName": "kim@Fourthcoffee.test",
    "mail": "kim@mail.fourthcoffee.test",
    "displayName": "Kim",
    "accountEnabled": True,
    "createdDateTime": "2019-05-17T08:30:00Z",
}


def test_what_is_asked_for_is_what_is_told() -> None:
    assert set(FIELDS) == set(KIM)
    assert User.from_json(KIM).to_json() == {
        "id": "6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21",
        "user_principal_name": "kim@Fourthcoffee.test",
        "mail": "kim@mail.fourthcoffee.test",
        "display_name": "Kim",
        "account_enabled": True,
        "created": "2019-05-17T08:30:00Z",
    }


@pytest.mark.parametrize("name", ["mail", "displayName", "accountEnabled", "createdDateTime"])
def test_what_may_be_missing(name: str) -> None:
    missing = {key: value for key, value in KIM.items() if key != name}
    assert User.from_json(missing) == User.from_json({**KIM, name: None})


@pytest.mark.parametrize(
    "entry",
    [
        None,
        [],
        {},
        *({key: value for key, value in KIM.items() if key != name} for name in FIELDS[:2]),
        *({**KIM, name: 1} for name in FIELDS),
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
        ({"contoso.test", "fourthcoffee.test"}, True),
        ({"coffee.test"}, False),
        (set(), False),
    ],
)
def test_whose_domain_it_is(domains: set[str], is_of: bool) -> None:
    assert User.from_json(KIM).is_of(domains) is is_of
