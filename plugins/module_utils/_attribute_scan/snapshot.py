# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that a scan has read, on disk: a forest of a million objects does not fit in memory.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from .._errors import InvalidInput
from .._ldap.wire.search import Page

_MESSAGES_PER_EXTENT = 1000
_ROOM = "Set TMPDIR to a folder with room for about one kilobyte per object."


@dataclass(frozen=True)
class Extent:
    """Where messages are in a snapshot: the number of the first, the byte at which it starts, and
    where from there each one ends."""

    first: int
    start: int
    ends: array[int]


class Snapshot:
    """The messages of all pages, one after the other, in a file without a name.

    Nobody else can open it, and it is gone with this process, however that ends. A context manager.
    """

    def __init__(self, folder: str | None = None) -> None:
        try:
            # Closed by our own __exit__.
            self._file = tempfile.TemporaryFile(dir=folder, prefix="tenantops-")  # noqa: SIM115
        except OSError as error:
            raise InvalidInput(
                "There is no folder for temporary files in which the scan can keep what it read",
                subject=folder or tempfile.gettempdir(),
                answer=error.strerror or str(error),
                advice=_ROOM,
            ) from error
        self._ends = array("Q")
        self._size = 0

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many messages there are, entries or not."""
        return len(self._ends)

    def append(self, page: Page) -> Extent:
        """Keep a page; returns where it is."""
        first, size = len(self._ends), self._size
        try:
            self._file.write(page.content)
            self._file.flush()
        except OSError as error:
            raise InvalidInput(
                "The scan cannot keep what it read in a temporary file",
                subject=tempfile.gettempdir(),
                answer=error.strerror or str(error),
                advice=_ROOM,
            ) from error
        self._ends.extend(size + end for end in page.ends)
        self._size += len(page.content)
        return Extent(first, size, array("L", page.ends))

    def truncate(self, messages: int) -> None:
        """Forget all but the first messages: a part of the forest is read again."""
        self._size = self._ends[messages - 1] if messages else 0
        del self._ends[messages:]
        self._file.seek(self._size)
        self._file.truncate()

    def extents(self, first: int = 0, end: int | None = None) -> Iterator[Extent]:
        """The messages of some numbers again, all by default, in the order they were read."""
        end = len(self._ends) if end is None else end
        for number in range(first, end, _MESSAGES_PER_EXTENT):
            ends = self._ends[number : min(number + _MESSAGES_PER_EXTENT, end)]
            start = self._start(number)
            yield Extent(number, start, array("L", (stop - start for stop in ends)))

    def page(self, extent: Extent) -> Page:
        """The messages of an extent; in a forked process as well."""
        length = extent.ends[-1] if extent.ends else 0
        return Page(os.pread(self._file.fileno(), length, extent.start), extent.ends)

    def message(self, number: int) -> bytes:
        """One message again."""
        start = self._start(number)
        return os.pread(self._file.fileno(), self._ends[number] - start, start)

    def _start(self, number: int) -> int:
        return self._ends[number - 1] if number else 0
