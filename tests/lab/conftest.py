# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running lab, for tests that need one.

By default the tests have a lab of their own, beside the one a person may be using; tests that run
in several processes at once have one for each.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.description import Description, load

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class LabCommand:
    """``python -m lab`` for one lab."""

    state: Path

    def __call__(self, *words: str) -> str:
        """Run a command that has to succeed and return what it printed."""
        result = self.attempt(*words)
        assert result.returncode == 0, f"lab {' '.join(words)}:\n{result.stdout}{result.stderr}"
        return result.stdout

    def attempt(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail."""
        command = [sys.executable, "-m", "lab", f"--state={self.state}", *words]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one test, with a short name.

    Ansible listens on a socket below it, whose path has 107 bytes at most; with the thirty
    characters that pytest takes of a test's name, the number of the session decided if it fits.
    """
    name = re.sub(r"\W", "_", request.node.name.removeprefix("test_"))
    return tmp_path_factory.mktemp(name[:8])


@pytest.fixture(scope="session", autouse=True)
def no_quota(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody keeps to Microsoft's quotas, which the lab does not have unless a test turns them on.

    What a task notes of its requests stays out of the home of whoever runs the tests.
    """
    quota = {
        "writes": 1_000_000,
        "resource_units": 1_000_000,
        "app_writes": 1_000_000,
        "folder": str(tmp_path_factory.mktemp("quota")),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENANTOPS_ENTRA_QUOTA", json.dumps(quota))
        yield


@pytest.fixture(scope="session")
def lab_command() -> LabCommand:
    """The command for the lab of this test session, which need not be up."""
    state = Path(os.environ.get("TENANTOPS_LAB_STATE") or ROOT / ".lab-test")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return LabCommand(state if worker is None else state.with_name(f"{state.name}-{worker}"))


@pytest.fixture(scope="session")
def lab(lab_command: LabCommand) -> Iterator[Description]:
    """The lab in its start state, started if it is not up; one that was up before stays up."""
    was_up = lab_command.attempt("status").returncode == 0
    lab_command("up")
    # What an earlier session stored is still there.
    lab_command("reset")
    yield load(lab_command.state)
    if not was_up:
        lab_command("down")


@pytest.fixture
def clean_lab(lab: Description, lab_command: LabCommand) -> Description:
    """The lab in its start state."""
    lab_command("reset")
    return lab


@pytest.fixture(scope="module")
def lab_with_forest(lab: Description, lab_command: LabCommand) -> Iterator[Description]:
    """The lab in its start state, and with the forest of 2,000 objects in its directory."""
    lab_command("up", "--with", "forest")
    lab_command("reset", "forest")
    yield lab
    lab_command("up", "--without", "forest")
    lab_command("reset", "directory")
