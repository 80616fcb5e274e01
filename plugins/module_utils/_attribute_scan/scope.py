# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects a scan judges: what the options of `directory_rules` choose.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._attribute_rules.model import ObjectClass
from .._ldap.connection import Directory
from .._ldap.wire.ber import NotBer
from .._ldap.wire.channel import not_ldap
from .._ldap.wire.entries import entries
from .forest import is_below


@dataclass(frozen=True)
class ScopeOptions:
    """The scope as the operator wrote it; `search_filter` is an LDAP filter (RFC 4515)."""

    bases: tuple[str, ...]
    exclude: tuple[str, ...]
    search_filter: str | None
    classes: frozenset[ObjectClass]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> ScopeOptions:
        """Read the options."""
        return cls(
            bases=tuple(parameters["search_bases"] or ()),
            exclude=tuple(parameters["exclude"]),
            search_filter=parameters["filter"] or None,
            classes=frozenset(ObjectClass(name) for name in parameters["classes"]),
        )

    def resolve(self, directory: Directory, domain_dn: str) -> Scope:
        """The scope in the server's own spelling of its DNs. Raises `Refused` for one that is not
        there: a mistyped base must not look like a tidy directory."""
        bases = tuple(self._spelled(directory, base) for base in self.bases or (domain_dn,))
        exclude = tuple(self._spelled(directory, base) for base in self.exclude)
        return Scope(bases, exclude, self.classes, self._chosen(directory, bases))

    def _spelled(self, directory: Directory, dn: str) -> str:
        return directory.read(dn, ("objectClass",)).dn.lower()

    def _chosen(self, directory: Directory, bases: Sequence[str]) -> frozenset[str] | None:
        """The DNs that the filter finds: only the server can tell."""
        if self.search_filter is None:
            return None
        try:
            return frozenset(
                dn.decode("utf-8", "backslashreplace").lower()
                for base in bases
                for page in directory.pages(base, self.search_filter, ("objectClass",))
                for _place, dn, _attributes in entries(page)
            )
        except NotBer as error:
            raise not_ldap(directory.server, str(error)) from error


@dataclass(frozen=True)
class Scope:
    """Bases and excluded subtrees in lower case; `chosen` the DNs that a filter found, if any."""

    bases: tuple[str, ...]
    exclude: tuple[str, ...]
    classes: frozenset[ObjectClass]
    chosen: frozenset[str] | None = None

    def covers(self, base: str) -> bool:
        """Whether all below a DN is judged, as far as its class is, without a look at each."""
        return (
            self.chosen is None
            and not self.exclude
            and any(is_below(base.lower(), wanted) for wanted in self.bases)
        )

    def contains(self, dn: str) -> bool:
        """Whether an object is judged, by its DN; classes are looked at elsewhere."""
        lowered = dn.lower()
        if self.chosen is not None and lowered not in self.chosen:
            return False
        return any(is_below(lowered, base) for base in self.bases) and not any(
            is_below(lowered, base) for base in self.exclude
        )
