# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rehearsal from end to end: dry run, run, second run, one tenant rolled back, a report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import lifecycle, parts
from .errors import LabError
from .settings import ROOT

_ROLLED_BACK = "fabrikam"
_RUN = "demo"


def run(state: Path) -> int:
    """Play the demo on the lab in `state`, from its start state, and say where the report is.

    :raises LabError: when a step does not end as it should.
    """
    print("The lab: a directory, a pair of name servers and a simulated cloud, on this machine only")
    lab = lifecycle.up(state, [part.name for part in parts.USUAL])
    lifecycle.reset(state, [])
    folder = state / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    stage = _Stage(lab.settings.inventory_file, folder)

    stage.play("The dry run: what would change", "dry-run", "migrate", "--check", "--diff")
    stage.play("The run: the same changes, made", "run", "migrate", f"tenantops_run={_RUN}")
    _same_changes(folder)
    stage.play("The second run: nothing left to change", "second-run", "migrate")
    stage.play(
        f"One tenant rolled back: {_ROLLED_BACK}",
        "rollback",
        "rollback",
        f"tenantops_undo_run={_RUN}",
        f"tenantops_hosts={_ROLLED_BACK}",
    )
    print(f"\nThe journal:  {folder / 'journal'}")
    print(f"The dry run:  {(folder / 'dry-run/check/report.html').as_uri()}")
    print(f"The report:   {(folder / 'run/apply/report.html').as_uri()}")
    print("\nThe lab still runs, to try things out: make lab-down ends it.")
    return 0


class _Stage:
    """Where the demo's playbooks run, and what they see."""

    def __init__(self, inventory: Path, folder: Path) -> None:
        self._inventory = inventory
        self._folder = folder

    def play(self, title: str, report: str, playbook: str, *arguments: str) -> None:
        """Show a command and run it; `name=value` is given as an extra variable."""
        words = ["ansible-playbook", "-i", str(self._inventory), f"tenantops.migration.{playbook}"]
        for argument in arguments:
            words += ["-e", argument] if "=" in argument else [argument]
        variables = {
            "TENANTOPS_JOURNAL": str(self._folder / "journal"),
            "TENANTOPS_REPORT_FOLDER": str(self._folder / report),
        }
        print(f"\n=== {title}\n")
        print(" ".join([*(f"{name}={value}" for name, value in variables.items()), *words]))
        sys.stdout.flush()
        if _call(words, variables) != 0:
            raise LabError(f"The demo stopped at this command. The lab's logs: {ROOT / '.lab'}")


def _call(words: Sequence[str], variables: Mapping[str, str]) -> int:
    programs = Path(sys.prefix) / "bin"
    environment = os.environ | variables | {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    environment["PATH"] = f"{programs}:{environment.get('PATH', '')}"
    return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode


def _same_changes(folder: Path) -> None:
    """Compare the two plans of each tenant as any operator can: by their digests."""
    for planned in sorted((folder / "dry-run/check").glob("*.json")):
        made = folder / "run/apply" / planned.name
        if planned.name != "index.json" and _digest(planned) != _digest(made):
            raise LabError(f"{made} has other changes than {planned}")


def _digest(plan: Path) -> str:
    return next(line for line in plan.read_text("utf-8").splitlines() if '"sha256"' in line)
