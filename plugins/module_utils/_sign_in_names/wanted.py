# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name with which a person should sign in, in the directory and in the cloud alike. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from .._attribute_rules.addresses import parse_proxy
from .._domain_names.names import domain_name
from .._errors import InvalidInput
from .names import flaw_of, name_key


class Person(Protocol):
    """Somebody with a name to sign in with, in either system."""

    @property
    def user_principal_name(self) -> str | None:
        """The name that the person signs in with now."""

    @property
    def mail(self) -> str | None:
        """The attribute of this name."""

    @property
    def proxy_addresses(self) -> Sequence[str]:
        """All addresses, with their prefixes (`SMTP:`, `smtp:`, `sip:` ...)."""


class Source(StrEnum):
    """What the wanted name is made from."""

    PRIMARY_ADDRESS = "primary_address"
    """The one that proxyAddresses marks with `SMTP:`; mail where there is none."""
    MAIL = "mail"
    SUFFIX_MAP = "suffix_map"
    """The name of now, with another suffix."""
    MAPPING = "mapping"
    """A list that says it for each person."""


@dataclass(frozen=True)
class Wanted:
    """How wanted names are found.

    `suffixes` maps suffixes, and `names` whole names or the ids of objects, to the new ones; the
    keys of both are in the form of `name_key`.
    """

    source: Source
    suffixes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_options(
        cls, source: str, suffix_map: Mapping[str, Any] | None, names: Mapping[str, str] | None
    ) -> Wanted:
        """Read the options; `names` is what the file of the option `mapping` says.

        Raises `InvalidInput` where what the source needs is missing or what it does not is given.
        """
        chosen = Source(source)
        given = {Source.SUFFIX_MAP: bool(suffix_map), Source.MAPPING: names is not None}
        for option, is_given in given.items():
            if is_given != (option is chosen):
                raise InvalidInput(
                    f"{option.value} {'is given' if is_given else 'is missing'}, and source is "
                    f"{chosen.value}",
                    advice=f"Give {option.value} with source {option.value}, and only then.",
                )
        suffixes = _suffixes(suffix_map or {})
        _check_repeatable("suffix_map", suffixes)
        _check_repeatable("mapping", names or {})
        return cls(chosen, suffixes, names or {})


@dataclass(frozen=True)
class WhyNot:
    """Why there is no wanted name.

    `is_failure` is false for somebody who is not meant, such as one whose suffix is not mapped, and
    true for somebody whose wanted name could not be given.
    """

    reason: str
    is_failure: bool


def wanted_name(person: Person, wanted: Wanted, identity: str = "") -> str | WhyNot:
    """The name with which a person should sign in, which may be the name of now.

    `identity` is the person's id (objectGUID, or Graph's), which a mapping may name in place of the
    old name. A name that is wanted in other letters only (case, width) is the name of now.
    """
    found = _FINDERS[wanted.source](person, wanted, identity)
    if isinstance(found, WhyNot):
        return found
    now = person.user_principal_name
    if now is not None and is_same_name(now, found):
        return now
    if flaw := flaw_of(found):
        return WhyNot(f"{found!r} cannot be a name to sign in with: {flaw}", is_failure=True)
    return found


def is_same_name(first: str, second: str) -> bool:
    """Whether two names are one to a server."""
    return name_key(first) == name_key(second)


def primary_addresses(person: Person) -> tuple[str, ...]:
    """The addresses that are marked as the primary one, of which there should be one."""
    parsed = map(parse_proxy, person.proxy_addresses)
    return tuple(proxy.address for proxy in parsed if proxy.is_primary)


def smtp_addresses(person: Person) -> tuple[str, ...]:
    """All mail addresses among the proxyAddresses, without their prefixes."""
    parsed = map(parse_proxy, person.proxy_addresses)
    return tuple(proxy.address for proxy in parsed if proxy.is_smtp)


def _primary_address(person: Person, wanted: Wanted, identity: str) -> str | WhyNot:
    primaries = primary_addresses(person)
    if len(primaries) > 1:
        return WhyNot(f"several primary addresses: {', '.join(primaries)}", is_failure=True)
    return primaries[0] if primaries else _mail(person, wanted, identity)


def _mail(person: Person, _wanted: Wanted, _identity: str) -> str | WhyNot:
    return person.mail or WhyNot("there is no mail address", is_failure=False)


def _suffix_mapped(person: Person, wanted: Wanted, _identity: str) -> str | WhyNot:
    local, _at, suffix = (person.user_principal_name or "").rpartition("@")
    new = wanted.suffixes.get(name_key(suffix))
    if not local or new is None:
        return WhyNot("suffix_map does not name its suffix", is_failure=False)
    return f"{local}@{new}"


def _mapped(person: Person, wanted: Wanted, identity: str) -> str | WhyNot:
    for key in (identity, person.user_principal_name):
        if key and (name := wanted.names.get(name_key(key))) is not None:
            return name
    return WhyNot("the mapping does not name it", is_failure=False)


_FINDERS = {
    Source.PRIMARY_ADDRESS: _primary_address,
    Source.MAIL: _mail,
    Source.SUFFIX_MAP: _suffix_mapped,
    Source.MAPPING: _mapped,
}


def _check_repeatable(option: str, new_of: Mapping[str, str]) -> None:
    """Refuse what would do something else each time: from the outcome alone, nobody can tell who
    has been renamed already."""
    for old, new in new_of.items():
        key = name_key(new)
        if key in new_of and key not in (old, name_key(new_of[key])):
            raise InvalidInput(
                f"{option}: {new!r} is a new one for some and an old one for others",
                answer=f"{old} -> {new} -> {new_of[key]}",
                advice="Run again, it could not be told who has been renamed already. Name the "
                "people by their ids in a mapping.",
            )


def _suffixes(option: Mapping[str, Any]) -> dict[str, str]:
    suffixes: dict[str, str] = {}
    for old, new in option.items():
        key = name_key(str(old).strip().removeprefix("@"))
        if not key or key in suffixes:
            raise InvalidInput(f"suffix_map: {old!r} is empty or there twice")
        suffixes[key] = domain_name(str(new).strip().removeprefix("@"))
    return suffixes
