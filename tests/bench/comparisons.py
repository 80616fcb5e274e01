# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Comparing the people of a directory with those of a tenant, beside the bare reading of both."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lab.description import Description
from lab.openldap import scale
from tools.paths import COLLECTIONS, ROOT, locked

from .comparing import FILL, WAYS
from .doors import bench_lab
from .listing import PAGE_SIZE
from .usage import run

SIZES = (20_000,)
_ROUNDS = 3
_COMPARED_ONCE = 100_000
TENANT = "fabrikam"

_DIRECTORY = "directory"
_CLOUD = "cloud"
_OURS = "ours"
_TITLES = {
    _DIRECTORY: "the directory alone: ldap3, its generator",
    _CLOUD: "the cloud alone: httpx, pages dropped",
    _OURS: "ours: both, who is who, and a table",
}
# The bound of the design, in megabytes
MOST_GROWTH = 200
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Compared:
    """What one way took: seconds, and bytes of memory beyond what there was before."""

    people: int
    wall: float
    cpu: float
    growth: int


Round = Mapping[str, Compared]


def measure(sizes: Sequence[int] = SIZES) -> None:
    """Print a table for each size of the directory, and what it says about the bound of the design.

    :raises ProgramFailed: when a way fails or does not read everybody.
    """
    with locked("bench"), locked("bench-readers"), bench_lab() as lab:
        for size in sizes:
            folder = ROOT / ".lab-scale" / str(size)
            with scale.running(folder, size):
                people = fill(lab, TENANT, folder)
                rounds = []
                for number in range(1, (1 if size >= _COMPARED_ONCE else _ROUNDS) + 1):
                    print(f"{people} people: round {number}", flush=True)
                    rounds.append({way: compared(way, lab, TENANT, folder) for way in WAYS})
            print(_table(people, rounds))


def fill(lab: Description, tenant: str, folder: Path) -> int:
    """Let a tenant have a user for each person of a directory; return how many these are.

    :raises ProgramFailed: when it fails.
    """
    return compared(FILL, lab, tenant, folder).people


def compared(way: str, lab: Description, tenant: str, folder: Path) -> Compared:
    """What one way takes, in a process of its own.

    :raises ProgramFailed: when it fails.
    """
    command = (sys.executable, "-m", "tests.bench.comparing", way, lab.state, tenant, folder)
    usage = run(command, {**os.environ, "PYTHONPATH": str(COLLECTIONS)}, ROOT)
    return Compared(**json.loads(usage.output))


def _table(people: int, rounds: Sequence[Round]) -> str:
    machine = (
        f"{people} people in both, pages of {PAGE_SIZE}; Python {platform.python_version()}, "
        f"{len(os.sched_getaffinity(0))} cores; "
        f"{'one round' if len(rounds) == 1 else f'medians of {len(rounds)} rounds'}"
    )
    heading = f"{'':44}{'wall s':>9}{'CPU s':>9}{'growth MB':>11}{'people/s':>10}"
    rows = [_row(way, rounds) for way in _TITLES]
    bare = median(each[_DIRECTORY].wall + each[_CLOUD].wall for each in rounds)
    times = median(each[_OURS].wall for each in rounds) / bare
    growth = max(each[_OURS].growth for each in rounds) / _MEGABYTE
    held = "holds" if growth <= MOST_GROWTH else "DOES NOT HOLD"
    verdict = (
        f"Comparing takes {times:.2f} times as long as the bare reading of both, one after the "
        "other.\n"
        f"Its memory grows by at most {growth:.0f} MB. The design allows {MOST_GROWTH}: {held}."
    )
    return "\n".join(("", machine, "", heading, *rows, "", verdict, ""))


def _row(way: str, rounds: Sequence[Round]) -> str:
    wall = median(each[way].wall for each in rounds)
    cpu = median(each[way].cpu for each in rounds)
    growth = max(each[way].growth for each in rounds) / _MEGABYTE
    people = rounds[0][way].people
    return f"{_TITLES[way]:44}{wall:9.2f}{cpu:9.2f}{growth:11.0f}{people / wall:10.0f}"
