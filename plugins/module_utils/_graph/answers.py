# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer must be before the SDK reads it.

The SDK takes a redirect for an empty success, and raises a bare Exception for the page of a proxy.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .._errors import NotUnderstood

if TYPE_CHECKING:
    import httpx


async def refuse_unreadable(response: httpx.Response) -> None:
    """Raise `NotUnderstood` for a redirect, and for a success that holds anything but JSON.

    A refusal is left to the SDK: its status counts, with or without a body that can be read.
    """
    if response.status_code >= 400:
        return
    if not response.is_success:
        raise _not_graph(response, "a redirect, and Graph does not redirect this")
    content = await response.aread()
    if content and not _is_json_object(content):
        kind = response.headers.get("content-type", "no content type")
        raise _not_graph(response, f"{kind}, which is not a JSON object")


def _is_json_object(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def _not_graph(response: httpx.Response, told: str) -> NotUnderstood:
    url = response.request.url
    return NotUnderstood(
        "The answer is not one of Graph",
        server=f"{url.scheme}://{url.netloc.decode('ascii')}",
        subject=url.path.removeprefix("/v1.0/"),
        answer=f"HTTP {response.status_code}, {told}",
        advice="Check entra_graph_url, and whether a proxy or a sign-in page of the network answers"
        " in its place.",
    )
