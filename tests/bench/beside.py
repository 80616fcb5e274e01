# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moving whole tenants: the playbook migrate beside tasks of uri, ldap_attrs and nsupdate.

Both make the same three changes in each tenant: a UPN suffix, a TXT record, and the passcode of
guests. Ours also journals them first, reads them back, and writes plan, index and page.
"""

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

from lab import fleet_tenants, lifecycle
from lab.description import Description
from lab.directory.company import LEGACY_SUFFIX
from tools.paths import COLLECTIONS, ROOT, locked

from ..lab.truth import Truth
from . import community_general
from .doors import bench_lab
from .usage import ProgramFailed, Usage, run

TENANTS = (10, 100, 1000)
ROUNDS = 1
# Seconds; the state of a thousand tenants is long.
_PATIENCE = 120
# With a thousand tenants the tasks take more than an hour, and say nothing new.
TASKS_UP_TO = 100
_CHANGES = 3
_SETTINGS = ROOT / "tests" / "bench" / "ansible" / "ansible.cfg"

_OURS = "ours"
_TASKS = "tasks"
_TITLES = {
    _OURS: "migrate, with journal, plans and report",
    _TASKS: "tasks of uri, ldap_attrs and nsupdate",
}

# A careful author reads before writing, and lets a dry run read too.
_PLAYBOOK = """\
- hosts: tenants
  gather_facts: false
  vars:
    method: >-
      {{ tenant_entra_graph_url
      }}/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email
  tasks:
    - community.general.ldap_attrs:
        server_uri: "ldaps://{{ tenant_ad_servers[0] }}"
        ca_path: "{{ tenant_ad_ca_path }}"
        bind_dn: "{{ tenant_ad_username }}"
        bind_pw: "{{ tenant_ad_password }}"
        referrals_chasing: disabled
        dn: "{{ partitions }}"
        attributes:
          uPNSuffixes: "{{ tenant_upn_suffixes }}"
        state: present
    - community.general.nsupdate:
        server: "{{ tenant_dns_server }}"
        port: "{{ tenant_dns_port }}"
        protocol: tcp
        key_name: "{{ tenant_dns_key_name }}"
        key_secret: "{{ tenant_dns_key_secret }}"
        key_algorithm: "{{ tenant_dns_key_algorithm }}"
        zone: "{{ zone }}"
        record: "{{ item.name }}."
        type: TXT
        value: "{{ item['values'] }}"
      loop: "{{ tenant_txt_records }}"
      loop_control:
        label: "{{ item.name }}"
    - ansible.builtin.uri:
        url: "{{ tenant_entra_authority }}/{{ tenant_entra_tenant_id }}/oauth2/v2.0/token"
        method: POST
        body_format: form-urlencoded
        body:
          grant_type: client_credentials
          client_id: "{{ tenant_entra_client_id }}"
          client_secret: "{{ tenant_entra_client_secret }}"
          scope: "{{ tenant_entra_graph_url }}/.default"
        ca_path: "{{ tenant_entra_ca_path }}"
      check_mode: false
      register: signed_in
    - ansible.builtin.uri:
        url: "{{ method }}"
        headers:
          Authorization: "Bearer {{ signed_in.json.access_token }}"
        ca_path: "{{ tenant_entra_ca_path }}"
      check_mode: false
      register: found
    - ansible.builtin.uri:
        url: "{{ method }}"
        method: PATCH
        headers:
          Authorization: "Bearer {{ signed_in.json.access_token }}"
        body_format: json
        body:
          "@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration"
          allowExternalIdToUseEmailOtp: "{{ tenant_email_otp }}"
        ca_path: "{{ tenant_entra_ca_path }}"
        status_code: 204
      changed_when: true
      when: found.json.allowExternalIdToUseEmailOtp != tenant_email_otp
"""

# In a namespace of its own processes and threads are numbered from one on: the number that the last
# one gets tells how many there were.
_COUNTED = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c")
_COUNTING = 'counted=$1; shift; "$@" && sh -c "echo \\$\\$" > "$counted"'


@dataclass(frozen=True)
class Moved:
    """A run over so many tenants; `started` are its processes and threads."""

    tenants: int
    usage: Usage
    started: int

    @property
    def per_minute(self) -> float:
        """Tenants a minute, with what Ansible takes before the first task."""
        return self.tenants / self.usage.wall * 60


# By way, number of tenants, and whether it is the dry run
Round = Mapping[tuple[str, int, bool], Moved]
# The runs of a way over so many tenants
_Runs = tuple[str, int]


def measure(
    sizes: Sequence[int] = TENANTS, rounds: int = ROUNDS, tasks_up_to: int = TASKS_UP_TO
) -> list[Round]:
    """Print the table; with more than so many tenants, ours is measured alone.

    :raises ProgramFailed: when a way fails, or does not make what it is to make and no more.
    """
    others = community_general.collections()
    measured: list[Round] = []
    with locked("bench"), bench_lab() as lab:
        for number in range(1, rounds + 1):
            print(f"Round {number} of {rounds}", flush=True)
            one: dict[tuple[str, int, bool], Moved] = {}
            for size in sizes:
                for way in _ways(size, tasks_up_to):
                    dry, real = _Fleet.make(lab, size, others).moved(way)
                    one |= {(way, size, True): dry, (way, size, False): real}
            measured.append(one)
    print(_table(measured))
    print(_verdict(measured))
    return measured


def _ways(size: int, tasks_up_to: int) -> list[str]:
    return [way for way in _TITLES if way == _OURS or size <= tasks_up_to]


@dataclass(frozen=True)
class _Fleet:
    """Tenants as at their start."""

    lab: Description
    made: fleet_tenants.MadeFleet
    others: Path

    @classmethod
    def make(cls, lab: Description, size: int, others: Path) -> _Fleet:
        lifecycle.reset(lab.state)
        return cls(lab, fleet_tenants.up(lifecycle.open_lab(lab.state), size), others)

    def moved(self, way: str) -> tuple[Moved, Moved]:
        """A dry run, and the real run after it."""
        size = len(self.made.tenants)
        with tempfile.TemporaryDirectory() as private:
            folder = Path(private)
            dry = self._run(way, folder, "--check")
            self._see(way, changed=0)
            real = self._run(way, folder)
            self._see(way, changed=size * _CHANGES)
        return dry, real

    def _run(self, way: str, folder: Path, *options: str) -> Moved:
        (folder / "tasks.yml").write_text(_PLAYBOOK, encoding="utf-8")
        partitions = f"CN=Partitions,{self.lab.directory['configuration_dn']}"
        variables = {
            "ansible_python_interpreter": sys.executable,
            "partitions": partitions,
            "zone": fleet_tenants.ZONE,
        }
        playbook = "tenantops.migration.migrate" if way == _OURS else "tasks.yml"
        command: tuple[str | Path, ...] = (
            *(*_COUNTED, _COUNTING, "sh", "counted"),
            *("ansible-playbook", "-i", self.made.inventory, "-e", json.dumps(variables)),
            *(*options, playbook),
        )
        usage = run(command, self._environment(way, folder), folder)
        started = int((folder / "counted").read_text()) - 1
        return Moved(len(self.made.tenants), usage, started)

    def _environment(self, way: str, folder: Path) -> Mapping[str, str]:
        theirs = ("ANSIBLE_", "TENANTOPS_", "AZURE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        ours = {
            "ANSIBLE_CALLBACKS_ENABLED": "tenantops.migration.change_plan",
            "TENANTOPS_JOURNAL": str(folder / "journal"),
            "TENANTOPS_REPORT_FOLDER": str(folder / "report"),
            "TENANTOPS_ENTRA_QUOTA": json.dumps({"folder": str(folder / "quota")}),
        }
        return {
            **kept,
            **(ours if way == _OURS else {}),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(_SETTINGS),
            "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{self.others}",
            "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "tmp"),
        }

    def _see(self, way: str, changed: int) -> None:
        """Ask the servers how many changes there are.

        :raises ProgramFailed: when it is another number.
        """
        truth = Truth(self.lab)
        tenants = self.made.tenants
        cloud = truth.cloud("GET", "/state", timeout=_PATIENCE)["tenants"]
        suffixes = set(truth.suffixes()) - {LEGACY_SUFFIX}
        found = sum(tenant.domain in suffixes for tenant in tenants)
        found += sum(truth.txt(tenant.domain) is not None for tenant in tenants)
        found += sum(
            cloud[tenant.name]["email_method"]["allow_external_id_to_use_email_otp"] == "enabled"
            for tenant in tenants
        )
        if found != changed:
            raise ProgramFailed(f"{_TITLES[way]}: {found} changes in place of {changed}")


def _table(rounds: Sequence[Round]) -> str:
    machine = (
        f"{_CHANGES} changes in each tenant; Python {platform.python_version()}, "
        f"ansible-core {version('ansible-core')}, {len(os.sched_getaffinity(0))} cores; "
        f"medians, rounds: {len(rounds)}"
    )
    heading = (
        f"{'':40}{'':>9}{'':>6}{'tenants':>10}{'CPU s':>9}{'processes and':>15}{'memory':>9}",
        f"{'':40}{'tenants':>9}{'':>6}{'a minute':>10}{'each':>9}{'threads each':>15}{'MiB':>9}",
    )
    # Beside each other: dry runs, then real ones
    measured = sorted(rounds[0], key=lambda key: (key[1], not key[2], key[0]))
    rows = (_row(rounds, way, size, is_dry=is_dry) for way, size, is_dry in measured)
    return "\n".join(("", machine, "", *heading, *rows, ""))


def _row(rounds: Sequence[Round], way: str, size: int, *, is_dry: bool) -> str:
    measured = [one[way, size, is_dry] for one in rounds]
    return (
        f"{_TITLES[way]:40}{size:9}{'dry' if is_dry else 'real':>6}"
        f"{median(one.per_minute for one in measured):10.0f}"
        f"{median(one.usage.cpu for one in measured) / size:9.2f}"
        f"{median(one.started for one in measured) / size:15.1f}"
        f"{median(one.usage.peak for one in measured) / 2**20:9.0f}"
    )


def _verdict(rounds: Sequence[Round]) -> str:
    told = [_growth(rounds)]
    sizes = [size for way, size, _is_dry in rounds[0] if way == _TASKS]
    if sizes:
        size = max(sizes)
        told.append(
            f"For {size} tenants the tasks take "
            f"{_times(rounds, (_OURS, size), (_TASKS, size), 'wall'):.1f} times as long as migrate "
            f"and {_times(rounds, (_OURS, size), (_TASKS, size), 'cpu'):.1f} times the CPU.\n"
            "Their dry run does not tell of the passcode, and nothing of what they did can be "
            "undone."
        )
    return "\n".join(told)


def _growth(rounds: Sequence[Round]) -> str:
    sizes = sorted({size for _way, size, _is_dry in rounds[0]})
    least, most = sizes[0], sizes[-1]
    more = most / least
    return (
        f"From {least} to {most} tenants, a tenant of migrate comes to take "
        f"{_times(rounds, (_OURS, least), (_OURS, most), 'wall') / more:.2f} times as long and "
        f"{_times(rounds, (_OURS, least), (_OURS, most), 'cpu') / more:.2f} times the CPU."
    )


def _times(
    rounds: Sequence[Round], one: tuple[str, int], other: tuple[str, int], what: str
) -> float:
    """How many times as much the real run of the other takes."""

    def figure(way: str, size: int) -> float:
        usages = (each[way, size, False].usage for each in rounds)
        return median(usage.wall if what == "wall" else usage.cpu for usage in usages)

    return figure(*other) / figure(*one)
