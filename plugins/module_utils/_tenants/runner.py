# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_tenant_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .organization import Organization, read_organization


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Tell what the tenant is. Raises `TenantopsError` for everything that goes wrong."""
    organization = asyncio.run(_read(EntraConnection.from_parameters(parameters)))
    return Outcome(values={"organization": organization.to_json()})


async def _read(connection: EntraConnection) -> Organization:
    async with open_graph(connection) as graph:
        return await read_organization(graph)
