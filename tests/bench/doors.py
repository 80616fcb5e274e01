# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CPU per task through each door, side by side from one run."""

from __future__ import annotations

import contextlib
import os
import platform
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from lab import lifecycle, parts
from lab.description import Description, load
from tools.paths import ROOT, locked

from . import ways
from .fleet import Cost, Fleet
from .ways import Way

ROUNDS = 3

# The bounds of the design, on CPU per task.
_MOST_TIMES_AN_EMPTY_ACTION = 3.5
_LEAST_TIMES_CHEAPER_THAN_THE_SDK = 30.0


@dataclass(frozen=True)
class Measured:
    """One way in one round."""

    start: Cost
    whole: Cost
    tasks: int

    @property
    def cpu_per_task(self) -> float:
        """Seconds, without what the playbook costs before its first task."""
        return (self.whole.cpu - self.start.cpu) / self.tasks

    @property
    def wall_per_task(self) -> float:
        """Seconds, likewise; tenants run side by side."""
        return (self.whole.wall - self.start.wall) / self.tasks


Round = Mapping[str, Measured]


def measure() -> None:
    """Print the table.

    Rounds interleave the ways, so that what else the machine does disturbs all alike.
    """
    with locked("bench"), bench_lab() as lab, tempfile.TemporaryDirectory() as folder:
        fleet = Fleet.make(Path(folder), lab, ways.TENANTS)
        rounds = []
        for number in range(1, ROUNDS + 1):
            print(f"Round {number} of {ROUNDS}", flush=True)
            rounds.append({way.title: _measured(fleet, way) for way in ways.COMPARED})
    print(_table(rounds))
    print(_verdict(rounds))


@contextlib.contextmanager
def bench_lab() -> Iterator[Description]:
    """A lab of our own, as at its start; its servers are ended at the end of the block."""
    state = ROOT / ".lab-bench"
    lifecycle.up(state, [part.name for part in parts.USUAL])
    try:
        lifecycle.reset(state)
        yield load(state)
    finally:
        lifecycle.down(state)


def _measured(fleet: Fleet, way: Way) -> Measured:
    return Measured(fleet.start(way), fleet.run(way), tasks=way.repeats * way.tenants)


def _table(rounds: Sequence[Round]) -> str:
    machine = (
        f"ansible-core {version('ansible-core')}, Python {platform.python_version()}, "
        f"{len(os.sched_getaffinity(0))} cores; medians of {ROUNDS} rounds"
    )
    heading = (
        f"{'':46}{'CPU ms':>9}{'wall ms':>9}{'times an':>14}{'CPU s':>9}",
        f"{'':46}{'per task':>9}{'per task':>9}{'empty action':>14}{'start-up':>9}",
    )
    rows = (_row(rounds, way) for way in ways.COMPARED)
    return "\n".join(("", machine, "", *heading, *rows))


def _row(rounds: Sequence[Round], way: Way) -> str:
    measured = [one[way.title] for one in rounds]
    cpu = _cpu(rounds, way) * 1000
    wall = median(one.wall_per_task for one in measured) * 1000
    start = median(one.start.cpu for one in measured)
    times = _times(rounds, way, ways.EMPTY_ACTION)
    return f"{way.title:46}{cpu:9.0f}{wall:9.0f}{times:14.1f}{start:9.2f}"


def _verdict(rounds: Sequence[Round]) -> str:
    over_empty = _times(rounds, ways.ACTION_DOOR, ways.EMPTY_ACTION)
    under_sdk = _times(rounds, ways.SDK_AS_DOCUMENTED, ways.ACTION_DOOR)
    return (
        f"\nA Graph read and a token through the action door cost {over_empty:.1f} times an empty\n"
        f"action plugin. The design allows {_MOST_TIMES_AN_EMPTY_ACTION}: "
        f"{_held(over_empty <= _MOST_TIMES_AN_EMPTY_ACTION)}.\n"
        f"A module written as msgraph-sdk is documented costs {under_sdk:.1f} times that.\n"
        f"The design asks for {_LEAST_TIMES_CHEAPER_THAN_THE_SDK}: "
        f"{_held(under_sdk >= _LEAST_TIMES_CHEAPER_THAN_THE_SDK)}."
    )


def _held(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"


def _times(rounds: Sequence[Round], way: Way, unit: Way) -> float:
    """How many times as dear, by the medians that are shown."""
    return _cpu(rounds, way) / _cpu(rounds, unit)


def _cpu(rounds: Sequence[Round], way: Way) -> float:
    return median(one[way.title].cpu_per_task for one in rounds)
