# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of lines that a process may be killed over without any older line being lost.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

TORN = b'{"event":"torn"}'
"""Stands on a line of its own after a line that a killed process left unfinished."""


def append_whole(descriptor: int, lines: bytes) -> None:
    """Append to a file that is locked, after what a killed process may have left there.

    A full disk takes half a line without an error; that half must not stay. Raises `OSError`.
    """
    size = os.fstat(descriptor).st_size
    content = _end_of_torn_line(descriptor, size) + lines
    if os.write(descriptor, content) < len(content):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sync_folder(folder: Path) -> None:
    """Make the names of the files in a folder safe: a new file is only with its folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of_torn_line(descriptor: int, size: int) -> bytes:
    if size == 0 or os.pread(descriptor, 1, size - 1) == b"\n":
        return b""
    return b"\n" + TORN + b"\n"
