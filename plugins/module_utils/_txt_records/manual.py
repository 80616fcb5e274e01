# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets that somebody else changes by hand, such as another company or department.

What to do is told; what was done is seen at the zone's name servers. Private to the collection: it
can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._dns.names import absolute_name
from .._dns_watch.authorities import ZoneGuide
from .._dns_watch.model import Expected, Table
from .._dns_watch.watching import WatchedRecords, watch
from .._doors.progress import tell
from .._errors import ConnectionFailed, PersonNeeded
from .._libraries import require
from .._replaced_file import output_file
from .instructions import instructions, summary
from .model import RRsetName, TxtRRset

_UNSAFE_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class ByHand:
    """A `TxtProvider` that does not write but asks for it.

    `wait` is how many seconds it is waited for somebody to do it. `wants_ttl`: a new record set
    must have the TTL that it is to have, and not one that whoever writes it chooses.
    """

    records: WatchedRecords
    name: RRsetName
    wait: float
    instructions_file: Path | None
    wants_ttl: bool

    @classmethod
    def open(cls, parameters: Mapping[str, Any], name: str, zone: str | None) -> ByHand:
        """Find the zone's name servers by the options of the documentation fragment `dns`."""
        require("dnspython", "idna")
        guide = ZoneGuide.from_parameters(parameters)
        owner = absolute_name(name)
        found = guide.zone_of(owner, absolute_name(zone) if zone else None)
        file = (parameters["dns_provider_settings"] or {}).get("instructions_file")
        return cls(
            records=WatchedRecords.find(guide, found, owner, resolvers=()),
            name=RRsetName(zone=str(found), owner=str(owner)),
            # A rollback waits for nobody, and has no TTL of its own to ask for.
            wait=parameters.get("wait") or 0.0,
            instructions_file=_file_for(owner.to_text(omit_final_dot=True), file),
            wants_ttl=parameters.get("ttl") is not None,
        )

    @property
    def server(self) -> str:
        return f"by hand in zone {self.name.zone.removesuffix('.')}"

    @property
    def warnings(self) -> tuple[str, ...]:
        return ()

    async def read(self) -> TxtRRset:
        """What all name servers have that answer.

        While a change is on its way to them, what it adds is not there yet, so that the next run
        waits for it once more. Raises `ConnectionFailed` if none answers.
        """
        table = await self.records.look(None, spare_caches=False)
        told = [row.said.rrset for row in table.rows if row.said.rrset is not None]
        if not told:
            raise ConnectionFailed(
                "No name server of the zone tells its records",
                server=self.server,
                subject=f"{table.owner} TXT",
                answer=str(table),
                advice="Check dns_server and dns_port, or dns_resolvers, and whether a firewall "
                "lets DNS through.",
            )
        first, *others = told
        common = [{value.content for value in other.values} for other in others]
        values = frozenset(
            value for value in first.values if all(value.content in each for each in common)
        )
        return TxtRRset(values, first.ttl if values else None)

    async def check_replace(self, before: TxtRRset, after: TxtRRset) -> None:
        """Nobody can be asked beforehand."""

    async def replace(self, before: TxtRRset, after: TxtRRset) -> None:
        """Tell what to do, and wait until every name server of the zone shows that it was done.

        Raises `PersonNeeded` if the time runs out.
        """
        lines = instructions(self.name, before, after)
        if self.instructions_file is not None:
            _write(self.instructions_file, lines)
        for line in lines:
            tell(line)
        table = await watch(self.records, self._expected(before, after), self.wait)
        if not table.is_settled:
            raise self._not_done(before, after, table)

    def _expected(self, before: TxtRRset, after: TxtRRset) -> Expected:
        # A set that is there already has a TTL, which is changed only where that is asked for.
        wants_ttl = self.wants_ttl or before.ttl is not None
        return Expected(
            present=frozenset(value.content for value in after.values - before.values),
            absent=frozenset(value.content for value in before.values - after.values),
            ttl=after.ttl if wants_ttl and before.ttl != after.ttl else None,
        )

    def _not_done(self, before: TxtRRset, after: TxtRRset, table: Table) -> PersonNeeded:
        where = f" What to do is in {self.instructions_file} too." if self.instructions_file else ""
        error = PersonNeeded(
            f"Somebody has to change the TXT records of {self.name.name} by hand",
            server=self.server,
            subject=f"{self.name.owner} TXT",
            answer=str(table),
            advice=f"In zone {self.name.zone.removesuffix('.')}, at {self.name.name}, "
            f"{summary(before, after)}. Leave all other records as they are. Then run it again: "
            f"it goes on when every name server has the change.{where}",
        )
        # Some servers may have it already, and the others soon.
        error.nothing_written = False
        return error


def _file_for(name: str, path: str | None) -> Path | None:
    """The file for a name. In a folder that is there, each name has a file of its own."""
    if path is None:
        return None
    file = Path(path)
    if not file.is_dir():
        return file
    return file / f"{_UNSAFE_IN_FILE_NAMES.sub('_', name)}.txt"


def _write(path: Path, lines: list[str]) -> None:
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    with output_file(path, "The file with instructions") as file:
        file.write("\n".join([*lines, "", f"As of {at}.", ""]))
