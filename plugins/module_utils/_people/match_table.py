# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everybody of two systems in a database without a name, where they are joined.

A hundred thousand people twice do not have to fit in memory: SQLite keeps on disk what is too much.
Nobody else can open the file, and it is gone with this process, however that ends. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from types import TracebackType
from typing import Any, Generic, TypeAlias, TypeVar

from .._attribute_rules.addresses import address_key
from .._errors import InvalidInput
from .._users.model import User
from .matching import Duplicate, Match, Matched, MatchedBy
from .model import DirectoryPerson, claimed_addresses, same_address

Thing = TypeVar("Thing")
_Row: TypeAlias = tuple[Any, ...]
_Claim: TypeAlias = tuple[str, bool, int]

IN_MEMORY = ":memory:"
ON_DISK = ""
_CACHE_KILOBYTES = 16_000
# How many of those who have an address too, or who fit too, are told.
_MOST_TOLD = 5

# `number` counts from 1 in each of the two systems. A party is somebody who is known by now to be
# one: the person's number, or for users who are nobody in the directory the number below zero.
_SETTINGS = f"""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -{_CACHE_KILOBYTES};
"""
_TABLES = """
CREATE TABLE person (
    number INTEGER PRIMARY KEY, anchor TEXT, address TEXT, name TEXT, label TEXT, data BLOB
);
CREATE TABLE user (
    number INTEGER PRIMARY KEY, anchor TEXT, address TEXT, name TEXT, label TEXT, data BLOB
);
CREATE TABLE claim (address TEXT, in_cloud INTEGER, number INTEGER);
"""
_ADD_PERSON = "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?)"
_ADD_USER = "INSERT INTO user VALUES (?, ?, ?, ?, ?, ?)"
_ADD_CLAIM = "INSERT INTO claim VALUES (?, ?, ?)"
_FORGET_PEOPLE = "DELETE FROM person; DELETE FROM claim WHERE NOT in_cloud;"

_HARD = """
CREATE INDEX user_anchor ON user (anchor) WHERE anchor IS NOT NULL;
CREATE TABLE candidate (person INTEGER, user INTEGER, is_hard INTEGER);
INSERT INTO candidate
    SELECT person.number, user.number, 1
    FROM person JOIN user ON user.anchor = person.anchor;
"""

# Sync joins by address or name only whom it has not joined yet.
_SOFT = """
CREATE TABLE free_person AS
    SELECT number, address, name FROM person
    WHERE number NOT IN (SELECT person FROM candidate);
CREATE TABLE free_user AS
    SELECT number, address, name FROM user
    WHERE anchor IS NULL AND number NOT IN (SELECT user FROM candidate);
CREATE INDEX free_user_address ON free_user (address) WHERE address IS NOT NULL;
CREATE INDEX free_user_name ON free_user (name) WHERE name IS NOT NULL;
INSERT INTO candidate
    SELECT free_person.number, free_user.number, 0
    FROM free_person JOIN free_user ON free_user.address = free_person.address
    UNION
    SELECT free_person.number, free_user.number, 0
    FROM free_person JOIN free_user ON free_user.name = free_person.name;
"""

_PAIRS = """
CREATE INDEX candidate_person ON candidate (person);
CREATE INDEX candidate_user ON candidate (user);
CREATE TABLE pair (person INTEGER PRIMARY KEY, user INTEGER, is_hard INTEGER);
INSERT INTO pair
    SELECT person, user, is_hard FROM candidate
    WHERE person IN (SELECT person FROM candidate GROUP BY person HAVING COUNT(*) = 1)
        AND user IN (SELECT user FROM candidate GROUP BY user HAVING COUNT(*) = 1);
CREATE INDEX pair_user ON pair (user);
"""

_DUPLICATES = """
CREATE TABLE shared AS
    SELECT address FROM (
        SELECT claim.address,
            CASE WHEN in_cloud THEN COALESCE(pair.person, -number) ELSE number END AS party
        FROM claim LEFT JOIN pair ON in_cloud AND pair.user = number
    )
    GROUP BY address HAVING MIN(party) <> MAX(party);
CREATE UNIQUE INDEX shared_address ON shared (address);
CREATE TABLE holder AS
    SELECT claim.address, in_cloud, number,
        CASE WHEN in_cloud THEN COALESCE(pair.person, -number) ELSE number END AS party
    FROM shared JOIN claim ON claim.address = shared.address
        LEFT JOIN pair ON in_cloud AND pair.user = number;
CREATE INDEX holder_address ON holder (address);
CREATE INDEX holder_party ON holder (party);
"""

_PEOPLE = """
SELECT person.number, person.data, user.data, pair.is_hard
FROM person LEFT JOIN pair ON pair.person = person.number LEFT JOIN user ON user.number = pair.user
ORDER BY person.number
"""
_OTHER_USERS = """
SELECT number, data FROM user
WHERE NOT EXISTS (SELECT 1 FROM pair WHERE pair.user = user.number) ORDER BY number
"""
_CANDIDATES_OF_PERSON = """
SELECT label FROM candidate JOIN user ON user.number = candidate.user
WHERE candidate.person = ? ORDER BY user.number LIMIT ?
"""
_CANDIDATES_OF_USER = """
SELECT label FROM candidate JOIN person ON person.number = candidate.person
WHERE candidate.user = ? ORDER BY person.number LIMIT ?
"""
_ADDRESSES_OF_PARTY = "SELECT DISTINCT address FROM holder WHERE party = ? ORDER BY address"
_HOLDERS = """
SELECT DISTINCT COALESCE(person.label, user.label)
FROM holder
    LEFT JOIN person ON NOT in_cloud AND person.number = holder.number
    LEFT JOIN user ON in_cloud AND user.number = holder.number
WHERE holder.address = ? AND holder.party <> ?
ORDER BY in_cloud, holder.number LIMIT ?
"""


class MatchTable:
    """A context manager: add everybody, then ask once who is who. Use it in one thread.

    Every method raises `InvalidInput` if there is no room for the file.
    """

    def __init__(self, place: str = ON_DISK) -> None:
        self._people = 0
        self._users = 0
        with _told_as_lack_of_room():
            self._database = sqlite3.connect(place)
            self._database.executescript(_SETTINGS + _TABLES)

    def __enter__(self) -> MatchTable:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    @property
    def people(self) -> int:
        """How many people of the directory were added."""
        return self._people

    @property
    def users(self) -> int:
        """How many users of the cloud were added."""
        return self._users

    def add_people(self, people: Iterable[DirectoryPerson]) -> None:
        """Add people of the directory, in the order in which they are to be told."""
        rows: list[_Row] = []
        claims: list[_Claim] = []
        for number, person in enumerate(people, self._people + 1):
            name, address = person.user_principal_name, person.primary_address
            rows.append(
                _row(number, person.immutable_id, address, name, person.dn, _PERSON.dump(person))
            )
            claims += ((claimed, False, number) for claimed in claimed_addresses(person))
        self._add(_ADD_PERSON, rows, claims)
        self._people += len(rows)

    def add_users(self, users: Iterable[User]) -> None:
        """Add users of the cloud, in the order in which they are to be told."""
        rows: list[_Row] = []
        claims: list[_Claim] = []
        for number, user in enumerate(users, self._users + 1):
            name, anchor = user.user_principal_name, user.on_premises_immutable_id
            rows.append(_row(number, anchor, user.primary_address, name, name, _USER.dump(user)))
            claims += ((claimed, True, number) for claimed in claimed_addresses(user))
        self._add(_ADD_USER, rows, claims)
        self._users += len(rows)

    def forget_people(self) -> None:
        """Forget the people of the directory, who are read again."""
        with _told_as_lack_of_room():
            self._database.executescript(_FORGET_PEOPLE)
        self._people = 0

    def matches(self) -> Iterator[Match]:
        """Everybody once, see `matching.match`. Ask once, after everybody was added."""
        with _told_as_lack_of_room():
            self._database.executescript(_HARD + _SOFT + _PAIRS + _DUPLICATES)
            for number, person, user, is_hard in self._database.execute(_PEOPLE):
                joined = None if user is None else _USER.load(user)
                yield self._match_of_person(number, _PERSON.load(person), joined, is_hard)
            for number, user in self._database.execute(_OTHER_USERS):
                yield self._match_of_user(number, _USER.load(user))

    def _add(self, statement: str, rows: list[_Row], claims: list[_Claim]) -> None:
        with _told_as_lack_of_room():
            self._database.executemany(statement, rows)
            self._database.executemany(_ADD_CLAIM, claims)

    def _match_of_person(
        self, number: int, person: DirectoryPerson, user: User | None, is_hard: int | None
    ) -> Match:
        duplicates = self._duplicates(number)
        if user is not None:
            matched = Matched.HARD if is_hard else Matched.SOFT
            return Match(matched, person, user, _matched_by(matched, person, user), (), duplicates)
        candidates = self._texts(_CANDIDATES_OF_PERSON, number, _MOST_TOLD)
        matched = Matched.AMBIGUOUS if candidates else Matched.ONLY_IN_DIRECTORY
        return Match(matched, person, None, None, candidates, duplicates)

    def _match_of_user(self, number: int, user: User) -> Match:
        candidates = self._texts(_CANDIDATES_OF_USER, number, _MOST_TOLD)
        matched = Matched.AMBIGUOUS if candidates else Matched.ONLY_IN_CLOUD
        return Match(matched, None, user, None, candidates, self._duplicates(-number))

    def _duplicates(self, party: int) -> tuple[Duplicate, ...]:
        return tuple(
            Duplicate(address, self._texts(_HOLDERS, address, party, _MOST_TOLD))
            for address in self._texts(_ADDRESSES_OF_PARTY, party)
        )

    def _texts(self, question: str, *values: object) -> tuple[str, ...]:
        return tuple(text for (text,) in self._database.execute(question, values))


def match(people: Iterable[DirectoryPerson], users: Iterable[User]) -> Iterator[Match]:
    """Everybody once: first the people of the directory in their order, each with the user of the
    cloud if there is one; then the users that are left, in theirs.

    All in memory, for some thousands. `users` should be all members of the tenant, and `people` all
    of the directory that are synced to it: who is left out is not found, and cannot make a match
    ambiguous.
    """
    with MatchTable(IN_MEMORY) as table:
        table.add_people(people)
        table.add_users(users)
        yield from table.matches()


def _row(
    number: int, anchor: str | None, address: str | None, name: str | None, label: str, data: bytes
) -> _Row:
    keys = (None if text is None else address_key(text) for text in (address, name))
    return (number, anchor, *keys, label, data)


class _Spool(Generic[Thing]):
    """Turns the objects of a dataclass into bytes and back.

    What pickle does by itself with frozen dataclasses takes several times as long.
    """

    def __init__(self, kind: Callable[..., Thing]) -> None:
        self._kind = kind
        self._values = attrgetter(*kind.__annotations__)

    def dump(self, thing: Thing) -> bytes:
        return pickle.dumps(self._values(thing), pickle.HIGHEST_PROTOCOL)

    def load(self, data: bytes) -> Thing:
        """What `dump` kept. Nobody else could have written into the file."""
        return self._kind(*pickle.loads(data))  # noqa: S301


_PERSON = _Spool(DirectoryPerson)
_USER = _Spool(User)


def _matched_by(matched: Matched, person: DirectoryPerson, user: User) -> MatchedBy:
    if matched is Matched.HARD:
        return MatchedBy.IMMUTABLE_ID
    address = person.primary_address
    if address is not None and same_address(address, user.primary_address):
        return MatchedBy.PRIMARY_ADDRESS
    return MatchedBy.SIGN_IN_NAME


@contextmanager
def _told_as_lack_of_room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise InvalidInput(
            "What was read of the two systems cannot be kept in a temporary file",
            subject=tempfile.gettempdir(),
            answer=str(error),
            advice="Set TMPDIR to a folder with room for about two kilobytes for each person.",
        ) from error
