# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `change_rollback`: undoes one journal, newest change first, in every system it tells of.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import Proposal, Resource, converge, partly_done
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
from .._errors import ConditionUnmet, PersonNeeded, StillInUse, TenantopsError
from .kinds import JournalledThing, JournalledThings, are_many
from .many import Undone, undo_many
from .source import writes_to_undo

_CONFLICTS_WARNED_OF = 20

# What a guard says of one thing does not keep the others from being undone.
_WHY_LEFT_ALONE: Mapping[type[TenantopsError], str] = {
    ConditionUnmet: "something else has to be changed first",
    PersonNeeded: "a person has to act first",
    StillInUse: "it is still in use",
}


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Put back what a run changed, and leave alone what somebody changed since."""
    control = ChangeControl.from_parameters(parameters)
    rollback = _Rollback(parameters, writes_to_undo(parameters))
    undone = asyncio.run(rollback.undo(control, check_mode=check_mode))
    return Outcome(
        changes=tuple(undone.changes),
        values={
            "conflicts": [conflict.to_json() for conflict in undone.conflicts],
            "failures": [failure.to_json() for failure in undone.failures],
        },
        warnings=(*rollback.warnings, *_warnings(undone.conflicts)),
        error=partly_done(undone.failures) or undone.stopped,
    )


@dataclass(frozen=True)
class _Rollback:
    """The writes of a journal, and the parameters to reach the things that they were made to."""

    parameters: Mapping[str, Any]
    writes: Sequence[Write]
    # As keys: what is said of each connection is to be read once.
    warnings: dict[str, None] = field(default_factory=dict)

    async def undo(self, control: ChangeControl, *, check_mode: bool) -> Undone:
        # Everything is looked at before anything is written: limit and approval are for the whole.
        planned = Undone()
        await self._undo_things(ChangeControl(), planned, check_mode=True)
        control.admit(planned.changes, scope=sum(len(write.changes) for write in self.writes))
        if check_mode or not planned.changes:
            return planned
        undone = Undone()
        try:
            await self._undo_things(replace(control, limit=None), undone, check_mode=False)
        except TenantopsError as error:
            if not undone.changes:
                raise
            undone.stopped = error
        return undone

    async def _undo_things(
        self, control: ChangeControl, undone: Undone, *, check_mode: bool
    ) -> None:
        targets = self._targets()
        by_kind = groupby(net_changes(self.writes).items(), key=lambda item: item[0][:2])
        for kind, effects in by_kind:
            if are_many(kind):
                things = JournalledThings(kind, self.parameters, self._warn, tuple(undone.changes))
                changes = {identity: effect for (_system, _kind, identity), effect in effects}
                async with things.open() as opened:
                    await undo_many(opened, changes, control, undone, check_mode=check_mode)
                continue
            for key, effect in effects:
                thing = JournalledThing(
                    key, targets[key], self.parameters, self._warn, tuple(undone.changes)
                )
                async with thing.open() as resource:
                    undo = await _undo_thing(resource, effect, control, check_mode)
                undone.changes.extend(undo.changes)
                undone.conflicts.extend(undo.conflicts)

    def _targets(self) -> dict[ResourceKey, frozenset[str]]:
        """Where each thing was written."""
        targets: dict[ResourceKey, set[str]] = {}
        for write in self.writes:
            for change in write.changes:
                targets.setdefault(resource_key(change), set()).add(write.target)
        return {key: frozenset(written) for key, written in targets.items()}

    def _warn(self, warnings: Iterable[str]) -> None:
        self.warnings.update(dict.fromkeys(warnings))


async def _undo_thing(
    resource: Resource[Any], effect: Sequence[Change], control: ChangeControl, check_mode: bool
) -> Undo:
    def planned(state: Any) -> Undo:
        undo = plan_undo(effect, lambda change: resource.current(state, change))
        return replace(undo, changes=tuple(resource.without_idle(state, undo.changes)))

    try:
        converged = await converge(
            resource,
            lambda state: Proposal(planned(state).changes, scope=len(effect)),
            control,
            check_mode=check_mode,
        )
    except (ConditionUnmet, PersonNeeded, StillInUse) as error:
        reason = f"{_WHY_LEFT_ALONE[type(error)]}: {error.problem}"
        return Undo((), tuple(Conflict(change, change.after, reason) for change in effect))
    return Undo(converged.changes, planned(converged.state).conflicts)


def _warnings(conflicts: Sequence[Conflict]) -> Iterator[str]:
    for conflict in conflicts[:_CONFLICTS_WARNED_OF]:
        told = conflict.to_json()
        yield (
            f"Left alone: {conflict.change.property} of {conflict.change.name}: {told['reason']} "
            f"(now {told['found']})"
        )
    if len(conflicts) > _CONFLICTS_WARNED_OF:
        yield f"Left alone: {len(conflicts) - _CONFLICTS_WARNED_OF} more, see conflicts"
