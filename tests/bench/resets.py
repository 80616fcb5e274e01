# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resetting the redemption of guests: one task of ours beside a loop of ansible.builtin.uri."""

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

from lab.description import Description
from tools.paths import COLLECTIONS, ROOT, locked

from ..lab.truth import Truth
from .doors import bench_lab
from .usage import ProgramFailed, run

GUESTS = 2_000
LOOPED = 40
_ROUNDS = 3
_TENANT = "fabrikam"
_MAKING = 60
_SETTINGS = ROOT / "tests" / "bench" / "ansible" / "ansible.cfg"

# What Microsoft allows each tenant: 150 invitations in 5 seconds
_QUOTA = 150 / 5

_LOOP = "loop"
_TASK = "task"
_TITLES = {
    _LOOP: f"a loop of ansible.builtin.uri, {LOOPED} measured",
    _TASK: "entra_guest_redemption: found, journalled, reset and told",
}
_METHODS = {_LOOP: "facebook", _TASK: "google"}

_PLAYBOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.uri:
        url: "{{ authority }}/{{ tenant_id }}/oauth2/v2.0/token"
        method: POST
        body_format: form-urlencoded
        body:
          grant_type: client_credentials
          client_id: "{{ client_id }}"
          client_secret: "{{ client_secret }}"
          scope: "{{ graph_url }}/.default"
        ca_path: "{{ ca_path }}"
      register: signed_in
      tags: loop
    - ansible.builtin.uri:
        url: "{{ graph_url }}/v1.0/invitations"
        method: POST
        headers:
          Authorization: "Bearer {{ signed_in.json.access_token }}"
        body_format: json
        body:
          invitedUserEmailAddress: "{{ item.address }}"
          inviteRedirectUrl: "https://myapps.microsoft.com/?tenantid={{ tenant_id }}"
          resetRedemption: true
          invitedUser:
            id: "{{ item.id }}"
        ca_path: "{{ ca_path }}"
        status_code: 201
      loop: "{{ guests }}"
      loop_control:
        label: "{{ item.address }}"
      tags: loop
    - tenantops.migration.entra_guest_redemption:
        methods: [google]
        # The lab has no quota, so that each way is as fast as it can be.
        requests_per_second: 10000
        journal: "{{ journal }}"
        tenant: bench
        run: resets
        entra_tenant_id: "{{ tenant_id }}"
        entra_client_id: "{{ client_id }}"
        entra_client_secret: "{{ client_secret }}"
        entra_graph_url: "{{ graph_url }}"
        entra_authority: "{{ authority }}"
        entra_ca_path: "{{ ca_path }}"
      tags: task
"""


@dataclass(frozen=True)
class Reset:
    """So many guests reset in so many seconds, of the clock and of the CPU."""

    guests: int
    wall: float
    cpu: float

    @property
    def rate(self) -> float:
        """Guests a second."""
        return self.guests / self.wall


Round = Mapping[str, Reset]


def measure() -> list[Round]:
    """Print the table, and what it says about Microsoft's quota.

    :raises ProgramFailed: when a way fails or does not reset each guest once.
    """
    with locked("bench"), bench_lab() as lab, tempfile.TemporaryDirectory() as private:
        rounds: list[Round] = []
        for number in range(1, _ROUNDS + 1):
            print(f"Round {number} of {_ROUNDS}", flush=True)
            crowd = _Crowd.make(lab)
            playbook = _Playbook(Path(private), lab, crowd, number)
            rounds.append({way: playbook.measured(way) for way in _TITLES})
    print(_table(rounds))
    print(_verdict(rounds))
    return rounds


@dataclass(frozen=True)
class _Crowd:
    """The guests of the tenant by the ways that are measured, and the book that tells of each."""

    truth: Truth
    guests: Mapping[str, Sequence[Mapping[str, Any]]]

    @classmethod
    def make(cls, lab: Description) -> _Crowd:
        truth = Truth(lab)
        truth.cloud("POST", "/reset")
        for way, amount in {_LOOP: LOOPED, _TASK: GUESTS}.items():
            order = {"count": amount, "seed": 7, "methods": {_METHODS[way]: 1}}
            truth.cloud("POST", f"/guests/{_TENANT}", order, timeout=_MAKING)
        told = truth.cloud("GET", f"/guests/{_TENANT}", timeout=_MAKING)["guests"]
        return cls(
            truth,
            {
                way: [
                    {"id": guest["id"], "address": guest["address"]}
                    for guest in told
                    if guest["method"] == method
                ]
                for way, method in _METHODS.items()
            },
        )

    def check(self, way: str) -> None:
        """See that each guest was reset once, by the lab's own book.

        :raises ProgramFailed: when that is not so.
        """
        entries = self.truth.cloud("GET", f"/ledger?tenant={_TENANT}")["entries"]
        meant = {guest["id"] for guest in self.guests[way]}
        done = [entry["user"] for entry in entries if entry["user"] in meant]
        if sorted(done) != sorted(meant):
            raise ProgramFailed(f"{way} made {len(done)} resets of {len(meant)} guests")


@dataclass(frozen=True)
class _Playbook:
    """Runs the playbook; what Ansible takes before the first task does not count."""

    folder: Path
    lab: Description
    crowd: _Crowd
    number: int

    def measured(self, way: str) -> Reset:
        """What one way took."""
        playbook, variables = self.folder / "reset.yml", self.folder / "variables.json"
        playbook.write_text(_PLAYBOOK, encoding="utf-8")
        variables.write_text(json.dumps(self._variables()), encoding="utf-8")
        start_wall, start_cpu = self._play("none-of-them")
        wall, cpu = self._play(way)
        self.crowd.check(way)
        return Reset(len(self.crowd.guests[way]), wall - start_wall, cpu - start_cpu)

    def _play(self, tag: str) -> tuple[float, float]:
        command = ("ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "@variables.json")
        used = run((*command, "--tags", tag, "reset.yml"), self._environment(), self.folder)
        return used.wall, used.cpu

    def _variables(self) -> dict[str, Any]:
        tenant, cloud = self.lab.tenants[_TENANT], self.lab.cloud
        return {
            "ansible_python_interpreter": sys.executable,
            "tenant_id": tenant["tenant_id"],
            "client_id": tenant["client_id"],
            "client_secret": tenant["client_secret"],
            "graph_url": cloud["graph_url"],
            "authority": cloud["authority"],
            "ca_path": self.lab.ca_file,
            "guests": self.crowd.guests[_LOOP],
            # The same guests are there in each round: what was done in one is not done again.
            "journal": str(self.folder / f"journal-{self.number}"),
        }

    def _environment(self) -> Mapping[str, str]:
        programs = Path(sys.executable).parent
        return {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(_SETTINGS),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        }


def _table(rounds: Sequence[Round]) -> str:
    machine = (
        f"{GUESTS} guests on the lab, which has no quota and answers at once; Python "
        f"{platform.python_version()}, ansible-core {version('ansible-core')}, "
        f"{len(os.sched_getaffinity(0))} cores; medians of {len(rounds)} rounds"
    )
    heading = f"{'':60}{'guests/s':>10}{f's for {GUESTS}':>12}{'CPU ms/guest':>14}"
    rows = (_row(rounds, way) for way in _TITLES)
    return "\n".join(("", machine, "", heading, *rows, ""))


def _row(rounds: Sequence[Round], way: str) -> str:
    rate = median(each[way].rate for each in rounds)
    cpu = median(each[way].cpu / each[way].guests for each in rounds)
    return (
        f"{_TITLES[way]:60}{rate:10.1f}{GUESTS / rate:12.1f}{1000 * cpu:14.1f}"
        f"{'  (extrapolated)' if way == _LOOP else ''}"
    )


def _verdict(rounds: Sequence[Round]) -> str:
    ours, loop = (median(each[way].rate for each in rounds) for way in (_TASK, _LOOP))
    return (
        f"Ours resets {ours / loop:.0f} times as many guests a second as the loop does. Microsoft "
        f"allows {_QUOTA:.0f}:\nours could reset {ours / _QUOTA:.1f} times as many, the loop "
        f"{loop / _QUOTA:.2f} times. The loop is blind to throttling, to lost\nanswers and to who "
        "was reset before."
    )
