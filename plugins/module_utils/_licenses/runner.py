# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_license`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import Failure, Request, Things, converge_many, partly_done
from .._changes.model import Change, JsonValue
from .._changes.planned import PlannedChanges, planned_changes
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import ConditionUnmet, InvalidInput, TenantopsError
from .._graph.access import Access
from .._graph.client import EntraConnection, Graph, open_graph
from .._libraries import require
from .._users.groups import READ_GROUPS, members_of
from .._users.model import IDENTITY_FIELDS, LICENSE_FIELDS
from .._users.planned import PlannedUsers
from .._users.selected import Selected
from .._users.streaming import READ_USERS
from .locations import WRITE_USERS, UsageLocationWrites
from .model import Skus
from .planning import LicensePlan, Planner, skus_after
from .reading import READ_SKUS, read_skus
from .resource import ASSIGN_LICENSES, LicenseWrites
from .rules import Rules

_LIBRARIES = ("azure-identity", "httpx", "idna", "msgraph-sdk")
_FIELDS = (
    *IDENTITY_FIELDS,
    *LICENSE_FIELDS,
    "userType",
    "department",
    "onPremisesSyncEnabled",
)
# As many a killed run leaves open at most: some seconds' worth.
_ANNOUNCED_AT_ONCE = 100
_TELL_EVERY = 5000


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Give users the products that they are to have, and take those away that they are not."""
    require(*_LIBRARIES)
    for name in ("rows_limit", "settle_time"):
        if not 0 <= parameters[name] < inf:
            raise InvalidInput(f"{name} must be at least 0, not {parameters[name]}")
    work = _Work(
        parameters,
        ChangeControl.from_parameters(parameters),
        Rules.from_parameters(parameters),
        planned_changes(parameters, check_mode=check_mode),
    )
    connection = EntraConnection.from_parameters(parameters)
    return asyncio.run(work.do(connection, check_mode=check_mode))


@dataclass
class _Made:
    """What was (or would be) changed so far, and what was not."""

    changes: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    stopped: TenantopsError | None = None


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    rules: Rules
    planned: PlannedChanges

    async def do(self, connection: EntraConnection, *, check_mode: bool) -> Outcome:
        async with open_graph(connection) as graph:
            await graph.require(*self._accesses())
            skus = skus_after(await read_skus(graph), self.planned.changes)
            planner = await self._plan(graph, skus)
            planner.check_seats(graph.server)
            plan = planner.plan
            # Limit and approval are for the whole, before the first part of it is made.
            self.control.admit(plan.changes, plan.users)
            made = await self._make(graph, plan, check_mode=check_mode)
        failures = (*plan.failures, *made.failures)
        return Outcome(
            changes=tuple(made.changes),
            values={
                "summary": _summary(plan),
                "skus": _skus(plan, skus),
                "inherited": plan.inherited,
                "not_in_force": plan.not_in_force,
                "failures": [each.to_json() for each in failures],
            },
            warnings=_warnings(plan),
            error=partly_done(failures) or made.stopped,
        )

    def _accesses(self) -> list[Access]:
        needed = [READ_USERS, READ_SKUS, ASSIGN_LICENSES]
        if self.rules.groups:
            needed.append(READ_GROUPS)
        if any(rule.usage_location for rule in self.rules.rules):
            needed.append(WRITE_USERS)
        return needed

    async def _plan(self, graph: Graph, skus: Skus) -> Planner:
        resolved = self.rules.resolved(skus)
        members = await members_of(graph, self.rules.groups)
        planner = Planner(resolved, skus, members, self.parameters["rows_limit"])
        later = PlannedUsers(self.planned)
        selected = Selected(
            self.rules.selection, members, resolved.skus, _FIELDS, later.after, later.ids_by_name
        )
        async for user in selected.users(graph):
            planner.add(user)
            if selected.read % _TELL_EVERY == 0:
                tell(f"{selected.read} users read")
        planner.plan.failures.extend(selected.failures)
        return planner

    async def _make(self, graph: Graph, plan: LicensePlan, *, check_mode: bool) -> _Made:
        """Make the parts one after the other: a later one builds on those before it."""
        settle_time = self.parameters["settle_time"]
        parts: tuple[tuple[Things, Sequence[Request]], ...] = (
            (UsageLocationWrites(graph, settle_time), plan.locations),
            (LicenseWrites(graph, settle_time), plan.removals),
            (LicenseWrites(graph, settle_time), plan.assignments),
        )
        made = _Made()
        for things, requests in parts:
            failed = {failure.id for failure in made.failures}
            left = [each for each in requests if each.id not in failed]
            if not left:
                continue
            if made.stopped is not None:
                made.failures.extend(_not_begun(left, made.stopped))
                continue
            converged = await converge_many(
                things,
                plan.proposal(left),
                replace(self.control, limit=None),
                check_mode=check_mode,
                announced_at_once=_ANNOUNCED_AT_ONCE,
            )
            made.changes.extend(converged.changes)
            made.failures.extend(converged.failures)
            made.stopped = converged.stopped
        return made


def _not_begun(requests: Iterable[Request], stopped: TenantopsError) -> Iterable[Failure]:
    for request in requests:
        error = ConditionUnmet(
            "The run was stopped before it came to this user",
            server=stopped.server,
            subject=request.name,
            answer=stopped.problem,
            advice=stopped.advice,
        )
        yield Failure(request.id, request.name, error)


def _summary(plan: LicensePlan) -> dict[str, JsonValue]:
    return {
        "users": plan.users,
        "unchanged": plan.unchanged,
        "usage_locations": len(plan.locations),
        "removals": len(plan.removals),
        "assignments": len(plan.assignments),
        "inherited": plan.inherited_count,
        "not_in_force": plan.not_in_force_count,
    }


def _skus(plan: LicensePlan, skus: Skus) -> list[JsonValue]:
    """The products of which seats are taken or freed, as they were before."""
    return [
        {**sku.to_json(), "needed": plan.seats[sku.sku_id], "freed": plan.freed[sku.sku_id]}
        for sku in skus.skus
        if plan.seats[sku.sku_id] or plan.freed[sku.sku_id]
    ]


def _warnings(plan: LicensePlan) -> tuple[str, ...]:
    if not plan.not_in_force_count:
        return ()
    return (
        f"{plan.not_in_force_count} licences are assigned without being in force, see not_in_force",
    )
