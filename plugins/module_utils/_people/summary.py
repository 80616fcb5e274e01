# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A comparison in numbers, its first rows, and all of them as a file.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from .._attribute_rules.attributes import ADDRESS_LIST_FIELDS
from .._changes.model import JsonValue
from .._replaced_file import OutputFile, output_file
from .._sign_in_names.names import suffix_of
from .._table_file import TableWriter, table_file
from .comparison import Compared, Finding
from .matching import Matched

Row: TypeAlias = dict[str, JsonValue]

LINES_FORMAT = 1
_KIND = "The comparison"
# The columns of the table (docs/formats.md)
COLUMNS = (
    "match",
    "matched_by",
    "findings",
    "directory_upn",
    "cloud_upn",
    "directory_address",
    "cloud_address",
    "display_name",
    "directory_enabled",
    "cloud_enabled",
    "synced",
    "licensed",
    "missing_fields",
    "duplicates",
    "candidates",
    "dn",
    "guid",
    "immutable_id",
    "id",
)


@dataclass
class Summary:
    """Counts everybody by how they were found and by what is told of them."""

    everybody: int = 0
    with_findings: int = 0
    matches: Counter[Matched] = field(default_factory=Counter)
    findings: Counter[Finding] = field(default_factory=Counter)
    missing_fields: Counter[str] = field(default_factory=Counter)
    directory_suffixes: Counter[str] = field(default_factory=Counter)
    cloud_suffixes: Counter[str] = field(default_factory=Counter)

    def add(self, compared: Compared) -> None:
        """Count one more."""
        self.everybody += 1
        self.with_findings += bool(compared.findings)
        self.matches[compared.match.matched] += 1
        self.findings.update(compared.findings)
        self.missing_fields.update(compared.missing_fields)
        person, user = compared.match.person, compared.match.user
        if person is not None:
            self.directory_suffixes[suffix_of(person.user_principal_name or "")] += 1
        if user is not None:
            self.cloud_suffixes[suffix_of(user.user_principal_name)] += 1

    def to_json(self) -> Row:
        """The counts as the module returns them."""
        return {
            "everybody": self.everybody,
            "with_findings": self.with_findings,
            "in_directory": self.directory_suffixes.total(),
            "in_cloud": self.cloud_suffixes.total(),
            "matches": {matched.value: self.matches[matched] for matched in Matched},
            "findings": {finding.value: self.findings[finding] for finding in Finding},
            "missing_fields": {name: self.missing_fields[name] for name in ADDRESS_LIST_FIELDS},
            "directory_suffixes": dict(self.directory_suffixes.most_common()),
            "cloud_suffixes": dict(self.cloud_suffixes.most_common()),
        }


class FirstRows:
    """The rows that a result lists: those of most concern, each kind in the order of reading."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[Finding, list[Row]] = {finding: [] for finding in Finding}

    def has_room_for(self, finding: Finding) -> bool:
        """Whether one more with this as its gravest finding can still be among the first."""
        return len(self._kept[finding]) < self._limit

    def add(self, finding: Finding, row: Row) -> None:
        """Keep a row if there is room for it."""
        if self.has_room_for(finding):
            self._kept[finding].append(row)

    @property
    def rows(self) -> list[Row]:
        """The rows as the module returns them, as many as the limit says."""
        return [row for finding in Finding for row in self._kept[finding]][: self._limit]


class Report:
    """What the result and the files tell, gathered person by person."""

    def __init__(
        self,
        rows_limit: int,
        told: Collection[Finding],
        table: TableWriter | None,
        lines: OutputFile | None,
    ) -> None:
        """`told` are the findings that make a row; all are counted."""
        self.summary = Summary()
        self.rows = FirstRows(rows_limit)
        self._told = frozenset(told)
        self._table = table
        self._lines = lines

    def add(self, compared: Compared) -> None:
        """Take one more into account."""
        self.summary.add(compared)
        gravest = next((each for each in compared.findings if each in self._told), None)
        if gravest is None:
            return
        if self._table is None and self._lines is None and not self.rows.has_room_for(gravest):
            return
        row = compared.to_json()
        self.rows.add(gravest, row)
        if self._table is not None:
            self._table.add(cells(compared, row))
        if self._lines is not None:
            record = {"format": LINES_FORMAT, **row}
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            self._lines.write(f"{text}\n")


def cells(compared: Compared, row: Row) -> Mapping[str, object]:
    """A row as the table has it: each duplicate in one piece."""
    duplicates = [
        f"{duplicate.address} ({', '.join(duplicate.holders)})"
        for duplicate in compared.match.duplicates
    ]
    return {**row, "duplicates": duplicates}


@contextmanager
def comparison_table(path: Path) -> Iterator[TableWriter]:
    """A table to add rows to; it appears when the block has ended. Raises `InvalidInput`."""
    with table_file(path, _KIND, COLUMNS) as table:
        yield table


@contextmanager
def comparison_lines(path: Path) -> Iterator[OutputFile]:
    """A file for one JSON object per line; appears as the table does. Raises `InvalidInput`."""
    with output_file(path, _KIND) as file:
        yield file
