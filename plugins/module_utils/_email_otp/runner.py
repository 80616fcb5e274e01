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
from .._changes.planned import planned_changes
from .._doors.operation import Outcome
from .._errors import InvalidInput
from .._graph.client import EntraConnection, open_graph
from .locked_out import Allowed, locked_out_to_json
from .model import GuestOtp, policy_after, propose, turns_on
from .resource import EmailOtpResource

_ONLY_THE_FUTURE = (
    "The passcode is on from now on, which concerns future redemptions only: guests who have "
    "redeemed keep signing in as they do, until their redemption is reset"
)


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Bring the setting for guests to what the operator wants."""
    control = ChangeControl.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    wanted = GuestOtp(parameters["guests"])
    allowed = _allowed(parameters, check_mode)
    return asyncio.run(_run(connection, wanted, allowed, control, check_mode))


def _allowed(parameters: Mapping[str, Any], check_mode: bool) -> Allowed:
    most = parameters["acknowledge_locked_out"]
    if most < 0:
        raise InvalidInput(f"acknowledge_locked_out is a number of guests, not {most}")
    # What was reset in a run is of account too: Graph's lists may not know it yet.
    earlier = planned_changes(parameters, check_mode=True).changes
    return Allowed(most, earlier, is_planned=check_mode)


async def _run(
    connection: EntraConnection,
    wanted: GuestOtp,
    allowed: Allowed,
    control: ChangeControl,
    check_mode: bool,
) -> Outcome:
    async with open_graph(connection) as graph:
        resource = EmailOtpResource(graph, allowed)
        converged = await converge(
            resource,
            lambda policy: propose(policy, wanted, allowed.most),
            control,
            check_mode=check_mode,
        )
    after = policy_after(converged.state, converged.changes)
    locked_out = resource.locked_out
    return Outcome(
        changes=converged.changes,
        values={
            "guests": after.guests.value,
            "locked_out": None if locked_out is None else locked_out_to_json(locked_out),
        },
        warnings=(_ONLY_THE_FUTURE,) if turns_on(converged.state, after) else (),
    )
