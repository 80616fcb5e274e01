# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant: who they are, what accounts they own, and how to find one of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from . import conversion

# How a guest signs in, by the names that the collection has for it.
SignInMethod = Literal[
    "one_time_passcode",
    "entra_managed",
    "entra_viral",
    "entra_unresolved",
    "microsoft_account",
    "google",
    "facebook",
    "federated",
    "not_redeemed",
    "internal",
    "unknown",
]

# What people may own elsewhere; ``federated`` is one at a partner's SAML or WS-Federation server.
AccountKind = Literal[
    "entra_managed", "entra_viral", "microsoft_account", "google", "facebook", "federated"
]

PENDING = "PendingAcceptance"
ACCEPTED = "Accepted"

# The issuer that Graph names for each method. Those of partners, of the tenant itself and the
# unknown ones are told by the user.
ISSUERS: dict[SignInMethod, str] = {
    "one_time_passcode": "mail",
    "entra_managed": "ExternalAzureAD",
    "entra_viral": "ExternalAzureAD",
    "entra_unresolved": "ExternalAzureAD",
    "microsoft_account": "MicrosoftAccount",
    "google": "google.com",
    "facebook": "facebook.com",
}


AssignmentState = Literal["Active", "ActiveWithError", "Disabled", "Error"]
AssignmentError = Literal[
    "None",
    "CountViolation",
    "MutuallyExclusiveViolation",
    "DependencyViolation",
    "ProhibitedInUsageLocationViolation",
    "UniquenessViolation",
    "Other",
]


@dataclass(frozen=True, slots=True)
class LicenseAssignment:
    """A licence of a user: ``by_group`` is the id of the group it comes from, None if it is direct.

    Ids are lower case, ``disabled_plans`` sorted.
    """

    sku_id: str
    disabled_plans: list[str] = field(default_factory=list)
    by_group: str | None = None
    state: AssignmentState = "Active"
    error: AssignmentError = "None"
    updated: str = "2022-02-02T07:00:00Z"

    @property
    def is_active(self) -> bool:
        """Whether it takes a seat."""
        return self.state in ("Active", "ActiveWithError")


@dataclass(frozen=True, slots=True)
class OnPremises:
    """Where a user comes from: ``is_synced`` is false for one who was synchronised formerly.

    Someone without any of this never was. ``immutable_id`` is base64, whose case counts.
    """

    is_synced: bool = True
    immutable_id: str | None = None
    user_principal_name: str | None = None
    sam_account_name: str | None = None
    distinguished_name: str | None = None
    domain_name: str | None = None
    security_identifier: str | None = None
    last_sync: str | None = None


@dataclass(slots=True)
class User:
    """A user; ``creation_type`` is EmailVerified for those who signed up by themselves.

    ``details`` are the texts of the address list by Graph's names (``givenName``, ``department``;
    ``businessPhones`` has the one there may be); None means a name derived from the display name
    and nothing else. ``proxy_addresses`` are as Exchange writes them, ``SMTP:`` being the primary.
    ``immutable_id`` of a user without ``on_premises`` was given by hand. ``password`` is None if
    nobody has set one here, and ``password_changed`` is when somebody did.

    ``external_user_state``, ``state_changed`` and ``issuer`` are what Graph shows of a guest's
    redemption. ``accounts`` (what the person really owns) and ``signs_in`` (how a guest gets in)
    are the truth, which only the lab's own door shows. ``deleted`` is when a user was deleted
    softly.

    A list here is replaced as a whole, never changed in place: copies of a user share it.
    """

    id: str
    display_name: str
    user_principal_name: str
    mail: str | None
    created: str
    user_type: Literal["Member", "Guest"] = "Member"
    creation_type: str | None = None
    account_enabled: bool = True
    other_mails: list[str] = field(default_factory=list)
    preferred_language: str | None = None
    external_user_state: str | None = None
    state_changed: str | None = None
    issuer: str | None = None
    accounts: list[AccountKind] = field(default_factory=list)
    signs_in: SignInMethod | None = None
    deleted: str | None = None
    mail_nickname: str | None = None
    usage_location: str | None = None
    details: dict[str, str] | None = None
    proxy_addresses: list[str] = field(default_factory=list)
    licenses: list[LicenseAssignment] = field(default_factory=list)
    on_premises: OnPremises | None = None
    immutable_id: str | None = None
    password: str | None = None
    must_change_password: bool = False
    password_changed: str | None = None

    @property
    def shown_name(self) -> str:
        """The user principal name; before that of the deleted is the id, so that others may have
        it."""
        prefix = "" if self.deleted is None else self.id.replace("-", "")
        return f"{prefix}{self.user_principal_name}"

    @property
    def is_synced(self) -> bool:
        """Whether the directory is the user's master."""
        return self.on_premises is not None and self.on_premises.is_synced

    @property
    def anchor(self) -> str | None:
        """The immutable id, wherever it comes from."""
        if self.on_premises is not None and self.on_premises.immutable_id is not None:
            return self.on_premises.immutable_id
        return self.immutable_id

    @property
    def seats(self) -> set[str]:
        """The ids of the SKUs of which the user takes a seat: one, however often assigned."""
        return {one.sku_id for one in self.licenses if one.is_active}

    @property
    def mail_addresses(self) -> set[str]:
        """All addresses at which the user gets mail, in lower case."""
        found = {plain_address(entry) for entry in self.proxy_addresses}
        return found | ({self.mail.casefold()} if self.mail else set())

    @property
    def addresses(self) -> list[str]:
        """The addresses with which the user may be invited; the first is the usual one."""
        return [*([self.mail] if self.mail else []), *self.other_mails]

    @property
    def address(self) -> str | None:
        """The usual address, if the user has one."""
        return self.addresses[0] if self.addresses else None


class Users:
    """The users of one tenant, in the order in which they came.

    A user keeps a place for as long as the cloud runs, also when deleted: a link to a next page
    names a place, so that nobody is missed because another user went away meanwhile.
    """

    def __init__(self, users: Iterable[User] = ()) -> None:
        self._places: list[User | None] = []
        self._place_of: dict[str, int] = {}
        self._by_name: dict[str, list[User]] | None = None
        self._seats: Counter[str] | None = None
        for user in users:
            self.add(user)

    def __iter__(self) -> Iterator[User]:
        return (user for user in self._places if user is not None)

    def __len__(self) -> int:
        return sum(user is not None for user in self._places)

    def add(self, user: User) -> int:
        """Append a user, or bring a deleted one back to its place; return the place."""
        place = self._place_of.setdefault(user.id.casefold(), len(self._places))
        if place == len(self._places):
            self._places.append(user)
        else:
            self._places[place] = user
        self._index(user)
        return place

    def remove(self, user: User) -> int:
        """Take a user away; return the place, which stays empty."""
        place = self._place_of[user.id.casefold()]
        self._places[place] = None
        self._unindex(user)
        return place

    def update(self, user: User, **values: Any) -> int:
        """Set some fields of a user; return its place."""
        self._unindex(user)
        for name, value in values.items():
            setattr(user, name, value)
        self._index(user)
        return self._place_of[user.id.casefold()]

    def at(self, start: int) -> Iterator[tuple[int, User | None]]:
        """Yield the places from ``start`` on, with who is there."""
        for place in range(start, len(self._places)):
            yield place, self._places[place]

    def who_is_at(self, place: int) -> User | None:
        """Return who is at a place, if anybody is."""
        return self._places[place]

    def places_of(self, names: Collection[str]) -> set[int]:
        """Return the places of who is told by ids, names or addresses (lower case)."""
        found = {self._place_of[name] for name in names if name in self._place_of}
        for name in names:
            found.update(self._place_of[user.id.casefold()] for user in self._named(name))
        return found

    def place(self, identifier: str) -> int | None:
        """Return the place that the user with this id has or had."""
        return self._place_of.get(identifier.casefold())

    def forget_names(self) -> None:
        """Anything may have changed behind the back: find out anew who has what."""
        self._by_name = None
        self._seats = None

    def seats_taken(self, sku_id: str) -> int:
        """Return how many users take a seat of a SKU."""
        if self._seats is None:
            self._seats = Counter(sku for user in self for sku in user.seats)
        return self._seats[sku_id]

    def find(self, identifier: str) -> User | None:
        """Return the user with this id or user principal name, any case."""
        wanted = identifier.casefold()
        place = self._place_of.get(wanted)
        if place is not None:
            return self._places[place]
        for user in self._named(wanted):
            if user.user_principal_name.casefold() == wanted:
                return user
        return None

    def with_address(self, address: str) -> list[User]:
        """Return who has a mail address, as the usual one or another; any case."""
        wanted = address.casefold()
        return [
            user
            for user in self._named(wanted)
            if wanted in (entry.casefold() for entry in user.addresses)
        ]

    def with_mail_address(self, address: str) -> list[User]:
        """Return who gets the mail of an address, primary or not; any case."""
        wanted = address.casefold()
        return [user for user in self._named(wanted) if wanted in user.mail_addresses]

    def with_anchor(self, immutable_id: str) -> list[User]:
        """Return who has an immutable id; its case counts."""
        return list(self._named(_anchor_key(immutable_id)))

    def _named(self, wanted: str) -> list[User]:
        if self._by_name is None:
            self._by_name = {}
            for user in self:
                self._index_names(user)
        return self._by_name.get(wanted, [])

    def _index(self, user: User) -> None:
        self._index_names(user)
        if self._seats is not None:
            self._seats.update(user.seats)

    def _index_names(self, user: User) -> None:
        if self._by_name is not None:
            for name in _names(user):
                self._by_name.setdefault(name, []).append(user)

    def _unindex(self, user: User) -> None:
        if self._by_name is not None:
            for name in _names(user):
                self._by_name[name] = [one for one in self._by_name[name] if one is not user]
        if self._seats is not None:
            self._seats.subtract(user.seats)


class VisibleUsers:
    """The users as readers see them: without the writes that have not replicated yet.

    ``hidden`` has who was at a place before them, None for nobody.
    """

    def __init__(self, users: Users, hidden: Mapping[int, User | None]) -> None:
        self._users = users
        self._hidden = hidden

    def at(self, start: int) -> Iterator[tuple[int, User]]:
        """Yield the users from a place on, each with its place."""
        for place, user in self._users.at(start):
            seen = self._hidden.get(place, user)
            if seen is not None:
                yield place, seen

    def among(self, names: Collection[str] | None, start: int) -> Iterator[tuple[int, User]]:
        """Yield from a place on who may have one of these ids, names or addresses (lower case).

        That is everybody if none are told.
        """
        if names is None:
            yield from self.at(start)
            return
        # Who has another name since, may be seen under the old one.
        places = self._users.places_of(names) | self._hidden.keys()
        for place in sorted(place for place in places if place >= start):
            user = self._hidden.get(place, self._users.who_is_at(place))
            if user is not None:
                yield place, user

    def find(self, identifier: str) -> User | None:
        """Return the user with this id or user principal name, any case."""
        user = self._users.find(identifier)
        place = self._users.place(identifier if user is None else user.id)
        return user if place is None else self._hidden.get(place, user)


def plain_address(proxy_address: str) -> str:
    """Return the address of ``SMTP:anna@contoso.test`` in lower case, without its kind."""
    return proxy_address.partition(":")[2].casefold() or proxy_address.casefold()


def _names(user: User) -> set[str]:
    return {
        user.user_principal_name.casefold(),
        user.shown_name.casefold(),
        *map(str.casefold, user.addresses),
        *user.mail_addresses,
        *([_anchor_key(user.anchor)] if user.anchor is not None else []),
    }


def _anchor_key(immutable_id: str) -> str:
    # No name or address has a blank in it.
    return f"immutable id {immutable_id}"


def _users_to_json(users: Users) -> list[Any]:
    return [conversion.to_json(user) for user in users]


def _users_from_json(value: object) -> Users:
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list of users")
    return Users(conversion.from_json(entry, User) for entry in value)


conversion.teach(Users, _users_to_json, _users_from_json)
