# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of Conditional Access, of which one can be switched on and off.

https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy

All applications together may ask a tenant's once a second, and nobody is told how long to wait.
"""

from __future__ import annotations

import time
from typing import Any, get_args

from ..policies import ConditionalAccessPolicy, ConditionalAccessState
from ..state import Tenant
from .errors import bad_request, not_found, throttled
from .routes import Answer, Call, Operation
from .schema import STRING, EntityType, Enumeration

_PATH = "/identity/conditionalAccess/policies"
_CREATED = "2024-02-06T10:21:44.1180321Z"
_TYPE = EntityType(
    "microsoft.graph.conditionalAccessPolicy",
    {
        "id": STRING,
        "displayName": STRING,
        "state": Enumeration(
            "microsoft.graph.conditionalAccessPolicyState", get_args(ConditionalAccessState)
        ),
    },
)
_SECONDS_BETWEEN_REQUESTS = 1.0

_READ = frozenset({"Policy.Read.All"})
_WRITE = frozenset({"Policy.ReadWrite.ConditionalAccess"})


class ConditionalAccess:
    """The handlers; remembers when each tenant's were last asked."""

    def __init__(self) -> None:
        self._last_answered: dict[str, float] = {}

    def operations(self) -> list[Operation]:
        """Return the operations."""
        one = f"{_PATH}/{{id}}"
        return [
            Operation("GET", _PATH, _READ, self._list, frozenset({"$select", "$top"})),
            Operation("GET", one, _READ, self._read, frozenset({"$select"})),
            Operation("PATCH", one, _WRITE, self._update, together_with=_READ),
        ]

    def _list(self, call: Call) -> Answer:
        self._count(call)
        page, link = call.query.page(
            call.tenant.policies.conditional_access, f"{call.base_url}/v1.0{_PATH}"
        )
        entities = [call.query.project(_render(policy), _TYPE.name) for policy in page]
        context = f"{call.base_url}/v1.0/$metadata#identity/conditionalAccess/policies"
        return Answer(200, {"@odata.context": context, **link, "value": entities})

    def _read(self, call: Call) -> Answer:
        self._count(call)
        entity = call.query.project(_render(_find(call, call.tenant)), _TYPE.name)
        context = f"{call.base_url}/v1.0/$metadata#identity/conditionalAccess/policies/$entity"
        return Answer(200, {"@odata.context": context, **entity})

    def _update(self, call: Call) -> Answer:
        self._count(call)
        values = _TYPE.read_patch(call.body)
        with call.change() as tenant:
            policy = _find(call, tenant)
            state = values.get("state", policy.state)
            if state == "enabled" and tenant.policies.security_defaults:
                raise bad_request(
                    "Security Defaults is enabled in the tenant. You must disable Security "
                    "defaults before enabling a Conditional Access policy."
                )
            policy.state = state
            policy.display_name = values.get("displayName", policy.display_name)
        return Answer(204)

    def _count(self, call: Call) -> None:
        """Refuse what comes too soon after the last request that was answered."""
        now = time.monotonic()
        last = self._last_answered.get(call.tenant.tenant_id)
        if last is not None and now - last < _SECONDS_BETWEEN_REQUESTS:
            raise throttled(None)
        self._last_answered[call.tenant.tenant_id] = now


def _find(call: Call, tenant: Tenant) -> ConditionalAccessPolicy:
    for policy in tenant.policies.conditional_access:
        if policy.id.casefold() == call.path["id"].casefold():
            return policy
    raise not_found(call.path["id"])


def _render(policy: ConditionalAccessPolicy) -> dict[str, Any]:
    strength = policy.authentication_strength
    return {
        "id": policy.id,
        "templateId": None,
        "displayName": policy.display_name,
        "createdDateTime": _CREATED,
        "modifiedDateTime": None,
        "state": policy.state,
        "sessionControls": None,
        "conditions": {
            "clientAppTypes": ["all"],
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "servicePrincipalRiskLevels": [],
            "platforms": None,
            "locations": None,
            "devices": None,
            "clientApplications": None,
            "applications": {
                "includeApplications": list(policy.include_applications),
                "excludeApplications": [],
                "includeUserActions": [],
            },
            "users": {
                "includeUsers": list(policy.include_users),
                "excludeUsers": list(policy.exclude_users),
                "includeGroups": [],
                "excludeGroups": [],
                "includeRoles": list(policy.include_roles),
                "excludeRoles": [],
                "includeGuestsOrExternalUsers": None,
                "excludeGuestsOrExternalUsers": None,
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": list(policy.built_in_controls),
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength": None if strength is None else {"id": strength},
        },
    }
