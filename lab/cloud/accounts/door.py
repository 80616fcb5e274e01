# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the lab's own door that is about accounts: more of them, and the truth about each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..conversion import from_json
from ..people import User
from ..state import Tenant
from ..store import Store
from ..subscriptions import Sku
from .licensing import members_of
from .orders import AccountsOrder


class AccountDoor:
    """The handlers; who may come in, is decided before."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Return the routes below ``/_lab``."""
        return [
            Route("/accounts/{tenant}", self._describe),
            Route("/accounts/{tenant}", self._add, methods=["POST"]),
        ]

    async def _describe(self, request: Request) -> Response:
        """Tell all, or (``?user=ID OR NAME``) who that is, ``{"users": []}`` for nobody."""
        tenant = self._store.tenants.get(request.path_params["tenant"])
        if tenant is None:
            return _no_tenant(request)
        wanted = request.query_params.get("user")
        if wanted is None:
            return JSONResponse(describe(tenant))
        user = tenant.users.find(wanted)
        return JSONResponse({"users": describe_users(tenant, [] if user is None else [user])})

    async def _add(self, request: Request) -> Response:
        """Make what an AccountsOrder says."""
        name = request.path_params["tenant"]
        if name not in self._store.tenants:
            return _no_tenant(request)
        order = from_json(await request.json(), AccountsOrder)
        made = self._store.add_accounts(name, order)
        return JSONResponse({"users": made}, status_code=201)


def describe(tenant: Tenant) -> dict[str, Any]:
    """Return the truth about members, seats and groups."""
    members = (user for user in tenant.users if user.user_type == "Member")
    return {
        "users": describe_users(tenant, members),
        "deleted": describe_users(tenant, tenant.deleted_users),
        "seats": {
            sku.part_number: {
                "sku_id": sku.id,
                "seats": sku.seats,
                "taken": tenant.users.seats_taken(sku.id),
            }
            for sku in tenant.skus
        },
        "groups": [
            {
                "id": group.id,
                "name": group.display_name,
                "members": list(group.members),
                "all_members": members_of(tenant, group),
                "licenses": {
                    _part_number(tenant, one.sku_id): _plans(tenant, one.sku_id, one.disabled_plans)
                    for one in group.licenses
                },
            }
            for group in tenant.groups
        ],
    }


def describe_users(tenant: Tenant, users: Iterable[User]) -> list[dict[str, Any]]:
    """Return the truth about these users, passwords too."""
    roles: dict[str, list[str]] = {}
    for role in tenant.directory_roles:
        for member in role.members:
            roles.setdefault(member, []).append(role.display_name)
    groups = {group.id: group.display_name for group in tenant.groups}
    return [_describe(tenant, user, roles.get(user.id, []), groups) for user in users]


def _describe(
    tenant: Tenant, user: User, roles: list[str], groups: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": user.id,
        "user_principal_name": user.user_principal_name,
        "display_name": user.display_name,
        "mail": user.mail,
        "mail_nickname": user.mail_nickname,
        "proxy_addresses": list(user.proxy_addresses),
        "other_mails": list(user.other_mails),
        "usage_location": user.usage_location,
        "details": dict(user.details or {}),
        "account_enabled": user.account_enabled,
        "is_synced": user.on_premises.is_synced if user.on_premises else None,
        "immutable_id": user.anchor,
        "on_premises_user_principal_name": (
            user.on_premises.user_principal_name if user.on_premises else None
        ),
        "licenses": {
            _part_number(tenant, one.sku_id): _plans(tenant, one.sku_id, one.disabled_plans)
            for one in user.licenses
            if one.by_group is None
        },
        "inherited": [
            {
                "sku": _part_number(tenant, one.sku_id),
                "disabled_plans": _plans(tenant, one.sku_id, one.disabled_plans),
                "group": groups.get(one.by_group, one.by_group),
                "state": one.state,
                "error": one.error,
            }
            for one in user.licenses
            if one.by_group is not None
        ],
        "roles": sorted(roles),
        "password": user.password,
        "must_change_password": user.must_change_password,
        "deleted": user.deleted,
    }


def _part_number(tenant: Tenant, sku_id: str) -> str:
    sku = tenant.sku(sku_id)
    return sku_id if sku is None else sku.part_number


def _plans(tenant: Tenant, sku_id: str, disabled_plans: Iterable[str]) -> list[str]:
    """Return the names of disabled plans."""
    sku: Sku | None = tenant.sku(sku_id)
    names = {} if sku is None else {plan.id: plan.name for plan in sku.service_plans}
    return sorted(names.get(plan, plan) for plan in disabled_plans)


def _no_tenant(request: Request) -> Response:
    name = request.path_params["tenant"]
    return JSONResponse({"error": f"there is no tenant {name}"}, status_code=404)
