# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until Graph shows what it accepted: its servers do not all know it at once.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

# Seconds to wait for an ordinary write to show, and for one that is in doubt.
SETTLE_TIME = 120.0
DOUBT_TIME = 20.0

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


async def looks(seconds: float) -> AsyncIterator[float]:
    """Moments to look at something, ever further apart, each with the seconds that are left.

    There is one at once, and the last one when the time is up, with 0 seconds left.
    """
    end = time.monotonic() + seconds
    delay = _FIRST_DELAY
    while True:
        left = max(0.0, end - time.monotonic())
        yield left
        if left == 0.0:
            return
        await asyncio.sleep(min(delay, left))
        delay = min(2 * delay, _LONGEST_DELAY)
