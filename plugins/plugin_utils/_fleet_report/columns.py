# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hundred thousand changes in little room: every text once, every change a few numbers. Pure.

Private to the collection.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from ...module_utils._changes.model import Change, KnownAfterApply, Value, display

NO_VALUE = -1
KNOWN_AFTER_APPLY = -2

# What most changes share with others.
Kind = tuple[str, str, str, str, str, bool, bool]


class ChangeColumns:
    """Takes changes one after the other and keeps them in columns.

    Each of `kinds` is system, resource, property, action, rule, whether the change can be undone,
    and whether it is one of the run's own mode. Values are numbers of texts, or one of the two
    negative numbers above. `starts` says where the changes of each tenant begin, and where the last
    one's end.
    """

    def __init__(self) -> None:
        self.starts: list[int] = [0]
        self._texts: dict[str, int] = {}
        self._kinds: dict[Kind, int] = {}
        self._columns = {name: array("i") for name in ("kind", "name", "id", "before", "after")}
        self._notes: dict[int, int] = {}

    def add_tenant(self, changes: Sequence[Change], other_mode: Sequence[Change]) -> None:
        """Add the changes of the next tenant."""
        for change in changes:
            self._add(change, in_mode=True)
        for change in other_mode:
            self._add(change, in_mode=False)
        self.starts.append(len(self._columns["kind"]))

    def _add(self, change: Change, *, in_mode: bool) -> None:
        kind = (
            change.system.value,
            change.resource,
            change.property,
            change.action.value,
            change.rule or "",
            change.reversible,
            in_mode,
        )
        if change.note is not None:
            self._notes[len(self._columns["kind"])] = self._text(change.note)
        columns = self._columns
        columns["kind"].append(self._kinds.setdefault(kind, len(self._kinds)))
        columns["name"].append(self._text(change.name))
        columns["id"].append(self._text(change.id))
        columns["before"].append(self._value(change.before))
        columns["after"].append(self._value(change.after))

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _value(self, value: Value) -> int:
        if value is None:
            return NO_VALUE
        if isinstance(value, KnownAfterApply):
            return KNOWN_AFTER_APPLY
        return self._text(shown(value))

    def to_json(self) -> dict[str, Any]:
        """The columns as the page's script takes them."""
        return {
            "texts": list(self._texts),
            "kinds": [list(kind) for kind in self._kinds],
            "notes": self._notes,
            **{name: column.tolist() for name, column in self._columns.items()},
        }


def shown(value: Value) -> str:
    """A value for people; what has parts with names is shown one by one, a line each."""
    if isinstance(value, dict) and value:
        return "\n".join(f"{name}: {display(part)}" for name, part in value.items())
    return display(value)
