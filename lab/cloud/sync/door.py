# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the lab's own door that is about the sync: a cycle now, the clock, what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..conversion import from_json, to_json
from ..store import Store
from .service import SyncService


@dataclass(frozen=True)
class _Clock:
    """Seconds between two cycles; null is for cycles on request only."""

    every: float | None


class SyncDoor:
    """The handlers; who may come in, is decided before."""

    def __init__(self, store: Store, service: SyncService) -> None:
        self._store = store
        self._service = service

    def routes(self) -> list[Route]:
        """Return the routes below ``/_lab``."""
        return [
            Route("/sync/{tenant}", self._describe),
            Route("/sync/{tenant}", self._set_clock, methods=["PUT"]),
            Route("/sync/{tenant}", self._run, methods=["POST"]),
        ]

    async def _describe(self, request: Request) -> Response:
        """Tell the settings of a tenant and what its last cycle did."""
        name, refusal = self._find(request)
        if refusal is not None:
            return refusal
        settings: dict[str, Any] = to_json(self._store.tenants[name].sync)
        return JSONResponse({**settings, "last": to_json(self._service.last(name))})

    async def _set_clock(self, request: Request) -> Response:
        """Let the tenant sync every so many seconds, or never by itself: ``{"every": 30}``."""
        name, refusal = self._find(request)
        if refusal is not None:
            return refusal
        clock = from_json(await request.json(), _Clock)
        if clock.every is not None and clock.every <= 0:
            return _problem(400, "every is a number of seconds above 0, or null")
        with self._store.change(name) as tenant:
            tenant.sync.every = clock.every
        return Response(status_code=204)

    async def _run(self, request: Request) -> Response:
        """Sync now; the answer is what was done and refused."""
        name, refusal = self._find(request)
        if refusal is not None:
            return refusal
        report = await self._service.run(name)
        if not report.has_run:
            return _problem(503, report.problem or "")
        return JSONResponse(to_json(report))

    def _find(self, request: Request) -> tuple[str, Response | None]:
        name: str = request.path_params["tenant"]
        tenant = self._store.tenants.get(name)
        if tenant is None:
            return name, _problem(404, f"there is no tenant {name}")
        if not tenant.sync.search_bases:
            return name, _problem(409, f"{name} has no directory sync")
        return name, None


def _problem(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)
