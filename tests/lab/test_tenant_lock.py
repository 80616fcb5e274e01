# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at one tenant: the second is told who is at work, and a killed one blocks nobody."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import DOORS, Operator
from .truth import Truth

# What a run waits for in the cloud, so that there is time to meet it.
SLOWLY = {"kind": "delay", "seconds": 3, "times": 100}
PATIENCE = 60


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    callbacks = "tenantops.migration.change_plan,tenantops.migration.tenant_locks"
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", callbacks)
    return Operator(clean_lab, tmp_path)


def newest(operator: Operator, tenant: str) -> dict[str, Any]:
    """What the newest lease of a tenant says."""
    path = max((operator.journal / "locks" / tenant).glob("*.lease"))
    lease: dict[str, Any] = json.loads(path.read_text())
    return lease


def held_elsewhere(operator: Operator, tenant: str) -> None:
    """A lock that somebody on another machine has just taken."""
    lease = newest(operator, tenant)
    lease |= {"ended": "", "token": "theirs"}
    lease["owner"] |= {"user": "anna", "host": "node9", "boot": "another", "run": "their-run"}
    folder = operator.journal / "locks" / tenant
    number = int(max(folder.glob("*.lease")).stem) + 1
    (folder / f"{number:08d}.lease").write_text(json.dumps(lease))


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while not condition():
        assert process.poll() is None, "the run has ended already"
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.05)


@pytest.mark.parametrize("door", DOORS)
def test_a_locked_tenant_is_left_alone_and_the_others_go_on(
    operator: Operator, clean_lab: Description, door: str
) -> None:
    truth = Truth(clean_lab)
    first = operator.run("migrate", tenantops_hosts="contoso", tenantops_run="first")
    assert first.exit_code == 0, first.output
    assert newest(operator, "contoso")["ended"]
    assert newest(operator, "contoso")["owner"]["run"] == "first"
    undo = {"tenantops_undo_run": "first", "tenantops_hosts": "contoso"}
    assert operator.run("rollback", **undo).exit_code == 0
    before = truth.everything()
    held_elsewhere(operator, "contoso")

    dry = operator.run("migrate", "--check", tenantops_hosts="contoso", report="dry")
    assert dry.exit_code == 0, dry.output

    finished = operator.run("migrate", door=door, report="second")
    assert finished.exit_code != 0
    (failure,) = finished.plan("apply", "contoso")["failures"]
    assert failure["error"]["kind"] == "locked"
    assert "anna on node9" in failure["error"]["answer"]
    assert "run their-run" in failure["error"]["answer"]
    changes = finished.changes("apply")
    assert changes["contoso"] == []
    assert changes["fabrikam"]
    assert changes["fourthcoffee"]
    after = truth.everything()
    assert after["txt"]["contoso"] == before["txt"]["contoso"]
    assert after["txt"]["fabrikam"] != before["txt"]["fabrikam"]
    # Theirs is still theirs, ours are given back.
    assert newest(operator, "contoso")["token"] == "theirs"
    assert newest(operator, "fabrikam")["ended"]


def test_a_dry_run_locks_nothing(operator: Operator) -> None:
    assert operator.run("migrate", "--check").exit_code == 0
    assert not operator.journal.exists()
