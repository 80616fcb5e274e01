# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who of a directory can be synced, and what the person is called in the cloud.

The limits and characters are those of Microsoft's preparations for directory sync ("Förbereda för
att tillhandahålla användare via katalogsynkronisering till Office 365"), on which the collection's
own rules rest as well; these are written apart from them, so that they can judge them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .person import DirectoryPerson

Kind = Literal["invalid_characters", "malformed", "too_long", "empty"]

_NOT_IN_NAMES = frozenset('\\%&*+/=?{}|<>();:,[]"\u201c\u201d')
_NOT_IN_ADDRESSES = frozenset('\\<>();:,[]"\u201c\u201d')
_NOT_IN_ACCOUNTS = frozenset('[\\"\u201c\u201d|,/:<>+=;?*]')
_NOT_IN_TARGETS = frozenset('\\<>();,[]"\u201c\u201d')
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

_LONGEST_NAME = 113
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 48
_LONGEST_ACCOUNT = 20
_LONGEST_ADDRESS = 256
_LONGEST_DISPLAY_NAME = 256
_LONGEST_GIVEN_NAME = 64


@dataclass(frozen=True)
class Fault:
    """Why somebody cannot be synced: which attribute, and what is wrong with its value."""

    attribute: str
    kind: Kind
    value: str


def faults(person: DirectoryPerson) -> list[Fault]:
    """Return what keeps somebody from being synced; nothing if nothing does."""
    return [*_name_faults(person), *_address_faults(person), *_other_faults(person)]


def sign_in_name(person: DirectoryPerson, verified: frozenset[str], initial: str) -> str:
    """Return the user principal name that the cloud gives to somebody without faults.

    One whose suffix is not verified (lower case) gets one of the initial domain, made of the mail
    nickname: https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-userprincipalname
    Without a user principal name, the account name stands for it.
    """
    name = person.user_principal_name
    if name is None:
        return f"{_plain(person.account_name or '')}@{initial}"
    local, _at, suffix = name.rpartition("@")
    if suffix.casefold() in verified:
        return f"{_plain(local)}@{suffix}"
    return f"{_plain(nickname(person))}@{initial}"


def nickname(person: DirectoryPerson) -> str:
    """Return the mail nickname that somebody has in the cloud."""
    if person.mail_nickname:
        return person.mail_nickname
    name = person.primary_address or person.user_principal_name or person.account_name or ""
    return name.partition("@")[0]


def _plain(local: str) -> str:
    """Other characters than ASCII become underscores."""
    return "".join(character if character.isascii() else "_" for character in local)


def _name_faults(person: DirectoryPerson) -> Iterator[Fault]:
    """The account name counts only if there is no user principal name."""
    name = person.user_principal_name
    if name is not None:
        kind = _fault_of_name(name)
        if kind is not None:
            yield Fault("userPrincipalName", kind, name)
        return
    account = person.account_name or ""
    if not account:
        yield Fault("sAMAccountName", "empty", account)
    elif len(account) > _LONGEST_ACCOUNT:
        yield Fault("sAMAccountName", "too_long", account)
    elif set(account) & _NOT_IN_ACCOUNTS or " " in account:
        yield Fault("sAMAccountName", "invalid_characters", account)


def _fault_of_name(name: str) -> Kind | None:
    local, at, domain = name.rpartition("@")
    if not at or not local or not _ADDRESS.fullmatch(f"x@{domain}"):
        # Local suffixes such as corp.local have a dot; a single label can never be verified.
        return "malformed"
    if local[-1] in ".&@ ":
        return "malformed"
    if "@" in local or set(local) & _NOT_IN_NAMES or re.search(r"\s", local) or _has_accent(local):
        return "invalid_characters"
    if len(name) > _LONGEST_NAME or len(local) > _LONGEST_LOCAL_PART:
        return "too_long"
    return "too_long" if len(domain) > _LONGEST_DOMAIN else None


def _has_accent(text: str) -> bool:
    """Say whether a letter bears an umlaut or another mark."""
    return any(unicodedata.combining(one) for one in unicodedata.normalize("NFD", text))


def _address_faults(person: DirectoryPerson) -> Iterator[Fault]:
    if person.mail is not None and not _ADDRESS.fullmatch(person.mail):
        yield Fault("mail", "malformed", person.mail)
    for entry in person.proxy_addresses:
        kind, colon, address = entry.partition(":")
        if not colon or not kind or not address:
            yield Fault("proxyAddresses", "malformed", entry)
        elif kind.casefold() != "smtp":
            continue
        elif len(entry) > _LONGEST_ADDRESS:
            yield Fault("proxyAddresses", "too_long", entry)
        elif not address.isascii() or set(address) & _NOT_IN_ADDRESSES or re.search(r"\s", address):
            yield Fault("proxyAddresses", "invalid_characters", entry)
        elif not _ADDRESS.fullmatch(address):
            yield Fault("proxyAddresses", "malformed", entry)


def _other_faults(person: DirectoryPerson) -> Iterator[Fault]:
    shown, alias = person.display_name, person.mail_nickname
    if shown is not None and not shown.strip():
        yield Fault("displayName", "empty", shown)
    elif shown is not None and len(shown) > _LONGEST_DISPLAY_NAME:
        yield Fault("displayName", "too_long", shown)
    if len(given := person.plain.get("givenName", "")) > _LONGEST_GIVEN_NAME:
        yield Fault("givenName", "too_long", given)
    if alias is not None and (alias.startswith(".") or re.search(r"[\s@]", alias)):
        yield Fault("mailNickname", "invalid_characters", alias)
    target = person.target_address
    if target is None:
        return
    address = target.partition(":")[2] or target
    if len(target) > _LONGEST_ADDRESS:
        yield Fault("targetAddress", "too_long", target)
    elif set(address) & _NOT_IN_TARGETS or re.search(r"\s", target):
        yield Fault("targetAddress", "invalid_characters", target)
