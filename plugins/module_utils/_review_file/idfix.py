# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines as IdFix exports them. Pure.

IdFix puts a cell in quotes if it holds a comma, and for no other reason; quotes within a cell stay
as they are (IdFix 2.6, CSV export). Such a line can have more than one meaning, but rarely has more
than one with the right number of cells. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

# More commas than any line has, and few enough to try every way to read it.
_MOST_PIECES = 200


def readings(line: str, columns: int) -> list[Sequence[str]]:
    """Up to two ways to read a line as so many cells: none, the one that is meant, or a doubt."""
    pieces = tuple(line.rstrip("\r\n").split(","))
    if not columns <= len(pieces) <= _MOST_PIECES:
        return []

    @cache
    def possible(start: int, cells: int) -> bool:
        return next(ways(start, cells), None) is not None

    def ways(start: int, cells: int) -> Iterator[tuple[str, ...]]:
        """Every way to make so many cells of the pieces from `start` on."""
        if cells == 0:
            if start == len(pieces):
                yield ()
            return
        for end in range(start + 1, len(pieces) - cells + 2):
            cell = _cell(pieces[start:end])
            if cell is not None and possible(end, cells - 1):
                for others in ways(end, cells - 1):
                    yield (cell, *others)

    return list(islice(ways(0, columns), 2))


def _cell(pieces: Sequence[str]) -> str | None:
    """The cell that pieces between commas make up, or null if IdFix would not write it so."""
    if len(pieces) == 1:
        return pieces[0]
    if pieces[0].startswith('"') and pieces[-1].endswith('"'):
        return ",".join(pieces)[1:-1]
    return None
