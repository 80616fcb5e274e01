# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a partner's tenant knows of the tenants that it works for: contracts, and delegated
administration (GDAP), which know nothing of each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

RelationshipStatus = Literal[
    "activating",
    "active",
    "approvalPending",
    "approved",
    "created",
    "expired",
    "expiring",
    "terminated",
    "terminating",
    "terminationRequested",
]


@dataclass
class Contract:
    """``default_domain`` and ``display_name`` are copies of when it was made: they go stale."""

    id: str
    customer_id: str
    contract_type: str
    default_domain: str | None
    display_name: str | None


@dataclass
class DelegatedAdminCustomer:
    """A tenant with which there is at least one relationship that it has accepted."""

    tenant_id: str
    display_name: str


@dataclass
class DelegatedAdminRelationship:
    """Roles that a customer gives for a time; without a customer until somebody accepts it."""

    id: str
    display_name: str
    status: RelationshipStatus
    customer: DelegatedAdminCustomer | None = None


@dataclass
class Partner:
    """``page_size``: lists come in pages of no more, however many are asked for."""

    contracts: list[Contract] = field(default_factory=list)
    customers: list[DelegatedAdminCustomer] = field(default_factory=list)
    relationships: list[DelegatedAdminRelationship] = field(default_factory=list)
    page_size: int = 100
