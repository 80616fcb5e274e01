# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `ad_upn_suffix`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import ATTEMPTS, converge
from .._changes.model import Change
from .._doors.operation import Outcome
from .._errors import ChangedMeanwhile
from .._ldap.connection import connect
from .._ldap.settings import ConnectionSettings
from .model import ForestSuffixes, WantedSuffixes, ordered, propose, state_after
from .resource import UpnSuffixesResource


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Bring the forest's UPN suffixes to what is wanted."""
    wanted = WantedSuffixes.from_option(parameters["suffixes"])
    control = ChangeControl.from_parameters(parameters)
    settings = ConnectionSettings.from_parameters(parameters)
    with connect(settings) as directory:
        resource = UpnSuffixesResource(directory, force=parameters["force"])
        state, changes = asyncio.run(_settle(resource, wanted, control, check_mode))
    return Outcome(
        changes=changes,
        values={"suffixes": ordered(state.suffixes), "forest": state.forest},
        warnings=settings.warnings,
    )


async def _settle(
    resource: UpnSuffixesResource, wanted: WantedSuffixes, control: ChangeControl, check_mode: bool
) -> tuple[ForestSuffixes, tuple[Change, ...]]:
    """Converge until a read finds nothing left to do.

    A write is not stopped by somebody who changes other suffixes at the same moment, who may have
    taken away one that is wanted. Then that is planned, admitted and written as well.
    """
    changes: tuple[Change, ...] = ()
    for _attempt in range(ATTEMPTS):
        found = await converge(
            resource, lambda state: propose(state, wanted), control, check_mode=check_mode
        )
        changes += found.changes
        if check_mode or not found.changes:
            return state_after(found.state, found.changes), changes
    raise ChangedMeanwhile(
        "Somebody else keeps on changing the UPN suffixes",
        subject=resource.target,
        advice="Find out who, and run again.",
    )
