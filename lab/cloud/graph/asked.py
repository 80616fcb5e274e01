# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request to the API, whether it came alone or within a batch."""

from __future__ import annotations

import json
from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request

from .errors import GraphError, malformed

_WRITING = {"POST", "PATCH", "PUT"}


@dataclass(frozen=True)
class Asked:
    """``path`` is below the version and as it was sent: ids may hold escaped slashes."""

    method: str
    version: str
    path: str
    query: QueryParams
    headers: Headers
    content: bytes

    def body(self) -> object:
        """Return the JSON of a writing request, None for the others; raises GraphError."""
        if self.method not in _WRITING or not self.content:
            return None
        content_type = self.headers.get("content-type")
        if content_type is None:
            raise malformed(
                "Write requests (excluding DELETE) must contain the Content-Type header "
                "declaration."
            )
        if content_type.partition(";")[0].strip().casefold() != "application/json":
            raise GraphError(
                415,
                "UnsupportedMediaType",
                f"The media type '{content_type}' is not supported; send application/json.",
            )
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise malformed(
                "Unable to read JSON request payload. Please ensure Content-Type header is set "
                "and payload is of valid JSON format."
            ) from error


def alone(request: Request, content: bytes) -> Asked:
    """Return the request that came by HTTP with this content."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    version, _slash, path = raw.decode("latin-1").partition("?")[0].strip("/").partition("/")
    return Asked(request.method, version, path, request.query_params, request.headers, content)
