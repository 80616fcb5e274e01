# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of a tenant's people, whether they are as wanted, and the changes they need. Pure.

Source: Microsoft Graph, resource user, create user, delete user and directory deleted items;
Microsoft, "Prepare for directory synchronization" (the names to sign in with). Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from .._changes.model import Action, Change, JsonValue, System, Value
from .._errors import InvalidInput, JournalUnusable, NotUnderstood, Refused, TenantopsError
from .._sign_in_names.names import flaw_of, name_key, suffix_of

RESOURCE = "user"
"""The kind of thing in changes. `id` is that of `AccountKey`."""
USER = "user"
"""Property: whether there is the account. The value is its name to sign in with, or null."""
DELETED = "deleted_user"
"""Property: the accounts of the name that are deleted and can be restored. A value is an id."""

FIELDS = (
    "id",
    "userPrincipalName",
    "displayName",
    "mail",
    "accountEnabled",
    "userType",
    "usageLocation",
    "createdDateTime",
    "lastPasswordChangeDateTime",
    "onPremisesSyncEnabled",
)
ADDRESS_FIELDS = ("id", "userPrincipalName", "displayName", "mail", "proxyAddresses")

# A new account's first password is as old as the account, give or take what Graph's clocks differ.
_AS_OLD = timedelta(seconds=60)
_USAGE_LOCATION_LETTERS = 2
_FORBIDDEN_IN_NICKNAME = '@()\\[]";:<>, '
_LONGEST_NICKNAME = 64
_IS_TEXT = re.compile("[^\ud800-\udfff]*")
_FIELD_NAMES: Mapping[str, str] = {
    "given_name": "givenName",
    "surname": "surname",
    "department": "department",
    "job_title": "jobTitle",
    "company_name": "companyName",
    "preferred_language": "preferredLanguage",
}
"""What else of an account can be given, and what Graph calls it."""


_LONGEST_TEXTS: Mapping[str, int] = {
    "displayName": 256,
    "givenName": 64,
    "surname": 64,
    "department": 64,
    "jobTitle": 128,
    "companyName": 64,
}


class Presence(StrEnum):
    """Whether the accounts that are named are to be there."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class AccountKey:
    """An account of a tenant, by its name in the form that names are compared in."""

    tenant_id: str
    name: str

    @property
    def id(self) -> str:
        """The id of the account's changes, which it has before there is the account, too."""
        return f"{self.tenant_id} {self.name}"

    @classmethod
    def from_id(cls, identity: str) -> AccountKey:
        """Read what `id` wrote. Raises `JournalUnusable` for anything else."""
        tenant_id, space, name = identity.partition(" ")
        if not (tenant_id and space and "@" in name):
            raise JournalUnusable("The journal names an account in another way", subject=identity)
        return cls(tenant_id, name)


@dataclass(frozen=True)
class WantedAccount:
    """An account as the operator names it.

    `password` is null where one is to be made up. `details` has what else is known of the person,
    by Graph's names. `roles` are as the operator calls them. `also_known_as` are other names, as
    they are compared, under which the account may be there.
    """

    user_principal_name: str
    display_name: str
    mail_nickname: str
    usage_location: str | None = None
    is_enabled: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    also_known_as: tuple[str, ...] = ()
    password: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The name as it is compared, and as changes tell it."""
        return name_key(self.user_principal_name)

    def body(self, password: str, *, force_change: bool) -> dict[str, Any]:
        """The account as Graph takes it."""
        body: dict[str, Any] = {
            "accountEnabled": self.is_enabled,
            "displayName": self.display_name,
            "mailNickname": self.mail_nickname,
            "userPrincipalName": self.user_principal_name,
            **self.details,
            "passwordProfile": {
                "password": password,
                "forceChangePasswordNextSignIn": force_change,
            },
        }
        if self.usage_location is not None:
            body["usageLocation"] = self.usage_location
        return body


def wanted_accounts(entries: Sequence[Mapping[str, Any]]) -> tuple[WantedAccount, ...]:
    """Read the option `users`. Raises `InvalidInput` for what cannot be meant."""
    wanted = tuple(map(_wanted_account, entries))
    check_each_is_named_once(wanted)
    return wanted


def check_each_is_named_once(wanted: Iterable[WantedAccount]) -> None:
    """Raise `InvalidInput` if two of the accounts are one."""
    names: set[str] = set()
    for account in wanted:
        if account.name in names:
            raise InvalidInput(
                f"The name is there twice: {account.user_principal_name}",
                advice="Name each account once.",
            )
        names.add(account.name)


def by_name_of_now(
    account: WantedAccount, found: Mapping[str, Account | None], server: str
) -> WantedAccount:
    """The account by the name that it has, if it is there by one of its other names.

    `found` has who is there by each of its names. Raises `Refused` where there are several.
    """
    if not account.also_known_as:
        return account
    there = {
        each.id: each
        for name in (account.name, *account.also_known_as)
        if (each := found[name]) is not None
    }
    if len(there) > 1:
        raise Refused(
            "More than one account has a name of this person",
            server=server,
            subject=account.user_principal_name,
            answer=", ".join(each.user_principal_name for each in there.values()),
            advice="Delete the one that is not needed, or name the accounts one by one.",
        )
    for each in there.values():
        return replace(account, user_principal_name=each.user_principal_name)
    return account


@dataclass(frozen=True)
class Account:
    """A user as Graph shows one. What Graph does not tell is null."""

    id: str
    user_principal_name: str
    display_name: str | None
    mail: str | None
    is_enabled: bool | None
    user_type: str | None
    usage_location: str | None
    created: datetime | None
    password_changed: datetime | None
    is_synced: bool | None

    @classmethod
    def from_json(cls, entry: Any) -> Account:
        """From Graph's answer to a question for `FIELDS`, which must all be in it.

        Raises `NotUnderstood` for one that is not as documented.
        """
        told = _asked_for(FIELDS, entry)
        names = (
            *("displayName", "mail", "userType", "usageLocation"),
            *("createdDateTime", "lastPasswordChangeDateTime"),
        )
        texts = [told.get(name) for name in names]
        flags = [told.get(name) for name in ("accountEnabled", "onPremisesSyncEnabled")]
        is_understood = (
            all(isinstance(told.get(name), str) for name in ("id", "userPrincipalName"))
            and all(isinstance(text, str | None) for text in texts)
            and all(isinstance(flag, bool | None) for flag in flags)
        )
        if not is_understood:
            raise _not_a_user(entry)
        display_name, mail, user_type, usage_location, created, password_changed = texts
        return cls(
            id=str(told["id"]).lower(),
            user_principal_name=str(told["userPrincipalName"]),
            display_name=display_name,
            mail=mail,
            is_enabled=flags[0],
            user_type=user_type,
            usage_location=usage_location,
            created=_time(created),
            password_changed=_time(password_changed),
            is_synced=flags[1],
        )

    @property
    def has_first_password(self) -> bool:
        """Whether nobody has changed the password since the account was made, as far as is told."""
        if self.created is None or self.password_changed is None:
            return True
        return self.password_changed - self.created < _AS_OLD

    def value(self, name: str) -> str:
        """What a change of the account has before or after it.

        It is the name alone only as long as nobody has set a password of their own: an account that
        was made by us and is in use since is no longer what we made.
        """
        return name if self.has_first_password else f"{name}, in use"


@dataclass(frozen=True)
class DeletedAccount:
    """A user that was deleted and can be restored; `at` is when, as Graph writes times.

    `names` are the name to sign in with and all mail addresses that it had, as they are compared.
    """

    id: str
    user_principal_name: str
    display_name: str | None
    at: str
    names: frozenset[str]

    @classmethod
    def from_json(cls, entry: Any) -> DeletedAccount:
        """From Graph's answer. Raises `NotUnderstood` for one that is not as documented."""
        told = _asked_for(ADDRESS_FIELDS, entry)
        texts = [told.get(name) for name in ("id", "userPrincipalName", "deletedDateTime")]
        display_name = told.get("displayName")
        if not all(isinstance(text, str) for text in texts) or not isinstance(
            display_name, str | None
        ):
            raise _not_a_user(entry)
        identity, user_principal_name, at = map(str, texts)
        # So that the name is free for others, Entra puts the id in front of it.
        name = user_principal_name.removeprefix(identity.replace("-", ""))
        return cls(
            identity.lower(), name, display_name, at, frozenset({name_key(name), *addresses(told)})
        )

    def __str__(self) -> str:
        shown = f" ({self.display_name})" if self.display_name else ""
        return f"{self.user_principal_name}{shown}, id {self.id}, deleted {self.at}"


def addresses(user: Mapping[str, Any]) -> Iterator[str]:
    """The mail addresses of a user as Graph tells one, as they are compared.

    Raises `NotUnderstood` for what is not as documented.
    """
    told = _asked_for(ADDRESS_FIELDS, user)
    mail, listed = told["mail"], told["proxyAddresses"]
    if not isinstance(mail, str | None) or not isinstance(listed, list | None):
        raise _not_a_user(user)
    for entry in (mail, *(listed or ())):
        if entry is None:
            continue
        if not isinstance(entry, str):
            raise _not_a_user(user)
        kind, colon, rest = entry.partition(":")
        if not colon:
            yield name_key(entry)
        elif kind.lower() == "smtp":
            yield name_key(rest)


@dataclass(frozen=True)
class Holders:
    """Who has a name.

    `account` signs in with it. `others` have it among their mail addresses, as they are told to
    people; `deleted` had it in either way, the last one to be deleted first.
    """

    account: Account | None = None
    deleted: tuple[DeletedAccount, ...] = ()
    others: tuple[str, ...] = ()

    def value(self, name: str) -> Value:
        """See `Account.value`; null where there is no account."""
        return None if self.account is None else self.account.value(name)


def creation(key: AccountKey) -> Change:
    """The change that makes an account."""
    return _change(key, USER, Action.CREATE, None, key.name)


def deletion(key: AccountKey, holders: Holders) -> Change:
    """The change that deletes an account so that it can be restored."""
    return _change(key, USER, Action.DELETE, holders.value(key.name), None)


def purge(key: AccountKey, identity: str) -> Change:
    """The change that removes a deleted account for good, by its object id."""
    return _change(key, DELETED, Action.REMOVE, identity, None, reversible=False)


def deleted_with(name: str, deleted: Iterable[DeletedAccount]) -> tuple[DeletedAccount, ...]:
    """Those of the deleted who signed in with a name (as it is compared), the last one first."""
    found = [each for each in deleted if name_key(each.user_principal_name) == name]
    return tuple(sorted(found, key=lambda each: each.at, reverse=True))


@dataclass(frozen=True)
class Suffixes:
    """The domains that a name of the tenant can end in, in lower case."""

    verified: frozenset[str]
    federated: frozenset[str] = frozenset()


def objection(
    account: WantedAccount, holders: Holders, suffixes: Suffixes, server: str
) -> TenantopsError | None:
    """Why an account that is not there cannot be made, as far as that can be known."""
    name = account.user_principal_name
    suffix = suffix_of(name)
    flaw = flaw_of(name)
    if flaw:
        return InvalidInput(
            f"Nobody can sign in with this name: {flaw}",
            server=server,
            subject=name,
            advice="Letters without accents, digits and ' . - _ ! # ^ ~ are allowed before the @.",
        )
    for field_name, text in {"displayName": account.display_name, **account.details}.items():
        if len(text) > _LONGEST_TEXTS.get(field_name, len(text)):
            return InvalidInput(
                f"{field_name} has {len(text)} characters",
                server=server,
                subject=name,
                answer=f"{_LONGEST_TEXTS[field_name]} are allowed",
                advice="Shorten it.",
            )
    if suffix not in suffixes.verified:
        return Refused(
            f"{suffix} is not a verified domain of the tenant",
            server=server,
            subject=name,
            answer=f"verified: {', '.join(sorted(suffixes.verified))}",
            advice="Use one of these, or verify the domain first with entra_domain.",
        )
    if suffix in suffixes.federated:
        return Refused(
            f"{suffix} is a federated domain: accounts in it are made on-premises",
            server=server,
            subject=name,
            advice="Make the account in the directory that is synchronised, or in another domain.",
        )
    if holders.others:
        return Refused(
            "Somebody else has this name as a mail address",
            server=server,
            subject=name,
            answer=", ".join(holders.others),
            advice="Take the address away there, or choose another name.",
        )
    if holders.deleted:
        return Refused(
            "A deleted user holds this name",
            server=server,
            subject=name,
            answer="; ".join(map(str, holders.deleted)),
            advice="Restore that user in the Entra admin center if it is the same person. If "
            "nothing of it is needed any more, remove it for good: name it with state=absent and "
            "purge=true. Or choose another name.",
        )
    return None


def deletion_objection(account: Account, server: str) -> TenantopsError | None:
    """Why an account cannot be deleted here."""
    if account.is_synced:
        return Refused(
            "This user comes from the directory",
            server=server,
            subject=account.user_principal_name,
            advice="Delete the user on-premises: the next synchronisation deletes it here.",
        )
    if account.user_type == "Guest":
        return Refused(
            "This user is a guest",
            server=server,
            subject=account.user_principal_name,
            advice="Remove guests with entra_guest.",
        )
    if account.user_type not in (None, "Member"):
        return NotUnderstood(
            "This user is of a type that this version does not know, so it is left alone",
            server=server,
            subject=account.user_principal_name,
            answer=f"userType {account.user_type}",
            advice="Delete it in the Entra admin center, or update the collection.",
        )
    return None


def told(account: WantedAccount, holders: Holders) -> dict[str, JsonValue]:
    """An account that is left alone, as the task returns it; null is told of one not there."""
    found = holders.account
    return {
        "user_principal_name": account.user_principal_name
        if found is None
        else found.user_principal_name,
        "id": None if found is None else found.id,
        "display_name": None if found is None else found.display_name,
        "account_enabled": None if found is None else found.is_enabled,
        "usage_location": None if found is None else found.usage_location,
    }


def is_country(text: str) -> bool:
    """Whether a text has the form of a country's code in ISO 3166."""
    return len(text) == _USAGE_LOCATION_LETTERS and text.isascii() and text.isalpha()


def _wanted_account(entry: Mapping[str, Any]) -> WantedAccount:
    name = _name(entry["user_principal_name"])
    _check_texts(entry)
    local = name.rpartition("@")[0]
    usage_location = entry["usage_location"]
    if usage_location is not None and not is_country(usage_location):
        raise InvalidInput(
            f"This is not a country's code of two letters: {usage_location!r}",
            subject=name,
            advice="Give usage_location as in ISO 3166, such as SE.",
        )
    nickname = entry["mail_nickname"] or _nickname(local)
    if nickname != _nickname(nickname):
        raise InvalidInput(
            f"This cannot be a mail nickname: {nickname!r}",
            subject=name,
            advice='Use up to 64 characters of ASCII, and none of @()\\[]";:<>, or space.',
        )
    full_name = " ".join(part for part in (entry["given_name"], entry["surname"]) if part)
    details: dict[str, Any] = {
        theirs: entry[ours] for ours, theirs in _FIELD_NAMES.items() if entry[ours]
    }
    if entry["other_mails"]:
        details["otherMails"] = list(entry["other_mails"])
    return WantedAccount(
        user_principal_name=name,
        display_name=entry["display_name"] or full_name or local or name,
        mail_nickname=nickname,
        usage_location=None if usage_location is None else usage_location.upper(),
        is_enabled=entry["account_enabled"],
        details=details,
        roles=tuple(dict.fromkeys(role.strip() for role in entry["roles"] or ())),
        also_known_as=tuple(
            dict.fromkeys(name_key(_name(other)) for other in entry.get("also_known_as") or ())
        ),
        password=entry["password"],
    )


def _name(text: str) -> str:
    """A name that can be asked for; anything else would be an id to Graph, or a list of all."""
    name = text.strip()
    local, at, suffix = name.rpartition("@")
    if not (local and at and suffix) or " " in suffix:
        raise InvalidInput(
            f"This is not a name to sign in with: {text!r}",
            advice="Give the user principal name, such as kim@contoso.com.",
        )
    return name


def _check_texts(entry: Mapping[str, Any]) -> None:
    """Refuse what cannot be sent: halves of characters, which a wrong encoding leaves behind."""
    for option, value in entry.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and not _IS_TEXT.fullmatch(text):
                raise InvalidInput(
                    f"{option} was read in a wrong encoding",
                    subject=entry["user_principal_name"].encode("ascii", "replace").decode(),
                    advice="Save the file that it comes from in UTF-8.",
                )


def _nickname(text: str) -> str:
    kept = (
        letter
        for letter in text
        if letter.isascii() and letter.isprintable() and letter not in _FORBIDDEN_IN_NICKNAME
    )
    return "".join(kept)[:_LONGEST_NICKNAME]


def _change(
    key: AccountKey,
    property_name: str,
    action: Action,
    before: Value,
    after: Value,
    *,
    reversible: bool = True,
) -> Change:
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=key.id,
        name=key.name,
        property=property_name,
        action=action,
        before=before,
        after=after,
        reversible=reversible,
    )


def _asked_for(fields: Iterable[str], entry: Any) -> Mapping[str, Any]:
    """The user in an answer to a question for these fields: one that is missing is not null."""
    if not isinstance(entry, Mapping) or not all(name in entry for name in fields):
        raise _not_a_user(entry)
    return entry


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotUnderstood("This is not a time as Graph writes it", answer=text) from error


def _not_a_user(entry: Any) -> NotUnderstood:
    shown = sorted(entry) if isinstance(entry, Mapping) else type(entry).__name__
    return NotUnderstood(
        "The answer is not a user as Graph documents it", subject="users", answer=f"{shown}"
    )
