# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of the collection for the tools that need it under its own name in a git repository.

ansible-test, ansible-lint and galaxy-importer walk everything below the collection, so the copy
holds what git would: files that are tracked, or new and not ignored.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.paths import COPIED_COLLECTION, ROOT, ToolError, locked

# What ansible-test writes; it is ignored by git and must survive a refresh.
_KEPT = (Path(".git"), Path("tests", "output"))


def refresh() -> Path:
    """Bring the copy up to date and return its folder.

    Only files that changed are written, so that caches keyed on their times stay good.
    """
    with locked("tree"):
        COPIED_COLLECTION.mkdir(parents=True, exist_ok=True)
        if not (COPIED_COLLECTION / ".git").is_dir():
            _git(COPIED_COLLECTION, "init", "--quiet")
        wanted = _listed_files()
        for path in wanted:
            _copy(path)
        _remove_all_but(wanted)
    return COPIED_COLLECTION


def _listed_files() -> set[Path]:
    listing = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = {Path(name) for name in listing.split("\0") if name}
    # A file that was deleted and not yet committed is still listed.
    return {name for name in names if (ROOT / name).is_symlink() or (ROOT / name).is_file()}


def _copy(path: Path) -> None:
    source, target = ROOT / path, COPIED_COLLECTION / path
    if target.exists() and not source.is_symlink():
        old, new = target.stat(), source.stat()
        if (old.st_size, old.st_mtime_ns, old.st_mode) == (
            new.st_size,
            new.st_mtime_ns,
            new.st_mode,
        ):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def _remove_all_but(wanted: set[Path]) -> None:
    for name, _folders, files in os.walk(COPIED_COLLECTION, topdown=False):
        folder = Path(name)
        relative = folder.relative_to(COPIED_COLLECTION)
        if any(relative.is_relative_to(kept) for kept in _KEPT):
            continue
        for file in files:
            if relative / file not in wanted:
                (folder / file).unlink()
        if not any(folder.iterdir()) and relative != Path():
            folder.rmdir()


def _git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise ToolError(f"git {arguments[0]} failed in {folder}: {result.stderr.strip()}")
    return result.stdout
