# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who in the directory is who in the cloud: never guessed, and never anybody twice."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._people.match_table import (
    MatchTable,
    match,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.matching import (
    Duplicate,
    Match,
    Matched,
    MatchedBy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.model import (
    DirectoryPerson,
    claimed_addresses,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.names import (
    name_key,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User

FIRST = "11111111-2222-3333-4444-555555555555"
SECOND = "66666666-7777-8888-9999-aaaaaaaaaaaa"


def anchor_of(guid: str) -> str:
    """The immutable id that sync makes of an objectGUID."""
    return base64.b64encode(uuid.UUID(guid).bytes_le).decode()


def person(guid: str, name: str | None, mail: str | None = None, *more: str) -> DirectoryPerson:
    """Somebody in the directory, whose DN has the first digit of the id."""
    return DirectoryPerson(guid, f"CN={guid[0]}", name, mail, more)


def user(name: str, anchor: str | None = None, mail: str | None = None, *more: str) -> User:
    """Somebody in the cloud."""
    return User(name, name, mail=mail, on_premises_immutable_id=anchor, proxy_addresses=tuple(more))


def only(matches: Sequence[Match]) -> Match:
    """The one match that there is."""
    (found,) = matches
    return found


def test_the_immutable_id_counts_before_every_name() -> None:
    """An address that somebody else has as well does not matter then."""
    found = list(
        match(
            [person(FIRST, "anna@corp.test", "anna@contoso.test")],
            [
                user("anna@contoso.test", None, "anna@contoso.test"),
                user("other@contoso.test", anchor_of(FIRST)),
            ],
        )
    )
    assert [(each.matched, each.by) for each in found] == [
        (Matched.HARD, MatchedBy.IMMUTABLE_ID),
        (Matched.ONLY_IN_CLOUD, None),
    ]
    joined = found[0].user
    assert joined is not None
    assert joined.id == "other@contoso.test"


def test_the_consistency_guid_takes_the_place_of_the_object_guid() -> None:
    """As sync has it since Entra Connect 1.1.524."""
    moved = DirectoryPerson(FIRST, "CN=1", consistency_guid=uuid.UUID(SECOND).bytes_le)
    found = only(list(match([moved], [user("a@contoso.test", anchor_of(SECOND))])))
    assert found.matched is Matched.HARD
    alone, other = match([moved], [user("a@contoso.test", anchor_of(FIRST))])
    assert (alone.matched, other.matched) == (Matched.ONLY_IN_DIRECTORY, Matched.ONLY_IN_CLOUD)


@pytest.mark.parametrize(
    ("who", "by"),
    [
        (user("other@contoso.test", None, "Anna@Contoso.test"), MatchedBy.PRIMARY_ADDRESS),
        (
            user("x@contoso.test", None, "x@contoso.test", "SMTP:anna@contoso.test"),
            MatchedBy.PRIMARY_ADDRESS,
        ),
        (user("ANNA@corp.test"), MatchedBy.SIGN_IN_NAME),
    ],
)
def test_who_is_not_joined_is_found_by_address_or_name(who: User, by: MatchedBy) -> None:
    """Which is told as what it is."""
    found = only(list(match([person(FIRST, "anna@corp.test", "anna@contoso.test")], [who])))
    assert (found.matched, found.by) == (Matched.SOFT, by)


def test_who_is_joined_with_somebody_else_is_not_found_by_address() -> None:
    """Sync would not join them either; that both have the address is told."""
    found = list(
        match(
            [person(FIRST, "anna@corp.test", "anna@contoso.test")],
            [user("anna@contoso.test", anchor_of(SECOND))],
        )
    )
    assert [each.matched for each in found] == [Matched.ONLY_IN_DIRECTORY, Matched.ONLY_IN_CLOUD]
    assert found[0].duplicates == (Duplicate("anna@contoso.test", ("anna@contoso.test",)),)
    assert found[1].duplicates == (Duplicate("anna@contoso.test", ("CN=1",)),)


def test_nobody_is_chosen_among_several() -> None:
    """One by the name, another by the address: both are told."""
    found = list(
        match(
            [person(FIRST, "anna@corp.test", "anna@contoso.test")],
            [user("anna@corp.test"), user("x@contoso.test", None, "anna@contoso.test")],
        )
    )
    assert [each.matched for each in found] == [Matched.AMBIGUOUS] * 3
    assert found[0].candidates == ("anna@corp.test", "x@contoso.test")
    assert found[1].candidates == found[2].candidates == ("CN=1",)


def test_two_people_who_fit_one_user_are_both_told() -> None:
    """The first one synced would win, and nobody knows which that is."""
    found = list(
        match(
            [person(FIRST, "a@corp.test", "a@contoso.test"), person(SECOND, "a@contoso.test")],
            [user("a@contoso.test", None, "a@contoso.test")],
        )
    )
    assert [each.matched for each in found] == [Matched.AMBIGUOUS] * 3


def test_an_address_on_both_sides_of_one_person_is_no_duplicate() -> None:
    """Nor is one that the person has in several attributes."""
    found = only(
        list(
            match(
                [person(FIRST, "a@contoso.test", "a@contoso.test", "SMTP:A@contoso.test")],
                [user("a@contoso.test", anchor_of(FIRST), "a@contoso.test", "SMTP:a@contoso.test")],
            )
        )
    )
    assert found.duplicates == ()


def test_at_most_five_holders_are_told() -> None:
    """A result with thousands of names helps nobody."""
    everybody = [
        DirectoryPerson(str(uuid.UUID(int=number)), f"CN={number}", mail="all@contoso.test")
        for number in range(9)
    ]
    found = list(match(everybody, []))
    assert found[0].duplicates == (
        Duplicate("all@contoso.test", tuple(f"CN={number}" for number in range(1, 6))),
    )


def test_people_who_are_read_again_are_there_once() -> None:
    """After a connection broke, the users of the cloud are kept."""
    with MatchTable() as table:
        table.add_users([user("a@contoso.test", anchor_of(SECOND))])
        table.add_people([person(FIRST, "a@contoso.test")])
        table.forget_people()
        table.add_people([person(SECOND, "a@contoso.test")])
        assert (table.people, table.users) == (1, 1)
        found = only(list(table.matches()))
    assert found.matched is Matched.HARD
    assert found.duplicates == ()


def test_a_file_that_cannot_be_made_is_told_as_lack_of_room() -> None:
    """And not as SQLite's own error."""
    with pytest.raises(InvalidInput, match="TMPDIR"):
        MatchTable("/proc/no-such-folder/people")


# Few values, so that everything happens often.
_GUIDS = st.sampled_from([str(uuid.UUID(int=number)) for number in range(1, 5)])
_NAMES = st.sampled_from(["a@x.test", "A@x.test", "b@x.test", "c@y.test", "d@y.test"])
_PEOPLE = st.lists(
    st.builds(
        DirectoryPerson,
        guid=_GUIDS,
        dn=st.uuids().map(str),
        user_principal_name=st.none() | _NAMES,
        mail=st.none() | _NAMES,
        proxy_addresses=st.lists(_NAMES.map("SMTP:{}".format), max_size=1).map(tuple),
        consistency_guid=st.none() | _GUIDS.map(lambda guid: uuid.UUID(guid).bytes_le),
    ),
    max_size=6,
)
_USERS = st.lists(
    st.builds(
        User,
        id=st.uuids().map(str),
        user_principal_name=_NAMES,
        mail=st.none() | _NAMES,
        on_premises_immutable_id=st.none() | _GUIDS.map(anchor_of),
    ),
    max_size=6,
)


@given(_PEOPLE, _USERS)
def test_it_is_as_one_would_do_it_by_hand(people: list[DirectoryPerson], users: list[User]) -> None:
    """Held against the rules in plain words, which take quadratic time."""
    found = list(match(people, users))
    pairs = _pairs_by_hand(people, users)
    assert [each.person for each in found if each.person is not None] == people
    assert sorted(each.user.id for each in found if each.user is not None) == sorted(
        each.id for each in users
    )
    told = {
        (each.person.dn, each.user.id) for each in found if each.person and each.user is not None
    }
    assert told == pairs
    for each in found:
        assert {duplicate.address for duplicate in each.duplicates} == _shared_by_hand(each, found)


def _pairs_by_hand(people: list[DirectoryPerson], users: list[User]) -> set[tuple[str, str]]:
    hard = {
        (one.dn, other.id)
        for one in people
        for other in users
        if other.on_premises_immutable_id == one.immutable_id
    }
    soft = {
        (one.dn, other.id)
        for one in people
        for other in users
        if other.on_premises_immutable_id is None
        and one.dn not in {dn for dn, _id in hard}
        and (
            _is_same(one.primary_address, other.primary_address)
            or _is_same(one.user_principal_name, other.user_principal_name)
        )
    }
    possible = hard | soft
    return {
        (dn, identity)
        for dn, identity in possible
        if sum(dn == other for other, _id in possible) == 1
        and sum(identity == other for _dn, other in possible) == 1
    }


def _is_same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and name_key(one) == name_key(other)


def _claims(each: Match) -> frozenset[str]:
    sides = (side for side in (each.person, each.user) if side is not None)
    return frozenset(claim for side in sides for claim in claimed_addresses(side))


def _shared_by_hand(each: Match, found: list[Match]) -> set[str]:
    others = (other for other in found if other is not each)
    return {claim for other in others for claim in _claims(other) & _claims(each)}
