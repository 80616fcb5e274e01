# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Customers out of what Graph tells, and how they are kept."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    ObjectGone,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants import (
    arguments,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants import (
    remembered as memory,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.model import (
    Contract,
    DelegatedCustomer,
    Listed,
    Relationship,
    customers_of,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._partner_tenants.runner import (
    asked,
    find,
)

A = "3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11"
B = "5b8e1d3c-7f42-4a90-8c16-2d9b0e4f6a71"
CONTRACTS = (
    Contract(A, "Contoso KK", "contoso.onmicrosoft.com", "ResellerPartner"),
    Contract(A, "Contoso", "contoso.com", "BreadthPartner"),
    Contract(B, None, None, None),
)
LISTED = Listed(
    CONTRACTS,
    (DelegatedCustomer(A, "Contoso AB"),),
    (Relationship(A, "active"), Relationship(A, "terminated")),
)
QUESTION = {"tenant": A, "sources": ["contracts"]}


def parameters(**given: Any) -> dict[str, Any]:
    options = {name: option.get("default") for name, option in arguments.ARGUMENTS.options.items()}
    return {**options, "entra_tenant_id": A, **given}


def test_who_is_in_several_lists_is_one_customer() -> None:
    first, second = customers_of(LISTED)
    assert first.tenant_id == A
    assert first.display_name == "Contoso AB"
    assert first.default_domain == "contoso.com"
    assert first.contract_types == ("BreadthPartner", "ResellerPartner")
    assert first.statuses == ("active", "terminated")
    assert first.sources == ("contracts", "delegated_admin_customers")
    assert (second.display_name, second.default_domain, second.contract_types) == (None, None, ())
    assert second.statuses == ()


def test_the_order_of_answers_does_not_count() -> None:
    results = {
        customers_of(Listed(tuple(contracts), LISTED.customers))
        for contracts in itertools.permutations(CONTRACTS)
    }
    assert len(results) == 1


def test_statuses_that_were_not_asked_for_are_not_told() -> None:
    assert customers_of(Listed(CONTRACTS))[0].statuses is None
    hosts = find(parameters(), Listed(CONTRACTS)).hosts
    assert "partner_relationship_statuses" not in hosts[0].variables


def test_what_is_not_told_is_no_variable() -> None:
    host = find(parameters(), LISTED).hosts[1]
    assert host.name == B
    assert set(host.variables) == {
        "tenant_entra_tenant_id",
        "partner_contract_types",
        "partner_sources",
        "partner_relationship_statuses",
    }


def test_nobody_at_all_is_a_failure() -> None:
    with pytest.raises(ObjectGone, match="works for nobody"):
        find(parameters(), Listed())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, False),
        ({"relationships": True}, True),
        ({"only": {"relationship_statuses": ["active"]}}, True),
        ({"never": {"relationship_statuses": []}}, True),
        ({"only": {"relationship_statuses": None}}, False),
    ],
)
def test_relationships_are_asked_for_where_they_count(given: Any, expected: bool) -> None:
    assert asked(parameters(**given))["relationships"] is expected


@pytest.mark.parametrize(
    "given", [{"sources": []}, {"entra_cloud": "china"}, {"entra_graph_url": "http://graph.test"}]
)
def test_what_cannot_be_asked(given: Any) -> None:
    with pytest.raises(InvalidInput):
        asked(parameters(**given))


def test_china_has_contracts() -> None:
    assert asked(parameters(entra_cloud="china", sources=["contracts"]))["relationships"] is False


def test_no_secret_is_part_of_the_question() -> None:
    question = asked(parameters(entra_client_secret="hidden-7f", entra_certificate_password="x9"))
    assert "hidden-7f" not in str(question)
    assert "x9" not in str(question)


def test_what_was_kept_is_what_was_told() -> None:
    kept = json.loads(json.dumps(memory.remembered(LISTED, QUESTION)))
    assert memory.recalled(kept, QUESTION) == LISTED
    without = json.loads(json.dumps(memory.remembered(Listed(CONTRACTS), QUESTION)))
    assert memory.recalled(without, QUESTION) == Listed(CONTRACTS)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"format": 2, "asked": QUESTION, "listed": {}},
        {"format": 1, "asked": {**QUESTION, "tenant": B}, "listed": {}},
        {"format": 1, "asked": QUESTION},
        {"format": 1, "asked": QUESTION, "listed": {"contracts": []}},
        {
            "format": 1,
            "asked": QUESTION,
            "listed": {"contracts": [{"id": 1}], "customers": [], "relationships": None},
        },
    ],
)
def test_what_makes_no_sense_is_not_recalled(kept: object) -> None:
    assert memory.recalled(kept, QUESTION) is None
