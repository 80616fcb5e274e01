# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known about the forest: which findings there must be, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..ldif import Entry


class Holder(StrEnum):
    """Which server holds the forest."""

    SAMBA = "samba"
    OPENLDAP = "openldap"


class Repair(StrEnum):
    """What becomes of a finding when everything is fixed that may be fixed without a person."""

    # A fix is offered, be it that of another finding, and it is gone.
    AUTOMATIC = "automatic"
    # No fix is offered; it is still there.
    PERSON = "person"


class Expected(NamedTuple):
    """A finding there must be: on which object (objectGUID, as lower-case text), which rule, in
    which attribute and on which value; null where one is missing."""

    guid: str
    rule: str
    attribute: str
    value: str | None
    repair: Repair


@dataclass(frozen=True)
class Defect:
    """One seeded defect: the finding it is meant for, and those that come with it, on the object
    or on others."""

    dn: str
    expected: Expected
    consequences: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """An object that directory sync leaves out, and why, in the words of the collection."""

    dn: str
    guid: str
    reason: str


@dataclass(frozen=True)
class Forest:
    """The forest and the truth about it.

    `units` are the organizational units, to be added first, and `objects` the users, groups and
    contacts. The truth holds if the forest has `upn_suffixes` (besides its domain), the tenant has
    verified `verified_domains`, and everything else is as the collection has it by default. Of
    rules that count how many objects have a field, the truth says nothing.
    """

    base_dn: str
    units: tuple[Entry, ...]
    objects: tuple[Entry, ...]
    defects: tuple[Defect, ...]
    skipped: tuple[Skipped, ...]
    upn_suffixes: tuple[str, ...]
    verified_domains: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything, in the order to add it."""
        return (*self.units, *self.objects)

    @property
    def expected(self) -> frozenset[Expected]:
        """Every finding there must be; there must be no other."""
        return frozenset(self._expected())

    def _expected(self) -> Iterator[Expected]:
        for defect in self.defects:
            yield defect.expected
            yield from defect.consequences
