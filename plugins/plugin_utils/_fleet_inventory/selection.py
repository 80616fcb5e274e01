# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which tenants an inventory is to have. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .model import Found, Host

Patterns = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Selection:
    """The filters: patterns as those of a shell, in any case, by what they look at.

    `only` takes a tenant that every filter in it fits. `never` leaves out a tenant that any filter
    in it fits. A filter fits if one of its patterns does, so that one without patterns fits nobody:
    an emptied list never means everybody.
    """

    only: Patterns
    never: Patterns

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Selection:
        """Read the options `only` and `never`."""
        return cls(_given(parameters["only"]), _given(parameters["never"]))

    def of(self, hosts: Iterable[Host], warnings: Sequence[str] = ()) -> Found:
        """Those that are wanted, and a warning about each tenant id that nobody has."""
        known = list(hosts)
        chosen = tuple(host for host in known if self._is_wanted(host.facts))
        return Found(chosen, (*warnings, *self._unmet(known)))

    def _is_wanted(self, facts: Mapping[str, tuple[str, ...]]) -> bool:
        return all(
            _fits(facts.get(name, ()), patterns) for name, patterns in self.only.items()
        ) and not any(_fits(facts.get(name, ()), patterns) for name, patterns in self.never.items())

    def _unmet(self, hosts: Iterable[Host]) -> list[str]:
        known = {fact for host in hosts for fact in host.facts.get("tenant_ids", ())}
        return [
            f"No tenant has the id {identifier}, which only.tenant_ids names."
            for identifier in self.only.get("tenant_ids", ())
            if not any(fnmatchcase(fact, identifier.lower()) for fact in known)
        ]


def _given(patterns: Mapping[str, Sequence[str] | None] | None) -> Patterns:
    return {name: tuple(given) for name, given in (patterns or {}).items() if given is not None}


def _fits(facts: Sequence[str], patterns: Sequence[str]) -> bool:
    folded = [pattern.strip().casefold() for pattern in patterns]
    return any(fnmatchcase(fact.casefold(), pattern) for fact in facts for pattern in folded)
