# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The organization: a collection of one, the tenant itself.

https://learn.microsoft.com/graph/api/resources/organization
"""

from __future__ import annotations

from typing import Any

from ..state import Domain, Tenant
from .errors import not_found
from .routes import Answer, Call, Operation

_TYPE_NAME = "microsoft.graph.organization"

_READ = frozenset(
    {
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    }
)
_SELECT = frozenset({"$select"})


def _list(call: Call) -> Answer:
    entity = call.query.project(_render(call.tenant), _TYPE_NAME)
    context = f"{call.base_url}/v1.0/$metadata#organization"
    return Answer(200, {"@odata.context": context, "value": [entity]})


def _read(call: Call) -> Answer:
    if call.path["id"].casefold() != call.tenant.tenant_id.casefold():
        raise not_found(call.path["id"])
    entity = call.query.project(_render(call.tenant), _TYPE_NAME)
    context = f"{call.base_url}/v1.0/$metadata#organization/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _render(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.tenant_id,
        "deletedDateTime": None,
        "assignedPlans": [],
        "businessPhones": [],
        "city": None,
        "countryLetterCode": tenant.country,
        "createdDateTime": tenant.created,
        "defaultUsageLocation": tenant.country,
        "displayName": tenant.display_name,
        "onPremisesLastSyncDateTime": tenant.on_premises_last_sync,
        "onPremisesSyncEnabled": tenant.on_premises_sync_enabled,
        "partnerTenantType": None,
        "provisionedPlans": [],
        "technicalNotificationMails": tenant.technical_mails,
        "tenantType": "AAD",
        "verifiedDomains": [
            _render_domain(domain) for domain in tenant.domains if domain.is_verified
        ],
    }


def _render_domain(domain: Domain) -> dict[str, Any]:
    return {
        "capabilities": ", ".join(domain.capabilities),
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "name": domain.name,
        "type": domain.authentication_type,
    }


OPERATIONS = [
    Operation("GET", "/organization", _READ, _list, _SELECT),
    Operation("GET", "/organization/{id}", _READ, _read, _SELECT),
]
