# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The email authentication method, which holds the switch for guests' one-time passcodes.

https://learn.microsoft.com/graph/api/resources/emailauthenticationmethodconfiguration
"""

from __future__ import annotations

from typing import Any

from ..state import EmailMethod, ExcludeTarget, IncludeTarget
from .errors import bad_request, not_found
from .routes import Answer, Call, Operation
from .schema import (
    BOOLEAN,
    STRING,
    UNKNOWN_FUTURE_VALUE,
    Collection,
    Complex,
    EntityType,
    Enumeration,
)

_ID = "Email"
_COLLECTION = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations"
_PATH = f"/{_COLLECTION}/{{id}}"

_TARGET_TYPE = Enumeration(
    "microsoft.graph.authenticationMethodTargetType", ("user", "group", UNKNOWN_FUTURE_VALUE)
)
_TYPE = EntityType(
    "microsoft.graph.emailAuthenticationMethodConfiguration",
    {
        "id": STRING,
        "state": Enumeration("microsoft.graph.authenticationMethodState", ("enabled", "disabled")),
        "allowExternalIdToUseEmailOtp": Enumeration(
            "microsoft.graph.externalEmailOtpState",
            ("default", "enabled", "disabled", UNKNOWN_FUTURE_VALUE),
        ),
        "includeTargets": Collection(
            Complex(
                "microsoft.graph.authenticationMethodTarget",
                {"id": STRING, "targetType": _TARGET_TYPE, "isRegistrationRequired": BOOLEAN},
                required=frozenset({"id", "targetType"}),
            )
        ),
        "excludeTargets": Collection(
            Complex(
                "microsoft.graph.excludeTarget",
                {"id": STRING, "targetType": _TARGET_TYPE},
                required=frozenset({"id", "targetType"}),
            )
        ),
    },
    derived=True,
)

_READ = frozenset(
    {
        "Policy.Read.AuthenticationMethod",
        "Policy.ReadWrite.AuthenticationMethod",
        "Policy.Read.All",
    }
)
_WRITE = frozenset({"Policy.ReadWrite.AuthenticationMethod"})


def _read(call: Call) -> Answer:
    _check_id(call)
    entity = call.query.project(_render(call.tenant.email_method), _TYPE.name)
    context = f"{call.base_url}/v1.0/$metadata#{_COLLECTION}/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _update(call: Call) -> Answer:
    _check_id(call)
    values = _TYPE.read_patch(call.body)
    if values.pop("id", _ID).casefold() != _ID.casefold():
        raise bad_request("The key property 'id' cannot be changed.")
    with call.change() as tenant:
        _apply(tenant.email_method, values)
    return Answer(204)


def _delete(call: Call) -> Answer:
    """Back to what Microsoft sets, which for guests is ``default``."""
    _check_id(call)
    with call.change() as tenant:
        tenant.email_method = EmailMethod(
            allow_external_id_to_use_email_otp="default",
            state="enabled",
            include_targets=[
                IncludeTarget(id="all_users", target_type="group", is_registration_required=False)
            ],
            exclude_targets=[],
        )
    return Answer(204)


def _check_id(call: Call) -> None:
    if call.path["id"].casefold() != _ID.casefold():
        raise not_found(call.path["id"])


def _render(method: EmailMethod) -> dict[str, Any]:
    return {
        "@odata.type": _TYPE.odata_type,
        "id": _ID,
        "state": method.state,
        "allowExternalIdToUseEmailOtp": method.allow_external_id_to_use_email_otp,
        "excludeTargets": [
            {"id": target.id, "targetType": target.target_type} for target in method.exclude_targets
        ],
        "includeTargets": [
            {
                "targetType": target.target_type,
                "id": target.id,
                "isRegistrationRequired": target.is_registration_required,
            }
            for target in method.include_targets
        ],
    }


def _apply(method: EmailMethod, values: dict[str, Any]) -> None:
    """Set what was sent; a list of targets replaces the one there was."""
    if "state" in values:
        method.state = values["state"]
    if "allowExternalIdToUseEmailOtp" in values:
        method.allow_external_id_to_use_email_otp = values["allowExternalIdToUseEmailOtp"]
    if "includeTargets" in values:
        method.include_targets = [
            IncludeTarget(
                target["id"], target["targetType"], target.get("isRegistrationRequired", False)
            )
            for target in values["includeTargets"]
        ]
    if "excludeTargets" in values:
        method.exclude_targets = [
            ExcludeTarget(target["id"], target["targetType"]) for target in values["excludeTargets"]
        ]


OPERATIONS = [
    Operation("GET", _PATH, _READ, _read, frozenset({"$select"})),
    Operation("PATCH", _PATH, _WRITE, _update),
    Operation("DELETE", _PATH, _WRITE, _delete),
]
