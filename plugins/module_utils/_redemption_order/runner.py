# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_redemption_order`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import converge
from .._changes.planned import PlannedChanges, planned_changes
from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .._tenants.organization import read_organization
from .model import FALLBACK, PRIMARY, Wanted, order_after, propose
from .resource import RedemptionOrderResource


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Bring the order to what the operator wants."""
    control = ChangeControl.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    wanted = Wanted.from_parameters(parameters)
    planned = planned_changes(parameters, check_mode=check_mode)
    return asyncio.run(_run(connection, wanted, planned, control, check_mode))


async def _run(
    connection: EntraConnection,
    wanted: Wanted,
    planned: PlannedChanges,
    control: ChangeControl,
    check_mode: bool,
) -> Outcome:
    async with open_graph(connection) as graph:
        tenant_id = (await read_organization(graph)).tenant_id
        converged = await converge(
            RedemptionOrderResource(graph, tenant_id, planned.changes),
            lambda order: propose(order, wanted, tenant_id),
            control,
            check_mode=check_mode,
        )
    after = order_after(converged.state, converged.changes).to_json()
    return Outcome(
        changes=converged.changes,
        values={"primary": after[PRIMARY], "fallback": after[FALLBACK]},
    )
