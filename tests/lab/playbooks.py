# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the collection's playbooks on the lab, as an operator would, and reads what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.description import Description

ROOT = Path(__file__).resolve().parents[2]

# The action plugin, and the module that it hands over to.
DOORS = ("worker", "module")

DEMO_TENANTS = ("contoso", "fabrikam", "fourthcoffee")


@dataclass(frozen=True)
class Finished:
    """A playbook that has run: its exit code, all that it printed, and its folder of reports."""

    exit_code: int
    output: str
    report: Path

    def plan(self, mode: str, tenant: str) -> dict[str, Any]:
        """The plan file of a tenant; `mode` is check or apply."""
        content: dict[str, Any] = json.loads((self.report / mode / f"{tenant}.json").read_text())
        return content

    def changes(self, mode: str) -> dict[str, list[dict[str, Any]]]:
        """The changes of each tenant that the run covered."""
        index = json.loads((self.report / mode / "index.json").read_text())
        return {tenant: self.plan(mode, tenant)["changes"] for tenant in sorted(index["tenants"])}


@dataclass(frozen=True)
class Operator:
    """Somebody with the lab's inventory and a folder of their own for journals and reports."""

    lab: Description
    folder: Path
    # Seconds that a run may take. Far more than it takes: a hundred modules, each in a process, on
    # a busy machine.
    patience: int = 1200

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    def command(
        self, playbook: str, variables: Mapping[str, Any], arguments: Sequence[str]
    ) -> list[str]:
        """The words of the command line; a name without a slash is one of the collection's."""
        name = playbook if "/" in playbook else f"tenantops.migration.{playbook}"
        return [
            str(Path(sys.prefix) / "bin" / "ansible-playbook"),
            *("--inventory", str(self.lab.data["inventory"])),
            *("--extra-vars", json.dumps(dict(variables))),
            *arguments,
            name,
        ]

    def environment(self, report: Path) -> dict[str, str]:
        """What Ansible sees; its temporary files stay in this folder too."""
        return os.environ | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "tmp"),
            "TMPDIR": str(self._made("tmp")),
            "TENANTOPS_JOURNAL": str(self.journal),
            "TENANTOPS_REPORT_FOLDER": str(report),
        }

    def run(
        self,
        playbook: str,
        *arguments: str,
        report: str = "report",
        door: str = "worker",
        **variables: Any,
    ) -> Finished:
        """Run a playbook to its end."""
        folder = self._made(report)
        if door == "module":
            variables["ansible_python_interpreter"] = str(self._another_python())
        finished = subprocess.run(
            self.command(playbook, variables, arguments),
            cwd=ROOT,
            env=self.environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=self.patience,
            check=False,
        )
        return Finished(finished.returncode, finished.stdout, folder)

    def _another_python(self) -> Path:
        """A Python that does what ours does and is not ours."""
        path = self.folder / "another-python"
        path.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        path.chmod(0o700)
        return path

    def _made(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder
