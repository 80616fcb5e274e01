# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of fixing, beside those of judging. Private to the collection: it can change in any
release."""

from __future__ import annotations

from .._doors.arguments import Arguments
from .._sign_in_names.arguments import SOURCE_OPTIONS
from .renaming import Adjusted

FIXING_ARGUMENTS = Arguments(
    {
        # A finding is fixed if its rule or its severity is named here ...
        "fix_rules": {"type": "list", "elements": "str", "default": []},
        "fix_severities": {
            "type": "list",
            "elements": "str",
            "choices": ["blocking", "warning", "advice"],
            "default": ["blocking"],
        },
        # ... or, if there is a review file, what that says and nothing else.
        "review_file": {"type": "path"},
        "protect": {"type": "list", "elements": "str", "default": []},
        "connections": {"type": "int", "default": 2},
        "in_flight": {"type": "int", "default": 100},
        "plan_ldif": {"type": "path"},
        "undo_ldif": {"type": "path"},
        # ... or, if people are to be renamed, that and nothing else.
        "rename": {
            "type": "dict",
            "options": {
                **SOURCE_OPTIONS,
                "ids": {"type": "list", "elements": "str", "default": []},
                "adjust": {
                    "type": "list",
                    "elements": "str",
                    "choices": [adjusted.value for adjusted in Adjusted],
                    "default": [],
                },
            },
        },
    },
    mutually_exclusive=(("review_file", "rename"),),
)
"""The options of `ad_attributes` alone."""
