# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at a TXT record set on all its servers, again and again, until it is as expected.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .._dns.discovery import system_addresses
from .._dns.names import without_final_dot
from .._dns.nameserver import Endpoint, parse_endpoint
from .._doors.progress import tell
from .._errors import InvalidInput, NotYetSeen
from .._libraries import library
from .asking import Authority, Resolver, ask_all
from .authorities import ZoneGuide
from .model import Expected, Table, advice, judged, pause_after

with library("dnspython"):
    import dns.name


class Clock(Protocol):
    """Time as a wait needs it, in seconds."""

    def now(self) -> float:
        """A time that only ever grows."""

    async def sleep(self, seconds: float) -> None:
        """Let time go by."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class View(Protocol):
    """A record set that can be looked at."""

    async def look(self, expected: Expected | None, *, spare_caches: bool) -> Table:
        """Who says what. `spare_caches`: ask no resolver before all else is as expected."""


@dataclass(frozen=True)
class WatchedRecords:
    """The TXT records at `owner`, as all authoritative servers and some resolvers have them."""

    owner: dns.name.Name
    authorities: Sequence[Authority]
    resolvers: Sequence[Resolver] = ()

    @classmethod
    def find(
        cls,
        guide: ZoneGuide,
        zone: dns.name.Name,
        owner: dns.name.Name,
        resolvers: Sequence[str] | None,
    ) -> WatchedRecords:
        """Find the servers of the zone. `resolvers` are written as in dns_resolvers.

        Raises `InvalidInput`, and if the servers of the zone are not told.
        """
        if not owner.is_subdomain(zone):
            raise InvalidInput(f"{owner} is not in zone {zone}", subject=str(owner))
        named = [each for text in resolvers or () for each in _resolvers(guide.parameters, text)]
        return cls(owner, guide.authorities(zone), named)

    @property
    def name(self) -> str:
        return without_final_dot(self.owner)

    async def look(self, expected: Expected | None, *, spare_caches: bool) -> Table:
        """Who says what.

        A resolver that is asked for a record that is not everywhere yet keeps the old answer, or
        that there is none (RFC 2308), for as long as the zone says: it would be our own question
        that lets everybody behind it wait.
        """
        said = await ask_all(self.authorities, self.owner)
        if spare_caches and not judged(self.name, said, expected).is_settled:
            return judged(
                self.name, [*said, *(each.not_asked for each in self.resolvers)], expected
            )
        return judged(self.name, [*said, *await ask_all(self.resolvers, self.owner)], expected)


async def watch(
    view: View, expected: Expected | None, wait: float, clock: Clock | None = None
) -> Table:
    """Look until all is as expected, for `wait` seconds at most; tells each look that is not."""
    clock = clock or SystemClock()
    deadline = clock.now() + wait
    looks = 0
    while True:
        table = await view.look(expected, spare_caches=True)
        looks += 1
        left = deadline - clock.now()
        if table.is_settled or left <= 0:
            return table
        tell(table.progress(left))
        await clock.sleep(min(pause_after(table, looks), left))


def not_yet_seen(table: Table, wait: float) -> NotYetSeen:
    """The error for a wait that has ended too early; its answer is the whole table."""
    return NotYetSeen(
        f"Not every name server has the records as expected after {wait:g} s",
        subject=f"{table.owner} TXT",
        answer=str(table),
        advice=advice(table),
    )


def _resolvers(parameters: Mapping[str, Any], text: str) -> list[Resolver]:
    name, port = parse_endpoint(text)
    return [
        Resolver(
            name, parameters["dns_transport"], parameters["dns_timeout"], Endpoint(address, port)
        )
        for address in system_addresses(name)
    ]
