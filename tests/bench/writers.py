# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing 10,000 objects: ours beside bare pipelined requests and a loop of ldap_attrs."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from lab.openldap import scale
from lab.openldap.scale import ScaleServer
from tools.paths import COLLECTIONS, ROOT, locked

from . import community_general
from .usage import ProgramFailed, run

OBJECTS = 10_000
LOOPED = 100
_ENTRIES = 12_000
# The only defects are to be ours.
_NO_DEFECTS = 1_000_000
_SETTINGS = ROOT / "tests" / "bench" / "ansible" / "ansible.cfg"
_ROUNDS = 3

LOOP = "loop"
BARE = "bare"
BARE_AGAIN = "bare again"
OURS = "ours"
TASK = "task"
_TITLES = {
    LOOP: f"a loop of community.general.ldap_attrs, {LOOPED} measured",
    BARE: "bare requests, pipelined, made beforehand",
    OURS: "ours: a plan admitted, journalled, made and told",
    TASK: "ad_attributes as a task: all read and judged too",
}

# The bounds of the design
_LEAST_TIMES_THE_LOOP = 100
_LEAST_OF_BARE = 0.7

_PLAYBOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - community.general.ldap_attrs:
        server_uri: "{{ url }}"
        bind_dn: "{{ user }}"
        bind_pw: "{{ password }}"
        dn: "{{ item.dn }}"
        attributes:
          displayName: "{{ item.name }}"
        state: exact
      loop: "{{ objects }}"
      loop_control:
        label: "{{ item.dn }}"
      tags: loop
    - tenantops.migration.ad_attributes:
        ad_servers: ["{{ address }}"]
        ad_encryption: none
        ad_allow_unencrypted_bind: true
        ad_username: "{{ user }}"
        ad_password: "{{ password }}"
        fix_rules: [displayName.edge_whitespace]
        fix_severities: []
        findings_limit: 0
        journal: "{{ journal }}"
        tenant: bench
        run: "{{ run }}"
      register: fixed
      failed_when: fixed is failed or fixed.summary.objects_to_change < least
      tags: task
"""


@dataclass(frozen=True)
class Written:
    """So many objects changed in so many seconds."""

    objects: int
    seconds: float

    @property
    def rate(self) -> float:
        """Objects a second."""
        return self.objects / self.seconds


Round = Mapping[str, Written]


def measure() -> list[Round]:
    """Print the table and what it says about the bounds of the design.

    :raises ProgramFailed: when a way fails or does not change everything.
    """
    with locked("bench-writers"), tempfile.TemporaryDirectory() as private:
        folder = ROOT / ".lab-scale" / "writers"
        others = community_general.collections()
        rounds: list[Round] = []
        server_as_loaded = scale.running(folder, _ENTRIES, defects_every=_NO_DEFECTS, fresh=True)
        with server_as_loaded as server:
            # Those whom nobody else changes
            looped = _in_python("names", folder, OBJECTS + LOOPED)[OBJECTS:]
            playbook = _Playbook(Path(private), server, others, looped)
            for number in range(1, _ROUNDS + 1):
                print(f"Round {number} of {_ROUNDS}", flush=True)
                # Each way but the loop changes everything there, and the next changes it back.
                rounds.append(
                    {
                        LOOP: playbook.loop(number),
                        # What this makes worse the next one puts right.
                        BARE: _changed(BARE, folder),
                        OURS: _changed(OURS, folder),
                        BARE_AGAIN: _changed(BARE, folder),
                        TASK: playbook.task(number),
                    }
                )
    print(_table(rounds))
    print(_verdict(rounds))
    return rounds


def _changed(way: str, folder: Path) -> Written:
    told = _in_python(way, folder, OBJECTS)
    if told["objects"] != OBJECTS:
        raise ProgramFailed(f"{way} changed {told['objects']} of {OBJECTS} objects")
    return Written(told["objects"], told["seconds"])


def _in_python(way: str, folder: Path, objects: int) -> Any:
    command = (sys.executable, "-m", "tests.bench.writing", way, folder, str(objects))
    usage = run(command, {**os.environ, "PYTHONPATH": str(COLLECTIONS)}, ROOT)
    return json.loads(usage.output)


@dataclass(frozen=True)
class _Playbook:
    """Runs the playbook; what Ansible takes before the first task does not count."""

    folder: Path
    server: ScaleServer
    collections: Path
    looped: Sequence[str]

    def loop(self, number: int) -> Written:
        """A request for each of some objects, in a process of its own."""
        return Written(len(self.looped), self._seconds(LOOP, number))

    def task(self, number: int) -> Written:
        """One task that finds and fixes what is wrong with all the others."""
        return Written(OBJECTS, self._seconds(TASK, number))

    def _seconds(self, tag: str, number: int) -> float:
        playbook, variables = self.folder / "write.yml", self.folder / "variables.json"
        playbook.write_text(_PLAYBOOK, encoding="utf-8")
        variables.write_text(json.dumps(self._variables(number)), encoding="utf-8")
        start = self._play("none-of-them")
        return self._play(tag) - start

    def _play(self, tag: str) -> float:
        command = ("ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "@variables.json")
        return run((*command, "--tags", tag, "write.yml"), self._environment(), self.folder).wall

    def _variables(self, number: int) -> dict[str, Any]:
        return {
            "ansible_python_interpreter": sys.executable,
            "url": self.server.ldap_url,
            "address": f"{self.server.address}:{self.server.ldap_port}",
            "user": self.server.user,
            "password": self.server.password,
            "objects": [{"dn": dn, "name": f"Looped {number}"} for dn in self.looped],
            "journal": str(self.folder / "journal"),
            "run": f"run-{number}",
            "least": OBJECTS,
        }

    def _environment(self) -> Mapping[str, str]:
        programs = Path(sys.executable).parent
        return {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(_SETTINGS),
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{self.collections}",
        }


def _table(rounds: Sequence[Round]) -> str:
    machine = (
        f"{OBJECTS} objects, one attribute each; Python {platform.python_version()}, "
        f"ansible-core {version('ansible-core')}, {len(os.sched_getaffinity(0))} cores; "
        f"medians of {len(rounds)} rounds"
    )
    heading = f"{'':52}{'objects/s':>11}{f's for {OBJECTS}':>13}{'of bare':>9}"
    rows = (_row(rounds, way) for way in _TITLES)
    return "\n".join(("", machine, "", heading, *rows, ""))


def _row(rounds: Sequence[Round], way: str) -> str:
    rate = _rate(rounds, way)
    # A loop of all objects would take an hour: what it would take is told from some of them.
    return (
        f"{_TITLES[way]:52}{rate:11.1f}{OBJECTS / rate:13.1f}{rate / _rate(rounds, BARE):9.3f}"
        f"{'  (extrapolated)' if way == LOOP else ''}"
    )


def _rate(rounds: Sequence[Round], way: str) -> float:
    ways = (BARE, BARE_AGAIN) if way == BARE else (way,)
    return median(one[name].rate for one in rounds for name in ways)


def _verdict(rounds: Sequence[Round]) -> str:
    times = _rate(rounds, OURS) / _rate(rounds, LOOP)
    task = _rate(rounds, TASK) / _rate(rounds, LOOP)
    of_bare = _rate(rounds, OURS) / _rate(rounds, BARE)
    least = _LEAST_TIMES_THE_LOOP
    return "\n".join(
        (
            f"Ours changes {times:.0f} times as many objects a second as the loop does.",
            f"With everything that the task does besides, it is {task:.0f} times as many.",
            f"The design asks for {least}: {_held(task >= least)}, for the whole task too.",
            f"It keeps {of_bare:.2f} of the rate of bare requests.",
            f"The design asks for {_LEAST_OF_BARE}: {_held(of_bare >= _LEAST_OF_BARE)}.",
        )
    )


def _held(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"
