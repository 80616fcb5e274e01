# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much a task may change at most. Pure. Private to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .._errors import InvalidInput, TooManyChanges

_LIMIT = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%?)")


@dataclass(frozen=True)
class Limit:
    """An upper bound for the changes of one task: a number, or a percentage of its scope."""

    number: float
    is_percentage: bool

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `10` or `20%`. Raises `InvalidInput` for anything else."""
        match = _LIMIT.fullmatch(text.strip())
        if match is None or (not match["percent"] and "." in match["number"]):
            raise InvalidInput(
                f"max_changes is neither a whole number nor a percentage: {text!r}",
                advice="Write for example 10 or 20%.",
            )
        return cls(number=float(match["number"]), is_percentage=bool(match["percent"]))

    def __str__(self) -> str:
        return f"{self.number:g}%" if self.is_percentage else f"{self.number:g}"

    def check(self, changes: int, scope: int) -> None:
        """Raise `TooManyChanges` if `changes` passes the limit.

        `scope` counts the values that the task looks at: those that exist and those that it wants.
        """
        allowed = self.number * scope / 100 if self.is_percentage else self.number
        if changes > allowed:
            raise TooManyChanges(
                f"{changes} changes of {scope} values in scope pass the limit max_changes={self}",
                advice="Nothing was changed. Look at the dry run; if it is right, raise the limit.",
            )
