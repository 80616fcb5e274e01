# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the lab's own door that is about guests: more of them, the truth about each, and
the book of invitations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..conversion import ConversionError, from_json
from ..ledger import Ledger
from ..people import User
from ..state import Tenant
from ..store import Store
from .crowd import crowd
from .orders import CrowdOrder, GuestOrder


@dataclass(frozen=True)
class _Handful:
    """Guests told one by one."""

    guests: list[GuestOrder]


class GuestDoor:
    """The handlers; who may come in, is decided before."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store = store
        self._ledger = ledger

    def routes(self) -> list[Route]:
        """Return the routes below ``/_lab``."""
        return [
            Route("/guests/{tenant}", self._describe),
            Route("/guests/{tenant}", self._add, methods=["POST"]),
            Route("/ledger", self._get_ledger),
            Route("/ledger", self._clear_ledger, methods=["DELETE"]),
        ]

    async def _describe(self, request: Request) -> Response:
        tenant = self._store.tenants.get(request.path_params["tenant"])
        if tenant is None:
            return _no_tenant(request)
        return JSONResponse({"guests": list(describe(tenant))})

    async def _add(self, request: Request) -> Response:
        """Add a crowd (CrowdOrder), or single guests as ``{"guests": [GuestOrder]}``."""
        name = request.path_params["tenant"]
        if name not in self._store.tenants:
            return _no_tenant(request)
        body = await request.json()
        if not isinstance(body, dict):
            raise ConversionError("an object is wanted")
        if "guests" in body:
            made = self._store.add_guests(name, from_json(body, _Handful).guests)
        else:
            made = self._store.add_guests(name, crowd(from_json(body, CrowdOrder)))
        return JSONResponse({"guests": made}, status_code=201)

    async def _get_ledger(self, request: Request) -> Response:
        """Tell who was invited, reset and mailed, of one tenant (``?tenant=NAME``) or all, and
        what happened to accounts."""
        tenant = request.query_params.get("tenant")
        entries, accounts = self._ledger.describe(tenant), self._ledger.describe_accounts(tenant)
        return JSONResponse({"entries": entries, "accounts": accounts})

    async def _clear_ledger(self, _request: Request) -> Response:
        self._ledger.clear()
        return Response(status_code=204)


def describe(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the truth about each guest of the tenant."""
    roles: dict[str, list[str]] = {}
    for role in tenant.directory_roles:
        for member in role.members:
            roles.setdefault(member, []).append(role.display_name)
    return [
        _describe_one(user, roles.get(user.id, []))
        for user in tenant.users
        if user.user_type == "Guest"
    ]


def _describe_one(user: User, roles: list[str]) -> dict[str, Any]:
    return {
        "id": user.id,
        "address": user.address,
        "addresses": user.addresses,
        "user_principal_name": user.user_principal_name,
        "display_name": user.display_name,
        "method": user.signs_in,
        "accounts": list(user.accounts),
        "state": user.external_user_state,
        "state_changed": user.state_changed,
        "issuer": user.issuer,
        "language": user.preferred_language,
        "account_enabled": user.account_enabled,
        "roles": roles,
    }


def _no_tenant(request: Request) -> Response:
    name = request.path_params["tenant"]
    return JSONResponse({"error": f"there is no tenant {name}"}, status_code=404)
