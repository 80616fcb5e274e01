# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the sync of every tenant: when asked, and by the clock."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

from ..graph.times import timestamp
from ..store import Store
from .cycle import run_cycle
from .reading import DirectoryUnreadableError, read_people
from .report import Report
from .settings import DirectoryServer

# Seconds between two looks at the clock.
_TICK = 0.2


class SyncService:
    """The sync of all tenants with the one directory there is.

    A cycle reads the directory first and writes into the cloud then, at one moment.
    """

    def __init__(self, store: Store, server: DirectoryServer | None) -> None:
        self._store = store
        self._server = server
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._last: dict[str, Report] = {}
        self._due: dict[str, float] = {}
        self._resets = 0

    def last(self, name: str) -> Report | None:
        """Return what the last cycle of a tenant did, if there was one."""
        return self._last.get(name)

    def forget(self) -> None:
        """The cloud is as it was at its start: what was read until now is worth nothing."""
        self._resets += 1
        self._last.clear()
        self._due.clear()

    async def run(self, name: str) -> Report:
        """Run a cycle of a tenant that has a sync, after the one under way if there is one."""
        async with self._locks[name]:
            report = await self._run(name)
        self._last[name] = report
        return report

    async def keep_time(self) -> None:
        """Run the cycles that the clocks of the tenants ask for, until cancelled."""
        async with asyncio.TaskGroup() as cycles:
            while True:
                await asyncio.sleep(_TICK)
                for name in self._names_due(time.monotonic()):
                    cycles.create_task(self.run(name))

    def _names_due(self, now: float) -> list[str]:
        names = []
        for name, tenant in self._store.tenants.items():
            every = tenant.sync.every
            if every is None or not tenant.sync.search_bases:
                self._due.pop(name, None)
            elif now >= min(self._due.setdefault(name, now + every), now + every):
                self._due[name] = now + every
                if not self._locks[name].locked():
                    names.append(name)
        return names

    async def _run(self, name: str) -> Report:
        resets = self._resets
        started = timestamp(time.time())
        bases = list(self._store.tenants[name].sync.search_bases)
        if self._server is None:
            return _failed(started, "the cloud knows no directory")
        try:
            people = await asyncio.to_thread(read_people, self._server, bases)
        except DirectoryUnreadableError as error:
            return _failed(started, f"the directory cannot be read: {error}")
        if resets != self._resets:
            return _failed(started, "the cloud was reset meanwhile")
        self._store.catch_up()
        ended = timestamp(time.time())
        with self._store.change_users(name) as change:
            report = run_cycle(change, people, self._server.domain, started)
            change.tenant.on_premises_sync_enabled = True
            change.tenant.on_premises_last_sync = ended
        report.ended = ended
        return report


def _failed(started: str, problem: str) -> Report:
    return Report(started=started, ended=timestamp(time.time()), has_run=False, problem=problem)
