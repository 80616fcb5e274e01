# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import NotUnderstood
from ansible_collections.tenantops.migration.plugins.module_utils._graph.pages import items


class FakeGraph:
    """A collection of texts in pages by their links; the first page has none."""

    server = "https://graph.microsoft.com"

    def __init__(self, **pages: Any) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def call(self, subject: str, request: Callable[[], Awaitable[Any]], **_how: Any) -> Any:
        return await request()

    def with_url(self, raw_url: str) -> Any:
        async def get() -> Any:
            self.asked.append(raw_url)
            return self.pages[raw_url]

        return SimpleNamespace(get=get)


def page(*texts: Any, link: str | None = None) -> Any:
    return SimpleNamespace(value=list(texts), odata_next_link=link)


def read(graph: FakeGraph) -> list[str]:
    async def run() -> list[str]:
        first = graph.with_url("first").get
        return [item async for item in items(graph, "domains", str, graph, first)]  # type: ignore[arg-type]

    return asyncio.run(run())


def test_all_pages_are_read_once() -> None:
    graph = FakeGraph(first=page("a", "b", link="two"), two=page(link="three"), three=page("c"))
    assert read(graph) == ["a", "b", "c"]
    assert graph.asked == ["first", "two", "three"]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        SimpleNamespace(value=None, odata_next_link=None),
        SimpleNamespace(odata_next_link=None),
        page("a", None),
        page(1),
    ],
)
def test_what_is_no_page_is_no_empty_list(answer: Any) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(FakeGraph(first=page(link="two"), two=answer))
    assert (caught.value.server, caught.value.subject) == (FakeGraph.server, "domains")


def test_links_in_a_circle_are_an_error() -> None:
    graph = FakeGraph(first=page("a", link="two"), two=page("b", link="two"))
    with pytest.raises(NotUnderstood, match="circle"):
        read(graph)
