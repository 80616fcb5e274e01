# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Thousands of requests that must each be done once, in batches that are under way together.

The SDK's own batches lose the answers' bodies and do not try throttled requests again. Source:
Microsoft Graph, "Combine multiple HTTP requests using JSON batching" and "Throttling guidance".
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import copy
import json
import math
from collections import deque
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import Any, Literal, TypeAlias

from .._errors import ConnectionFailed, NotUnderstood, TenantopsError
from .._libraries import library
from .._pace import Pace
from .client import Graph, background_name
from .errors import Refusal, graph_error
from .json_requests import JsonObject, send_once
from .retry import proves_nothing_done, retry_delay

with library("msgraph-sdk"):
    from kiota_abstractions.api_error import APIError
    from kiota_abstractions.method import Method

_SUBJECT = "$batch"
# Reading is not throttled as inviting is: 3,500 units in 10 s for the smallest tenants, 1 each.
READS_PER_SECOND = 150.0
_SIZE = 20  # the most that Graph takes
_IN_FLIGHT = 8
_TOO_MANY = 429
_DENIED = frozenset({401, 403})
# Seconds
_GATHERING = 0.05
# A request whose answer was lost so often is not sent once more.
_MOST_DOUBTS = 5
# So many throttled in one batch mean that the service is, not a single request.
_THROTTLED_TOGETHER = 0.5


@dataclass(frozen=True)
class BatchRequest:
    """A request in a batch; `url` is below the version (`/users/...`). Ids must be unique.

    `subject` names the thing that it concerns, for messages.
    """

    id: str
    method: str
    url: str
    subject: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The request as Graph takes it."""
        told: JsonObject = {"id": self.id, "method": self.method, "url": self.url}
        headers = dict(self.headers)
        if self.body is not None:
            told["body"] = dict(self.body)
            headers["Content-Type"] = "application/json"
        if headers:
            told["headers"] = headers
        return told


@dataclass(frozen=True)
class BatchAnswer:
    """The answer to one request of a batch; `body` is any JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Found(Enum):
    """What has become of a request whose answer was lost, as its thing shows."""

    DONE = "done"
    NOT_DONE = "not_done"


LookBack: TypeAlias = Callable[[BatchRequest], Awaitable[Found]]
"""Finds out whether a request was done whose answer was lost just now; takes its time, because the
thing may show it late. Raises a `TenantopsError` if it cannot be found out."""

Check: TypeAlias = Callable[[Sequence[BatchRequest]], Awaitable[Mapping[str, TenantopsError]]]
"""Asked some seconds before requests are sent: which of them (by id) must not be made any more, and
why. Raises a `TenantopsError` if that cannot be found out."""

BatchEnding: TypeAlias = BatchAnswer | Literal[Found.DONE] | TenantopsError
"""A success, or one whose answer was lost, or why it was not done. `nothing_written` of the error
is for this very request."""


@dataclass(eq=False)
class _Member:
    """A request on its way; `is_in_doubt` says that an earlier try may have done it."""

    request: BatchRequest
    give_up_at: float
    throttled: int = 0
    doubts: int = 0
    is_in_doubt: bool = False


@dataclass(frozen=True)
class _Throttled:
    """A batch that Graph turned away as a whole."""

    delay: float
    error: TenantopsError


class Batches:
    """The way of requests through batches to their ends.

    A throttled one is sent again when Graph says so, by itself or, if many are, with all others
    waiting too. One whose answer was lost, or that met a server error, is looked back at before it
    is sent again, so that nothing is done twice. All keep to one pace, each request counted.
    """

    def __init__(
        self, graph: Graph, pace: Pace, look_back: LookBack, check: Check | None = None
    ) -> None:
        self._graph = graph
        self._pace = pace
        self._look_back = look_back
        self._check = check
        self._room = asyncio.Semaphore(_IN_FLIGHT)
        self._source: Iterator[BatchRequest] = iter(())
        self._again: deque[_Member] = deque()
        self._open = 0
        self._wake = asyncio.Event()
        self._ended: asyncio.Queue[tuple[BatchRequest, BatchEnding] | None] = asyncio.Queue()
        self._failures = 0
        self._failing_since = 0.0
        self._stopped: TenantopsError | None = None

    async def send(
        self, requests: Iterable[BatchRequest]
    ) -> AsyncIterator[tuple[BatchRequest, BatchEnding]]:
        """Send the requests and tell how each ended; once only for one object.

        They are taken when there is room for them and end in any order. Raises what keeps any
        further request from being sent, after all that were taken have ended.
        """
        self._source = iter(requests)
        sending = asyncio.create_task(self._send_all(), name=background_name(self._graph))
        try:
            while (ended := await self._ended.get()) is not None:
                yield ended
            # If it failed by a defect, it tells that here.
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        if self._stopped is not None:
            raise self._stopped

    async def _send_all(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await self._room.acquire()
                    members = await self._next_members()
                    if not members:
                        return
                    group.create_task(self._send(members, group))
        finally:
            self._ended.put_nowait(None)

    async def _next_members(self) -> list[_Member]:
        """What to send next, as soon as there is something; nothing if all have ended."""
        while True:
            members = self._take_waiting()
            if members or not self._open:
                return members
            self._wake.clear()
            await self._wake.wait()
            # Those of a batch that was lost come back one by one, and go together again.
            await self._pace.sleep(_GATHERING)

    def _take_waiting(self) -> list[_Member]:
        if self._stopped is not None:
            while self._again:
                self._end_stopped(self._again.popleft(), self._stopped)
            return []
        members = [self._again.popleft() for _place in range(min(_SIZE, len(self._again)))]
        give_up_at = self._pace.clock() + self._graph.retry_time
        for request in islice(self._source, _SIZE - len(members)):
            members.append(_Member(request, give_up_at))
            self._open += 1
        return members

    async def _send(self, members: Sequence[_Member], group: asyncio.TaskGroup) -> None:
        """Send one batch when it is its turn, and see to what has become of each request."""
        try:
            # First, so that a check that takes its time holds up no turn: some seconds lie between.
            members = await self._checked(members)
            if not members:
                return
            await self._pace.turn(math.inf, len(members))
            if self._stopped is not None:
                self._send_later(members)
                return
            answered = await self._ask(members)
        except TenantopsError as error:
            self._failed(members, error, group)
        else:
            if isinstance(answered, _Throttled):
                self._throttled(members, answered)
            else:
                self._answered(members, answered, group)
        finally:
            self._room.release()

    async def _checked(self, members: Sequence[_Member]) -> Sequence[_Member]:
        """Those that may still be made; the others end here."""
        if self._check is None:
            return members
        try:
            refused = await self._check([member.request for member in members])
        except TenantopsError as error:
            # Whatever became of the question: of these requests, none was sent now.
            error.nothing_written = True
            raise
        for member in members:
            if member.request.id in refused:
                told = self._for_member(member, refused[member.request.id])
                # What is not as it was may be our own doing, which shows only now.
                told.nothing_written &= not member.doubts
                self._end(member, told)
        return [member for member in members if member.request.id not in refused]

    async def _ask(self, members: Sequence[_Member]) -> Mapping[str, BatchAnswer] | _Throttled:
        address = f"{self._graph.server}/v1.0/$batch"
        body = {"requests": [member.request.to_json() for member in members]}

        async def request() -> bytes | _Throttled:
            try:
                return await send_once(self._graph, Method.POST, address, body)
            except APIError as error:
                if error.response_status_code != _TOO_MANY:
                    raise
                # All batches have to wait together, so it is not waited for here.
                delay = retry_delay(self._failures + 1, error.response_headers or {})
                return _Throttled(delay, graph_error(error, self._graph.server, _SUBJECT))

        content = await self._graph.call(_SUBJECT, request, repeatable=False)
        if isinstance(content, _Throttled):
            return content
        return _answers(self._graph, content, {member.request.id for member in members})

    def _throttled(self, members: Sequence[_Member], throttled: _Throttled) -> None:
        """Nothing was done for a batch that was turned away as a whole."""
        self._pause(throttled.delay, throttled.error)
        self._send_later(members)

    def _failed(
        self, members: Sequence[_Member], error: TenantopsError, group: asyncio.TaskGroup
    ) -> None:
        if error.nothing_written and not isinstance(error, ConnectionFailed):
            # The next batch would be refused for the same reason.
            self._stopped = self._stopped or error
            self._send_later(members)
            return
        # One that is lost says nothing about the next; two in a row may be an outage.
        self._pause(retry_delay(self._failures, {}) if self._failures else 0.0, error)
        if error.nothing_written:
            self._send_later(members)
            return
        for member in members:
            group.create_task(self._settle(member, error))

    def _answered(
        self,
        members: Sequence[_Member],
        answers: Mapping[str, BatchAnswer],
        group: asyncio.TaskGroup,
    ) -> None:
        self._failures = 0
        self._stop_if_all_denied(members, answers)
        throttled = [
            self._take(member, answers.get(member.request.id), group) for member in members
        ]
        delays = [delay for delay in throttled if delay is not None]
        if len(delays) > _THROTTLED_TOGETHER * len(members):
            self._pace.pause(max(delays))

    def _stop_if_all_denied(
        self, members: Sequence[_Member], answers: Mapping[str, BatchAnswer]
    ) -> None:
        """Where nobody in a whole batch is let do it, it is not for what single ones are."""
        statuses = {answer.status for answer in answers.values()}
        if len(answers) == _SIZE and statuses <= _DENIED and self._stopped is None:
            answer = answers[members[0].request.id]
            refusal = Refusal.from_json(answer.status, answer.body)
            self._stopped = refusal.as_error(self._graph.server, _SUBJECT)

    def _take(
        self, member: _Member, answer: BatchAnswer | None, group: asyncio.TaskGroup
    ) -> float | None:
        """See to what an answer means for its request; returns how long it has to wait, if so."""
        if answer is None:
            error: TenantopsError = NotUnderstood(
                "The batch's answer holds none to this request",
                server=self._graph.server,
                subject=member.request.subject,
            )
            group.create_task(self._settle(member, error))
            return None
        if answer.status < 400:
            self._pace.went_well()
            self._end(member, answer)
            return None
        refusal = Refusal.from_json(answer.status, answer.body)
        error = refusal.as_error(self._graph.server, member.request.subject)
        if proves_nothing_done(refusal.status, refusal.code):
            member.throttled += 1
            delay = retry_delay(member.throttled, answer.headers)
            if self._pace.clock() + delay <= member.give_up_at:
                group.create_task(self._send_after(member, delay))
                return delay if refusal.status == _TOO_MANY else None
        elif not error.nothing_written:
            group.create_task(self._settle(member, error))
            return None
        self._end(member, self._for_member(member, error))
        return None

    async def _send_after(self, member: _Member, delay: float) -> None:
        await self._pace.sleep(delay)
        self._send_later([member])

    async def _settle(self, member: _Member, error: TenantopsError) -> None:
        """Find out by the thing itself whether a request was done, and send it again if not."""
        member.doubts += 1
        member.is_in_doubt = True
        try:
            found = await self._look_back(member.request)
        except TenantopsError as failure:
            self._end(member, self._for_member(member, failure))
            return
        if found is Found.DONE:
            self._end(member, Found.DONE)
        elif member.doubts >= _MOST_DOUBTS:
            self._end(member, self._for_member(member, error))
        else:
            member.is_in_doubt = False
            self._send_later([member])

    def _pause(self, seconds: float, error: TenantopsError) -> None:
        """Let all wait, but no longer without any answer than the operator allows."""
        if not self._failures:
            self._failing_since = self._pace.clock()
        self._failures += 1
        if self._pace.clock() + seconds > self._failing_since + self._graph.retry_time:
            self._stopped = self._stopped or error
        elif seconds:
            self._pace.pause(seconds)

    def _send_later(self, members: Iterable[_Member]) -> None:
        self._again.extend(members)
        self._wake.set()

    def _end(self, member: _Member, ending: BatchEnding) -> None:
        self._open -= 1
        self._ended.put_nowait((member.request, ending))
        self._wake.set()

    def _end_stopped(self, member: _Member, error: TenantopsError) -> None:
        ended = copy.copy(error)
        # It was not sent, or was found not to be done, or nobody knows.
        ended.nothing_written = not member.is_in_doubt
        self._end(member, ended)

    def _for_member(self, member: _Member, error: TenantopsError) -> TenantopsError:
        """An error as one of this request: an earlier try may have been done."""
        told = copy.copy(error)
        told.nothing_written = error.nothing_written and not member.is_in_doubt
        return told


async def ask(
    graph: Graph, pace: Pace, questions: Iterable[BatchRequest]
) -> AsyncIterator[tuple[BatchRequest, BatchAnswer | TenantopsError]]:
    """Ask many questions, which may be asked again as often as it takes, and tell each answer.

    Raises what `Batches.send` raises.
    """

    async def look_back(_question: BatchRequest) -> Found:
        return Found.NOT_DONE

    async for question, ending in Batches(graph, pace, look_back).send(questions):
        if not isinstance(ending, Found):
            yield question, ending


def _answers(graph: Graph, content: bytes, expected: set[str]) -> Mapping[str, BatchAnswer]:
    """The answers by the ids of their requests. Raises `NotUnderstood` for what is no such list."""
    body = json.loads(content or b"{}")
    listed = body.get("responses") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise _not_understood(graph, f"an answer with {sorted(body)}")
    answers: dict[str, BatchAnswer] = {}
    for entry in listed:
        told: Mapping[str, Any] = entry if isinstance(entry, dict) else {}
        identity, status = told.get("id"), told.get("status")
        if not isinstance(identity, str) or not isinstance(status, int):
            raise _not_understood(graph, f"an answer with id {identity!r} and status {status!r}")
        if identity not in expected or identity in answers:
            raise _not_understood(graph, f"an answer with id {identity!r} and status {status!r}")
        answers[identity] = BatchAnswer(status, _texts(told.get("headers")), told.get("body"))
    return answers


def _texts(headers: Any) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {str(name): str(value) for name, value in headers.items()}


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not that to a batch", server=graph.server, subject=_SUBJECT, answer=answer
    )
