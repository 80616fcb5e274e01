# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to Graph whose bodies and answers are plain JSON.

They go through the SDK's own adapter, so that sign-in, trust and errors are those of every other
request. Its models are passed by where they lose what is to be told: an enum value that they do not
know becomes null, as if there were none. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import urlencode

from .._errors import ConnectionFailed, NotUnderstood
from .._libraries import library
from .access import Access
from .client import Graph

with library("msgraph-sdk"):
    from kiota_abstractions.method import Method
    from kiota_abstractions.request_information import RequestInformation
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError

JsonObject: TypeAlias = dict[str, Any]

# A connection that broke says nothing about the next one. Seconds before each further try.
_PAUSES_AFTER_LOSS = (1.0, 2.0, 4.0)


async def get_json(
    graph: Graph,
    subject: str,
    path: str,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    access: Access | None = None,
) -> JsonObject:
    """Read something; `path` is below the version (`users`), or a link that Graph gave.

    A question does no harm, so it is asked again if the connection breaks. `subject` names the
    thing for messages. Raises `NotUnderstood` for a link that leads elsewhere, and what
    `Graph.call` raises.
    """
    address = _address(graph, subject, path, query)
    for pause in _PAUSES_AFTER_LOSS:
        try:
            return await _send(graph, subject, Method.GET, address, None, headers, access)
        except ConnectionFailed:
            await asyncio.sleep(pause)
    return await _send(graph, subject, Method.GET, address, None, headers, access)


async def post_json(
    graph: Graph,
    subject: str,
    path: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    *,
    repeatable: bool = False,
    access: Access | None = None,
) -> JsonObject:
    """Send something; an answer without a body is an empty object. See `Graph.call`."""
    address = _address(graph, subject, path, None)
    return await _send(
        graph, subject, Method.POST, address, body, headers, access, repeatable=repeatable
    )


async def patch_json(
    graph: Graph,
    subject: str,
    path: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
    *,
    access: Access | None = None,
) -> JsonObject:
    """Set properties; an answer without a body is an empty object. See `Graph.call`."""
    address = _address(graph, subject, path, None)
    return await _send(graph, subject, Method.PATCH, address, body, headers, access)


async def _send(
    graph: Graph,
    subject: str,
    method: Method,
    address: str,
    body: Mapping[str, Any] | None,
    headers: Mapping[str, str] | None,
    access: Access | None,
    *,
    repeatable: bool = True,
) -> JsonObject:
    async def request() -> bytes:
        return await send_once(graph, method, address, body, headers)

    content = await graph.call(subject, request, repeatable=repeatable, access=access)
    # The client has seen to it that a success holds a JSON object or nothing.
    return dict(json.loads(content or b"{}"))


async def send_once(
    graph: Graph,
    method: Method,
    address: str,
    body: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """One try of one request, for `Graph.call` to make; raises the SDK's own errors."""
    information = RequestInformation()
    information.http_method = method
    information.url = address
    information.headers.try_add("Accept", "application/json")
    for name, value in (headers or {}).items():
        information.headers.try_add(name, value)
    if body is not None:
        information.headers.try_add("Content-Type", "application/json")
        information.content = json.dumps(body, ensure_ascii=False).encode("utf-8")
    # Its type says that nothing is returned.
    adapter: Any = graph.client.request_adapter
    answer: bytes | None = await adapter.send_primitive_async(
        information, "bytes", {"XXX": ODataError}
    )
    return answer or b""


def _address(graph: Graph, subject: str, path: str, query: Mapping[str, str] | None) -> str:
    root = f"{graph.server}/v1.0/"
    if path.startswith(root):
        return path
    if "://" in path:
        raise _not_understood(graph, subject, f"a link that leads to {path}")
    return f"{root}{path}?{urlencode(query)}" if query else f"{root}{path}"


def _not_understood(graph: Graph, subject: str, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list as Graph documents it",
        server=graph.server,
        subject=subject,
        answer=answer,
    )
