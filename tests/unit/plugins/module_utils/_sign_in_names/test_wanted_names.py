# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.names import (
    flaw_of,
    suffix_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.wanted import (
    Source,
    Wanted,
    WhyNot,
    wanted_name,
)


@dataclass(frozen=True)
class Somebody:
    user_principal_name: str | None = "kim@corp.local"
    mail: str | None = None
    proxy_addresses: tuple[str, ...] = ()


PRIMARY = Wanted(Source.PRIMARY_ADDRESS)
BY_SUFFIX = Wanted.from_options("suffix_map", {"@Corp.Local": "contoso.com"}, None)


@pytest.mark.parametrize(
    "name",
    [
        "kim@contoso.com",
        "o'neill.kim_1@contoso.com",
        "a!b#c^d~e-f@sub.contoso.com",
        f"{'a' * 64}@contoso.com",
        f"kim@{'a' * 44}.com",
    ],
)
def test_names_that_are_good(name: str) -> None:
    assert not flaw_of(name)


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("kim", "no @"),
        ("@contoso.com", "nothing before"),
        ("kim@", "not the name of a domain"),
        ("kim@contoso", "not the name of a domain"),
        ("kim@-contoso.com", "not the name of a domain"),
        ("kim@contoso.com.", "not the name of a domain"),
        ("j\u00fcrgen@contoso.com", "'\u00fc' before"),
        ("kim akers@contoso.com", "' ' before"),
        ("kim@akers@contoso.com", "'@' before"),
        (".kim@contoso.com", "a dot"),
        ("kim.@contoso.com", "a dot"),
        ("kim..akers@contoso.com", "a dot"),
        (f"{'a' * 65}@contoso.com", "65 characters before"),
        (f"kim@{'a' * 45}.com", "49 characters after"),
    ],
)
def test_names_that_are_not(name: str, flaw: str) -> None:
    assert flaw in flaw_of(name)


def test_the_longest_name() -> None:
    name = f"{'a' * 64}@{'b' * 44}.com"
    assert len(name) == 113
    assert not flaw_of(name)


def test_suffixes() -> None:
    assert suffix_of("Kim@Contoso.COM") == "contoso.com"
    assert not suffix_of("kim")


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (
            Somebody(proxy_addresses=("smtp:k@contoso.com", "SMTP:kim@contoso.com")),
            "kim@contoso.com",
        ),
        (Somebody(mail="kim@contoso.com"), "kim@contoso.com"),
        (Somebody(mail="k@contoso.com", proxy_addresses=("sip:x@contoso.com",)), "k@contoso.com"),
    ],
)
def test_the_primary_address(person: Somebody, name: str) -> None:
    assert wanted_name(person, PRIMARY) == name


def test_mail_is_another_source() -> None:
    person = Somebody(mail="k@contoso.com", proxy_addresses=("SMTP:kim@contoso.com",))
    assert wanted_name(person, Wanted(Source.MAIL)) == "k@contoso.com"


def test_other_letters_are_no_other_name() -> None:
    person = Somebody("kim@contoso.com", proxy_addresses=("SMTP:Kim@Contoso.com",))
    assert wanted_name(person, PRIMARY) == "kim@contoso.com"


def test_who_has_no_address_is_not_meant() -> None:
    assert wanted_name(Somebody(), PRIMARY) == WhyNot("there is no mail address", is_failure=False)


def test_two_primary_addresses() -> None:
    why = wanted_name(
        Somebody(proxy_addresses=("SMTP:a@contoso.com", "SMTP:b@contoso.com")), PRIMARY
    )
    assert isinstance(why, WhyNot)
    assert why.is_failure
    assert "a@contoso.com, b@contoso.com" in why.reason


def test_an_address_with_which_nobody_can_sign_in() -> None:
    why = wanted_name(Somebody(mail="j\u00fcrgen@contoso.com"), PRIMARY)
    assert isinstance(why, WhyNot)
    assert why.is_failure


def test_another_suffix() -> None:
    assert wanted_name(Somebody("Kim@CORP.local"), BY_SUFFIX) == "Kim@contoso.com"
    why = wanted_name(Somebody("kim@other.local"), BY_SUFFIX)
    assert isinstance(why, WhyNot)
    assert not why.is_failure
    assert isinstance(wanted_name(Somebody(None), BY_SUFFIX), WhyNot)


def test_a_mapping_by_name_or_by_id() -> None:
    wanted = Wanted.from_options(
        "mapping", None, {"kim@corp.local": "kim@contoso.com", "id-2": "lee@contoso.com"}
    )
    assert wanted_name(Somebody("KIM@corp.local"), wanted, "ID-1") == "kim@contoso.com"
    assert wanted_name(Somebody("kim@corp.local"), wanted, "ID-2") == "lee@contoso.com"
    assert isinstance(wanted_name(Somebody("ada@corp.local"), wanted), WhyNot)


@pytest.mark.parametrize(
    ("source", "suffix_map", "names", "problem"),
    [
        ("suffix_map", None, None, "suffix_map is missing"),
        ("suffix_map", {}, None, "suffix_map is missing"),
        ("mapping", None, None, "mapping is missing"),
        ("mail", {"a.local": "b.com"}, None, "suffix_map is given"),
        ("primary_address", None, {"a": "b"}, "mapping is given"),
        ("suffix_map", {" ": "b.com"}, None, "empty"),
        ("suffix_map", {"a.local": "b.com", "A.LOCAL": "c.com"}, None, "twice"),
        ("suffix_map", {"a.local": "not a domain"}, None, "not the name of a domain"),
        ("suffix_map", {"a.com": "b.com", "b.com": "a.com"}, None, "old one for others"),
        ("mapping", None, {"a@x.com": "b@x.com", "b@x.com": "c@x.com"}, "old one for others"),
    ],
)
def test_what_cannot_be_meant(
    source: str,
    suffix_map: dict[str, str] | None,
    names: dict[str, str] | None,
    problem: str,
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        Wanted.from_options(source, suffix_map, names)


def test_what_is_as_it_should_be_may_be_named() -> None:
    Wanted.from_options("mapping", None, {"a@x.com": "A@x.com", "b@x.com": "c@x.com"})
    Wanted.from_options("suffix_map", {"x.com": "x.com"}, None)
