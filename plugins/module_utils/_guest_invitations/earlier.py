# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations of earlier runs that Graph may not show yet, as the tenant's journals tell.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .._changes.journal import read_journal
from .._changes.model import Action
from .._errors import JournalUnusable
from .model import PROPERTY, RESOURCE

# Most journals tell of other things, and are long; what is looked for stands in the line as such.
_MARK = f'"property":"{PROPERTY}"'.encode("ascii")


def announced_invitations(journal: Path | None) -> dict[str, datetime]:
    """When the guests (by the ids of their changes) were invited last, or may have been.

    Looks at all journals of the tenant that `journal` is one of. Raises `JournalUnusable` if one
    cannot be trusted.
    """
    announced: dict[str, datetime] = {}
    for path in _journals_with_guests(journal):
        for write in read_journal(path):
            if write.outcome == "not_made":
                continue
            for change in write.changes:
                if (change.resource, change.property) != (RESOURCE, PROPERTY):
                    continue
                if change.action is Action.CREATE:
                    at = _time(write.announced)
                    announced[change.id] = max(at, announced.get(change.id, at))
    return announced


def seconds_to_wait(announced: datetime, settle_time: float, now: datetime) -> float:
    """How long until Graph shows what was announced then; a clock that was wrong does not count."""
    left = (announced + timedelta(seconds=settle_time) - now).total_seconds()
    return min(max(0.0, left), settle_time)


def _journals_with_guests(journal: Path | None) -> Iterator[Path]:
    if journal is None:
        return
    for path in sorted(journal.parent.glob("*.jsonl")):
        try:
            with path.open("rb") as file:
                if any(_MARK in line for line in file):
                    yield path
        except OSError as error:
            raise JournalUnusable(
                "A journal of this tenant cannot be read, and it may tell of invitations",
                subject=str(path),
                answer=error.strerror or str(error),
                advice="Let this user read it; nothing was changed.",
            ) from error


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise JournalUnusable(
            "The journal does not tell when a write was announced", answer=str(error)
        ) from error
