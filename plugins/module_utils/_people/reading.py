# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people of a directory, read page by page.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._attribute_rules.attributes import ADDRESS_LIST_FIELDS
from .._attribute_rules.model import ObjectClass
from .._attribute_scan import skips
from .._attribute_scan.forest import is_below
from .._attribute_scan.scope import ScopeOptions
from .._ldap.connection import Directory
from .._ldap.wire.ber import NotBer
from .._ldap.wire.channel import not_ldap
from .._ldap.wire.entries import Attributes, RawAttributes, decoded, entries
from .model import DirectoryPerson

_CONSISTENCY_GUID = "mS-DS-ConsistencyGuid"
_READ = (
    "objectGUID",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "sAMAccountName",
    "displayName",
    "mailNickname",
    _CONSISTENCY_GUID,
    "userAccountControl",
    "msExchHideFromAddressLists",
)
ATTRIBUTES = tuple(dict.fromkeys((*_READ, *skips.ATTRIBUTES, *ADDRESS_LIST_FIELDS)))
_DECODED = frozenset(name.encode("ascii") for name in (*_READ, *skips.ATTRIBUTES))
_FIELDS = frozenset(ADDRESS_LIST_FIELDS)
# Servers without a class in their schema take its absence for unknown.
_USER = "(|(objectClass=user)(objectClass=inetOrgPerson))"
_NO_COMPUTER = "(!(objectClass=computer))"
_ACCOUNT_DISABLED = 0x2  # userAccountControl, ADS_UF_ACCOUNTDISABLE
_RANGE = b";range="
_LENGTH_OF_GUID = 16
_NO_GUID = "objectGUID cannot be read"
_NONE: Sequence[bytes] = (b"",)


@dataclass(frozen=True)
class PeopleOptions:
    """Which people are meant, as the operator wrote it: DNs, and a filter (RFC 4515) or null.

    Without `bases`, all of the connected domain.
    """

    bases: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    search_filter: str | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> PeopleOptions:
        """Read the options search_bases, exclude and filter."""
        return cls(
            bases=tuple(parameters["search_bases"] or ()),
            exclude=tuple(parameters["exclude"] or ()),
            search_filter=parameters["filter"] or None,
        )


class PeopleReader:
    """Reads people over one connection, and counts whom it passed over.

    Make a new one to read again. Raises `Refused` for a base that is not there.
    """

    def __init__(self, directory: Directory, options: PeopleOptions) -> None:
        self.skipped: Counter[str] = Counter()
        self._directory = directory
        root = directory.root_dse()
        scope_options = ScopeOptions(
            options.bases, options.exclude, None, frozenset({ObjectClass.USER})
        )
        self._scope = scope_options.resolve(directory, root.default_naming_context)
        classes = f"(&{_USER}{_NO_COMPUTER})" if root.is_active_directory else _USER
        self._filter = f"(&{classes}{options.search_filter or ''})"
        self._known_fields: dict[tuple[bytes, ...], frozenset[str]] = {}

    @property
    def bases(self) -> tuple[str, ...]:
        """Below which DNs people are read, in lower case."""
        return self._scope.bases

    def pages(self) -> Iterator[list[DirectoryPerson]]:
        """The people, as many at a time as the server gives; none twice.

        Raises what `Directory.pages` raises. Nothing else may be asked of the connection meanwhile.
        """
        incomplete: list[bytes] = []
        try:
            for base in _outermost(self._scope.bases):
                for page in self._directory.pages(base, self._filter, ATTRIBUTES):
                    people = [self._person(dn, raw, incomplete) for _n, dn, raw in entries(page)]
                    yield [person for person in people if person is not None]
        except NotBer as error:
            raise not_ldap(self._directory.server, str(error)) from error
        for dn in incomplete:
            yield [self._complete(dn)]

    def _person(
        self, dn: bytes, raw: RawAttributes, incomplete: list[bytes]
    ) -> DirectoryPerson | None:
        """A person of the scope, null for everybody else; who came in part only is noted."""
        if self._scope.exclude and not self._scope.contains(_text(dn)):
            return None
        attributes = decoded(raw, _DECODED)
        reason = skips.reason_to_skip(dn, ObjectClass.USER.value, attributes)
        guid = attributes.get(b"objectGUID", _NONE)[0]
        if reason is None and len(guid) != _LENGTH_OF_GUID:
            reason = _NO_GUID
        if reason is not None:
            self.skipped[reason] += 1
            return None
        if any(_RANGE in name for name in raw):
            incomplete.append(dn)
            return None
        return _person_of(dn, attributes, self._fields(tuple(raw)))

    def _complete(self, dn: bytes) -> DirectoryPerson:
        """A person with so many addresses that they did not come all at once."""
        entry = self._directory.read(dn.decode("utf-8"), ATTRIBUTES)
        values = {name: list(entry.values(name)) for name in ATTRIBUTES}
        attributes = {name.encode("ascii"): found for name, found in values.items() if found}
        return _person_of(dn, attributes, self._fields(tuple(attributes)))

    def _fields(self, names: tuple[bytes, ...]) -> frozenset[str]:
        """Which fields of the address list are among attributes; few sets of these differ."""
        found = self._known_fields.get(names)
        if found is None:
            found = _FIELDS.intersection(name.decode("ascii", "replace") for name in names)
            self._known_fields[names] = found
        return found


def read_directory_people(
    directory: Directory, options: PeopleOptions
) -> Iterator[DirectoryPerson]:
    """Each person; see `PeopleReader` for many thousands, and to know who was passed over."""
    for page in PeopleReader(directory, options).pages():
        yield from page


def _person_of(dn: bytes, attributes: Attributes, fields: frozenset[str]) -> DirectoryPerson:
    def one(name: bytes) -> str | None:
        values = attributes.get(name)
        return _text(values[0]) if values else None

    control = one(b"userAccountControl")
    is_control = control is not None and control.lstrip("-").isdecimal()
    consistency = attributes.get(_CONSISTENCY_GUID.encode("ascii"))
    return DirectoryPerson(
        guid=str(uuid.UUID(bytes_le=attributes[b"objectGUID"][0])),
        dn=_text(dn),
        user_principal_name=one(b"userPrincipalName"),
        mail=one(b"mail"),
        proxy_addresses=tuple(map(_text, attributes.get(b"proxyAddresses", ()))),
        sam_account_name=one(b"sAMAccountName"),
        display_name=one(b"displayName"),
        mail_nickname=one(b"mailNickname"),
        consistency_guid=consistency[0] if consistency else None,
        enabled=not int(control) & _ACCOUNT_DISABLED if control and is_control else None,
        hidden=one(b"msExchHideFromAddressLists") == "TRUE",
        fields=fields,
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _outermost(bases: Sequence[str]) -> list[str]:
    """Bases without those that are below others, or the same, so that nobody is read twice."""
    found: list[str] = []
    for base in sorted(dict.fromkeys(bases), key=len):
        if not any(is_below(base, other) for other in found):
            found.append(base)
    return found
