# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_email_otp`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import converge
from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .model import GuestOtp, policy_after, propose
from .resource import EmailOtpResource


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Bring the setting for guests to what the operator wants."""
    control = ChangeControl.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    wanted = GuestOtp(parameters["guests"])
    return asyncio.run(_run(connection, wanted, control, check_mode))


async def _run(
    connection: EntraConnection, wanted: GuestOtp, control: ChangeControl, check_mode: bool
) -> Outcome:
    async with open_graph(connection) as graph:
        converged = await converge(
            EmailOtpResource(graph),
            lambda policy: propose(policy, wanted),
            control,
            check_mode=check_mode,
        )
    after = policy_after(converged.state, converged.changes)
    return Outcome(changes=converged.changes, values={"guests": after.guests.value})
