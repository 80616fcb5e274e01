# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_guest_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, PartlyDone, TenantopsError
from .._graph.client import EntraConnection, open_graph
from .._libraries import require
from .._realms.discovery import RealmConnection, open_realms
from .._realms.remembered import RememberedRealms
from .._table_file import TableWriter
from .classified import classified
from .links import SignInLinks, sign_in_links
from .model import Guest
from .reading import READ_GUESTS
from .selection import Selection
from .summary import FirstRows, Summary, guest_table, row

_LIBRARIES = ("azure-identity", "httpx", "idna", "msgraph-sdk")
_POSITIVE = ("in_flight", "requests_per_second")
_TELL_EVERY = 5000
# How many failures the message tells; all of them are in the result.
_MOST_TOLD = 5


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """List the guests; nothing is changed."""
    require(*_LIBRARIES)
    for name in _POSITIVE:
        if not parameters[name] > 0:
            raise InvalidInput(f"{name} must be more than 0, not {parameters[name]}")
    selection = Selection.optional(parameters)
    path, tenant = parameters["write_csv"], parameters["entra_tenant_id"]
    links = None if tenant is None else sign_in_links(tenant, cloud=parameters["entra_cloud"])
    with ExitStack() as files:
        table = None if path is None else files.enter_context(guest_table(Path(path)))
        report = Report(parameters["rows_limit"], links, table)
        asyncio.run(_read(parameters, selection, report))
    return Outcome(
        values={
            "summary": report.summary.to_json(),
            "all_guests": selection.is_everything,
            "guests": report.rows.rows,
            "sign_in_links": {}
            if links is None
            else sign_in_links(tenant, report.tenant_domain, parameters["entra_cloud"]).to_json(),
            "written": {} if path is None else {"csv": path},
            "failures": [
                {"domain": domain, "error": dict(error.as_result())}
                for domain, error in sorted(report.failures.items())
            ],
        },
        error=report.error,
    )


class Report:
    """What the result tells, gathered guest by guest."""

    def __init__(
        self, rows_limit: int, links: SignInLinks | None, table: TableWriter | None
    ) -> None:
        self.summary = Summary()
        self.rows = FirstRows(rows_limit)
        self.failures: dict[str, TenantopsError] = {}
        self.tenant_domain: str | None = None
        self._links = links
        self._table = table

    def add(self, guest: Guest) -> None:
        """Take one more into account."""
        self.summary.add(guest)
        self.tenant_domain = self.tenant_domain or guest.tenant_domain
        if self._table is not None or self.rows.has_room_for(guest.method):
            told = row(guest, self._links)
            self.rows.add(guest.method, told)
            if self._table is not None:
                self._table.add(told)
        if self.summary.guests % _TELL_EVERY == 0:
            tell(f"{self.summary.guests} guests read")

    @property
    def error(self) -> PartlyDone | None:
        """What the task fails with, null if everything was found out."""
        failures = self.failures
        if not failures:
            return None
        domains = sorted(failures)
        told = [f"{domain}: {failures[domain].problem}" for domain in domains[:_MOST_TOLD]]
        if len(domains) > len(told):
            told.append(f"and {len(domains) - len(told)} more")
        return PartlyDone(
            f"It could not be found out whose {len(domains)} of the guests' domains "
            f"{'is' if len(domains) == 1 else 'are'}",
            answer="; ".join(told),
            advice="The guests of these domains are told as entra_unresolved. All others are told "
            "as they are; failures has each error with its own advice.",
        )


async def _read(parameters: Mapping[str, Any], selection: Selection, report: Report) -> None:
    async with (
        open_graph(EntraConnection.from_parameters(parameters)) as graph,
        open_realms(
            RealmConnection.from_parameters(parameters),
            in_flight=parameters["in_flight"],
            per_second=parameters["requests_per_second"],
        ) as realms,
    ):
        await graph.require(READ_GUESTS)
        found = classified(graph, RememberedRealms(realms), selection, report.failures)
        async for guest in found:
            report.add(guest)
