# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests of a tenant as a task returns them, as a table has them, and counted.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from .._changes.model import JsonValue
from .._table_file import TableWriter, table_file
from .effects import Effect, effects
from .links import SignInLinks
from .model import Guest, SignInMethod

Row: TypeAlias = dict[str, JsonValue]

# The columns of the table (docs/formats.md)
COLUMNS = (
    "address",
    "display_name",
    "domain",
    "method",
    "issuer",
    "state",
    "state_changed",
    "if_passcode_on",
    "if_passcode_off",
    "if_passcode_fallback",
    "preferred_language",
    "account_enabled",
    "created",
    "user_principal_name",
    "other_mails",
    "id",
    "sign_in_link",
)

# Where there is no room for all, those come first about whom somebody has to do something.
_IN_ORDER_OF_CONCERN = (
    SignInMethod.UNKNOWN,
    SignInMethod.ENTRA_UNRESOLVED,
    SignInMethod.ONE_TIME_PASSCODE,
    SignInMethod.ENTRA_VIRAL,
    SignInMethod.NOT_REDEEMED,
    SignInMethod.MICROSOFT_ACCOUNT,
    SignInMethod.INTERNAL,
    SignInMethod.GOOGLE,
    SignInMethod.FACEBOOK,
    SignInMethod.FEDERATED,
    SignInMethod.ENTRA_MANAGED,
)


def row(guest: Guest, links: SignInLinks | None) -> Row:
    """A guest with what the passcode's settings do to it, and where it signs in."""
    return {
        **guest.to_json(),
        **effects(guest.method).to_json(),
        "sign_in_link": None if links is None else links.best,
    }


@contextmanager
def guest_table(path: Path) -> Iterator[TableWriter]:
    """A table to add rows to; it appears when the block has ended. Raises `InvalidInput`."""
    with table_file(path, "The table of guests", COLUMNS) as table:
        yield table


@dataclass
class Summary:
    """Counts guests by how they sign in, and domains once each."""

    guests: int = 0
    disabled: int = 0
    methods: Counter[SignInMethod] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    viral_domains: Counter[str] = field(default_factory=Counter)
    _domains: set[str] = field(default_factory=set)

    def add(self, guest: Guest) -> None:
        """Count one more."""
        self.guests += 1
        self.disabled += guest.account_enabled is False
        self.methods[guest.method] += 1
        if guest.domain is not None:
            self._domains.add(guest.domain)
        if guest.method is SignInMethod.UNKNOWN:
            self.unknown[f"{guest.state or 'no state'}, {guest.issuer or 'no issuer'}"] += 1
        if guest.method is SignInMethod.ENTRA_VIRAL and guest.domain is not None:
            self.viral_domains[guest.domain] += 1

    def to_json(self) -> Row:
        """The summary as the module returns it."""
        return {
            "guests": self.guests,
            "domains": len(self._domains),
            "disabled": self.disabled,
            "methods": {method.value: self.methods[method] for method in SignInMethod},
            "if_passcode_on": self._effects("if_passcode_on"),
            "if_passcode_off": self._effects("if_passcode_off"),
            "if_passcode_fallback": self._effects("if_passcode_fallback"),
            "viral_domains": dict(self.viral_domains.most_common()),
            "unknown": dict(self.unknown.most_common()),
        }

    def _effects(self, setting: str) -> dict[str, JsonValue]:
        counts: Counter[Effect] = Counter()
        for method, number in self.methods.items():
            counts[getattr(effects(method), setting)] += number
        return {effect.value: counts[effect] for effect in Effect if counts[effect]}


class FirstRows:
    """The rows that a result lists: those of most concern, each kind in Graph's order."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[SignInMethod, list[Row]] = {method: [] for method in SignInMethod}

    def has_room_for(self, method: SignInMethod) -> bool:
        """Whether one more of these can still be among the first."""
        return len(self._kept[method]) < self._limit

    def add(self, method: SignInMethod, guest: Row) -> None:
        """Keep a row if there is room for it."""
        if self.has_room_for(method):
            self._kept[method].append(guest)

    @property
    def rows(self) -> list[Row]:
        """The rows as the module returns them, as many as the limit says."""
        return [guest for method in _IN_ORDER_OF_CONCERN for guest in self._kept[method]][
            : self._limit
        ]
