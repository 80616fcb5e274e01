# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for users, with a Graph of our own that shows another state at each look."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from kiota_abstractions.api_error import APIError

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotUnderstood,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import graph_error
from ansible_collections.tenantops.migration.plugins.module_utils._sync.waiting import (
    ExpectedUser,
    Look,
    SyncedUser,
    look_for_users,
    wait_for_users,
)

NEW, OLD = "ada@contoso.com", "ada@contoso.onmicrosoft.com"
ADA = ExpectedUser("Ada", user_id="1", user_principal_name=NEW)
BEN = ExpectedUser("Ben", immutable_id="qq==")

Shown: TypeAlias = "dict[str, Any] | int | None"


def entry(identity: str, name: str, immutable_id: str | None = None) -> dict[str, Any]:
    return {
        "id": identity,
        "userPrincipalName": name,
        "onPremisesImmutableId": immutable_id,
        "onPremisesSyncEnabled": None if immutable_id is None else True,
    }


class ShowingGraph:
    """Shows users by what they are asked by; each has what is shown at each look, last for ever.

    Null is nobody, a number the status of a refusal. A look may be lost as a whole.
    """

    server = "https://graph.example"
    retry_time = 0.5

    def __init__(self, users: Mapping[str, Sequence[Shown]], lost: int = 0) -> None:
        self.users = {name: list(shown) for name, shown in users.items()}
        self.lost = lost
        self.batches: list[list[str]] = []

    @property
    def graph(self) -> Graph:
        return cast(Graph, self)

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(
        self, subject: str, request: Callable[[], Awaitable[Any]], **_options: Any
    ) -> Any:
        try:
            return await request()
        except APIError as error:
            raise graph_error(error, self.server, subject) from error

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        members = json.loads(information.content)["requests"]
        self.batches.append([member["url"] for member in members])
        if len(self.batches) <= self.lost:
            raise ConnectionFailed("No answer came")
        answers = [{"id": member["id"], **self._shown(member["url"])} for member in members]
        return json.dumps({"responses": answers}).encode()

    def _shown(self, url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        asked = parts.path.rpartition("/")[2]
        if asked == "users":
            asked = query["$filter"][0].partition(" eq ")[2].strip("'=")
        looks = self.users[asked]
        shown = looks.pop(0) if len(looks) > 1 else looks[0]
        if isinstance(shown, int):
            code = {403: "Authorization_RequestDenied", 404: "Request_ResourceNotFound"}
            error = {"error": {"code": code.get(shown, "Unknown"), "message": "No."}}
            return {"status": shown, "body": error}
        if "$filter" in query:
            return {"status": 200, "body": {"value": [] if shown is None else [shown]}}
        return {"status": 200, "body": shown}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks that are near to each other."""
    module = "ansible_collections.tenantops.migration.plugins.module_utils._graph.waiting"
    monkeypatch.setattr(f"{module}._FIRST_DELAY", 0.001)
    monkeypatch.setattr(f"{module}._LONGEST_DELAY", 0.001)


def looks(graph: ShowingGraph, *expected: ExpectedUser, seconds: float = 10.0) -> list[Look]:
    async def run() -> list[Look]:
        return [look async for look in look_for_users(graph.graph, expected, seconds)]

    return asyncio.run(run())


def test_who_has_arrived_is_told_at_once_and_not_asked_about_again() -> None:
    graph = ShowingGraph(
        {"1": [entry("1", OLD), entry("1", NEW)], "qq": [entry("2", "ben@x.com", "qq==")]}
    )
    first, second = looks(graph, ADA, BEN)
    assert first.arrived == {BEN: SyncedUser("2", "ben@x.com", "qq==", True)}
    assert first.waiting == {ADA: SyncedUser("1", OLD, None, None)}
    assert second.arrived == {ADA: SyncedUser("1", NEW, None, None)}
    assert second.open == 0
    assert [len(batch) for batch in graph.batches] == [2, 1]


def test_names_count_without_regard_to_case() -> None:
    graph = ShowingGraph({"1": [entry("1", NEW.upper())]})
    assert len(looks(graph, ADA)) == 1


def test_a_user_who_is_not_there_yet_is_waited_for() -> None:
    graph = ShowingGraph(
        {"1": [404, entry("1", NEW)], "qq": [None, None, entry("2", "ben@x.com", "qq==")]}
    )
    found = looks(graph, ADA, BEN)
    assert found[0].waiting == {ADA: None, BEN: None}
    assert len(found) == 3


def test_the_right_id_with_another_immutable_id_has_not_arrived() -> None:
    expected = ExpectedUser("Ada", user_id="1", immutable_id="new")
    graph = ShowingGraph({"1": [entry("1", NEW, "old"), entry("1", NEW, "new")]})
    assert len(looks(graph, expected)) == 2


def test_when_the_time_is_over_the_missing_are_told_as_they_are() -> None:
    graph = ShowingGraph({"1": [entry("1", OLD)], "qq": [entry("2", "ben@x.com", "qq==")]})
    seen: list[Look] = []
    waited = asyncio.run(wait_for_users(graph.graph, [ADA, BEN, ADA], 0.01, seen.append))
    assert waited.missing == {ADA: SyncedUser("1", OLD, None, None)}
    assert list(waited.arrived) == [BEN]
    assert seen[-1].seconds_left == 0


def test_a_wait_ends_when_a_look_is_enough() -> None:
    graph = ShowingGraph({"1": [entry("1", OLD)], "qq": [entry("2", "ben@x.com", "qq==")]})
    waited = asyncio.run(
        wait_for_users(graph.graph, [ADA, BEN], 60, lambda look: bool(look.arrived))
    )
    assert list(waited.arrived) == [BEN]
    assert list(waited.missing) == [ADA]
    assert waited.seconds_left > 0


def test_a_look_that_fails_is_not_the_last_one() -> None:
    graph = ShowingGraph({"1": [{"id": "1"}, entry("1", NEW)]})
    first, second = looks(graph, ADA)
    assert isinstance(first.unknown[ADA], NotUnderstood)
    assert second.arrived


def test_an_outage_of_one_look_is_waited_through() -> None:
    graph = ShowingGraph({"1": [entry("1", NEW)]}, lost=1)
    assert looks(graph, ADA)[-1].arrived


def test_what_stays_unknown_is_told_as_that() -> None:
    graph = ShowingGraph({"1": [{"id": "1"}]})
    waited = asyncio.run(wait_for_users(graph.graph, [ADA], 0))
    assert isinstance(waited.unknown[ADA], NotUnderstood)
    assert waited.missing == {}


def test_an_app_that_may_not_look_does_not_wait() -> None:
    graph = ShowingGraph({"1": [403]})
    with pytest.raises(Refused):
        looks(graph, ADA)


def test_nobody_is_not_looked_for() -> None:
    graph = ShowingGraph({})
    assert looks(graph) == []
    assert graph.batches == []


def test_thousands_are_looked_for_in_batches() -> None:
    users = {str(number): [entry(str(number), NEW)] for number in range(1_000)}
    graph = ShowingGraph(users)
    expected = [ExpectedUser(each, user_id=each) for each in users]
    (look,) = looks(graph, *expected)
    assert len(look.arrived) == 1_000
    assert len(graph.batches) == 50


def test_values_are_quoted() -> None:
    name = "o'hara@contoso.com"
    graph = ShowingGraph({"o''hara@contoso.com": [entry("1", name)]})
    assert looks(graph, ExpectedUser("O", user_principal_name=name))[0].arrived


def test_somebody_without_anything_to_be_looked_up_by_is_a_defect() -> None:
    with pytest.raises(ValueError, match="neither"):
        ExpectedUser("Nobody")
