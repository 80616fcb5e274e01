# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists of users, read through Microsoft Graph page by page.

The answers are read as plain JSON: the SDK would load hundreds of classes for what a user may hold,
to give back six texts. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from .._errors import NotUnderstood
from .._graph.client import Graph
from .._libraries import library
from .model import FIELDS, CreationType, User

with library("msgraph-sdk"):
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

_SUBJECT = "users"
_PAGE_SIZE = 999  # the most that Graph gives


async def users(graph: Graph, creation_type: CreationType) -> list[User]:
    """All users of the tenant that came to be in this way, in Graph's order.

    Raises `NotUnderstood` for an answer that is no list of users, and for one without an end.
    """
    query = {
        "$filter": f"creationType eq '{creation_type.value}'",
        "$select": ",".join(FIELDS),
        "$top": str(_PAGE_SIZE),
    }
    root = f"{graph.server}/v1.0/users"
    address = f"{root}?{urlencode(query)}"
    found: list[User] = []
    asked: set[str] = set()
    while address:
        asked.add(address)
        page = await _page(graph, address)
        found += map(User.from_json, page["value"])
        address = page.get("@odata.nextLink") or ""
        if address and (address in asked or not address.startswith(f"{root}?")):
            raise _not_understood(graph, f"the next page is said to be at {address}")
    return found


async def _page(graph: Graph, address: str) -> dict[str, Any]:
    async def request() -> Any:
        information = RequestInformation()
        information.http_method = Method.GET
        information.url = address
        information.headers.try_add("Accept", "application/json")
        adapter = graph.client.request_adapter
        return await adapter.send_primitive_async(information, "bytes", {"XXX": ODataError})

    # That it is a JSON object, the client has seen to.
    page = json.loads(await graph.call(_SUBJECT, request) or b"{}")
    if not isinstance(page.get("value"), list):
        raise _not_understood(graph, f"an object with {sorted(page)}")
    return dict(page)


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a page of users", server=graph.server, subject=_SUBJECT, answer=answer
    )
