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
from .._dns.names import absolute_name
from .._dns_watch.authorities import ZoneGuide
from .._dns_watch.model import Expected
from .._dns_watch.runner import wait_from
from .._dns_watch.watching import WatchedRecords, not_yet_seen, watch
from .._doors.operation import Outcome
from . import model
from .model import RRsetName, TxtRRset, Wanted
from .resource import record_set


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Publish or withdraw TXT values. Raises `TenantopsError` for everything that goes wrong."""
    wanted = Wanted.from_parameters(parameters, check_mode=check_mode)
    planned = planned_changes(parameters, check_mode=check_mode)
    control = ChangeControl.from_parameters(parameters)
    wait = wait_from(parameters)
    resource = record_set(parameters, parameters["name"], parameters["zone"])
    name = resource.provider.name
    # Found in a dry run as well, and before anything is changed: it may be that they cannot be.
    watched = _watched(parameters, name) if wait else None
    before = planned.of_thing(System.DNS, model.RESOURCE, name.id)

    def propose(found: TxtRRset) -> Proposal:
        return model.propose(name, wanted, model.state_after(found, before))

    converged = asyncio.run(converge(resource, propose, control, check_mode=check_mode))
    after = model.state_after(converged.state, (*before, *converged.changes))
    table = None
    if watched is not None and not check_mode:
        table = asyncio.run(watch(watched, _expected(wanted), wait))
    return Outcome(
        changes=converged.changes,
        values={
            "zone": name.zone.removesuffix("."),
            "name": name.name,
            "txt_values": after.texts,
            "ttl": after.ttl,
            **({} if table is None else {"servers": table.to_json()}),
        },
        warnings=resource.provider.warnings,
        error=None if table is None or table.is_settled else not_yet_seen(table, wait),
    )


def _watched(parameters: Mapping[str, Any], name: RRsetName) -> WatchedRecords:
    return WatchedRecords.find(
        ZoneGuide.from_parameters(parameters),
        absolute_name(name.zone),
        absolute_name(name.owner),
        parameters["wait_resolvers"],
    )


def _expected(wanted: Wanted) -> Expected:
    """What every server is to say in the end."""
    contents = frozenset(value.content for value in wanted.values or ())
    if wanted.present:
        return Expected(present=contents, is_all=wanted.exclusive, ttl=wanted.ttl)
    return Expected(absent=contents, is_all=wanted.values is None)
