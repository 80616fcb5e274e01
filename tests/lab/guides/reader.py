# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who does what a document says, example by example, in a folder of their own.

What the document names and only its reader has (a server, a domain, a folder) is what the lab has
in its place; such stand-ins are told beforehand, and all else is taken word for word.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.description import Description

from ..playbooks import ROOT
from .examples import Example, examples

# Seconds that the commands of one example may take. Far more than they do, on a busy machine.
_PATIENCE = 1200


def debugged(output: str) -> dict[str, Any]:
    """What a task of `ansible.builtin.debug` tells of each host."""
    told = re.findall(r'^ok: \[(\S+)\] => (\{\n    "msg":.*?^\})', output, re.DOTALL | re.MULTILINE)
    return {host: json.loads(text)["msg"] for host, text in told}


@dataclass
class Reader:
    """Takes the examples of a document, none of which is passed over."""

    lab: Description
    folder: Path
    examples: Iterator[Example]
    # What is written instead of a name that only the document has
    stand_ins: dict[str, str] = field(default_factory=dict)
    # What commands see beside what all of them do
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: str, lab: Description, folder: Path) -> Reader:
        """A reader of a document, with an empty folder, which is home and working directory."""
        (folder / "tmp").mkdir()
        return cls(lab, folder, iter(examples(document)))

    def take(self, language: str, about: str) -> str:
        """The text of the next example, which is in that language and has that in it."""
        example = next(self.examples, None)
        assert example is not None, f"there is no further example; {about!r} was expected"
        assert example.language == language, example
        assert about in example.text, f"{example} has no {about!r}"
        text = example.text
        for name, stand_in in self.stand_ins.items():
            text = text.replace(name, stand_in)
        return text

    def leave_out(self, language: str, about: str, *, because: str) -> None:
        """Pass over the next example for a good reason."""
        assert because
        self.take(language, about)

    def end(self) -> None:
        """All examples were taken."""
        left = [str(example) for example in self.examples]
        assert left == []

    def save(self, language: str, about: str, name: str) -> Path:
        """Write the next example to a file of the reader's folder."""
        return self.write(name, self.take(language, about))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    def type(self, about: str, *, exit_code: int = 0, language: str = "shell") -> str:
        """Run the next example's commands, the last of which ends so, and tell what they print."""
        return self.run(self.take(language, about), exit_code=exit_code)

    def commands(self, about: str) -> list[str]:
        """The commands of the next example, to be run one by one; comments are left out."""
        lines = self.take("shell", about).replace("\\\n", " ").splitlines()
        return [line for line in lines if line and not line.startswith("#")]

    def run(self, commands: str, *, exit_code: int = 0) -> str:
        """Run commands, the first of which that fails ends them, and tell what they print."""
        finished = subprocess.run(
            ["bash", "-e", "-u", "-o", "pipefail", "-c", commands],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        assert finished.returncode == exit_code, f"{commands}\n{finished.stdout}"
        assert "Traceback" not in finished.stdout, finished.stdout
        return finished.stdout

    def play(
        self, tasks: str, hosts: str = "contoso", *, arguments: str = "", exit_code: int = 0
    ) -> str:
        """Run tasks, or whole plays, of a document on tenants of the inventory."""
        content: list[dict[str, Any]] = yaml.safe_load(tasks)
        if not any("hosts" in entry for entry in content):
            content = [{"hosts": hosts, "gather_facts": False, "tasks": content}]
        self.write("example.yml", yaml.safe_dump(content, sort_keys=False))
        command = f"ansible-playbook -i inventory example.yml {arguments}"
        return self.run(command, exit_code=exit_code)

    def save_host_variables(self, about: str) -> None:
        """Put the next example, variables of tenants by name, to these in the inventory."""
        described: dict[str, Any] = yaml.safe_load(self.take("yaml", about))
        for host, variables in described.items():
            others = len(list(self.folder.glob(f"inventory/host_vars/{host}/*.yml")))
            name = f"inventory/host_vars/{host}/{others}.yml"
            self.write(name, yaml.safe_dump(variables, allow_unicode=True, sort_keys=False))

    def changes(self, mode: str, tenant: str) -> list[dict[str, Any]]:
        """What the last run, which is check or apply, planned or made for a tenant."""
        plan = self.folder / "tenantops-report" / mode / f"{tenant}.json"
        found: list[dict[str, Any]] = json.loads(plan.read_text(encoding="utf-8"))["changes"]
        return found

    def environment(self) -> dict[str, str]:
        """A shell of the reader's, in which Ansible and the collection are installed."""
        # Python of this collection's own folder is what tests use, and no reader has.
        common = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {
            **common,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_CONFIG": str(self._configuration()),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "tmp"),
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "tmp"),
            "TMPDIR": str(self.folder / "tmp"),
            **self.variables,
        }

    def in_a_copy(self, about: str) -> str:
        """Run the next example in a folder with the collection's own files, as a clone has them."""
        self.clone()
        commands = self.take("shell", about)
        return self.run(f"cd clone\n{commands}")

    def clone(self) -> None:
        """Put the collection's own files, and those that are new, into the folder `clone`."""
        self.run(
            f"mkdir clone; git -C {ROOT} ls-files -z --cached --others --exclude-standard"
            f" | tar -C {ROOT} --null --files-from=- -c | tar -C clone -x"
        )

    def in_the_source(self, about: str) -> str:
        """Run the next example in the collection's own folder, whose environments it needs."""
        commands = self.take("shell", about)
        return self.run(f"cd {ROOT}\n{commands}")

    def _configuration(self) -> Path:
        """What the document says of ansible.cfg, or else what the README does."""
        path = self.folder / "ansible.cfg"
        if not path.exists():
            path.write_text(
                "[defaults]\ncallbacks_enabled = "
                "tenantops.migration.change_plan, tenantops.migration.tenant_locks\n"
            )
        return path

    def describe(self, *tenants: str, **variables: object) -> None:
        """Write the reader's inventory: tenants of the lab, as the lab describes them.

        Each of them has the variables that are given, too. Files that a document adds are read
        after this one, so that what they say counts.
        """
        self._inventory({name: {**self.tenant(name), **variables} for name in tenants})

    def describe_where(self, *tenants: str, **variables: object) -> None:
        """The same without what a tenant is to be, and without secrets: only where its servers are.

        Nobody but the lab has to say so.
        """
        where = "tenant_.*_(ca_path|port|server_name|graph_url|authority|resolvers)"
        self._inventory({name: {**self._part(name, where), **variables} for name in tenants})

    def describe_as(self, hosts: Mapping[str, str], **variables: object) -> None:
        """The document's tenants, each with the servers and credentials of one of the lab's.

        What they are to be is left to the document.
        """
        connection = "tenant_(ad|dns|entra)_"
        self._inventory(
            {host: {**self._part(name, connection), **variables} for host, name in hosts.items()}
        )

    def _part(self, name: str, pattern: str) -> dict[str, Any]:
        """Those variables of a tenant of the lab whose names begin so."""
        return {key: value for key, value in self.tenant(name).items() if re.match(pattern, key)}

    def _inventory(self, hosts: Mapping[str, object]) -> None:
        content = {"tenants": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}
        self.write("inventory/00-lab.yml", yaml.safe_dump(content))

    def tenant(self, name: str) -> dict[str, Any]:
        """What the lab's own inventory says of a tenant, by variable."""
        inventory: Mapping[str, Any] = yaml.safe_load(Path(self.lab.data["inventory"]).read_text())
        (found,) = (group["hosts"][name] for group in inventory.values() if name in group["hosts"])
        return dict(found)
