# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule about directory attributes is, what it is judged on, and what it finds.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ObjectClass(StrEnum):
    """The classes of objects that directory sync carries; inetOrgPerson counts as user."""

    USER = "user"
    GROUP = "group"
    CONTACT = "contact"


class Kind(StrEnum):
    """What is wrong with a value, in the words that IdFix's users know, and three of our own."""

    BLANK = "blank"
    CHARACTER = "character"
    FORMAT = "format"
    LENGTH = "length"
    DUPLICATE = "duplicate"
    TOP_LEVEL_DOMAIN = "top_level_domain"
    DOMAIN_PART = "domain_part"
    LOCAL_PART = "local_part"
    MISMATCH = "mismatch"
    MISSING = "missing"


class Severity(StrEnum):
    """`blocking`: sync fails or alters the value; `warning`: it works, but not as people expect;
    `advice`: it works, and could be better."""

    BLOCKING = "blocking"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True)
class Rule:
    """One rule of the catalogue.

    `id` is `attribute.what` and never changes; `says` is the sentence that must hold; `source`
    names document and section. `fix` tells how a suggestion is made, and is empty where a person
    must decide; then `why_person` tells why.
    """

    id: str
    attribute: str
    kind: Kind
    severity: Severity
    says: str
    source: str
    classes: frozenset[ObjectClass]
    fix: str = ""
    why_person: str = ""


@dataclass(frozen=True)
class DirectoryObject:
    """An object as it was read: text values by attribute name, spelled as in `attributes.py`.

    `guid` is its objectGUID as lower-case text, `domain` the DNS name of its domain. Attributes
    without a value are not in `values`. `undecodable` holds values that are not UTF-8; no rule but
    the one about them looks at them, and they are never written.
    """

    guid: str
    dn: str
    object_class: ObjectClass
    domain: str
    values: Mapping[str, tuple[str, ...]]
    undecodable: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)

    def all(self, attribute: str) -> tuple[str, ...]:
        """Every value of an attribute, in the server's order."""
        return self.values.get(attribute, ())

    def one(self, attribute: str) -> str | None:
        """The value of a single-valued attribute, or null."""
        values = self.values.get(attribute, ())
        return values[0] if values else None


@dataclass(frozen=True)
class Holder:
    """Another object that holds the same address or name."""

    guid: str
    dn: str
    object_class: ObjectClass
    attribute: str
    value: str


@dataclass(frozen=True)
class ValueChange:
    """One value of one attribute, before and after; null where there is none."""

    attribute: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Finding:
    """A rule that an object breaks.

    `value` is the offending value, null if one is missing. `detail` says what exactly is wrong with
    it. `holders` are the others, for duplicates. `suggestion` is the value to write instead (null:
    none); where there is none, `reason` says why a person must decide.
    """

    rule: str
    kind: Kind
    severity: Severity
    attribute: str
    value: str | None
    detail: str
    holders: tuple[Holder, ...] = ()
    suggestion: ValueChange | None = None
    reason: str = ""
