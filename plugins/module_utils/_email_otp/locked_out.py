# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests who would be locked out if there were no passcode any more.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._changes.model import Change, JsonValue
from .._errors import StillInUse
from .._graph import waiting
from .._graph.client import Graph
from .._guest_redemption import model as redemptions
from .._guests.reading import PasscodeGuests, passcode_guests


@dataclass(frozen=True)
class Allowed:
    """How many guests may be locked out, and what earlier tasks of the same course did about them.

    `earlier` are their changes. They are yet to be made if `is_planned`, which is so in a dry run.
    """

    most: int = 0
    earlier: Sequence[Change] = ()
    is_planned: bool = False

    @property
    def reset(self) -> frozenset[str]:
        """The ids of the guests whose redemption these reset: they can sign in another way."""
        return frozenset(_reset_guests(self.earlier))


async def check_locked_out(graph: Graph, allowed: Allowed, subject: str) -> PasscodeGuests:
    """Those who are locked out. Raises `StillInUse` if they are more than are allowed to be.

    Graph's lists do not know at once that a guest was reset, so that is waited for in a run.
    """
    reset = allowed.reset
    others = await passcode_guests(graph, besides=reset)
    if others.count > allowed.most:
        raise _still_in_use(graph, subject, others, allowed.most)
    if allowed.is_planned or not reset:
        return others
    async for left in waiting.looks(min(waiting.SETTLE_TIME, graph.retry_time)):
        found = await passcode_guests(graph)
        if found.count <= allowed.most:
            return found
        if left == 0.0:
            raise _still_in_use(graph, subject, found, allowed.most)
    return others


def locked_out_to_json(guests: PasscodeGuests) -> dict[str, JsonValue]:
    """How a task tells of them."""
    return {"count": guests.count, "examples": list(guests.examples)}


def _reset_guests(changes: Iterable[Change]) -> Iterable[str]:
    return (
        change.id
        for change in changes
        if (change.resource, change.property) == (redemptions.RESOURCE, redemptions.PROPERTY)
    )


def _still_in_use(graph: Graph, subject: str, guests: PasscodeGuests, most: int) -> StillInUse:
    more = guests.count - len(guests.examples)
    told = ", ".join(guests.examples) + (f" and {more} more" if more > 0 else "")
    acknowledged = f", and {most} were acknowledged" if most else ""
    return StillInUse(
        f"{guests.count} guests who sign in by passcode would be locked out{acknowledged}",
        server=graph.server,
        subject=subject,
        answer=told,
        advice="Reset their redemption in the same run with entra_guest_redemption "
        "(methods: one_time_passcode), and give what it returns as planned_changes. Or, if they "
        f"may be locked out, say how many: acknowledge_locked_out={guests.count}. Nothing was "
        "changed.",
    )
