# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Graph of our own, below the collection's requests in JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import Access
from ansible_collections.tenantops.migration.plugins.module_utils._graph.client import Graph


class AnsweringGraph:
    """Answers questions by their path, and keeps what is written.

    Each path has its answers in order, of which the last is given again and again; an exception is
    raised.
    """

    server = "https://graph.example"
    tenant = "contoso.com"
    retry_time = 10.0

    def __init__(self, **by_last_part_of_path: list[Any]) -> None:
        self.answers = by_last_part_of_path
        self.asked: list[str] = []
        self.written: list[Any] = []
        self.required: list[str] = []
        self.refusal: Exception | None = None
        self.client = SimpleNamespace(request_adapter=self)

    @property
    def graph(self) -> Graph:
        """This one, in the place of the real one."""
        return cast(Graph, self)

    async def require(self, *needed: Access) -> None:
        self.required.extend(access.permission for access in needed)

    async def call(
        self, subject: str, request: Callable[[], Awaitable[Any]], **_options: Any
    ) -> Any:
        return await request()

    async def send_primitive_async(self, information: Any, _kind: str, _errors: Any) -> bytes:
        if information.content is not None:
            if self.refusal is not None:
                raise self.refusal
            self.written.append(json.loads(information.content))
            return b""
        part = information.url.partition("?")[0].rpartition("/")[2]
        self.asked.append(part)
        answers = self.answers[part]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()
