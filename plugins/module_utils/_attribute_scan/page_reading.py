# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is learnt from one page of a scan: who claims what, and who must be judged.

Runs in any process. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .._attribute_rules.judgement import uniqueness_claims
from .._attribute_rules.model import DirectoryObject, ObjectClass
from .._attribute_rules.policy import Policy
from .._ldap.wire.entries import Attributes, RawAttributes, decoded, entries
from .._ldap.wire.search import Page
from .forest import Forest, Part, is_below
from .forest_index import claim_hash
from .objects import DECODED, OBJECT_CLASS, guid_of, is_ranged, kind_of, object_of
from .scope import Scope
from .screening import Screen
from .skips import CONFLICT, reason_to_skip

AllValues = Mapping[str, Sequence[bytes]]


@dataclass
class Counts:
    """What became of the objects that were read: `shapes` counts users in scope by the names of
    the attributes that they have."""

    shapes: Counter[tuple[bytes, ...]] = field(default_factory=Counter)
    others_in_scope: int = 0
    out_of_scope: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def count(self, kind: ObjectClass, names: Iterable[bytes], is_in_scope: bool) -> None:
        """Count an object with attributes of some names."""
        if not is_in_scope:
            self.out_of_scope += 1
        elif kind is ObjectClass.USER:
            # By the names together, which many have in common.
            self.shapes[tuple(names)] += 1
        else:
            self.others_in_scope += 1

    def add(self, other: Counts) -> None:
        """Add what another page came to."""
        self.shapes.update(other.shapes)
        self.others_in_scope += other.others_in_scope
        self.out_of_scope += other.out_of_scope
        self.skipped.update(other.skipped)

    @property
    def users_in_scope(self) -> int:
        """How many users are judged."""
        return sum(self.shapes.values())

    @property
    def in_scope(self) -> int:
        """How many objects are judged."""
        return self.users_in_scope + self.others_in_scope

    @property
    def objects_read(self) -> int:
        """All that was read."""
        return self.in_scope + self.out_of_scope + sum(self.skipped.values())

    def users_with(self, attribute: str) -> int:
        """How many of the users that are judged have a value of an attribute."""
        name = attribute.encode("ascii")
        return sum(number for names, number in self.shapes.items() if name in names)


@dataclass
class PageResult:
    """What one page came to. Object `numbers[i]` claims the next `sizes[i]` of `hashes`."""

    numbers: array[int] = field(default_factory=lambda: array("Q"))
    sizes: array[int] = field(default_factory=lambda: array("L"))
    hashes: array[int] = field(default_factory=lambda: array("q"))
    # Objects in scope that the rules must judge.
    suspicious: array[int] = field(default_factory=lambda: array("Q"))
    # Objects of which some values are still to be read, by number.
    incomplete: dict[int, bytes] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)

    def claim(self, number: int, hashes: Sequence[int]) -> None:
        """Note what an object claims."""
        self.numbers.append(number)
        self.sizes.append(len(hashes))
        self.hashes.extend(hashes)


class PageReader:
    """Reads pages for one scope and one policy."""

    def __init__(self, forest: Forest, scope: Scope, policy: Policy) -> None:
        self.forest = forest
        self.scope = scope
        self.policy = policy
        self._screen = Screen(policy)

    def read(self, page: Page, first: int, part: Part) -> PageResult:
        """Count, screen and index the entries of a page whose first message has a number.

        Raises `NotBer`.
        """
        result = PageResult()
        screen, counts = self._screen.claims, result.counts
        covered = {
            kind: self.scope.covers(part.base) and kind in self.scope.classes
            for kind in ObjectClass
        }
        for place, dn, attributes in entries(page):
            found = screen(attributes)
            if found is None or part.elsewhere or CONFLICT in dn:
                self._look_closer(first + place, dn, attributes, part, result)
                continue
            kind, claims = found
            result.claim(first + place, claims)
            counts.count(kind, attributes, covered[kind] or self._covers(kind, dn))
        return result

    def take(
        self,
        number: int,
        thing: DirectoryObject,
        names: Iterable[bytes],
        result: PageResult,
    ) -> None:
        """Note what an object claims, and that it is to be judged if it is in scope; `names` are
        those of its attributes."""
        claims = uniqueness_claims(thing, self.policy)
        result.claim(number, [claim_hash(claim.space, claim.key) for claim in claims])
        is_in_scope = self.is_in_scope(thing)
        result.counts.count(thing.object_class, names, is_in_scope)
        if is_in_scope:
            result.suspicious.append(number)

    def is_in_scope(self, thing: DirectoryObject) -> bool:
        """Whether an object is judged, and not only compared with."""
        return thing.object_class in self.scope.classes and self.scope.contains(thing.dn)

    def is_skipped(self, dn: bytes, raw_attributes: RawAttributes, part: Part) -> bool:
        """Whether an entry of a part is not an object of it that sync would carry."""
        if part.elsewhere and _is_elsewhere(dn, part):
            return True
        return _reason_to_skip(dn, decoded(raw_attributes, DECODED)) is not None

    def object(
        self, dn: bytes, attributes: Attributes, all_values: AllValues | None = None
    ) -> DirectoryObject:
        """An object as the rules see it."""
        kind = kind_of(attributes.get(OBJECT_CLASS, ())) or ObjectClass.USER
        return object_of(dn, kind, attributes, self.forest.domain_of(text_of(dn)), all_values)

    def _covers(self, kind: ObjectClass, dn: bytes) -> bool:
        return kind in self.scope.classes and self.scope.contains(text_of(dn))

    def _look_closer(
        self, number: int, dn: bytes, raw_attributes: RawAttributes, part: Part, result: PageResult
    ) -> None:
        """Decide about an object that the screen did not let pass."""
        if part.elsewhere and _is_elsewhere(dn, part):
            return
        attributes = decoded(raw_attributes, DECODED)
        reason = _reason_to_skip(dn, attributes)
        if reason is not None:
            result.counts.skipped[reason] += 1
        elif is_ranged(attributes):
            result.incomplete[number] = dn
        else:
            self.take(number, self.object(dn, attributes), raw_attributes, result)


def text_of(dn: bytes) -> str:
    """A DN as text, whatever is in it."""
    return dn.decode("utf-8", "backslashreplace")


def _is_elsewhere(dn: bytes, part: Part) -> bool:
    lowered = text_of(dn).lower()
    return any(is_below(lowered, base) for base in part.elsewhere)


def _reason_to_skip(dn: bytes, attributes: Attributes) -> str | None:
    kind = kind_of(attributes.get(OBJECT_CLASS, ()))
    if kind is None:
        return "computer or other class"
    reason = reason_to_skip(dn, kind.value, attributes)
    if reason is None and guid_of(attributes) is None:
        return "objectGUID cannot be read"
    return reason
