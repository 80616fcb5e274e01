# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing a setting of which Graph has no conditional write.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .._errors import ChangedMeanwhile, NotAsWritten, write_was_sent
from . import waiting
from .client import Graph

Setting = TypeVar("Setting")


@dataclass(frozen=True)
class Settable(Generic[Setting]):
    """A setting that can be read; `str()` of what is read tells it to people.

    `subject` names it for messages.
    """

    graph: Graph
    subject: str
    read: Callable[[], Awaitable[Setting]]

    async def compare_and_set(
        self, before: Setting, wanted: Setting, send: Callable[[], Awaitable[object]]
    ) -> None:
        """Send what makes it `wanted` if it still is `before`, and wait until that can be read.

        Graph's servers do not all know at once what one of them accepted. Raises `ChangedMeanwhile`
        if somebody was faster, and `NotAsWritten` if what was sent never shows.
        """
        if await self.read() != before:
            raise ChangedMeanwhile(
                "Somebody else changed the setting meanwhile",
                server=self.graph.server,
                subject=self.subject,
            )
        await send()
        with write_was_sent():
            await self._settled(wanted)

    async def _settled(self, wanted: Setting) -> None:
        async for left in waiting.looks(min(waiting.SETTLE_TIME, self.graph.retry_time)):
            found = await self.read()
            if found == wanted:
                return
            if left == 0.0:
                raise NotAsWritten(
                    f"Graph accepted {str(wanted)!r} but keeps answering {str(found)!r}",
                    server=self.graph.server,
                    subject=self.subject,
                    advice="Run again in some minutes: if it is in place then, nothing is changed.",
                )
