# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tenants made from the few of the lab, and what it costs to run tasks on all of them."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab.description import Description
from lab.directory.company import LEGACY_SUFFIX
from tools.paths import ROOT

from .ways import Way

_SETTINGS = ROOT / "tests" / "bench" / "ansible" / "ansible.cfg"
# How much of a failed run's output is shown, in characters
_SHOWN = 3000


class RunFailed(Exception):
    """A measured playbook did not do what it was to do; the message holds its output."""


@dataclass(frozen=True)
class Cost:
    """What a run took: CPU seconds (user and system, of all its processes) and wall seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Fleet:
    """Tenants to run playbooks on."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def make(cls, folder: Path, lab: Description, size: int) -> Fleet:
        """Write the inventory; it holds passwords, so `folder` must be private."""
        inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text(encoding="utf-8"))
        originals = list(inventory["tenants"]["hosts"].items())
        hosts = {}
        for number in range(size):
            name, variables = originals[number % len(originals)]
            hosts[f"tenant-{number:03}"] = {**variables, **_as_it_is(lab.tenants[name])}
        local = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        }
        written = {"all": {"hosts": hosts, "vars": local}}
        (folder / "hosts.json").write_text(json.dumps(written), encoding="utf-8")
        return cls(folder, _environment(lab))

    def start(self, way: Way) -> Cost:
        """Read the way's playbook, without doing any of its tasks."""
        _output, cost = self._play(way, "--tags", "none-of-them")
        return cost

    def run(self, way: Way) -> Cost:
        """Do the way's tasks on every tenant.

        :raises RunFailed: when a task fails, is skipped or changes something.
        """
        output, cost = self._play(way)
        done = re.findall(
            rf"ok={len(way.tasks)} +changed=0 +unreachable=0 +failed=0 +skipped=0", output
        )
        if len(done) != way.tenants:
            raise RunFailed(f"{way.title}:\n{output[-_SHOWN:]}")
        return cost

    def _play(self, way: Way, *options: str) -> tuple[str, Cost]:
        playbook = self.folder / "playbook.json"
        playbook.write_text(json.dumps([self._as_play(way)]), encoding="utf-8")
        program = Path(sys.executable).with_name("ansible-playbook")
        started, cpu_before = time.monotonic(), _cpu_of_children()
        finished = subprocess.run(
            [program, "--inventory", "hosts.json", playbook, *options],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        cost = Cost(cpu=_cpu_of_children() - cpu_before, wall=time.monotonic() - started)
        return finished.stdout, cost

    def _as_play(self, way: Way) -> dict[str, Any]:
        return {
            "name": way.title,
            "hosts": f"all[0:{way.tenants - 1}]",
            "gather_facts": False,
            "module_defaults": way.module_defaults,
            "vars": {"tenantops_run": "bench", "tenantops_journal": str(self.folder / "journal")},
            "tasks": way.tasks,
        }


def _as_it_is(tenant: dict[str, Any]) -> dict[str, Any]:
    """What the lab's systems have at the start, so that tasks find nothing to do."""
    return {
        "bench_email_otp": tenant["email_otp"],
        "bench_domain": tenant["domain"],
        "bench_texts": tenant["foreign_texts"],
        "bench_suffixes": [LEGACY_SUFFIX],
    }


def _environment(lab: Description) -> dict[str, str]:
    """Where the lab's cloud is, which no play has to say of Microsoft's; none of the caller's own
    settings."""
    theirs = ("ANSIBLE_", "TENANTOPS_", "AZURE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    return {
        **kept,
        "ANSIBLE_CONFIG": str(_SETTINGS),
        "TENANTOPS_ENTRA_GRAPH_URL": lab.cloud["graph_url"],
        "TENANTOPS_ENTRA_AUTHORITY": lab.cloud["authority"],
        "TENANTOPS_ENTRA_CA_PATH": lab.ca_file,
    }


def _cpu_of_children() -> float:
    """CPU seconds of the processes that ended and were waited for, with all their descendants."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
