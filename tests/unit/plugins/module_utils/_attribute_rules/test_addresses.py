# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.addresses import (  # noqa: E501
    address_key,
    parse_proxy,
    split_address,
)


@pytest.mark.parametrize(
    ("value", "prefix", "kind", "address"),
    [
        ("SMTP:jane@contoso.com", "SMTP", "smtp", "jane@contoso.com"),
        ("smtp:jane@contoso.com", "smtp", "smtp", "jane@contoso.com"),
        ("Sip:jane@contoso.com", "Sip", "sip", "jane@contoso.com"),
        ("X500:/o=a:b", "X500", "x500", "/o=a:b"),
        ("x.500:/o=a", "x.500", "x500", "/o=a"),
        ("X.400:C=US;", "X.400", "x400", "C=US;"),
        ("smtp:", "smtp", "smtp", ""),
        ("jane@contoso.com", "", "", "jane@contoso.com"),
        ("jane@contoso.com:25", "", "", "jane@contoso.com:25"),
        (":jane@contoso.com", "", "", ":jane@contoso.com"),
        (" smtp:jane@contoso.com", "", "", " smtp:jane@contoso.com"),
        ("a b:c", "", "", "a b:c"),
        (f"{'x' * 33}:y", "", "", f"{'x' * 33}:y"),
        ("", "", "", ""),
    ],
)
def test_a_value_is_split_at_its_prefix(value: str, prefix: str, kind: str, address: str) -> None:
    proxy = parse_proxy(value)
    assert (proxy.prefix, proxy.type, proxy.address) == (prefix, kind, address)
    assert proxy.is_primary == (prefix == "SMTP")


@pytest.mark.parametrize(
    ("value", "is_smtp", "is_free_form"),
    [
        ("SMTP:jane@contoso.com", True, False),
        ("jane@contoso.com", True, False),
        ("jane", False, False),
        ("sip:jane@contoso.com", False, False),
        ("X500:/o=a", False, True),
        ("eum:5000;phone-context=x", False, True),
    ],
)
def test_types(value: str, is_smtp: bool, is_free_form: bool) -> None:
    proxy = parse_proxy(value)
    assert (proxy.is_smtp, proxy.is_free_form) == (is_smtp, is_free_form)


@given(st.text())
def test_nothing_is_lost_by_splitting(value: str) -> None:
    proxy = parse_proxy(value)
    assert (f"{proxy.prefix}:" if proxy.prefix else "") + proxy.address == value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane@Contoso.com", "jane@contoso.COM"),
        ("MÜLLER@contoso.com", "müller@contoso.com"),
        ("mu\u0308ller@contoso.com", "müller@contoso.com"),
        ("ｊａｎｅ＠contoso.com", "jane@contoso.com"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ],
)
def test_the_same_address_has_the_same_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane@contoso.com", "jane@contoso.co"),
        ("müller@contoso.com", "muller@contoso.com"),
        ("jane@contoso.com", "jane@contoso.com "),
    ],
)
def test_another_address_has_another_key(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_the_key_of_ascii_is_lower_case(text: str) -> None:
    assert address_key(text) == text.lower()


@given(st.text())
@example("\u0345\u0300ΰ")
@example("İ")
@example("x" * 1200 + "É")
def test_a_key_is_its_own_key(text: str) -> None:
    assert address_key(address_key(text)) == address_key(text)


def test_a_megabyte_of_marks_is_done_with_at_once() -> None:
    assert address_key("\u0300\u0323" * 500_000)


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("jane@contoso.com", ("jane", "contoso.com")),
        ("a@b@c", ("a@b", "c")),
        ("@", ("", "")),
        ("jane", None),
    ],
)
def test_the_last_at_sign_parts_an_address(address: str, parts: tuple[str, str] | None) -> None:
    assert split_address(address) == parts
