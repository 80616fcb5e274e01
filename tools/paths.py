# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the tools of this repository keep what they make: everything is under .build."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / ".build"

NAMESPACE_PATH = Path("ansible_collections", "tenantops", "migration")

# For running playbooks from the working tree: a link to the repository.
COLLECTIONS = BUILD / "collections"
LINKED_COLLECTION = COLLECTIONS / NAMESPACE_PATH

# For tools that walk the collection or write into it: a copy in a git repository of its own.
TREE = BUILD / "tree"
COPIED_COLLECTION = TREE / NAMESPACE_PATH

ARTIFACTS = BUILD / "artifacts"
JUNIT = BUILD / "junit"
LOGS = BUILD / "logs"
# ansible-test keeps its environments in the home folder; ours must not depend on what is there.
ANSIBLE_TEST_HOME = BUILD / "home"


class ToolError(Exception):
    """Something the person at the keyboard has to put right; the message says what."""


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one run at a time into what it names: people do start `make lint` beside `make test`."""
    folder = BUILD / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
