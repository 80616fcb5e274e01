# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes of one kind that earlier runs announced, as the tenant's journals tell.

What was announced a moment ago may have been made although the server does not show it yet.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .._errors import JournalUnusable
from .journal import read_journal
from .model import Action


def announced_creations(
    journal: Path | None, resource: str, property_name: str
) -> dict[str, datetime]:
    """When things of a kind (by the ids of their changes) were made last, or may have been.

    Looks at all journals of the tenant that `journal` is one of. Raises `JournalUnusable` if one
    cannot be trusted.
    """
    announced: dict[str, datetime] = {}
    for path in _journals_with(journal, property_name):
        for write in read_journal(path):
            if write.outcome == "not_made":
                continue
            for change in write.changes:
                if (change.resource, change.property) != (resource, property_name):
                    continue
                if change.action is Action.CREATE:
                    at = _time(write.announced)
                    announced[change.id] = max(at, announced.get(change.id, at))
    return announced


def seconds_to_wait(announced: datetime, settle_time: float, now: datetime) -> float:
    """How long until a server shows what was announced then; a wrong clock does not count."""
    left = (announced + timedelta(seconds=settle_time) - now).total_seconds()
    return min(max(0.0, left), settle_time)


def _journals_with(journal: Path | None, property_name: str) -> Iterator[Path]:
    if journal is None:
        return
    # Most journals tell of other things, and are long; what is looked for stands in the line.
    mark = f'"property":"{property_name}"'.encode()
    for path in sorted(journal.parent.glob("*.jsonl")):
        try:
            with path.open("rb") as file:
                if any(mark in line for line in file):
                    yield path
        except OSError as error:
            raise JournalUnusable(
                "A journal of this tenant cannot be read, and it may tell of what was just made",
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
