# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options about people. Private to the collection: it can change in any release."""

from __future__ import annotations

from .._doors.arguments import Arguments
from .comparison import Finding

PEOPLE_ARGUMENTS = Arguments(
    {
        "search_bases": {"type": "list", "elements": "str"},
        "exclude": {"type": "list", "elements": "str", "default": []},
        "filter": {"type": "str"},
    }
)
"""Which people of the directory are meant: `PeopleOptions` reads these."""

COMPARISON_ARGUMENTS = Arguments(
    {
        "findings": {
            "type": "list",
            "elements": "str",
            "choices": [finding.value for finding in Finding],
        },
        "rows_limit": {"type": "int", "default": 1000},
        "write_csv": {"type": "path"},
        "write_json_lines": {"type": "path"},
    }
)
"""The options of `account_comparison_info` alone."""
