# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what was assessed, for people with a spreadsheet (docs/formats.md).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .._replaced_file import OutputFile, output_file
from .._review_file.cells import written
from .model import Assessed

COLUMNS = (
    "line",
    "text",
    "address",
    "domain",
    "name",
    "role",
    "option",
    "reason",
    "realm",
    "personal_account",
    "tenant_id",
    "cloud",
    "brand",
    "dns_hosts",
    "zone",
    "name_servers",
    "mail_hosts",
    "mail_servers",
    "errors",
)

_BYTE_ORDER_MARK = "\ufeff"  # without it, Excel takes the file for one in its own code page


class AssessmentWriter:
    """Adds one row after the other; none is kept in memory."""

    def __init__(self, file: OutputFile) -> None:
        # All cells in quotes: spreadsheets differ in what else they take for a separator.
        self._writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        file.write(_BYTE_ORDER_MARK)
        self._writer.writerow(COLUMNS)

    def add(self, assessed: Assessed) -> None:
        """Add a row."""
        self._writer.writerow(_cells(assessed))


@contextmanager
def assessment_file(path: Path) -> Iterator[AssessmentWriter]:
    """A table to add to; it appears when the block has ended, and only then.

    Raises `InvalidInput` if it cannot be written.
    """
    with output_file(path, "The assessment") as file:
        yield AssessmentWriter(file)


def _cells(assessed: Assessed) -> Sequence[str]:
    row = assessed.to_json()
    row["errors"] = [str(error) for error in assessed.errors]
    return [_cell(row[column]) for column in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return written("; ".join(map(str, value)))
    return written(str(value))
