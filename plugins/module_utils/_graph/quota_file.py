# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where all tasks of an app note what they have used: a small file with a lock.

Whoever is killed leaves at worst the turns that it had reserved, which is some seconds. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

from .quota import Turn, Usage

_LAYOUT = struct.Struct("<8s5d")
_MAGIC = b"quota-1\n"
_UNSAFE = re.compile(r"[^A-Za-z0-9.-]")


def usage_path(folder: str | None, cloud: str, tenant: str, app: str) -> Path | None:
    """The file of an app in a tenant of a cloud, or in all of them (an empty tenant).

    Null where there is no place for it: then every task is on its own.
    """
    try:
        place = Path(folder).expanduser() if folder else _state_folder() / "tenantops" / "quota"
    except RuntimeError:
        # A user without a home
        return None
    if not place.is_absolute():
        return None
    digest = hashlib.sha256("\n".join((cloud, tenant, app)).lower().encode()).hexdigest()[:16]
    return place / f"{_UNSAFE.sub('_', tenant.lower())[:64] or 'all'}.{digest}"


def _state_folder() -> Path:
    told = Path(os.environ.get("XDG_STATE_HOME", ""))
    return told if told.is_absolute() else Path("~/.local/state").expanduser()


class UsageFile:
    """The file, open for as long as a task needs it.

    Everything raises `OSError` where it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(path, flags, 0o600)

    def close(self) -> None:
        """Give it back."""
        os.close(self._descriptor)

    def turn(self, take: Callable[[Usage], Turn]) -> Turn | None:
        """Take a turn and note it; null if somebody else is just about to."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        try:
            turn = take(self._read())
            if turn.is_reserved:
                self._write(turn.usage)
            return turn
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _read(self) -> Usage:
        content = os.pread(self._descriptor, _LAYOUT.size + 1, 0)
        if len(content) != _LAYOUT.size:
            return Usage()
        magic, *moments = _LAYOUT.unpack(content)
        return Usage(*moments) if magic == _MAGIC else Usage()

    def _write(self, usage: Usage) -> None:
        moments = (usage.noted, usage.writes_paid, usage.units_paid, usage.told, usage.told_at)
        # Small enough to be written as a whole, so there is no moment to be killed within.
        os.pwrite(self._descriptor, _LAYOUT.pack(_MAGIC, *moments), 0)
