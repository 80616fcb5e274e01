# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the report over all tenants tells: how each tenant stands, and how it stood before.

Pure: plain data and the rules over it, no I/O and no Ansible. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .._report.model import Failure, Mode, Step, StepCount


class State(StrEnum):
    """How a tenant's last run ended, the worst first.

    `unreadable`: the run is over, but its plan cannot be read or is not the one that its index
    names. `no result`: the tenant was to be in the report, and no run tells of it.
    """

    UNREACHABLE = "unreachable"
    FAILED = "failed"
    UNREADABLE = "unreadable"
    NO_RESULT = "no result"
    GATE = "at a gate"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


_RANKS = {State.COMPLETE: 0, State.INCOMPLETE: 1, State.GATE: 1}
_WORST_RANK = 2


class Since(StrEnum):
    """How a tenant's last run compares with the one before it."""

    WORSE = "worse"
    NEW = "new"
    OTHER_CHANGES = "other changes"
    BETTER = "better"
    AS_PLANNED = "as planned"
    SAME = "the same"


@dataclass(frozen=True)
class Run:
    """A run that left an index. `folder` holds it and the plans. Times are in UTC; `ended` is null
    while the run goes on, and stays so if it was killed."""

    folder: str
    playbook: str
    mode: Mode
    started: datetime
    ended: datetime | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Earlier:
    """How a tenant's run ended once, as it is remembered; `sha256` is its plan's digest."""

    playbook: str
    mode: Mode
    started: datetime
    state: State
    changes: int
    sha256: str | None = None

    @property
    def order(self) -> tuple[datetime, bool]:
        """What runs of a tenant are sorted by: a playbook can look first and then apply."""
        return (self.started, self.mode is Mode.APPLY)


@dataclass(frozen=True)
class Indexed:
    """What the index of a run says about one tenant; `file` is its plan's name beside it."""

    run: Run
    state: State
    changes: int
    changes_by_system: Mapping[str, int]
    file: str | None
    sha256: str | None
    problem: str = ""
    steps: Mapping[Step, StepCount] = field(default_factory=dict)

    def remembered(self) -> Earlier:
        """The result as a later report remembers it."""
        run = self.run
        return Earlier(run.playbook, run.mode, run.started, self.state, self.changes, self.sha256)


@dataclass(frozen=True)
class Told:
    """What a tenant's plan file tells beside its changes. `problem` says why it tells nothing."""

    failures: Sequence[Failure] = ()
    gates: Sequence[Failure] = ()
    gaps: Sequence[str] = ()
    irreversible: int = 0
    other_mode: int = 0
    problem: str = ""


NOTHING_TOLD = Told()


@dataclass(frozen=True)
class FleetTenant:
    """One tenant: its last run, if there is any, and those before it, the newest first."""

    name: str
    last: Indexed | None
    told: Told = NOTHING_TOLD
    history: Sequence[Earlier] = ()

    @property
    def state(self) -> State:
        """How the last run ended, as far as that can be read."""
        if self.last is None:
            return State.NO_RESULT
        return State.UNREADABLE if self.told.problem else self.last.state

    @property
    def changes(self) -> int:
        """How many changes the last run had, none of which is known if it cannot be read."""
        return 0 if self.last is None or self.told.problem else self.last.changes

    @property
    def since(self) -> Since:
        """How it compares with the run before."""
        return since(self, self.history[0] if self.history else None)


def since(tenant: FleetTenant, before: Earlier | None) -> Since:
    """How a tenant's last run compares with an earlier one."""
    if before is None:
        return Since.NEW
    rank, rank_before = _rank(tenant.state), _rank(before.state)
    if rank != rank_before:
        return Since.WORSE if rank > rank_before else Since.BETTER
    last = tenant.last
    if last is None:
        return Since.SAME
    if (last.run.mode, before.mode) == (Mode.APPLY, Mode.CHECK) and last.sha256 == before.sha256:
        return Since.AS_PLANNED
    is_same = (tenant.state, last.sha256) == (before.state, before.sha256)
    return Since.SAME if is_same else Since.OTHER_CHANGES


def _rank(state: State) -> int:
    return _RANKS.get(state, _WORST_RANK)


@dataclass(frozen=True)
class Fleet:
    """All tenants by name, the runs that tell of them, and what could not be read.

    `unfinished` are runs that have not ended: what they did is not known.
    """

    title: str
    tenants: Sequence[FleetTenant]
    runs: Sequence[Run]
    unfinished: Sequence[Run] = ()
    problems: Sequence[str] = ()

    @property
    def states(self) -> dict[State, int]:
        """How many tenants are in each state."""
        return {state: sum(tenant.state is state for tenant in self.tenants) for state in State}

    @property
    def compared(self) -> dict[Since, int]:
        """How many tenants compare with their run before in which way."""
        return {kind: sum(tenant.since is kind for tenant in self.tenants) for kind in Since}

    @property
    def steps(self) -> list[Step]:
        """The steps of all runs in their order, each once."""
        return list(dict.fromkeys(step for run in self.runs for step in run.steps))


def assembled(
    found: Mapping[str, Sequence[Indexed]],
    expected: Sequence[str],
    remembered: Mapping[str, Sequence[Earlier]],
    most: int,
) -> list[FleetTenant]:
    """Each tenant with its newest result and, of all the others, the `most` newest before it.

    `found` are the results of runs by tenant, `expected` are tenants that there should be results
    of, `remembered` is what an earlier report knew.
    """
    return [
        _assembled(name, found.get(name, ()), remembered.get(name, ()), most)
        for name in sorted({*found, *expected})
    ]


def _assembled(
    name: str, results: Sequence[Indexed], remembered: Sequence[Earlier], most: int
) -> FleetTenant:
    last = max(results, key=lambda result: result.remembered().order, default=None)
    # What was read from the runs themselves counts more than what is only remembered.
    known = {
        (one.order, one.playbook): one
        for one in (*remembered, *(result.remembered() for result in results))
    }
    before = [one for one in known.values() if last is None or one.order < last.remembered().order]
    newest_first = sorted(before, key=lambda one: (one.order, one.playbook), reverse=True)
    return FleetTenant(name, last, history=tuple(newest_first[:most]))
