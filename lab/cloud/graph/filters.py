# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of $filter that is understood: comparisons for equality, joined by ``and``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import bad_request, unsupported_query

# An apostrophe within the text is doubled.
_TEXT = r"'(?P<text>(?:[^']|'')*)'"
_EQUALS = re.compile(rf"(?P<name>\w+)\s+eq\s+(?:{_TEXT}|(?P<word>true|false|null))")
_ENDS_WITH = re.compile(rf"endswith\(\s*(?P<name>\w+)\s*,\s*{_TEXT}\s*\)", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+")
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Comparison:
    """One condition on one property; ``is_end`` compares only the end of a text."""

    name: str
    value: str | bool | None
    is_end: bool

    def holds(self, entity: Mapping[str, Any]) -> bool:
        """Say whether an entity meets the condition; case does not count, as in Graph."""
        actual = _folded(entity[self.name])
        wanted = _folded(self.value)
        if self.is_end:
            return isinstance(actual, str) and actual.endswith(str(wanted))
        return bool(actual == wanted)


def read_filter(text: str, supported: Sequence[str], *, is_advanced: bool) -> list[Comparison]:
    """Return the conditions, all of which have to hold; raises GraphError.

    ``is_advanced``: the client asked for what endsWith needs, ConsistencyLevel and $count.
    """
    comparisons = []
    start = 0
    while True:
        match = _EQUALS.match(text, start) or _ENDS_WITH.match(text, start)
        if match is None:
            raise bad_request("Invalid filter clause.")
        comparisons.append(_comparison(match, supported, is_advanced=is_advanced))
        if match.end() == len(text.rstrip()):
            return comparisons
        conjunction = _AND.match(text, match.end())
        if conjunction is None:
            raise bad_request("Invalid filter clause.")
        start = conjunction.end()


def _comparison(match: re.Match[str], supported: Sequence[str], *, is_advanced: bool) -> Comparison:
    names = {name.casefold(): name for name in supported}
    name = names.get(match["name"].casefold())
    is_end = match.re is _ENDS_WITH
    if name is None or (is_end and not is_advanced):
        raise unsupported_query(
            f"Unsupported or invalid query filter clause specified for property '{match['name']}' "
            "of resource 'User'."
        )
    if match["text"] is not None:
        return Comparison(name, match["text"].replace("''", "'"), is_end)
    return Comparison(name, _WORDS[match["word"]], is_end)


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value
