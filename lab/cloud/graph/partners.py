# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tenants that a partner works for. Who is no partner has none.

https://learn.microsoft.com/graph/api/resources/contract
https://learn.microsoft.com/graph/api/resources/delegatedadminrelationships-api-overview
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from ..partners import Contract, DelegatedAdminCustomer, DelegatedAdminRelationship, Partner
from .errors import bad_request
from .routes import Answer, Call, Operation

_READ_CONTRACTS = frozenset({"Directory.Read.All", "Directory.ReadWrite.All"})
_READ_DELEGATED = frozenset(
    {"DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"}
)
_LIST = frozenset({"$select", "$top"})
_LONGEST_DELEGATED_PAGE = 300
_CUSTOMERS = "tenantRelationships/delegatedAdminCustomers"
_RELATIONSHIPS = "tenantRelationships/delegatedAdminRelationships"


def _list_contracts(call: Call) -> Answer:
    return _page(call, "contracts", map(_contract, _partner(call).contracts))


def _list_customers(call: Call) -> Answer:
    _check_top(call)
    return _page(call, _CUSTOMERS, map(_customer, _partner(call).customers))


def _list_relationships(call: Call) -> Answer:
    _check_top(call)
    return _page(call, _RELATIONSHIPS, map(_relationship, _partner(call).relationships))


def _partner(call: Call) -> Partner:
    return call.tenant.partner or Partner()


def _check_top(call: Call) -> None:
    if call.query.top > _LONGEST_DELEGATED_PAGE:
        raise bad_request("The limit of 300 for Top query has been exceeded.")


def _page(call: Call, path: str, entities: Iterable[dict[str, Any]]) -> Answer:
    url = f"{call.base_url}/v1.0/{path}"
    query = replace(call.query, top=min(call.query.top, _partner(call).page_size))
    page, link = query.page(list(entities), url)
    type_name = f"microsoft.graph.{path.rpartition('/')[2].removesuffix('s')}"
    value = [query.project(entity, type_name) for entity in page]
    context = f"{call.base_url}/v1.0/$metadata#{path}"
    return Answer(200, {"@odata.context": context, **link, "value": value})


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "id": contract.id,
        "deletedDateTime": None,
        "contractType": contract.contract_type,
        "customerId": contract.customer_id,
        "defaultDomainName": contract.default_domain,
        "displayName": contract.display_name,
    }


def _customer(customer: DelegatedAdminCustomer) -> dict[str, Any]:
    return {
        "@odata.etag": _etag(customer.tenant_id),
        "id": customer.tenant_id,
        "tenantId": customer.tenant_id,
        "displayName": customer.display_name,
    }


def _relationship(relationship: DelegatedAdminRelationship) -> dict[str, Any]:
    customer = relationship.customer
    return {
        "@odata.etag": _etag(relationship.id),
        "id": relationship.id,
        "displayName": relationship.display_name,
        "duration": "P730D",
        "autoExtendDuration": "PT0S",
        "status": relationship.status,
        "customer": None
        if customer is None
        else {"tenantId": customer.tenant_id, "displayName": customer.display_name},
        "accessDetails": {
            "unifiedRoles": [{"roleDefinitionId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"}]
        },
        "createdDateTime": "2025-02-10T09:00:00Z",
        "lastModifiedDateTime": "2025-02-11T09:00:00Z",
        "activatedDateTime": None if customer is None else "2025-02-11T09:00:00Z",
        "endDateTime": None if customer is None else "2027-02-11T09:00:00Z",
    }


def _etag(text: str) -> str:
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'


def _operation(
    path: str, permissions: frozenset[str], handler: Callable[[Call], Answer]
) -> Operation:
    return Operation("GET", f"/{path}", permissions, handler, _LIST)


OPERATIONS = [
    _operation("contracts", _READ_CONTRACTS, _list_contracts),
    _operation(_CUSTOMERS, _READ_DELEGATED, _list_customers),
    _operation(_RELATIONSHIPS, _READ_DELEGATED, _list_relationships),
]
