# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People as they come from a directory server: who is read, who is passed over, and as what."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.entry import Entry
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.root_dse import RootDse
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.search import (
    ENTRY,
    Page,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.reading import (
    PeopleOptions,
    PeopleReader,
)

BASE = "DC=corp,DC=example,DC=com"
GUID = "11111111-2222-3333-4444-555555555555"
Values = Mapping[str, Sequence[bytes]]


class Directory:
    """Gives pages of made-up entries, and notes what it was asked."""

    server = "ldap://dc1"

    def __init__(
        self, things: Mapping[str, Values], whole: Values | None = None, *, is_ad: bool = True
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self._things = things
        self._whole = whole or {}
        self._is_ad = is_ad

    def root_dse(self) -> RootDse:
        return RootDse("", BASE, BASE, "", self._is_ad)

    def read(self, dn: str, _attributes: Sequence[str]) -> Entry:
        return Entry(dn, self._whole)

    def pages(self, base: str, search_filter: str, _attributes: Sequence[str]) -> Iterator[Page]:
        self.asked.append((base, search_filter))
        messages = [_message(dn.encode(), values) for dn, values in self._things.items()]
        ends = [sum(map(len, messages[: place + 1])) for place in range(len(messages))]
        yield Page(b"".join(messages), ends)


def _message(dn: bytes, values: Values) -> bytes:
    listed = b"".join(
        element(
            SEQUENCE,
            element(OCTET_STRING, name.encode())
            + element(SET, b"".join(element(OCTET_STRING, value) for value in held)),
        )
        for name, held in values.items()
    )
    entry = element(OCTET_STRING, dn) + element(SEQUENCE, listed)
    return element(SEQUENCE, integer(1) + element(ENTRY, entry))


def values(**changed: Sequence[bytes]) -> Values:
    """An ordinary person, with some attributes changed; an empty list takes one away."""
    held: dict[str, Sequence[bytes]] = {
        "objectGUID": [uuid.UUID(GUID).bytes_le],
        "sAMAccountName": [b"kim"],
        "userAccountControl": [b"512"],
        "userPrincipalName": [b"kim@corp.local"],
        "mail": [b"kim@contoso.com"],
        **changed,
    }
    return {name: found for name, found in held.items() if found}


def reader(directory: Directory, options: PeopleOptions | None = None) -> PeopleReader:
    return PeopleReader(directory, options or PeopleOptions())  # type: ignore[arg-type]


def test_a_person_is_read_with_all_that_is_compared() -> None:
    thing = values(
        proxyAddresses=[b"smtp:k@contoso.com", b"SMTP:Kim@contoso.com"],
        displayName=["Kim Åberg".encode()],
        mailNickname=[b"kim"],
        userAccountControl=[b"514"],
        msExchHideFromAddressLists=[b"TRUE"],
        **{"mS-DS-ConsistencyGuid": [b"\x01" * 16], "l": [b"Lund"], "sn": [b"x"]},
    )
    ((person,),) = reader(Directory({f"CN=Kim,{BASE}": thing})).pages()
    assert (person.guid, person.dn) == (GUID, f"CN=Kim,{BASE}")
    assert person.user_principal_name == "kim@corp.local"
    assert person.primary_address == "Kim@contoso.com"
    assert person.display_name == "Kim Åberg"
    assert (person.sam_account_name, person.mail_nickname) == ("kim", "kim")
    assert (person.enabled, person.hidden) == (False, True)
    assert person.fields == {"displayName", "l", "sn"}
    assert person.immutable_id == "AQEBAQEBAQEBAQEBAQEBAQ=="


def test_what_is_not_there_is_null() -> None:
    thing = values(userPrincipalName=[], mail=[], userAccountControl=[])
    ((person,),) = reader(Directory({f"CN=Kim,{BASE}": thing})).pages()
    assert person.user_principal_name is None
    assert person.primary_address is None
    assert person.enabled is None
    assert person.consistency_guid is None
    assert person.fields == frozenset()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"objectGUID": [b"short"]}, "objectGUID cannot be read"),
        ({"isCriticalSystemObject": [b"TRUE"]}, "critical system object"),
        ({"sAMAccountName": [b"MSOL_1"]}, "account of directory sync (AAD_, MSOL_)"),
    ],
)
def test_who_is_never_synced_is_counted(changed: Values, reason: str) -> None:
    people = reader(Directory({f"CN=Kim,{BASE}": values(**changed)}))
    assert list(people.pages()) == [[]]
    assert people.skipped == {reason: 1}


def test_who_has_too_many_addresses_for_one_answer_is_read_again() -> None:
    part = values(**{"proxyAddresses;range=0-1499": [b"smtp:a@contoso.com"]})
    whole = values(proxyAddresses=[b"smtp:a@contoso.com", b"SMTP:z@contoso.com"])
    first, last = reader(Directory({f"CN=Kim,{BASE}": part}, whole)).pages()
    assert first == []
    assert last[0].primary_address == "z@contoso.com"


def test_excluded_subtrees_are_left_out_without_being_counted() -> None:
    directory = Directory({f"CN=Kim,OU=Leavers,{BASE}": values(), f"CN=Leavers,{BASE}": values()})
    people = reader(directory, PeopleOptions(exclude=(f"OU=Leavers,{BASE}",)))
    assert [person.dn for page in people.pages() for person in page] == [f"CN=Leavers,{BASE}"]
    assert not people.skipped


def test_nobody_is_read_twice_though_bases_overlap() -> None:
    directory = Directory({})
    bases = (f"OU=A,OU=B,{BASE}", f"ou=b,{BASE}", f"OU=B,{BASE}", f"OU=C,{BASE}")
    list(reader(directory, PeopleOptions(bases=bases)).pages())
    assert [base for base, _filter in directory.asked] == [
        f"ou=b,{BASE}".lower(),
        f"ou=c,{BASE}".lower(),
    ]


@pytest.mark.parametrize(
    ("is_ad", "expected"),
    [
        (
            True,
            "(&(&(|(objectClass=user)(objectClass=inetOrgPerson))(!(objectClass=computer)))(l=x))",
        ),
        (False, "(&(|(objectClass=user)(objectClass=inetOrgPerson))(l=x))"),
    ],
)
def test_the_filter_is_added_to_our_own(is_ad: bool, expected: str) -> None:
    directory = Directory({}, is_ad=is_ad)
    list(reader(directory, PeopleOptions(search_filter="(l=x)")).pages())
    assert directory.asked == [(BASE.lower(), expected)]


def test_what_is_not_ldap_is_told_as_that() -> None:
    class Broken(Directory):
        def pages(self, *_asked: object) -> Iterator[Page]:
            yield Page(b"\x30\x03\x02\x01", (4,))

    with pytest.raises(NotUnderstood, match="not LDAP"):
        list(reader(Broken({})).pages())
