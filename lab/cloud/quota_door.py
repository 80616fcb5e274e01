# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the lab's own door that is about quotas."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .conversion import from_json
from .quota import QuotaBook, QuotaOrder
from .store import Store


class QuotaDoor:
    """The handlers; who may come in, is decided before."""

    def __init__(self, store: Store, quotas: QuotaBook) -> None:
        self._store = store
        self._quotas = quotas

    def routes(self) -> list[Route]:
        """Return the routes below ``/_lab``."""
        return [
            Route("/quota/{tenant}", self._describe),
            Route("/quota/{tenant}", self._turn_on, methods=["PUT"]),
            Route("/quota/{tenant}", self._turn_off, methods=["DELETE"]),
        ]

    async def _describe(self, request: Request) -> Response:
        """Tell what was asked, refused and used since the quota is on; null if it is off."""
        return JSONResponse({"quota": self._quotas.describe(request.path_params["tenant"])})

    async def _turn_on(self, request: Request) -> Response:
        """Turn a tenant's quota on (QuotaOrder: ``{}`` is what Microsoft publishes)."""
        tenant = request.path_params["tenant"]
        if tenant not in self._store.tenants:
            return JSONResponse({"error": f"there is no tenant {tenant}"}, status_code=404)
        self._quotas.turn_on(tenant, from_json(await request.json(), QuotaOrder))
        return Response(status_code=204)

    async def _turn_off(self, request: Request) -> Response:
        self._quotas.turn_off(request.path_params["tenant"])
        return Response(status_code=204)
