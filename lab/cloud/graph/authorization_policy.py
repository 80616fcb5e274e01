# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authorization policy, to be read: who may invite guests.

https://learn.microsoft.com/graph/api/resources/authorizationpolicy
"""

from __future__ import annotations

from typing import Any

from ..policies import InvitesFrom
from .routes import Answer, Call, Operation

_TYPE_NAME = "microsoft.graph.authorizationPolicy"
_GUEST_USER_ROLE = "10dae51f-b6af-4016-8d66-8c2a99b929b3"

_READ = frozenset({"Policy.Read.All", "Policy.ReadWrite.Authorization"})


def _read(call: Call) -> Answer:
    policy = _render(call.tenant.policies.allow_invites_from)
    entity = call.query.project(policy, _TYPE_NAME)
    context = f"{call.base_url}/v1.0/$metadata#policies/authorizationPolicy/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _render(allow_invites_from: InvitesFrom) -> dict[str, Any]:
    return {
        "id": "authorizationPolicy",
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowInvitesFrom": allow_invites_from,
        "allowedToSignUpEmailBasedSubscriptions": True,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "allowUserConsentForRiskyApps": None,
        "blockMsolPowerShell": False,
        "guestUserRoleId": _GUEST_USER_ROLE,
        "defaultUserRolePermissions": {
            "allowedToCreateApps": True,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": True,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": [],
        },
    }


OPERATIONS = [
    Operation("GET", "/policies/authorizationPolicy", _READ, _read, frozenset({"$select"}))
]
