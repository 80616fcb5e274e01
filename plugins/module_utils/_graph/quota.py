# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Graph allows an app, and when the next request fits into it. Pure.

Source: Microsoft Graph service-specific throttling limits, "Identity and access service limits".
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._errors import InvalidInput

# Resource units in 10 seconds by the tenant's number of users: below 50, up to 500, and more.
RESOURCE_UNITS = {"small": 3_500, "medium": 5_000, "large": 8_000}
WRITES = 3_000
WRITES_TIME = 150.0
UNITS_TIME = 10.0
SHARE = 0.95
# An app's, over all tenants. Microsoft's pages say 70,000 or 35,000 writes.
APP_WRITES = 35_000
_APP_WRITES_TIME = 300.0
_APP_UNITS = 150_000
_APP_UNITS_TIME = 20.0
# A whole batch is sent at once.
_LEAST_BURST = 20.0

# A turn further away is not reserved: what Graph tells meanwhile could not move it any more, and
# whoever ends would leave a hole in the queue.
_FURTHEST_TURN = 1.0
_ASK_AGAIN = (0.01, 5.0)
# Of what the share leaves, so much may be used by what comes at once.
_PART_FOR_BURST = 0.25
# What a clock, or another process with other figures, cannot have left behind.
_LONGEST_DEBT = 3_600.0
# How long what Graph told of the use counts, and what is left of the pace when all is used up.
_TOLD_COUNTS_FOR = 10.0
_SLOWEST = 0.02


@dataclass(frozen=True)
class Cost:
    """What requests take of the quota."""

    units: float = 0.0
    writes: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.units + other.units, self.writes + other.writes)


@dataclass(frozen=True)
class Allowance:
    """So much in so many seconds, and how much of it may come at once."""

    per_second: float
    burst: float

    @classmethod
    def of_share(cls, amount: float, seconds: float, share: float) -> Allowance:
        """A share of a quota.

        However the service counts, in windows or by a bucket, what comes at once and what comes
        evenly in the same seconds is together no more than the quota.
        """
        burst = max(_PART_FOR_BURST * (1 - share) * amount, min(_LEAST_BURST, amount / 2))
        return cls(min(share * amount, amount - burst) / seconds, burst)

    @property
    def burst_time(self) -> float:
        """Seconds in which as much comes evenly as may come at once."""
        return self.burst / self.per_second


@dataclass(frozen=True)
class Quota:
    """What may be used together; `share` is the part of what is published."""

    writes: Allowance
    units: Allowance
    share: float = SHARE


@dataclass(frozen=True)
class Quotas:
    """What all tasks of an app may use together, in one tenant and in all, and where that is noted.

    Without a `folder` it is the user's own.
    """

    in_tenant: Quota
    in_all_tenants: Quota
    folder: str | None = None

    @classmethod
    def from_parameters(cls, given: Mapping[str, Any] | None) -> Quotas:
        """From the option `entra_quota`. Raises `InvalidInput`."""
        told = {name: value for name, value in (given or {}).items() if value is not None}
        share = told.get("share", SHARE)
        size = told.get("tenant_size", "small")
        figures = (
            ("writes", told.get("writes", WRITES)),
            ("writes_time", told.get("writes_time", WRITES_TIME)),
            ("resource_units", told.get("resource_units", RESOURCE_UNITS[size])),
            ("resource_units_time", told.get("resource_units_time", UNITS_TIME)),
            ("app_writes", told.get("app_writes", APP_WRITES)),
        )
        for name, figure in figures:
            if not 0 < figure < math.inf:
                raise InvalidInput(f"entra_quota.{name} must be more than 0: {figure}")
        if not 0 < share <= 1:
            raise InvalidInput(f"entra_quota.share must be more than 0 and at most 1: {share}")
        writes, writes_time, units, units_time, app_writes = (figure for _name, figure in figures)
        return cls(
            Quota(
                Allowance.of_share(writes, writes_time, share),
                Allowance.of_share(units, units_time, share),
                share,
            ),
            Quota(
                Allowance.of_share(app_writes, _APP_WRITES_TIME, share),
                Allowance.of_share(_APP_UNITS, _APP_UNITS_TIME, share),
                share,
            ),
            told.get("folder"),
        )


@dataclass(frozen=True)
class Usage:
    """What was used, as moments in seconds of the wall clock, which all processes share.

    The `..._paid` are when what was used until now would be paid back, at the pace of the quota.
    `told` is the last use that Graph told, as a part of what it allows, and `told_at` when.
    """

    noted: float = 0.0
    writes_paid: float = 0.0
    units_paid: float = 0.0
    told: float = 0.0
    told_at: float = 0.0

    def at(self, now: float) -> Usage:
        """The same for a clock that may have been set back, or for what makes no sense."""
        moments = (self.noted, self.writes_paid, self.units_paid, self.told, self.told_at)
        if not all(map(math.isfinite, moments)):
            return Usage(now)
        # Debts were debts when they were noted, whatever the clock says now.
        set_back = max(0.0, self.noted - now)
        writes_paid, units_paid = self.writes_paid - set_back, self.units_paid - set_back
        if max(writes_paid, units_paid) > now + _LONGEST_DEBT:
            return Usage(now)
        return Usage(now, writes_paid, units_paid, self.told, min(self.told_at, now))

    def told_use(self, use: float) -> Usage:
        """Graph told just now how much of the quota is used."""
        return replace(self, told=use, told_at=self.noted)


@dataclass(frozen=True)
class Turn:
    """When it may be: in so many seconds.

    `usage` is what is noted then. Not `is_reserved`: it is to be asked for again after the wait.
    """

    usage: Usage
    wait: float
    is_reserved: bool


def next_turn(quota: Quota, usage: Usage, cost: Cost, now: float) -> Turn:
    """The next turn for requests of this cost, after all that have been given away."""
    usage = usage.at(now)
    behind = max(
        _wait(quota.writes, usage.writes_paid, now) if cost.writes else 0.0,
        _wait(quota.units, usage.units_paid, now),
    )
    if behind > _FURTHEST_TURN:
        soonest, latest = _ASK_AGAIN
        wait = min(max(behind - _FURTHEST_TURN, soonest), latest)
        return Turn(usage, wait, is_reserved=False)
    pace = _pace(quota, usage, now)
    usage = replace(
        usage,
        writes_paid=max(now, usage.writes_paid) + cost.writes / (quota.writes.per_second * pace),
        # What is given back, since it was estimated too high, is negative.
        units_paid=max(now, usage.units_paid) + cost.units / (quota.units.per_second * pace),
    )
    wait = max(
        _wait(quota.writes, usage.writes_paid, now) if cost.writes else 0.0,
        _wait(quota.units, usage.units_paid, now),
    )
    return Turn(usage, wait, is_reserved=True)


def _wait(allowance: Allowance, paid: float, now: float) -> float:
    return max(0.0, paid - now - allowance.burst_time)


def _pace(quota: Quota, usage: Usage, now: float) -> float:
    """What is left of the pace by what Graph told: all, unless others use much of the quota too.

    Between what we use ourselves at most and the whole quota it becomes less and less.
    """
    if usage.told_at <= now - _TOLD_COUNTS_FOR:
        return 1.0
    highest_of_ours = quota.share + _PART_FOR_BURST * (1 - quota.share)
    if usage.told <= highest_of_ours:
        return 1.0
    if usage.told >= 1:
        return _SLOWEST
    return max(_SLOWEST, (1 - usage.told) / (1 - highest_of_ours))
