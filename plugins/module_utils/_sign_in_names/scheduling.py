# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which renaming is to be sent when, and what becomes of those who wait for one that fails. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .._changes.converge import Ending, Request
from .._errors import NotAsWritten, TenantopsError
from .order import Order, temporary_name
from .planning import not_free


class Step(StrEnum):
    """What one request does for a person."""

    PARK = "park"
    """It gives the temporary name."""
    RENAME = "rename"
    PUT_BACK = "put back"
    """It gives the old name again, after the one waited for kept the wanted one."""


@dataclass(frozen=True)
class Move:
    """One request: it gives this name to the person whom `request` is about."""

    request: Request
    step: Step
    name: str

    @property
    def id(self) -> str:
        """What tells this move from all others of its schedule."""
        return f"{self.request.id} {self.step.value}"


class Schedule:
    """Requests on their way to their ends, each sent when its name is free.

    `endings` are those that are not told yet, by the ids of the requests.
    """

    def __init__(self, order: Order, initial_domain: str, server: str) -> None:
        """`initial_domain` is only needed where somebody is to be parked."""
        self._order = order
        self._initial_domain = initial_domain
        self._server = server
        self._followers = {blocker: waiting for waiting, blocker in order.waits_for.items()}
        self._taken: dict[str, Request] = {}
        self._ready: deque[Move] = deque()
        # By the ids of people: whose old name is free, who stands under the temporary name, and who
        # is not renamed, with the reason.
        self._freed: set[str] = set()
        self._parked: set[str] = set()
        self._failed: dict[str, TenantopsError] = {}
        self.endings: list[tuple[str, Ending]] = []

    @property
    def has_ready(self) -> bool:
        """Whether something can be sent at once."""
        return bool(self._ready)

    def moves(self, requests: Iterator[Request]) -> Iterator[Move]:
        """What can be sent, of those taken before and of these; those that must wait are kept."""
        while True:
            if self._ready:
                yield self._ready.popleft()
                continue
            request = next(requests, None)
            if request is None:
                return
            self._take(request)

    def succeeded(self, move: Move) -> None:
        """A move was made."""
        identity = move.request.id
        if move.step is Step.PARK:
            self._parked.add(identity)
            self._free(identity)
            return
        self._parked.discard(identity)
        if move.step is Step.PUT_BACK:
            self.endings.append((identity, self._failed[identity]))
            return
        self.endings.append((identity, move.request.changes))
        if identity not in self._freed:
            self._free(identity)

    def failed(self, move: Move, error: TenantopsError) -> None:
        """A move was not made, or nobody knows whether it was."""
        identity = move.request.id
        if identity in self._parked:
            self.endings.append((identity, self._stands_parked(move.request, error)))
            self._parked.discard(identity)
        else:
            self._fail(identity, error)

    def stop(self, error: TenantopsError) -> None:
        """Nothing more can be sent: those who stand under a temporary name end with that."""
        for identity in sorted(self._parked):
            self.endings.append((identity, self._stands_parked(self._taken[identity], error)))
        self._parked.clear()

    def _take(self, request: Request) -> None:
        identity = request.id
        self._taken[identity] = request
        blocker = self._order.waits_for.get(identity)
        if identity in self._order.parked:
            temporary = temporary_name(identity, self._initial_domain)
            self._ready.append(Move(request, Step.PARK, temporary))
        elif blocker is None or blocker in self._freed:
            self._rename(request)
        elif blocker in self._failed:
            self._fail(identity, self._not_free(identity, blocker))

    def _rename(self, request: Request) -> None:
        self._ready.append(Move(request, Step.RENAME, str(request.changes[0].after)))

    def _free(self, identity: str) -> None:
        """A name is free: whoever waited for it, if taken already, goes on."""
        self._freed.add(identity)
        follower = self._followers.get(identity)
        if follower in self._taken and follower not in self._failed:
            self._rename(self._taken[follower])

    def _fail(self, identity: str, error: TenantopsError) -> None:
        """Somebody keeps the old name, and so do all who wait for it."""
        failing: str | None = identity
        while failing is not None:
            self._failed[failing] = error
            if failing in self._parked:
                self._put_back(failing, error)
                return
            self.endings.append((failing, error))
            follower = self._followers.get(failing)
            if follower is None or follower not in self._taken or follower in self._failed:
                return
            error = self._not_free(follower, failing)
            failing = follower

    def _put_back(self, identity: str, error: TenantopsError) -> None:
        """Give the old name again, if nobody has got it meanwhile."""
        request = self._taken[identity]
        if self._followers[identity] in self._failed:
            self._ready.append(Move(request, Step.PUT_BACK, str(request.changes[0].before)))
        else:
            self.endings.append((identity, self._stands_parked(request, error)))
            self._parked.discard(identity)

    def _not_free(self, identity: str, blocker: str) -> TenantopsError:
        change = self._taken[identity].changes[0]
        told = self._taken[blocker].name
        return not_free(str(change.after), told, self._server, change.name)

    def _stands_parked(self, request: Request, error: TenantopsError) -> TenantopsError:
        change = request.changes[0]
        temporary = temporary_name(request.id, self._initial_domain)
        told = NotAsWritten(
            f"The user has the temporary name {temporary} now, and not {change.after}",
            server=self._server,
            subject=change.name,
            answer=str(error),
            advice="Run again: it goes on from the temporary name. Nobody else has it.",
        )
        told.nothing_written = False
        return told
