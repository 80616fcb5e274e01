# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_security_defaults`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import converge
from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .model import defaults_after, propose
from .resource import SecurityDefaultsResource

_WHAT_TO_EXPECT = (
    "With security defaults everybody, guests included, has to sign in with multifactor "
    "authentication, and legacy authentication is blocked, as are scripts that sign in with a "
    "person's password; apps with credentials of their own go on as before"
)


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Turn security defaults on or off."""
    control = ChangeControl.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    reason = (parameters["acknowledge_reason"] or "").strip() or None
    return asyncio.run(_run(connection, parameters["enabled"], reason, control, check_mode))


async def _run(
    connection: EntraConnection,
    wanted: bool,
    reason: str | None,
    control: ChangeControl,
    check_mode: bool,
) -> Outcome:
    async with open_graph(connection) as graph:
        converged = await converge(
            SecurityDefaultsResource(graph, may_unprotect=reason is not None),
            lambda defaults: propose(defaults, wanted, reason),
            control,
            check_mode=check_mode,
        )
    after = defaults_after(converged.state, converged.changes)
    return Outcome(
        changes=converged.changes,
        values={"enabled": after.is_enabled},
        warnings=(_WHAT_TO_EXPECT,) if converged.changes and after.is_enabled else (),
    )
