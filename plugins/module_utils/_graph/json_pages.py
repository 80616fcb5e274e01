# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of plain JSON out of Graph's pages, a page of them in memory at a time.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from .._errors import NotUnderstood
from .access import Access
from .client import Graph
from .json_requests import JsonObject, get_json


async def json_pages(
    graph: Graph,
    subject: str,
    path: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    access: Access | None = None,
) -> AsyncIterator[list[JsonObject]]:
    """The objects of a list, in Graph's order, as many at a time as Graph gives.

    The arguments are those of `get_json`. `headers` are sent for every page: the link to the next
    one keeps the query alone. Raises `NotUnderstood` for an answer that is no list of objects, and
    for a link that leads to a page that was read before.
    """
    page = await get_json(graph, subject, path, query, headers, access=access)
    asked: set[str] = set()
    while True:
        yield _objects(graph, subject, page)
        link = page.get("@odata.nextLink") or None
        if link is None:
            return
        if not isinstance(link, str):
            raise _not_understood(graph, subject, f"@odata.nextLink {link!r}")
        if link in asked:
            raise _not_understood(graph, subject, "a link that leads in a circle")
        asked.add(link)
        # Whether it leads to Graph is seen to there.
        page = await get_json(graph, subject, link, None, headers, access=access)


async def json_entries(
    graph: Graph,
    subject: str,
    path: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    access: Access | None = None,
) -> AsyncIterator[JsonObject]:
    """The objects of `json_pages`, one by one."""
    async for page in json_pages(graph, subject, path, query, headers, access=access):
        for entry in page:
            yield entry


def _objects(graph: Graph, subject: str, page: JsonObject) -> list[JsonObject]:
    listed: Any = page.get("value")
    if not isinstance(listed, list):
        raise _not_understood(graph, subject, f"an object with {sorted(page)}")
    for entry in listed:
        if not isinstance(entry, dict):
            raise _not_understood(graph, subject, f"an entry that is no object: {entry!r}"[:200])
    return listed


def _not_understood(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list as Graph documents it",
        server=graph.server,
        subject=subject,
        answer=answer,
    )
