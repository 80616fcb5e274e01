# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast a service is asked whose limits are not published, or shared: no more than it takes.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

# How the requests per second follow what the service takes: plus this for each good answer, which
# at 40 per second is 2 more in each second.
_MORE = 0.05
_SLOWEST = 1.0
# What is left after a pause: much less where the limit is not known, and little less where it is,
# since others may have used it up.
UNKNOWN_LIMIT = 0.7
KNOWN_LIMIT = 0.9


@dataclass
class Pace:
    """The pace of all requests together, within one event loop.

    There are at most `per_second` of them, spread evenly, and none while a pause lasts that the
    service asked for. After each pause they are fewer, and every good answer makes them a bit more
    again: so the pace settles below a limit that nobody knows. `less` is what is left of it after a
    pause.
    """

    per_second: float
    less: float = UNKNOWN_LIMIT
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _rate: float = field(init=False)
    _next_turn: float = field(default=0.0, init=False)
    _paused_until: float = field(default=0.0, init=False)
    _last_good: float = field(default=-math.inf, init=False)

    def __post_init__(self) -> None:
        self._rate = self.per_second

    async def turn(self, give_up_at: float, requests: int = 1) -> bool:
        """Wait for one's turn; false, and at once, if a pause lasts longer than one would wait.

        `requests` is how many are sent together when it has come.
        """
        while self._paused_until <= max(give_up_at, self.clock()):
            turn = max(self.clock(), self._paused_until, self._next_turn)
            self._next_turn = turn + requests / self._rate
            await self.sleep(max(0.0, turn - self.clock()))
            if self._paused_until <= self.clock():
                return True
            # A pause began while we waited. Those who wait come one after the other after it.
        return False

    def pause(self, seconds: float) -> None:
        """Send nothing more for so long, and then less than before."""
        # Those that were on their way when the pause began tell nothing new.
        if self._paused_until <= self.clock():
            self._rate = max(self._rate * self.less, min(self.per_second, _SLOWEST))
        self._paused_until = max(self._paused_until, self.clock() + seconds)

    def went_well(self) -> None:
        """A good answer came."""
        self._rate = min(self._rate + _MORE, self.per_second)
        self._last_good = self.clock()

    def is_silent_since(self, moment: float) -> bool:
        """Whether nobody at all had a good answer since then."""
        return self._last_good < moment
