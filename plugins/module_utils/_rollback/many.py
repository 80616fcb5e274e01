# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Undoing the changes of thousands of things that are read and written together.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .._changes.control import ChangeControl
from .._changes.converge import (
    ATTEMPTS,
    Failure,
    ManyProposal,
    Request,
    Things,
    converge_many,
)
from .._changes.model import Change, Value
from .._changes.undo import Conflict, plan_undo
from .._errors import ChangedMeanwhile, JournalUnusable, ObjectGone, TenantopsError

State = TypeVar("State")
Effects = Mapping[str, Sequence[Change]]
"""The net changes of things, newest first, by the things' ids."""


class ReadableThings(Things, Protocol[State]):
    """Many things of one kind that are read and written together."""

    async def read(
        self, names: Mapping[str, str], properties: Iterable[str]
    ) -> Mapping[str, State | TenantopsError]:
        """The things by id as they are now, or why they cannot be read; `names` are by id too."""

    def current(self, state: State, change: Change) -> Value:
        """See `Resource`."""


# asyncio.run() makes a text of what a coroutine returns, and throws it away (Python 3.11).
@dataclass(repr=False)
class Undone:
    """What became of a rollback; `stopped` is what ended it after a part was done."""

    changes: list[Change] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    stopped: TenantopsError | None = None


async def undo_many(
    things: ReadableThings[Any],
    effects: Effects,
    control: ChangeControl,
    undone: Undone,
    *,
    check_mode: bool,
) -> None:
    """Undo changes of many things, and add to `undone` what became of them.

    A thing that somebody changes between our look and our write is looked at afresh. Raises
    `JournalUnusable` if not one of the things is there.
    """
    todo = dict(effects)
    for attempt in range(1, ATTEMPTS + 1):
        look = await _look(things, todo)
        _check_directory(things, effects, look.gone)
        converged = await converge_many(
            things,
            ManyProposal(tuple(look.requests), scope=sum(map(len, todo.values()))),
            control,
            check_mode=check_mode,
        )
        raced = {
            failure.id
            for failure in converged.failures
            if isinstance(failure.error, ChangedMeanwhile) and attempt < ATTEMPTS
        }
        undone.changes.extend(converged.changes)
        undone.stopped = undone.stopped or converged.stopped
        undone.failures.extend(look.failures)
        undone.failures.extend(each for each in converged.failures if each.id not in raced)
        undone.conflicts.extend(each for each in look.conflicts if each.change.id not in raced)
        todo = {identity: todo[identity] for identity in todo if identity in raced}
        if not todo:
            return


@dataclass
class _Look:
    requests: list[Request] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)


async def _look(things: ReadableThings[Any], effects: Effects) -> _Look:
    names = {identity: changes[0].name for identity, changes in effects.items()}
    properties = {change.property for changes in effects.values() for change in changes}
    states = await things.read(names, sorted(properties))
    look = _Look()
    for identity, changes in effects.items():
        state = states[identity]
        if isinstance(state, ObjectGone):
            look.gone.add(identity)
            look.conflicts.extend(Conflict(change, None, "it is gone") for change in changes)
        elif isinstance(state, TenantopsError):
            look.failures.append(Failure(identity, names[identity], state))
        else:
            _plan(things, state, changes, look)
    return look


def _plan(things: ReadableThings[Any], state: Any, changes: Sequence[Change], look: _Look) -> None:
    undo = plan_undo(changes, lambda change: things.current(state, change))
    look.conflicts.extend(undo.conflicts)
    if undo.changes:
        look.requests.append(Request(undo.changes))


def _check_directory(things: Things, effects: Effects, gone: set[str]) -> None:
    """A journal of another directory must not pass for one whose objects are all gone."""
    if gone and gone == set(effects):
        raise JournalUnusable(
            f"Not one of the {len(effects)} objects that the journal tells of is in this directory",
            server=things.target,
            answer=next(iter(effects.values()))[0].name,
            advice="Name the servers of the directory that the run changed, with an account that"
            " may read it. Objects that were deleted since cannot be put back.",
        )
