# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects of a directory, read and changed by the thousand.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from .._changes.converge import Ending, Request
from .._changes.model import Change, Value
from .._errors import Refused, TenantopsError
from .._ldap.bulk.connections import Connections, ObjectName
from .._ldap.bulk.modifying import Done, ModifyRequest, modify
from .._ldap.bulk.reading import Found, read
from .model import Values, current, modifications

_WRITABLE = "allowedAttributesEffective"
# An answer on rights takes some 5 KB for each object.
_OBJECTS_PER_QUESTION = 500

T = TypeVar("T")


class DirectoryObjects:
    """`Things` over the connections to one server.

    How a second writer is noticed
    ------------------------------
    A change of an object is one modify request that deletes the old values and adds the new ones,
    made as a whole or not at all (RFC 4511 section 4.6). If an old value is no longer there, or a
    value that was not there is, the server refuses the whole request. What it does not notice: a
    new spelling of an old value in case or spaces alone, since it compares without regard to them;
    and changes to other values of the same attribute, which stay as they are.
    """

    def __init__(self, connections: Connections, known: Mapping[str, Values] | None = None) -> None:
        """`known` are the values of the objects by objectGUID, as far as they were read."""
        self._connections = connections
        self._known: dict[str, Values] = dict(known or {})

    @property
    def target(self) -> str:
        """See `Things`."""
        return self._connections.server

    async def read(
        self, names: Mapping[str, str], attributes: Iterable[str]
    ) -> dict[str, Values | TenantopsError]:
        """The values of attributes of objects (DN by objectGUID), or why they cannot be read."""
        spelled = {attribute.lower(): attribute for attribute in attributes}
        objects = [ObjectName(guid, dn) for guid, dn in names.items()]
        read_now: dict[str, Values | TenantopsError] = {}
        for guid, found in read(self._connections, objects, spelled.values()).items():
            if isinstance(found, Found):
                self._known[guid] = read_now[guid] = _texts(found, spelled)
            else:
                read_now[guid] = found
        return read_now

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse what the account may not write, as the run would, and what is gone.

        Only Active Directory can be asked, by the constructed attribute allowedAttributesEffective
        ([MS-ADTS] 3.1.1.4.5.23).
        """
        if not self._connections.root.is_active_directory:
            return {}
        refused: dict[str, TenantopsError] = {}
        for some in _in_pieces(requests, _OBJECTS_PER_QUESTION):
            found = read(self._connections, map(_name, some), (_WRITABLE,))
            for request in some:
                error = self._objection(request, found[request.id])
                if error is not None:
                    refused[request.id] = error
        return refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`. It blocks: a worker serves one task only."""
        changes: dict[str, tuple[Change, ...]] = {}

        def modify_requests() -> Iterator[ModifyRequest]:
            for request in requests:
                changes[request.id] = request.changes
                known = self._known.get(request.id, {})
                yield ModifyRequest(_name(request), modifications(known, request.changes))

        for guid, ending in modify(self._connections, modify_requests()):
            its_changes = changes.pop(guid)
            if isinstance(ending, Done):
                yield guid, its_changes if ending is Done.BY_US else ()
            else:
                yield guid, ending

    def current(self, values: Values, change: Change) -> Value:
        """What an object that has these values holds where a change has `before` and `after`."""
        return current(values, change)

    def _objection(self, request: Request, found: Found | TenantopsError) -> TenantopsError | None:
        if not isinstance(found, Found):
            return found
        writable = {name.lower() for name in found.values.get(_WRITABLE.lower(), ())}
        lacking = [
            attribute
            for attribute in dict.fromkeys(change.property for change in request.changes)
            if attribute.lower().encode("ascii") not in writable
        ]
        if not lacking:
            return None
        directory = self._connections.directory
        return Refused(
            "This account lacks a right",
            server=directory.server,
            subject=found.dn,
            answer=f"{', '.join(lacking)} not in {_WRITABLE}",
            advice=directory.advice_on_rights(found.dn, *lacking),
        )


def _name(request: Request) -> ObjectName:
    return ObjectName(request.id, request.name)


def _texts(found: Found, spelled: Mapping[str, str]) -> Values:
    """Values as text; bytes that are none are shown by their numbers, and so are nobody's value."""
    return {
        attribute: tuple(value.decode("utf-8", "backslashreplace") for value in found.values[name])
        for name, attribute in spelled.items()
        if name in found.values
    }


def _in_pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
