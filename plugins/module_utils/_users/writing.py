# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something about each of many users, changed through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from .._changes.converge import Ending, Request
from .._changes.model import Change, Value
from .._errors import ChangedMeanwhile, TenantopsError, write_was_sent
from .._graph.access import Access
from .._graph.batch import READS_PER_SECOND, BatchEnding, Batches, BatchRequest, Found
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._graph.waiting import DOUBT_TIME, looks
from .._pace import KNOWN_LIMIT, Pace
from .model import User
from .streaming import read_named_user, read_named_users

State = TypeVar("State")

# The tenant's quota sets the pace of all requests; this one only keeps a pause together.
WRITES_PER_SECOND = 500.0
_BAD_REQUEST = 400


class UserWrites(ABC, Generic[State]):
    """`Things` (and `ReadableThings`) for one side of the users of a tenant, by their object ids.

    How somebody else's work is kept
    --------------------------------
    Graph has no conditional write. Each user is looked at once more some seconds before: where what
    is changed is not as the changes have it before, nothing is sent. Where an answer was lost, the
    user is looked at for `settle_time` seconds before anything is sent again.
    """

    side: ClassVar[str]
    """What is changed, for the journal: one word or two."""
    fields: ClassVar[Sequence[str]]
    """What Graph is asked for to see it."""
    access: ClassVar[Access]
    """What changing it needs."""

    def __init__(
        self,
        graph: Graph,
        settle_time: float = DOUBT_TIME,
        per_second: float = WRITES_PER_SECOND,
    ) -> None:
        self.graph = graph
        self.settle_time = settle_time
        self._pace = Pace(per_second, KNOWN_LIMIT)
        self._reading = Pace(READS_PER_SECOND)
        self._in_doubt: set[str] = set()

    @abstractmethod
    def state_of(self, user: User) -> State:
        """What is changed, of a user as it was read."""

    @abstractmethod
    def current(self, state: State, change: Change) -> Value:
        """See `Resource`."""

    @abstractmethod
    def is_before(self, state: State, changes: Sequence[Change]) -> bool:
        """Whether this is what the changes of one request start from."""

    @abstractmethod
    def is_after(self, state: State, changes: Sequence[Change]) -> bool:
        """Whether this is what the changes of one request lead to."""

    @abstractmethod
    def batch_request(self, request: Request) -> BatchRequest:
        """The one request that makes all changes of one user; its id is the user's."""

    def advise(self, error: GraphRefused) -> None:
        """Give a refusal, which has no advice yet, its advice."""

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self.graph.server} tenant {self.graph.tenant}: {self.side}"

    async def guard(self, _requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Nothing is asked: what can be known before, the changes were made from."""
        return {}

    async def read(
        self, names: Mapping[str, str], _properties: Iterable[str]
    ) -> Mapping[str, State | TenantopsError]:
        """What is so now by the ids of users, or why it cannot be read."""
        found: dict[str, State | TenantopsError] = {}
        users = read_named_users(self.graph, names, fields=self.fields, pace=self._reading)
        async for identity, user in users:
            found[identity] = user if isinstance(user, TenantopsError) else self.state_of(user)
        return found

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`."""
        taken: dict[str, Request] = {}

        def batch_requests() -> Iterator[BatchRequest]:
            for request in requests:
                taken[request.id] = request
                yield self.batch_request(request)

        async def look_back(batch_request: BatchRequest) -> Found:
            return await self._look_back(taken[batch_request.id])

        async def check(batch_requests: Sequence[BatchRequest]) -> Mapping[str, TenantopsError]:
            return await self._changed({each.id: taken[each.id] for each in batch_requests})

        batches = Batches(self.graph, self._pace, look_back, check)
        try:
            async for batch_request, ending in batches.send(batch_requests()):
                request = taken.pop(batch_request.id)
                yield request.id, await self._ending(request, ending)
        except TenantopsError as error:
            self._with_advice(error)
            raise

    async def _changed(self, requests: Mapping[str, Request]) -> Mapping[str, TenantopsError]:
        """Who is not as it was read any more."""
        names = {identity: request.name for identity, request in requests.items()}
        states = await self.read(names, ())
        refused: dict[str, TenantopsError] = {}
        for identity, request in requests.items():
            state = states[identity]
            if isinstance(state, TenantopsError):
                state.nothing_written = True
                refused[identity] = state
            elif not self.is_before(state, request.changes):
                refused[identity] = self._changed_meanwhile(request)
        return refused

    def _changed_meanwhile(self, request: Request) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            f"Somebody else changed this user's {self.side} since it was read",
            server=self.graph.server,
            subject=request.name,
            advice="It was left alone. Run again: the user is looked at anew.",
        )

    async def _look_back(self, request: Request) -> Found:
        """Whether a write was made whose answer was lost."""
        self._in_doubt.add(request.id)
        async for _left in looks(self.settle_time):
            if await self._is_done(request):
                return Found.DONE
        return Found.NOT_DONE

    async def _is_done(self, request: Request) -> bool:
        user = await read_named_user(self.graph, request.id, self.fields)
        return self.is_after(self.state_of(user), request.changes)

    async def _ending(self, request: Request, ending: BatchEnding) -> Ending:
        if not isinstance(ending, TenantopsError):
            return request.changes
        is_too_late = isinstance(ending, ChangedMeanwhile) or (
            isinstance(ending, GraphRefused) and ending.status == _BAD_REQUEST
        )
        if is_too_late and request.id in self._in_doubt:
            # What was found not done may have shown late, and cannot be done twice.
            try:
                with write_was_sent():
                    if await self._is_done(request):
                        return request.changes
            except TenantopsError as error:
                return error
        return self._with_advice(ending)

    def _with_advice(self, error: TenantopsError) -> TenantopsError:
        if is_denied(error):
            error.advice = self.access.advice
        elif isinstance(error, GraphRefused) and not error.advice:
            self.advise(error)
        return error
