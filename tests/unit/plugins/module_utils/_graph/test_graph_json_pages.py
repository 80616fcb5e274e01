# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._graph import json_pages
from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import Access
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph

GRAPH = cast(Graph, SimpleNamespace(server="https://graph.example"))
READ = Access("Thing.Read.All", "Thing Reader")
QUERY = {"$top": "999"}
HEADERS = {"ConsistencyLevel": "eventual"}


class Pages:
    """Gives pages by where they are, and remembers how it was asked."""

    def __init__(self, **pages: Any) -> None:
        self.pages = pages
        self.asked: list[tuple[str, Mapping[str, str] | None]] = []

    async def get(
        self,
        _graph: Graph,
        subject: str,
        path: str,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        *,
        access: Access | None,
    ) -> Any:
        assert (subject, headers, access) == ("things", HEADERS, READ)
        self.asked.append((path, query))
        return self.pages[path]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    given = Pages()
    monkeypatch.setattr(json_pages, "get_json", given.get)
    return given


def read() -> list[list[Any]]:
    async def collect() -> list[list[Any]]:
        found = json_pages.json_pages(GRAPH, "things", "first", QUERY, HEADERS, access=READ)
        return [page async for page in found]

    return asyncio.run(collect())


def test_all_pages_in_order_and_the_query_only_once(pages: Pages) -> None:
    pages.pages = {
        "first": {"value": [{"id": 1}, {"id": 2}], "@odata.nextLink": "second"},
        "second": {"value": [], "@odata.nextLink": "third"},
        "third": {"value": [{"id": 3}], "@odata.nextLink": None},
    }
    assert read() == [[{"id": 1}, {"id": 2}], [], [{"id": 3}]]
    assert pages.asked == [("first", QUERY), ("second", None), ("third", None)]


def test_one_by_one(pages: Pages) -> None:
    pages.pages = {
        "first": {"value": [{"id": 1}, {"id": 2}], "@odata.nextLink": "second"},
        "second": {"value": [{"id": 3}]},
    }

    async def collect() -> list[Any]:
        found = json_pages.json_entries(GRAPH, "things", "first", QUERY, HEADERS, access=READ)
        return [entry async for entry in found]

    assert asyncio.run(collect()) == [{"id": 1}, {"id": 2}, {"id": 3}]


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ({}, "an object with"),
        ({"value": None}, "an object with"),
        ({"value": {"id": 1}}, "an object with"),
        ({"value": [{"id": 1}, "a thing"]}, "no object: 'a thing'"),
        ({"value": [], "@odata.nextLink": 7}, "@odata.nextLink 7"),
        ({"value": [], "@odata.nextLink": "second"}, "circle"),
    ],
)
def test_what_is_no_page_of_a_list(pages: Pages, page: Any, told: str) -> None:
    pages.pages = {"first": {"value": [], "@odata.nextLink": "second"}, "second": page}
    with pytest.raises(NotUnderstood, match=told) as caught:
        read()
    assert (caught.value.server, caught.value.subject) == ("https://graph.example", "things")
