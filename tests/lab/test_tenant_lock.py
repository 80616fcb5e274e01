# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at one tenant: the second is told who is at work, and a killed one blocks nobody."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.folder import (
    Held,
    LockFolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.owner import Owner
from lab.description import Description

from .killing import kill, start
from .playbooks import Finished, Operator
from .truth import Truth

# Far more than it takes on a busy machine
PATIENCE = 120
ONE_STEP: dict[str, Any] = {"tenantops_hosts": "fourthcoffee", "tenantops_roles": ["email_otp"]}


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    callbacks = "tenantops.migration.change_plan,tenantops.migration.tenant_locks"
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", callbacks)
    # Nobody gives an answer up that a test holds back.
    monkeypatch.setenv("TENANTOPS_ENTRA_TIMEOUT", str(2 * PATIENCE))
    return Operator(clean_lab, tmp_path)


def newest(operator: Operator, tenant: str) -> dict[str, Any]:
    """What the newest lease of a tenant says."""
    path = max((operator.journal / "locks" / tenant).glob("*.lease"))
    lease: dict[str, Any] = json.loads(path.read_text())
    return lease


def held_elsewhere(operator: Operator, tenant: str) -> Held:
    """A lock that somebody on another machine has just taken."""
    owner = Owner("anna", "node9", 4711, "123", "another-boot", "pid:[1]", run="their-run")
    return LockFolder(operator.journal / "locks").take(tenant, owner)


def wait_for(condition: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.05)


@contextlib.contextmanager
def at_work(operator: Operator, **variables: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A run that has the lock of fourthcoffee, and waits for the cloud before it writes."""
    slow = {
        "kind": "slow",
        "seconds": PATIENCE,
        "path": "*/email",
        "tenant": "fourthcoffee",
        "method": "GET",
        "count": 1,
    }
    Truth(operator.lab).cloud("POST", "/chaos", slow)
    process = start(operator, "migrate", {**ONE_STEP, **variables})
    try:
        wait_for(lambda: slow_answers(operator) or process.poll() is not None)
        assert process.poll() is None, "the run has ended already"
        yield process
    finally:
        kill(process)


def slow_answers(operator: Operator) -> bool:
    requests = Truth(operator.lab).cloud("GET", "/requests")["requests"]
    held = (operator.journal / "locks" / "fourthcoffee").is_dir()
    return held and any("slow" in entry["faults"] for entry in requests)


def offspring(pid: int) -> list[int]:
    """The processes that a process has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in children.split()]


def is_alive(pid: int) -> bool:
    """Whether a process is there, and does not only wait to be noticed by its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def locks(operator: Operator, report: str, **arguments: Any) -> dict[str, Any]:
    """What the module fleet_locks returns."""
    folder = operator.folder / report
    folder.mkdir()
    module = {"folder": str(operator.journal / "locks"), **arguments}
    tasks = [
        {"tenantops.migration.fleet_locks": module, "register": "told", "ignore_errors": True},
        {"ansible.builtin.copy": {"content": "{{ told }}", "dest": f"{folder}/told.json"}},
    ]
    play = {"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": tasks}
    (folder / "locks.yml").write_text(json.dumps([play]))
    finished = operator.run(str(folder / "locks.yml"), report=report)
    assert finished.exit_code == 0, finished.output
    told: dict[str, Any] = json.loads((folder / "told.json").read_text())
    return told


def test_a_locked_tenant_is_left_alone_and_the_others_go_on(
    operator: Operator, clean_lab: Description
) -> None:
    truth = Truth(clean_lab)
    before = truth.everything()
    theirs = held_elsewhere(operator, "contoso")

    dry = operator.run("migrate", "--check", report="dry")
    assert dry.exit_code == 0, dry.output
    assert [path.name for path in operator.journal.glob("*/*")] == ["contoso"]

    finished = operator.run("migrate", report="real", tenantops_run="ours")
    assert finished.exit_code != 0
    assert_locked(finished)
    changes = finished.changes("apply")
    assert changes["fabrikam"]
    assert changes["fourthcoffee"]
    after = truth.everything()
    assert after["txt"]["contoso"] == before["txt"]["contoso"]
    assert after["txt"]["fabrikam"] != before["txt"]["fabrikam"]
    # Theirs is still theirs, ours are given back.
    assert theirs.is_ours()
    assert newest(operator, "fabrikam")["ended"]
    assert newest(operator, "fabrikam")["owner"]["run"] == "ours"


def test_a_module_in_a_process_of_its_own_needs_the_lock_as_well(
    operator: Operator, clean_lab: Description
) -> None:
    truth = Truth(clean_lab)
    before = truth.everything()
    held_elsewhere(operator, "contoso")
    finished = operator.run(
        "migrate",
        door="module",
        tenantops_hosts="contoso:fourthcoffee",
        tenantops_roles=["domain_txt"],
    )
    assert_locked(finished)
    assert finished.changes("apply")["fourthcoffee"]
    assert truth.everything()["txt"]["contoso"] == before["txt"]["contoso"]
    # What another process does may outlive the run.
    assert list((operator.journal / "locks" / "fourthcoffee").glob("*.handed-over"))


def assert_locked(finished: Finished) -> None:
    """Contoso was left alone, and it was told for whom."""
    (failure,) = finished.plan("apply", "contoso")["failures"]
    assert failure["error"]["kind"] == "locked"
    assert "anna on node9" in failure["error"]["answer"]
    assert "run their-run" in failure["error"]["answer"]
    assert finished.changes("apply")["contoso"] == []


def test_a_run_that_was_killed_blocks_nobody(operator: Operator, clean_lab: Description) -> None:
    truth = Truth(clean_lab)
    before = truth.everything()
    with at_work(operator, tenantops_run="killed") as process:
        second = operator.run("migrate", report="second", **ONE_STEP)
        assert second.exit_code != 0
        (failure,) = second.plan("apply", "fourthcoffee")["failures"]
        assert failure["error"]["kind"] == "locked"
        assert "run killed" in failure["error"]["answer"]
        assert truth.everything() == before
        workers = offspring(process.pid)
        assert workers
        process.kill()
        process.wait()
        # Nobody else ends them.
        wait_for(lambda: not any(map(is_alive, workers)))
    third = operator.run("migrate", report="third", **ONE_STEP)
    assert third.exit_code == 0, third.output
    assert truth.everything()["email_otp"]["fourthcoffee"] == "enabled"
    # Who was killed has not gone on without its lock either.
    assert [path.stem for path in (operator.journal / "fourthcoffee").iterdir()] != ["killed"]


def test_who_loses_the_lock_writes_no_more(operator: Operator, clean_lab: Description) -> None:
    truth = Truth(clean_lab)
    before = truth.everything()
    with at_work(operator, tenantops_run="slow") as process:
        refused = locks(operator, "refused", break_lock="fourthcoffee")
        assert refused["error"]["kind"] == "locked", refused
        broken = locks(operator, "broken", break_lock="fourthcoffee", force=True)
        assert broken["broken"]["run"] == "slow", broken
        assert broken["locks"] == []
        truth.cloud("DELETE", "/chaos")  # it gets its answer
        process.wait(timeout=PATIENCE)
    report = json.loads((operator.folder / "killed" / "apply" / "fourthcoffee.json").read_text())
    (failure,) = report["failures"]
    assert failure["error"]["kind"] == "lock_unusable"
    assert truth.everything() == before


def test_locks_that_nobody_takes_are_no_locks(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "tenantops.migration.change_plan")
    finished = operator.run("migrate", tenantops_lock_folder="/nowhere/locks", **ONE_STEP)
    assert finished.exit_code != 0
    (failure,) = finished.plan("apply", "fourthcoffee")["failures"]
    assert "callbacks_enabled" in failure["error"]["advice"]
