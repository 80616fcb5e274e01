# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures over everything that was assessed, and the rows that a result lists.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from .._changes.model import JsonValue
from .._realms.model import RealmKind
from .model import Assessed, Entry, Option


@dataclass
class Summary:
    """Counts entries by what fits, and each domain once by whose it is and who runs its DNS."""

    entries: int = 0
    failed: int = 0
    personal_accounts: int = 0
    options: Counter[Option] = field(default_factory=Counter)
    realms: Counter[RealmKind] = field(default_factory=Counter)
    dns_hosts: Counter[str] = field(default_factory=Counter)
    _domains: set[str] = field(default_factory=set)

    def add(self, assessed: Assessed) -> None:
        """Count one more."""
        self.entries += 1
        self.failed += bool(assessed.errors)
        self.personal_accounts += bool(assessed.is_personal)
        if assessed.judgement is not None:
            self.options[assessed.judgement.option] += 1
        if isinstance(assessed.entry, Entry) and assessed.entry.domain not in self._domains:
            self._domains.add(assessed.entry.domain)
            self._add_domain(assessed)

    def _add_domain(self, assessed: Assessed) -> None:
        if assessed.realm is not None:
            self.realms[assessed.realm.kind] += 1
        if assessed.dns is not None:
            self.dns_hosts.update(assessed.dns.dns_hosts)

    def to_json(self) -> dict[str, JsonValue]:
        """The summary as the module returns it."""
        return {
            "entries": self.entries,
            "domains": len(self._domains),
            "failed": self.failed,
            "personal_accounts": self.personal_accounts,
            "options": {option.value: self.options[option] for option in Option},
            "realms": {kind.value: self.realms[kind] for kind in RealmKind},
            "dns_hosts": dict(self.dns_hosts.most_common()),
        }


class FirstRows:
    """The first rows: those with errors before all others, then by what fits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failed: list[Assessed] = []
        self._kept: dict[Option, list[Assessed]] = {option: [] for option in Option}

    def add(self, assessed: Assessed) -> None:
        """Keep a row if there is room for it."""
        if assessed.errors:
            kept = self._failed
        elif assessed.judgement is not None:
            kept = self._kept[assessed.judgement.option]
        else:
            return
        if len(kept) < self._limit:
            kept.append(assessed)

    @property
    def rows(self) -> list[dict[str, JsonValue]]:
        """The rows as the module returns them, as many as the limit says."""
        return [assessed.to_json() for assessed in list(self._all())[: self._limit]]

    def _all(self) -> Iterator[Assessed]:
        yield from self._failed
        for option in Option:
            yield from self._kept[option]
