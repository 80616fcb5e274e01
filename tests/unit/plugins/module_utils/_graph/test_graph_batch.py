# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Batches through the real sender, with a Graph of our own that is as bad as it can be."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from kiota_abstractions.api_error import APIError

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    AuthenticationFailed,
    ConnectionFailed,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import batch
from ansible_collections.tenantops.migration.plugins.module_utils._graph.batch import (
    BatchAnswer,
    BatchEnding,
    Batches,
    BatchRequest,
    Found,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import graph_error
from ansible_collections.tenantops.migration.plugins.module_utils._pace import Pace

Member = dict[str, Any]


def answer(status: int, code: str = "", **headers: str) -> Member:
    body = {"error": {"code": code, "message": "no"}} if code else {"done": True}
    return {"status": status, "headers": headers, "body": body}


@dataclass
class Graph:
    """Does what it is told, unless `whole` (for a batch) or `single` (for a member) has a fault.

    A fault for a batch is raised, before the work or, as a pair with True, after it.
    """

    whole: Callable[[int], Any] = lambda _number: None
    single: Callable[[str, int], Member | None] = lambda _identity, _times: None
    retry_time: float = 60.0
    server: str = "https://graph.example"
    done: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    spoil: Callable[[Any], Any] = lambda answers: answers

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(
        self, subject: str, request: Callable[[], Awaitable[Any]], *, repeatable: bool
    ) -> Any:
        assert not repeatable
        try:
            return await request()
        except APIError as error:
            raise graph_error(error, self.server, subject) from error

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        members = json.loads(information.content)["requests"]
        assert len({member["id"] for member in members}) == len(members) <= 20
        self.sizes.append(len(members))
        number = len(self.sizes)
        await asyncio.sleep(0)
        fault = self.whole(number)
        if isinstance(fault, Exception):
            raise fault
        answers = [{"id": member["id"], **self._do(member["id"])} for member in members]
        if isinstance(fault, tuple):
            raise fault[0]
        random.Random(number).shuffle(answers)  # noqa: S311 - repeatable, not secret
        return json.dumps(self.spoil({"responses": answers})).encode()

    def _do(self, identity: str) -> Member:
        self.seen[identity] += 1
        fault = self.single(identity, self.seen[identity])
        if fault is None or fault.pop("done", False):
            self.done[identity] += 1
        return fault or answer(201)

    async def look_back(self, request: BatchRequest) -> Found:
        await asyncio.sleep(0)
        return Found.DONE if self.done[request.id] else Found.NOT_DONE


def api_error(status: int, **headers: str) -> APIError:
    error = APIError("no")
    error.response_status_code = status
    error.response_headers = headers
    return error


def requests(amount: int) -> Iterable[BatchRequest]:
    for number in range(amount):
        yield BatchRequest(str(number), "POST", "/things", f"thing {number}", {"number": number})


class Time:
    """Passes only where it is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        due = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, due)


def send(
    graph: Graph, amount: int = 50, per_second: float = 1000.0, time: Time | None = None
) -> tuple[dict[str, BatchEnding], TenantopsError | None]:
    """How each request ended, and what stopped them all."""
    time = time or Time()
    pace = Pace(per_second, clock=lambda: time.now, sleep=time.sleep)
    endings: dict[str, BatchEnding] = {}

    async def sending() -> TenantopsError | None:
        batches = Batches(graph, pace, graph.look_back)  # type: ignore[arg-type]
        try:
            async for request, ending in batches.send(requests(amount)):
                assert request.id not in endings
                endings[request.id] = ending
        except TenantopsError as error:
            return error
        return None

    return endings, asyncio.run(asyncio.wait_for(sending(), timeout=60))


def test_all_are_done_once_in_full_batches() -> None:
    graph = Graph()
    endings, stopped = send(graph, 50)
    assert stopped is None
    assert graph.sizes == [20, 20, 10]
    assert graph.done == Counter(map(str, range(50)))
    assert set(map(type, endings.values())) == {BatchAnswer}


def test_nothing_to_send() -> None:
    graph = Graph()
    assert send(graph, 0) == ({}, None)
    assert graph.sizes == []


def test_the_form_of_a_request() -> None:
    asked = BatchRequest("1", "GET", "/users/1", "a@b", headers={"ConsistencyLevel": "eventual"})
    assert asked.to_json() == {
        "id": "1",
        "method": "GET",
        "url": "/users/1",
        "headers": {"ConsistencyLevel": "eventual"},
    }
    assert BatchRequest("1", "POST", "/invitations", "a@b", {"a": 1}).to_json() == {
        "id": "1",
        "method": "POST",
        "url": "/invitations",
        "headers": {"Content-Type": "application/json"},
        "body": {"a": 1},
    }


def test_a_throttled_member_waits_alone() -> None:
    def throttle(identity: str, times: int) -> Member | None:
        return (
            answer(429, "TooManyRequests", **{"Retry-After": "7"})
            if identity == "3" and (times < 3)
            else None
        )

    time, graph = Time(), Graph(single=throttle)
    endings, stopped = send(graph, 100, time=time)
    assert stopped is None
    assert set(map(type, endings.values())) == {BatchAnswer}
    assert graph.done == Counter(map(str, range(100)))
    assert graph.seen["3"] == 3
    # The others did not wait for it.
    assert list(endings)[-1] == "3"
    assert time.now >= 14


def test_a_throttled_batch_is_sent_again_when_all_have_waited() -> None:
    graph = Graph(
        whole=lambda number: api_error(429, **{"Retry-After": "5"}) if number < 3 else None
    )
    time = Time()
    _endings, stopped = send(graph, 20, time=time)
    assert stopped is None
    assert graph.done == Counter(map(str, range(20)))
    assert graph.sizes == [20, 20, 20]
    assert time.now >= 10


def test_a_throttling_without_an_end_stops_all_and_nothing_was_done() -> None:
    graph = Graph(whole=lambda _number: api_error(429, **{"Retry-After": "30"}))
    endings, stopped = send(graph, 500)
    assert isinstance(stopped, TenantopsError)
    assert "429" in stopped.answer
    # Not all have even been taken.
    assert 0 < len(endings) < 500
    assert all(ending.nothing_written for ending in errors(endings).values())
    assert not graph.done


def test_a_member_that_is_throttled_for_ever_fails_alone() -> None:
    graph = Graph(
        single=lambda identity, _times: (
            answer(429, "TooManyRequests", **{"Retry-After": "20"}) if identity == "3" else None
        )
    )
    endings, stopped = send(graph, 30)
    assert stopped is None
    assert list(errors(endings)) == ["3"]
    assert errors(endings)["3"].nothing_written
    assert graph.seen["3"] > 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "fault", [ConnectionFailed("cut"), api_error(503), api_error(500)], ids=["cut", "503", "500"]
)
def test_a_lost_batch_is_looked_back_at_and_nothing_is_done_twice(
    fault: Exception, after: bool
) -> None:
    graph = Graph(
        whole=lambda number: (
            (fault, after) if after and number == 2 else (fault if number == 2 else None)
        )
    )
    endings, stopped = send(graph, 50)
    assert stopped is None
    assert graph.done == Counter(map(str, range(50)))
    assert not errors(endings)
    assert sum(ending is Found.DONE for ending in endings.values()) == (20 if after else 0)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_member_with_a_server_error_is_looked_back_at(status: int, done: bool) -> None:
    def fail(identity: str, times: int) -> Member | None:
        if identity != "3" or times > 1:
            return None
        return {**answer(status, "serviceNotAvailable"), "done": done}

    graph = Graph(single=fail)
    endings, stopped = send(graph, 30)
    assert stopped is None
    assert graph.done == Counter(map(str, range(30)))
    assert (endings["3"] is Found.DONE) is done


def test_a_member_that_never_succeeds_is_given_up_and_told_as_unknown() -> None:
    graph = Graph(single=lambda identity, _times: answer(500) if identity == "3" else None)
    endings, _stopped = send(graph, 30)
    (error,) = errors(endings).values()
    assert isinstance(error, NotUnderstood)
    assert not error.nothing_written
    assert graph.seen["3"] == 5


def test_a_look_back_that_fails_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph(whole=lambda number: ConnectionFailed("cut") if number == 1 else None)

    async def look_back(_self: Graph, _request: BatchRequest) -> Found:
        raise Refused("you may not look")

    monkeypatch.setattr(Graph, "look_back", look_back)
    endings, stopped = send(graph, 30)
    assert stopped is None
    assert len(errors(endings)) == 20
    assert not any(error.nothing_written for error in errors(endings).values())


def test_a_refused_member_fails_alone_and_is_told_as_any_refusal() -> None:
    graph = Graph(
        single=lambda identity, _times: (
            answer(403, "Authorization_RequestDenied") if identity == "3" else None
        )
    )
    endings, stopped = send(graph, 30)
    assert stopped is None
    (error,) = errors(endings).values()
    assert isinstance(error, Refused)
    assert error.subject == "thing 3"
    assert error.answer == "HTTP 403 Authorization_RequestDenied"
    assert error.nothing_written


@pytest.mark.parametrize(("status", "stops"), [(401, True), (403, True), (400, False)])
def test_what_nobody_may_is_not_asked_for_thousands_of_times(status: int, stops: bool) -> None:
    graph = Graph(single=lambda _identity, _times: answer(status, "Authorization_RequestDenied"))
    endings, stopped = send(graph, 1000)
    assert (stopped is not None) is stops
    assert len(endings) == len(errors(endings))
    assert (len(endings) < 1000) is stops
    assert all(error.nothing_written for error in errors(endings).values())


def test_a_colliding_member_is_sent_again() -> None:
    graph = Graph(
        single=lambda identity, times: (
            answer(409, "Directory_ConcurrencyViolation") if (identity, times) == ("3", 1) else None
        )
    )
    endings, _stopped = send(graph, 30)
    assert not errors(endings)


def test_what_refuses_the_whole_batch_stops_all() -> None:
    graph = Graph(whole=lambda _number: AuthenticationFailed("the secret has expired"))
    endings, stopped = send(graph, 500)
    assert isinstance(stopped, AuthenticationFailed)
    assert all(error.nothing_written for error in errors(endings).values())
    assert len(endings) < 500


def test_a_sign_in_service_that_is_away_is_waited_for() -> None:
    away = ConnectionFailed("no token")
    away.nothing_written = True
    graph = Graph(whole=lambda number: away if number < 4 else None)
    endings, stopped = send(graph, 50)
    assert stopped is None
    assert not errors(endings)
    assert graph.done == Counter(map(str, range(50)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _answers: {},
        lambda _answers: {"responses": "none"},
        lambda answers: {"responses": [*answers["responses"], answers["responses"][0]]},
        lambda answers: {"responses": [{**answers["responses"][0], "id": "elsewhere"}]},
        lambda answers: {"responses": [{**answers["responses"][0], "status": "201"}]},
        lambda answers: {"responses": answers["responses"][1:]},
        lambda answers: {"responses": [[], *answers["responses"]]},
    ],
)
def test_an_answer_that_is_not_understood_is_no_answer(spoil: Callable[[Any], Any]) -> None:
    graph = Graph(spoil=spoil)
    endings, stopped = send(graph, 20)
    assert stopped is None
    assert graph.done == Counter(map(str, range(20)))
    assert Found.DONE in endings.values()


def test_all_keep_to_the_pace() -> None:
    time = Time()
    send(Graph(), 200, per_second=20, time=time)
    assert 8 <= time.now <= 10


def test_everything_at_once() -> None:
    """Nothing is lost and nothing is done twice, whatever happens."""
    dice = random.Random(5)  # noqa: S311 - repeatable, not secret

    def whole(_number: int) -> Any:
        throw = dice.random()
        if throw < 0.1:
            return api_error(429, **{"Retry-After": "1"})
        if throw < 0.2:
            return (ConnectionFailed("cut"), True)
        if throw < 0.3:
            return api_error(503)
        return None

    def single(_identity: str, _times: int) -> Member | None:
        throw = dice.random()
        if throw < 0.1:
            return answer(429, "TooManyRequests", **{"Retry-After": "1"})
        if throw < 0.15:
            return {**answer(503), "done": dice.random() < 0.5}
        return None

    graph = Graph(whole=whole, single=single)
    endings, stopped = send(graph, 2000)
    assert stopped is None
    assert not errors(endings)
    assert graph.done == Counter(map(str, range(2000)))


def errors(endings: dict[str, BatchEnding]) -> dict[str, TenantopsError]:
    return {
        identity: ending
        for identity, ending in endings.items()
        if isinstance(ending, TenantopsError)
    }


def test_a_defect_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_arguments: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(batch, "_answers", defect)
    with pytest.raises(ExceptionGroup) as failure:
        send(Graph(), 20)
    assert failure.group_contains(RuntimeError)
