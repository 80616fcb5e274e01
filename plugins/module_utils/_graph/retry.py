# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a request to Graph is tried again, and after how long. Pure.

Source: Microsoft Graph throttling guidance (429, 503 and 504 with Retry-After); a 409 with the code
Directory_ConcurrencyViolation is to be retried as well. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TOO_MANY = 429
_THROTTLED = frozenset({_TOO_MANY, 503, 504})
_CONCURRENCY = (409, "Directory_ConcurrencyViolation")

# Seconds between tries where the server does not say: doubled each time, up to the longest.
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 60.0


def is_worth_retrying(status: int, code: str) -> bool:
    """Whether the same request can succeed later. Every other refusal is final."""
    return status in _THROTTLED or (status, code) == _CONCURRENCY


def proves_nothing_done(status: int, code: str) -> bool:
    """Whether the answer says that the request was turned away before anything was done for it."""
    return status == _TOO_MANY or (status, code) == _CONCURRENCY


def retry_delay(attempt: int, headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Seconds to wait before try `attempt` + 1 (the first try is 1).

    Retry-After is honoured as it is, in seconds or as a date (RFC 9110 section 10.2.3).
    """
    told = _retry_after(headers, now or datetime.now(UTC))
    if told is not None:
        return told
    return min(_FIRST_DELAY * 2.0 ** (attempt - 1), _LONGEST_DELAY)


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    text = next(
        (value.strip() for name, value in headers.items() if name.lower() == "retry-after"), ""
    )
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None
