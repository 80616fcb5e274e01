# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Graph of our own, which answers each request of a batch by itself."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, TypeAlias, cast

from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph

Answered: TypeAlias = tuple[int, Any]


def refused(status: int, code: str) -> Answered:
    """An answer that is no success."""
    return status, {"error": {"code": code, "message": "no"}}


ABSENT = refused(404, "Request_ResourceNotFound")


@dataclass
class BatchingGraph:
    """`answer` is asked with the method, the address below the version and the body of each."""

    answer: Callable[[str, str, Any], Answered]
    server: str = "https://graph.example"
    tenant: str = "contoso.com"
    retry_time: float = 5.0
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def graph(self) -> Graph:
        """This one, in the place of the real one."""
        return cast(Graph, self)

    @property
    def client(self) -> Any:
        return SimpleNamespace(request_adapter=self)

    async def call(
        self, _subject: str, request: Callable[[], Awaitable[Any]], **_options: Any
    ) -> Any:
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        if information.content is None:
            _status, body = self._answered("GET", information.url.partition("/v1.0")[2], None)
            return json.dumps(body).encode()
        members = json.loads(information.content)["requests"]
        answers = []
        for member in members:
            status, body = self._answered(member["method"], member["url"], member.get("body"))
            answers.append({"id": member["id"], "status": status, "headers": {}, "body": body})
        return json.dumps({"responses": answers}).encode()

    def _answered(self, method: str, url: str, body: Any) -> Answered:
        path = url.partition("?")[0]
        self.asked.append((method, path))
        return self.answer(method, path, body)
