# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a whole forest once: every object is counted, screened, and kept in a snapshot.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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
# Servers that do not have the class in their schema take its absence for unknown, and return nothing.
_ACTIVE_DIRECTORY = f"(&{_ANY_CLASS}(!(objectClass=computer)))"

# A server that dies while a part is read: the part is read again from another, so often.
_ATTEMPTS = 3
_PAUSE = 2.0

_NONE: Sequence[bytes] = (b"",)


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

    def read(self, part: Part) -> None:
        """Read one part. A connection that breaks is made anew, to the next server if need be, and
        the part read from its beginning. Raises what the last attempt raised."""
        first = len(self._snapshot)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with connect(part.settings) as directory:
                    self._fetch(part, directory)
                break
            except ConnectionFailed as error:
                self._snapshot.truncate(first)
                if attempt == _ATTEMPTS:
                    raise
                self.warnings.append(f"Read {part.told} again, since the connection broke: {error}")
                time.sleep(_PAUSE)

    def object(self, number: int) -> DirectoryObject:
        """An object by its number, decoded."""
        dn, attributes = entry(self._snapshot.message(number))
        kind = kind_of(attributes.get(OBJECT_CLASS, ())) or ObjectClass.USER
        domain = self.forest.domain_of(dn.decode("utf-8", "backslashreplace"))
        return object_of(dn, kind, attributes, domain, self._all_values.get(number))
