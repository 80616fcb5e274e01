# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options about users. Private to the collection: it can change in any release."""

from __future__ import annotations

from typing import Any

from .._doors.arguments import Arguments
from .model import CreationType

_LIST = {"type": "list", "elements": "str", "default": []}

WHO_OPTIONS: dict[str, dict[str, Any]] = {
    name: dict(_LIST)
    for name in ("ids", "user_principal_names", "domains", "groups", "departments")
}
"""Who is meant: by one of these at least, where somebody must be named."""

HOW_OPTIONS: dict[str, dict[str, Any]] = {
    "licensed_with": dict(_LIST),
    "synced": {"type": "bool"},
    "licensed": {"type": "bool"},
    "account_enabled": {"type": "bool"},
    "filter": {"type": "str"},
}
"""Which of them, by how they are."""

LISTING_ARGUMENTS = Arguments(
    {
        "creation_type": {"type": "str", "choices": [kind.value for kind in CreationType]},
        **WHO_OPTIONS,
        **HOW_OPTIONS,
        "user_types": dict(_LIST),
        "rows_limit": {"type": "int"},
        "write_csv": {"type": "path"},
    }
)
"""The options of `entra_user_info` alone."""
