# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one way in which every writer changes something: read, plan, admit, guard, write.

`converge` is for one thing, `converge_many` for thousands that do not depend on each other. This
file is the only place that asks whether the run is a dry one, so a dry run and a run cannot differ
in anything but the write itself. Private to the collection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, Protocol, TypeAlias, TypeVar

from .._errors import ChangedMeanwhile, JournalUnusable, PartlyDone, TenantopsError
from .control import ChangeControl
from .journal import Conclusion
from .model import Change, JsonValue, Value

# A race that is lost this often is no race: somebody else keeps on writing the same value.
ATTEMPTS = 5

# As many writes are announced at once: enough for the disk not to count, and few enough to be
# looked up one by one where a killed run leaves open whether they were made.
ANNOUNCED_AT_ONCE = 500
_FAILURES_SHOWN = 5

State = TypeVar("State")


class Resource(Protocol[State]):
    """A thing on a server that can be read, and written only if it still is what was read.

    The methods are coroutines because Graph's are; directory and DNS simply block, since a worker
    serves one task only.
    """

    @property
    def target(self) -> str:
        """The server and the thing on it, for the journal."""

    async def read(self) -> State:
        """What is there now. An answer that is not understood raises."""

    async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """Make the changes in one request that fails if `state` is no longer what is there.

        Returns the changes as made, values born in the run filled in. Raises `ChangedMeanwhile` if
        somebody was faster and nothing was written.
        """

    async def guard(self, state: State, changes: Sequence[Change]) -> None:
        """Raise where a change must not be made though it could be. Only asks questions."""

    def current(self, state: State, change: Change) -> Value:
        """What `state` holds where `change` has its `before` and `after`."""

    def without_idle(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        """Of the changes that undo others, those that have something left to change in `state`."""


@dataclass(frozen=True)
class Proposal:
    """The changes that a state needs, and how many values they are chosen from."""

    changes: tuple[Change, ...]
    scope: int


@dataclass(frozen=True)
class Converged(Generic[State]):
    """What was found, and what was (or in a dry run would be) changed."""

    state: State
    changes: tuple[Change, ...]


async def converge(
    resource: Resource[State],
    propose: Callable[[State], Proposal],
    control: ChangeControl,
    *,
    check_mode: bool,
) -> Converged[State]:
    """Bring `resource` to where `propose` wants it.

    A write that lost a race is planned afresh from a new read, and is admitted afresh, so what is
    returned is what was really made. Raises `ChangedMeanwhile` when every attempt was lost.
    """
    attempt = 1
    while True:
        state = await resource.read()
        proposal = propose(state)
        control.admit(proposal.changes, proposal.scope)
        if proposal.changes:
            await resource.guard(state, proposal.changes)
        if check_mode or not proposal.changes:
            return Converged(state, proposal.changes)
        try:
            with control.journalled(resource.target, proposal.changes) as write:
                write.made = tuple(await resource.write(state, proposal.changes))
            return Converged(state, write.made)
        except ChangedMeanwhile:
            if attempt == ATTEMPTS:
                raise
            attempt += 1


@dataclass(frozen=True)
class Request:
    """The changes that one write request makes to one thing: one change at least."""

    changes: tuple[Change, ...]

    @property
    def id(self) -> str:
        """What names the thing for good."""
        return self.changes[0].id

    @property
    def name(self) -> str:
        """The thing's name for people."""
        return self.changes[0].name


@dataclass(frozen=True)
class Failure:
    """A thing that is not as wanted, and why."""

    id: str
    name: str
    error: TenantopsError

    def to_json(self) -> dict[str, JsonValue]:
        """The failure as a task returns it."""
        return {"id": self.id, "name": self.name, "error": dict(self.error.as_result())}


# The changes as made, or why they are not.
Ending: TypeAlias = tuple[Change, ...] | TenantopsError


def partly_done(failures: Sequence[Failure]) -> PartlyDone | None:
    """The error of a task in which things failed, null if none did."""
    if not failures:
        return None
    shown = [f"{failure.name}: {_told(failure.error)}" for failure in failures[:_FAILURES_SHOWN]]
    if len(failures) > len(shown):
        shown.append(f"and {len(failures) - len(shown)} more")
    return PartlyDone(
        f"{len(failures)} {'object is' if len(failures) == 1 else 'objects are'} not as wanted",
        answer="; ".join(shown),
        advice="Each of them is in failures, with its own advice. All others are done.",
    )


def _told(error: TenantopsError) -> str:
    return f"{error.problem} ({error.answer})" if error.answer else error.problem


class Things(Protocol):
    """Many things of one kind on one system, each written by a request of its own.

    A request fails by itself if its thing no longer is as its changes have it before them.
    """

    @property
    def target(self) -> str:
        """The server, for the journal."""

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Why which things (by id) must not or cannot be changed. Only asks questions."""

    def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """Make the requests and tell how each ended, by the id of its thing.

        Requests are taken when there is room for them, since each has been announced by then, and
        end in any order. What goes wrong is told for the thing that it concerns. Raises only what
        keeps any further request from being made, when all that were taken have ended.
        """


@dataclass(frozen=True)
class ManyProposal:
    """The requests that are needed, one for each thing, and how many values they chose from."""

    requests: tuple[Request, ...]
    scope: int


# asyncio.run() makes a text of what a coroutine returns, and throws it away (Python 3.11).
@dataclass(frozen=True, repr=False)
class ConvergedMany:
    """What was (or in a dry run would be) changed, and what was not and why.

    `stopped` is what ended it all, such as a journal that could not be written: also if that was
    only at the very end, when nothing was left to fail.
    """

    changes: tuple[Change, ...]
    failures: tuple[Failure, ...]
    stopped: TenantopsError | None = None


async def converge_many(
    things: Things,
    proposal: ManyProposal,
    control: ChangeControl,
    *,
    check_mode: bool,
    admitted: Callable[[Sequence[Change]], None] = lambda _changes: None,
    announced_at_once: int = ANNOUNCED_AT_ONCE,
) -> ConvergedMany:
    """Make as many of the requests as possible.

    A thing that fails, because somebody else changed it or the server refuses it, stays as it is
    and keeps no other from being changed. Unlike with `converge` it is not planned afresh: the plan
    of many things stands for the moment they were read in, and the next run sees to the rest.
    Limit and approval are for all that can be changed. `admitted` is told of these changes before
    the first is made, in a dry run as well. `announced_at_once` is for systems so slow that fewer
    can wait together.
    """
    refused = await things.guard(proposal.requests)
    requests = [request for request in proposal.requests if request.id not in refused]
    changes = tuple(change for request in requests for change in request.changes)
    control.admit(changes, proposal.scope)
    admitted(changes)
    failures = tuple(
        Failure(request.id, request.name, refused[request.id])
        for request in proposal.requests
        if request.id in refused
    )
    if check_mode:
        return ConvergedMany(changes, failures)
    writing = _Writing(things, requests, control, announced_at_once)
    await writing.run()
    return ConvergedMany(
        writing.changes(), (*failures, *writing.failures()), stopped=writing.stopped
    )


class _Writing:
    """Requests on their way, journalled in batches.

    The next batch is announced only when there is room for its requests, while those of the last
    one are still under way: so the server does not wait for the disk.
    """

    def __init__(
        self,
        things: Things,
        requests: Sequence[Request],
        control: ChangeControl,
        announced_at_once: int,
    ) -> None:
        self._things = things
        self._announced_at_once = announced_at_once
        self._requests = {request.id: request for request in requests}
        self._control = control
        self._announced: dict[str, str] = {}
        self._endings: dict[str, Ending] = {}
        self._unwritten: list[Conclusion] = []
        self.stopped: TenantopsError | None = None

    async def run(self) -> None:
        """Make the requests, as far as that is possible."""
        try:
            async for identity, ending in self._things.write(self._announce()):
                self._endings[identity] = ending
                write_id = self._announced.pop(identity)
                self._unwritten.append(_conclusion(write_id, self._requests[identity], ending))
        except TenantopsError as error:
            self.stopped = error
        # Announced and never begun, because something else stopped it all.
        self._unwritten.extend(
            Conclusion(write_id, "not_made") for write_id in self._announced.values()
        )
        try:
            self._control.conclude(self._unwritten)
        except JournalUnusable as error:
            self.stopped = self.stopped or error

    def changes(self) -> tuple[Change, ...]:
        """The changes that were made, in the order of the plan."""
        return tuple(
            change
            for identity in self._requests
            if not isinstance(ending := self._ending(identity), TenantopsError)
            for change in ending
        )

    def failures(self) -> Iterator[Failure]:
        """What was not made, in the order of the plan."""
        for identity, request in self._requests.items():
            ending = self._ending(identity)
            if isinstance(ending, TenantopsError):
                yield Failure(identity, request.name, ending)

    def _ending(self, identity: str) -> Ending:
        if self.stopped is None:
            return self._endings[identity]
        return self._endings.get(identity, self.stopped)

    def _announce(self) -> Iterator[Request]:
        requests = iter(self._requests.values())
        while batch := tuple(islice(requests, self._announced_at_once)):
            try:
                ids = self._control.announce(
                    self._things.target, [each.changes for each in batch], self._unwritten
                )
            except JournalUnusable as error:
                self.stopped = error
                return
            self._unwritten.clear()
            self._announced.update(zip((each.id for each in batch), ids, strict=True))
            yield from batch


def _conclusion(write_id: str, request: Request, ending: Ending) -> Conclusion:
    if isinstance(ending, TenantopsError):
        return Conclusion.of_error(write_id, ending)
    return Conclusion.of_made(write_id, request.changes, ending)
