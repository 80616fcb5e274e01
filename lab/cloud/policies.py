# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies of a tenant that say how guests and members sign in, as Entra keeps them.

The email authentication method, which is a policy too, is beside the tenant in ``state``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

PrimaryProvider = Literal["externalFederation", "azureActiveDirectory", "socialIdentityProviders"]
FallbackProvider = Literal["defaultConfiguredIdp", "emailOneTimePasscode", "microsoftAccount"]
ConditionalAccessState = Literal["enabled", "disabled", "enabledForReportingButNotEnforced"]
InvitesFrom = Literal[
    "none", "adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone"
]
SocialProvider = Literal["google", "facebook"]

ALL_APPLICATIONS = "All"
ALL_USERS = "All"
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"


def _system_order() -> list[PrimaryProvider]:
    return ["externalFederation", "azureActiveDirectory", "socialIdentityProviders"]


@dataclass
class RedemptionOrder:
    """With which account a guest redeems: the first of ``primary`` that there is, or the fallback.

    The values are those of a tenant that has set nothing.
    """

    primary: list[PrimaryProvider] = field(default_factory=_system_order)
    fallback: FallbackProvider = "defaultConfiguredIdp"


@dataclass
class InboundTrust:
    """Which claims of other tenants are believed: here so that writers have to leave them alone."""

    is_mfa_accepted: bool = False
    is_compliant_device_accepted: bool = False
    is_hybrid_joined_device_accepted: bool = False


@dataclass
class CrossTenantAccess:
    """The default configuration of cross-tenant access; ``is_service_default`` until changed."""

    is_service_default: bool = True
    redemption_order: RedemptionOrder = field(default_factory=RedemptionOrder)
    inbound_trust: InboundTrust = field(default_factory=InboundTrust)


@dataclass
class ConditionalAccessPolicy:
    """One policy of Conditional Access: whom and what it is about and what it asks for.

    Ids are those of directory objects and role templates; ``All`` stands for all of them.
    ``authentication_strength`` is the id of one, such as that of phishing-resistant MFA.
    """

    id: str
    display_name: str
    state: ConditionalAccessState
    include_users: list[str] = field(default_factory=list)
    exclude_users: list[str] = field(default_factory=list)
    include_roles: list[str] = field(default_factory=list)
    include_applications: list[str] = field(default_factory=lambda: [ALL_APPLICATIONS])
    built_in_controls: list[str] = field(default_factory=list)
    authentication_strength: str | None = None


@dataclass
class Policies:
    """All of them. Without anything said they are those of a tenant that has set nothing.

    ``federated_partners`` are the domains whose guests sign in at a server of their own, with the
    issuer URI of each.
    """

    cross_tenant_access: CrossTenantAccess = field(default_factory=CrossTenantAccess)
    security_defaults: bool = False
    conditional_access: list[ConditionalAccessPolicy] = field(default_factory=list)
    allow_invites_from: InvitesFrom = "everyone"
    social_providers: list[SocialProvider] = field(default_factory=lambda: ["google", "facebook"])
    federated_partners: dict[str, str] = field(default_factory=dict)
