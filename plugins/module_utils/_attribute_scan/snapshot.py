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
from types import TracebackType

from .._errors import InvalidInput
from .._ldap.wire.search import Page

_MESSAGES_PER_PAGE = 1000


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
                advice="Set TMPDIR to a folder with room for about one kilobyte per object.",
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

    def append(self, page: Page) -> int:
        """Keep a page; returns the number of its first message."""
        first, size = len(self._ends), self._size
        try:
            self._file.write(page.content)
        except OSError as error:
            raise InvalidInput(
                "The scan cannot keep what it read in a temporary file",
                subject=tempfile.gettempdir(),
                answer=error.strerror or str(error),
                advice="Set TMPDIR to a folder with room for about one kilobyte per object.",
            ) from error
        self._ends.extend(size + end for end in page.ends)
        self._size += len(page.content)
        return first

    def truncate(self, messages: int) -> None:
        """Forget all but the first messages: a part of the forest is read again."""
        self._size = self._ends[messages - 1] if messages else 0
        del self._ends[messages:]
        self._file.seek(self._size)
        self._file.truncate()

    def pages(self) -> Iterator[Page]:
        """Everything again, in the order in which it was read."""
        for first in range(0, len(self._ends), _MESSAGES_PER_PAGE):
            ends = self._ends[first : first + _MESSAGES_PER_PAGE]
            start = self._ends[first - 1] if first else 0
            yield Page(self._read(start, ends[-1]), [end - start for end in ends])

    def message(self, number: int) -> bytes:
        """One message again."""
        start = self._ends[number - 1] if number else 0
        return self._read(start, self._ends[number])

    def _read(self, start: int, end: int) -> bytes:
        self._file.flush()
        return os.pread(self._file.fileno(), end - start, start)
