# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads everybody of a directory and of a tenant at the same time.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from .._doors.progress import tell
from .._errors import ConnectionFailed, Refused
from .._graph.client import EntraConnection, Graph, open_graph
from .._ldap.connection import Directory, connect
from .._ldap.settings import ConnectionSettings
from .._users.model import GAL_FIELDS, IDENTITY_FIELDS, SYNC_FIELDS
from .._users.streaming import READ_USERS, user_pages
from .match_table import MatchTable
from .model import DirectoryPerson
from .reading import PeopleOptions, PeopleReader

USER_FIELDS = tuple(
    dict.fromkeys(
        (*IDENTITY_FIELDS, *SYNC_FIELDS, "userType", "licenseAssignmentStates", *GAL_FIELDS)
    )
)
"""What Graph is asked for."""

# A directory server that dies: everybody is read again, from another one if there is, so often.
_ATTEMPTS = 3
_PAUSE = 2.0
_GUEST = "guest"
_TELL_EVERY = 10_000


@dataclass
class Both:
    """Who was passed over while the two systems were read: in the directory by the reason, and
    the guests of the tenant."""

    skipped: Counter[str] = field(default_factory=Counter)
    guests: int = 0
    warnings: list[str] = field(default_factory=list)


async def read_both(
    settings: ConnectionSettings,
    options: PeopleOptions,
    connection: EntraConnection,
    everybody: MatchTable,
) -> Both:
    """Add all people of the directory and all members of the tenant.

    Raises what keeps either of the systems from being read, and `Refused` if nobody is there.
    """
    both = Both()
    async with open_graph(connection) as graph:
        await graph.require(READ_USERS)
        reading = (
            asyncio.create_task(_read_directory(settings, options, everybody, both)),
            asyncio.create_task(_read_cloud(graph, everybody, both)),
        )
        try:
            await asyncio.gather(*reading)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)
    return both


async def _read_directory(
    settings: ConnectionSettings, options: PeopleOptions, everybody: MatchTable, both: Both
) -> None:
    directory = await asyncio.to_thread(connect, settings)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with directory:
                await _read_people(directory, options, everybody, both)
            return
        except ConnectionFailed as error:
            if attempt == _ATTEMPTS:
                raise
            both.warnings.append(f"Reading the directory began again: {error}")
            everybody.forget_people()
            await asyncio.sleep(_PAUSE)
            directory = await asyncio.to_thread(connect, settings)


async def _read_people(
    directory: Directory, options: PeopleOptions, everybody: MatchTable, both: Both
) -> None:
    reader = await asyncio.to_thread(PeopleReader, directory, options)
    told = 0
    async for people in _in_thread(reader.pages()):
        everybody.add_people(people)
        if everybody.people - told >= _TELL_EVERY:
            told = everybody.people
            tell(f"{told} people of the directory read")
    both.skipped = reader.skipped
    if not everybody.people:
        raise Refused(
            "Nobody was read who could be compared",
            server=directory.server,
            subject=", ".join(reader.bases),
            answer=f"{reader.skipped.total()} accounts that are never synced, and no others",
            advice="Check search_bases, exclude and filter, and that the account may read the"
            " objects.",
        )


async def _read_cloud(graph: Graph, everybody: MatchTable, both: Both) -> None:
    told = 0
    async for page in user_pages(graph, fields=USER_FIELDS):
        members = [user for user in page if (user.user_type or "").lower() != _GUEST]
        both.guests += len(page) - len(members)
        everybody.add_users(members)
        if everybody.users - told >= _TELL_EVERY:
            told = everybody.users
            tell(f"{told} users of the cloud read")
    if not everybody.users:
        raise Refused(
            "Nobody was read who could be compared",
            server=graph.server,
            subject=f"tenant {graph.tenant}",
            answer=f"{both.guests} guests, and no members",
            advice="Check entra_tenant_id, and that the app may read users.",
        )


async def _in_thread(
    pages: Iterator[list[DirectoryPerson]],
) -> AsyncIterator[list[DirectoryPerson]]:
    """Each page, waited for in another thread, while Graph is read in this one."""
    while (page := await asyncio.to_thread(next, pages, None)) is not None:
        yield page
