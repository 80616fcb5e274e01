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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from .._attribute_rules.model import DirectoryObject
from .._attribute_rules.policy import Policy
from .._errors import ConnectionFailed
from .._ldap.connection import Directory, connect
from .._ldap.wire.ber import NotBer
from .._ldap.wire.channel import not_ldap
from .._ldap.wire.entries import decoded, entries, entry
from .forest import Forest, Part
from .forest_index import ForestIndex
from .objects import DECODED, GUID, READ
from .page_reading import AllValues, Counts, PageReader, PageResult, text_of
from .processes import map_in_processes, processes_to_use
from .scope import Scope
from .snapshot import Extent, Snapshot

_ANY_CLASS = (
    "(|(objectClass=user)(objectClass=inetOrgPerson)(objectClass=contact)(objectClass=group))"
)
# A server that dies while a part is read: the part is read again from another, so often.
_ATTEMPTS = 3
_PAUSE = 2.0

_LENGTH_OF_GUID = 16


@dataclass(frozen=True)
class _ReadPart:
    """A part, and the numbers of its first message and of the one behind its last."""

    part: Part
    first: int
    end: int


class Scan:
    """The forest as it was read. Objects have the numbers of their messages in the snapshot."""

    def __init__(self, forest: Forest, scope: Scope, policy: Policy, snapshot: Snapshot) -> None:
        self.forest = forest
        self.policy = policy
        self.warnings: list[str] = []
        self.index = ForestIndex()
        self.counts = Counts()
        # Objects in scope that the screen did not let pass.
        self.suspicious = array("Q")
        self._reader = PageReader(forest, scope, policy)
        self._snapshot = snapshot
        # Values of attributes that the server gave in part only, by the object's number.
        self._all_values: dict[int, AllValues] = {}
        self._read_parts: list[_ReadPart] = []

    def read(self, part: Part) -> None:
        """Read one part. A connection that breaks is made anew, to the next server if need be, and
        the part is read from its beginning. Raises what the last attempt raised."""
        first = len(self._snapshot)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with connect(part.settings) as directory:
                    self._fetch(part, directory)
                self._read_parts.append(_ReadPart(part, first, len(self._snapshot)))
                return
            except ConnectionFailed as error:
                if attempt == _ATTEMPTS:
                    raise
                self.warnings.append(f"Reading {part.told} began again: {error}")
                self._begin_again()
                time.sleep(_PAUSE)

    def is_in_scope(self, thing: DirectoryObject) -> bool:
        """Whether an object is judged, and not only compared with."""
        return self._reader.is_in_scope(thing)

    def object(self, number: int) -> DirectoryObject:
        """An object by its number, decoded."""
        dn, attributes = entry(self._snapshot.message(number))
        return self._reader.object(dn, decoded(attributes, DECODED), self._all_values.get(number))

    def objects(self) -> Iterator[DirectoryObject]:
        """All objects that were read and not skipped, one after the other."""
        for read in self._read_parts:
            for extent in self._snapshot.extents(read.first, read.end):
                for place, dn, attributes in entries(self._snapshot.page(extent)):
                    if not self._reader.is_skipped(dn, attributes, read.part):
                        yield self.object(extent.first + place)

    def find(self, guids: Collection[str], dns: Collection[str]) -> dict[str, DirectoryObject]:
        """Objects by objectGUID or by DN in lower case, as far as they were read."""
        wanted = {uuid.UUID(guid).bytes_le: guid for guid in guids}
        found: dict[str, DirectoryObject] = {}
        for extent in self._snapshot.extents():
            for place, dn, attributes in entries(self._snapshot.page(extent)):
                guid = wanted.get(attributes.get(GUID, b"")[-_LENGTH_OF_GUID:])
                if guid is not None:
                    found[guid] = self.object(extent.first + place)
                if dns and (name := text_of(dn).lower()) in dns:
                    found[name] = self.object(extent.first + place)
        return found

    def _fetch(self, part: Part, directory: Directory) -> None:
        # Servers without the class in their schema would take its absence for unknown.
        objects = _ANY_CLASS
        if self.forest.is_active_directory:
            objects = f"(&{_ANY_CLASS}(!(objectClass=computer)))"
        pages = directory.pages(part.base, objects, READ)
        try:
            incomplete = self._take(part, (self._snapshot.append(page) for page in pages))
        except NotBer as error:
            raise not_ldap(directory.server, str(error)) from error
        for number, dn in incomplete.items():
            self._complete(number, dn, directory)

    def _take(self, part: Part, extents: Iterator[Extent]) -> dict[int, bytes]:
        """Screen and index what is in the snapshot; returns the objects that are not complete."""
        incomplete: dict[int, bytes] = {}
        work = partial(self._read_extent, part)
        for result in map_in_processes(work, extents, processes_to_use()):
            self._merge(result)
            incomplete.update(result.incomplete)
        return incomplete

    def _read_extent(self, part: Part, extent: Extent) -> PageResult:
        return self._reader.read(self._snapshot.page(extent), extent.first, part)

    def _merge(self, result: PageResult) -> None:
        self.index.claim_all(result.numbers, result.sizes, result.hashes)
        self.suspicious.extend(result.suspicious)
        self.counts.add(result.counts)

    def _begin_again(self) -> None:
        """Go back to where only the parts before this one had been read."""
        self._snapshot.truncate(self._read_parts[-1].end if self._read_parts else 0)
        self.index, self.counts, self.suspicious = ForestIndex(), Counts(), array("Q")
        for read in self._read_parts:
            for number in self._take(read.part, self._snapshot.extents(read.first, read.end)):
                self._take_complete(number)

    def _complete(self, number: int, dn: bytes, directory: Directory) -> None:
        """Read all values of the attributes that came in part."""
        _dn, attributes = entry(self._snapshot.message(number))
        names = [name.partition(b";")[0].decode("ascii") for name in attributes if b";" in name]
        whole = directory.read(dn.decode("utf-8"), names)
        self._all_values[number] = {name: whole.values(name) for name in names}
        self._take_complete(number)

    def _take_complete(self, number: int) -> None:
        result = PageResult()
        names: Sequence[bytes] = tuple(entry(self._snapshot.message(number))[1])
        self._reader.take(number, self.object(number), names, result)
        self._merge(result)
