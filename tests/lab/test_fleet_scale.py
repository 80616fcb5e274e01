# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tenants, twenty of which fail in different ways: assess, plan, approve, apply, report.

Every other tenant gets its three changes, nobody is forgotten, and memory is bounded.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.query
import dns.rdatatype
import dns.zone
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.folder import (
    LockFolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.lease import (
    LEASE_SECONDS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.owner import Owner
from lab import fleet_tenants, lifecycle
from lab.description import Description
from lab.fleet_tenants import FleetTenant

from .conftest import LabCommand
from .fleet_troubles import Trouble, troubles
from .playbooks import Finished, Operator
from .process_memory import watched
from .truth import Truth

# How many tenants there are, two at least, half of them in trouble, but twenty at most; `make
# scale` asks for a thousand.
COUNT = int(os.environ.get("TENANTOPS_FLEET", "12"))

# What all processes of a run may hold together, in bytes: with a few tenants, and for each more.
# The controller itself takes a fifth of a megabyte for each. The rest is for its workers, twenty at
# most, each of which comes to have a part of that for itself.
MEMORY = 500_000_000
MEMORY_PER_TENANT = 2_000_000

RUN = "fleet"
# Seconds; the state of a thousand tenants is long.
PATIENCE = 120


@dataclass(frozen=True)
class Fleet:
    """The tenants, those in trouble by name, and how the playbooks are run on them."""

    operator: Operator
    truth: Truth
    tenants: Mapping[str, FleetTenant]
    troubled: Mapping[str, Trouble]
    inventories: tuple[str, ...]

    @property
    def handed_on(self) -> Path:
        """The variables that the job of the plans hands on to those after it, as AWX does."""
        return self.operator.folder / "handed-on.json"

    def run(self, playbook: str, **variables: Any) -> Finished:
        """Run a playbook, tell what it took, and hold its memory against the bound."""
        self.truth.cloud("DELETE", "/requests")
        begun, begun_cpu = time.monotonic(), _cpu()
        with watched() as peak:
            finished = self.operator.run(
                playbook,
                *self.inventories,
                *([f"--extra-vars=@{self.handed_on}"] if self.handed_on.exists() else []),
                report=playbook,
                tenantops_hosts=fleet_tenants.GROUP,
                tenantops_plan_store=str(self.operator.folder / "store"),
                tenantops_fleet_run=RUN,
                tenantops_run=RUN,
                tenantops_assessments=str(self.operator.folder / "assessed"),
                **variables,
            )
        seconds, cpu = time.monotonic() - begun, _cpu() - begun_cpu
        requests = len(self.truth.cloud("GET", "/requests", timeout=PATIENCE)["requests"])
        print(  # noqa: T201
            f"{playbook:15} {COUNT:5} tenants, {len(self.troubled):2} in trouble: "
            f"{seconds:7.1f} s, {60 * COUNT / seconds:6.0f} tenants/min, {cpu:7.1f} s of CPU, "
            f"peak {peak.memory / 1e6:5.0f} MB, {requests:6} requests to the cloud"
        )
        assert "Traceback" not in finished.output
        assert peak.looks > 0
        assert peak.memory < MEMORY + MEMORY_PER_TENANT * COUNT
        return finished

    def with_trouble(self, *, planned: bool) -> dict[str, Trouble]:
        """Those whose trouble a dry run does not find, or does."""
        return {name: one for name, one in self.troubled.items() if one.is_planned is planned}

    def expected(self, name: str) -> int:
        """How many of its three changes a tenant has at the end."""
        trouble = self.troubled.get(name)
        return 3 if trouble is None else trouble.done or 0


def _cpu() -> float:
    """The seconds that all runs so far have computed, with all their processes."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.fixture
def fleet(clean_lab: Description, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    callbacks = "tenantops.migration.change_plan,tenantops.migration.tenant_locks"
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", callbacks)
    (tmp_path / "store").mkdir()
    made = fleet_tenants.up(lifecycle.open_lab(clean_lab.state), COUNT)
    names = [tenant.name for tenant in made.tenants]
    chosen = troubles(clean_lab)[: COUNT // 2]
    # Here and there among the others
    troubled = dict(zip(names[:: COUNT // len(chosen)], chosen, strict=False))
    truth = Truth(clean_lab)
    for name, trouble in troubled.items():
        if trouble.fault is not None:
            truth.cloud("POST", "/chaos", {**trouble.fault, "tenant": name})
        if trouble.permissions is not None:
            path = f"/state/tenants/{name}/application/permissions"
            truth.cloud("PUT", path, list(trouble.permissions))
    own = {name: dict(trouble.variables) for name, trouble in troubled.items()}
    overlay = tmp_path / "troubles.json"
    overlay.write_text(json.dumps({fleet_tenants.GROUP: {"hosts": own}}))
    inventories = (f"--inventory={made.inventory}", f"--inventory={overlay}")
    tenants = {tenant.name: tenant for tenant in made.tenants}
    operator = Operator(clean_lab, tmp_path, patience=1200 + 10 * COUNT)
    return Fleet(operator, truth, tenants, troubled, inventories)


def test_command_makes_tenants_until_the_next_reset(
    clean_lab: Description, lab_command: LabCommand
) -> None:
    truth = Truth(clean_lab)
    before = truth.cloud("GET", "/state")["tenants"].keys()
    told = lab_command("fleet", "up", "3")
    inventory = clean_lab.state / "fleet" / "inventory.json"
    assert told == f"3 tenants are made. Their inventory: {inventory}\n"
    assert inventory.stat().st_mode & 0o077 == 0
    hosts = json.loads(inventory.read_text())["tenants"]["children"]["fleet"]["hosts"]
    assert truth.cloud("GET", "/state")["tenants"].keys() - before == hosts.keys()
    assert len({variables["tenant_entra_client_secret"] for variables in hosts.values()}) == 3
    refused = lab_command.attempt("fleet", "up", "0")
    assert (refused.returncode, refused.stderr) == (
        1,
        "A fleet has from 1 to 9999 tenants, not 0.\n",
    )
    lab_command("reset")
    assert truth.cloud("GET", "/state")["tenants"].keys() == before


def test_every_tenant_is_accounted_for_and_trouble_stays_where_it_is(fleet: Fleet) -> None:
    start = state(fleet)
    assert not any(start.values())
    assess(fleet)
    plan(fleet)
    assert state(fleet) == start
    approve(fleet)
    assert state(fleet) == start
    apply(fleet)
    reached = state(fleet)
    assert reached == {name: fleet.expected(name) for name in fleet.tenants}
    report(fleet)


def assess(fleet: Fleet) -> None:
    """What is known of each tenant's domain; signs in nowhere, so most trouble is not met."""
    finished = fleet.run("assess_domains")
    met = {name for name, trouble in fleet.troubled.items() if trouble.name == "cloud: untrusted"}
    assert finished.exit_code == (2 if met else 0), finished.output
    failed = re.findall(r"^(fleet\d+) .* failed=[^0]", finished.output, re.MULTILINE)
    assert set(failed) == met
    # What was not found out is told there, too.
    written = {path.stem for path in (fleet.operator.folder / "assessed").glob("*.csv")}
    assert written == fleet.tenants.keys()


def plan(fleet: Fleet) -> None:
    finished = fleet.run("plan")
    assert finished.exit_code == 2, finished.output
    failed = fleet.with_trouble(planned=False)
    plans = documents(finished, "check")
    assert plans.keys() == fleet.tenants.keys()
    for name, document in plans.items():
        assert document["complete"] is (name not in failed), name
        if name in failed:
            assert_told(document, failed[name])
            assert f"No plan for {name}: Its plan is not complete" in finished.output
        else:
            # A record set that is new has two: the record, and how long it may be kept.
            systems = [change["system"] for change in document["changes"]]
            assert systems == ["ad", "dns", "dns", "entra"], name
    digests = {
        f"tenantops_plan_sha256_{name}": document["sha256"]
        for name, document in plans.items()
        if document["complete"]
    }
    fleet.handed_on.write_text(json.dumps(digests))


def approve(fleet: Fleet) -> None:
    finished = fleet.run("approve", tenantops_approver="anna.berg@contoso.test")
    assert finished.exit_code == 0, finished.output
    pinned = len(fleet.tenants) - len(fleet.with_trouble(planned=False))
    assert f"approves the plans of {pinned} tenants" in finished.output


def apply(fleet: Fleet) -> None:
    with locks_of_others(fleet):
        finished = fleet.run("apply")
    assert finished.exit_code == 2, finished.output
    left_alone = fleet.with_trouble(planned=False)
    for name in left_alone:
        assert f"Left alone: {name}: It has no plan in this run" in finished.output
    late = fleet.with_trouble(planned=True)
    results = documents(finished, "apply")
    assert results.keys() == fleet.tenants.keys() - left_alone.keys()
    for name, document in results.items():
        assert document["complete"] is (name not in late), name
        assert len(document["changes"]) >= fleet.expected(name), name
        if name in late:
            assert_told(document, late[name])


def report(fleet: Fleet) -> None:
    """One report over all of it."""
    folder = fleet.operator.folder
    finished = fleet.run(
        "fleet_report",
        tenantops_report_folders=[str(folder / "plan"), str(folder / "apply")],
        tenantops_fleet_report_folder=str(folder / "fleet"),
    )
    assert finished.exit_code == 0, finished.output
    content = json.loads((folder / "fleet" / "fleet.json").read_text())
    states = {name: entry["state"] for name, entry in content["tenants"].items()}
    assert states.keys() == fleet.tenants.keys()
    assert Counter(states.values()) == {
        "complete": len(fleet.tenants) - len(fleet.troubled),
        "failed": len(fleet.troubled),
    }
    assert {name for name, found in states.items() if found == "failed"} == fleet.troubled.keys()


def documents(finished: Finished, mode: str) -> dict[str, dict[str, Any]]:
    """What a run has left of each tenant."""
    index = json.loads((finished.report / mode / "index.json").read_text())
    return {name: finished.plan(mode, name) for name in index["tenants"]}


def assert_told(document: Mapping[str, Any], trouble: Trouble) -> None:
    (failure,) = document["failures"]
    error = failure["error"]
    kind = None if error is None else error["kind"]
    assert kind == trouble.kind, (trouble.name, failure)
    assert trouble.told in json.dumps(failure), (trouble.name, failure)


@contextlib.contextmanager
def locks_of_others(fleet: Fleet) -> Iterator[None]:
    """Somebody on another machine is at work on some tenants."""
    owner = Owner("anna", "node9", 4711, "123", "another-boot", "pid:[1]", run="their-run")
    folder = LockFolder(fleet.operator.journal / "locks")
    locked = [name for name, trouble in fleet.troubled.items() if trouble.is_locked]
    held = [folder.take(name, owner) for name in locked]
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(LEASE_SECONDS / 5):
            for one in held:
                one.renew()

    renewal = threading.Thread(target=renew)
    renewal.start()
    try:
        yield
    finally:
        ended.set()
        renewal.join()
    for one in held:
        # They were theirs all the time.
        assert one.is_ours()
        one.free()


def state(fleet: Fleet) -> dict[str, int]:
    """How many of its three changes each tenant has, as its servers say."""
    suffixes = set(fleet.truth.suffixes())
    texts = published(fleet.truth.lab)
    cloud = fleet.truth.cloud("GET", "/state", timeout=PATIENCE)["tenants"]
    return {
        name: sum(
            (
                tenant.domain in suffixes,
                texts.get(tenant.domain) == [f'"{tenant.verification}"'],
                cloud[name]["email_method"]["allow_external_id_to_use_email_otp"] == "enabled",
            )
        )
        for name, tenant in fleet.tenants.items()
    }


def published(lab: Description) -> dict[str, list[str]]:
    """Every TXT record of the zone that the tenants share, in one transfer."""
    primary = lab.nameservers["primary"]
    transfer = dns.query.xfr(
        primary["address"],
        fleet_tenants.ZONE,
        port=primary["port"],
        lifetime=PATIENCE,
        relativize=False,
    )
    zone = dns.zone.from_xfr(transfer, relativize=False)
    return {
        name.to_text(omit_final_dot=True): sorted(record.to_text() for record in records)
        for name, records in zone.iterate_rdatasets(dns.rdatatype.TXT)
    }
