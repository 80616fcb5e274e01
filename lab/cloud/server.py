# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the cloud together: one application, one process, one address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from .configuration import Configuration
from .connection import AbortableProtocol
from .control import Control
from .faults import FaultBook
from .graph.dispatch import GraphApi
from .identity.endpoints import Identity
from .identity.realms import RealmDiscovery
from .identity.tokens import TokenAuthority
from .ledger import Ledger
from .public_dns import PublicDns
from .quota import QuotaBook
from .request_log import RequestLog, RequestLogMiddleware
from .store import Store
from .sync.service import SyncService

_METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]


def create_app(configuration: Configuration) -> Starlette:
    """Return the ASGI application; reads or creates the state file."""
    ledger = Ledger()
    store = Store(configuration, ledger)
    faults = FaultBook()
    log = RequestLog()
    quotas = QuotaBook()
    dns = PublicDns(configuration.dns)
    tokens = TokenAuthority(
        store, configuration.base_urls, lifetime=configuration.access_token_lifetime
    )
    identity = Identity(configuration, store, tokens, faults)
    discovery = RealmDiscovery(configuration.base_urls, store, faults)
    graph = GraphApi(configuration.base_urls, store, dns, tokens, faults, log, ledger, quotas)
    sync = SyncService(store, configuration.directory)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            clock = tasks.create_task(sync.keep_time())
            yield
            clock.cancel()
        store.flush()

    return Starlette(
        lifespan=lifespan,
        routes=[
            *Control(
                configuration.control_key, store, dns, faults, log, ledger, sync, quotas
            ).routes(),
            *identity.routes(),
            *discovery.routes(),
            Route("/{version}/{path:path}", graph.answer, methods=_METHODS),
        ],
        middleware=[Middleware(RequestLogMiddleware, log=log)],
    )


def run(configuration: Configuration) -> None:
    """Serve until SIGTERM or SIGINT."""
    uvicorn.run(
        create_app(configuration),
        host=configuration.address,
        port=configuration.port,
        ssl_certfile=configuration.certificate,
        ssl_keyfile=configuration.private_key,
        http=AbortableProtocol,
        loop="asyncio",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        # Long, so that a client's idle connection is never closed under its next request: faults
        # are to come from the fault book alone.
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
