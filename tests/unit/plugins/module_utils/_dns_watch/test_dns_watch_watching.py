# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long is waited, without any time going by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.name
import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns.nameserver import Endpoint
from ansible_collections.tenantops.migration.plugins.module_utils._dns_watch import (
    asking,
    watching,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns_watch.model import (
    Expected,
    Said,
    Server,
    Status,
    Table,
    judged,
)
from ansible_collections.tenantops.migration.plugins.module_utils._dns_watch.watching import (
    WatchedRecords,
    not_yet_seen,
    watch,
)
from ansible_collections.tenantops.migration.plugins.module_utils._doors.progress import listening
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    TxtRRset,
    TxtValue,
)

ZONE = dns.name.from_text("example.test.")
EXPECTED = Expected(present=frozenset({b"code"}))
THERE = TxtRRset(frozenset({TxtValue.from_text("code")}), 60)


@dataclass
class Clock:
    """A time that goes by only when somebody sleeps."""

    time: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass
class Lagging:
    """A server that has the value at a certain time."""

    clock: Clock
    has_it_at: float
    looks: int = 0

    async def look(self, expected: Expected | None, *, spare_caches: bool) -> Table:
        assert spare_caches
        self.looks += 1
        rrset = THERE if self.clock.time >= self.has_it_at else TxtRRset()
        return judged("example.test", [Said(Server("ns1", "192.0.2.1:53"), rrset)], expected)


def watched(has_it_at: float, wait: float) -> tuple[Table, Lagging, list[str]]:
    view, lines = Lagging(Clock(), has_it_at), list[str]()
    with listening(lines.append):
        table = asyncio.run(watch(view, EXPECTED, wait, view.clock))
    return table, view, lines


def test_what_is_there_already_is_not_waited_for() -> None:
    table, view, lines = watched(has_it_at=0, wait=100)
    assert table.is_settled
    assert (view.looks, view.clock.slept, lines) == (1, [], [])


def test_each_look_in_vain_is_told() -> None:
    table, view, lines = watched(has_it_at=10, wait=100)
    assert table.is_settled
    assert len(lines) == view.looks - 1 == len(view.clock.slept)
    assert "waiting up to 100 s more" in lines[0]


@pytest.mark.parametrize("wait", [0.5, 10, 3600])
def test_the_last_look_is_when_the_time_is_up(wait: float) -> None:
    table, view, _lines = watched(has_it_at=wait, wait=wait)
    assert table.is_settled
    assert view.clock.time == wait


@pytest.mark.parametrize("wait", [0, 0.5, 10, 3600])
def test_it_is_never_waited_for_longer(wait: float) -> None:
    table, view, _lines = watched(has_it_at=float("inf"), wait=wait)
    assert not table.is_settled
    assert view.clock.time == wait
    error = not_yet_seen(table, wait)
    assert "ns1 (192.0.2.1:53): code is missing" in error.answer
    assert not error.nothing_written


def records(
    monkeypatch: pytest.MonkeyPatch, *, authority_has_it: bool
) -> tuple[WatchedRecords, list[str]]:
    """Records with one authoritative server and one resolver; who of them is asked is noted."""
    asked: list[str] = []
    endpoint = Endpoint("192.0.2.1", 53)
    authority = asking.Authority("ns1.example.test", ZONE, "tcp", 1.0, endpoint)
    resolver = asking.Resolver("192.0.2.9", "tcp", 1.0, Endpoint("192.0.2.9", 53))

    async def ask_all(
        servers: Sequence[asking.Authority | asking.Resolver], owner: dns.name.Name
    ) -> list[Said]:
        asked.extend(each.server.name for each in servers)
        return [Said(each.server, THERE if authority_has_it else TxtRRset()) for each in servers]

    monkeypatch.setattr(watching, "ask_all", ask_all)
    return WatchedRecords(ZONE, [authority], [resolver]), asked


@pytest.mark.parametrize("spare_caches", [True, False])
def test_a_cache_is_not_asked_too_early(
    monkeypatch: pytest.MonkeyPatch, spare_caches: bool
) -> None:
    view, asked = records(monkeypatch, authority_has_it=False)
    table = asyncio.run(view.look(EXPECTED, spare_caches=spare_caches))
    assert asked == ["ns1.example.test", *([] if spare_caches else ["192.0.2.9"])]
    assert table.rows[1].status == (Status.NOT_ASKED if spare_caches else Status.DIFFERS)


def test_a_cache_is_asked_when_all_servers_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    view, asked = records(monkeypatch, authority_has_it=True)
    assert asyncio.run(view.look(EXPECTED, spare_caches=True)).is_settled
    assert asked == ["ns1.example.test", "192.0.2.9"]


def test_an_address_without_a_route_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_no_route", lambda endpoint: "no route to it (unreachable)")
    authority = asking.Authority("ns1", ZONE, "tcp", 1.0, Endpoint("2001:db8::1", 53))
    said = authority.ask(ZONE)
    assert said.status == Status.NO_ROUTE
    assert "unreachable" in said.problem
    resolver = asking.Resolver("2001:db8::9", "tcp", 1.0, Endpoint("2001:db8::9", 53))
    assert resolver.ask(ZONE).status == Status.NO_ROUTE
