# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the Python environments in .build: `python3 -m tools.environments demo` or `test`.

Each environment carries a stamp of what was asked of it, so that the next run has nothing to do
until a requirements file changes.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import awx, debian, interpreters
from tools.interpreters import Interpreter
from tools.paths import ANSIBLE_TEST_HOME, BUILD, LINKED_COLLECTION, ROOT, ToolError, locked

# Compiled once here instead of at the first start of every program: msgraph-sdk alone has
# 16,000 files.
_UV_SETTINGS = {"UV_PYTHON_DOWNLOADS": "never", "UV_COMPILE_BYTECODE": "1", "UV_NO_PROGRESS": "1"}
if Path("/etc/ssl/certs/ca-certificates.crt").exists():
    # Behind a company's proxy its authority is among the system's, not among uv's own.
    _UV_SETTINGS["UV_SYSTEM_CERTS"] = "1"


@dataclass(frozen=True)
class Layer:
    """Requirements that are installed together, on top of the layers before."""

    name: str
    files: tuple[Path, ...]


# The demo must not wait for what only tests need.
_RUNTIME = Layer("runtime", (ROOT / "requirements.txt", ROOT / "lab" / "requirements.txt"))
_TESTS = Layer(
    "tests",
    (
        ROOT / "requirements-kerberos.txt",
        ROOT / "requirements-dns-hosting.txt",
        ROOT / "tests" / "requirements.txt",
    ),
)
_TOOLS = Layer("tools", (ROOT / "tests" / "requirements-tools.txt",))


@dataclass(frozen=True)
class Environment:
    """A virtual environment with one version of ansible-core."""

    name: str
    interpreter: Interpreter
    ansible_core: str

    @property
    def title(self) -> str:
        """What the gate's steps are named after: oldest, newest or tools."""
        return self.name.removeprefix("venv-")

    @property
    def folder(self) -> Path:
        """The virtual environment."""
        return BUILD / self.name

    @property
    def programs(self) -> Path:
        """The folder to put first in PATH."""
        return self.folder / "bin"

    def ensure(self, *layers: Layer) -> None:
        """Make the environment, or bring it up to what is asked now."""
        self._ensure_python()
        for count, layer in enumerate(layers, start=1):
            stamp = self.folder / f"tenantops-{layer.name}"
            wanted = self._fingerprint(layers[:count])
            if stamp.is_file() and stamp.read_text() == wanted:
                continue
            print(f"Preparing {self.folder.relative_to(ROOT)} ({layer.name})", flush=True)
            self._install(layers[:count])
            stamp.write_text(wanted)

    def _ensure_python(self) -> None:
        """Start anew for another Python, and in another place: programs name their own path."""
        note = self.folder / "tenantops-python"
        wanted = f"{self.folder} {self.interpreter.executable} {self.interpreter.version}"
        if note.is_file() and note.read_text() == wanted and (self.programs / "python").exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        _run([_uv(), "venv", "--quiet", "--python", self.interpreter.executable, self.folder])
        note.write_text(wanted)

    def _install(self, layers: Sequence[Layer]) -> None:
        python = self.programs / "python"
        # The layers before are named again, so that a later one cannot move their versions
        # out of what they ask for.
        files = [word for layer in layers for path in layer.files for word in ("-r", path)]
        _run([_uv(), "pip", "install", "--quiet", "--python", python, self.ansible_core, *files])

    def _fingerprint(self, layers: Sequence[Layer]) -> str:
        digest = hashlib.sha256(self.ansible_core.encode())
        for layer in layers:
            for path in layer.files:
                digest.update(path.read_bytes())
        return digest.hexdigest()


def oldest() -> Environment:
    """The oldest Python and ansible-core the collection supports.

    :raises ToolError: without such a Python.
    """
    found = interpreters.oldest()
    if found is None:
        raise ToolError("Python 3.11 is needed and was not found: install python3.11.")
    return Environment("venv-oldest", found, "ansible-core==2.19.*")


def newest() -> Environment | None:
    """The newest ansible-core, where this machine has a Python for it."""
    found = interpreters.newest()
    return None if found is None else Environment("venv-newest", found, "ansible-core>=2.21")


def tools() -> Environment:
    """The checkers, apart from the environments that stand for what users have."""
    return Environment("venv-tools", oldest().interpreter, "ansible-core==2.19.*")


def demo() -> Environment:
    """The environment for playbooks and the lab: the oldest we support, if it is here."""
    if interpreters.oldest() is not None:
        return oldest()
    if (found := newest()) is not None:
        return found
    raise ToolError("Python 3.11 or later is needed and was not found: install python3.")


def prepare_demo() -> None:
    """Make .build/venv, which is all that `make demo` needs."""
    with locked("environments"):
        demo().ensure(_RUNTIME)
        _link(BUILD / "venv", demo().folder)
        # So that Ansible finds the collection under its name, see ansible.cfg.
        _link(LINKED_COLLECTION, ROOT)


def prepare_tools() -> None:
    """Make what the fast checks need."""
    prepare_demo()
    debian.install((*debian.KERBEROS, *debian.OPENLDAP))
    with locked("environments"):
        tools().ensure(_TOOLS)
        # The types of what the code imports
        oldest().ensure(_RUNTIME, _TESTS)
        # For the checks of playbooks/awx.yml
        _ensure_awx()


def prepare_tests() -> None:
    """Make everything the quality gate needs."""
    prepare_tools()
    debian.install((*debian.BROWSER, *debian.LDAP_TOOLS, *debian.SYSTEMD, *debian.TICKETS))
    with locked("environments"):
        for environment in filter(None, (oldest(), newest())):
            environment.ensure(_RUNTIME, _TESTS)
            _stand_in_for_get_pip(environment)


def _ensure_awx() -> None:
    """Make .build/awx, with the modules that playbooks/awx.yml runs."""
    stamp = awx.REQUIREMENTS.read_text()
    if not awx.is_there(stamp):
        print(f"Preparing .build/awx ({awx.REQUIREMENTS.name})", flush=True)
        pip = _uv().with_name("pip")
        with tempfile.TemporaryDirectory(dir=BUILD) as folder:
            # uv has no command that only downloads.
            _run(awx.download_command(pip, Path(folder)))
            awx.unpack(Path(folder))
        awx.note_stamp(stamp)
    awx.link()


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(target, link.parent))


@functools.cache
def _uv() -> Path:
    """The uv program: it installs in seconds what takes pip a minute."""
    folder = BUILD / "uv"
    program = folder / "bin" / "uv"
    if not program.exists():
        interpreter = demo().interpreter
        if not interpreter.has_pip:
            debian.install(debian.PYTHON)
        shutil.rmtree(folder, ignore_errors=True)
        _run([interpreter.executable, "-m", "venv", folder])
        _run([folder / "bin" / "pip", "install", "--quiet", "uv"])
    return program


def _stand_in_for_get_pip(environment: Environment) -> None:
    """Spare ansible-test the download of get-pip.

    It wants a certain version from the Ansible project's file host, which not every machine
    reaches, and takes a file that is already in its cache. Python's own ensurepip does the same.

    :raises ToolError: when ansible-test no longer says which version it wants where it did.
    """
    pattern = "lib/python3.*/site-packages/ansible_test/_internal/python_requirements.py"
    (source,) = environment.folder.glob(pattern)
    version = re.search(r"\bpip='([\d.]+)'", source.read_text())
    if version is None:
        raise ToolError(f"{source} no longer says which get-pip ansible-test wants.")
    cache = ANSIBLE_TEST_HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    stand_in = cache / f"get_pip_{version[1].replace('.', '_')}.py"
    stand_in.write_text("import ensurepip\n\nensurepip.bootstrap(default_pip=True)\n")


def _run(command: Sequence[str | Path]) -> None:
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **_UV_SETTINGS},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        words = " ".join(str(word) for word in command)
        raise ToolError(f"{words} failed:\n{result.stdout[-4000:]}")


def main() -> int:
    """Prepare what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.environments", description=__doc__)
    purposes = {"demo": prepare_demo, "test": prepare_tests, "tools": prepare_tools}
    parser.add_argument("purpose", choices=purposes)
    arguments = parser.parse_args()
    try:
        purposes[arguments.purpose]()
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
