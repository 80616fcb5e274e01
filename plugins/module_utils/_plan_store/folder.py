# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan store in a folder, which several machines may have mounted.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .._errors import TenantopsError
from .errors import StoreUnusable
from .model import Result, Work


@dataclass(frozen=True)
class FolderDocuments:
    """Documents as files of the same name below a folder."""

    root: Path

    @property
    def where(self) -> str:
        return str(self.root)

    def read(self, name: str) -> bytes | None:
        with _told(self.root / name):
            try:
                return (self.root / name).read_bytes()
            except FileNotFoundError:
                if not self.root.is_dir():
                    raise  # what is not mounted is no empty store
                return None

    def create(self, name: str, content: bytes) -> bool:
        path = self.root / name
        with _told(path):
            self._make_folders(path.parent)
            return _create_whole(path, content)

    def folders(self) -> Sequence[str]:
        with _told(self.root):
            return sorted(path.name for path in self.root.iterdir() if path.is_dir())

    def remove(self, folder: str) -> None:
        with _told(self.root / folder):
            shutil.rmtree(self.root / folder)

    def _make_folders(self, folder: Path) -> None:
        """Make the folders below the store's own, which has to be there: it may be a mount."""
        if not self.root.is_dir():
            raise FileNotFoundError(None, "No such folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


@dataclass(frozen=True)
class FolderStore:
    """A store in a folder."""

    documents: FolderDocuments

    def perform(self, work: Work[Result]) -> Result:
        return work(self.documents)


def _create_whole(path: Path, content: bytes) -> bool:
    """Make a file that appears whole, and only if there is none: NFS too makes a link only once."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
    finally:
        with suppress(OSError):
            Path(temporary).unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except TenantopsError:
        raise
    except OSError as error:
        raise StoreUnusable(
            "The plan store cannot be used",
            subject=str(path),
            answer=error.strerror or str(error),
            advice="The folder has to be there (mounted), writable for this user, and on a file "
            "system that has hard links.",
        ) from error
