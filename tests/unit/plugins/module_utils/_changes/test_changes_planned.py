# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.planned import (
    planned_changes,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

OURS = Change(System.DNS, "txt_rrset", "z. a.z.", "a.z", "TXT", Action.ADD, None, '"v"')
OTHERS = (
    Change(System.DNS, "txt_rrset", "z. b.z.", "b.z", "TXT", Action.ADD, None, '"v"'),
    Change(System.ENTRA, "domain", "z. a.z.", "z", "domain", Action.CREATE, None, "z"),
)


def parameters(*changes: Change) -> dict[str, Any]:
    return {"planned_changes": [change.to_json() for change in changes]}


def test_those_of_the_same_thing_count() -> None:
    planned = planned_changes(parameters(OTHERS[0], OURS, OTHERS[1]), check_mode=True)
    assert planned.of_thing(System.DNS, "txt_rrset", "z. a.z.") == (OURS,)


def test_in_a_run_none_count() -> None:
    planned = planned_changes(parameters(OURS), check_mode=False)
    assert planned.of_thing(System.DNS, "txt_rrset", "z. a.z.") == ()


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_no_change_is_an_error_always(check_mode: bool) -> None:
    with pytest.raises(InvalidInput):
        planned_changes({"planned_changes": [{"system": "dns"}]}, check_mode=check_mode)
