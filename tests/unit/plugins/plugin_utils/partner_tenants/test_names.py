# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of customers: safe, each once, whatever the order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.plugin_utils._fleet_inventory.model import (
    is_safe_name,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.model import (
    Customer,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.names import (
    NAMES,
    name_customers,
    safe_name,
)

A = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
B = "5b8e1d3c-7f42-4a90-8c16-2d9b0e4f6a71"
RESERVED = frozenset({"all", "tenants"})
USUAL = ("default_domain", "display_name")


def customer(tenant_id: str, name: str | None = None, domain: str | None = None) -> Customer:
    return Customer(tenant_id, name, domain, (), None, ())


def names(*customers: Customer, by: Any = USUAL, **given: str) -> dict[str, str]:
    own = {{"a": A, "b": B}[key]: name for key, name in given.items()}
    return dict(name_customers(customers, by, own, RESERVED).names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Contoso AB", "contoso-ab"),
        ("  Åre & Söner (test) ", "are-soner-test"),
        ("株式会社コントソ", ""),
        ("contoso.com", "contoso.com"),
        ("../../etc/passwd", "etc-passwd"),
        ("{{ x }}", "x"),
        ("a" * 200, "a" * 80),
        ("--.-", ""),
    ],
)
def test_safe_names(text: str, expected: str) -> None:
    assert safe_name(text) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (customer(A, "Contoso AB", "Contoso.onmicrosoft.com"), "contoso"),
        (customer(A, "Contoso AB", "contoso.partner.onmicrosoft.cn"), "contoso"),
        (customer(A, "Contoso AB", "contoso.com"), "contoso.com"),
        (customer(A, "Contoso AB"), "contoso-ab"),
        (customer(A, "株式会社コントソ"), A),
        (customer(A), A),
        (customer(A, "Tenants"), f"tenants-{A[:8]}"),
    ],
)
def test_a_name_is_the_first_that_there_is(one: Customer, expected: str) -> None:
    assert names(one) == {A: expected}


def test_the_operator_says_what_comes_first() -> None:
    one = customer(A, "Contoso AB", "contoso.com")
    assert names(one, by=["display_name"]) == {A: "contoso-ab"}
    assert names(one, by=["tenant_id", "display_name"]) == {A: A}


def test_namesakes_are_all_told_apart() -> None:
    found = name_customers([customer(A, "X"), customer(B, "x")], USUAL, {}, RESERVED)
    assert found.names == {A: f"x-{A[:8]}", B: f"x-{B[:8]}"}
    assert found.clashes == ("x",)


def test_a_given_name_is_kept() -> None:
    assert names(customer(A, "X"), customer(B, "x"), a="x") == {A: "x", B: f"x-{B[:8]}"}
    assert names(customer(A, "X"), a="My.Own_Name@1") == {A: "My.Own_Name@1"}


@pytest.mark.parametrize(
    "given_names",
    [{A: "a b"}, {A: "all"}, {A: ""}, {"contoso": "x"}, {A: "x", B: "X"}, {A: "-x"}],
)
def test_given_names_that_cannot_be(given_names: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="host_names"):
        name_customers([customer(A, "X")], USUAL, given_names, RESERVED)


TEXTS = st.none() | st.text(max_size=12) | st.sampled_from(["X", "x", "x-00000000", "all", "y.com"])
CUSTOMERS = st.lists(
    st.builds(
        customer,
        st.uuids().map(str)
        | st.integers(0, 9).map(lambda number: f"00000000-0000-4000-8000-00000000000{number}"),
        TEXTS,
        TEXTS,
    ),
    unique_by=lambda one: one.tenant_id,
    max_size=8,
)


@given(CUSTOMERS, st.lists(st.sampled_from(NAMES), unique=True), st.randoms())
def test_every_name_is_safe_and_there_once(
    customers: list[Customer], by: list[str], chance: Any
) -> None:
    found = name_customers(customers, by, {}, RESERVED).names
    assert set(found) == {one.tenant_id for one in customers}
    assert all(is_safe_name(name) for name in found.values())
    assert len({name.casefold() for name in found.values()} | RESERVED) == len(found) + 2
    chance.shuffle(customers)
    assert name_customers(customers, by, {}, RESERVED).names == found
