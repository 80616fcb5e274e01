# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenants divided among execution nodes: the same plans and results as on one of them."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.description import Description
from tools.paths import BUILD

from .killing import kill
from .nodes import Job, slices
from .playbooks import DEMO_TENANTS, Operator
from .truth import Truth

# Beside the tenants of the demo, such as only have a suffix and a TXT record; `make scale` asks for
# more.
DIVIDED_TENANTS = int(os.environ.get("TENANTOPS_DIVIDED_TENANTS", "5"))
NAVIGATOR = BUILD / "venv-tools" / "bin" / "ansible-navigator"
# Far more than it takes on a busy machine.
PATIENCE = 1200

Plans = dict[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Fleet:
    """Tenants, where they are described, and the truth about them."""

    operator: Operator
    inventory: Path
    tenants: tuple[str, ...]

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        truth = Truth(self.operator.lab)
        names = [name for name in self.tenants if name not in DEMO_TENANTS]
        return truth.everything(), {name: truth.txt(f"{name}.contoso.test") for name in names}

    def jobs(self, title: str, count: int, arguments: str = "") -> list[Job]:
        """One job for each slice, sent off."""
        found = []
        for number, tenants in enumerate(slices(self.tenants, count)):
            folder = self.operator.folder / f"{title}-{number}"
            folder.mkdir()
            run = {"tenantops_run": title}
            journal = self.operator.journal
            job = Job(folder, "tenantops.migration.migrate", tenants, journal, run, arguments)
            job.transmit(self.inventory)
            found.append(job)
        return found

    def run(self, title: str, count: int, arguments: str = "") -> Plans:
        """Have as many workers do it side by side, and gather the plans of all tenants."""
        jobs = self.jobs(title, count, arguments)
        workers = [job.start_worker() for job in jobs]
        for worker in workers:
            worker.wait(PATIENCE)
        for job in jobs:
            output = job.process()
            assert job.exit_code() == 0, output
        return gathered(jobs, "check" if arguments else "apply")

    def undo(self, run: str) -> None:
        finished = self.operator.run(
            "rollback",
            *("--inventory", str(self.inventory), "--limit", ",".join(self.tenants)),
            tenantops_undo_run=run,
        )
        assert finished.exit_code == 0, finished.output


def gathered(jobs: Iterable[Job], mode: str) -> Plans:
    """What was planned or done for each tenant, without the times."""
    plans: Plans = {}
    for job in jobs:
        for plan in job.plans(mode):
            assert plan["tenant"] not in plans
            assert plan["complete"], plan
            plans[plan["tenant"]] = {name: plan[name] for name in ("changes", "sha256")}
    return plans


@pytest.fixture
def fleet(clean_lab: Description, tmp_path: Path) -> Fleet:
    described = yaml.safe_load(Path(clean_lab.data["inventory"]).read_text())
    hosts = described["tenants"]["hosts"]
    fleet = {name: hosts[name] for name in DEMO_TENANTS}
    for number in range(DIVIDED_TENANTS):
        name = f"division{number:03}"
        fleet[name] = {
            key: copy.deepcopy(value)
            for key, value in hosts["contoso"].items()
            if key.startswith(("tenant_ad_", "tenant_dns_"))
        }
        fleet[name]["tenant_upn_suffixes"] = [f"{name}.test"]
        record = {"name": f"{name}.contoso.test", "values": [f"MS=ms{number:08}"]}
        fleet[name]["tenant_txt_records"] = [record]
    described["tenants"]["hosts"] = fleet
    inventory = tmp_path / "fleet.yml"
    inventory.write_text(yaml.safe_dump(described))
    return Fleet(Operator(clean_lab, tmp_path), inventory, tuple(fleet))


def test_divided_among_nodes_plans_and_results_are_the_same(fleet: Fleet) -> None:
    start = fleet.state()
    planned = fleet.run("dry1", 1, "--check --diff")
    assert planned.keys() == set(fleet.tenants)
    assert all(plan["changes"] for plan in planned.values())
    for count in (2, 4):
        assert fleet.run(f"dry{count}", count, "--check --diff") == planned, count
    assert fleet.state() == start

    assert fleet.run("one", 1) == planned
    reached = fleet.state()
    assert reached != start
    fleet.undo("one")
    assert fleet.state() == start
    assert fleet.run("four", 4) == planned
    assert fleet.state() == reached


def test_a_node_that_is_lost_half_way_is_made_up_for(fleet: Fleet) -> None:
    start = fleet.state()
    planned = fleet.run("dry", 1, "--check --diff")
    lost, other = jobs = fleet.jobs("lost", 2)
    dying, living = (job.start_worker() for job in jobs)
    wait_for(lambda: any((fleet.operator.journal / name).exists() for name in lost.tenants))
    kill(dying)
    living.wait(PATIENCE)

    # ansible-runner tells it in the artifacts alone, the program itself ends well.
    lost.process()
    other.process()
    assert (lost.exit_code(), other.exit_code()) == (None, 0)
    done = {name: planned[name] for name in other.tenants}
    assert gathered([other], "apply") == done
    assert fleet.state() != start

    again = fleet.run("again", 2)
    assert not any(again[name]["changes"] for name in other.tenants)
    assert any(again[name]["changes"] for name in lost.tenants)
    left = fleet.run("third", 1, "--check --diff")
    assert not any(plan["changes"] for plan in left.values())

    fleet.undo("again")
    fleet.undo("lost")
    assert fleet.state() == start


def test_ansible_navigator_runs_the_same_command(clean_lab: Description, tmp_path: Path) -> None:
    operator = Operator(clean_lab, tmp_path)
    words = operator.command("migrate", {"tenantops_hosts": "fourthcoffee:northwind"}, ["--check"])
    modes = ("--execution-environment", "false", "--mode", "stdout")
    report = tmp_path / "report"
    finished = subprocess.run(
        # Its own arguments come first, and Ansible's after them.
        [NAVIGATOR, "run", words[-1], *modes, "--playbook-artifact-enable", "false", *words[1:-1]],
        cwd=tmp_path,
        env=operator.environment(report)
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert finished.returncode == 2, finished.stdout
    plan = json.loads((report / "check" / "fourthcoffee.json").read_text())
    assert plan["complete"]
    assert plan["changes"]
    failed = json.loads((report / "check" / "northwind.json").read_text())
    assert failed["failures"][0]["error"]["kind"] == "authentication_failed"


def test_what_comes_back_holds_no_secret_but_the_environment(fleet: Fleet) -> None:
    (job,) = fleet.jobs("secrets", 1, "--check --diff -vvv")
    job.start_worker().wait(PATIENCE)
    job.process()
    assert job.exit_code() == 0
    came = b"".join(path.read_bytes() for path in job.artifacts.rglob("*") if path.is_file())
    came += (job.folder / "came").read_bytes()
    found = secrets(fleet.inventory)
    assert len(found) >= 6
    assert [secret for secret in found if secret.encode() in came] == []
    # What the inventory said is gone from the node.
    assert not (job.folder / "node").exists()
    # Why docs/runner.md says that no secret may be in the environment:
    command = json.loads((job.artifacts / "command").read_text())
    assert command["env"]["TENANTOPS_JOURNAL"] == str(fleet.operator.journal)


def secrets(inventory: Path) -> set[str]:
    """Every password, key and client secret of the tenants."""
    hosts = yaml.safe_load(inventory.read_text())["tenants"]["hosts"]
    kinds = ("password", "key_secret", "client_secret")
    return {
        str(value)
        for variables in hosts.values()
        for name, value in variables.items()
        if name.endswith(kinds)
    }


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
