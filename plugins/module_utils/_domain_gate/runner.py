# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_domain_gate`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._domain_names.names import domain_name
from .._domains.api import Domains
from .._domains.model import DomainKey, DomainState, is_viral
from .._domains.resource import DomainResource
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._graph import waiting
from .._graph.client import EntraConnection, open_graph
from .._realms.discovery import RealmConnection, open_realms
from .._tenants.organization import read_organization
from .model import Road, Wish, gate, is_waited_for, to_be_finished


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Raise `PersonNeeded` where only a person can go on, and wait for one where that is wanted.

    A dry run waits for nobody: what somebody will do cannot be known.
    """
    name = domain_name(parameters["name"])
    wish = Wish(
        road=Road(parameters["takeover"]),
        consent=frozenset(map(domain_name, parameters["takeover_consent"])),
        internal_txt=parameters["internal_txt"],
    )
    state = asyncio.run(_passed(parameters, name, wish, check_mode))
    realm = state.realm.to_json() if state.realm else None
    return Outcome(values={"realm": realm, "is_viral": is_viral(state)})


async def _passed(
    parameters: Mapping[str, Any], name: str, wish: Wish, check_mode: bool
) -> DomainState:
    connection = EntraConnection.from_parameters(parameters)
    async with (
        open_graph(connection) as graph,
        open_realms(RealmConnection.from_parameters(parameters)) as realms,
    ):
        key = DomainKey((await read_organization(graph)).tenant_id, name)
        resource = DomainResource(Domains(graph), key, realms.realm, with_realm=True)
        state = await resource.read()
        if parameters["wait"] > 0 and is_waited_for(state, wish):
            state = await _taken_over(resource, wish, 0 if check_mode else parameters["wait"])
            if is_waited_for(state, wish):
                raise to_be_finished(state, realms.server)
        closed = gate(state, wish, realms.server)
        if closed is not None:
            raise closed
        return state


async def _taken_over(resource: DomainResource, wish: Wish, seconds: float) -> DomainState:
    """The domain once somebody has taken its tenant over, or as it is when the time is up."""
    async for left in waiting.looks(seconds):
        state = await resource.read()
        if not is_waited_for(state, wish):
            break
        tell(
            f"{state.key.name}: let the record be checked at the admin center now, waiting for "
            f"{left:.0f} s more at most"
        )
    return state
