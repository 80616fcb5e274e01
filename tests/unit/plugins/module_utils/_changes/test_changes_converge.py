# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ATTEMPTS,
    Converged,
    Proposal,
    converge,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import (
    Journal,
    read_journal,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.limit import Limit
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
    Value,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    StillInUse,
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
