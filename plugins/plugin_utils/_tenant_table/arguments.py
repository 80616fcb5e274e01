# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the inventory `tenant_table`, but for those of Ansible itself.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from ...module_utils._doors.arguments import Arguments
from .._fleet_inventory.arguments import INVENTORY_ARGUMENTS, filter_options

ARGUMENTS = INVENTORY_ARGUMENTS.with_(
    Arguments(
        {
            "files": {"type": "list", "elements": "path", "required": True},
            "name_column": {"type": "str", "default": "name"},
            "columns": {"type": "dict", "default": {}},
            "types": {"type": "dict", "default": {}},
            **filter_options("names", "tenant_ids"),
        }
    )
)
