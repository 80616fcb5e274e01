# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `entra_license`. Private to the collection: it can change in any release."""

from __future__ import annotations

from typing import Any

from .._doors.arguments import Arguments
from .._graph.waiting import DOUBT_TIME
from .._users.arguments import HOW_OPTIONS, WHO_OPTIONS
from .rules import LicenseState

_LICENSES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "sku": {"type": "str", "required": True},
        "state": {
            "type": "str",
            "choices": [state.value for state in LicenseState],
            "default": LicenseState.PRESENT.value,
        },
        "disabled_plans": {"type": "list", "elements": "str"},
    },
}

LICENSE_ARGUMENTS = Arguments(
    {
        **WHO_OPTIONS,
        **HOW_OPTIONS,
        "user_types": {"type": "list", "elements": "str", "default": ["Member"]},
        "licenses": _LICENSES,
        "usage_location": {"type": "str"},
        "rules": {
            "type": "list",
            "elements": "dict",
            "options": {
                "name": {"type": "str"},
                **WHO_OPTIONS,
                "licenses": {**_LICENSES, "required": True},
                "usage_location": {"type": "str"},
            },
        },
        "rows_limit": {"type": "int", "default": 1000},
        "settle_time": {"type": "float", "default": DOUBT_TIME},
        "planned_changes": {"type": "list", "elements": "dict", "default": []},
    },
    mutually_exclusive=(("licenses", "rules"),),
    required_one_of=(("licenses", "rules"),),
)
