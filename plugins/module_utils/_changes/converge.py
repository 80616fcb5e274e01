# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way in which every writer changes something: read, plan, admit, guard, write.

This is the only place that asks whether the run is a dry one, so a dry run and a run cannot differ
in anything but the write itself. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .._errors import ChangedMeanwhile
from .control import ChangeControl
from .model import Change, Value

# A race that is lost this often is no race: somebody else keeps on writing the same value.
ATTEMPTS = 5

State = TypeVar("State")


class Resource(Protocol[State]):
    """A thing on a server that can be read, and written only if it still is what was read.

    The methods are coroutines because Graph's are; directory and DNS simply block, since a worker
    serves one task only.
    """

    @property
    def target(self) -> str:
        """The server and the thing on it, for the journal."""

    async def read(self) -> State:
        """What is there now. An answer that is not understood raises."""

    async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """Make the changes in one request that fails if `state` is no longer what is there.

        Returns the changes as made, values born in the run filled in. Raises `ChangedMeanwhile` if
        somebody was faster and nothing was written.
        """

    async def guard(self, state: State, changes: Sequence[Change]) -> None:
        """Raise where a change must not be made though it could be. Only asks questions."""

    def current(self, state: State, change: Change) -> Value:
        """What `state` holds where `change` has its `before` and `after`."""

    def without_idle(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """Of the changes that undo others, those that have something left to change in `state`."""


@dataclass(frozen=True)
class Proposal:
    """The changes that a state needs, and how many values they are chosen from."""

    changes: tuple[Change, ...]
    scope: int


@dataclass(frozen=True)
class Converged(Generic[State]):
    """What was found, and what was (or in a dry run would be) changed."""

    state: State
    changes: tuple[Change, ...]


async def converge(
    resource: Resource[State],
    propose: Callable[[State], Proposal],
    control: ChangeControl,
    *,
    check_mode: bool,
) -> Converged[State]:
    """Bring `resource` to where `propose` wants it.

    A write that lost a race is planned afresh from a new read, and is admitted afresh, so what is
    returned is what was really made. Raises `ChangedMeanwhile` when every attempt was lost.
    """
    attempt = 1
    while True:
        state = await resource.read()
        proposal = propose(state)
        control.admit(proposal.changes, proposal.scope)
        if proposal.changes:
            await resource.guard(state, proposal.changes)
        if check_mode or not proposal.changes:
            return Converged(state, proposal.changes)
        try:
            with control.journalled(resource.target, proposal.changes):
                made = await resource.write(state, proposal.changes)
            return Converged(state, tuple(made))
        except ChangedMeanwhile:
            if attempt == ATTEMPTS:
                raise
            attempt += 1
