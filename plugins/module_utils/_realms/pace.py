# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast a service is asked that has no published limits: never more than it takes.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass
class Pace:
    """The pace of all requests together, within one event loop.

    There are at most `per_second` of them, spread evenly, and none while a pause lasts that the
    service asked for.
    """

    per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _next_turn: float = field(default=0.0, init=False)
    _paused_until: float = field(default=0.0, init=False)
    _last_good: float = field(default=-math.inf, init=False)

    async def turn(self, give_up_at: float) -> bool:
        """Wait for one's turn; false, and at once, if a pause lasts longer than one would wait."""
        while self._paused_until <= max(give_up_at, self.clock()):
            turn = max(self.clock(), self._paused_until, self._next_turn)
            self._next_turn = turn + 1.0 / self.per_second
            await self.sleep(max(0.0, turn - self.clock()))
            if self._paused_until <= self.clock():
                return True
            # A pause began while we waited. Those who wait come one after the other after it.
        return False

    def pause(self, seconds: float) -> None:
        """Send nothing more for so long."""
        self._paused_until = max(self._paused_until, self.clock() + seconds)

    def went_well(self) -> None:
        """A good answer came."""
        self._last_good = self.clock()

    def is_silent_since(self, moment: float) -> bool:
        """Whether nobody at all had a good answer since then."""
        return self._last_good < moment
