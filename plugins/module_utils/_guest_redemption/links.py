# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The links with which guests redeem, in a file for its owner alone.

Whoever has such a link can redeem in the guest's place, so it is in no result and in no journal.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from .._errors import InvalidInput
from .._guests.model import Guest
from .._replaced_file import told_as_input
from .._table_file import cell

COLUMNS = ("address", "id", "user_principal_name", "language", "redeem_link")
_KIND = "The file of redemption links"


class LinksFile:
    """Appends a line for each guest at once, so that a run that is killed leaves the others' links.

    A later run goes on in the same file.
    """

    def __init__(self, path: Path) -> None:
        """Raises `InvalidInput` for a path that means another file in each place."""
        if not path.is_absolute():
            raise InvalidInput(
                f"links_file must be an absolute path: {str(path)!r}",
                advice="A relative one would mean another file for each place a module can run in.",
            )
        self._path = path

    def begin(self) -> None:
        """Make the file if it is not there. Raises `InvalidInput` if it cannot be written."""
        with told_as_input(self._path, _KIND):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_new = not self._path.exists() or self._path.stat().st_size == 0
            self._append(_line(COLUMNS) if is_new else "")

    def add(self, guest: Guest, language: str, link: str) -> None:
        """Add a guest's link. Raises `InvalidInput` if there is no room, for example."""
        names = (guest.address, guest.id, guest.user_principal_name, language)
        with told_as_input(self._path, _KIND):
            # A link is an address that begins with https: and is to be used as it is.
            self._append(_line([*map(cell, names), link]))

    def _append(self, text: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self._path, flags, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, text.encode("utf-8"))
        finally:
            os.close(descriptor)


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
