# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences: what the tenant has bought, and which users have it.

https://learn.microsoft.com/graph/api/resources/subscribedsku
https://learn.microsoft.com/graph/api/user-assignlicense
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..accounts.licensing import LicenseError, assign, inherit, license_of
from ..state import Tenant, derived_id
from ..subscriptions import GroupLicense, Sku
from .errors import bad_request, malformed, not_found
from .routes import Answer, Call, Operation
from .schema import GUID, Collection, Complex, Parameters
from .times import timestamp
from .user_writing import find_to_change
from .users import READ as READ_USERS
from .users import render

_SKU_TYPE = "microsoft.graph.subscribedSku"
_DETAILS_TYPE = "microsoft.graph.licenseDetails"
ASSIGN = Parameters(
    "assignLicense",
    {
        "addLicenses": Collection(
            Complex(
                "microsoft.graph.assignedLicense",
                {"skuId": GUID, "disabledPlans": Collection(GUID)},
                required=frozenset({"skuId"}),
            )
        ),
        "removeLicenses": Collection(GUID),
    },
)
_READ = frozenset(
    {
        "LicenseAssignment.Read.All",
        "LicenseAssignment.ReadWrite.All",
        "Organization.Read.All",
        "Organization.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    }
)
_READ_DETAILS = READ_USERS | {"LicenseAssignment.Read.All", "LicenseAssignment.ReadWrite.All"}
# The least permission and the greatest: User.ReadWrite.All, which Microsoft's pages named formerly,
# is not enough here, so that nobody comes to rely on it.
WRITE = frozenset({"LicenseAssignment.ReadWrite.All", "Directory.ReadWrite.All"})
_REPROCESS = frozenset({"User.ReadWrite.All", "Directory.ReadWrite.All", *WRITE})
_SELECT = frozenset({"$select"})


def _list_skus(call: Call) -> Answer:
    skus = [
        call.query.project(_render_sku(call.tenant, sku), _SKU_TYPE) for sku in call.tenant.skus
    ]
    context = f"{call.base_url}/v1.0/$metadata#subscribedSkus"
    return Answer(200, {"@odata.context": context, "value": skus})


def _read_sku(call: Call) -> Answer:
    for sku in call.tenant.skus:
        if _sku_key(call.tenant, sku) == call.path["id"].casefold():
            entity = call.query.project(_render_sku(call.tenant, sku), _SKU_TYPE)
            context = f"{call.base_url}/v1.0/$metadata#subscribedSkus/$entity"
            return Answer(200, {"@odata.context": context, **entity})
    raise not_found(call.path["id"])


def _sku_key(tenant: Tenant, sku: Sku) -> str:
    return f"{tenant.tenant_id.casefold()}_{sku.id}"


def _render_sku(tenant: Tenant, sku: Sku) -> dict[str, Any]:
    return {
        "accountId": tenant.tenant_id,
        "accountName": next(one.name for one in tenant.domains if one.is_initial).partition(".")[0],
        "appliesTo": "User",
        "capabilityStatus": sku.capability_status,
        "consumedUnits": tenant.users.seats_taken(sku.id),
        "id": _sku_key(tenant, sku),
        "prepaidUnits": {
            "enabled": sku.enabled,
            "lockedOut": sku.locked_out,
            "suspended": sku.suspended,
            "warning": sku.warning,
        },
        "servicePlans": [
            {
                "appliesTo": "User",
                "provisioningStatus": "Success",
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
            }
            for plan in sku.service_plans
        ],
        "skuId": sku.id,
        "skuPartNumber": sku.part_number,
        "subscriptionIds": [derived_id(tenant.tenant_id, f"subscription {sku.id}")],
    }


def _assign(call: Call) -> Answer:
    add, remove = read_order(call)
    with call.change_users() as change:
        user = find_to_change(call, change.tenant)
        try:
            licenses = assign(change.tenant, user, add, remove, timestamp(time.time()))
        except LicenseError as error:
            raise bad_request(str(error)) from error
        change.update(user, licenses=licenses)
        shown = render(user)
    return _user_answer(call, shown)


def read_order(call: Call) -> tuple[list[GroupLicense], list[str]]:
    """Return what is to be added and removed; raises GraphError."""
    values = ASSIGN.read(call.body)
    for name in ASSIGN.properties:
        if name not in values:
            raise malformed(f"The parameter '{name}' of the action 'assignLicense' is missing.")
    try:
        add = [_wanted(call.tenant, entry) for entry in values["addLicenses"]]
    except LicenseError as error:
        raise bad_request(str(error)) from error
    return add, [entry.casefold() for entry in values["removeLicenses"]]


def _wanted(tenant: Tenant, entry: Mapping[str, Any]) -> GroupLicense:
    sku = tenant.sku(entry["skuId"])
    if sku is None:
        raise LicenseError(f"License {entry['skuId']} does not correspond to a valid license.")
    return license_of(sku, entry.get("disabledPlans", ()))


def _reprocess(call: Call) -> Answer:
    """Look at the user's groups once more."""
    with call.change_users() as change:
        user = find_to_change(call, change.tenant)
        change.update(user, licenses=inherit(change.tenant, user, timestamp(time.time())))
        shown = render(user)
    return _user_answer(call, shown)


def _user_answer(call: Call, shown: dict[str, Any]) -> Answer:
    context = f"{call.base_url}/v1.0/$metadata#users/$entity"
    return Answer(200, {"@odata.context": context, **shown})


def _list_details(call: Call) -> Answer:
    user = call.users.find(call.path["id"])
    if user is None:
        raise not_found(call.path["id"])
    disabled: dict[str, set[str]] = {}
    for one in user.licenses:
        if one.is_active:
            plans = set(one.disabled_plans)
            disabled[one.sku_id] = disabled.get(one.sku_id, plans) & plans
    entities = [
        call.query.project(_render_details(user.id, sku, disabled[sku.id]), _DETAILS_TYPE)
        for sku in call.tenant.skus
        if sku.id in disabled
    ]
    context = f"{call.base_url}/v1.0/$metadata#users('{user.id}')/licenseDetails"
    return Answer(200, {"@odata.context": context, "value": entities})


def _render_details(user_id: str, sku: Sku, disabled: set[str]) -> dict[str, Any]:
    return {
        "id": derived_id(user_id, sku.id),
        "servicePlans": [
            {
                "appliesTo": "User",
                "provisioningStatus": "Disabled" if plan.id in disabled else "Success",
                "servicePlanId": plan.id,
                "servicePlanName": plan.name,
            }
            for plan in sku.service_plans
        ],
        "skuId": sku.id,
        "skuPartNumber": sku.part_number,
    }


OPERATIONS = [
    Operation("GET", "/subscribedSkus", _READ, _list_skus, _SELECT),
    Operation("GET", "/subscribedSkus/{id}", _READ, _read_sku, _SELECT),
    Operation("POST", "/users/{id}/assignLicense", WRITE, _assign),
    Operation("POST", "/users/{id}/reprocessLicenseAssignment", _REPROCESS, _reprocess),
    Operation("GET", "/users/{id}/licenseDetails", _READ_DETAILS, _list_details, _SELECT),
]
