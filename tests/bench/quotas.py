# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bulk writes while Graph's published quotas are on: ours beside a loop of ansible.builtin.uri."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lab.description import Description
from tools.paths import COLLECTIONS, ROOT, locked

from ..lab.truth import Truth
from . import quota_ways
from .doors import bench_lab
from .quota_ways import Way
from .usage import run

# Half as much again as fits into the time at once
WRITES = 4_500
_LOOPED = 60
_SETTINGS = ROOT / "tests" / "bench" / "ansible" / "ansible.cfg"

# What Microsoft allows each app in each tenant: 3,000 writes in 150 seconds
_ALLOWED = 3_000 / 150
# What has to hold
_LEAST_SHARE = 0.9
_MOST_REFUSED = 1 / 1_000


def _ways(writes: int) -> Sequence[Way]:
    uri = "a loop of ansible.builtin.uri"
    licenses = "entra_license, licences swapped"
    return (
        quota_ways.LicensesOneByOne(
            "loop", f"{uri}, one write each", _LOOPED, "loop", is_ours=False
        ),
        quota_ways.LicensesInBatches(
            "batches", f"{uri}, 20 writes each", writes, "batches", is_ours=False
        ),
        quota_ways.Licenses("task", licenses, writes, "licenses"),
        quota_ways.Licenses("tasks", f"{licenses} by 3 tasks of a play", writes, "licenses", 3),
        quota_ways.Licenses(
            "plays", f"{licenses} by 2 plays at once", writes, "licenses", terminals=2
        ),
        quota_ways.Names("names", "entra_user_upn, names changed", writes, "names"),
        quota_ways.NewAccounts("accounts", "entra_user, accounts made", writes, "accounts"),
    )


NAMES = tuple(way.name for way in _ways(WRITES))


@dataclass(frozen=True)
class Paced:
    """What the simulator counted of one way while the quota was on.

    `seconds` are from the first request that was not refused to the last one, `writing_seconds`
    from the first write to the last one.
    """

    requests: int
    throttled: int
    writes: int
    seconds: float
    writing_seconds: float
    wanted: int

    @property
    def share(self) -> float:
        """Of the writes a second that are allowed."""
        return self.writes / self.writing_seconds / _ALLOWED

    @property
    def refused(self) -> float:
        """The part of the requests that were answered 429."""
        return self.throttled / self.requests

    @property
    def is_good(self) -> bool:
        """Whether it is fast and yet hardly ever refused, and all was done."""
        is_all_done = self.writes == self.wanted
        return is_all_done and self.share >= _LEAST_SHARE and self.refused < _MOST_REFUSED


def measure(writes: int = WRITES, names: Sequence[str] = NAMES) -> Mapping[str, Paced]:
    """Print the table of the ways that are named, and whether what has to hold does.

    :raises ProgramFailed: when a way fails.
    """
    ways = [way for way in _ways(writes) if way.name in names]
    measured = {}
    with locked("bench"), bench_lab() as lab, tempfile.TemporaryDirectory() as private:
        for way in ways:
            print(way.title, flush=True)
            folder = Path(private) / way.name
            folder.mkdir()
            measured[way.name] = _Trial(folder, lab, Truth(lab), way).measured()
    print(_table(ways, measured))
    print(_verdict(ways, measured))
    return measured


@dataclass(frozen=True)
class _Trial:
    """One way, on people of its own, with the quota on from before its first request."""

    folder: Path
    lab: Description
    truth: Truth
    way: Way

    def measured(self) -> Paced:
        """What the simulator counted."""
        self.truth.cloud("POST", "/reset")
        variables = self._variables(self.way.prepare(self.truth))
        (self.folder / "write.yml").write_text(quota_ways.PLAYBOOK, encoding="utf-8")
        (self.folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
        self.truth.cloud("PUT", f"/quota/{self.way.tenant}", {})
        with ThreadPoolExecutor(self.way.terminals) as terminals:
            list(terminals.map(self._play, self.way.plays))
        told = self.truth.cloud("GET", f"/quota/{self.way.tenant}")["quota"]
        counted = ("requests", "throttled", "writes", "seconds", "writing_seconds")
        return Paced(**{name: told[name] for name in counted}, wanted=self.way.writes)

    def _play(self, hosts: Sequence[str]) -> None:
        command = ("ansible-playbook", "-i", f"{','.join(hosts)},", "-c", "local")
        words = ("-e", "@variables.json", "--tags", self.way.tag, "--forks", str(len(hosts)))
        run((*command, *words, "write.yml"), self._environment(), self.folder)

    def _variables(self, wanted: quota_ways.Wanted) -> dict[str, Any]:
        tenant, cloud = self.lab.tenants[self.way.tenant], self.lab.cloud
        return {
            "ansible_python_interpreter": sys.executable,
            "tenant_id": tenant["tenant_id"],
            "client_id": tenant["client_id"],
            "client_secret": tenant["client_secret"],
            "graph_url": cloud["graph_url"],
            "authority": cloud["authority"],
            "ca_path": self.lab.ca_file,
            "wanted": wanted,
            "workers": [host for hosts in self.way.plays for host in hosts],
            "journal": str(self.folder / "journal"),
            "passwords_file": str(self.folder / "passwords" / "new.csv"),
            "quota_folder": str(self.folder / "quota"),
        }

    def _environment(self) -> Mapping[str, str]:
        programs = Path(sys.executable).parent
        return {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(_SETTINGS),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        }


def _table(ways: Sequence[Way], measured: Mapping[str, Paced]) -> str:
    machine = (
        f"The lab allows 3,000 writes in 150 seconds, and 3,500 resource units in 10; Python "
        f"{platform.python_version()}, ansible-core {version('ansible-core')}, "
        f"{len(os.sched_getaffinity(0))} cores"
    )
    heading = (
        f"{'':50}{'writes':>8}{'of':>7}{'seconds':>9}{'of them':>9}{'writes/s':>10}{'of what':>9}"
        f"{'requests':>10}{'429':>7}\n"
        f"{'':74}{'writing':>9}{'':10}{'allowed':>9}"
    )
    rows = (_row(way, measured[way.name]) for way in ways)
    return "\n".join(("", machine, "", heading, *rows, ""))


def _row(way: Way, paced: Paced) -> str:
    return (
        f"{way.title:50}{paced.writes:8}{paced.wanted:7}{paced.seconds:9.1f}"
        f"{paced.writing_seconds:9.1f}{paced.writes / paced.writing_seconds:10.2f}"
        f"{paced.share:9.2f}{paced.requests:10}{paced.throttled:7}"
    )


def _verdict(ways: Sequence[Way], measured: Mapping[str, Paced]) -> str:
    lines = []
    if ours := [measured[way.name] for way in ways if way.is_ours]:
        holds = "holds" if all(paced.is_good for paced in ours) else "DOES NOT HOLD"
        lines.append(
            f"Wanted of ours are {_LEAST_SHARE} of what is allowed, and fewer than 1 in 1,000 "
            f"requests refused: {holds}."
        )
    if blind := measured.get("batches"):
        lines.append(
            f"The loop of batches left {blind.wanted - blind.writes} of {blind.wanted} undone "
            "without saying so,\nsince a batch is a success whatever became of what is in it."
        )
    return "\n".join(lines)
