# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that all inventories of tenants have: the fragment `fleet_inventory`.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from ...module_utils._doors.arguments import Arguments

INVENTORY_ARGUMENTS = Arguments(
    {
        "plugin": {"type": "str", "required": True},
        "tenants_group": {"type": "str", "default": "tenants"},
        "on_failure": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
    }
)


def filter_options(*names: str) -> dict[str, dict[str, object]]:
    """The options `only` and `never` with these filters."""
    filters = {name: {"type": "list", "elements": "str"} for name in names}
    return {name: {"type": "dict", "options": filters} for name in ("only", "never")}
