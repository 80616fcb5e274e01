# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a whole forest once: every object is counted, screened, and kept in a snapshot.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import time
import uuid
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._attribute_rules.judgement import uniqueness_claims
from .._attribute_rules.model import DirectoryObject, ObjectClass
from .._attribute_rules.policy import Policy
from .._errors import ConnectionFailed
from .._ldap.connection import Directory, connect
from .._ldap.wire.ber import NotBer
from .._ldap.wire.channel import not_ldap
from .._ldap.wire.entries import Attributes, entries, entry
from .._ldap.wire.search import Page
from .forest import Forest, Part, is_below
from .forest_index import ForestIndex, claim_hash
from .objects import GUID, OBJECT_CLASS, READ, is_ranged, kind_of, object_of
from .scope import Scope
from .screening import Screen
from .skips import FIRST_RID_OF_OUR_OWN, SUSPECT_BEGINNINGS, reason_to_skip
from .snapshot import Snapshot

_ANY_CLASS = (
    "(|(objectClass=user)(objectClass=inetOrgPerson)(objectClass=contact)(objectClass=group))"
)
# A server that dies while a part is read: the part is read again from another, so often.
_ATTEMPTS = 3
_PAUSE = 2.0

_NONE: Sequence[bytes] = (b"",)
# None, and a user's own mailbox: the values that most have.
_ORDINARY_MAILBOXES = frozenset({b"", b"1"})


@dataclass
class Counts:
    """What was read, by what became of it; `present` counts users in scope per attribute."""

    objects_read: int = 0
    in_scope: int = 0
    users_in_scope: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    present: Counter[bytes] = field(default_factory=Counter)

    def __iadd__(self, other: Counts) -> Counts:
        self.objects_read += other.objects_read
        self.in_scope += other.in_scope
        self.users_in_scope += other.users_in_scope
        self.skipped.update(other.skipped)
        self.present.update(other.present)
        return self


class Scan:
    """The forest as it was read. Objects have the numbers of their messages in the snapshot."""

    def __init__(self, forest: Forest, scope: Scope, policy: Policy, snapshot: Snapshot) -> None:
        self.forest = forest
        self.scope = scope
        self.policy = policy
        self.index = ForestIndex()
        self.counts = Counts()
        self.warnings: list[str] = []
        # Objects in scope that the screen did not let pass.
        self.suspicious = array("Q")
        self._snapshot = snapshot
        self._screen = Screen(policy)
        self._kinds: dict[tuple[bytes, ...], ObjectClass | None] = {}
        # Values of attributes that the server gave in part only, by the object's number.
        self._all_values: dict[int, Mapping[str, Sequence[bytes]]] = {}
        self._ranged: list[tuple[int, bytes, Attributes]] = []
        self._parts: list[tuple[int, Part]] = []

    def read(self, part: Part) -> None:
        """Read one part. A connection that breaks is made anew, to the next server if need be, and
        the part is read from its beginning. Raises what the last attempt raised."""
        first = len(self._snapshot)
        self._parts.append((first, part))
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with connect(part.settings) as directory:
                    self._fetch(part, directory)
                return
            except ConnectionFailed as error:
                if attempt == _ATTEMPTS:
                    raise
                self.warnings.append(f"Reading {part.told} began again: {error}")
                self._forget(first)
                time.sleep(_PAUSE)

    def object(self, number: int) -> DirectoryObject:
        """An object by its number, decoded."""
        dn, attributes = entry(self._snapshot.message(number))
        kind = kind_of(attributes.get(OBJECT_CLASS, ())) or ObjectClass.USER
        domain = self.forest.domain_of(dn.decode("utf-8", "backslashreplace"))
        return object_of(dn, kind, attributes, domain, self._all_values.get(number))

    def is_in_scope(self, thing: DirectoryObject) -> bool:
        """Whether an object is judged, and not only compared with."""
        return thing.object_class in self.scope.classes and self.scope.contains(thing.dn)

    def find(self, guids: frozenset[str], dns: frozenset[str]) -> dict[str, DirectoryObject]:
        """Objects by objectGUID or by DN in lower case, as far as they were read."""
        raw_guids = {uuid.UUID(guid).bytes_le: guid for guid in guids}
        found: dict[str, DirectoryObject] = {}
        first = 0
        for page in self._snapshot.pages():
            for place, dn, attributes in entries(page):
                guid = raw_guids.get(attributes.get(GUID, _NONE)[0])
                if guid is not None:
                    found[guid] = self.object(first + place)
                if dns and (name := dn.decode("utf-8", "backslashreplace").lower()) in dns:
                    found[name] = self.object(first + place)
            first += len(page.ends)
        return found

    def _fetch(self, part: Part, directory: Directory) -> None:
        # Servers without the class in their schema would take its absence for unknown.
        objects = _ANY_CLASS
        if self.forest.is_active_directory:
            objects = f"(&{_ANY_CLASS}(!(objectClass=computer)))"
        for page in directory.pages(part.base, objects, READ):
            first = self._snapshot.append(page)
            try:
                self._take(page, first, part)
            except NotBer as error:
                raise not_ldap(directory.server, str(error)) from error
        ranged, self._ranged = self._ranged, []
        for number, dn, attributes in ranged:
            self._complete(number, dn, attributes, directory)

    def _forget(self, first: int) -> None:
        """Go back to where only the messages before `first` had been read."""
        self._snapshot.truncate(first)
        self.index, self.counts, self.suspicious = ForestIndex(), Counts(), array("Q")
        self._ranged = []
        number = 0
        for page in self._snapshot.pages():
            self._take(page, number, self._part_of(number))
            number += len(page.ends)
        # What came in part only has been completed before.
        ranged, self._ranged = self._ranged, []
        for number, _dn, _attributes in ranged:
            self._look_closer(number)

    def _take(self, page: Page, first: int, part: Part) -> None:
        """Count, screen and index the entries of a page; long, since it is done a million times."""
        counts, index, screen, scope = self.counts, self.index, self._screen, self.scope
        kinds = self._kinds
        for place, dn, attributes in entries(page):
            counts.objects_read += 1
            get = attributes.get
            classes = tuple(get(OBJECT_CLASS, ()))
            if classes not in kinds:
                kinds[classes] = kind_of(classes)
            kind = kinds[classes]
            if kind is None:
                counts.skipped["computer or other class"] += 1
                continue
            if part.elsewhere and _is_elsewhere(dn, part):
                counts.objects_read -= 1
                continue
            if _may_be_skipped(dn, kind, attributes):
                reason = reason_to_skip(dn, kind.value, attributes)
                if reason is not None:
                    counts.skipped[reason] += 1
                    continue
            if GUID not in attributes:
                counts.skipped["objectGUID cannot be read"] += 1
                continue
            number = first + place
            is_in_scope = kind in scope.classes and scope.contains_raw(dn)
            if is_in_scope:
                counts.in_scope += 1
                if kind is ObjectClass.USER:
                    counts.users_in_scope += 1
                    counts.present.update(attributes.keys())
            claims = screen.claims(attributes) if kind is ObjectClass.USER else None
            if claims is not None:
                index.claim(number, claims)
            elif is_ranged(attributes):
                self._ranged.append((number, dn, attributes))
            else:
                self._look_closer(number)

    def _look_closer(self, number: int) -> None:
        """Index an object that the screen did not let pass, and remember to judge it."""
        thing = self.object(number)
        claims = uniqueness_claims(thing, self.policy)
        self.index.claim(number, (claim_hash(claim.space, claim.key) for claim in claims))
        if self.is_in_scope(thing):
            self.suspicious.append(number)

    def _complete(
        self, number: int, dn: bytes, attributes: Attributes, directory: Directory
    ) -> None:
        """Read all values of the attributes that came in part."""
        names = [name.partition(b";")[0].decode("ascii") for name in attributes if b";" in name]
        whole = directory.read(dn.decode("utf-8"), names)
        self._all_values[number] = {name: whole.values(name) for name in names}
        self._look_closer(number)

    def _part_of(self, number: int) -> Part:
        return next(part for first, part in reversed(self._parts) if first <= number)


def _is_elsewhere(dn: bytes, part: Part) -> bool:
    lowered = dn.decode("utf-8", "backslashreplace").lower()
    return any(is_below(lowered, base) for base in part.elsewhere)


def _may_be_skipped(dn: bytes, kind: ObjectClass, attributes: Attributes) -> bool:
    """Whether a closer look is worth its time; false only for users that are surely synced."""
    get = attributes.get
    account = get(b"sAMAccountName", _NONE)[0]
    sid = get(b"objectSid", _NONE)[0]
    return (
        kind is not ObjectClass.USER
        or not account
        or account.startswith(SUSPECT_BEGINNINGS)
        or get(b"mailNickname", _NONE)[0].startswith(SUSPECT_BEGINNINGS)
        or b"isCriticalSystemObject" in attributes
        or get(b"msExchRecipientTypeDetails", _NONE)[0] not in _ORDINARY_MAILBOXES
        or b"ACNF:" in dn
        or int.from_bytes(sid[24:28], "little") < FIRST_RID_OF_OUR_OWN
    )
