# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options about guests. Private to the collection: it can change in any release."""

from __future__ import annotations

from .._doors.arguments import Arguments
from .._realms.arguments import QUESTION_ARGUMENTS
from .model import SignInMethod

SELECTION_ARGUMENTS = Arguments(
    {
        "methods": {
            "type": "list",
            "elements": "str",
            "choices": [method.value for method in SignInMethod],
            "default": [],
        },
        "domains": {"type": "list", "elements": "str", "default": []},
        "ids": {"type": "list", "elements": "str", "default": []},
        "addresses": {"type": "list", "elements": "str", "default": []},
    }
)
"""Which guests are meant: `Selection` reads these."""

LISTING_ARGUMENTS = Arguments(
    {
        "rows_limit": {"type": "int", "default": 1000},
        "write_csv": {"type": "path"},
        **{name: QUESTION_ARGUMENTS.options[name] for name in ("in_flight", "requests_per_second")},
    }
)
"""The options of `entra_guest_info` alone."""
