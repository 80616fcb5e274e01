# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._upn_suffixes.suffix import (
    parse_suffix,
    same_suffix_key,
)

LONGEST_NAME = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])


@pytest.mark.parametrize(
    "text",
    [
        "contoso.com",
        "Contoso.COM",
        "corp",
        "a-b.c_d.example",
        "_msdcs.example",
        "3com.example",
        "192.0.2",
        "a" * 63,
        LONGEST_NAME,
    ],
)
def test_dns_names_stay_as_they_are(text: str) -> None:
    assert parse_suffix(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("Bücher.EXAMPLE", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("räksmörgås.under_score.example", "xn--rksmrgs-5wao1o.under_score.example"),
        ("ｃｏｎｔｏｓｏ.example", "contoso.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_other_letters_get_their_ascii_form(text: str, stored: str) -> None:
    assert parse_suffix(text) == stored
    assert parse_suffix(stored) == stored


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("@contoso.com", "begins with @"),
        (".contoso.com", "dot at the beginning or the end"),
        ("contoso.com.", "dot at the beginning or the end"),
        ("contoso..com", "two dots in a row"),
        ("-contoso.com", "begins or ends with a hyphen"),
        ("contoso-.com", "begins or ends with a hyphen"),
        ("bad suffix!!", "only letters, digits"),
        ("anna@contoso.com", "only letters, digits"),
        ("contoso.com\n", "only letters, digits"),
        ("*.contoso.com", "only letters, digits"),
        (" contoso.com", "only letters, digits"),
        ("a" * 64 + ".example", "64 characters, 63 are allowed"),
        (LONGEST_NAME + "x", "254 characters, 253 are allowed"),
        ("ü" * 60 + ".example", "no ASCII form"),
        ("☃-.example", "no ASCII form"),
        ("a\u200bü b.example", "no ASCII form"),
    ],
)
def test_anything_else_names_the_broken_rule(text: str, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule) as caught:
        parse_suffix(text)
    assert repr(text) in str(caught.value)
    assert caught.value.advice


def test_case_makes_no_difference() -> None:
    assert same_suffix_key("Contoso.COM") == same_suffix_key("cONTOSO.com")
    assert same_suffix_key("contoso.com") != same_suffix_key("contoso.org")
