# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of what was assessed, for people with a spreadsheet (docs/formats.md).

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .._table_file import TableWriter, table_file
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


class AssessmentWriter:
    """Adds one row after the other; none is kept in memory."""

    def __init__(self, table: TableWriter) -> None:
        self._table = table

    def add(self, assessed: Assessed) -> None:
        """Add a row."""
        self._table.add({**assessed.to_json(), "errors": [str(error) for error in assessed.errors]})


@contextmanager
def assessment_file(path: Path) -> Iterator[AssessmentWriter]:
    """A table to add to; it appears when the block has ended, and only then.

    Raises `InvalidInput` if it cannot be written.
    """
    with table_file(path, "The assessment", COLUMNS) as table:
        yield AssessmentWriter(table)
