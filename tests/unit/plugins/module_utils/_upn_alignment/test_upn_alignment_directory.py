# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People of the directory and the plan of their names, which come of two readings."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.renaming import (
    RenamePlan,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.model import (
    DirectoryPerson,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.wanted import (
    Wanted,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment import directory

GUID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "kim"))
DN = "CN=kim,DC=firm"
OLD, NEW = "kim@firm.local", "kim@firm.test"
SUFFIXES = Wanted.from_options("suffix_map", {"firm.local": "firm.test"}, None)


def sorted_in(now: str, was: str = OLD, *, is_planned: bool = True) -> directory.DirectorySide:
    """What is made of a person who has the name `now`, and had `was` when the plan was made."""
    thing = DirectoryObject(GUID, DN, ObjectClass.USER, "firm.local", {"userPrincipalName": (was,)})
    plan = RenamePlan()
    if is_planned:
        plan.change(thing, [ValueChange("userPrincipalName", was, NEW)])
    side = directory.DirectorySide()
    person = DirectoryPerson(GUID, DN, user_principal_name=now)
    sort: Any = directory._sort
    sort(side, [person], {GUID: thing}, plan, SUFFIXES)
    return side


def test_plan_and_person_agree() -> None:
    (found,) = sorted_in(OLD).people
    assert (found.wanted, found.error) == (NEW, None)
    (request,) = sorted_in(OLD).requests
    assert request.id == GUID


@pytest.mark.parametrize(
    ("now", "was", "is_planned"),
    [
        pytest.param(OLD, NEW, False, id="named back since"),
        pytest.param("other@firm.local", OLD, True, id="another name since"),
    ],
)
def test_somebody_who_changed_between_the_readings_is_told(
    now: str, was: str, is_planned: bool
) -> None:
    (found,) = sorted_in(now, was, is_planned=is_planned).people
    assert "not the same" in str(found.error)


def test_who_has_the_name_of_an_earlier_run_keeps_it() -> None:
    (found,) = sorted_in(NEW, NEW, is_planned=False).people
    assert (found.wanted, found.request, found.error) == (NEW, None, None)
