# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_user_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .._changes.converge import partly_done
from .._changes.model import JsonValue
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput
from .._graph.client import EntraConnection, Graph, open_graph
from .._graph.errors import GraphRefused, is_denied
from .._licenses.model import Skus
from .._licenses.names import skus_named
from .._licenses.reading import READ_SKUS, read_skus
from .._table_file import TableWriter
from .groups import READ_GROUPS, members_of
from .model import User
from .selected import Selected
from .selection import UserSelection
from .streaming import READ_USERS
from .summary import Summary, table_row, user_table

_ROWS = 1000
_TELL_EVERY = 5000


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """List the users that are meant; nothing is changed."""
    selection = UserSelection.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    path = parameters["write_csv"]
    with ExitStack() as files:
        table = None if path is None else files.enter_context(user_table(Path(path)))
        listing = _Listing(selection, _rows_limit(parameters), table)
        asyncio.run(listing.read(connection))
    return Outcome(
        values={
            "summary": listing.summary.to_json(listing.skus),
            "users": listing.rows,
            "skus": [sku.to_json() for sku in listing.skus.skus],
            "written": {} if path is None else {"csv": path},
            "failures": [each.to_json() for each in listing.failures],
        },
        warnings=tuple(listing.warnings),
        error=partly_done(listing.failures),
    )


class _Listing:
    """What the result tells, gathered user by user."""

    def __init__(
        self, selection: UserSelection, rows_limit: int | None, table: TableWriter | None
    ) -> None:
        self.summary = Summary()
        self.rows: list[dict[str, JsonValue]] = []
        self.skus = Skus()
        self.warnings: list[str] = []
        self.selected = Selected(selection)
        self.failures = self.selected.failures
        self._selection = selection
        self._rows_limit = rows_limit
        self._table = table
        self._are_skus_read = False

    async def read(self, connection: EntraConnection) -> None:
        async with open_graph(connection) as graph:
            await graph.require(READ_USERS, *([READ_GROUPS] if self._selection.groups else []))
            if self._selection.licensed_with:
                await self._read_skus(graph, are_needed=True)
                self.selected.skus = skus_named(self.skus, self._selection.licensed_with)
            self.selected.members = await members_of(graph, self._selection.groups)
            async for user in self.selected.users(graph):
                await self._add(graph, user)

    async def _add(self, graph: Graph, user: User) -> None:
        # Whoever has no licences need not be let read what the tenant bought.
        if user.assigned and not self._are_skus_read:
            await self._read_skus(graph)
        self.summary.add(user)
        if self._rows_limit is None or len(self.rows) < self._rows_limit:
            self.rows.append(user.to_json(self.skus))
        if self._table is not None:
            self._table.add(table_row(user, self.skus))
        if self.summary.users % _TELL_EVERY == 0:
            tell(f"{self.summary.users} users read")

    async def _read_skus(self, graph: Graph, *, are_needed: bool = False) -> None:
        self._are_skus_read = True
        try:
            self.skus = await read_skus(graph)
        except GraphRefused as error:
            if are_needed or not is_denied(error):
                raise
            self.warnings.append(
                "Licences are told by their ids alone, because the app may not read the tenant's "
                f"products. {READ_SKUS.advice}"
            )


def _rows_limit(parameters: Mapping[str, Any]) -> int | None:
    """How many rows there are at most; null for all of them."""
    limit: int | None = parameters["rows_limit"]
    if limit is None:
        # Before there were other selections, all of these were told.
        return _ROWS if parameters["creation_type"] is None else None
    if limit < 0:
        raise InvalidInput(f"rows_limit must not be less than 0, but is {limit}")
    return limit
