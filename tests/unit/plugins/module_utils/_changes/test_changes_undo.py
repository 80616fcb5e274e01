# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Undoing against a store of values, in every order of our writes, others' writes and kills."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import Write
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.undo import (
    Undo,
    net_changes,
    plan_undo,
    resource_key,
)

# What may become of a write, in the order of how far it gets before a kill or an error.
NOT_BEGUN = "killed before the write"
REFUSED = "refused by the server"
LOST = "made, and killed before the outcome"
DOUBTFUL = "made, and the answer lost"
NOT_ARRIVED = "not made, and the answer lost"
MADE = "made"
FATES = {
    NOT_BEGUN: (False, None),
    REFUSED: (False, "not_made"),
    LOST: (True, None),
    DOUBTFUL: (True, "unknown"),
    NOT_ARRIVED: (False, "unknown"),
    MADE: (True, "made"),
}

THINGS = ("a", "b")


@dataclass
class Store:
    """Things with a scalar (None is absence) and a set of values, as DNS and a directory have."""

    scalars: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(THINGS))
    sets: dict[str, frozenset[str]] = field(
        default_factory=lambda: dict.fromkeys(THINGS, frozenset[str]())
    )

    def current(self, change: Change) -> Value:
        if change.property == "scalar":
            return self.scalars[change.id]
        member = change.after if change.before is None else change.before
        return member if member in self.sets[change.id] else None

    def make(self, changes: Iterable[Change]) -> None:
        for change in changes:
            assert self.current(change) == change.before, "a write compares before it swaps"
            self.put(change.id, change.property, change.before, change.after)

    def put(self, thing: str, prop: str, before: Value, after: Value) -> None:
        if prop == "scalar":
            assert after is None or isinstance(after, str)
            self.scalars[thing] = after
        else:
            self.sets[thing] = frozenset(
                str(value) for value in {*self.sets[thing], after} - {before} if value is not None
            )

    def copy(self) -> Store:
        return Store(dict(self.scalars), dict(self.sets))


def change(thing: str, prop: str, before: Value, after: Value) -> Change:
    action = Action.REPLACE
    if prop == "set":
        action = Action.ADD if before is None else Action.REMOVE
    return Change(System.DNS, "thing", thing, thing, prop, action, before, after)


def write(fate: str, *changes: Change) -> Write:
    return Write(str(next(COUNTER)), "server", changes, FATES[fate][1])


COUNTER = itertools.count()


def undo(store: Store, journal: Sequence[Write]) -> list[Undo]:
    """Roll back in the store; a second process would journal it elsewhere."""
    undone = []
    for effects in net_changes(journal).values():
        plan = plan_undo(effects, store.current)
        store.make(plan.changes)
        undone.append(plan)
    return undone


def changes_of(undone: Iterable[Undo]) -> list[Change]:
    return [each for plan in undone for each in plan.changes]


@dataclass(frozen=True)
class Step:
    """One write: by us with a fate, or by somebody else (no fate)."""

    thing: str
    prop: str
    value: str | None
    fate: str | None


OUR_STEPS = st.builds(
    Step,
    thing=st.sampled_from(THINGS),
    prop=st.sampled_from(["scalar", "set"]),
    value=st.sampled_from(["1", "2", None]),
    fate=st.sampled_from(sorted(FATES)),
)
# Values that are theirs alone, so that nobody can confuse them with ours.
THEIR_STEPS = st.builds(
    Step,
    thing=st.sampled_from(THINGS),
    prop=st.sampled_from(["scalar", "set"]),
    value=st.sampled_from(["x", "y"]),
    fate=st.none(),
)
# The worst case: they write what we could have written.
SAME_STEPS = st.builds(
    Step,
    thing=st.sampled_from(THINGS),
    prop=st.sampled_from(["scalar", "set"]),
    value=st.sampled_from(["1", "2", None]),
    fate=st.none(),
)
STARTS = st.builds(
    Store,
    scalars=st.fixed_dictionaries({thing: st.sampled_from([None, "0", "1"]) for thing in THINGS}),
    sets=st.fixed_dictionaries(
        {thing: st.frozensets(st.sampled_from(["0", "1"])) for thing in THINGS}
    ),
)


def changes_for(store: Store, step: Step) -> list[Change]:
    """What one write of ours changes: a scalar is replaced, a member toggled; null clears all."""
    if step.prop == "scalar":
        before = store.scalars[step.thing]
        return [] if before == step.value else [change(step.thing, "scalar", before, step.value)]
    members = store.sets[step.thing]
    if step.value is None:
        return [change(step.thing, "set", member, None) for member in sorted(members)]
    if step.value in members:
        return [change(step.thing, "set", step.value, None)]
    return [change(step.thing, "set", None, step.value)]


def play(store: Store, steps: Iterable[Step]) -> list[Write]:
    journal = []
    for step in steps:
        changes = changes_for(store, step)
        if step.fate is None:
            store.make(changes)
        elif changes:
            journal.append(write(step.fate, *changes))
            if FATES[step.fate][0]:
                store.make(changes)
    return journal


@given(STARTS, st.lists(OUR_STEPS, max_size=8))
def test_alone_the_start_state_is_restored_and_a_second_rollback_changes_nothing(
    start: Store, steps: list[Step]
) -> None:
    store = start.copy()
    journal = play(store, steps)
    undone = undo(store, journal)
    assert store == start
    assert [plan.conflicts for plan in undone if plan.conflicts] == []
    again = undo(store, journal)
    assert changes_of(again) == []
    assert store == start


@given(STARTS, st.lists(OUR_STEPS | THEIR_STEPS, max_size=8))
def test_what_others_wrote_last_is_left_alone(start: Store, steps: list[Step]) -> None:
    store = start.copy()
    journal = play(store, steps)
    before = store.copy()
    undo(store, journal)
    for thing in THINGS:
        if before.scalars[thing] in ("x", "y"):
            assert store.scalars[thing] == before.scalars[thing]
        # What we cleared away may come back, but nothing of theirs goes.
        assert store.sets[thing] >= before.sets[thing] & {"x", "y"}
        if not any(step.fate is None and step.thing == thing for step in steps):
            assert store.scalars[thing] == start.scalars[thing]
            assert store.sets[thing] == start.sets[thing]


@given(STARTS, st.lists(OUR_STEPS | THEIR_STEPS | SAME_STEPS, max_size=8))
def test_a_second_rollback_never_changes_anything(start: Store, steps: list[Step]) -> None:
    store = start.copy()
    journal = play(store, steps)
    undo(store, journal)
    after = store.copy()
    assert changes_of(undo(store, journal)) == []
    assert store == after


@given(STARTS, st.lists(OUR_STEPS, max_size=6), st.integers(min_value=0, max_value=3))
def test_a_rollback_that_is_killed_is_finished_by_the_next(
    start: Store, steps: list[Step], made: int
) -> None:
    store = start.copy()
    journal = play(store, steps)
    plans = [plan_undo(effects, store.current) for effects in net_changes(journal).values()]
    for plan in plans[:made]:
        store.make(plan.changes)
    undo(store, journal)
    assert store == start


@given(STARTS, st.lists(OUR_STEPS, max_size=6))
def test_a_rollback_can_be_rolled_back(start: Store, steps: list[Step]) -> None:
    store = start.copy()
    journal = play(store, steps)
    end = store.copy()
    rolled_back = [write(MADE, *plan.changes) for plan in undo(store, journal)]
    undo(store, rolled_back)
    assert store == end


def scalar(before: str, after: str) -> Change:
    return change("a", "scalar", before, after)


def undone_from(found: str, *writes: Write) -> tuple[str | None, list[str]]:
    store = Store()
    store.scalars["a"] = found
    plans = undo(store, writes)
    return store.scalars["a"], [conflict.reason for plan in plans for conflict in plan.conflicts]


SINCE = "somebody changed it since"


@pytest.mark.parametrize(
    ("found", "left", "conflicts"),
    [("B", "A", []), ("A", "A", []), ("X", "X", [SINCE])],
)
@pytest.mark.parametrize("fate", [MADE, LOST, NOT_BEGUN, DOUBTFUL])
def test_one_write(fate: str, found: str, left: str, conflicts: list[str]) -> None:
    assert undone_from(found, write(fate, scalar("A", "B"))) == (left, conflicts)


def test_refused_writes_do_not_count() -> None:
    assert undone_from("B", write(REFUSED, scalar("A", "B"))) == ("B", [])


@pytest.mark.parametrize("found", ["B", "C"])
def test_a_last_write_in_doubt_does_not_hide_the_one_before(found: str) -> None:
    writes = write(MADE, scalar("A", "B")), write(NOT_BEGUN, scalar("B", "C"))
    assert undone_from(found, *writes) == ("A", [])


def test_a_write_in_doubt_is_settled_by_what_the_next_one_found() -> None:
    doubtful = write(LOST, scalar("A", "B"))
    assert undone_from("C", doubtful, write(MADE, scalar("B", "C"))) == ("A", [])
    assert undone_from("C", doubtful, write(MADE, scalar("A", "C"))) == ("A", [])
    assert undone_from("C", doubtful, write(MADE, scalar("X", "C"))) == ("X", [SINCE])


def test_a_value_that_others_changed_between_goes_back_to_theirs() -> None:
    writes = write(MADE, scalar("A", "B")), write(MADE, scalar("X", "C"))
    assert undone_from("C", *writes) == ("X", [SINCE])
    assert undone_from("X", *writes) == ("X", [SINCE])


def test_a_value_we_had_written_once_but_not_last_is_not_ours() -> None:
    writes = write(MADE, scalar("A", "B")), write(MADE, scalar("X", "C"))
    assert undone_from("B", *writes) == ("B", [SINCE])


def test_a_value_is_put_back_at_once() -> None:
    store = Store()
    store.scalars["a"] = "C"
    writes = write(MADE, scalar("A", "B")), write(LOST, scalar("B", "C"))
    assert changes_of(undo(store, writes)) == [scalar("C", "A")]


def test_added_and_removed_again_is_nothing() -> None:
    added, removed = change("a", "set", None, "1"), change("a", "set", "1", None)
    for fate in (MADE, LOST):
        assert changes_of(undo(Store(), [write(MADE, added), write(fate, removed)])) == []


def test_what_cannot_be_undone_is_told() -> None:
    final = replace(scalar("A", "B"), reversible=False)
    assert undone_from("B", write(MADE, final)) == ("B", ["it cannot be undone"])


def test_reversible_changes_around_one_that_is_not() -> None:
    final = replace(scalar("B", "C"), reversible=False)
    writes = [write(MADE, each) for each in (scalar("A", "B"), final, scalar("C", "D"))]
    assert undone_from("D", *writes) == ("C", ["it cannot be undone", SINCE])


def test_another_spelling_of_a_value_gives_way_to_the_old_one() -> None:
    """A directory that ignores case has either of them at the same place."""
    there = "contoso.test"
    journal = [
        write(MADE, change("a", "set", "Contoso.test", None)),
        write(MADE, change("a", "set", None, "contoso.test")),
    ]
    (effects,) = list(net_changes(journal).values())
    plan = plan_undo(effects, lambda _change: there)
    assert plan == Undo(
        (change("a", "set", "contoso.test", None), change("a", "set", None, "Contoso.test")), ()
    )


def test_newest_first_and_thing_by_thing() -> None:
    changes = [
        change("a", "set", None, "1"),
        change("b", "set", None, "1"),
        change("a", "set", None, "2"),
        change("a", "scalar", None, "s"),
    ]
    effects = net_changes(write(MADE, each) for each in changes)
    assert list(effects) == [resource_key(changes[0]), resource_key(changes[1])]
    assert effects[resource_key(changes[0])] == [changes[3], changes[2], changes[0]]
