# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cross-tenant access: the default configuration, of which the redemption order is a part.

https://learn.microsoft.com/graph/api/resources/crosstenantaccesspolicyconfigurationdefault

Of its other settings only the inbound trust can be changed here.
"""

from __future__ import annotations

from typing import Any, get_args

from ..policies import (
    CrossTenantAccess,
    FallbackProvider,
    InboundTrust,
    PrimaryProvider,
    RedemptionOrder,
)
from .errors import bad_request
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, UNKNOWN_FUTURE_VALUE, Collection, Complex, EntityType, Enumeration

_PATH = "/policies/crossTenantAccessPolicy/default"
_ORDER = "invitationRedemptionIdentityProviderConfiguration"
_PROVIDER = Enumeration(
    "microsoft.graph.b2bIdentityProvidersType",
    (*get_args(PrimaryProvider), *get_args(FallbackProvider), UNKNOWN_FUTURE_VALUE),
)
_TYPE = EntityType(
    "microsoft.graph.crossTenantAccessPolicyConfigurationDefault",
    {
        _ORDER: Complex(
            "microsoft.graph.defaultInvitationRedemptionIdentityProviderConfiguration",
            {
                "primaryIdentityProviderPrecedenceOrder": Collection(_PROVIDER),
                "fallbackIdentityProvider": _PROVIDER,
            },
            required=frozenset({"fallbackIdentityProvider"}),
        ),
        "inboundTrust": Complex(
            "microsoft.graph.crossTenantAccessPolicyInboundTrust",
            {
                "isMfaAccepted": BOOLEAN,
                "isCompliantDeviceAccepted": BOOLEAN,
                "isHybridAzureADJoinedDeviceAccepted": BOOLEAN,
            },
        ),
    },
)

_READ = frozenset({"Policy.Read.All", "Policy.ReadWrite.CrossTenantAccess"})
_WRITE = frozenset({"Policy.ReadWrite.CrossTenantAccess"})


def _read(call: Call) -> Answer:
    configuration = _render(call.tenant.policies.cross_tenant_access)
    entity = call.query.project(configuration, _TYPE.name)
    context = f"{call.base_url}/v1.0/$metadata#policies/crossTenantAccessPolicy/default/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _update(call: Call) -> Answer:
    values = _TYPE.read_patch(call.body)
    order = values.get(_ORDER)
    if order is not None:
        _check_order(order)
    with call.change() as tenant:
        _apply(tenant.policies.cross_tenant_access, values)
    return Answer(204)


def _reset(call: Call) -> Answer:
    with call.change() as tenant:
        tenant.policies.cross_tenant_access = CrossTenantAccess()
    return Answer(204)


def _check_order(order: dict[str, Any]) -> None:
    """Refuse providers in places that are not theirs."""
    primary = order.get("primaryIdentityProviderPrecedenceOrder", ["azureActiveDirectory"])
    misplaced = set(primary) - set(get_args(PrimaryProvider))
    if misplaced:
        raise bad_request(f"'{min(misplaced)}' cannot be a primary identity provider.")
    if not primary or len(set(primary)) != len(primary):
        raise bad_request("The primary identity providers have to be given, each of them once.")
    fallback = order["fallbackIdentityProvider"]
    if fallback not in get_args(FallbackProvider):
        raise bad_request(f"'{fallback}' cannot be the fallback identity provider.")


def _apply(configuration: CrossTenantAccess, values: dict[str, Any]) -> None:
    configuration.is_service_default = False
    order = values.get(_ORDER)
    if order is not None:
        current = configuration.redemption_order
        configuration.redemption_order = RedemptionOrder(
            order.get("primaryIdentityProviderPrecedenceOrder", current.primary),
            order["fallbackIdentityProvider"],
        )
    trust = values.get("inboundTrust")
    if trust is not None:
        believed = configuration.inbound_trust
        configuration.inbound_trust = InboundTrust(
            trust.get("isMfaAccepted", believed.is_mfa_accepted),
            trust.get("isCompliantDeviceAccepted", believed.is_compliant_device_accepted),
            trust.get(
                "isHybridAzureADJoinedDeviceAccepted", believed.is_hybrid_joined_device_accepted
            ),
        )


def _render(configuration: CrossTenantAccess) -> dict[str, Any]:
    order, trust = configuration.redemption_order, configuration.inbound_trust
    return {
        "isServiceDefault": configuration.is_service_default,
        "inboundTrust": {
            "isMfaAccepted": trust.is_mfa_accepted,
            "isCompliantDeviceAccepted": trust.is_compliant_device_accepted,
            "isHybridAzureADJoinedDeviceAccepted": trust.is_hybrid_joined_device_accepted,
        },
        "b2bCollaborationOutbound": _everybody("allowed"),
        "b2bCollaborationInbound": _everybody("allowed"),
        "b2bDirectConnectOutbound": _everybody("blocked"),
        "b2bDirectConnectInbound": _everybody("blocked"),
        "tenantRestrictions": {"devices": None, **_everybody("blocked")},
        "automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False},
        _ORDER: {
            "primaryIdentityProviderPrecedenceOrder": list(order.primary),
            "fallbackIdentityProvider": order.fallback,
        },
    }


def _everybody(access: str) -> dict[str, Any]:
    def to(target: str, kind: str) -> dict[str, Any]:
        return {"accessType": access, "targets": [{"target": target, "targetType": kind}]}

    return {
        "usersAndGroups": to("AllUsers", "user"),
        "applications": to("AllApplications", "application"),
    }


OPERATIONS = [
    Operation("GET", _PATH, _READ, _read, frozenset({"$select"})),
    Operation("PATCH", _PATH, _WRITE, _update),
    Operation("POST", f"{_PATH}/resetToSystemDefault", _WRITE, _reset),
]
