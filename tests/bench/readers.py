# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a whole directory: our judging all of it beside bare reading in other ways."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from lab import packages
from lab.openldap import scale
from lab.openldap.scale import ScaleServer
from tools.paths import COLLECTIONS, ROOT, locked

from .reading import ATTRIBUTES, FILTER, PAGE_SIZE, WAYS
from .usage import ProgramFailed, Usage, run

SIZES = (20_000,)

# Small directories are read several times: what else the machine does disturbs them more.
_ROUNDS = 3
_READ_ONCE = 500_000

LDAPSEARCH = "ldapsearch"
LDAP3 = "ldap3"
OURS = "judged"
_TITLES = {
    LDAPSEARCH: "ldapsearch, to nowhere",
    "python-ldap": "python-ldap, nothing decoded",
    LDAP3: "ldap3, its paged generator",
    OURS: "ours: every rule, duplicates, suggestions",
}

# The bounds of the design
_MOST_TIMES_LDAPSEARCH = 2.0
_MOST_GROWTH = 10.5
_MOST_MEGABYTES = 700

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Measured:
    """All ways at one size, each as often as there were rounds."""

    entries: int
    rounds: Sequence[Mapping[str, Usage]]

    def wall(self, way: str) -> float:
        """Seconds, the median."""
        return median(usages[way].wall for usages in self.rounds)

    def cpu(self, way: str) -> float:
        """Seconds, the median."""
        return median(usages[way].cpu for usages in self.rounds)

    def megabytes(self, way: str) -> float:
        """The highest peak."""
        return max(usages[way].peak for usages in self.rounds) / _MEGABYTE


def measure(sizes: Sequence[int] = SIZES, rounds: int | None = None) -> list[Measured]:
    """Print a table for each size, and what it says about the bounds of the design.

    Without `rounds`, a large directory is read once and a small one three times.

    :raises ProgramFailed: when a way fails or does not read everything.
    """
    packages.install(packages.LDAP_TOOLS)
    with locked("bench-readers"):
        measured = []
        for entries in sizes:
            folder = ROOT / ".lab-scale" / str(entries)
            with scale.running(folder, entries) as server:
                measured.append(Measured(entries, list(_rounds(folder, server, rounds))))
            print(_table(measured[-1]))
    print(_verdict(measured))
    return measured


def _rounds(folder: Path, server: ScaleServer, rounds: int | None) -> Iterator[Mapping[str, Usage]]:
    """Rounds interleave the ways, so that what else the machine does disturbs all alike."""
    count = rounds or (1 if server.entries >= _READ_ONCE else _ROUNDS)
    for number in range(1, count + 1):
        print(f"{server.entries} entries: round {number} of {count}", flush=True)
        yield {
            LDAPSEARCH: _ldapsearch(folder, server),
            **{way: _in_python(way, folder, server) for way in WAYS},
        }


def _ldapsearch(folder: Path, server: ScaleServer) -> Usage:
    options = ("-LLL", "-x", "-H", server.ldap_url, "-D", server.user)
    paged = ("-E", f"pr={PAGE_SIZE}/noprompt", "-b", server.base_dn)
    # Its password file ends where the password ends; on the command line everybody could read it.
    command = (LDAPSEARCH, *options, "-y", folder / "password", *paged, FILTER, *ATTRIBUTES)
    return run(command, os.environ, ROOT, stdout=subprocess.DEVNULL)


def _in_python(way: str, folder: Path, server: ScaleServer) -> Usage:
    command = (sys.executable, "-m", "tests.bench.reading", way, folder)
    usage = run(command, {**os.environ, "PYTHONPATH": str(COLLECTIONS)}, ROOT)
    objects = json.loads(usage.output)["objects"]
    # The account that reads is an object as well.
    if objects != server.entries + 1:
        raise ProgramFailed(f"{way} read {objects} of {server.entries + 1} objects")
    return usage


def _table(measured: Measured) -> str:
    rounds = len(measured.rounds)
    machine = (
        f"{measured.entries} entries, {len(ATTRIBUTES)} attributes, pages of {PAGE_SIZE}; "
        f"Python {platform.python_version()}, ldap3 {version('ldap3')}, "
        f"python-ldap {version('python-ldap')}, {len(os.sched_getaffinity(0))} cores; "
        f"{'one round' if rounds == 1 else f'medians of {rounds} rounds'}"
    )
    heading = (
        f"{'':44}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'objects/s':>11}{'times ldapsearch':>18}"
    )
    rows = (_row(measured, way) for way in _TITLES)
    return "\n".join(("", machine, "", heading, *rows, ""))


def _row(measured: Measured, way: str) -> str:
    wall = measured.wall(way)
    return (
        f"{_TITLES[way]:44}{wall:9.2f}{measured.cpu(way):9.2f}{measured.megabytes(way):9.0f}"
        f"{measured.entries / wall:11.0f}{wall / measured.wall(LDAPSEARCH):18.2f}"
    )


def _verdict(measured: Sequence[Measured]) -> str:
    smallest, largest = measured[0], measured[-1]
    times = max(each.wall(OURS) / each.wall(LDAPSEARCH) for each in measured)
    peak = largest.megabytes(OURS)
    lines = [
        f"Judging everything takes at most {times:.2f} times as long as ldapsearch's reading.",
        f"The design allows {_MOST_TIMES_LDAPSEARCH}: {_held(times <= _MOST_TIMES_LDAPSEARCH)}.",
        f"Its processes together have at most {peak:.0f} MB, with {largest.entries} entries.",
        f"The design allows {_MOST_MEGABYTES} with a million: {_held(peak <= _MOST_MEGABYTES)}.",
    ]
    if largest.entries > smallest.entries:
        # The design is about ten times as many entries.
        growth = largest.wall(OURS) / smallest.wall(OURS)
        most = _MOST_GROWTH * largest.entries / smallest.entries / 10
        lines += [
            f"From {smallest.entries} to {largest.entries} entries time grows {growth:.1f}-fold.",
            f"The design allows {most:.1f}: {_held(growth <= most)}.",
        ]
    return "\n".join(lines)


def _held(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"
