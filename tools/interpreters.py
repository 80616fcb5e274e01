# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python interpreters on this machine that work and can run the collection."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 11)
# The first Python the newest ansible-core runs on, and the last it is known to run on.
NEWEST = ((3, 12), (3, 14))

# Debian leaves ensurepip out of its python3 package, and pyenv's shims exist for versions that
# are not there: only an interpreter that answers counts.
_QUESTION = """
import importlib.util, json, os, sys, sysconfig, ssl, venv
print(json.dumps({
    "executable": os.path.realpath(sys.executable),
    "version": sys.version_info[:3],
    "has_pip": importlib.util.find_spec("ensurepip") is not None,
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that runs; ``version`` is major, minor, micro."""

    executable: Path
    version: tuple[int, int, int]
    has_pip: bool

    @property
    def minor_version(self) -> str:
        """What ansible-test calls this Python, such as 3.12."""
        return f"{self.version[0]}.{self.version[1]}"


def oldest() -> Interpreter | None:
    """The oldest Python the collection supports."""
    return _find(OLDEST, OLDEST)


def newest() -> Interpreter | None:
    """The newest Python here that the newest ansible-core runs on."""
    return _find(*NEWEST)


@functools.cache
def _find(lowest: tuple[int, int], highest: tuple[int, int]) -> Interpreter | None:
    """The newest interpreter from ``lowest`` to ``highest``."""
    found = [
        interpreter
        for executable in _candidates(lowest, highest)
        if (interpreter := _ask(executable)) and lowest <= interpreter.version[:2] <= highest
    ]
    return max(found, key=lambda interpreter: interpreter.version[:2], default=None)


def _candidates(lowest: tuple[int, int], highest: tuple[int, int]) -> Iterator[Path]:
    for minor in range(highest[1], lowest[1] - 1, -1):
        name = f"python3.{minor}"
        if (on_path := shutil.which(name)) is not None:
            yield Path(on_path)
        yield from sorted(Path.home().glob(f".pyenv/versions/*/bin/{name}"), reverse=True)
    if (plain := shutil.which("python3")) is not None:
        yield Path(plain)


def _ask(executable: Path) -> Interpreter | None:
    answer = subprocess.run(
        [executable, "-c", _QUESTION], capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        return None
    facts = json.loads(answer.stdout)
    major, minor, micro = facts["version"]
    return Interpreter(Path(facts["executable"]), (major, minor, micro), facts["has_pip"])
