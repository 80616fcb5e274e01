# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an operator decides about the rules for one tenant.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .._errors import InvalidInput
from .._libraries import require
from .catalogue import DEFAULT_SEVERITIES
from .domains import LIBRARIES, domain_key, examine
from .model import Severity
from .transliteration import Transliteration

MOST_PROXY_ADDRESSES = 300

_OFF = "off"


class Profile(StrEnum):
    """Whose edition of the rules: Microsoft's page of 2023, its page of 2016, or the tool's."""

    MICROSOFT_2023 = "microsoft_2023"
    OFFICE365_2016 = "office365_2016"
    IDFIX = "idfix"


class Licensed(StrEnum):
    """Which users are to be licensed; `enabled` are those whose account is not disabled."""

    ALL = "all"
    ENABLED = "enabled"
    NONE = "none"


@dataclass(frozen=True)
class Policy:
    """How to judge: which edition of the rules, how much each one matters, what counts as good.

    `severities` maps ids of rules, null for those that are switched off; a rule that is not in it
    has the catalogue's severity. `forest_suffixes` and `verified_domains` are null where they are
    not known, and then nothing is judged by them. All domain names are in the form of `domain_key`.
    """

    profile: Profile = Profile.MICROSOFT_2023
    severities: Mapping[str, Severity | None] = field(default_factory=lambda: DEFAULT_SEVERITIES)
    forest_suffixes: frozenset[str] | None = None
    verified_domains: frozenset[str] | None = None
    known_domains: frozenset[str] = frozenset()
    transliteration: Transliteration = field(default_factory=Transliteration)
    licensed: Licensed = Licensed.ENABLED
    most_proxy_addresses: int = MOST_PROXY_ADDRESSES

    @classmethod
    def from_parameters(
        cls, parameters: Mapping[str, Any], forest_suffixes: Iterable[str] | None
    ) -> Policy:
        """Read the options of the documentation fragment `directory_rules`.

        `forest_suffixes` are those that the forest has now, null if they could not be read; the
        option `upn_suffixes` adds to them. Raises `InvalidInput`, and `MissingLibrary` where a
        package that judging needs is not installed.
        """
        require(*LIBRARIES)
        if parameters["most_proxy_addresses"] < 1:
            raise InvalidInput("most_proxy_addresses: it must be at least 1")
        verified = parameters["verified_domains"]
        return cls(
            profile=Profile(parameters["profile"]),
            severities=_severities(parameters["severities"]),
            forest_suffixes=None
            if forest_suffixes is None
            else _keys((*forest_suffixes, *parameters["upn_suffixes"])),
            verified_domains=None if verified is None else _named("verified_domains", verified),
            known_domains=_named("known_domains", parameters["known_domains"]),
            transliteration=Transliteration.from_options(
                parameters["transliteration_language"], parameters["transliteration_characters"]
            ),
            licensed=Licensed(parameters["licensed"]),
            most_proxy_addresses=parameters["most_proxy_addresses"],
        )

    def severity(self, rule_id: str) -> Severity | None:
        """How much a rule matters here; null if it is switched off."""
        if rule_id in self.severities:
            return self.severities[rule_id]
        return DEFAULT_SEVERITIES[rule_id]


def _severities(option: Mapping[str, object]) -> Mapping[str, Severity | None]:
    return {**DEFAULT_SEVERITIES, **dict(_severity(*item) for item in option.items())}


def _severity(rule_id: str, wanted: object) -> tuple[str, Severity | None]:
    if rule_id not in DEFAULT_SEVERITIES:
        raise InvalidInput(
            f"severities: there is no rule {rule_id!r}",
            advice="The rules are listed in docs/attribute_rules.md and by ansible-doc.",
        )
    # YAML reads a bare off as false.
    if wanted is False or wanted == _OFF:
        return rule_id, None
    try:
        return rule_id, Severity(str(wanted))
    except ValueError:
        raise InvalidInput(
            f"severities: {rule_id}: {wanted!r} is not a severity",
            advice=f"Choose one of {', '.join((*Severity, _OFF))}.",
        ) from None


def _named(option: str, domains: Iterable[str]) -> frozenset[str]:
    """Domains that the operator names. A slip there would condemn every address of the domain."""
    keys = _keys(domains)
    for key in keys:
        if flaw := examine(key).flaw:
            raise InvalidInput(
                f"{option}: {key!r} is not a domain name: {flaw}",
                advice="Write a DNS name such as contoso.com.",
            )
    return keys


def _keys(domains: Iterable[str]) -> frozenset[str]:
    return frozenset(domain_key(domain.strip().removeprefix("@")) for domain in domains)
