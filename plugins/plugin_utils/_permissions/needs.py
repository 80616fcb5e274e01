# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module says it must be allowed to do. Pure.

It stands in the module's own documentation, as details of the attributes `graph_permissions`,
`directory_rights` and `dns_rights`, one line for each need::

    C(User.Read.All), or C(User.ReadWrite.All), where O(groups): to read who is in them.

First the least right, then those that do as well. `in a run` says that a dry run does without it,
`as an extra` that everything works without it, only less well. `where` and `unless` name an option,
with a value or without, and for a rollback the modules whose changes it undoes. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_LINE = re.compile(
    r"(?P<rights>C\([^)]+\)(?:, (?:or )?C\([^)]+\))*)"
    r"(?P<in_a_run> in a run)?"
    r"(?P<as_an_extra> as an extra)?"
    r"(?:, (?P<word>where|unless) "
    r"(?:O\((?P<option>[\w.\[\]]+)(?:=(?P<value>[^)]+))?\)"
    r"|changes of (?P<writers>M\([\w.]+\)(?:, M\([\w.]+\))*) are undone))?"
    r": (?P<reason>.+)",
    re.DOTALL,
)


class System(Enum):
    """Where a right is given; the value is the attribute that tells it."""

    GRAPH = "graph_permissions"
    DIRECTORY = "directory_rights"
    DNS = "dns_rights"


@dataclass(frozen=True)
class OptionGiven:
    """The need is there where an option is given or true, or has this value, or (negated) not.

    `option` can lead into an option, as in `users[].roles`.
    """

    option: str
    value: str | None = None
    is_negated: bool = False

    def __str__(self) -> str:
        told = self.option if self.value is None else f"{self.option}={self.value}"
        return f"{'unless' if self.is_negated else 'where'} {told}"


@dataclass(frozen=True)
class ChangesUndone:
    """The need is there where changes of one of these modules are undone."""

    writers: frozenset[str]

    def __str__(self) -> str:
        return f"where changes of {', '.join(sorted(self.writers))} are undone"


@dataclass(frozen=True)
class Need:
    """One right that a module needs.

    `right` is the least one, and any of `alternatives` does as well. It is needed by a dry run too
    unless `only_in_run`, and not needed for success if `is_extra`.
    """

    system: System
    right: str
    alternatives: tuple[str, ...]
    reason: str
    condition: OptionGiven | ChangesUndone | None = None
    only_in_run: bool = False
    is_extra: bool = False

    def is_met_by(self, rights: frozenset[str]) -> bool:
        """Whether one of these rights is enough."""
        return not rights.isdisjoint((self.right, *self.alternatives))


def needs_of(documentation: Mapping[str, Any]) -> tuple[Need, ...]:
    """The needs that the documentation of a module tells, in its order.

    Raises `ValueError` for a line that is not written as above.
    """
    attributes = documentation.get("attributes") or {}
    return tuple(
        _need(system, line)
        for system in System
        for line in _lines(attributes.get(system.value) or {})
    )


def _lines(attribute: Mapping[str, Any]) -> Iterator[str]:
    details = attribute.get("details") or []
    yield from [details] if isinstance(details, str) else details


def _need(system: System, line: str) -> Need:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(f"not understood as {system.value}: {line!r}")
    right, *alternatives = re.findall(r"C\(([^)]+)\)", found["rights"])
    return Need(
        system=system,
        right=right,
        alternatives=tuple(alternatives),
        reason=found["reason"].removesuffix("."),
        condition=_condition(found),
        only_in_run=found["in_a_run"] is not None,
        is_extra=found["as_an_extra"] is not None,
    )


def _condition(found: re.Match[str]) -> OptionGiven | ChangesUndone | None:
    if found["option"] is not None:
        return OptionGiven(found["option"], found["value"], found["word"] == "unless")
    if found["writers"] is not None:
        names = re.findall(r"M\(([\w.]+)\)", found["writers"])
        return ChangesUndone(frozenset(name.rpartition(".")[2] for name in names))
    return None
