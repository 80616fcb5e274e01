# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that operators keep in spreadsheets: CSV files, read line by line.

In UTF-8, with commas, semicolons or tabs between the cells; the first line names the columns. What
is wrong with one line is that line's affair. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from .._errors import InvalidInput
from .._review_file.cells import parsed
from .._review_file.table import DELIMITERS, Broken, split

# Far more than some cells of people and domains need.
_LONGEST_LINE = 1 << 16
_UNDECODABLE = re.compile("[\ud800-\udfff]")
_SEPARATOR_LINE = re.compile(r"sep=(.)")  # as Excel writes it
_OTHER_FILES = {
    b"PK\x03\x04": "a workbook",
    b"\xd0\xcf\x11\xe0": "a workbook",
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
}
_SAVE_AS_CSV = 'In the spreadsheet, save it as "CSV UTF-8".'


@dataclass(frozen=True)
class Line:
    """A line of a list: its number, its text, and its cells by column, or why it has none."""

    number: int
    text: str
    cells: Mapping[str, str] | InvalidInput

    def values(self) -> dict[str, str]:
        """What the cells mean, by column. Raises `InvalidInput` where that cannot be read."""
        if isinstance(self.cells, InvalidInput):
            raise self.cells
        try:
            return {column: parsed(cell) for column, cell in self.cells.items()}
        except ValueError as error:
            raise InvalidInput("A cell cannot be read", answer=str(error)) from error


def list_lines(
    path: Path, *, needed: Sequence[str], once: Collection[str] | None, also: Collection[str] = ()
) -> Iterator[Line]:
    """The lines of a CSV file, as they are read; empty lines are none.

    Columns are named in lower case. One of the columns `needed` must be there and all of `also`,
    and none of `once` more than once, none at all where that is null. Raises `InvalidInput` for
    what is no such file.
    """
    with _opened(path) as text:
        lines = _lines(text)
        delimiter, header = _header(lines, path, needed, once)
        for name in also:
            if name not in header:
                raise InvalidInput(
                    f"The list has no column {name}", subject=str(path), answer=", ".join(header)
                )
        for number, line in lines:
            if not line.strip(f"{delimiter} \t"):
                continue
            try:
                yield Line(number, line, _cells(line, delimiter, header))
            except InvalidInput as error:
                yield Line(number, line, in_line(error, path, number))


def in_line(error: InvalidInput, path: Path, line: int) -> InvalidInput:
    """The error with the line that it is about, if that is not told yet."""
    place = f"{path}, line {line}"
    if error.subject.startswith(place):
        return error
    return InvalidInput(
        error.problem,
        subject=f"{place}, {error.subject}" if error.subject else place,
        answer=error.answer,
        advice=error.advice,
    )


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        _check_kind(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape") as text:
            yield text
    except OSError as error:
        raise InvalidInput(
            "The list cannot be read", subject=str(path), answer=error.strerror or str(error)
        ) from error


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    for sign, kind in _OTHER_FILES.items():
        if start.startswith(sign):
            raise InvalidInput(
                f"The list is {kind} and no CSV file in UTF-8",
                subject=str(path),
                advice=_SAVE_AS_CSV,
            )


def _lines(text: TextIO) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, however long they are in no more memory than for one."""
    number = 0
    while line := text.readline(_LONGEST_LINE):
        number += 1
        yield number, line.removesuffix("\n")
        while len(line) == _LONGEST_LINE and not line.endswith("\n"):
            line = text.readline(_LONGEST_LINE)


def _header(
    lines: Iterator[tuple[int, str]],
    path: Path,
    needed: Sequence[str],
    once: Collection[str] | None,
) -> tuple[str, Sequence[str]]:
    _number, line = next(lines, (0, ""))
    delimiters: Sequence[str] = DELIMITERS
    if given := _SEPARATOR_LINE.fullmatch(line):
        delimiters = [given[1]]
        _number, line = next(lines, (0, ""))
    advice = f"The first line names the columns, and among them is {' or '.join(needed)}."
    for delimiter in delimiters:
        try:
            names = [cell.strip().lower() for cell in split(line, delimiter)]
        except Broken:
            continue
        if not set(needed).isdisjoint(names):
            for name in dict.fromkeys(filter(None, names)) if once is None else once:
                if names.count(name) > 1:
                    raise InvalidInput(
                        f"The list has more than one column {name}",
                        subject=str(path),
                        advice=advice,
                    )
            return delimiter, names
    if len(needed) == 1:
        problem = f"The list has no column {needed[0]}"
    else:
        problem = f"The list has neither a column {' nor a column '.join(needed)}"
    raise InvalidInput(problem, subject=str(path), answer=repr(line[:80]), advice=advice)


def _cells(line: str, delimiter: str, header: Sequence[str]) -> dict[str, str]:
    """The cells of one line by their columns. Raises `InvalidInput`."""
    if len(line) >= _LONGEST_LINE - 1:
        raise InvalidInput("The line is too long to be one")
    undecodable = _UNDECODABLE.search(line)
    if undecodable:
        byte = undecodable[0].encode("utf-8", "surrogateescape")
        raise InvalidInput(
            f"The line holds bytes that are no UTF-8: 0x{byte.hex()}", advice=_SAVE_AS_CSV
        )
    try:
        cells = [cell.strip() for cell in split(line, delimiter)]
    except Broken as error:
        raise InvalidInput(
            error.problem, subject=f"column {error.column + 1}", advice=error.advice
        ) from error
    if any(cells[len(header) :]):
        raise InvalidInput(
            f"The line has {len(cells)} cells, and the first line {len(header)}",
            advice="A cell with a separator in it stands in quotes.",
        )
    # Empty cells at the end of a line may be missing.
    return dict.fromkeys(header, "") | dict(zip(header, cells, strict=False))
