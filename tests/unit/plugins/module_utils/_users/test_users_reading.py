# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users and groups read from a Graph of our own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote_plus

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.planned import (
    PlannedChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    NotUnderstood,
    ObjectGone,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.groups import members_of
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User
from ansible_collections.tenantops.migration.plugins.module_utils._users.planned import PlannedUsers
from ansible_collections.tenantops.migration.plugins.module_utils._users.selected import Selected
from ansible_collections.tenantops.migration.plugins.module_utils._users.selection import (
    UserSelection,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.streaming import (
    read_named_users,
    read_users,
)

ROOT = "https://graph.example/v1.0/"
FIELDS = ("userPrincipalName", "mail")
GUID = "0f4a6c7e-8b1d-4c57-9f0a-7a9d1f1c2b11"


def person(name: str) -> dict[str, Any]:
    return {"id": f"id-{name}", "userPrincipalName": f"{name}@f.test", "mail": None}


@dataclass
class Graph:
    """Answers by path; the members of a batch are answered in the same way."""

    answers: dict[str, Any]
    server: str = "https://graph.example"
    tenant: str = "contoso"
    retry_time: float = 60.0
    asked: list[str] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(self, _subject: str, request: Callable[[], Awaitable[Any]], **_how: Any) -> Any:
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        path = information.url.removeprefix(ROOT)
        if path != "$batch":
            self.asked.append(unquote_plus(path))
            self.headers.append(information.headers.get_all().get("consistencylevel"))
            return json.dumps(self._answer(path)).encode()
        responses = []
        for member in json.loads(information.content)["requests"]:
            answer = self._answer(member["url"][1:])
            if answer is None:
                error = {"code": "Request_ResourceNotFound", "message": "There is no such thing."}
                responses.append({"id": member["id"], "status": 404, "body": {"error": error}})
            else:
                responses.append({"id": member["id"], "status": 200, "body": answer})
        return json.dumps({"responses": responses[::-1]}).encode()

    def _answer(self, path: str) -> Any:
        found = self.answers.get(path)
        return found if found is not None else self.answers.get(path.partition("?")[0])


def listed(graph: Graph, condition: str | None = None) -> list[User]:
    async def read() -> list[User]:
        found = read_users(graph, filter=condition, fields=FIELDS)  # type: ignore[arg-type]
        return [user async for user in found]

    return asyncio.run(read())


def test_all_pages_are_read() -> None:
    link = f"{ROOT}users?$skiptoken=2"
    pages = {
        "users": {"value": [person("kim")], "@odata.nextLink": link},
        "users?$skiptoken=2": {"value": [person("lee")]},
    }
    graph = Graph(pages)
    assert [user.user_principal_name for user in listed(graph)] == ["kim@f.test", "lee@f.test"]
    assert graph.asked[0] == "users?$select=id,userPrincipalName,mail&$top=999"


def test_a_condition_asks_the_index_on_every_page() -> None:
    link = f"{ROOT}users?$skiptoken=2"
    pages = {
        "users": {"value": [], "@odata.nextLink": link},
        "users?$skiptoken=2": {"value": []},
    }
    graph = Graph(pages)
    assert listed(graph, "endsWith(mail,'@f.test')") == []
    assert graph.headers == [{"eventual"}, {"eventual"}]
    assert "$count=true" in graph.asked[0]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"value": None},
        {"value": [{"id": "x"}]},
        {"value": [], "@odata.nextLink": f"{ROOT}users?again"},
        {"value": [], "@odata.nextLink": 1},
        {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users"},
    ],
)
def test_what_is_no_list_of_users(page: Any) -> None:
    with pytest.raises(NotUnderstood):
        listed(Graph({"users": page}))


def named(graph: Graph, *names: str) -> dict[str, User | TenantopsError]:
    async def read() -> dict[str, User | TenantopsError]:
        found = read_named_users(graph, names, fields=FIELDS)  # type: ignore[arg-type]
        return {name: answer async for name, answer in found}

    return asyncio.run(read())


def test_users_by_name() -> None:
    people = {f"users/id-{number}": person(str(number)) for number in range(45)}
    odd = "users/kim%23ext%23%2F%3F%27@f.test"
    graph = Graph({**people, odd: person("kim"), "users/broken": {"id": "x"}})
    names = [f"id-{number}" for number in range(45)]
    found = named(graph, *names, "kim#ext#/?'@f.test", "nobody", "broken", "nobody")
    assert [found[name].id for name in names] == names  # type: ignore[union-attr]
    assert found["kim#ext#/?'@f.test"].id == "id-kim"  # type: ignore[union-attr]
    assert isinstance(found["nobody"], ObjectGone)
    assert isinstance(found["broken"], NotUnderstood)
    assert found["broken"].subject == "broken"


def groups(graph: Graph, *names: str) -> Any:
    return asyncio.run(members_of(graph, names))  # type: ignore[arg-type]


def test_groups_by_name_and_id() -> None:
    graph = Graph(
        {
            "groups": {"value": [{"id": "g1", "displayName": "O'Neill"}]},
            "groups/g1/transitiveMembers": {"value": [{"id": "id-kim"}, {"id": "a-device"}]},
            f"groups/{GUID}": {"id": GUID, "displayName": "Tokyo"},
            f"groups/{GUID}/transitiveMembers": {
                "value": [{"id": "id-lee"}],
                "@odata.nextLink": f"{ROOT}more",
            },
            "more": {"value": [{"id": "id-max"}]},
        }
    )
    assert groups(graph, "O'Neill", GUID) == {
        "O'Neill": {"id-kim", "a-device"},
        GUID: {"id-lee", "id-max"},
    }
    assert "groups?$filter=displayName eq 'O''Neill'&$select=id,displayName" in graph.asked


@pytest.mark.parametrize("found", [[], [{"id": "g1"}, {"id": "g2"}]])
def test_a_group_must_be_the_only_one_of_its_name(found: list[Any]) -> None:
    with pytest.raises(InvalidInput):
        groups(Graph({"groups": {"value": found}}), "Sales")


@pytest.mark.parametrize("answer", [{}, {"value": [{}]}, {"value": [1]}])
def test_what_is_no_list_of_groups(answer: Any) -> None:
    with pytest.raises(NotUnderstood):
        groups(Graph({"groups": answer}), "Sales")


def selected(graph: Graph, selection: UserSelection, **others: Any) -> tuple[list[str], Selected]:
    """The ids of those who are meant, in order, and how they were found."""
    made = Selected(selection, fields=FIELDS, **others)

    async def read() -> list[str]:
        found = made.users(graph)  # type: ignore[arg-type]
        return [user.id async for user in found]

    return asyncio.run(read()), made


EVERYBODY = {"users": {"value": [person(name) for name in ("ada", "bob", "cyd")]}}
PEOPLE = {
    **{f"users/id-{name}": person(name) for name in ("ada", "bob", "cyd")},
    **{f"users/{name}@f.test": person(name) for name in ("ada", "bob", "cyd")},
}


def test_who_is_named_is_read_one_by_one() -> None:
    graph = Graph(PEOPLE)
    ids = frozenset({"id-cyd", "id-ada", "id-nobody"})
    ids_found, found = selected(graph, UserSelection(ids=ids))
    assert ids_found == ["id-ada", "id-cyd"]
    assert [failure.id for failure in found.failures] == ["id-nobody"]
    assert graph.asked == []


def test_a_user_named_in_two_ways_comes_once() -> None:
    selection = UserSelection(
        ids=frozenset({"id-ada", "id-bob"}), user_principal_names=frozenset({"ada@f.test"})
    )
    ids, _found = selected(Graph(PEOPLE), selection)
    assert ids == ["id-ada"]


def test_names_that_earlier_tasks_give_are_found_in_a_dry_run() -> None:
    change = Change(
        *(System.ENTRA, "sign_in_name", "id-ada", "ada@f.test", "userPrincipalName"),
        *(Action.REPLACE, "ada@f.test", "Ada@own.test"),
    )
    later = PlannedUsers(PlannedChanges((change,)))
    by_name = UserSelection(user_principal_names=frozenset({"ada@own.test", "bob@f.test"}))
    ids, found = selected(Graph(PEOPLE), by_name, later=later.after, ids_by_name=later.ids_by_name)
    assert (ids, found.failures) == (["id-ada", "id-bob"], [])
    by_old_name = UserSelection(user_principal_names=frozenset({"ada@f.test"}))
    ids, found = selected(
        Graph(PEOPLE), by_old_name, later=later.after, ids_by_name=later.ids_by_name
    )
    assert ids == []
    # In the run the name will be nobody's.
    assert [(each.id, type(each.error)) for each in found.failures] == [("ada@f.test", ObjectGone)]


def test_members_of_small_groups_are_read_one_by_one() -> None:
    members = {"Sales": frozenset({"id-bob", "a-device"})}
    graph = Graph(PEOPLE)
    ids, found = selected(graph, UserSelection(groups=frozenset({"Sales"})), members=members)
    # A device is no user, which is no failure.
    assert (ids, found.failures) == (["id-bob"], [])
    nobody = Graph({})
    empty = {"Sales": frozenset[str]()}
    selected(nobody, UserSelection(groups=frozenset({"Sales"})), members=empty)
    assert nobody.asked == []


def test_members_of_large_groups_are_found_among_all() -> None:
    many = frozenset({"id-bob", *(f"id-{number}" for number in range(3000))})
    graph = Graph(EVERYBODY)
    ids, found = selected(graph, UserSelection(groups=frozenset({"All"})), members={"All": many})
    assert (ids, found.read) == (["id-bob"], 3)
