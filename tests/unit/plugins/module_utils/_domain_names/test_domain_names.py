# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One clear error, or the one form of a name, whatever is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import dns.name
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._domain_names.names import (
    Address,
    address,
    domain_name,
    domain_or_address,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput

Found = TypeVar("Found", str, Address)

LONGEST = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])

GOOD = {
    "contoso.com": "contoso.com",
    "Contoso.COM": "contoso.com",
    "contoso.com.": "contoso.com",
    "a.b.c.d.example": "a.b.c.d.example",
    "0-9.example": "0-9.example",
    "r3---sn.example": "r3---sn.example",
    # Unicode: mapped, composed, with the full stops of other scripts, or already in ASCII
    "bücher.example": "xn--bcher-kva.example",
    "BÜCHER.EXAMPLE": "xn--bcher-kva.example",
    "bu\u0308cher.example": "xn--bcher-kva.example",
    "XN--BCHER-KVA.example": "xn--bcher-kva.example",
    "bücher\u3002example\u3002": "xn--bcher-kva.example",
    "\uff43\uff4f\uff4d.example": "com.example",
    "straße.example": "xn--strae-oqa.example",
    "пример.рф": "xn--e1afmkfd.xn--p1ai",
    # pasted from a page, with what nobody sees
    "contoso\u200b.com": "contoso.com",
    LONGEST: LONGEST,
    f"{LONGEST}.": LONGEST,
}

BAD = {
    "": "it is empty",
    ".": "empty",
    "..": "empty",
    "contoso..com": "empty",
    ".contoso.com": "empty",
    "contoso.com..": "empty",
    "contoso.com\u3002.": "empty",
    "192.0.2.1": "IP address",
    "192.0.2.1.": "IP address",
    "[192.0.2.1]": "IP address",
    "2001:db8::1": "IP address",
    "[IPv6:2001:db8::1]": "IP address",
    "\uff11.2.3.4": "number",
    "192.0.2": "number",
    "contoso.0x7f": "number",
    "*.contoso.com": "wildcard",
    "*": "wildcard",
    " contoso.com": "letters, digits and hyphens",
    "contoso.com ": "letters, digits and hyphens",
    "con toso.com": "letters, digits and hyphens",
    "contoso.com\n": "letters, digits and hyphens",
    "contoso.com\u00a0": "letters, digits and hyphens",
    "contoso\x00.com": "letters, digits and hyphens",
    "_dmarc.contoso.com": "letters, digits and hyphens",
    "-contoso.com": "letters, digits and hyphens",
    "contoso-.com": "letters, digits and hyphens",
    "contoso.com/x": "letters, digits and hyphens",
    "contoso.com:443": "letters, digits and hyphens",
    "https://contoso.com": "letters, digits and hyphens",
    "user@contoso.com": "letters, digits and hyphens",
    "\u2100.com": "letters, digits and hyphens",
    "contoso": "one part",
    "com.": "one part",
    "\u2603.example": "not allowed",
    "\ud800.example": "not allowed",
    "a" * 64 + ".com": "64 characters, 63",
    "ü" * 64 + ".com": "too long",
    LONGEST + "d": "254 characters, 253",
    "x." * 50_000 + "com": "100003 characters, 253",
    "ü" * 100_000: "100000 characters, 253",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_name_has_one_form(text: str) -> None:
    assert domain_name(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_what_is_no_name_of_a_domain_is_told(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        domain_name(text)
    assert BAD[text] in caught.value.answer
    # However long it is, and whatever is in it, the message is one that can be read.
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anna@contoso.com", Address("anna", "contoso.com")),
        ("Anna.B@Contoso.COM.", Address("Anna.B", "contoso.com")),
        ("o'neill+x@contoso.com", Address("o'neill+x", "contoso.com")),
        ("jörg@bücher.example", Address("jörg", "xn--bcher-kva.example")),
        (
            "a_b.com#EXT#@contoso.onmicrosoft.com",
            Address("a_b.com#EXT#", "contoso.onmicrosoft.com"),
        ),
    ],
)
def test_an_address_keeps_its_local_part(text: str, expected: Address) -> None:
    assert address(text) == expected
    assert domain_or_address(text) == expected
    assert address(str(expected)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "anna",
        "@contoso.com",
        "anna@",
        "@",
        "anna@contoso",
        "anna@@contoso.com",
        "anna@b@contoso.com",
        "anna@[192.0.2.1]",
        "Anna <anna@contoso.com>",
        "mailto:anna@contoso.com",
        " anna@contoso.com",
        "anna @contoso.com",
        ".anna@contoso.com",
        '"anna b"@contoso.com',
        "anna\r\n@contoso.com",
        "a" * 65 + "@contoso.com",
        "\ud800@contoso.com",
    ],
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        address(text)
    assert caught.value.answer
    assert "mail address" in caught.value.problem
    assert str(caught.value).isprintable()


def test_a_domain_or_an_address() -> None:
    assert domain_or_address("Contoso.com") == "contoso.com"
    with pytest.raises(InvalidInput):
        domain_or_address("contoso")


# What is near to a name, and any text at all
labels = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?", fullmatch=True)
names = st.builds(
    lambda parts, last, dot: ".".join([*parts, last]) + dot,
    st.lists(labels, min_size=1, max_size=5),
    st.from_regex(r"[A-Za-z]{2,12}", fullmatch=True),
    st.sampled_from(["", "."]),
)
pieces = st.sampled_from(
    [".", "..", "-", "_", "*", "@", " ", "[", "]", ":", "xn--", "ü", "ß", "\u3002", "\u200b", "1"]
)
nearly = st.lists(st.one_of(labels, pieces, st.just(".")), max_size=12).map("".join)


def accepted(parse: Callable[[str], Found], text: str) -> Found | None:
    """What is made of the text; nothing if it is refused, and then with words one can read."""
    refused: list[InvalidInput] = []
    try:
        return parse(text)
    except InvalidInput as error:
        refused.append(error)
    assert refused[0].answer
    assert str(refused[0]).isprintable()
    return None


@given(names)
def test_every_host_name_has_its_own_form(text: str) -> None:
    assert domain_name(text) == text.lower().removesuffix(".")


@given(st.one_of(nearly, st.text(), st.text(alphabet=st.characters(codec="utf-8"))))
def test_any_text_is_refused_or_becomes_a_name_that_stays(text: str) -> None:
    name = accepted(domain_name, text)
    if name is None:
        return
    assert re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}", name)
    assert len(name) <= 253
    assert domain_name(name) == domain_name(f"{name}.") == domain_name(name.upper()) == name
    # What DNS is asked for is this and nothing else.
    assert dns.name.from_text(name).to_text(omit_final_dot=True) == name


@given(st.one_of(st.builds("{}@{}".format, st.text(max_size=20), names), nearly, st.text()))
def test_any_text_is_refused_or_becomes_an_address_that_stays(text: str) -> None:
    found = accepted(address, text)
    if found is None:
        return
    assert address(str(found)) == found
    assert domain_name(found.domain) == found.domain
    assert not re.search(r"[\s<>]", str(found))
