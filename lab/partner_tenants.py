# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A partner's tenant, which works for tenants of the lab and for some that are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from . import account_tenants, domain_states, guest_tenants, tenants
from .cloud.partners import Contract, DelegatedAdminCustomer, DelegatedAdminRelationship, Partner
from .tenants import Tenant

PERMISSIONS = ("DelegatedAdminRelationship.Read.All", "Directory.Read.All")

PARTNER = Tenant(
    name="adventureworks",
    display_name="Adventure Works",
    domain="adventureworks.test",
    tenant_id="0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a5201",
    client_id="5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c2201",
    email_otp="default",
    wanted_email_otp="default",
    verification="MS=ms26110701",
)

_TENANTS: Mapping[str, Tenant] = {
    tenant.name: tenant
    for tenant in (
        *tenants.DEMO,
        *(state.tenant for state in domain_states.ALL),
        *(one.tenant for one in guest_tenants.ALL),
        *(one.tenant for one in account_tenants.ALL),
    )
}

# Two organisations with one name, neither of them in the lab.
NAMESAKES = (
    "7a1e4c90-2b6d-4f3a-9e58-1c0d2b3a4f01",
    "c84d0f7e-91a2-4b6c-8d35-6e7f80912a02",
)
_NAMESAKE = "School of Fine Art"


def _contract(number: int, name: str, contract_type: str, display_name: str = "") -> Contract:
    tenant = _TENANTS[name]
    return Contract(
        id=f"f0a1b2c3-d4e5-4f60-8a7b-9c0d1e2f30{number:02}",
        customer_id=tenant.tenant_id,
        contract_type=contract_type,
        default_domain=tenant.initial_domain,
        display_name=display_name or tenant.display_name,
    )


def _customer(name: str) -> DelegatedAdminCustomer:
    tenant = _TENANTS[name]
    return DelegatedAdminCustomer(tenant.tenant_id, tenant.display_name)


def _relationship(number: int, status: Any, name: str = "") -> DelegatedAdminRelationship:
    return DelegatedAdminRelationship(
        id=f"3d1c5e7f-8a9b-4c0d-9e1f-2a3b4c5d60{number:02}-1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9",
        display_name=f"Migration {number}",
        status=status,
        customer=_customer(name) if name else None,
    )


_KNOWN = Partner(
    contracts=[
        _contract(1, "fourthcoffee", "ResellerPartner"),
        # The name of when the contract was made
        _contract(2, "contoso", "BreadthPartner", "Contoso KK"),
        _contract(3, "fabrikam", "ResellerPartner"),
        # One customer, two contracts
        _contract(4, "fabrikam", "BreadthPartner"),
        _contract(5, "litware", "ResellerPartner"),
    ],
    customers=[
        *map(_customer, ("contoso", "fabrikam", "relecloud", "munson")),
        *(DelegatedAdminCustomer(tenant_id, _NAMESAKE) for tenant_id in NAMESAKES),
    ],
    relationships=[
        _relationship(1, "active", "contoso"),
        _relationship(2, "terminated", "contoso"),
        _relationship(3, "expiring", "fabrikam"),
        _relationship(4, "expired", "relecloud"),
        _relationship(5, "active", "munson"),
        # Nobody has accepted it yet.
        _relationship(6, "approvalPending"),
    ],
    # Few, so that there is always another page.
    page_size=2,
)


def configuration(name: str) -> dict[str, Any]:
    """Return what the cloud's configuration says of the tenants that a tenant works for."""
    return {"partner": asdict(_KNOWN)} if name == PARTNER.name else {}
