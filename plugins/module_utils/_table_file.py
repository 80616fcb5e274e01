# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables for people with a spreadsheet: CSV files that appear whole or not at all.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ._replaced_file import OutputFile, output_file
from ._review_file.cells import written

_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes the file for one in its own code page


class TableWriter:
    """Adds one row after the other; none is kept in memory."""

    def __init__(self, file: OutputFile | TextIO, columns: Sequence[str]) -> None:
        self._columns = columns
        # All cells in quotes: spreadsheets differ in what else they take for a separator.
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        file.write(_BYTE_ORDER_MARK)
        self._writer.writerow(columns)

    def add(self, row: Mapping[str, object]) -> None:
        """Add a row, which has a value for every column and may have others."""
        self._writer.writerow([cell(row[column]) for column in self._columns])


@contextmanager
def table_file(path: Path, kind: str, columns: Sequence[str]) -> Iterator[TableWriter]:
    """A table to add to; it appears when the block has ended, for its owner only.

    `kind` names it for messages, such as "The assessment". Raises `InvalidInput` if it cannot be
    written.
    """
    with output_file(path, kind) as file:
        yield TableWriter(file, columns)


def cell(value: object) -> str:
    """The cell for a value: empty for null, and the parts of a list with semicolons between."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return written("; ".join(map(str, value)))
    return written(str(value))
