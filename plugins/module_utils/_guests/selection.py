# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which guests are meant. Pure. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._domain_names.names import domain_name
from .._errors import InvalidInput
from .model import Guest, ReadGuest, SignInMethod


@dataclass(frozen=True)
class Selection:
    """Guests by how they sign in, by domain, by id or by address.

    A guest has to fit every kind that names anything, and one of the values within it. `domains`
    are in the form of `domain_name` and mean the domain itself, not those below it; `ids` and
    `addresses` are in lower case.
    """

    methods: frozenset[SignInMethod] = frozenset()
    domains: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Selection:
        """Read the options of the same names. Raises `InvalidInput` if none says anything."""
        selection = cls.optional(parameters)
        if selection.is_everything:
            raise InvalidInput(
                "It is not said which guests are meant",
                advice="Give at least one of methods, domains, ids and addresses.",
            )
        return selection

    @classmethod
    def optional(cls, parameters: Mapping[str, Any]) -> Selection:
        """Read the options of the same names, where saying nothing means every guest."""
        return cls(
            methods=frozenset(map(SignInMethod, parameters["methods"] or ())),
            domains=frozenset(map(domain_name, parameters["domains"] or ())),
            ids=frozenset(_folded(parameters["ids"] or (), "ids")),
            addresses=frozenset(_folded(parameters["addresses"] or (), "addresses")),
        )

    @property
    def is_everything(self) -> bool:
        """Whether there is no restriction."""
        return not (self.methods or self.domains or self.ids or self.addresses)

    def chooses(self, guest: Guest) -> bool:
        """Whether a guest is meant."""
        return self.may_choose(guest) and (not self.methods or guest.method in self.methods)

    def may_choose(self, guest: ReadGuest | Guest) -> bool:
        """Whether a guest is meant as far as can be seen without knowing how it signs in."""
        return (
            (not self.domains or guest.domain in self.domains)
            and (not self.ids or guest.id.lower() in self.ids)
            and (not self.addresses or not self.addresses.isdisjoint(_addresses(guest)))
        )


def _addresses(guest: ReadGuest | Guest) -> Iterator[str]:
    """All that the guest is known by, in lower case."""
    if guest.address is not None:
        yield guest.address.lower()
    yield from map(str.lower, guest.other_mails)


def _folded(texts: Any, option: str) -> list[str]:
    folded = [text.strip().lower() for text in texts]
    if not all(folded):
        raise InvalidInput(f"{option} has an empty value")
    return folded
