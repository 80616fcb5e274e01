# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole lists out of Graph's pages.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol, TypeVar

from .._errors import NotUnderstood
from .access import Access
from .client import Graph


class PageRequest(Protocol):
    """A request builder of the SDK for a collection."""

    def with_url(self, raw_url: str) -> Any:
        """The builder for another page."""


Item = TypeVar("Item")


async def items(
    graph: Graph,
    subject: str,
    kind: type[Item],
    request: PageRequest,
    first: Callable[[], Awaitable[Any]],
    access: Access | None = None,
) -> AsyncIterator[Item]:
    """Every item of a collection, page after page.

    `first` asks for the first page, `access` is what that needs. Raises `NotUnderstood` for an
    answer that is no page, for an item that is none of `kind`, and for a link that leads to a page
    that was read before.
    """
    page, seen = await graph.call(subject, first, access=access), set[str]()
    while True:
        listed = getattr(page, "value", None)
        if listed is None or not all(isinstance(item, kind) for item in listed):
            raise _no_page(graph, subject, f"a page without a list of {kind.__name__}")
        for item in listed:
            yield item
        link = page.odata_next_link
        if not link:
            return
        if link in seen:
            raise _no_page(graph, subject, "a link that leads in a circle")
        seen.add(link)
        page = await graph.call(subject, request.with_url(link).get, access=access)


def _no_page(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list", server=graph.server, subject=subject, answer=answer
    )
