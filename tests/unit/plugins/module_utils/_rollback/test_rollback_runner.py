# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rollback over things of two kinds in memory, with a real journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    Ending,
    Request,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    journal_path,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._doors.operation import Outcome
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConditionUnmet,
    ConnectionFailed,
    JournalUnusable,
    NotApproved,
    ObjectGone,
    PersonNeeded,
    Refused,
    StillInUse,
    TenantopsError,
    TooManyChanges,
)
from ansible_collections.tenantops.migration.plugins.module_utils._rollback import kinds, runner
from ansible_collections.tenantops.migration.plugins.module_utils._rollback.kinds import (
    JournalledThing,
    JournalledThings,
)

State = dict[str, Value]


class Thing:
    """A `Resource` with named values, each of which is compared before it is written."""

    target = "memory"

    def __init__(self, values: State) -> None:
        self.values = values
        self.is_down = False
        self.refusal: TenantopsError | None = None
        self.faster: State = {}

    async def read(self) -> State:
        if self.is_down:
            raise ConnectionFailed("down")
        return dict(self.values)

    async def guard(self, state: State, changes: Sequence[Change]) -> None:
        if self.refusal is not None:
            raise self.refusal

    async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        self.values |= self.faster
        self.faster = {}
        if self.values != state:
            raise ChangedMeanwhile("faster")
        self.values |= {change.property: change.after for change in changes}
        return changes

    def current(self, state: State, change: Change) -> Value:
        return state[change.property]

    def without_idle(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
        return [change for change in changes if change.property != "idle"]


def change(thing: str, prop: str, before: str, after: str) -> Change:
    return Change(System.DNS, "thing", thing, thing, prop, Action.REPLACE, before, after)


class World:
    """Two things, the journal of a run that made `old` into `new` in both, and rollbacks of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.things = {
            "one": Thing({"p": "new", "q": "new", "idle": "new"}),
            "two": Thing({"p": "new"}),
        }
        self.folder = folder
        self.opened: list[str] = []
        self.undone_before: list[Sequence[Change]] = []
        self.warned: set[str] = set()
        self.write("one", "p", "q")
        self.write("two", "p")
        self.write("one", "idle")
        monkeypatch.setitem(kinds._OPENERS, ("dns", "thing"), self.open)

    def write(self, thing: str, *properties: str) -> None:
        changes = [change(thing, prop, "old", "new") for prop in properties]
        with Journal(self.path("run")).write("memory", changes):
            pass

    def path(self, run: str) -> Path:
        return journal_path(str(self.folder), "contoso", run)

    @asynccontextmanager
    async def open(self, thing: JournalledThing, identity: str) -> AsyncIterator[Thing]:
        assert thing.targets == {"memory"}
        self.opened.append(identity)
        self.undone_before.append(thing.undone)
        yield self.things[identity]
        thing.warn(["the connection is not encrypted"] if identity in self.warned else [])

    def undo(self, check_mode: bool = False, **options: Any) -> Outcome:
        parameters = dict.fromkeys(("approved_plan", "max_changes", "undo_file")) | {
            "journal": str(self.folder),
            "tenant": "contoso",
            "run": "undo",
            "undo_run": "run",
        }
        return runner.run(parameters | options, check_mode)

    @property
    def values(self) -> dict[str, State]:
        return {name: dict(thing.values) for name, thing in self.things.items()}


OLD = {"one": {"p": "old", "q": "old", "idle": "new"}, "two": {"p": "old"}}
UNDONE = (
    change("one", "p", "new", "old"),
    change("one", "q", "new", "old"),
    change("two", "p", "new", "old"),
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(tmp_path, monkeypatch)


def told(outcome: Outcome) -> list[Change]:
    assert outcome.changes is not None
    return sorted(outcome.changes, key=lambda each: (each.id, each.property))


def test_everything_is_put_back_and_journalled(world: World) -> None:
    outcome = world.undo()
    assert told(outcome) == list(UNDONE)
    assert outcome.values == {"conflicts": [], "failures": []}
    assert world.values == OLD
    assert [write.outcome for write in read_journal(world.path("undo"))] == ["made", "made"]


def test_newest_first(world: World) -> None:
    world.undo(check_mode=True)
    assert world.opened == ["one", "two"]


def test_a_dry_run_tells_the_same_and_changes_nothing(world: World) -> None:
    before = world.values
    dry = world.undo(check_mode=True)
    assert world.values == before
    assert not world.path("undo").exists()
    assert dry == world.undo()


def test_twice_changes_nothing(world: World) -> None:
    world.undo()
    assert told(world.undo(run="again")) == []
    assert not world.path("again").exists()


def test_a_rollback_can_be_rolled_back(world: World) -> None:
    before = world.values
    world.undo()
    world.undo(undo_run="undo", run="redo")
    assert world.values == before


def test_what_somebody_changed_since_is_left_alone_and_told(world: World) -> None:
    world.things["one"].values["p"] = "theirs"
    outcome = world.undo()
    assert world.values["one"] == {"p": "theirs", "q": "old", "idle": "new"}
    (conflict,) = outcome.values["conflicts"]
    assert (conflict["found"], conflict["reason"]) == ("theirs", "somebody changed it since")
    (warning,) = outcome.warnings
    assert warning == "Left alone: p of one: somebody changed it since (now theirs)"


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (StillInUse, "it is still in use"),
        (PersonNeeded, "a person has to act first"),
        (ConditionUnmet, "something else has to be changed first"),
    ],
)
def test_what_a_guard_keeps_is_left_alone_and_told(
    world: World, refusal: type[TenantopsError], why: str
) -> None:
    world.things["two"].refusal = refusal("two users have it")
    dry = world.undo(check_mode=True)
    outcome = world.undo()
    assert dry == outcome
    assert world.values == OLD | {"two": {"p": "new"}}
    (conflict,) = outcome.values["conflicts"]
    assert (conflict["found"], conflict["reason"]) == ("new", f"{why}: two users have it")


@pytest.mark.parametrize("check_mode", [True, False])
def test_each_thing_knows_what_was_undone_before(world: World, check_mode: bool) -> None:
    """What keeps it from being undone may be gone by then; in a dry run it only will be."""
    world.undo(check_mode=check_mode)
    before_one, before_two = world.undone_before[-2:]
    assert before_one == ()
    assert sorted(before_two, key=lambda each: each.property) == list(UNDONE[:2])


def test_somebody_faster_is_not_overwritten(world: World) -> None:
    world.things["one"].faster = {"p": "theirs"}
    outcome = world.undo()
    assert world.values["one"] == {"p": "theirs", "q": "old", "idle": "new"}
    assert [conflict["found"] for conflict in outcome.values["conflicts"]] == ["theirs"]
    assert change("one", "p", "new", "old") not in told(outcome)


def test_the_limit_is_for_the_whole_and_comes_before_the_first_write(world: World) -> None:
    before = world.values
    with pytest.raises(TooManyChanges):
        world.undo(max_changes="2")
    assert world.values == before
    world.undo(max_changes="3")
    assert world.values == OLD


def test_the_approval_is_for_the_whole_and_comes_before_the_first_write(world: World) -> None:
    before = world.values
    plan = Plan("contoso", "rollback.yml", "check", UNDONE[:2])
    with pytest.raises(NotApproved):
        world.undo(approved_plan=plan.to_json())
    assert world.values == before
    world.undo(approved_plan=Plan("contoso", "rollback.yml", "check", UNDONE).to_json())
    assert world.values == OLD


def test_a_server_that_is_down_is_noticed_before_the_first_write(world: World) -> None:
    before = world.values
    world.things["two"].is_down = True
    with pytest.raises(ConnectionFailed):
        world.undo()
    assert world.values == before


def test_what_is_to_be_known_of_a_connection_is_told_once(world: World) -> None:
    world.warned = {"one", "two"}
    assert world.undo().warnings == ("the connection is not encrypted",)


def test_a_kind_that_is_not_known_is_an_error() -> None:
    thing = JournalledThing(("dns", "mailbox", "id"), frozenset(), {}, lambda warnings: None)
    with pytest.raises(JournalUnusable, match="a kind of thing that this version does not know"):
        thing.open()


class Crowd:
    """Things that are read and written together, with what happens to single ones."""

    target = "memory"

    def __init__(self, values: dict[str, State]) -> None:
        self.values = values
        self.faults: dict[str, TenantopsError] = {}
        self.faster: dict[str, State] = {}
        self.reads: list[list[str]] = []

    async def read(
        self, names: Mapping[str, str], properties: Iterable[str]
    ) -> Mapping[str, State | TenantopsError]:
        self.reads.append(list(names))
        return {
            name: dict(self.values[name]) if name in self.values else ObjectGone("gone")
            for name in names
        }

    def current(self, state: State, change: Change) -> Value:
        return state[change.property]

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        return {}

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        for request in requests:
            values = self.values[request.id]
            values |= self.faster.pop(request.id, {})
            if any(values[each.property] != each.before for each in request.changes):
                yield request.id, ChangedMeanwhile("faster")
            elif request.id in self.faults:
                yield request.id, self.faults[request.id]
            else:
                values |= {each.property: each.after for each in request.changes}
                yield request.id, request.changes


NAMES = [f"o{number}" for number in range(5)]


@pytest.fixture
def crowd(world: World, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    crowd = Crowd({name: {"p": "new", "q": "new"} for name in NAMES})

    @asynccontextmanager
    async def open_many(things: JournalledThings) -> AsyncIterator[Crowd]:
        yield crowd
        things.warn(["not encrypted"])

    monkeypatch.setitem(kinds._MANY_OPENERS, ("dns", "many"), open_many)
    changes = [[many(name, prop) for prop in "pq"] for name in NAMES]
    Journal(world.path("many")).announce("memory", changes)
    return crowd


def many(thing: str, prop: str) -> Change:
    return Change(System.DNS, "many", thing, thing, prop, Action.REPLACE, "old", "new")


def test_many_are_read_together_and_put_back(world: World, crowd: Crowd) -> None:
    dry = world.undo(undo_run="many", check_mode=True)
    assert crowd.values["o0"] == {"p": "new", "q": "new"}
    outcome = world.undo(undo_run="many")
    assert outcome == dry
    assert crowd.values == {name: {"p": "old", "q": "old"} for name in NAMES}
    assert len(outcome.changes or ()) == 10
    assert outcome.error is None
    assert outcome.warnings == ("not encrypted",)
    assert [sorted(names) for names in crowd.reads] == [NAMES, NAMES, NAMES]
    assert told(world.undo(undo_run="many", run="again")) == []


def test_of_many_one_that_fails_keeps_no_other_from_being_put_back(
    world: World, crowd: Crowd
) -> None:
    crowd.faults["o1"] = Refused("no right")
    crowd.values["o2"]["p"] = "theirs"
    del crowd.values["o3"]
    crowd.faster["o4"] = {"q": "theirs"}
    outcome = world.undo(undo_run="many")
    assert crowd.values == {
        "o0": {"p": "old", "q": "old"},
        "o1": {"p": "new", "q": "new"},
        "o2": {"p": "theirs", "q": "old"},
        "o4": {"p": "old", "q": "theirs"},
    }
    assert {
        (each["change"]["id"], each["change"]["property"], each["reason"])
        for each in outcome.values["conflicts"]
    } == {
        ("o2", "p", "somebody changed it since"),
        ("o3", "p", "it is gone"),
        ("o3", "q", "it is gone"),
        ("o4", "q", "somebody changed it since"),
    }
    assert [failure["id"] for failure in outcome.values["failures"]] == ["o1"]
    assert outcome.error is not None
    assert outcome.error.kind == "partly_done"
    assert "o1: no right" in outcome.error.answer


def test_not_one_of_many_is_there(world: World, crowd: Crowd) -> None:
    crowd.values.clear()
    with pytest.raises(JournalUnusable, match="Not one of the 5 objects"):
        world.undo(undo_run="many")


def test_what_stops_a_rollback_in_the_middle_is_told_with_what_was_done(world: World) -> None:
    class Failing(Thing):
        async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
            raise Refused("not this one")

    world.things["two"] = Failing({"p": "new"})
    outcome = world.undo()
    assert outcome.error is not None
    assert outcome.error.kind == "refused"
    assert {change.id for change in outcome.changes or ()} == {"one"}
    assert world.values["one"]["p"] == "old"


def test_what_stops_a_rollback_at_once_is_an_error(world: World) -> None:
    class Failing(Thing):
        async def write(self, state: State, changes: Sequence[Change]) -> Sequence[Change]:
            raise Refused("not this one")

    world.things["one"] = Failing({"p": "new", "q": "new", "idle": "new"})
    with pytest.raises(Refused):
        world.undo()
