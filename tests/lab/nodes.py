# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers of ansible-runner, in place of execution nodes: each gets one slice of the tenants.

What AWX does with receptor is done with files here: the controller writes what it would send, a
worker reads it and writes what it would send back, and the controller makes artifacts of that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .playbooks import ROOT

RUNNER = Path(sys.executable).with_name("ansible-runner")


def slices(tenants: Sequence[str], count: int) -> list[Sequence[str]]:
    """The slices of a job as AWX makes them: every tenant is in exactly one."""
    return [tenants[number::count] for number in range(count)]


@dataclass(frozen=True)
class Job:
    """A playbook for some tenants, and the folders of the controller and of the node it runs on."""

    folder: Path
    playbook: str
    tenants: Sequence[str]
    journal: Path
    variables: Mapping[str, Any]
    arguments: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def artifacts(self) -> Path:
        return self.folder / "controller" / "artifacts" / self.name

    def transmit(self, inventory: Path) -> None:
        """Write what the controller sends."""
        controller = self.folder / "controller"
        for name in ("project", "env", "inventory"):
            (controller / name).mkdir(parents=True)
        (controller / "inventory" / "hosts.yml").write_text(inventory.read_text())
        (controller / "env" / "extravars").write_text(json.dumps(dict(self.variables)))
        (controller / "env" / "envvars").write_text(json.dumps(self._environment()))
        words = [
            *("transmit", controller, "--ident", self.name, "--playbook", self.playbook),
            *("--limit", ",".join(self.tenants)),
            *(("--cmdline", self.arguments) if self.arguments else ()),
        ]
        with (self.folder / "sent").open("wb") as sent:
            subprocess.run([RUNNER, *words], cwd=ROOT, stdout=sent, timeout=120, check=True)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start the node's part; it removes what it was sent when it ends."""
        temporary = self.folder / "tmp"
        temporary.mkdir()
        words: list[str | Path] = ["worker", "--private-data-dir", self.folder / "node", "--delete"]
        paths = {"TMPDIR": str(temporary), "ANSIBLE_LOCAL_TEMP": str(temporary)}
        with (self.folder / "sent").open("rb") as sent, (self.folder / "came").open("wb") as came:
            return subprocess.Popen(
                [RUNNER, *words],
                cwd=self.folder,
                env={**os.environ, **paths, "ANSIBLE_REMOTE_TEMP": str(temporary)},
                stdin=sent,
                stdout=came,
                start_new_session=True,
            )

    def process(self) -> str:
        """Make artifacts of what came back, and return what the program says."""
        words: list[str | Path] = ["process", self.folder / "controller", "--ident", self.name]
        with (self.folder / "came").open("rb") as came:
            finished = subprocess.run(
                [RUNNER, *words],
                cwd=ROOT,
                stdin=came,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=True,
            )
        return str(finished.stdout)

    def exit_code(self) -> int | None:
        """What the playbook ended with; none if the node was lost before it ended."""
        path = self.artifacts / "rc"
        return int(path.read_text()) if path.exists() else None

    def plans(self, mode: str) -> Iterator[dict[str, Any]]:
        """The plan files that came back; `mode` is check or apply."""
        for tenant in self.tenants:
            content = (self.artifacts / "report" / mode / f"{tenant}.json").read_text()
            yield json.loads(content)

    def _environment(self) -> dict[str, str]:
        return {
            "ANSIBLE_CALLBACKS_ENABLED": "tenantops.migration.change_plan",
            "ANSIBLE_FORKS": "20",
            "TENANTOPS_JOURNAL": str(self.journal),
            # From the project's folder, where playbooks start: it is sent back with the rest.
            "TENANTOPS_REPORT_FOLDER": f"../artifacts/{self.name}/report",
        }
