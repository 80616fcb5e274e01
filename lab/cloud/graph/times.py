# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments as Graph writes them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def timestamp(seconds: float) -> str:
    """Return a moment, given in seconds since 1970, as Edm.DateTimeOffset in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def next_change(last: str | None) -> str:
    """Return the time of a change now, which is later than that of the last one."""
    now = time.time()
    if last is None:
        return timestamp(now)
    return timestamp(max(now, datetime.fromisoformat(last).timestamp() + 1))
