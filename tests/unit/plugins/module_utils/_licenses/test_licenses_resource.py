# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences written to a Graph of our own, which loses answers and shows things late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ConvergedMany,
    ManyProposal,
    Request,
    converge_many,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    ObjectGone,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import waiting
from ansible_collections.tenantops.migration.plugins.module_utils._graph.errors import GraphRefused
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.locations import (
    UsageLocationWrites,
    location_set,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    license_added,
    license_removed,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.resource import (
    LicenseWrites,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User

ROOT = "https://graph.example/v1.0"


@dataclass
class Graph:
    """A tenant: the plans that are disabled by user and SKU, and where each user is.

    `lost` says which of the batches of writes are cut off, and whether they were done by then;
    `stale_looks` is how often what is read then is still that of before.
    """

    licenses: dict[str, dict[str, list[str]]]
    locations: dict[str, str] = field(default_factory=dict)
    lost: dict[int, bool] = field(default_factory=dict)
    stale_looks: int = 0
    server: str = "https://graph.example"
    tenant: str = "contoso"
    retry_time: float = 60.0
    bodies: list[Any] = field(default_factory=list)
    batches: int = 0
    _stale: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(self, _subject: str, request: Callable[[], Awaitable[Any]], **_how: Any) -> Any:
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        path = unquote(information.url).removeprefix(ROOT)
        if path != "/$batch":
            return json.dumps(self._user(path)["body"]).encode()
        members = json.loads(information.content)["requests"]
        is_done = True
        if members[0]["method"] != "GET":
            self.batches += 1
            is_done = self.lost.get(self.batches, True)
            if self.stale_looks:
                self._stale = {name: dict(has) for name, has in self.licenses.items()}
        if not is_done:
            raise ConnectionFailed("cut off before it was done")
        answers = [{"id": each["id"], **self._answer(each)} for each in members]
        if self.batches in self.lost and members[0]["method"] != "GET":
            raise ConnectionFailed("cut off after it was done")
        return json.dumps({"responses": answers}).encode()

    def _answer(self, member: Any) -> dict[str, Any]:
        if member["method"] == "GET":
            return self._user(member["url"])
        self.bodies.append(member["body"])
        if member["method"] == "PATCH":
            self.locations[member["url"].split("/")[2]] = member["body"]["usageLocation"]
            return {"status": 204}
        return self._assign(member["url"].split("/")[2], member["body"])

    def _assign(self, name: str, body: Any) -> dict[str, Any]:
        for sku in body["removeLicenses"]:
            if sku not in self.licenses[name]:
                return _refusal("User does not have a corresponding license.")
        for sku in body["removeLicenses"]:
            del self.licenses[name][sku]
        for added in body["addLicenses"]:
            if added["skuId"] == "sold-out":
                return _refusal("Subscription does not have any available licenses.")
            self.licenses[name][added["skuId"]] = added["disabledPlans"]
        return {"status": 200, "body": {"id": name}}

    def _user(self, url: str) -> dict[str, Any]:
        name = url.split("/")[2].partition("?")[0]
        shown = self.licenses
        if self.stale_looks and self._stale:
            self.stale_looks -= 1
            shown = self._stale
        if name not in shown:
            return _refusal("There is no such thing.", 404)
        states = [
            {
                "skuId": sku,
                "disabledPlans": plans,
                "assignedByGroup": None,
                "state": "Active",
                "error": "None",
            }
            for sku, plans in shown[name].items()
        ]
        body = {
            "id": name,
            "userPrincipalName": name,
            "licenseAssignmentStates": states,
            "usageLocation": self.locations.get(name),
        }
        return {"status": 200, "body": body}


def _refusal(message: str, status: int = 400) -> dict[str, Any]:
    error = {"code": "Request_BadRequest", "message": message}
    return {"status": status, "body": {"error": error}}


@pytest.fixture(autouse=True)
def time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for passes at once."""
    real, clock = asyncio.sleep, [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds
        await real(0)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: clock[0]))


def swap(name: str) -> Request:
    return Request(
        (
            license_removed(name, name, "ALPHA", "a", ["x"]),
            license_added(name, name, "BETA", "b", ["y"]),
        )
    )


def run(
    graph: Graph, *requests: Request, journal: Path | None = None, check_mode: bool = False
) -> ConvergedMany:
    things = LicenseWrites(graph, settle_time=10.0)  # type: ignore[arg-type]
    control = ChangeControl(journal=None if journal is None else Journal(journal))
    proposal = ManyProposal(requests, scope=len(requests))
    return asyncio.run(converge_many(things, proposal, control, check_mode=check_mode))


def tenant(number: int = 45) -> dict[str, dict[str, list[str]]]:
    return {f"user{each}": {"a": ["x"], "other": []} for each in range(number)}


def test_a_swap_is_one_call_for_each_and_a_dry_run_tells_the_same() -> None:
    graph = Graph(tenant())
    requests = [swap(name) for name in graph.licenses]
    dry = run(graph, *requests, check_mode=True)
    assert graph.bodies == []
    made = run(graph, *requests)
    assert made == dry
    assert graph.licenses == {name: {"other": [], "b": ["y"]} for name in tenant()}
    assert graph.bodies == [
        {"addLicenses": [{"skuId": "b", "disabledPlans": ["y"]}], "removeLicenses": ["a"]}
    ] * len(requests)


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("stale_looks", [0, 25])
def test_a_lost_answer_is_looked_back_at(is_done: bool, stale_looks: int, tmp_path: Path) -> None:
    graph = Graph(tenant(20), lost={1: is_done}, stale_looks=stale_looks)
    path = tmp_path / "contoso" / "run.jsonl"
    made = run(graph, *(swap(name) for name in tenant(20)), journal=path)
    assert (made.failures, made.stopped) == ((), None)
    assert len(made.changes) == 40
    assert graph.licenses == {name: {"other": [], "b": ["y"]} for name in tenant(20)}
    assert {write.outcome for write in read_journal(path)} == {"made"}


def test_what_shows_very_late_is_not_done_twice() -> None:
    # Every look back, some seconds long, finds what was before: so it is sent again.
    graph = Graph(tenant(1), lost={1: True}, stale_looks=6)
    made = run(graph, swap("user0"))
    assert made.failures == ()
    assert graph.licenses == {"user0": {"other": [], "b": ["y"]}}


def test_who_was_changed_meanwhile_is_left_alone() -> None:
    graph = Graph(tenant(4))
    graph.licenses["user1"]["a"] = ["x", "y"]
    graph.licenses["user2"]["b"] = []
    del graph.licenses["user3"]
    made = run(graph, *(swap(name) for name in tenant(4)))
    assert [change.id for change in made.changes] == ["user0", "user0"]
    errors = {failure.id: type(failure.error) for failure in made.failures}
    assert errors == {
        "user1": ChangedMeanwhile,
        "user2": ChangedMeanwhile,
        "user3": ObjectGone,
    }
    assert all(failure.error.nothing_written for failure in made.failures)


def test_what_others_have_of_other_products_is_no_hindrance() -> None:
    graph = Graph(tenant(1))
    graph.licenses["user0"]["other"] = ["z"]
    assert run(graph, swap("user0")).failures == ()


def test_a_refusal_is_told_with_what_to_do() -> None:
    graph = Graph(tenant(2))
    sold_out = Request((license_added("user0", "user0", "GAMMA", "sold-out", []),))
    made = run(graph, sold_out, swap("user1"))
    (failure,) = made.failures
    assert isinstance(failure.error, GraphRefused)
    assert "last seat" in failure.error.advice
    assert [change.id for change in made.changes] == ["user1", "user1"]


def test_a_usage_location_is_set_once() -> None:
    graph = Graph(tenant(2), locations={"user1": "JP"}, lost={1: True})
    things = UsageLocationWrites(graph, settle_time=10.0)  # type: ignore[arg-type]
    requests = tuple(Request((location_set(User(name, name), "SE"),)) for name in tenant(2))
    made = asyncio.run(
        converge_many(things, ManyProposal(requests, 2), ChangeControl(), check_mode=False)
    )
    assert [change.id for change in made.changes] == ["user0"]
    assert [failure.id for failure in made.failures] == ["user1"]
    assert graph.locations == {"user0": "SE", "user1": "JP"}
    assert graph.bodies == [{"usageLocation": "SE"}]
