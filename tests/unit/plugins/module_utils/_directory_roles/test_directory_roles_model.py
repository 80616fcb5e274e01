# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Action
from ansible_collections.tenantops.migration.plugins.module_utils._directory_roles.model import (
    GLOBAL_ADMINISTRATOR,
    RESOURCE,
    Assignment,
    PrincipalKey,
    Role,
    find_roles,
    given,
    taken,
    template_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    JournalUnusable,
    NotUnderstood,
)

ADMINISTRATOR = Role(GLOBAL_ADMINISTRATOR, GLOBAL_ADMINISTRATOR, "Global Administrator")
HELPDESK = Role(
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Helpdesk Administrator",
)
CUSTOM = Role("1b0f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f11", "t-custom", "Shop Keeper", is_enabled=False)
ROLES = (ADMINISTRATOR, HELPDESK, CUSTOM)
KIM = "6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10"


def test_roles_are_found_by_name_and_by_id() -> None:
    names = ("global administrator", HELPDESK.id.upper(), " Helpdesk Administrator ")
    assert list(find_roles(names, ROLES).values()) == [ADMINISTRATOR, HELPDESK, HELPDESK]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Global Admin", "Global Administrator"),
        ("Tea Maker", "3 roles"),
        ("Shop Keeper", "disabled"),
        ("", "no directory role"),
    ],
)
def test_roles_that_cannot_be_given(name: str, told: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        find_roles([name], ROLES)
    assert told in str(raised.value)


def test_name_of_two_roles_is_no_name() -> None:
    namesake = Role(CUSTOM.id, CUSTOM.template_id, "helpdesk administrator")
    with pytest.raises(InvalidInput, match="2 directory roles") as raised:
        find_roles([HELPDESK.name], (*ROLES, namesake))
    assert namesake.template_id in raised.value.answer
    assert find_roles([CUSTOM.id], (HELPDESK, namesake)) == {CUSTOM.id: namesake}


def test_changes() -> None:
    change = given(KIM, "kim@contoso.test", HELPDESK)
    assert (change.resource, change.id, change.property) == (RESOURCE, KIM, HELPDESK.name)
    assert (change.action, change.before, change.after) == (Action.ADD, None, HELPDESK.template_id)
    opposite = taken(KIM, "kim@contoso.test", HELPDESK)
    assert change.opposite() == opposite
    assert template_of(change) == template_of(opposite) == HELPDESK.template_id


def test_role_as_graph_tells_it() -> None:
    entry = {"id": KIM.upper(), "displayName": "Helper", "templateId": None, "isEnabled": None}
    assert Role.from_json(entry) == Role(KIM, KIM, "Helper")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"id": KIM},
        {"id": KIM, "displayName": ""},
        {"id": KIM, "displayName": "Helper", "isEnabled": "yes"},
    ],
)
def test_what_is_no_role_is_an_error(entry: Any) -> None:
    with pytest.raises(NotUnderstood):
        Role.from_json(entry)


def test_assignments_in_the_whole_tenant() -> None:
    entry = {"id": "Xy", "principalId": KIM.upper(), "roleDefinitionId": HELPDESK.id}
    assert Assignment.from_json({**entry, "directoryScopeId": "/"}) == Assignment(
        "Xy", KIM, HELPDESK.id
    )
    for scope in ("/administrativeUnits/7", None):
        assert Assignment.from_json({**entry, "directoryScopeId": scope}) is None


@pytest.mark.parametrize("entry", [None, {}, {"id": "x", "principalId": KIM}])
def test_what_is_no_assignment_is_an_error(entry: Any) -> None:
    with pytest.raises(NotUnderstood):
        Assignment.from_json(entry)


def test_keys_are_read_as_they_were_written() -> None:
    for name, is_by_id in ((KIM, True), ("kim@contoso.test", False)):
        key = PrincipalKey("tenant", name)
        assert PrincipalKey.from_id(key.id) == key
        assert key.is_by_id is is_by_id
    for identity in ("", KIM, "tenant ", f" {KIM}"):
        with pytest.raises(JournalUnusable):
            PrincipalKey.from_id(identity)
