# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take awx.awx out of the package of Ansible: the modules that playbooks/awx.yml needs.

The package has a hundred collections. It is only downloaded, into .build/awx, and one folder of it
is unpacked there; links put it where the checks and the tests look for collections.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.paths import BUILD, COLLECTIONS, ROOT, TREE, ToolError

REQUIREMENTS = ROOT / "tests" / "requirements-awx.txt"
_FOLDER = BUILD / "awx"
_COLLECTION = Path("ansible_collections", "awx", "awx")


def unpack(wheels: Path) -> None:
    """Unpack the collection from the one wheel in a folder.

    :raises ToolError: when the package no longer holds it.
    """
    (wheel,) = wheels.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = [name for name in package.namelist() if name.startswith(f"{_COLLECTION}/")]
        if not names:
            raise ToolError(f"{wheel.name} has no awx.awx; see {REQUIREMENTS.relative_to(ROOT)}.")
        shutil.rmtree(_FOLDER, ignore_errors=True)
        package.extractall(_FOLDER, names)


def is_there(stamp: str) -> bool:
    """Whether it was unpacked for these requirements."""
    note = _FOLDER / "tenantops-stamp"
    return note.is_file() and note.read_text() == stamp


def note_stamp(stamp: str) -> None:
    """Remember which requirements it was unpacked for."""
    (_FOLDER / "tenantops-stamp").write_text(stamp)


def link() -> None:
    """Show the collection to the checkout's ansible.cfg, and to the checks on the copy."""
    for collections in (COLLECTIONS, TREE):
        place = collections / _COLLECTION.parent
        if not place.is_symlink():
            place.parent.mkdir(parents=True, exist_ok=True)
            target = _FOLDER / _COLLECTION.parent
            place.symlink_to(os.path.relpath(target, place.parent))


def download_command(pip: Path, wheels: Path) -> Sequence[str | Path]:
    """What brings the one wheel, without what it depends on."""
    return [pip, "download", "--quiet", "--no-deps", "--dest", wheels, "-r", REQUIREMENTS]
