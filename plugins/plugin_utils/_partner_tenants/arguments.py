# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the inventory `partner_tenants`, but for those of Ansible itself.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from ...module_utils._doors.arguments import Arguments
from ...module_utils._graph.arguments import ENTRA_ARGUMENTS
from .._fleet_inventory.arguments import INVENTORY_ARGUMENTS, filter_options
from .model import SOURCES
from .names import DEFAULT_DOMAIN, DISPLAY_NAME, NAMES

_OWN = Arguments(
    {
        "sources": {
            "type": "list",
            "elements": "str",
            "choices": list(SOURCES),
            "default": list(SOURCES),
        },
        "name_from": {
            "type": "list",
            "elements": "str",
            "choices": list(NAMES),
            "default": [DEFAULT_DOMAIN, DISPLAY_NAME],
        },
        "host_names": {"type": "dict", "default": {}},
        "relationships": {"type": "bool", "default": False},
        **filter_options(
            "tenant_ids", "domains", "display_names", "contract_types", "relationship_statuses"
        ),
    }
)

ARGUMENTS = INVENTORY_ARGUMENTS.with_(ENTRA_ARGUMENTS, _OWN)
