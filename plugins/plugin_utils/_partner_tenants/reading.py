# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the tenant of a partner for whom it works.

Source: Microsoft Graph, List contracts, List delegatedAdminCustomers, List
delegatedAdminRelationships. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ...module_utils._errors import NotUnderstood
from ...module_utils._graph.access import Access
from ...module_utils._graph.client import Graph
from ...module_utils._graph.json_pages import json_entries
from .._fleet_inventory.model import is_tenant_id
from .model import CONTRACTS, DELEGATED, Contract, DelegatedCustomer, Listed, Relationship

READ_DELEGATED = Access(
    "DelegatedAdminRelationship.Read.All",
    "Global Reader",
    ("DelegatedAdminRelationship.ReadWrite.All",),
)
READ_CONTRACTS = Access("Directory.Read.All", "Directory Readers", ("Directory.ReadWrite.All",))

_CUSTOMERS_PATH = "tenantRelationships/delegatedAdminCustomers"
_RELATIONSHIPS_PATH = "tenantRelationships/delegatedAdminRelationships"
# As many as Graph gives of these at once; of contracts it does not say.
_LONGEST_PAGE = {"$top": "300"}


async def read_listed(graph: Graph, sources: Collection[str], *, relationships: bool) -> Listed:
    """All that the partner's tenant tells. Raises `TenantopsError`; half a list is none."""
    await graph.require(*_needed(sources, relationships))
    return Listed(
        contracts=tuple(await _contracts(graph)) if CONTRACTS in sources else (),
        customers=tuple(await _customers(graph)) if DELEGATED in sources else (),
        relationships=tuple(await _relationships(graph)) if relationships else None,
    )


def _needed(sources: Collection[str], relationships: bool) -> list[Access]:
    delegated = [READ_DELEGATED] if relationships or DELEGATED in sources else []
    return [*delegated, *([READ_CONTRACTS] if CONTRACTS in sources else [])]


async def _contracts(graph: Graph) -> list[Contract]:
    return [
        Contract(
            tenant_id=_tenant_id(graph, CONTRACTS, entry, "customerId"),
            display_name=_text(graph, CONTRACTS, entry, "displayName"),
            default_domain=_text(graph, CONTRACTS, entry, "defaultDomainName"),
            contract_type=_text(graph, CONTRACTS, entry, "contractType"),
        )
        async for entry in json_entries(graph, CONTRACTS, CONTRACTS, access=READ_CONTRACTS)
    ]


async def _customers(graph: Graph) -> list[DelegatedCustomer]:
    path = _CUSTOMERS_PATH
    return [
        DelegatedCustomer(
            _tenant_id(graph, path, entry, "tenantId"), _text(graph, path, entry, "displayName")
        )
        async for entry in json_entries(graph, path, path, _LONGEST_PAGE, access=READ_DELEGATED)
    ]


async def _relationships(graph: Graph) -> list[Relationship]:
    path, found = _RELATIONSHIPS_PATH, []
    async for entry in json_entries(graph, path, path, _LONGEST_PAGE, access=READ_DELEGATED):
        customer = entry.get("customer")
        status = _text(graph, path, entry, "status")
        if customer is None:
            # Nobody has accepted it yet, so it is about nobody.
            continue
        if not isinstance(customer, dict) or not status:
            raise _not_understood(graph, path, entry, "without its status or its customer")
        found.append(Relationship(_tenant_id(graph, path, customer, "tenantId"), status))
    return found


def _tenant_id(graph: Graph, subject: str, entry: dict[str, Any], name: str) -> str:
    found = entry.get(name)
    if not isinstance(found, str) or not is_tenant_id(found):
        raise _not_understood(graph, subject, entry, f"whose {name} is {found!r}")
    return found.lower()


def _text(graph: Graph, subject: str, entry: dict[str, Any], name: str) -> str | None:
    found = entry.get(name)
    if found is not None and not isinstance(found, str):
        raise _not_understood(graph, subject, entry, f"whose {name} is {found!r}")
    return found


def _not_understood(
    graph: Graph, subject: str, entry: dict[str, Any], answer: str
) -> NotUnderstood:
    return NotUnderstood(
        "A customer is told as Graph does not document it",
        server=graph.server,
        subject=subject,
        answer=f"an entry {entry.get('id')!r} {answer}"[:300],
    )
