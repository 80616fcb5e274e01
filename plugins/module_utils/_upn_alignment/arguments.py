# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `upn_alignment` alone. Private to the collection: it can change in any release."""

from __future__ import annotations

from .._attribute_fixes.renaming import Adjusted
from .._doors.arguments import Arguments
from .._sign_in_names.arguments import SOURCE_OPTIONS

ALIGNMENT_ARGUMENTS = Arguments(
    {
        **SOURCE_OPTIONS,
        "source": {**SOURCE_OPTIONS["source"], "required": False, "default": "primary_address"},
        "adjust": {
            "type": "list",
            "elements": "str",
            "choices": [adjusted.value for adjusted in Adjusted],
            "default": [],
        },
        "batch_size": {"type": "int", "default": 100},
        "canary": {"type": "int", "default": 5},
        "max_failures": {"type": "int", "default": 10},
        "sync_timeout": {"type": "float", "default": 3600.0},
        "settle_time": {"type": "float", "default": 120.0},
        "sync_feature": {
            "type": "str",
            "choices": ["read", "enabled", "disabled"],
            "default": "read",
        },
        "forget": {"type": "list", "elements": "str", "default": []},
        "connections": {"type": "int", "default": 2},
        "in_flight": {"type": "int", "default": 100},
        "rows_limit": {"type": "int", "default": 1000},
        "planned_changes": {"type": "list", "elements": "dict", "default": []},
    }
)
