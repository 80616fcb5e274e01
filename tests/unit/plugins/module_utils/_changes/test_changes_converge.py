# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ATTEMPTS,
    Converged,
    ConvergedMany,
    Ending,
    Failure,
    ManyProposal,
    Proposal,
    Request,
    converge,
    converge_many,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.limit import Limit
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    JsonValue,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.plan import Plan
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    ConnectionFailed,
    JournalUnusable,
    NotApproved,
    NotUnderstood,
    Refused,
    StillInUse,
    TenantopsError,
    TooManyChanges,
)


@dataclass
class Number:
    """A resource that holds a number, and others who write it between our read and our write."""

    value: int
    others: list[int] = field(default_factory=list)
    in_use: bool = False
    calls: list[str] = field(default_factory=list)

    @property
    def target(self) -> str:
        return "server number"

    async def read(self) -> int:
        self.calls.append("read")
        return self.value

    async def guard(self, state: int, changes: Sequence[Change]) -> None:
        self.calls.append("guard")
        if self.in_use:
            raise StillInUse("in use")

    async def write(self, state: int, changes: Sequence[Change]) -> Sequence[Change]:
        self.calls.append("write")
        if self.others:
            self.value = self.others.pop(0)
        if self.value != state:
            raise ChangedMeanwhile("somebody was faster")
        (change,) = changes
        assert isinstance(change.after, int)
        self.value = change.after
        return changes

    def current(self, state: int, change: Change) -> Value:
        return state

    def without_idle(self, state: int, changes: Sequence[Change]) -> Sequence[Change]:
        return changes


def change(before: int, after: int) -> Change:
    return Change(System.DNS, "number", "id", "n", "value", Action.REPLACE, before, after)


def run(
    number: Number, wanted: int, control: ChangeControl | None = None, *, check_mode: bool = False
) -> Converged[int]:
    def propose(state: int) -> Proposal:
        number.calls.append("propose")
        return Proposal((change(state, wanted),) if state != wanted else (), scope=1)

    return asyncio.run(converge(number, propose, control or ChangeControl(), check_mode=check_mode))


def test_read_propose_guard_write_once_each() -> None:
    number = Number(1)
    assert run(number, 2) == Converged(1, (change(1, 2),))
    assert number.value == 2
    assert number.calls == ["read", "propose", "guard", "write"]


def test_nothing_to_do_asks_and_writes_nothing_more() -> None:
    number = Number(2, in_use=True)
    assert run(number, 2) == Converged(2, ())
    assert number.calls == ["read", "propose"]


def test_a_dry_run_tells_the_same_and_never_writes() -> None:
    number = Number(1)
    assert run(number, 2, check_mode=True) == run(Number(1), 2)
    assert number.calls == ["read", "propose", "guard"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_guard_and_limit_hold_in_a_dry_run_as_well(check_mode: bool) -> None:
    with pytest.raises(StillInUse):
        run(Number(1, in_use=True), 2, check_mode=check_mode)
    number = Number(1, in_use=True)
    with pytest.raises(TooManyChanges):
        run(number, 2, ChangeControl(limit=Limit.parse("0")), check_mode=check_mode)
    assert "guard" not in number.calls
    assert number.value == 1


def test_a_lost_race_is_planned_and_admitted_afresh(tmp_path: Path) -> None:
    number = Number(1, others=[5])
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    assert run(number, 2, ChangeControl(journal=journal)) == Converged(5, (change(5, 2),))
    assert number.value == 2
    assert number.calls == ["read", "propose", "guard", "write"] * 2
    assert [(write.changes, write.outcome) for write in read_journal(journal.path)] == [
        ((change(1, 2),), "not_made"),
        ((change(5, 2),), "made"),
    ]


def test_what_others_brought_about_meanwhile_needs_no_second_write() -> None:
    number = Number(1, others=[2])
    assert run(number, 2) == Converged(2, ())


def test_what_is_not_admitted_after_a_lost_race_is_not_made() -> None:
    class Once(ChangeControl):
        def admit(self, changes: Sequence[Change], scope: int) -> None:
            if changes[0].before != 1:
                raise TooManyChanges("no")

    number = Number(1, others=[5])
    with pytest.raises(TooManyChanges):
        run(number, 2, Once())
    assert number.value == 5


def test_gives_up_when_every_race_is_lost() -> None:
    number = Number(1, others=list(range(10, 10 + 2 * ATTEMPTS)))
    with pytest.raises(ChangedMeanwhile):
        run(number, 2)
    assert number.calls.count("write") == ATTEMPTS


def test_the_last_attempt_counts() -> None:
    number = Number(1, others=list(range(10, 10 + ATTEMPTS - 1)))
    run(number, 2)
    assert number.value == 2


@dataclass
class Numbers:
    """Things that hold numbers; `faults` say what the server answers for one instead."""

    values: dict[str, int]
    refused: dict[str, TenantopsError] = field(default_factory=dict)
    faults: dict[str, TenantopsError] = field(default_factory=dict)
    stops_at: str | None = None
    batches: list[int] = field(default_factory=list)

    @property
    def target(self) -> str:
        return "server"

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        return self.refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        requests = iter(requests)
        while some := list(islice(requests, 1000)):
            self.batches.append(len(some))
            for each in reversed(some):
                yield each.id, self.faults.get(each.id) or self.make(each)
            if any(each.id == self.stops_at for each in some):
                raise ConnectionFailed("gone")

    def make(self, request: Request) -> tuple[Change, ...]:
        for each in request.changes:
            assert isinstance(each.after, int)
            self.values[request.id] = each.after
        return request.changes


def request(thing: str, before: int = 1, after: int = 2) -> Request:
    return Request((replace(change(before, after), id=thing, name=f"name of {thing}"),))


def proposal(amount: int) -> ManyProposal:
    return ManyProposal(tuple(request(str(number)) for number in range(amount)), scope=amount)


def run_many(
    things: Numbers, amount: int, control: ChangeControl | None = None, *, check_mode: bool = False
) -> ConvergedMany:
    return asyncio.run(
        converge_many(things, proposal(amount), control or ChangeControl(), check_mode=check_mode)
    )


def numbers(amount: int) -> Numbers:
    return Numbers({str(number): 1 for number in range(amount)})


def changes_of(*things: int) -> tuple[Change, ...]:
    return tuple(each for thing in things for each in request(str(thing)).changes)


def test_many_are_all_changed_and_told_in_the_order_of_the_plan(tmp_path: Path) -> None:
    things = numbers(2500)
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(things, 2500, ChangeControl(journal=journal))
    assert found == ConvergedMany(changes_of(*range(2500)), ())
    assert set(things.values.values()) == {2}
    assert things.batches == [1000, 1000, 500]
    writes = read_journal(journal.path)
    assert [(write.target, write.outcome) for write in writes] == [("server", "made")] * 2500
    assert tuple(each for write in writes for each in write.changes) == found.changes


def test_fewer_are_announced_at_once_where_the_system_is_slow(tmp_path: Path) -> None:
    class OneByOne(Numbers):
        async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
            for each in requests:
                announced.append(len(read_journal(journal.path)))
                await asyncio.sleep(0)
                yield each.id, self.make(each)

    announced: list[int] = []
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    control = ChangeControl(journal=journal)
    asyncio.run(
        converge_many(OneByOne({}), proposal(5), control, check_mode=False, announced_at_once=2)
    )
    assert announced == [2, 2, 4, 4, 5]


def test_a_dry_run_of_many_tells_the_same_and_never_writes(tmp_path: Path) -> None:
    refused: dict[str, TenantopsError] = {"1": Refused("no right")}
    things = replace(numbers(3), refused=refused)
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    control = ChangeControl(journal=journal)
    dry = run_many(things, 3, control, check_mode=True)
    assert things.values == {"0": 1, "1": 1, "2": 1}
    assert not journal.path.exists()
    assert dry == run_many(things, 3, control)
    assert dry == ConvergedMany(changes_of(0, 2), (Failure("1", "name of 1", refused["1"]),))
    assert things.values == {"0": 2, "1": 1, "2": 2}


def test_one_that_fails_keeps_no_other_from_being_changed(tmp_path: Path) -> None:
    faults: dict[str, TenantopsError] = {
        "0": ChangedMeanwhile("faster"),
        "2": NotUnderstood("what?"),
    }
    things = replace(numbers(4), faults=faults)
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(things, 4, ChangeControl(journal=journal))
    assert found.changes == changes_of(1, 3)
    assert [(failure.id, failure.error) for failure in found.failures] == list(faults.items())
    outcomes = [write.outcome for write in read_journal(journal.path)]
    assert outcomes == ["not_made", "made", "unknown", "made"]


def test_when_nothing_more_can_be_written_the_rest_is_not_even_announced(tmp_path: Path) -> None:
    lost: dict[str, TenantopsError] = {"1700": ConnectionFailed("cut off")}
    things = replace(numbers(2500), stops_at="1200", faults=lost)
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(things, 2500, ChangeControl(journal=journal))
    assert things.batches == [1000, 1000]
    assert found.changes == changes_of(*(n for n in range(2000) if n != 1700))
    assert [failure.id for failure in found.failures] == ["1700", *map(str, range(2000, 2500))]
    assert len(read_journal(journal.path)) == 2000


class FullDisk(Journal):
    """A journal on a disk that is full after so many appends."""

    def __init__(self, path: Path, appends: int) -> None:
        super().__init__(path)
        self.appends = appends

    def _append(self, records: Sequence[Mapping[str, JsonValue]]) -> None:
        if not self.appends:
            raise JournalUnusable("full")
        self.appends -= 1
        super()._append(records)


@pytest.mark.parametrize(
    ("appends", "written"), [(0, 0), (1, 500), (2, 1000), (3, 1500), (5, 2500), (6, 2500)]
)
def test_without_a_journal_nothing_more_is_written_and_what_was_is_told(
    tmp_path: Path, appends: int, written: int
) -> None:
    things = numbers(2500)
    journal = FullDisk(tmp_path / "contoso" / "run.jsonl", appends)
    found = run_many(things, 2500, ChangeControl(journal=journal))
    assert sum(things.batches) == written
    assert found.changes == changes_of(*range(written))
    assert [failure.id for failure in found.failures] == list(map(str, range(written, 2500)))
    assert all(failure.error.kind == "journal_unusable" for failure in found.failures)
    assert (found.stopped is None) is (appends == 6)


@pytest.mark.parametrize("check_mode", [True, False])
def test_limit_and_approval_are_for_all_that_can_be_changed(check_mode: bool) -> None:
    refused: dict[str, TenantopsError] = {"1": Refused("no right")}
    things = replace(numbers(3), refused=refused)
    limit = ChangeControl(limit=Limit.parse("1"))
    with pytest.raises(TooManyChanges):
        run_many(things, 3, limit, check_mode=check_mode)
    plan = Plan("contoso", "fix.yml", "check", changes_of(0))
    with pytest.raises(NotApproved):
        run_many(things, 3, ChangeControl(approved=plan), check_mode=check_mode)
    assert things.values == {"0": 1, "1": 1, "2": 1}
    plan = replace(plan, changes=changes_of(0, 2))
    control = ChangeControl(approved=plan, limit=Limit.parse("2"))
    assert run_many(things, 3, control, check_mode=check_mode).changes == changes_of(0, 2)


def test_what_was_announced_and_never_begun_is_noted_as_not_made(tmp_path: Path) -> None:
    class Stopping(Numbers):
        async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
            for first in requests:
                yield first.id, self.make(first)
                raise ConnectionFailed("gone")

    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(Stopping({"0": 1}), 300, ChangeControl(journal=journal))
    assert found.changes == changes_of(0)
    assert len(found.failures) == 299
    outcomes = [write.outcome for write in read_journal(journal.path)]
    assert outcomes == ["made"] + ["not_made"] * 299


def test_what_others_had_done_already_is_no_change_of_ours(tmp_path: Path) -> None:
    class Done(Numbers):
        def make(self, request: Request) -> tuple[Change, ...]:
            return ()

    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(Done({}), 2, ChangeControl(journal=journal))
    assert (found.changes, found.failures) == ((), ())
    assert [(write.changes, write.outcome) for write in read_journal(journal.path)] == [
        ((), "made")
    ] * 2


def test_what_was_made_of_one_thing_is_noted_as_it_was_made(tmp_path: Path) -> None:
    class Rounded(Numbers):
        def make(self, request: Request) -> tuple[Change, ...]:
            return tuple(replace(each, after=10) for each in super().make(request))

    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    found = run_many(Rounded({"0": 1}), 1, ChangeControl(journal=journal))
    assert found.changes == request("0", 1, 10).changes
    assert read_journal(journal.path)[0].changes == found.changes


def test_nothing_to_do_for_many(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "contoso" / "run.jsonl")
    things = numbers(0)
    assert run_many(things, 0, ChangeControl(journal=journal)) == ConvergedMany((), ())
    assert things.batches == []
    assert not journal.path.exists()


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_was_admitted_is_told_before_anything_is_written(check_mode: bool) -> None:
    things = numbers(3)
    told: list[tuple[int, Sequence[Change]]] = []
    asyncio.run(
        converge_many(
            things,
            proposal(3),
            ChangeControl(),
            check_mode=check_mode,
            admitted=lambda changes: told.append((len(things.batches), changes)),
        )
    )
    assert told == [(0, changes_of(0, 1, 2))]
