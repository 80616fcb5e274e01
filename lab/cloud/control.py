# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's own door (``/_lab/...``): the truth, the faults, the request log, and what people do
in the admin centre."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .accounts.door import AccountDoor
from .configuration import TenantConfiguration
from .conversion import ConversionError, from_json
from .faults import FaultBook
from .guests.door import GuestDoor
from .guests.sign_ins import SignInDoor
from .ledger import Ledger
from .public_dns import PublicDns
from .quota import QuotaBook
from .quota_door import QuotaDoor
from .request_log import RequestLog
from .store import Store
from .sync.door import SyncDoor
from .sync.service import SyncService

KEY_HEADER = "X-Lab-Control"

Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """The handlers. All but readiness need the control key, which only the lab's owner has."""

    def __init__(
        self,
        key: str,
        store: Store,
        dns: PublicDns,
        faults: FaultBook,
        log: RequestLog,
        ledger: Ledger,
        sync: SyncService,
        quotas: QuotaBook,
    ) -> None:
        self._key = key
        self._store = store
        self._dns = dns
        self._faults = faults
        self._log = log
        self._ledger = ledger
        self._sync = sync
        self._quotas = quotas

    def routes(self) -> list[Route]:
        """Return the routes of the door."""
        return [
            Route("/_lab/ready", self._ready),
            Route("/_lab/state", self._guarded(self._get_state)),
            Route("/_lab/state/{path:path}", self._guarded(self._put_state), methods=["PUT"]),
            Route("/_lab/tenants", self._guarded(self._add_tenants), methods=["POST"]),
            Route(
                "/_lab/unmanaged/{name}/administrator",
                self._guarded(self._become_administrator),
                methods=["POST"],
            ),
            Route(
                "/_lab/unmanaged/{name}/domains/{domain}",
                self._guarded(self._release_domain),
                methods=["DELETE"],
            ),
            Route("/_lab/reset", self._guarded(self._reset), methods=["POST"]),
            Route("/_lab/chaos", self._guarded(self._get_chaos)),
            Route("/_lab/chaos", self._guarded(self._add_chaos), methods=["POST"]),
            Route("/_lab/chaos", self._guarded(self._clear_chaos), methods=["DELETE"]),
            Route("/_lab/requests", self._guarded(self._get_requests)),
            Route("/_lab/requests", self._guarded(self._clear_requests), methods=["DELETE"]),
            *(
                Route(f"/_lab{route.path}", self._guarded(route.endpoint), methods=route.methods)
                for route in (
                    *AccountDoor(self._store).routes(),
                    *GuestDoor(self._store, self._ledger).routes(),
                    *SignInDoor(self._store).routes(),
                    *SyncDoor(self._store, self._sync).routes(),
                    *QuotaDoor(self._store, self._quotas).routes(),
                )
            ),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            given = request.headers.get(KEY_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._key.encode()):
                return _problem(403, f"the header {KEY_HEADER} has to carry the control key")
            try:
                return await handler(request)
            except json.JSONDecodeError as error:
                return _problem(400, f"the body is not JSON: {error}")
            except ConversionError as error:
                return _problem(400, str(error))

        return guarded

    async def _ready(self, _request: Request) -> Response:
        return JSONResponse({"ready": True})

    async def _get_state(self, _request: Request) -> Response:
        return JSONResponse(self._store.dump())

    async def _put_state(self, request: Request) -> Response:
        path: str = request.path_params["path"]
        try:
            self._store.put(path.split("/"), await request.json())
        except KeyError as error:
            return _problem(404, f"there is no {error} in {path}")
        return _done()

    async def _add_tenants(self, request: Request) -> Response:
        """Make many tenants at once; the body is what the configuration says of each, by name."""
        wanted = from_json(await request.json(), dict[str, TenantConfiguration])
        self._store.add_tenants(wanted)
        return JSONResponse({"tenants": len(wanted)}, status_code=201)

    async def _become_administrator(self, request: Request) -> Response:
        """Somebody has asked for an unmanaged tenant and says that the TXT record is there.

        That ends its being viral, and nothing else: its domains stay where they are.
        """
        name: str = request.path_params["name"]
        unmanaged = self._store.cloud.unmanaged.get(name)
        if unmanaged is None or not unmanaged.domains:
            return _problem(404, f"there is no unmanaged tenant {name} with a domain")
        domain, text = unmanaged.domains[0], unmanaged.administrator_text
        if not await self._dns.has_text(domain, text):
            return _problem(409, f"{domain} has no TXT record {text} yet")
        self._store.put(["unmanaged", name, "is_managed"], True)
        return _done()

    async def _release_domain(self, request: Request) -> Response:
        """The administrator of a tenant that was unmanaged removes a domain from it."""
        name: str = request.path_params["name"]
        unmanaged = self._store.cloud.unmanaged.get(name)
        domain: str = request.path_params["domain"]
        if unmanaged is None or domain not in unmanaged.domains:
            return _problem(404, f"there is no unmanaged tenant {name} with a domain {domain}")
        if not unmanaged.is_managed:
            return _problem(409, f"{name} has no administrator yet")
        kept = [entry for entry in unmanaged.domains if entry != domain]
        self._store.put(["unmanaged", name, "domains"], kept)
        return _done()

    async def _reset(self, _request: Request) -> Response:
        self._faults.clear()
        self._log.clear()
        self._ledger.clear()
        self._sync.forget()
        self._quotas.clear()
        self._store.reset()
        return _done()

    async def _get_chaos(self, _request: Request) -> Response:
        return JSONResponse({"faults": self._faults.describe()})

    async def _add_chaos(self, request: Request) -> Response:
        fault = self._faults.add(await request.json())
        return JSONResponse(fault.describe(), status_code=201)

    async def _clear_chaos(self, _request: Request) -> Response:
        self._faults.clear()
        return _done()

    async def _get_requests(self, _request: Request) -> Response:
        return JSONResponse({"requests": self._log.describe()})

    async def _clear_requests(self, _request: Request) -> Response:
        self._log.clear()
        return _done()


def _done() -> Response:
    return Response(status_code=204)


def _problem(status: int, message: str) -> JSONResponse:
    body: dict[str, Any] = {"error": message}
    return JSONResponse(body, status_code=status)
