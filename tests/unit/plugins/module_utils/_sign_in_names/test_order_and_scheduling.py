# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renamings in any order that ends well, on a server where nobody gets a name that is not free."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    Request,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    NotAsWritten,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.order import (
    Order,
    Renaming,
    is_temporary,
    temporary_name,
)
from ansible_collections.tenantops.migration.plugins.module_utils._sign_in_names.scheduling import (
    Move,
    Schedule,
)

INITIAL = "contoso.onmicrosoft.com"


def renamings(*pairs: tuple[str, str]) -> list[Renaming]:
    return [Renaming(f"id-{before}", before, after) for before, after in pairs]


def request(renaming: Renaming) -> Request:
    return Request(
        (
            Change(
                System.ENTRA,
                "sign_in_name",
                renaming.id,
                renaming.before,
                "userPrincipalName",
                Action.REPLACE,
                renaming.before,
                renaming.after,
            ),
        )
    )


class Server:
    """Holds names, each of one person; refuses one that another person has, and who is named."""

    def __init__(self, wanted: Sequence[Renaming], refusing: frozenset[str] = frozenset()) -> None:
        self.names = {each.id: each.before for each in wanted}
        self.refusing = refusing
        self.moves: list[Move] = []

    def move(self, move: Move) -> TenantopsError | None:
        self.moves.append(move)
        identity = move.request.id
        if identity in self.refusing:
            return Refused("not this one")
        held_by_others = {name for other, name in self.names.items() if other != identity}
        if move.name in held_by_others:
            return Refused(f"{move.name} is taken")
        self.names[identity] = move.name
        return None


def run(
    schedule: Schedule, server: Server, wanted: Sequence[Request], under_way: int = 20
) -> dict[str, object]:
    """Send everything, up to so many moves under way together; returns the endings by id."""
    source = iter(wanted)
    endings: dict[str, object] = {}
    is_first = True
    while is_first or schedule.has_ready:
        is_first = False
        moves = schedule.moves(source)
        while batch := list(islice(moves, under_way)):
            # All that are under way together arrive in the other order.
            for move in reversed(batch):
                error = server.move(move)
                if error is None:
                    schedule.succeeded(move)
                else:
                    schedule.failed(move, error)
            for identity, ending in schedule.endings:
                assert identity not in endings
                endings[identity] = ending
            schedule.endings.clear()
    for identity, ending in schedule.endings:
        assert identity not in endings
        endings[identity] = ending
    return endings


def test_who_has_the_name_goes_first() -> None:
    order = Order.of(renamings(("a", "b"), ("c", "d"), ("b", "c")))
    assert list(order.renamings) == ["id-c", "id-b", "id-a"]
    assert order.waits_for == {"id-a": "id-b", "id-b": "id-c"}
    assert not order.parked


def test_of_a_circle_one_is_parked() -> None:
    order = Order.of(renamings(("b", "a"), ("a", "b"), ("x", "y")))
    assert order.parked == {"id-a"}
    assert list(order.renamings) == ["id-x", "id-b", "id-a"]


def test_other_letters_are_the_same_name() -> None:
    order = Order.of(renamings(("a", "B"), ("b", "c")))
    assert order.waits_for == {"id-a": "id-b"}


def test_a_name_in_other_letters_waits_for_nobody() -> None:
    assert not Order.of(renamings(("a", "A"))).waits_for


def test_who_cannot_go_on_without_somebody() -> None:
    order = Order.of(renamings(("a", "b"), ("b", "c"), ("c", "d"), ("x", "y")))
    assert order.behind({"id-c"}) == {"id-b": "id-c", "id-a": "id-b"}
    circle = Order.of(renamings(("a", "b"), ("b", "c"), ("c", "a")))
    assert circle.behind({"id-b"}) == {"id-a": "id-b", "id-c": "id-a"}


def test_temporary_names() -> None:
    identity = "8A1B8A54-5a0c-4b5e-9b0e-0a3d4f8f7e21"
    name = temporary_name(identity, INITIAL)
    assert name == "tenantops.8a1b8a545a0c4b5e9b0e0a3d4f8f7e21@contoso.onmicrosoft.com"
    assert is_temporary(name.upper(), identity)
    assert not is_temporary(name, identity.replace("8", "9"))
    assert not is_temporary("kim@contoso.onmicrosoft.com", identity)


@st.composite
def plans(draw: st.DrawFn) -> list[Renaming]:
    """Any renamings in which no name is wanted twice."""
    people = draw(st.integers(1, 12))
    names = [f"n{number}" for number in range(people)]
    wanted = draw(st.permutations([*names, *(f"new{number}" for number in range(4))]))
    pairs = list(zip(names, wanted, strict=False))
    return renamings(*(draw(st.permutations([pair for pair in pairs if pair[0] != pair[1]]))))


@given(plans(), st.integers(1, 20))
def test_every_plan_comes_to_its_end(plan: list[Renaming], under_way: int) -> None:
    order = Order.of(plan)
    server = Server(plan)
    requests = [request(each) for each in order.renamings.values()]
    endings = run(Schedule(order, INITIAL, "server"), server, requests, under_way)
    assert endings == {each.id: each.changes for each in requests}
    assert server.names == {each.id: each.after for each in plan}
    # A circle costs one request more than its people.
    assert len(server.moves) == len(plan) + len(order.parked)


@given(plans(), st.data(), st.integers(1, 20))
def test_whatever_fails_everybody_ends_and_nobody_is_lost(
    plan: list[Renaming], data: st.DataObject, under_way: int
) -> None:
    order = Order.of(plan)
    ids = [each.id for each in plan]
    refusing = frozenset(data.draw(st.lists(st.sampled_from(ids)))) if ids else frozenset()
    server = Server(plan, refusing)
    # In whatever order they are asked for, as in a rollback.
    requests = [request(each) for each in data.draw(st.permutations(plan))]
    endings = run(Schedule(order, INITIAL, "server"), server, requests, under_way)
    assert endings.keys() == set(ids)
    for each in plan:
        ending, name = endings[each.id], server.names[each.id]
        if not isinstance(ending, TenantopsError):
            assert name == each.after
        elif isinstance(ending, NotAsWritten):
            assert is_temporary(name, each.id)
            assert not ending.nothing_written
        else:
            assert name == each.before
            assert ending.nothing_written
    # Of what can be done, all is done.
    stuck = order.behind(refusing).keys() | refusing
    assert {each.id for each in plan if each.id not in stuck} <= {
        identity for identity, ending in endings.items() if not isinstance(ending, TenantopsError)
    }


def test_a_chain_of_thousands() -> None:
    plan = renamings(*((f"n{number}", f"n{number + 1}") for number in range(5000)))
    order = Order.of(plan)
    server = Server(plan, frozenset({"id-n4999"}))
    requests = [request(each) for each in reversed([*order.renamings.values()])]
    endings = run(Schedule(order, INITIAL, "server"), server, requests)
    assert len(endings) == 5000
    assert all(isinstance(ending, TenantopsError) for ending in endings.values())


def test_who_is_parked_is_told_when_all_is_stopped() -> None:
    plan = renamings(("a", "b"), ("b", "a"))
    order = Order.of(plan)
    schedule = Schedule(order, INITIAL, "server")
    (parking,) = schedule.moves(iter([request(each) for each in order.renamings.values()]))
    assert is_temporary(parking.name, parking.request.id)
    schedule.succeeded(parking)
    schedule.stop(Refused("no more"))
    ((identity, ending),) = schedule.endings
    assert identity == parking.request.id
    assert isinstance(ending, NotAsWritten)
