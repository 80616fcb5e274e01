# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listing all guests of a tenant: ours, with how each signs in, beside bare paging and the SDK."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lab.description import Description
from tools.paths import COLLECTIONS, ROOT, locked

from ..lab.truth import Truth
from .doors import bench_lab
from .listing import PAGE_SIZE, WAYS
from .usage import ProgramFailed, run

SIZES = (20_000,)
_ROUNDS = 3
_LISTED_ONCE = 100_000
_TENANT = "fabrikam"
# Making very many guests takes the lab this long, in seconds, if the machine is busy.
_MAKING = 300

_TITLES = {
    "bare": "httpx, pages parsed and dropped",
    "sdk": "msgraph-sdk, its page iterator",
    "ours": "ours: how each signs in, and a table",
}
_OURS = "ours"
# The bound of the design, in megabytes
_MOST_GROWTH = 250
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Listed:
    """What one way took: seconds, and bytes of memory beyond what there was before."""

    guests: int
    wall: float
    cpu: float
    growth: int


Round = Mapping[str, Listed]


def measure(sizes: Sequence[int] = SIZES) -> None:
    """Print a table for each number of guests, and what it says about the bound of the design.

    :raises ProgramFailed: when a way fails or does not list everybody.
    """
    with locked("bench"), bench_lab() as lab:
        for wanted in sizes:
            size, domains = _fill(lab, wanted)
            rounds = []
            for number in range(1, (1 if size >= _LISTED_ONCE else _ROUNDS) + 1):
                print(f"{size} guests: round {number}", flush=True)
                rounds.append({way: _listed(way, lab, size) for way in WAYS})
            print(_table(size, domains, rounds))


def _fill(lab: Description, wanted: int) -> tuple[int, int]:
    """Let the tenant have so many guests more; return how many there are, of how many domains."""
    truth = Truth(lab)
    truth.cloud("POST", "/reset")
    truth.cloud("POST", f"/guests/{_TENANT}", {"count": wanted, "seed": 7}, timeout=_MAKING)
    guests = truth.cloud("GET", f"/guests/{_TENANT}", timeout=_MAKING)["guests"]
    return len(guests), len({guest["address"].partition("@")[2] for guest in guests})


def _listed(way: str, lab: Description, size: int) -> Listed:
    command = (sys.executable, "-m", "tests.bench.listing", way, lab.state, _TENANT)
    usage = run(command, {**os.environ, "PYTHONPATH": str(COLLECTIONS)}, ROOT)
    listed = Listed(**json.loads(usage.output))
    if listed.guests != size:
        raise ProgramFailed(f"{way} listed {listed.guests} of {size} guests")
    return listed


def _table(size: int, domains: int, rounds: Sequence[Round]) -> str:
    machine = (
        f"{size} guests of {domains} domains, pages of {PAGE_SIZE}; Python "
        f"{platform.python_version()}, {len(os.sched_getaffinity(0))} cores; "
        f"{'one round' if len(rounds) == 1 else f'medians of {len(rounds)} rounds'}"
    )
    heading = f"{'':40}{'wall s':>9}{'CPU s':>9}{'growth MB':>11}{'guests/s':>10}"
    rows = [_row(way, size, rounds) for way in _TITLES]
    growth = max(each[_OURS].growth for each in rounds) / _MEGABYTE
    held = "holds" if growth <= _MOST_GROWTH else "DOES NOT HOLD"
    verdict = (
        "Ours asks the sign-in service about each domain of a work account once, as fast as that "
        "answers.\n"
        f"Its memory grows by at most {growth:.0f} MB. The design allows {_MOST_GROWTH}: {held}."
    )
    return "\n".join(("", machine, "", heading, *rows, "", verdict, ""))


def _row(way: str, size: int, rounds: Sequence[Round]) -> str:
    wall = median(each[way].wall for each in rounds)
    cpu = median(each[way].cpu for each in rounds)
    growth = max(each[way].growth for each in rounds) / _MEGABYTE
    return f"{_TITLES[way]:40}{wall:9.2f}{cpu:9.2f}{growth:11.0f}{size / wall:10.0f}"
