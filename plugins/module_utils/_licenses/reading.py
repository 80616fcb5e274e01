# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant has bought, read through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_pages import json_entries
from .model import Sku, Skus

READ_SKUS = Access(
    "LicenseAssignment.Read.All",
    "Directory Readers",
    (
        "LicenseAssignment.ReadWrite.All",
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ),
)
"""What reading the subscribed SKUs needs."""

_SUBJECT = "subscribedSkus"


async def read_skus(graph: Graph) -> Skus:
    """All SKUs of the tenant with their seats. Raises `NotUnderstood` for what is no such list."""
    entries = json_entries(graph, _SUBJECT, _SUBJECT, access=READ_SKUS)
    return Skus(tuple([Sku.from_json(entry) async for entry in entries]))
