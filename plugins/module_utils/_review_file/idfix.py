# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines as IdFix exports them. Pure.

IdFix puts a cell in quotes if it holds a comma, and for no other reason; quotes within a cell stay
as they are (IdFix 2.6, CSV export). So a line can be cut into cells in more than one way, but
rarely in more than one in which every column holds what belongs there. Private to the collection:
it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice

from .columns import (
    ACTION,
    ATTRIBUTE,
    DISTINGUISHED_NAME,
    ERROR,
    ERROR_WORDS,
    OBJECT_CLASS,
    PROPOSED_ACTION,
)

# More commas than any line has, and few enough to try every way to read it.
_MOST_PIECES = 200

_ACTIONS = re.compile("|EDIT|REMOVE|COMPLETE|UNDO|FAIL")
_WORDS = "|".join(ERROR_WORDS.values())
_BELONGS: Mapping[str, re.Pattern[str]] = {
    DISTINGUISHED_NAME: re.compile(r"[A-Z]+=.*[^\\],DC=[\w-]+", re.IGNORECASE | re.DOTALL),
    OBJECT_CLASS: re.compile(r"[\w-]+"),
    ATTRIBUTE: re.compile(r"[A-Za-z]+"),
    ERROR: re.compile(f"(?:{_WORDS})(?:, (?:{_WORDS}))*"),
    PROPOSED_ACTION: _ACTIONS,
    ACTION: _ACTIONS,
}


def readings(line: str, columns: Sequence[str]) -> list[Sequence[str]]:
    """Up to two ways to read a line: none, the one that is meant, or a doubt."""
    pieces = tuple(line.rstrip("\r\n").split(","))
    if not len(columns) <= len(pieces) <= _MOST_PIECES:
        return []

    @cache
    def is_possible(start: int, column: int) -> bool:
        return next(ways(start, column), None) is not None

    def ways(start: int, column: int) -> Iterator[tuple[str, ...]]:
        """Every way to fill the columns from this one on with the pieces from `start` on."""
        if column == len(columns):
            if start == len(pieces):
                yield ()
            return
        for end in range(start + 1, len(pieces) - (len(columns) - column) + 2):
            cell = _cell(pieces[start:end])
            if cell is None or not _belongs(cell, columns[column]):
                continue
            if is_possible(end, column + 1):
                for others in ways(end, column + 1):
                    yield (cell, *others)

    return list(islice(ways(0, 0), 2))


def _cell(pieces: Sequence[str]) -> str | None:
    """The cell that pieces between commas make up, or null if IdFix would not write it so."""
    if len(pieces) == 1:
        return pieces[0]
    if pieces[0].startswith('"') and pieces[-1].endswith('"'):
        return ",".join(pieces)[1:-1]
    return None


def _belongs(cell: str, column: str) -> bool:
    return column not in _BELONGS or _BELONGS[column].fullmatch(cell) is not None
