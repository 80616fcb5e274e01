# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._dns_watch.model import (
    Expected,
    Said,
    Server,
    Status,
    Table,
    advice,
    judged,
    pause_after,
)
from ansible_collections.tenantops.migration.plugins.module_utils._txt_records.model import (
    TxtRRset,
    TxtValue,
)

NS1 = Server("ns1.example.test", "192.0.2.1:53")
NS2 = Server("ns2.example.test", "192.0.2.2:53")
NS2_V6 = Server("ns2.example.test", "[2001:db8::2]:53")
CACHE = Server("192.0.2.9", "192.0.2.9:53", is_resolver=True)
CODE = "MS=ms12345678"


def rrset(*texts: str, ttl: int = 3600) -> TxtRRset:
    return TxtRRset(frozenset(map(TxtValue.from_text, texts)), ttl if texts else None)


def having(*texts: str) -> Expected:
    return Expected(present=frozenset(text.encode() for text in texts))


def said(server: Server, *texts: str, kept_for: int | None = None) -> Said:
    return Said(server, rrset(*texts), kept_for)


def silent(server: Server) -> Said:
    return Said(server, problem="the name server does not answer (timed out)")


def unreachable(server: Server) -> Said:
    return Said(server, status=Status.NO_ROUTE, problem="no route to it")


def table(*said_by_all: Said, expected: Expected | None = None) -> Table:
    return judged("example.test", said_by_all, expected)


def statuses(of: Table) -> list[str]:
    return [row.status.value for row in of.rows]


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (NS1, "ns1.example.test (192.0.2.1:53)"),
        (CACHE, "192.0.2.9:53"),
        (Server("2001:db8::2", "[2001:db8::2]:53"), "[2001:db8::2]:53"),
        (Server("ns3.example.test", ""), "ns3.example.test"),
    ],
)
def test_a_server_is_told_by_name_and_address(server: Server, told: str) -> None:
    assert str(server) == told


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (having("a"), []),
        (having("a", "c"), ["c is missing"]),
        (Expected(present=frozenset({b"a"}), is_all=True), ["b is there"]),
        (Expected(absent=frozenset({b"b", b"c"})), ["b is there"]),
        (Expected(is_all=True), ["a is there", "b is there"]),
        (Expected(ttl=3600), []),
        (Expected(ttl=60), ["the TTL is 3600 and not 60"]),
    ],
)
def test_what_is_not_as_expected(expected: Expected, told: list[str]) -> None:
    assert expected.shortfall(rrset("a", "b")) == told


def test_a_long_value_is_told_in_short() -> None:
    (told,) = having("x" * 300).shortfall(rrset())
    assert len(told) < 100


def test_a_resolver_tells_only_what_is_left_of_the_ttl() -> None:
    expected = Expected(present=frozenset({b"a"}), ttl=3600)
    assert expected.shortfall(rrset("a", ttl=12), is_resolver=True) == []


def test_values_are_the_same_however_they_are_cut_into_strings() -> None:
    cut = TxtRRset(frozenset({TxtValue((b"MS=", b"ms12345678"))}), 60)
    assert having(CODE).shortfall(cut) == []


def test_all_have_to_have_it() -> None:
    lagging = table(said(NS1, CODE), said(NS2), expected=having(CODE))
    assert statuses(lagging) == ["as_expected", "differs"]
    assert not lagging.is_settled
    assert table(said(NS1, CODE), said(NS2, CODE, "more"), expected=having(CODE)).is_settled


def test_a_server_that_does_not_answer_is_no_server_that_has_it() -> None:
    dead = table(said(NS1, CODE), silent(NS2), expected=having(CODE))
    assert statuses(dead) == ["as_expected", "failed"]
    assert not dead.is_settled
    assert dead.agreed is None


def test_an_address_without_a_route_is_passed_over_if_there_is_another() -> None:
    found = table(said(NS1, CODE), said(NS2, CODE), unreachable(NS2_V6), expected=having(CODE))
    assert found.is_settled
    assert found.agreed == rrset(CODE)


def test_a_server_without_any_route_is_not_passed_over() -> None:
    found = table(said(NS1, CODE), unreachable(NS2_V6), expected=having(CODE))
    assert [row.server for row in found.open_rows] == [NS2_V6]
    assert not found.is_settled


def test_without_expectation_all_have_to_agree() -> None:
    same = table(said(NS1, "a", "b"), said(NS2, "b", "a"), said(CACHE, "a", "b", kept_for=5))
    assert same.is_settled
    assert same.agreed == rrset("a", "b")
    other = table(said(NS1, "a"), said(NS2, "a", "b"))
    assert statuses(other) == ["as_expected", "differs"]
    assert other.agreed is None
    assert table(said(NS1), said(NS2)).agreed == rrset()


def test_the_first_that_answers_is_the_one_to_agree_with() -> None:
    assert statuses(table(silent(NS1), said(NS2, "a"))) == ["failed", "as_expected"]


def test_progress_is_one_line_that_names_who_is_waited_for() -> None:
    servers = [Server(f"ns{number}.example.test", f"192.0.2.{number}:53") for number in range(1, 7)]
    lagging = table(said(servers[0], CODE), *map(said, servers[1:]), expected=having(CODE))
    line = lagging.progress(41.6)
    assert line == (
        "example.test TXT: 1 of 6 servers have it as expected; waiting up to 42 s more for "
        "ns2.example.test (192.0.2.2:53): MS=ms12345678 is missing; "
        "ns3.example.test (192.0.2.3:53): MS=ms12345678 is missing; "
        "ns4.example.test (192.0.2.4:53): MS=ms12345678 is missing; and 2 more"
    )


def test_pauses_grow_up_to_a_limit() -> None:
    lagging = table(said(NS1, CODE), said(NS2), expected=having(CODE))
    pauses = [pause_after(lagging, looks) for looks in range(1, 9)]
    assert pauses[:4] == [0.5, 1, 2, 4]
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == 30


@pytest.mark.parametrize(("kept_for", "pause"), [(0, 2), (20, 21), (3000, 60)])
def test_a_cache_is_not_asked_while_it_keeps_its_answer(kept_for: int, pause: float) -> None:
    waiting = table(said(NS1, CODE), said(CACHE, "old", kept_for=kept_for), expected=having(CODE))
    assert pause_after(waiting, 3) == pause


def test_a_cache_keeps_nobody_from_asking_a_server() -> None:
    waiting = table(
        said(NS1, CODE), said(NS2), said(CACHE, "old", kept_for=3000), expected=having(CODE)
    )
    assert pause_after(waiting, 1) == 0.5


def test_advice_is_about_what_went_wrong() -> None:
    expected = having(CODE)
    assert "repaired" in advice(table(said(NS1, CODE), silent(NS2), expected=expected))
    assert "zone transfer" in advice(table(said(NS1, CODE), said(NS2), expected=expected))
    # Nobody has it, so it is not a secondary that lags.
    assert "zone transfer" not in advice(table(said(NS1), said(NS2), expected=expected))
    assert "a way" in advice(table(said(NS1, CODE), unreachable(NS2_V6), expected=expected))
    cached = table(said(NS1, CODE), said(CACHE, kept_for=55), expected=expected)
    assert "192.0.2.9:53 may keep its old answer for 55 s more" in advice(cached)


def test_a_row_as_a_task_returns_it() -> None:
    found = table(said(NS1, CODE), silent(NS2), expected=having(CODE))
    assert found.to_json() == [
        {
            "server": "ns1.example.test",
            "address": "192.0.2.1:53",
            "kind": "authoritative",
            "status": "as_expected",
            "txt_values": [CODE],
            "ttl": 3600,
            "problem": "",
        },
        {
            "server": "ns2.example.test",
            "address": "192.0.2.2:53",
            "kind": "authoritative",
            "status": "failed",
            "txt_values": None,
            "ttl": None,
            "problem": "the name server does not answer (timed out)",
        },
    ]
