# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenants that a partner works for, out of what Graph tells of each. Pure.

Source: Microsoft Graph, resources contract, delegatedAdminCustomer and delegatedAdminRelationship.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

CONTRACTS = "contracts"
DELEGATED = "delegated_admin_customers"
SOURCES = (DELEGATED, CONTRACTS)


@dataclass(frozen=True)
class Contract:
    """A contract with a customer; its names are those of when it was made. Ids in lower case."""

    tenant_id: str
    display_name: str | None
    default_domain: str | None
    contract_type: str | None


@dataclass(frozen=True)
class DelegatedCustomer:
    """A customer with delegated administration (GDAP)."""

    tenant_id: str
    display_name: str | None


@dataclass(frozen=True)
class Relationship:
    """One relationship of delegated administration that a customer has accepted."""

    tenant_id: str
    status: str


@dataclass(frozen=True)
class Listed:
    """All that a partner's tenant told, in Graph's order.

    `relationships` is null where they were not asked for.
    """

    contracts: tuple[Contract, ...] = ()
    customers: tuple[DelegatedCustomer, ...] = ()
    relationships: tuple[Relationship, ...] | None = None


@dataclass(frozen=True)
class Customer:
    """A customer's tenant, once, whatever told of it. Everything is sorted.

    `statuses` are those of its relationships, null where they were not asked for.
    """

    tenant_id: str
    display_name: str | None
    default_domain: str | None
    contract_types: tuple[str, ...]
    statuses: tuple[str, ...] | None
    sources: tuple[str, ...]


def customers_of(listed: Listed) -> tuple[Customer, ...]:
    """Every customer once, sorted by tenant id, so that the order of answers does not count."""
    contracts: dict[str, list[Contract]] = defaultdict(list)
    for contract in listed.contracts:
        contracts[contract.tenant_id].append(contract)
    delegated = {customer.tenant_id: customer for customer in listed.customers}
    statuses: dict[str, set[str]] = defaultdict(set)
    for relationship in listed.relationships or ():
        statuses[relationship.tenant_id].add(relationship.status)
    return tuple(
        _customer(
            tenant_id,
            contracts.get(tenant_id, []),
            delegated.get(tenant_id),
            None if listed.relationships is None else statuses.get(tenant_id, set()),
        )
        for tenant_id in sorted(contracts.keys() | delegated.keys())
    )


def _customer(
    tenant_id: str,
    contracts: list[Contract],
    delegated: DelegatedCustomer | None,
    statuses: set[str] | None,
) -> Customer:
    # What a contract says is a copy that grows old; what delegated administration says is current.
    current = delegated.display_name if delegated is not None else None
    sources = {DELEGATED} if delegated is not None else set[str]()
    return Customer(
        tenant_id=tenant_id,
        display_name=current or _first(contract.display_name for contract in contracts),
        default_domain=_first(contract.default_domain for contract in contracts),
        contract_types=_sorted(contract.contract_type for contract in contracts),
        statuses=None if statuses is None else tuple(sorted(statuses)),
        sources=tuple(sorted(sources | ({CONTRACTS} if contracts else set()))),
    )


def _first(texts: Iterable[str | None]) -> str | None:
    """The first by the alphabet: which one matters less than that it is always the same."""
    return next(iter(_sorted(texts)), None)


def _sorted(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if text}))
