# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.json_requests import (
    get_json,
    patch_json,
    post_json,
)

ROOT = "https://graph.example/v1.0/"


class Graph:
    """Stands where the client stands, and remembers what goes through it."""

    server = "https://graph.example"

    def __init__(self, *answers: bytes | Exception | None) -> None:
        self.answers = list(answers)
        self.sent: list[Any] = []
        self.repeatable: list[bool] = []
        self.client = SimpleNamespace(request_adapter=self)

    async def call(
        self, subject: str, request: Callable[[], Awaitable[Any]], *, repeatable: bool, **_more: Any
    ) -> Any:
        self.repeatable.append(repeatable)
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> Any:
        self.sent.append(information)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def told(self) -> tuple[str, str, Any]:
        (sent,) = self.sent
        body = json.loads(sent.content) if sent.content else None
        return sent.http_method.value, sent.url, body


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


def test_a_question() -> None:
    graph: Any = Graph(b'{"state": "sometimes"}')
    query = {"$filter": "userType eq 'Guest'"}
    headers = {"ConsistencyLevel": "eventual"}
    assert asyncio.run(get_json(graph, "users", "users", query, headers)) == {"state": "sometimes"}
    address = f"{ROOT}users?%24filter=userType+eq+%27Guest%27"
    assert graph.told() == ("GET", address, None)
    assert graph.sent[0].headers.get("ConsistencyLevel") == {"eventual"}


def test_a_link_is_followed_as_it_is() -> None:
    graph: Any = Graph(b"{}")
    asyncio.run(get_json(graph, "users", f"{ROOT}users?$skiptoken=a%2Bb"))
    assert graph.told() == ("GET", f"{ROOT}users?$skiptoken=a%2Bb", None)


@pytest.mark.parametrize("link", ["https://elsewhere.example/v1.0/users", f"{ROOT}"[:-6] + "beta/"])
def test_a_link_that_leads_elsewhere_is_not(link: str) -> None:
    graph: Any = Graph(b"{}")
    with pytest.raises(NotUnderstood, match="a link that leads to"):
        asyncio.run(get_json(graph, "users", link))
    assert graph.sent == []


def test_a_question_is_asked_again_if_the_connection_breaks(slept: list[float]) -> None:
    graph: Any = Graph(ConnectionFailed("cut"), ConnectionFailed("cut"), b'{"id": "1"}')
    assert asyncio.run(get_json(graph, "users", "users/1")) == {"id": "1"}
    assert slept == [1.0, 2.0]


def test_but_not_for_ever_and_not_after_an_answer(slept: list[float]) -> None:
    graph: Any = Graph(*[ConnectionFailed("cut")] * 9)
    with pytest.raises(ConnectionFailed):
        asyncio.run(get_json(graph, "users", "users"))
    assert len(graph.sent) == 4
    graph = Graph(Refused("no"))
    with pytest.raises(Refused):
        asyncio.run(get_json(graph, "users", "users"))


def test_what_is_sent_is_sent_once() -> None:
    graph: Any = Graph(b'{"id": "1"}')
    answer = asyncio.run(post_json(graph, "invitations", "invitations", {"name": "Åsa"}))
    assert answer == {"id": "1"}
    assert graph.told() == ("POST", f"{ROOT}invitations", {"name": "Åsa"})
    assert graph.sent[0].headers.get("Content-Type") == {"application/json"}
    assert graph.repeatable == [False]
    graph = Graph(ConnectionFailed("cut"), b"{}")
    with pytest.raises(ConnectionFailed):
        asyncio.run(post_json(graph, "invitations", "invitations", {}))
    assert len(graph.sent) == 1


def test_an_answer_without_a_body() -> None:
    graph: Any = Graph(None)
    assert asyncio.run(patch_json(graph, "policy", "policy", {"isEnabled": False})) == {}
    assert graph.told() == ("PATCH", f"{ROOT}policy", {"isEnabled": False})
