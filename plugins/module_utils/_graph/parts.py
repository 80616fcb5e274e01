# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes of which each is made of several requests to Graph, one for each of its changes.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .._changes.converge import Ending, Request
from .._changes.model import Change
from .._errors import TenantopsError
from .batch import BatchRequest


@dataclass
class _Open:
    """A write on its way, and how each of its changes has ended."""

    request: Request
    endings: dict[int, Ending] = field(default_factory=dict)


class Parts:
    """Which change each request in a batch makes, and how the writes that they belong to end.

    A write that fails in part tells in its error what was made of it all the same, and the journal
    does not say then that nothing was.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._places: dict[str, tuple[str, int]] = {}

    def take(self, request: Request, members: Iterable[BatchRequest]) -> Iterator[BatchRequest]:
        """The requests of a write, one for each of its changes in their order."""
        self._open[request.id] = _Open(request)
        for number, member in enumerate(members):
            self._places[member.id] = (request.id, number)
            yield member

    def write_of(self, member: BatchRequest) -> Request:
        """The write that a request belongs to."""
        return self._open[self._places[member.id][0]].request

    def change_of(self, member: BatchRequest) -> Change:
        """The change that a request makes."""
        return self.write_of(member).changes[self._places[member.id][1]]

    def end(self, member: BatchRequest, ending: Ending) -> Iterator[tuple[str, Ending]]:
        """Note how a request has ended; tells how its write has, when it was the last one of it."""
        identity, number = self._places.pop(member.id)
        work = self._open[identity]
        work.endings[number] = ending
        if len(work.endings) == len(work.request.changes):
            del self._open[identity]
            yield identity, _joined([work.endings[place] for place in sorted(work.endings)])

    def stop(self, error: TenantopsError) -> Iterator[tuple[str, Ending]]:
        """How those writes have ended that something keeps from being finished."""
        for identity, work in self._open.items():
            yield identity, _with_what_was_made(error, list(work.endings.values()))
        self._open.clear()


def _joined(endings: Sequence[Ending]) -> Ending:
    """All changes as made, or the first error."""
    made: list[Change] = []
    failure: TenantopsError | None = None
    for ending in endings:
        if isinstance(ending, TenantopsError):
            failure = failure or ending
        else:
            made.extend(ending)
    return tuple(made) if failure is None else _with_what_was_made(failure, endings)


def _with_what_was_made(error: TenantopsError, endings: Sequence[Ending]) -> TenantopsError:
    told = copy.copy(error)
    made: list[str] = []
    for ending in endings:
        if isinstance(ending, TenantopsError):
            told.nothing_written &= ending.nothing_written
        else:
            made.extend(change.property for change in ending)
    if made:
        told.nothing_written = False
        told.advice = f"A part of it was done: {', '.join(made)}. {told.advice}".strip()
    return told
