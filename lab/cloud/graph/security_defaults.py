# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults, which are on or off for all of a tenant.

https://learn.microsoft.com/graph/api/resources/identitysecuritydefaultsenforcementpolicy

They and Conditional Access exclude each other. With which error Microsoft says so is not written
down: no client may look at the text.
"""

from __future__ import annotations

from typing import Any

from .errors import bad_request
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, STRING, EntityType

_ID = "00000000-0000-0000-0000-000000000005"
_PATH = "/policies/identitySecurityDefaultsEnforcementPolicy"
_TYPE = EntityType(
    "microsoft.graph.identitySecurityDefaultsEnforcementPolicy",
    {"id": STRING, "isEnabled": BOOLEAN},
)

_READ = frozenset({"Policy.Read.All", "Policy.ReadWrite.SecurityDefaults"})
_WRITE = frozenset({"Policy.ReadWrite.SecurityDefaults", "Policy.ReadWrite.ConditionalAccess"})
_TOGETHER_WITH = frozenset({"Policy.Read.All"})


def _read(call: Call) -> Answer:
    entity = call.query.project(_render(call.tenant.policies.security_defaults), _TYPE.name)
    context = (
        f"{call.base_url}/v1.0/$metadata#policies/identitySecurityDefaultsEnforcementPolicy/$entity"
    )
    return Answer(200, {"@odata.context": context, **entity})


def _update(call: Call) -> Answer:
    values = _TYPE.read_patch(call.body)
    if values.pop("id", _ID) != _ID:
        raise bad_request("The key property 'id' cannot be changed.")
    with call.change() as tenant:
        policies = tenant.policies
        wanted = values.get("isEnabled", policies.security_defaults)
        hindering = [one for one in policies.conditional_access if one.state == "enabled"]
        if wanted and not policies.security_defaults and hindering:
            raise bad_request(
                "Security defaults cannot be enabled while policies of Conditional Access are."
            )
        policies.security_defaults = wanted
    return Answer(204)


def _render(is_enabled: bool) -> dict[str, Any]:
    return {
        "id": _ID,
        "displayName": "Security Defaults",
        "description": (
            "Security defaults is a set of basic identity security mechanisms recommended by "
            "Microsoft. When enabled, these recommendations will be automatically enforced in your "
            "organization. Administrators and users will be better protected from common identity "
            "related attacks."
        ),
        "isEnabled": is_enabled,
    }


OPERATIONS = [
    Operation("GET", _PATH, _READ, _read, frozenset({"$select"})),
    Operation("PATCH", _PATH, _WRITE, _update, together_with=_TOGETHER_WITH),
]
