# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sequence in a small world of its own, interrupted, raced and refused at random.

What must hold: who had a licence has it with the same disabled plans, or it is on disk at every
moment, and told at the end of a run; and when all is quiet again, the next runs finish everything.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    JournalUnusable,
    NotYetSeen,
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.planning import (
    State,
    Step,
)
from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.sequence import (
    Alignment,
    Done,
    Limits,
    Look,
    Person,
)

WORLDS = int(os.environ.get("TENANTOPS_WORLDS", "6000"))
SEED = int(os.environ.get("TENANTOPS_SEED", "20261123"))
BLOCKS = 20
SETTLE_TIME = 10
SKUS = ("E3", "E5", "VISIO")
PLANS = ("exchange", "teams", "sway")


class Killed(BaseException):
    """The end of the process, wherever it was."""


@dataclass
class Someone:
    """A person as they really are; `past` are earlier licences, which Graph may still show."""

    key: str
    wanted: str
    directory: str
    cloud: str | None
    licenses: dict[str, frozenset[str]]
    inherited: frozenset[str] = frozenset()
    past: list[tuple[int, dict[str, frozenset[str]]]] = field(default_factory=list)
    owed: dict[str, frozenset[str]] = field(default_factory=dict)
    altered: bool = False


class World:
    """A tenant, its directory, and what goes wrong there."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.now = 0
        self.holds_back = chance.random() < 0.85
        self.people = [self._someone(number) for number in range(chance.randint(1, 4))]
        used = Counter(sku for each in self.people for sku in each.licenses)
        self.seats = {sku: used[sku] + chance.randint(0, 1) for sku in SKUS}
        self.stolen: Counter[str] = Counter()
        self.disk: dict[str, dict[str, frozenset[str]]] = {}
        self.trouble = 0.0
        self.deadly = 0.0
        self.kills = 0
        self.writes = 0

    def _someone(self, number: int) -> Someone:
        chance = self.chance
        wanted = f"p{number}@firm.example"
        licenses = {
            sku: frozenset(plan for plan in PLANS if chance.random() < 0.3)
            for sku in SKUS
            if chance.random() < 0.5
        }
        someone = Someone(
            str(number),
            wanted,
            directory=wanted if chance.random() < 0.15 else f"p{number}@firm.local",
            cloud=None if chance.random() < 0.05 else f"p{number}@firm.onmicrosoft.example",
            licenses=dict(licenses),
            inherited=frozenset({"GROUP"}) if chance.random() < 0.1 else frozenset(),
        )
        if someone.cloud is None:
            someone.licenses, someone.inherited = {}, frozenset()
        someone.owed = dict(someone.licenses)
        return someone

    def free(self, sku: str) -> int:
        """Seats that nobody has."""
        taken = sum(sku in each.licenses for each in self.people) + self.stolen[sku]
        return self.seats[sku] - taken

    def pass_time(self) -> None:
        """A moment, in which anything may happen."""
        self.now += 1
        self.check()
        if self.chance.random() < self.deadly:
            self.kills += 1
            raise Killed
        if self.chance.random() < self.trouble * 0.3:
            self._meddle()

    def _meddle(self) -> None:
        chance = self.chance
        sku = chance.choice(SKUS)
        someone = chance.choice(self.people)
        if chance.random() < 0.5:
            if self.free(sku) > 0:
                self.stolen[sku] += 1
        elif someone.cloud is not None and sku not in someone.licenses and self.free(sku) > 0:
            off = frozenset(plan for plan in PLANS if chance.random() < 0.5)
            someone.altered |= sku in someone.owed and someone.owed[sku] != off
            # What others do in the very same seconds nobody can see in time, so it shows at once.
            someone.licenses = {**someone.licenses, sku: off}
            someone.owed.setdefault(sku, off)

    def assign(self, someone: Someone, licenses: Mapping[str, frozenset[str]]) -> None:
        """Licences change; for a while Graph may show the old ones."""
        someone.past.append((self.now, dict(someone.licenses)))
        someone.licenses = dict(licenses)
        self.writes += 1

    def seen(self, someone: Someone) -> dict[str, frozenset[str]]:
        """What Graph shows of a person's licences: perhaps what was there a while ago."""
        if self.trouble:
            for until, licenses in someone.past:
                if until > self.now - SETTLE_TIME and self.chance.random() < 0.3:
                    return dict(licenses)
        return dict(someone.licenses)

    def sync(self) -> None:
        """One cycle of the directory sync."""
        if self.chance.random() < self.trouble:
            return
        for each in self.people:
            is_held = self.holds_back and bool(each.licenses or each.inherited)
            if each.cloud is not None and not is_held:
                each.cloud = each.directory

    def check(self) -> None:
        """Nothing is lost: a licence that is owed is there, or it is on disk as it was."""
        for each in self.people:
            for sku, off in each.owed.items():
                if sku not in each.licenses:
                    assert self.disk.get(each.key, {}).get(sku) == off, (each, self.disk)

    def lost(self) -> list[str]:
        """Those who have not what they are owed."""
        return [
            each.key
            for each in self.people
            if any(each.licenses.get(sku) != off for sku, off in each.owed.items())
        ]


class ActsInWorld:
    """The steps, each of which can be refused, lost, or broken off in the middle."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.someone = {each.key: each for each in world.people}

    async def write_down(self, people: Sequence[Person]) -> None:
        for person in people:
            self.world.pass_time()
            assert set(person.state.licenses) <= set(person.state.to_write_down)
            self.world.disk[person.key] = dict(person.state.to_write_down)
        self._or_stop()

    async def take_off(self, people: Sequence[Person]) -> Done:
        def change(someone: Someone, person: Person) -> None:
            gone = set(person.state.licenses)
            if not gone <= someone.licenses.keys():
                raise Refused("no such licence")
            kept = {sku: off for sku, off in someone.licenses.items() if sku not in gone}
            self.world.assign(someone, kept)

        return self._change_licenses(people, change, lambda person: person.state.licenses)

    async def give_back(self, people: Sequence[Person]) -> Done:
        def change(someone: Someone, person: Person) -> None:
            missing = person.state.missing
            assert missing
            if any(self.world.free(sku) < 1 for sku in missing if sku not in someone.licenses):
                raise Refused("no free seat")
            self.world.assign(someone, {**someone.licenses, **missing})

        return self._change_licenses(people, change, lambda _person: {})

    async def rename(self, people: Sequence[Person]) -> Done:
        failures: dict[str, TenantopsError] = {}
        for person in people:
            self.world.pass_time()
            error = self._chance_of_failure()
            if error is None or self._was_made(error):
                self.someone[person.key].directory = person.state.wanted or ""
                self.world.writes += 1
            if error is not None:
                failures[person.key] = error
        self._or_stop()
        return Done(failures)

    async def wait(self, people: Sequence[Person]) -> Done:
        for _cycle in range(2):
            self.world.pass_time()
            self.world.sync()
        late = {
            person.key for person in people if self.someone[person.key].cloud != person.state.wanted
        }
        if len(late) < len(people) and self.world.chance.random() < 0.5:
            return Done(pending=frozenset(late))
        return Done({key: NotYetSeen("the sync did not come") for key in late})

    async def settle(self, people: Sequence[Person]) -> None:
        assert people
        self.world.pass_time()
        self.world.now += SETTLE_TIME

    async def close(self, people: Sequence[Person]) -> None:
        for person in people:
            self.world.pass_time()
            self.world.disk.pop(person.key, None)
        self._or_stop()

    async def look(self, people: Sequence[Person]) -> Mapping[str, Look | TenantopsError]:
        self.world.pass_time()
        self._or_stop(0.1)
        return {person.key: self._look(self.someone[person.key]) for person in people}

    def _look(self, someone: Someone) -> Look | TenantopsError:
        if self.world.chance.random() < self.world.trouble * 0.2:
            return ConnectionFailed("cannot be seen")
        assert someone.cloud is not None
        return Look(someone.cloud, self.world.seen(someone), someone.inherited)

    def _change_licenses(self, people: Sequence[Person], change: Any, expected: Any) -> Done:
        failures: dict[str, TenantopsError] = {}
        for person in people:
            someone = self.someone[person.key]
            self.world.pass_time()
            seen = self.world.seen(someone)
            wanted = expected(person)
            among = {*wanted, *(person.state.missing if not wanted else ())}
            if {sku: off for sku, off in seen.items() if sku in among} != dict(wanted):
                failures[person.key] = ChangedMeanwhile("not as before")
                continue
            error = self._chance_of_failure()
            try:
                if error is None or self._was_made(error):
                    change(someone, person)
            except Refused as refused:
                error = refused
            self.world.pass_time()
            if error is not None:
                failures[person.key] = error
        stopped = None
        if self.world.chance.random() < self.world.trouble * 0.1:
            stopped = JournalUnusable("full")
        return Done(failures, stopped)

    def _chance_of_failure(self) -> TenantopsError | None:
        roll = self.world.chance.random()
        if roll < self.world.trouble * 0.3:
            return Refused("no")
        if roll < self.world.trouble * 0.6:
            return ConnectionFailed("lost")
        return None

    def _was_made(self, error: TenantopsError) -> bool:
        return not error.nothing_written and self.world.chance.random() < 0.5

    def _or_stop(self, factor: float = 0.2) -> None:
        if self.world.chance.random() < self.world.trouble * factor:
            raise JournalUnusable("full")


def observed(world: World) -> list[Person]:
    """What a run finds: it waits first until Graph shows what an earlier one has left."""
    world.now += SETTLE_TIME
    return [
        Person(
            each.key,
            each.wanted,
            State(
                wanted=each.wanted,
                directory=each.directory,
                cloud=each.cloud,
                licenses=world.seen(each),
                inherited=each.inherited,
                snapshot=world.disk.get(each.key),
                may_be_taken=each.key in world.disk,
                holds_back=world.holds_back,
            ),
        )
        for each in world.people
    ]


def run(world: World) -> tuple[Alignment, list[Person]]:
    """One run, from what is found to its end."""
    people = observed(world)
    limits = Limits(
        batch_size=world.chance.randint(1, 3),
        canary=world.chance.randint(0, 2),
        max_failures=world.chance.choice((0, 1, 100)),
    )
    alignment = Alignment(ActsInWorld(world), limits)
    finish(alignment.run([people]))
    world.check()
    return alignment, people


def finish(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run what never really waits."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


def told(people: Sequence[Person]) -> set[str]:
    """Those of whom the run says that something is not as it was."""
    return {person.key for person in people if person.is_open}


def has_reason(person: Person) -> bool:
    """Nobody is left open by a run that could have given the licences back."""
    in_the_way = {Step.GIVE_BACK, Step.SETTLE, Step.CLOSE, Step.WRITE_DOWN}
    return (
        not person.is_open
        or bool(person.state.altered)
        or not in_the_way.isdisjoint(person.failures)
    )


def worlds(block: int) -> Iterator[World]:
    for number in range(WORLDS // BLOCKS):
        yield World(random.Random(f"{SEED}-{block}-{number}"))  # noqa: S311 - repeatable, not secret


@pytest.mark.parametrize("block", range(BLOCKS))
def test_nobody_loses_a_license(block: int) -> None:
    kills = 0
    for world in worlds(block):
        for _attempt in range(8):
            world.trouble = world.chance.choice((0.0, 0.1, 0.4))
            world.deadly = world.chance.choice((0.0, 0.05, 0.2, 0.3))
            try:
                _alignment, people = run(world)
            except Killed:
                continue
            assert set(world.lost()) <= told(people), world.people
            assert all(map(has_reason, people)), people
        kills += world.kills
        comes_to_rest(world)
    assert kills > WORLDS // BLOCKS


def comes_to_rest(world: World) -> None:
    """Without trouble, and with seats enough, everybody gets where they can."""
    world.trouble = world.deadly = 0.0
    world.seats = {sku: seats + len(world.people) for sku, seats in world.seats.items()}
    world.now += SETTLE_TIME
    for each in world.people:
        if each.altered and each.key in world.disk:
            # Somebody decided otherwise meanwhile, and says so.
            each.owed = {sku: each.licenses.get(sku, off) for sku, off in each.owed.items()}
            world.disk[each.key] = dict(each.owed)
    for _run in range(2):
        alignment, people = run(world)
    assert not alignment.is_halted, people
    assert not world.disk
    for each in world.people:
        # Nothing is lost, and no seat is taken that was not before.
        assert each.licenses == each.owed
        is_blocked = world.holds_back and each.cloud != each.wanted and bool(each.inherited)
        if not is_blocked:
            assert (each.directory, each.cloud) in (
                (each.wanted, each.wanted),
                (each.wanted, None),
            ), each
    writes = world.writes
    run(world)
    assert world.writes == writes


class Recorded(ActsInWorld):
    """Acts of which the sync brings names to those alone who are `synced`, one at a look."""

    def __init__(self, world: World, synced: Sequence[str]) -> None:
        super().__init__(world)
        self.synced = list(synced)
        self.steps: list[tuple[str, set[str]]] = []

    async def take_off(self, people: Sequence[Person]) -> Done:
        self._note("take_off", people)
        return await super().take_off(people)

    async def rename(self, people: Sequence[Person]) -> Done:
        self._note("rename", people)
        return await super().rename(people)

    async def give_back(self, people: Sequence[Person]) -> Done:
        self._note("give_back", people)
        return await super().give_back(people)

    async def wait(self, people: Sequence[Person]) -> Done:
        self._note("wait", people)
        keys = {person.key for person in people}
        arrived = next((key for key in self.synced if key in keys), None)
        if arrived is None:
            return Done({key: NotYetSeen("the sync did not come") for key in keys})
        self.someone[arrived].cloud = self.someone[arrived].wanted
        return Done(pending=frozenset(keys - {arrived}))

    def _note(self, step: str, people: Sequence[Person]) -> None:
        self.steps.append((step, {person.key for person in people}))


def quiet_world(licensed: int) -> World:
    """So many people with a licence, and nothing that goes wrong."""
    world = World(random.Random(SEED))  # noqa: S311 - repeatable, not secret
    world.holds_back = True
    world.people = [
        Someone(
            *(str(number), f"p{number}@firm.example", f"p{number}@firm.local"),
            *(f"p{number}@firm.onmicrosoft.example", {"E3": frozenset({"sway"})}),
        )
        for number in range(licensed)
    ]
    world.seats["E3"] = licensed
    return world


def test_nobody_is_without_license_while_others_are_waited_for() -> None:
    world = quiet_world(3)
    acts = Recorded(world, synced=["1"])
    people = observed(world)
    finish(Alignment(acts, Limits(10, 0, 100)).run([people]))
    assert acts.steps == [
        ("take_off", {"0", "1", "2"}),
        ("rename", {"0", "1", "2"}),
        ("wait", {"0", "1", "2"}),
        ("give_back", {"1"}),
        ("wait", {"0", "2"}),
        ("give_back", {"0", "2"}),
    ]
    assert [bool(person.failures) for person in people] == [True, False, True]
    assert told(people) == set()


def test_whoever_waits_for_somebody_who_failed_is_not_begun() -> None:
    world = quiet_world(3)
    acts = Recorded(world, synced=["2"])
    first, second, third = observed(world)
    alignment = Alignment(acts, Limits(10, 0, 100))
    finish(alignment.run([[first, third], [second]], {second.key: first.key}))
    assert ("take_off", {"1"}) not in acts.steps
    assert "does not become free" in str(second.failures[Step.END])
    assert third.state.is_aligned


def test_somebody_left_by_an_earlier_run_does_not_stop_the_canary() -> None:
    world = quiet_world(3)
    world.disk["0"], world.people[0].licenses = dict(world.people[0].licenses), {}
    world.stolen["E3"] = 1
    acts = Recorded(world, synced=["0", "1", "2"])
    people = observed(world)
    alignment = Alignment(acts, Limits(batch_size=1, canary=1, max_failures=1))
    finish(alignment.run([people]))
    assert told(people) == {"0"}
    assert [person.state.is_aligned for person in people] == [True, True, True]
    assert not alignment.is_halted


def test_canary_is_somebody_with_whom_something_is_done() -> None:
    world = quiet_world(4)
    world.people[0].directory = world.people[0].cloud = world.people[0].wanted
    acts = Recorded(world, synced=["2", "3"])
    people = observed(world)
    people[1].state = replace(people[1].state, is_given_up=True)
    alignment = Alignment(acts, Limits(batch_size=4, canary=1, max_failures=100))
    finish(alignment.run([people]))
    assert [keys for step, keys in acts.steps if step == "take_off"] == [{"2"}, {"3"}]
