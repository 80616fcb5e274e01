# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import string

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.checks.e_mail import (  # noqa: E501
    LOCAL_PART,
    is_clean_address,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.domains import (
    domain_key,
    examine,
    is_accepted,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.policy import (
    Policy,
)

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 56, "com"])


@pytest.mark.parametrize(
    "domain",
    [
        "contoso.com",
        "CONTOSO.COM",
        "a.b.c.contoso.co.uk",
        "3com.com",
        "bücher.de",
        "xn--bcher-kva.de",
        "例え.jp",
        "contoso.рф",
        "contoso.xn--p1ai",
        "contoso.app",
        "contoso.ck",
        f"{'x' * 63}.com",
        LONGEST,
    ],
)
def test_routable_domains(domain: str) -> None:
    verdict = examine(domain)
    assert (verdict.flaw, verdict.is_routable) == ("", True)


@pytest.mark.parametrize(
    "domain",
    ["contoso", "contoso.local", "contoso.LOCAL", "a.test", "localhost", "x.onion", "1.2", "teſt"],
)
def test_domains_that_mail_cannot_reach(domain: str) -> None:
    verdict = examine(domain)
    assert (verdict.flaw, verdict.is_routable) == ("", False)


@pytest.mark.parametrize(
    "domain",
    [
        "",
        ".",
        ".com",
        "contoso.com.",
        "con..toso.com",
        "-contoso.com",
        "contoso-.com",
        "con_toso.com",
        "con toso.com",
        "con@toso.com",
        "a@",
        "[192.0.2.1]",
        "ab--cd.com",
        "xn--a.com",
        "con\u200btoso.com",
        "\ud800.com",
        "\u0338.com",
        "con_toso.local",
        "-.test",
        f"{'x' * 64}.com",
        f"a{LONGEST}x",
        "x" * 5_000_000,
    ],
)
def test_what_is_no_domain(domain: str) -> None:
    verdict = examine(domain)
    assert verdict.flaw
    assert not verdict.is_routable
    assert len(verdict.flaw) < 1000


@pytest.mark.parametrize(
    ("domain", "key"),
    [
        ("Contoso.COM", "contoso.com"),
        ("Bücher.DE", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("例え。jp", "xn--r8jz45g.jp"),
        ("ｃｏｎｔｏｓｏ.com", "contoso.com"),
        ("-Ü-", "-ü-"),
    ],
)
def test_the_same_domain_has_the_same_key(domain: str, key: str) -> None:
    assert domain_key(domain) == key


@pytest.mark.parametrize(
    ("domain", "accepted"),
    [
        ("contoso.com", True),
        ("contoso.local", True),
        ("CONTOSO.Local", True),
        ("eu.contoso.local", True),
        ("xcontoso.local", False),
        ("local", False),
        ("con_toso.contoso.local", False),
    ],
)
def test_the_operator_can_vouch_for_a_domain(domain: str, accepted: bool) -> None:
    assert is_accepted(domain, frozenset({"contoso.local"})) is accepted


@given(st.text())
def test_any_text_has_a_verdict(text: str) -> None:
    verdict = examine(text)
    assert not (verdict.flaw and verdict.is_routable)
    assert domain_key(text) == verdict.key


LOCAL_CHARACTERS = string.ascii_letters[:3] + string.digits[:2] + string.punctuation + " "


@given(st.text(LOCAL_CHARACTERS, min_size=1, max_size=80))
def test_names_are_those_of_email_validator(local: str) -> None:
    """The pattern is there for speed, and must say the same."""
    assert (LOCAL_PART.fullmatch(local) is not None) == accepts(f"{local}@contoso.com", local)


@given(
    st.text(LOCAL_CHARACTERS, max_size=70),
    st.sampled_from(["contoso.com", "contoso.local", "x", "", "a..b.com", "con_toso.com", "a.b@c"]),
)
def test_addresses_are_those_of_email_validator(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    is_short = len(local) <= 64
    assert is_clean_address(address, Policy()) == (is_short and accepts(address, local))


def accepts(address: str, local: str) -> bool:
    try:
        validated = email_validator.validate_email(
            address, check_deliverability=False, allow_smtputf8=False
        )
    except email_validator.EmailNotValidError:
        return False
    # A role name such as postmaster comes back in lower case.
    return validated.local_part.lower() == local.lower()
