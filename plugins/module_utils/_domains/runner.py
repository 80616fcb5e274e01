# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_domain`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from .._changes.control import ChangeControl
from .._changes.model import KNOWN_AFTER_APPLY, Change, JsonValue
from .._doors.operation import Outcome
from .._errors import InvalidInput, NotUnderstood, StillInUse, TenantopsError
from .._graph import waiting
from .._graph.client import EntraConnection, open_graph
from .._graph.errors import GraphRefused
from .._realms.discovery import RealmConnection, Realms, open_realms
from .._realms.model import Realm
from .._tenants.organization import read_organization
from .answers import VerificationRecord
from .api import Domains
from .course import Course, Passed, Wanted
from .model import Domain, DomainState, Reference


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Bring a domain to where the operator wants it."""
    control = ChangeControl.from_parameters(parameters)
    wanted = Wanted.from_parameters(parameters)
    # In a run the changes of earlier tasks have been made, and can be read like everything else.
    earlier = _changes(parameters["planned_changes"]) if check_mode else ()
    connections = (
        EntraConnection.from_parameters(parameters),
        RealmConnection.from_parameters(parameters),
    )
    return asyncio.run(_run(connections, wanted, control, earlier, check_mode))


def _changes(listed: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    try:
        return tuple(map(Change.from_json, listed))
    except InvalidInput as error:
        error.advice = "planned_changes takes the changes that earlier tasks returned."
        raise


@dataclass
class RealmDiscovery:
    """The sign-in service, connected to when it is first asked for."""

    connection: RealmConnection
    stack: AsyncExitStack
    opened: list[Realms] = field(default_factory=list)

    async def ask(self, name: str) -> Realm:
        """Whose a domain is, asked anew."""
        if not self.opened:
            self.opened.append(await self.stack.enter_async_context(open_realms(self.connection)))
        return await self.opened[0].realm(name)


async def _run(
    connections: tuple[EntraConnection, RealmConnection],
    wanted: Wanted,
    control: ChangeControl,
    earlier: Sequence[Change],
    check_mode: bool,
) -> Outcome:
    async with AsyncExitStack() as stack:
        graph = await stack.enter_async_context(open_graph(connections[0]))
        discovery = RealmDiscovery(connections[1], stack)
        organization = await read_organization(graph)
        domains = Domains(graph)
        course = Course(domains, organization.tenant_id, wanted, discovery.ask)
        try:
            # The whole course is planned before the first step of it: limit and approval are for
            # all of it, and a gate at its end is met before anything was sent.
            planned = await course.plan(earlier)
        except StillInUse as error:
            return await _still_in_use(domains, wanted, error)
        control.admit(planned.changes, scope=max(len(planned.changes), _steps(wanted)))
        if check_mode or not planned.changes:
            return await _outcome(domains, wanted, planned, planned, check_mode=check_mode)
        made = await course.make(replace(control, limit=None))
        try:
            if made.error is not None:
                raise made.error
            return await _outcome(domains, wanted, planned, made, check_mode=False)
        except TenantopsError as error:
            # What was done is told, though the rest failed.
            return Outcome(changes=tuple(made.changes), error=error)


def _steps(wanted: Wanted) -> int:
    return {"present": 1, "absent": 1, "verified": 2}[wanted.state] + wanted.make_default


async def _still_in_use(domains: Domains, wanted: Wanted, error: StillInUse) -> Outcome:
    """The objects are listed for programs too, which is what `references` is for."""
    references = await domains.references(wanted.name)
    return Outcome(changes=(), values={"references": _references(references)}, error=error)


async def _outcome(
    domains: Domains, wanted: Wanted, planned: Passed, passed: Passed, *, check_mode: bool
) -> Outcome:
    standing = passed.state.domain if passed.state else None
    found = standing
    if check_mode or passed is not planned:
        found = await domains.find(wanted.name)
    if passed is not planned:
        # Graph's servers do not all know at once what was done.
        standing = found or standing
    realm = planned.state.realm if planned.state else None
    return Outcome(
        changes=tuple(passed.changes),
        values={
            "domain": None if standing is None else standing.to_json(),
            "verification": await _verification(domains, wanted, found, passed.state),
            "realm": None if realm is None else realm.to_json(),
            "references": _references(planned.state.references if planned.state else ()),
        },
    )


async def _verification(
    domains: Domains, wanted: Wanted, found: Domain | None, state: DomainState | None
) -> dict[str, JsonValue] | None:
    """What is to be published, as far as anybody knows before the domain is added."""
    if wanted.state == "absent":
        return None
    if found is None:
        if state is None or state.verified_parent is not None:
            return None
        return {"name": wanted.name, "text": str(KNOWN_AFTER_APPLY), "ttl": None}
    record = await _record(domains, wanted.name)
    if record is None and not found.is_verified:
        raise NotUnderstood(
            f"Graph does not tell how {wanted.name} is to be verified",
            server=domains.server,
            subject=f"domains/{wanted.name}/verificationDnsRecords",
            answer="no TXT record",
            advice="Look at the domain in the Entra admin center.",
        )
    return None if record is None else record.to_json()


async def _record(domains: Domains, name: str) -> VerificationRecord | None:
    """The record of a domain that is there, though not all of Graph's servers may know it yet."""
    async for left in waiting.looks(min(waiting.SETTLE_TIME, domains.graph.retry_time)):
        try:
            return await domains.verification(name)
        except GraphRefused as refusal:
            if not refusal.is_absence or left == 0.0:
                raise
    return None


def _references(references: Sequence[Reference]) -> list[dict[str, JsonValue]]:
    return [reference.to_json() for reference in references]
