# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `change_rollback`: undoes one journal, newest change first, in every system it tells of.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import Proposal, Resource, converge
from .._changes.journal import Write
from .._changes.model import Change
from .._changes.undo import (
    Conflict,
    ResourceKey,
    Undo,
    net_changes,
    plan_undo,
    resource_key,
)
from .._doors.operation import Outcome
from .kinds import JournalledThing
from .source import writes_to_undo


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Put back what a run changed, and leave alone what somebody changed since."""
    control = ChangeControl.from_parameters(parameters)
    rollback = _Rollback(parameters, writes_to_undo(parameters))
    undo = asyncio.run(rollback.undo(control, check_mode=check_mode))
    conflicts = [_warning(conflict) for conflict in undo.conflicts]
    return Outcome(
        changes=undo.changes,
        values={"conflicts": [conflict.to_json() for conflict in undo.conflicts]},
        warnings=(*rollback.warnings, *conflicts),
    )


@dataclass(frozen=True)
class _Rollback:
    """The writes of a journal, and the parameters to reach the things that they were made to."""

    parameters: Mapping[str, Any]
    writes: Sequence[Write]
    # As keys: what is said of each connection is to be read once.
    warnings: dict[str, None] = field(default_factory=dict)

    async def undo(self, control: ChangeControl, *, check_mode: bool) -> Undo:
        # Everything is looked at before anything is written: limit and approval are for the whole.
        planned = await self._undo_things(ChangeControl(), check_mode=True)
        control.admit(planned.changes, scope=sum(len(write.changes) for write in self.writes))
        if check_mode or not planned.changes:
            return planned
        return await self._undo_things(replace(control, limit=None), check_mode=False)

    async def _undo_things(self, control: ChangeControl, *, check_mode: bool) -> Undo:
        changes: list[Change] = []
        conflicts: list[Conflict] = []
        for key, effect in net_changes(self.writes).items():
            async with self._thing(key).open() as resource:
                undo = await _undo_thing(resource, effect, control, check_mode)
            changes.extend(undo.changes)
            conflicts.extend(undo.conflicts)
        return Undo(tuple(changes), tuple(conflicts))

    def _thing(self, key: ResourceKey) -> JournalledThing:
        return JournalledThing(
            key=key,
            targets=frozenset(write.target for write in self.writes if _concerns(write, key)),
            parameters=self.parameters,
            warn=lambda warnings: self.warnings.update(dict.fromkeys(warnings)),
        )


async def _undo_thing(
    resource: Resource[Any], effect: Sequence[Change], control: ChangeControl, check_mode: bool
) -> Undo:
    def planned(state: Any) -> Undo:
        undo = plan_undo(effect, lambda change: resource.current(state, change))
        return replace(undo, changes=tuple(resource.without_idle(state, undo.changes)))

    converged = await converge(
        resource,
        lambda state: Proposal(planned(state).changes, scope=len(effect)),
        control,
        check_mode=check_mode,
    )
    return Undo(converged.changes, planned(converged.state).conflicts)


def _concerns(write: Write, key: ResourceKey) -> bool:
    return any(resource_key(change) == key for change in write.changes)


def _warning(conflict: Conflict) -> str:
    told = conflict.to_json()
    return (
        f"Left alone: {conflict.change.property} of {conflict.change.name}: {told['reason']} "
        f"(now {told['found']})"
    )
