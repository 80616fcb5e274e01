# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.catalogue import (  # noqa: E501
    RULES,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    Severity,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Licensed,
    Policy,
    Profile,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.transliteration import (  # noqa: E501
    Language,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

DEFAULTS: dict[str, Any] = {
    "profile": "microsoft_2023",
    "severities": {},
    "verified_domains": None,
    "upn_suffixes": [],
    "known_domains": [],
    "licensed": "enabled",
    "most_proxy_addresses": 300,
    "transliteration_language": "none",
    "transliteration_characters": {},
}


def policy(suffixes: list[str] | None = None, **options: Any) -> Policy:
    return Policy.from_parameters({**DEFAULTS, **options}, suffixes)


def test_the_defaults_of_the_options_are_those_of_the_class() -> None:
    assert policy() == Policy()


def test_options_are_read() -> None:
    read = policy(
        profile="office365_2016",
        licensed="all",
        most_proxy_addresses=1,
        transliteration_language="swedish",
    )
    assert read.profile is Profile.OFFICE365_2016
    assert read.licensed is Licensed.ALL
    assert read.most_proxy_addresses == 1
    assert read.transliteration.language is Language.SWEDISH


def test_each_rule_can_be_changed_or_switched_off() -> None:
    read = policy(
        severities={
            "mail.duplicate": "warning",
            "mail.length": "off",
            "mail.space": False,
            "title.missing": "blocking",
        }
    )
    assert read.severity("mail.duplicate") is Severity.WARNING
    assert read.severity("mail.length") is None
    assert read.severity("mail.space") is None
    assert read.severity("title.missing") is Severity.BLOCKING
    changed = {"mail.duplicate", "mail.length", "mail.space", "title.missing"}
    assert all(read.severity(rule.id) is rule.severity for rule in RULES if rule.id not in changed)


def test_a_policy_made_by_hand_needs_only_what_differs() -> None:
    read = Policy(severities={"mail.length": None})
    assert read.severity("mail.length") is None
    assert read.severity("mail.duplicate") is Severity.BLOCKING


@pytest.mark.parametrize(
    ("severities", "words"),
    [
        ({"mail.typo": "off"}, "no rule 'mail.typo'"),
        ({"mail.length": "fatal"}, "mail.length: 'fatal' is not a severity"),
        ({"mail.length": True}, "mail.length: True is not a severity"),
        ({"mail.length": None}, "mail.length: None is not a severity"),
        ({"mail.length": ["off"]}, "is not a severity"),
    ],
)
def test_a_slip_in_severities_is_told(severities: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        policy(severities=severities)


def test_domains_are_compared_in_one_form() -> None:
    read = policy(
        ["Corp.Contoso.COM", "under_score.example"],
        upn_suffixes=["Bücher.de", "@contoso.com"],
        verified_domains=[" Contoso.com "],
        known_domains=["LOCAL"],
    )
    assert read.forest_suffixes == frozenset(
        ("corp.contoso.com", "under_score.example", "xn--bcher-kva.de", "contoso.com")
    )
    assert read.verified_domains == frozenset({"contoso.com"})
    assert read.known_domains == frozenset({"local"})


def test_suffixes_that_could_not_be_read_stay_unknown() -> None:
    assert policy(None, upn_suffixes=["contoso.com"]).forest_suffixes is None
    assert policy([]).forest_suffixes == frozenset()
    assert policy(verified_domains=[]).verified_domains == frozenset()


@pytest.mark.parametrize("option", ["verified_domains", "known_domains"])
@pytest.mark.parametrize("domain", ["", "con toso.com", "jane@contoso.com", "contoso.com."])
def test_a_slip_in_a_domain_is_told(option: str, domain: str) -> None:
    with pytest.raises(InvalidInput, match=f"{option}: .* is not a domain name"):
        policy(**{option: [domain]})


def test_a_limit_of_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="most_proxy_addresses"):
        policy(most_proxy_addresses=0)
