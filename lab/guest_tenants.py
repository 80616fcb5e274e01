# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Six tenants that are about guests, each with its policies and another thing to be wanted.

They have no DNS zone of their own, and no part in the directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .cloud.policies import (
    ALL_USERS,
    GLOBAL_ADMINISTRATOR,
    ConditionalAccessPolicy,
    CrossTenantAccess,
    InboundTrust,
    Policies,
    RedemptionOrder,
)
from .tenants import PERMISSIONS, EmailOtp, Tenant

_WRITING = "Policy.ReadWrite."
_PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"


@dataclass(frozen=True)
class GuestTenant:
    """A tenant and what is about guests in it.

    ``guests`` and ``crowd`` are as the cloud's configuration has them, ``wanted`` are variables of
    the inventory. ``permissions`` are those of its application.
    """

    tenant: Tenant
    guests: tuple[Mapping[str, Any], ...] = ()
    crowd: Mapping[str, Any] | None = None
    policies: Policies = field(default_factory=Policies)
    permissions: tuple[str, ...] = PERMISSIONS
    wanted: Mapping[str, Any] = field(default_factory=dict)


def guest(address: str, method: str, **details: Any) -> dict[str, Any]:
    """Return a guest as the cloud's configuration has it."""
    return {"address": address, "method": method, **details}


def _tenant(
    number: int, name: str, display_name: str, email_otp: EmailOtp, wanted_email_otp: EmailOtp
) -> Tenant:
    return Tenant(
        name=name,
        display_name=display_name,
        domain=f"{name}.test",
        tenant_id=f"0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a50{number:02}",
        client_id=f"5d0b6e3a-1f57-4c0b-8f43-7a2d9b6c20{number:02}",
        email_otp=email_otp,
        wanted_email_otp=wanted_email_otp,
        verification=f"MS=ms{26110500 + number}",
    )


def _policy(number: int, name: str, **details: Any) -> ConditionalAccessPolicy:
    identifier = f"9d4e2b70-58c1-4a3f-b6d2-0e7f91c3a5{number:02}"
    return ConditionalAccessPolicy(identifier, name, **{"state": "enabled", **details})


# Guests of all kinds; the passcode is to be there for those who lose their other way in.
TO_PASSCODE = GuestTenant(
    _tenant(1, "relecloud", "Relecloud", "disabled", "enabled"),
    guests=(
        guest("moa.ek@consulting.test", "microsoft_account", language="sv-SE"),
        guest("haruto.sato@keiri.test", "microsoft_account", language="ja-JP"),
        guest("ruth.ade@consulting.test", "microsoft_account", role="User Administrator"),
        guest("bills+relecloud@consulting.test", "microsoft_account"),
        guest("li.wei@viral0.test", "entra_viral", language="en-GB"),
        guest(
            "olga.lind@viral0.test", "entra_viral", accounts=["entra_viral", "microsoft_account"]
        ),
        guest("per.dahl@consulting.test", "one_time_passcode"),
        guest("ann.moss@managed0.test", "entra_managed"),
        guest("tim.hart@dissolved0.test", "entra_unresolved"),
        guest("gina.roe@consulting.test", "google"),
        guest("fred.boon@consulting.test", "facebook"),
        guest("sam.lodge@signs-in-itself0.test", "federated"),
        guest("new.comer@consulting.test", "not_redeemed", language="sv"),
        guest("late.comer@managed0.test", "not_redeemed", accounts=["entra_managed"]),
        guest("temp.staff@contractor0.test", "internal"),
        guest("odd.one@consulting.test", "unknown", issuer="wallet.test"),
        guest("no.mail@consulting.test", "microsoft_account", has_mail=False),
    ),
    crowd={"count": 44, "seed": 11},
    policies=Policies(
        cross_tenant_access=CrossTenantAccess(
            is_service_default=False, inbound_trust=InboundTrust(is_mfa_accepted=True)
        )
    ),
    wanted={
        "tenant_redemption_order": {"fallback": "emailOneTimePasscode"},
        "tenant_guest_redemption": {"methods": ["microsoft_account", "entra_viral"]},
    },
)

# Its passcode guests are to have Microsoft accounts before it goes off.
FROM_PASSCODE = GuestTenant(
    _tenant(2, "vanarsdel", "VanArsdel, Ltd.", "default", "disabled"),
    guests=(
        guest("sara.berg@keiri.test", "one_time_passcode", language="sv-SE"),
        guest("ken.ito@keiri.test", "one_time_passcode", language="ja", accounts=["google"]),
    ),
    crowd={
        "count": 20,
        "seed": 12,
        "methods": {"one_time_passcode": 12, "entra_managed": 5, "microsoft_account": 3},
    },
    policies=Policies(
        cross_tenant_access=CrossTenantAccess(
            is_service_default=False,
            redemption_order=RedemptionOrder(fallback="emailOneTimePasscode"),
        )
    ),
    wanted={
        "tenant_redemption_order": {"fallback": "microsoftAccount"},
        "tenant_guest_redemption": {"methods": ["one_time_passcode"], "send_mail": True},
    },
)

# Would lock its guests out.
LOCKING_OUT = GuestTenant(
    _tenant(3, "wideworld", "Wide World Importers", "enabled", "disabled"),
    crowd={"count": 12, "seed": 13, "methods": {"one_time_passcode": 2, "entra_managed": 1}},
)

# May read its policies and not write them.
READ_ONLY = GuestTenant(
    _tenant(4, "margies", "Margie's Travel", "disabled", "enabled"),
    crowd={"count": 8, "seed": 14, "methods": {"entra_managed": 2, "microsoft_account": 1}},
    permissions=tuple(one for one in PERMISSIONS if not one.startswith(_WRITING)),
    wanted={"tenant_redemption_order": {"fallback": "emailOneTimePasscode"}},
)

# Wants security defaults beside Conditional Access.
WITH_CONDITIONAL_ACCESS = GuestTenant(
    _tenant(5, "consolidated", "Consolidated Messenger", "default", "default"),
    crowd={"count": 6, "seed": 15, "methods": {"entra_managed": 1}},
    policies=Policies(
        conditional_access=[
            _policy(
                1,
                "Require MFA for guests",
                include_users=["GuestsOrExternalUsers"],
                built_in_controls=["mfa"],
            ),
            _policy(
                2,
                "Block legacy authentication",
                state="enabledForReportingButNotEnforced",
                include_users=[ALL_USERS],
                built_in_controls=["block"],
            ),
        ]
    ),
    wanted={"tenant_security_defaults": {"enabled": True}},
)

# Its administrators are protected by Conditional Access, so that security defaults may go.
PROTECTED = GuestTenant(
    _tenant(6, "nodpublishers", "Nod Publishers", "default", "default"),
    crowd={"count": 6, "seed": 16, "methods": {"entra_managed": 1}},
    policies=Policies(
        security_defaults=True,
        conditional_access=[
            _policy(
                3,
                "Phishing-resistant MFA for administrators",
                include_roles=[GLOBAL_ADMINISTRATOR],
                authentication_strength=_PHISHING_RESISTANT,
            )
        ],
    ),
    wanted={"tenant_security_defaults": {"enabled": False}},
)

ALL = (
    TO_PASSCODE,
    FROM_PASSCODE,
    LOCKING_OUT,
    READ_ONLY,
    WITH_CONDITIONAL_ACCESS,
    PROTECTED,
)

# A handful of guests in each tenant of the demo, and what is to become of them.
IN_DEMO: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "fourthcoffee": (
        guest("elin.sand@rostning.test", "one_time_passcode", language="sv-SE"),
        guest("omar.haddad@rostning.test", "microsoft_account", language="sv-SE"),
        guest("nina.falk@managed0.test", "entra_managed", language="sv"),
        guest("jo.brand@viral0.test", "entra_viral", language="en-US"),
    ),
    "fabrikam": (
        guest("uwe.kern@zulieferer.test", "microsoft_account", language="de-DE"),
        guest("petra.loos@managed0.test", "entra_managed", language="de-DE"),
        guest("max.rieder@zulieferer.test", "not_redeemed", language="de-DE"),
    ),
    "contoso": (
        guest("aoi.mori@torihiki.test", "microsoft_account", language="ja-JP"),
        guest("ren.abe@managed0.test", "entra_managed", language="ja-JP"),
    ),
}
WANTED_IN_DEMO: Mapping[str, Mapping[str, Any]] = {
    "fourthcoffee": {
        "tenant_redemption_order": {"fallback": "emailOneTimePasscode"},
        "tenant_guest_redemption": {"methods": ["microsoft_account", "entra_viral"]},
        "tenant_guest_notice": {"organization": "Fourth Coffee", "contact": "it@fourthcoffee.test"},
    },
    "fabrikam": {"tenant_redemption_order": {"fallback": "emailOneTimePasscode"}},
}


def configuration(name: str) -> dict[str, Any]:
    """Return what the cloud's configuration says of guests and policies in a tenant."""
    for one in ALL:
        if one.tenant.name == name:
            return {
                "guests": [dict(entry) for entry in one.guests],
                "crowd": None if one.crowd is None else dict(one.crowd),
                "policies": asdict(one.policies),
            }
    return {"guests": [dict(entry) for entry in IN_DEMO.get(name, ())]}


def permissions(name: str) -> tuple[str, ...]:
    """Return what the application of a tenant may do."""
    return next((one.permissions for one in ALL if one.tenant.name == name), PERMISSIONS)
