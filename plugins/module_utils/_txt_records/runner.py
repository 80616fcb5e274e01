# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of dns_txt. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import Proposal, converge
from .._changes.model import System
from .._changes.planned import planned_changes
from .._doors.operation import Outcome
from . import model
from .model import TxtRRset, Wanted
from .resource import record_set


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Publish or withdraw TXT values. Raises `TenantopsError` for everything that goes wrong."""
    wanted = Wanted.from_parameters(parameters, check_mode=check_mode)
    planned = planned_changes(parameters, check_mode=check_mode)
    control = ChangeControl.from_parameters(parameters)
    resource = record_set(parameters, parameters["name"], parameters["zone"])
    name = resource.provider.name
    before = planned.of_thing(System.DNS, model.RESOURCE, name.id)

    def propose(found: TxtRRset) -> Proposal:
        return model.propose(name, wanted, model.state_after(found, before))

    converged = asyncio.run(converge(resource, propose, control, check_mode=check_mode))
    after = model.state_after(converged.state, (*before, *converged.changes))
    return Outcome(
        changes=converged.changes,
        values={
            "zone": name.zone.removesuffix("."),
            "name": name.name,
            "txt_values": after.texts,
            "ttl": after.ttl,
        },
        warnings=resource.provider.warnings,
    )
