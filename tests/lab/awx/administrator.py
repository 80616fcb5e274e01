# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who sets AWX up: runs the playbooks against the stand-in, with the real awx.awx."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..playbooks import ROOT


@dataclass(frozen=True)
class Finished:
    """A playbook that has run: its exit code and all that it printed."""

    exit_code: int
    output: str

    def count(self, name: str) -> int:
        """A number of the recap, such as that of `changed`."""
        (number,) = re.findall(rf"^localhost .*\b{name}=(\d+)", self.output, re.MULTILINE)
        return int(number)

    @property
    def changed(self) -> list[str]:
        """The tasks that changed something, or in a dry run would."""
        tasks: list[str] = []
        task = ""
        for line in self.output.splitlines():
            if line.startswith("TASK ["):
                task = line.partition(" : ")[2].partition("]")[0]
            elif line.startswith("changed: ") and task not in tasks:
                tasks.append(task)
        return tasks


@dataclass(frozen=True)
class Administrator:
    """An administrator of AWX with a folder of their own.

    `url` is where AWX is, `login` the environment variables that say who signs in.
    """

    folder: Path
    url: str
    login: Mapping[str, str]

    def run(self, playbook: str, *arguments: str, **variables: Any) -> Finished:
        """Run a playbook to its end."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        environment = os.environ | {
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCAL_TEMP": str(temporary),
            "ANSIBLE_REMOTE_TEMP": str(temporary),
            # Modules of other collections look at nothing but the system's authorities.
            "SSL_CERT_FILE": str(self.folder / "authority.pem"),
            "HOME": str(self.folder),
            "CONTROLLER_HOST": self.url,
            **self.login,
        }
        finished = subprocess.run(
            [
                str(Path(sys.prefix) / "bin" / "ansible-playbook"),
                *("--extra-vars", json.dumps(variables)),
                *arguments,
                f"tenantops.migration.{playbook}",
            ],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        return Finished(finished.returncode, finished.stdout)
