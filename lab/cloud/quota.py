# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Graph lets an app do in a tenant in some seconds: off unless a test has it on.

https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits

Microsoft says that its buckets of tokens are compared with limits for a time. Here a sliding window
is: that is the strictest reading, so whoever stays below it stays below every other.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .graph.asked import Asked
from .graph.errors import throttled

# Told in answers as soon as so much is used, and never more than that.
_TOLD_FROM = 0.8
_MOST_USED = 1.8
# Requests so near to each other are kept as one.
_MOMENT = 0.05

_COSTS_OF_READS = {
    "contracts": 3,
    "domains/{id}/domainnamereferences": 4,
    "groups/{id}/members": 3,
    "groups/{id}/transitivemembers": 5,
    "subscribedskus": 3,
    "users": 2,
    "users/{id}/licensedetails": 2,
    "users/{id}/memberof": 2,
}
# POST, but no writes
_QUESTIONS = {"directoryobjects/getbyids": 3, "users/{id}/getmembergroups": 2}
_OTHER_SERVICES = ("invitations", "identity/")


@dataclass(frozen=True)
class QuotaOrder:
    """The figures, Microsoft's for a tenant of fewer than 50 users unless others are given."""

    writes: int = 3_000
    writes_time: float = 150
    resource_units: int = 3_500
    resource_units_time: float = 10


@dataclass
class _Window:
    """What was used of one limit in the last seconds."""

    limit: float
    seconds: float
    _used: float = 0
    _moments: deque[list[float]] = field(default_factory=deque)

    @property
    def share(self) -> float:
        return self._used / self.limit

    def fits(self, amount: float, now: float) -> bool:
        self._forget(now)
        return self._used + amount <= self.limit

    def add(self, amount: float, now: float) -> None:
        """Count a request; one that is refused counts too."""
        amount = min(amount, _MOST_USED * self.limit - self._used)
        if amount <= 0:
            return
        self._used += amount
        if self._moments and now - self._moments[-1][0] < _MOMENT:
            self._moments[-1][1] += amount
        else:
            self._moments.append([now, amount])

    def seconds_until(self, amount: float, now: float) -> float:
        """When so much fits, if nothing else is sent."""
        used = self._used
        for moment, counted in self._moments:
            used -= counted
            if used + amount <= self.limit:
                return moment + self.seconds - now
        return self.seconds

    def _forget(self, now: float) -> None:
        while self._moments and self._moments[0][0] <= now - self.seconds:
            self._used -= self._moments.popleft()[1]


@dataclass
class _Tally:
    """What happened since the quota is on.

    `first` and `last` are of what was not refused, the others of the writes among it.
    """

    requests: int = 0
    throttled: int = 0
    writes: int = 0
    resource_units: int = 0
    first: float | None = None
    last: float | None = None
    first_write: float | None = None
    last_write: float | None = None

    def count(self, units: int, writes: int, now: float) -> None:
        """Count what was not refused."""
        self.writes += writes
        self.resource_units += units
        self.first = now if self.first is None else self.first
        self.last = now
        if writes:
            self.first_write = now if self.first_write is None else self.first_write
            self.last_write = now

    def describe(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "throttled": self.throttled,
            "writes": self.writes,
            "resource_units": self.resource_units,
            "seconds": _between(self.first, self.last),
            "writing_seconds": _between(self.first_write, self.last_write),
        }


def _between(first: float | None, last: float | None) -> float:
    return 0.0 if first is None or last is None else last - first


class _TenantQuota:
    def __init__(self, order: QuotaOrder) -> None:
        self.tally = _Tally()
        self._writes = _Window(order.writes, order.writes_time)
        self._units = _Window(order.resource_units, order.resource_units_time)

    def charge(self, units: int, writes: int, now: float) -> dict[str, str]:
        """Count a request and return what its answer tells; raises GraphError if it is too much."""
        tally = self.tally
        tally.requests += 1
        wanted = [(self._units, units, "ResourceUnitLimitExceeded")]
        if writes:
            wanted.append((self._writes, writes, "WriteLimitExceeded"))
        full = [one for one in wanted if not one[0].fits(one[1], now)]
        waits = [math.ceil(window.seconds_until(amount, now)) for window, amount, _name in full]
        for window, amount, _name in wanted:
            window.add(amount, now)
        headers = self._told([window for window, _amount, _name in wanted])
        if full:
            tally.throttled += 1
            error = throttled(max(1, *waits))
            error.headers |= headers | {"x-ms-throttle-information": full[0][2]}
            raise error
        tally.count(units, writes, now)
        return headers | {"x-ms-resource-unit": str(units)}

    def _told(self, windows: list[_Window]) -> dict[str, str]:
        used = max(window.share for window in windows)
        return {"x-ms-throttle-limit-percentage": f"{used:.3f}"} if used > _TOLD_FROM else {}


class QuotaBook:
    """The quotas that are on, by the lab's names of the tenants; each has one app."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._quotas: dict[str, _TenantQuota] = {}

    def turn_on(self, tenant: str, order: QuotaOrder) -> None:
        """Count from now on, beginning with nothing."""
        self._quotas[tenant] = _TenantQuota(order)

    def turn_off(self, tenant: str) -> None:
        """Let everything pass."""
        self._quotas.pop(tenant, None)

    def clear(self) -> None:
        """Turn all off."""
        self._quotas.clear()

    def describe(self, tenant: str) -> dict[str, Any] | None:
        """Tell what happened since the quota is on; None if it is off."""
        quota = self._quotas.get(tenant)
        return None if quota is None else quota.tally.describe()

    def charge(self, tenant: str, asked: Asked) -> Mapping[str, str]:
        """Count a request and return headers for its answer; raises GraphError if it is too much.

        A batch is not counted, those in it are.
        """
        quota = self._quotas.get(tenant)
        if quota is None:
            return {}
        units, writes = _cost(asked)
        return quota.charge(units, writes, self._clock()) if units else {}


def _cost(asked: Asked) -> tuple[int, int]:
    """The resource units and the writes of a request; nothing of another service's."""
    path = asked.path.strip("/").casefold()
    if path.startswith(_OTHER_SERVICES):
        return 0, 0
    first, _slash, rest = path.partition("/")
    _identifier, _slash, part = rest.partition("/")
    kinds = {path, f"{first}/{{id}}/{part}"}
    if asked.method != "GET":
        questions = [units for kind, units in _QUESTIONS.items() if kind in kinds]
        return (questions[0], 0) if questions else (1, 1)
    units = next((units for kind, units in _COSTS_OF_READS.items() if kind in kinds), 1)
    options = {name.casefold(): value for name, value in asked.query.items()}
    units -= "$select" in options
    units += "$expand" in options
    top = options.get("$top", "")
    units -= top.isdecimal() and int(top) < 20
    return max(1, units), 0
