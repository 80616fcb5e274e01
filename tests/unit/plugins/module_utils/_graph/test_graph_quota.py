# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The turns that a quota leaves: held against windows that slide, whatever the clock does."""

from __future__ import annotations

import heapq
import math
import struct
from collections import deque
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import InvalidInput
from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota import (
    Cost,
    Quota,
    Quotas,
    Turn,
    Usage,
    next_turn,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph.quota_costs import cost_of

QUOTA = Quotas.from_parameters(None).in_tenant
BATCH = Cost(20, 20)
NOW = 1_800_000_000.0


def reserved(quota: Quota, usage: Usage, cost: Cost, now: float) -> tuple[Turn, float]:
    """The turn that is got in the end, and when it is."""
    while True:
        turn = next_turn(quota, usage, cost, now)
        usage, now = turn.usage, now + turn.wait
        if turn.is_reserved:
            return turn, now


def most_in(moments: Iterable[tuple[float, float]], seconds: float) -> float:
    """The most that falls into any window of so many seconds."""
    listed = sorted(moments)
    most = used = 0.0
    oldest = 0
    for moment, amount in listed:
        used += amount
        while listed[oldest][0] <= moment - seconds:
            used -= listed[oldest][1]
            oldest += 1
        most = max(most, used)
    return most


def test_without_options_the_figures_are_what_microsoft_publishes() -> None:
    assert QUOTA.writes.per_second == pytest.approx(0.95 * 20)
    assert QUOTA.units.per_second == pytest.approx(0.95 * 350)
    large = Quotas.from_parameters({"tenant_size": "large", "resource_units": None, "share": 1.0})
    assert large.in_tenant.units.per_second == pytest.approx(798)
    assert large.in_all_tenants.writes.per_second == pytest.approx(34_980 / 300)
    given = Quotas.from_parameters({"writes": 1000, "writes_time": 5.0, "app_writes": 600})
    assert given.in_tenant.writes.per_second == pytest.approx(190)
    assert given.in_all_tenants.writes.per_second == pytest.approx(1.9)
    # A whole batch goes at once, and all of it is still no more than the quota.
    small = Quotas.from_parameters({"writes": 100, "writes_time": 5.0}).in_tenant.writes
    assert (small.burst, small.per_second) == (20, 16)


@pytest.mark.parametrize(
    "given",
    [
        {"share": 0.0},
        {"share": 1.1},
        {"share": math.nan},
        {"writes": 0},
        {"writes_time": -1.0},
        {"resource_units_time": math.inf},
    ],
)
def test_a_quota_of_nothing_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(InvalidInput, match="entra_quota"):
        Quotas.from_parameters(given)


def test_writing_without_end_takes_nine_tenths_and_no_window_has_too_much() -> None:
    usage, moments, now = Usage(), [], NOW
    while now < NOW + 600:
        turn, now = reserved(QUOTA, usage, BATCH, now)
        usage = turn.usage
        moments.append((now, BATCH.writes))
    assert most_in(moments, 150.0) <= 3_000
    assert sum(amount for _moment, amount in moments) >= 0.9 * 20 * 600


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 20), st.booleans()), max_size=300),
    st.floats(0.1, 1.0),
)
def test_no_window_has_too_much(asked: list[tuple[float, int, bool]], share: float) -> None:
    """Whoever asks when, and although each waits for the turn that it was given."""
    given = {"share": share, "writes": 100, "writes_time": 5.0}
    quota = Quotas.from_parameters(given).in_tenant
    usage, now, writes, units = Usage(), NOW, [], []
    for pause, amount, is_write in asked:
        now += pause if pause > 20 else 0.0
        cost = Cost(amount, amount if is_write else 0)
        turn = next_turn(quota, usage, cost, now)
        if turn.is_reserved:
            usage = turn.usage
            writes.append((now + turn.wait, cost.writes))
            units.append((now + turn.wait, cost.units))
    assert most_in(writes, 5.0) <= 100
    assert most_in(units, 10.0) <= 3_500


def test_who_would_wait_long_reserves_nothing() -> None:
    usage = Usage()
    for _number in range(1_000):
        turn = next_turn(QUOTA, usage, BATCH, NOW)
        if not turn.is_reserved:
            break
        usage = turn.usage
    assert not turn.is_reserved
    assert turn.usage.writes_paid == usage.writes_paid
    assert 0 < turn.wait <= 5
    # Reading is not held up by that.
    assert next_turn(QUOTA, usage, Cost(1), NOW).wait < 2


@given(st.floats(-1e9, 1e9), st.integers(0, 30))
def test_a_clock_that_jumps_holds_nobody_up(jump: float, batches: int) -> None:
    usage = Usage()
    for _number in range(batches):
        usage = reserved(QUOTA, usage, BATCH, NOW)[0].usage
    before = next_turn(QUOTA, usage, BATCH, NOW).wait
    assert next_turn(QUOTA, usage, BATCH, NOW + jump).wait <= before + 0.01


@given(st.binary(min_size=40, max_size=40))
def test_whatever_is_noted_nobody_waits_for_hours(content: bytes) -> None:
    usage = Usage(*struct.unpack("<5d", content))
    turn = next_turn(QUOTA, usage, BATCH, NOW)
    assert turn.wait <= 60


@pytest.mark.parametrize(
    ("told", "age", "times"),
    [(0.96, 0, 1), (0.98125, 0, 2), (1.0, 0, 50), (1.8, 0, 50), (1.8, 11, 1)],
)
def test_what_others_use_makes_it_slower_for_a_while(told: float, age: int, times: float) -> None:
    usage = Usage(NOW).told_use(told)
    paid = next_turn(QUOTA, usage, BATCH, NOW + age).usage.writes_paid - (NOW + age)
    assert paid == pytest.approx(times * 20 / 19, abs=1e-3)


def test_two_machines_that_know_nothing_of_each_other_are_seldom_refused() -> None:
    """Each notes only what it uses itself; what both use, the service tells a second later."""
    latency, end = 1.0, NOW + 1_500
    usages = [Usage(), Usage()]
    told: list[tuple[float, float]] = []
    window: deque[tuple[float, float]] = deque()
    used, sent, refused = 0.0, 0.0, 0.0
    # When each machine asks for its next turn
    queue = [(NOW, 0), (NOW, 1)]
    while (event := heapq.heappop(queue))[0] < end:
        now, machine = event
        known = [use for moment, use in told[-400:] if moment + latency <= now]
        usage = usages[machine].at(now)
        if known and told[-1][0] > now - 10:
            usage = usage.told_use(known[-1])
        turn = next_turn(QUOTA, usage, BATCH, now)
        usages[machine] = turn.usage
        at = now + turn.wait
        if turn.is_reserved:
            while window and window[0][0] <= now - 150:
                used -= window.popleft()[1]
            is_refused = used + 20 > 3_000
            used, sent, refused = used + 20, sent + 20, refused + 20 * is_refused
            window.append((now, 20))
            if used > 0.8 * 3_000:
                told.append((now, used / 3_000))
        heapq.heappush(queue, (at, machine))
    # With no regard to each other it would be almost every other one.
    assert refused < sent / 50
    assert sent - refused > 0.9 * 20 * 1_500


def test_what_was_estimated_too_high_is_given_back() -> None:
    usage = next_turn(QUOTA, Usage(), Cost(100), NOW).usage
    again = next_turn(QUOTA, usage, Cost(-60), NOW)
    assert again.wait == 0
    assert again.usage.units_paid < usage.units_paid


@pytest.mark.parametrize(
    ("method", "url", "units", "writes"),
    [
        ("GET", "https://graph.microsoft.com/v1.0/users", 2, 0),
        ("GET", "/users?$select=id&$top=999", 1, 0),
        ("GET", "/users?%24select=id&%24expand=manager", 2, 0),
        ("GET", "/users?$top=5", 1, 0),
        ("GET", "/users/ada%40contoso.com", 1, 0),
        ("GET", "/users/1/licenseDetails", 2, 0),
        ("GET", "/subscribedSkus", 3, 0),
        ("GET", "/v1.0/contracts", 3, 0),
        ("GET", "/domains/contoso.com/domainNameReferences", 4, 0),
        ("GET", "/groups/1/transitiveMembers?$select=id", 4, 0),
        ("GET", "/organization?$select=id", 1, 0),
        ("POST", "/users", 1, 1),
        ("PATCH", "/users/1", 1, 1),
        ("DELETE", "/users/1", 1, 1),
        ("POST", "/users/1/assignLicense", 1, 1),
        ("POST", "/directoryObjects/getByIds", 3, 0),
        ("POST", "https://graph.microsoft.com/v1.0/invitations", 1, 0),
        ("PATCH", "/identity/conditionalAccess/policies/1", 1, 0),
        ("GET", "", 1, 0),
    ],
)
def test_what_requests_cost(method: str, url: str, units: float, writes: float) -> None:
    assert cost_of(method, url) == Cost(units, writes)
