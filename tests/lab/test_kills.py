# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that is killed at any moment is finished by the next one, and can still be undone."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from lab.description import Description

from .killing import kill, start
from .playbooks import Operator
from .truth import Truth

# `make scale` asks for fifty of each playbook.
KILLS = int(os.environ.get("TENANTOPS_KILLS", "2"))
SEED = int(os.environ.get("TENANTOPS_SEED", "20261122"))


@pytest.mark.parametrize("playbook", ["migrate", "prepare_directory"])
def test_kill_rerun_roll_back(playbook: str, clean_lab: Description, tmp_path: Path) -> None:
    operator, truth = Operator(clean_lab, tmp_path), Truth(clean_lab)
    before = everything(truth)
    begun = time.monotonic()
    assert operator.run(playbook, tenantops_run="whole").exit_code == 0
    duration = time.monotonic() - begun
    reached = everything(truth)
    assert reached != before
    undo(operator, "whole")
    assert everything(truth) == before
    moments = random.Random(SEED)  # noqa: S311 - repeatable, not secret

    interrupted = 0
    for number in range(KILLS):
        killed, rerun = f"killed-{number}", f"rerun-{number}"
        kill_after(operator, playbook, killed, moments.uniform(0.2, 1.0) * duration)
        halfway = everything(truth)
        interrupted += halfway not in (before, reached)

        again = operator.run(playbook, tenantops_run=rerun)
        assert again.exit_code == 0, again.output
        assert everything(truth) == reached, f"kill {number}"

        undo(operator, rerun)
        undo(operator, killed)
        assert everything(truth) == before, f"kill {number}"
    print(f"{playbook}: {KILLS} kills, {interrupted} of them amid the changes, seed {SEED}")  # noqa: T201


def everything(truth: Truth) -> tuple[object, object]:
    """What all servers hold, with every attribute of every person byte for byte."""
    return truth.everything(), truth.people()


def kill_after(operator: Operator, playbook: str, run: str, seconds: float) -> None:
    """Start a playbook, and kill it with all its workers after some seconds."""
    process = start(operator, playbook, {"tenantops_run": run})
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)
    kill(process)


def undo(operator: Operator, run: str) -> None:
    """Roll a run back, if it came so far as to announce a write."""
    if any(operator.journal.glob(f"*/{run}.jsonl")):
        finished = operator.run("rollback", tenantops_undo_run=run)
        assert finished.exit_code == 0, finished.output
        assert "Left alone" not in finished.output, finished.output
