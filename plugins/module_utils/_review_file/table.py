# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads tables of text as spreadsheets and IdFix write them: cells, and where they stand.

RFC 4180, with a comma, semicolon or tab between the cells, in UTF-8 or UTF-16. The standard
library's reader cannot say in which column a table is broken, and has one limit for the size of
cells that it shares with everybody else in the process.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .._errors import InvalidInput

DELIMITERS = (",", ";", "\t")

# A quote that is never closed makes one record of the whole rest of a file.
_LONGEST_RECORD = 1 << 27

_UNDECODABLE = re.compile("[\ud800-\udfff]")
_NEW_LINE = re.compile(r"\r\n|\r|\n")
_SAVE_AS_CSV = 'In the spreadsheet, save it as "CSV UTF-8".'
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Place:
    """A place in a table: its file, a line, and a column by number and, where known, by name."""

    path: Path
    line: int
    column: int
    name: str = ""

    def __str__(self) -> str:
        return f"{self.path}, {self.in_file}"

    @property
    def in_file(self) -> str:
        """The place without its file."""
        name = f" ({self.name})" if self.name else ""
        return f"line {self.line}, column {self.column}{name}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line on which it begins, and its cells."""

    line: int
    cells: Sequence[str]

    def line_of(self, column: int) -> int:
        """The line on which a cell begins; a cell with line breaks is on several."""
        return self.line + sum(len(_NEW_LINE.findall(cell)) for cell in self.cells[:column])


class Broken(Exception):
    """A record that cannot be split: the cell, counted from 0, and how many lines are above it."""

    def __init__(self, column: int, lines_above: int, problem: str, advice: str) -> None:
        super().__init__(problem)
        self.column = column
        self.lines_above = lines_above
        self.problem = problem
        self.advice = advice


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The text of a file; what cannot be decoded is left in it as lone surrogates.

    Raises `InvalidInput` if the file cannot be read, also for what happens in the block.
    """
    try:
        with path.open("rb") as raw:
            encoding, errors = _encoding(raw.peek(4)[:4], path)
            with io.TextIOWrapper(raw, encoding, errors, newline="") as text:
                yield text
    except OSError as error:
        raise InvalidInput(
            "The review file cannot be read",
            subject=str(path),
            answer=error.strerror or str(error),
        ) from error


def lines(text: TextIO, path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text with their numbers. Raises `InvalidInput` for what is no text."""
    number = 0
    while True:
        number += 1
        place = Place(path, number, 1)
        try:
            line = text.readline(_LONGEST_RECORD)
        except UnicodeDecodeError as error:
            raise InvalidInput(
                "The review file ends in the middle of a character",
                subject=str(place),
                advice="Part of it is missing: save it again.",
            ) from error
        if not line:
            return
        if len(line) >= _LONGEST_RECORD:
            raise InvalidInput(
                "The review file has a line that is too long to be one", subject=str(place)
            )
        yield number, line


def split(text: str, delimiter: str) -> Sequence[str]:
    """The cells of one record by RFC 4180. Raises `Broken`."""
    text = text.removesuffix("\n").removesuffix("\r")
    quotes = text.count('"')
    if not quotes:
        return text.split(delimiter)
    if text[0] == text[-1] == '"':
        # All cells quoted and no quote in them, as we write nearly every record.
        cells = text[1:-1].split(f'"{delimiter}"')
        if quotes == 2 * len(cells):
            return cells
    return list(_cells(text, delimiter))


def joined(line: str, following: Iterator[tuple[int, str]], is_whole: Callable[[str], bool]) -> str:
    """A record: a line, and those after it that belong to it because a quote is still open."""
    if is_whole(line):
        return line
    parts, quotes, size = [line], line.count('"'), len(line)
    while quotes % 2 and size < _LONGEST_RECORD:
        _number, line = next(following, (0, ""))
        if not line:
            break
        parts.append(line)
        quotes += line.count('"')
        size += len(line)
    return "".join(parts)


def check_decoded(record: Record, path: Path, names: Sequence[str]) -> None:
    """Raise `InvalidInput` if a cell holds what could not be decoded."""
    for column, cell in enumerate(record.cells):
        found = None if cell.isascii() else _UNDECODABLE.search(cell)
        if found is not None:
            name = names[column] if column < len(names) else ""
            raise InvalidInput(
                f"The review file holds bytes that are no text: {_hexadecimal(found[0])}",
                subject=str(Place(path, record.line_of(column), column + 1, name)),
                advice=f"It was saved in another encoding than UTF-8 or UTF-16. {_SAVE_AS_CSV}",
            )


def _encoding(start: bytes, path: Path) -> tuple[str, str]:
    if start in _WORKBOOKS:
        raise InvalidInput(
            "The review file is a workbook and no CSV file",
            subject=str(Place(path, 1, 1)),
            advice=_SAVE_AS_CSV,
        )
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", "surrogatepass"
    return "utf-8-sig", "surrogateescape"


def _cells(text: str, delimiter: str) -> Iterator[str]:
    pattern = _CELL[delimiter]
    position, column = 0, 0
    while True:
        match = pattern.match(text, position)
        if match is None:
            lines_above = len(_NEW_LINE.findall(text, 0, position))
            raise Broken(column, lines_above, *_what_is_wrong(text[position:]))
        quoted, plain, end = match.groups()
        yield plain if quoted is None else quoted.replace('""', '"')
        if not end:
            return
        position = match.end()
        column += 1


def _what_is_wrong(rest: str) -> tuple[str, str]:
    """Problem and advice for what begins with a broken cell."""
    twice = "A quote within a cell is written twice, and a cell with quotes in it stands in quotes."
    if rest.startswith('"') and rest.count('"') % 2:
        return "A quote is opened and never closed", twice
    if '"' in rest:
        return "A quote stands within a cell as it is", twice
    return "A line ends within a cell that is not in quotes", "Put the whole cell in quotes."


def _hexadecimal(surrogate: str) -> str:
    code = ord(surrogate)
    return f"0x{code - 0xDC00:02X}" if 0xDC80 <= code <= 0xDCFF else f"0x{code:04X}"


_CELL = {
    delimiter: re.compile(
        rf'(?:"([^"]*+(?:""[^"]*+)*+)"|([^"\r\n{delimiter}]*+))(?:({delimiter})|\Z)'
    )
    for delimiter in DELIMITERS
}
