# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Community.general's modules, to measure beside ours: from the package `ansible` of PyPI, since
not every machine reaches Galaxy."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from pathlib import Path

from tools.paths import BUILD, ToolError

_PACKAGE = "ansible==11.*"
# What one module needs, of some thousands of files
_WANTED = "ansible_collections/community/general/"


def collections() -> Path:
    """A folder to name in ANSIBLE_COLLECTIONS_PATH, made at the first time.

    :raises ToolError: when the package cannot be had.
    """
    folder = BUILD / "bench-collections"
    if not (folder / _WANTED / "plugins" / "modules" / "ldap_attrs.py").exists():
        print(f"Getting community.general from {_PACKAGE}", flush=True)
        with tempfile.TemporaryDirectory() as download:
            _download(Path(download))
            (wheel,) = Path(download).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                wanted = [name for name in archive.namelist() if name.startswith(_WANTED)]
                archive.extractall(folder, wanted)
    return folder


def _download(folder: Path) -> None:
    # The environments have no pip of their own; uv, which fills them, was installed with one.
    pip = BUILD / "uv" / "bin" / "pip"
    command = (pip, "download", "--quiet", "--no-deps", "--dest", folder, _PACKAGE)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ToolError(f"{_PACKAGE} cannot be downloaded:\n{result.stderr[-3000:]}")
