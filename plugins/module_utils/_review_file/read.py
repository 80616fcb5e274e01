# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a review file as a person left it: our own, or an export of IdFix.

A file is taken as a whole or not at all. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from .._attribute_rules.attributes import MULTI_VALUED
from .._errors import InvalidInput
from . import cells, idfix
from .columns import (
    ACTION,
    ATTRIBUTE,
    COLUMNS,
    DISTINGUISHED_NAME,
    IDFIX_COLUMNS,
    OBJECT_GUID,
    REQUIRED_COLUMNS,
    UPDATE,
    VALUE,
    WRITABLE,
)
from .model import Decision, ReviewFile, ReviewRow
from .table import (
    DELIMITERS,
    Broken,
    Place,
    Record,
    check_decoded,
    joined,
    lines,
    opened,
    split,
)

_PROBLEMS_SHOWN = 20
_LINES_SHOWN = 20
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]*')
_IDFIX_OWN_ACTIONS = {
    "UNDO": "UNDO is IdFix's own way back and nothing that this collection can follow. What it "
    "changed itself, change_rollback undoes.",
    "FAIL": "FAIL says that IdFix could not write this row. Decide again: EDIT, REMOVE, COMPLETE, "
    "or nothing.",
}


def read_review_file(path: Path) -> ReviewFile:
    """The decisions of a review file.

    Raises `InvalidInput` that names file, line and column, for several problems of decisions at
    once, and for the first one where the table itself is broken.
    """
    with opened(path) as text:
        numbered = lines(text, path)
        header, numbered = _header(numbered, path)
        decisions = _Decisions(path, header)
        for record in _records(numbered, header, path):
            decisions.take(record)
    return decisions.conclude()


def has_decisions(path: Path) -> bool:
    """Whether somebody has worked on a file: also if it can no longer be read."""
    try:
        return bool(read_review_file(path).rows)
    except InvalidInput:
        return True


@dataclass(frozen=True)
class _Header:
    """The first line: which column has which name, and what is between them."""

    names: tuple[str, ...]
    delimiter: str

    def place(self, path: Path, line: int, column: int) -> Place:
        """A place in the file; the column counts from 0."""
        name = self.names[column] if column < len(self.names) else ""
        return Place(path, line, column + 1, name)

    @property
    def is_ours(self) -> bool:
        """Whether the file has columns that only we write: then its cells are written our way."""
        return bool(set(self.names) & (set(COLUMNS) - set(IDFIX_COLUMNS)))

    @property
    def is_as_idfix_wrote_it(self) -> bool:
        """Whether lines can have quotes in IdFix's way."""
        return sorted(self.names) == sorted(IDFIX_COLUMNS) and self.delimiter == ","


def _header(
    numbered: Iterator[tuple[int, str]], path: Path
) -> tuple[_Header, Iterator[tuple[int, str]]]:
    line, first = next(numbered, (1, ""))
    separator = _SEPARATOR_LINE.fullmatch(first)
    if separator is not None:
        line, first = next(numbered, (line + 1, ""))
    header = max(_possible_headers(first), key=_known_columns, default=_Header((), ","))
    check_decoded(Record(line, header.names), path, ())
    missing = [name for name in REQUIRED_COLUMNS if name not in header.names]
    if missing:
        _refuse_header(first, missing, Place(path, line, 1))
    for position, name in enumerate(header.names):
        if name and name in header.names[:position]:
            raise InvalidInput(
                f"The review file has two columns {name}",
                subject=str(Place(path, line, position + 1, name)),
                advice="Keep the one with the decisions, and delete or rename the other.",
            )
    return header, numbered


def _possible_headers(line: str) -> Iterator[_Header]:
    for delimiter in DELIMITERS:
        try:
            names = split(line, delimiter)
        except Broken:
            continue
        yield _Header(tuple(name.strip().upper() for name in names), delimiter)


def _known_columns(header: _Header) -> int:
    return len(set(header.names) & set(COLUMNS))


def _refuse_header(line: str, missing: Sequence[str], place: Place) -> NoReturn:
    advice = (
        f"Its first line names the columns; needed are {', '.join(REQUIRED_COLUMNS)}, and "
        f"{OBJECT_GUID} if the file is not from IdFix."
    )
    if all(name in line.upper() for name in REQUIRED_COLUMNS):
        advice = (
            "The spreadsheet took the whole line for one cell. Open the original with Data > From "
            "Text/CSV and a comma between the columns."
        )
    elif "\0" in line:
        advice = "It looks like UTF-16 without a byte order mark. Save it as CSV UTF-8."
    raise InvalidInput(
        f"The review file lacks columns: {', '.join(missing)}"
        if line
        else "The review file is empty",
        subject=str(place),
        advice=advice,
    )


def _records(numbered: Iterator[tuple[int, str]], header: _Header, path: Path) -> Iterator[Record]:
    def is_whole(line: str) -> bool:
        if line.count('"') % 2 == 0:
            return True
        # A quote that IdFix did not double is no reason to go on to the next line.
        return header.is_as_idfix_wrote_it and bool(idfix.readings(line, header.names))

    for line, first in numbered:
        text = joined(first, numbered, is_whole)
        record = Record(line, _split(text, header, path, line))
        check_decoded(record, path, header.names)
        if any(record.cells):
            yield record


def _split(text: str, header: _Header, path: Path, line: int) -> Sequence[str]:
    try:
        return split(text, header.delimiter)
    except Broken as broken:
        readings = idfix.readings(text, header.names) if header.is_as_idfix_wrote_it else []
        if len(readings) == 1:
            return readings[0]
        problem, advice = broken.problem, broken.advice
        if readings:
            problem = "The line of IdFix can be read in more than one way"
            advice = "Open the export in a spreadsheet, look at this line, and save it from there."
        place = header.place(path, line + broken.lines_above, broken.column)
        raise InvalidInput(problem, subject=str(place), advice=advice) from broken


class _Problem(Exception):
    """What is wrong with a row, and in which column."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(problem)
        self.column = column


@dataclass
class _Decisions:
    """Gathers the rows with a decision, and what is wrong with them."""

    path: Path
    header: _Header
    rows: list[ReviewRow] = field(default_factory=list)
    undecided: int = 0
    problems: list[tuple[Place, str]] = field(default_factory=list)

    _taken: dict[tuple[str | None, ...], ReviewRow] = field(default_factory=dict)
    _by_name: list[int] = field(default_factory=list)
    _emptied: list[int] = field(default_factory=list)
    _idle: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._positions = {name: place for place, name in enumerate(self.header.names)}
        self._is_ours = self.header.is_ours

    def take(self, record: Record) -> None:
        """Add a record's decision, if it has one."""
        try:
            self._check_width(record)
            action = self._action(record)
            if action is None:
                self.undecided += 1
            else:
                self._add(self._row(record, action))
        except _Problem as problem:
            column = self._positions.get(problem.column, len(self.header.names))
            place = self.header.place(self.path, record.line_of(column), column)
            self.problems.append((place, str(problem)))

    def conclude(self) -> ReviewFile:
        """All of it. Raises `InvalidInput` if any row cannot be used."""
        if len(self.problems) == 1:
            ((place, problem),) = self.problems
            raise InvalidInput(problem, subject=str(place))
        if self.problems:
            shown = [f"{place.in_file}: {told}" for place, told in self.problems[:_PROBLEMS_SHOWN]]
            if len(self.problems) > len(shown):
                shown.append(f"and {len(self.problems) - len(shown)} more")
            raise InvalidInput(
                f"{len(self.problems)} rows of the review file cannot be used: {'; '.join(shown)}",
                subject=str(self.path),
                advice="Nothing was changed.",
            )
        return ReviewFile(tuple(self.rows), self.undecided, tuple(self._warnings()))

    def _check_width(self, record: Record) -> None:
        if any(record.cells[len(self.header.names) :]):
            raise _Problem(
                "", "There are more cells than columns: a cell with a separator needs quotes"
            )

    def _action(self, record: Record) -> Decision | None:
        told = self._cell(record, ACTION).strip().upper()
        if not told:
            return None
        if told in _IDFIX_OWN_ACTIONS:
            raise _Problem(ACTION, _IDFIX_OWN_ACTIONS[told])
        try:
            return Decision(told)
        except ValueError:
            raise _Problem(
                ACTION, f"ACTION is EDIT, REMOVE, COMPLETE or empty, and not {told[:40]!r}"
            ) from None

    def _row(self, record: Record, action: Decision) -> ReviewRow:
        row = ReviewRow(
            line=record.line,
            guid=self._guid(record),
            dn=self._text(record, DISTINGUISHED_NAME),
            attribute=self._attribute(record, action),
            value=self._text(record, VALUE) or None,
            update=self._text(record, UPDATE) or None,
            action=action,
        )
        if not row.dn:
            raise _Problem(DISTINGUISHED_NAME, "The row names no object")
        if row.value is None and action is Decision.REMOVE:
            raise _Problem(VALUE, "REMOVE without a VALUE: there is nothing to remove")
        if row.value is None and row.update is None and action is Decision.EDIT:
            raise _Problem(UPDATE, "EDIT of a missing value needs an UPDATE")
        return row

    def _guid(self, record: Record) -> str | None:
        if OBJECT_GUID not in self._positions:
            return None
        if self._positions[OBJECT_GUID] >= len(record.cells):
            raise _Problem(OBJECT_GUID, "The row ends too early: a part of it is missing")
        told = self._text(record, OBJECT_GUID).strip()
        try:
            return str(uuid.UUID(told)) if told else None
        except ValueError:
            raise _Problem(OBJECT_GUID, f"{told[:40]!r} is no objectGUID") from None

    def _attribute(self, record: Record, action: Decision) -> str:
        told = self._text(record, ATTRIBUTE).strip()
        if action is Decision.COMPLETE:
            return WRITABLE.get(told.lower(), told)
        try:
            return WRITABLE[told.lower()]
        except KeyError:
            raise _Problem(
                ATTRIBUTE, f"{told[:40]!r} is no attribute that a review file can change"
            ) from None

    def _text(self, record: Record, column: str) -> str:
        cell = self._cell(record, column)
        if not self._is_ours:
            return cell
        try:
            return cells.parsed(cell)
        except ValueError as error:
            raise _Problem(column, str(error)) from None

    def _cell(self, record: Record, column: str) -> str:
        """A cell; a spreadsheet may leave out empty ones at the end of a line."""
        position = self._positions[column]
        return record.cells[position] if position < len(record.cells) else ""

    def _add(self, row: ReviewRow) -> None:
        other = self._taken.setdefault(_thing(row), row)
        if other is not row:
            if _meaning(other) != _meaning(row):
                raise _Problem(
                    ACTION,
                    f"The row contradicts line {other.line}, which decides about the same "
                    f"{row.attribute} of {row.dn}",
                )
            return
        self.rows.append(row)
        if row.guid is None:
            self._by_name.append(row.line)
        if row.action is Decision.EDIT and row.update is None:
            self._emptied.append(row.line)
        if row.action is Decision.EDIT and row.update == row.value:
            self._idle.append(row.line)

    def _warnings(self) -> Iterator[str]:
        unknown = [name for name in self.header.names if name and name not in COLUMNS]
        if unknown:
            yield f"Columns of the review file that are not read: {', '.join(unknown)}."
        for rows, told in (
            (self._emptied, "say EDIT with an empty UPDATE, which removes the value"),
            (self._idle, "say EDIT and leave the value as it is"),
            (self._by_name, f"have no {OBJECT_GUID}, so their objects are found by name"),
        ):
            if rows:
                yield f"{len(rows)} rows of the review file {told}: {_told_lines(rows)}."


def _thing(row: ReviewRow) -> tuple[str | None, ...]:
    """What a row decides about: no two rows may, and mean different things."""
    name = row.guid or row.dn.casefold()
    if row.attribute not in MULTI_VALUED:
        return (name, row.attribute)
    # Values can be added to a list side by side.
    return (name, row.attribute, row.value, None if row.value else row.update)


def _meaning(row: ReviewRow) -> tuple[object, ...]:
    return (row.value, row.action, row.update if row.action is Decision.EDIT else None)


def _told_lines(rows: Sequence[int]) -> str:
    more = len(rows) - _LINES_SHOWN
    told = ", ".join(map(str, rows[:_LINES_SHOWN]))
    return f"line{'' if len(rows) == 1 else 's'} {told}" + (f" and {more} more" if more > 0 else "")
