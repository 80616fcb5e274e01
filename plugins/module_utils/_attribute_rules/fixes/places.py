# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an object has an e-mail address, and which address is meant by a value that is not one yet.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..addresses import SIP, SMTP, address_key, parse_proxy
from ..attributes import (
    COMMON_NAME,
    DISPLAY_NAME,
    GIVEN_NAME,
    MAIL,
    PROXY_ADDRESSES,
    SURNAME,
    TARGET_ADDRESS,
    USER_PRINCIPAL_NAME,
)
from ..model import DirectoryObject
from .needs_person import NeedsPerson
from .wording import bare_address, name_key, trimmed

# Far beyond what any attribute may have; nothing is cut, so such a value is never made good.
LONGEST_REPAIRED = 2048

PRIMARY = "SMTP"
SECONDARY = "smtp"

_PREFIX = re.compile(r"(?P<prefix>smtp|sip)\s*:\s*", re.IGNORECASE)
_PREFIX_AGAIN = re.compile(r"(?:(?:smtp|mailto)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A value that holds an address: `prefix` as it is written, empty where there is none, and the
    `address` that is meant. `problem` tells why that is not known."""

    attribute: str
    value: str
    prefix: str
    address: str
    problem: str = ""

    @cached_property
    def key(self) -> str:
        """Equal for the places of one address."""
        return address_key(self.address)

    @property
    def is_smtp(self) -> bool:
        """Whether it is one of the e-mail addresses in proxyAddresses."""
        return self.attribute == PROXY_ADDRESSES and self.prefix.lower() in ("", SMTP)

    @property
    def is_primary(self) -> bool:
        """Whether it is, or claims to be, the primary one of them."""
        return self.attribute == PROXY_ADDRESSES and self.prefix == PRIMARY

    def with_address(self, address: str) -> str:
        """The value with another address in it."""
        return f"{self.prefix}:{address}" if self.prefix else address


@dataclass(frozen=True)
class Addresses:
    """The places of the addresses that are an object's own, e-mail and SIP: in proxyAddresses first
    the primary ones, then mail, the other proxyAddresses, and userPrincipalName."""

    all: tuple[Place, ...]

    @cached_property
    def smtp(self) -> tuple[Place, ...]:
        """The e-mail addresses in proxyAddresses, primary ones first."""
        return tuple(place for place in self.all if place.is_smtp)

    @cached_property
    def primaries(self) -> tuple[Place, ...]:
        """The primary ones of them: one, if all is well."""
        return tuple(place for place in self.all if place.is_primary)

    @property
    def mail(self) -> Place | None:
        """That in mail."""
        return next((place for place in self.all if place.attribute == MAIL), None)


def addresses_of(obj: DirectoryObject) -> Addresses:
    """The addresses that the object has as its own."""
    proxies = [
        place
        for value in obj.all(PROXY_ADDRESSES)
        if (place := _parsed(obj, PROXY_ADDRESSES, value))
    ]
    return Addresses(
        (
            *(place for place in proxies if place.is_primary),
            *_single(obj, MAIL),
            *(place for place in proxies if not place.is_primary),
            *_single(obj, USER_PRINCIPAL_NAME),
        )
    )


def place_of_target(obj: DirectoryObject, value: str) -> Place | None:
    """The place of the address in targetAddress; null if it is no e-mail address."""
    return _parsed(obj, TARGET_ADDRESS, value)


def _single(obj: DirectoryObject, attribute: str) -> Iterator[Place]:
    value = obj.one(attribute)
    if value is not None and len(value) <= LONGEST_REPAIRED:
        rest = _PREFIX_AGAIN.sub("", trimmed(value), count=1) if ":" in value else value
        yield _meant(obj, attribute, value, "", rest)


def _parsed(obj: DirectoryObject, attribute: str, value: str) -> Place | None:
    if len(value) > LONGEST_REPAIRED:
        return None
    text = trimmed(value)
    match = _PREFIX.match(text)
    if match is None:
        kind = parse_proxy(text).type
        return None if kind or "@" not in text else _meant(obj, attribute, value, "", text)
    rest = text[match.end() :]
    if match["prefix"].lower() != SIP:
        rest = rest[again.end() :] if (again := _PREFIX_AGAIN.match(rest)) else rest
    return _meant(obj, attribute, value, match["prefix"], rest)


def _meant(obj: DirectoryObject, attribute: str, value: str, prefix: str, text: str) -> Place:
    if "<" not in text:
        return Place(attribute, value, prefix, trimmed(text))
    try:
        return Place(attribute, value, prefix, bare_address(text, _names(obj)))
    except NeedsPerson as problem:
        return Place(attribute, value, prefix, trimmed(text), str(problem))


def _names(obj: DirectoryObject) -> frozenset[str]:
    """The keys of what the object is called."""
    given, surname = (obj.one(attribute) or "" for attribute in (GIVEN_NAME, SURNAME))
    texts = (obj.one(DISPLAY_NAME), obj.one(COMMON_NAME), given + surname, surname + given)
    return frozenset(name_key(text) for text in texts if text)
