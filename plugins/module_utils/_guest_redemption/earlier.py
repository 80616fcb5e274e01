# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What earlier runs did to guests, as the tenant's journals tell it.

Graph may show the state of before a reset for a while. A run that was killed is not allowed to make
its successor reset the same guests again, so the journals are asked as well. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from .._changes.journal import Write, read_journal
from .._errors import JournalUnusable
from .model import PROPERTY, Redemption, redemption_before

# Most journals tell of other things, and are long; what is looked for stands in the line as such.
_MARK = f'"property":"{PROPERTY}"'.encode("ascii")


class Earlier(Enum):
    """What the journals say of resetting a guest that looks as it does now."""

    NEVER = "never"
    DONE = "done"
    """It was reset. What Graph shows is old, or the same run may not do it twice."""
    OPEN = "open"
    """It was announced, and how it ended is not known."""


@dataclass(frozen=True)
class _Reset:
    before: Redemption
    is_made: bool
    announced: datetime
    is_of_this_run: bool


@dataclass
class EarlierResets:
    """The resets that journals tell of, by the guests' ids."""

    _resets: dict[str, list[_Reset]] = field(default_factory=dict)

    @classmethod
    def read(cls, journal: Path | None) -> EarlierResets:
        """All journals of the tenant that `journal` is one of, whether it is there yet or not.

        Raises `JournalUnusable` if one of them cannot be trusted.
        """
        found = cls()
        if journal is None:
            return found
        for path in sorted(journal.parent.glob("*.jsonl")):
            if _tells_of_resets(path):
                found.add(read_journal(path), is_of_this_run=path == journal)
        return found

    def add(self, writes: Iterable[Write], *, is_of_this_run: bool) -> None:
        """Take the writes of one journal into account."""
        for write in writes:
            if write.outcome == "not_made":
                continue
            for change in write.changes:
                before = redemption_before(change)
                if before is not None:
                    announced = _time(write)
                    reset = _Reset(before, write.outcome == "made", announced, is_of_this_run)
                    self._resets.setdefault(change.id, []).append(reset)

    def of(self, guest_id: str, now: Redemption) -> Earlier:
        """What was done about a guest that Graph shows like this now."""
        resets = self._resets.get(guest_id, [])
        of_this_moment = [reset for reset in resets if reset.before == now]
        if any(reset.is_made for reset in of_this_moment):
            return Earlier.DONE
        if of_this_moment:
            return Earlier.OPEN
        # It has redeemed since: the same run, gone on with, does not begin anew.
        return Earlier.DONE if any(reset.is_of_this_run for reset in resets) else Earlier.NEVER

    def settled_at(self, guest_ids: Iterable[str], settle_time: float) -> datetime | None:
        """When Graph will show what became of what was announced about these guests."""
        announced = [
            reset.announced for guest_id in guest_ids for reset in self._resets.get(guest_id, [])
        ]
        return max(announced) + timedelta(seconds=settle_time) if announced else None


def _time(write: Write) -> datetime:
    try:
        return datetime.fromisoformat(write.announced).astimezone(UTC)
    except ValueError as error:
        raise JournalUnusable(
            "The journal does not tell when a write was announced", answer=str(error)
        ) from error


def _tells_of_resets(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return any(_MARK in line for line in file)
    except OSError as error:
        raise JournalUnusable(
            "A journal of this tenant cannot be read, and it may tell of guests who were reset",
            subject=str(path),
            answer=error.strerror or str(error),
            advice="Let this user read it; nothing was changed.",
        ) from error
