# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TXT record set as change control and rollback see it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._changes.model import Change, Value
from .._errors import NotAsWritten, write_was_sent
from . import model
from .model import RRsetName, TxtRRset
from .provider import TxtProvider
from .providers import open_provider


@dataclass(frozen=True)
class TxtRecordSet:
    """A `Resource` of converge: one write is one request, and is read back."""

    provider: TxtProvider

    @property
    def target(self) -> str:
        return f"{self.provider.server} {self.provider.name.owner} TXT"

    async def read(self) -> TxtRRset:
        return await self.provider.read()

    async def write(self, state: TxtRRset, changes: Sequence[Change]) -> Sequence[Change]:
        """Make any list of changes of this record set, opposites as well.

        Raises `ChangedMeanwhile`, or `NotAsWritten` if the server said yes and did something else
        (RFC 2136 section 3.4.2.2: what cannot stand beside a CNAME is ignored in silence).
        """
        expected = model.state_after(state, changes)
        await self.provider.replace(state, expected)
        with write_was_sent():
            found = await self.provider.read()
        wrong = model.contradictions(changes, found, expected)
        if wrong:
            raise NotAsWritten(
                "The name server accepted the change, but the records are not as written",
                server=self.provider.server,
                subject=f"{self.provider.name.owner} TXT",
                answer="; ".join(wrong),
                advice="Another writer may have been at work, or the server ignores part of it. "
                "Look at the records, then run the task again.",
            )
        return changes

    async def guard(self, state: TxtRRset, changes: Sequence[Change]) -> None:
        """Raise if the server would refuse the write."""
        await self.provider.check_replace(state, model.state_after(state, changes))

    def current(self, state: TxtRRset, change: Change) -> Value:
        return model.current(state, change)

    def without_idle(self, state: TxtRRset, changes: Sequence[Change]) -> tuple[Change, ...]:
        """For rollback: the changes without those that have nothing left to change."""
        return model.without_idle(state, changes)


def record_set(parameters: Mapping[str, Any], name: str, zone: str | None) -> TxtRecordSet:
    """The TXT record set at `name`, by the options of the documentation fragment `dns`."""
    return TxtRecordSet(open_provider(parameters, name, zone))


def record_set_by_id(parameters: Mapping[str, Any], change_id: str) -> TxtRecordSet:
    """The TXT record set that a change names by its id. Raises `InvalidInput` for no such id."""
    name = RRsetName.from_id(change_id)
    return record_set(parameters, name.owner, name.zone)
