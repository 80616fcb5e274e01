# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People led to their sign-in names in batches, each step for a whole batch at once.

What is done, the planner says; how it is done, the `Acts` know. Private to the collection: it can
change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .._errors import TenantopsError
from .objections import not_free_yet
from .planning import Licenses, State, Step, done, next_step

# So often licences are given back in a batch before it is tried once more at the end of the run.
ATTEMPTS = 2


@dataclass(eq=False)
class Person:
    """Somebody on the way; `key` is theirs alone, `name` is for people.

    `failures` are the steps that failed and did not succeed later, in their order; what was against
    them from the start stands for `Step.END`. `is_begun` says that something was done about them in
    this run.
    """

    key: str
    name: str
    state: State
    failures: dict[Step, TenantopsError] = field(default_factory=dict)
    is_begun: bool = False
    returns: int = 0

    @property
    def is_open(self) -> bool:
        """Whether licences are on disk that are not known to be given back."""
        return self.state.snapshot is not None


@dataclass(frozen=True)
class Look:
    """What Graph shows of a person now."""

    cloud: str
    licenses: Licenses
    inherited: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Done:
    """How a step went: why it failed for whom (by key), and what stops all further ones.

    `pending` are those for whom it is to be taken again, when others have been seen to.
    """

    failures: Mapping[str, TenantopsError] = field(default_factory=dict)
    stopped: TenantopsError | None = None
    pending: frozenset[str] = frozenset()


class Acts(Protocol):
    """How the steps are done. What is raised holds for all of the people."""

    async def write_down(self, people: Sequence[Person]) -> None:
        """Get the licences on disk, safely: nothing is taken off before this returns."""

    async def take_off(self, people: Sequence[Person]) -> Done:
        """Take the direct licences off, all of which are on disk."""

    async def rename(self, people: Sequence[Person]) -> Done:
        """Change the sign-in names on premises."""

    async def wait(self, people: Sequence[Person]) -> Done:
        """Return when the cloud has the wanted names, or when there is no more time.

        As soon as it has that of somebody whose licences are off, the others are `Done.pending`.
        """

    async def give_back(self, people: Sequence[Person]) -> Done:
        """Assign the missing licences with their disabled plans."""

    async def settle(self, people: Sequence[Person]) -> None:
        """Return when Graph shows what has become of all writes so far."""

    async def close(self, people: Sequence[Person]) -> None:
        """Note on disk that the licences are given back."""

    async def look(self, people: Sequence[Person]) -> Mapping[str, Look | TenantopsError]:
        """See how the people are in the cloud now."""


@dataclass(frozen=True)
class Limits:
    """How many people are under way at once, and when nobody new is begun any more.

    That is after a failure among the first `canary`, or after more failures than `max_failures`.
    """

    batch_size: int
    canary: int
    max_failures: int


class Alignment:
    """One run: `stopped` is what ended it, `is_halted` says that people were left for a reason of
    `Limits`."""

    def __init__(
        self, acts: Acts, limits: Limits, tell: Callable[[str], None] = lambda _line: None
    ) -> None:
        self._acts = acts
        self._limits = limits
        self._tell = tell
        self.stopped: TenantopsError | None = None
        self.is_halted = False

    async def run(
        self, waves: Sequence[Sequence[Person]], waits_for: Mapping[str, str] | None = None
    ) -> None:
        """Lead all as far as they come: nothing is raised, see the people themselves.

        Nobody of a wave is begun before those of the last one have ended, nor at all if the one
        whose name they get (by key, in `waits_for`) still has it then. Before all of them come
        those who are open from an earlier run.
        """
        everybody = [person for wave in waves for person in wave]
        by_key = {person.key: person for person in everybody}
        for batch in _pieces([person for person in everybody if person.is_open], self._limits):
            await self._lead(batch)
            self._halt_after(everybody)
        is_canary = self._limits.canary > 0
        for wave in waves:
            new = [person for person in wave if not person.is_begun]
            for person in new:
                holder = by_key.get((waits_for or {}).get(person.key, ""))
                if holder is not None and not holder.state.is_in_cloud and not self.is_halted:
                    _stay_behind(person, holder)
            # With all others nothing is done, and so they would be no canary.
            new = [person for person in new if next_step(person.state) is not Step.END]
            for batch in _pieces(new, self._limits, first_canary=is_canary):
                if self.is_halted:
                    return await self._try_again(everybody)
                await self._lead(batch)
                self._halt_after(everybody, batch if is_canary else ())
                is_canary = False
        return await self._try_again(everybody)

    def _halt_after(self, everybody: Sequence[Person], canary: Sequence[Person] = ()) -> None:
        failed = sum(map(_has_failed, everybody))
        if (
            self.stopped is not None
            or failed > self._limits.max_failures
            or any(map(_has_failed, canary))
        ):
            self.is_halted = True

    async def _try_again(self, people: Sequence[Person]) -> None:
        """Give back once more what could not be: a seat may be free again."""
        left = [person for person in people if person.is_open and person.state.is_left]
        for person in left:
            person.returns = ATTEMPTS - 1
            person.state = replace(person.state, is_left=False, is_given_up=True)
        await self._look(left)
        for batch in _pieces(left, self._limits):
            await self._lead(batch)

    async def _lead(self, people: Sequence[Person]) -> None:
        """Take one step after the other until there is none left for anybody."""
        while True:
            if self.is_halted or self.stopped is not None:
                for person in people:
                    person.state = replace(person.state, is_given_up=True)
            steps = {person.key: next_step(person.state) for person in people}
            step = next((step for step in Step if step in steps.values()), Step.END)
            if step is Step.END:
                return
            await self._take(step, [person for person in people if steps[person.key] is step])

    async def _take(self, step: Step, people: Sequence[Person]) -> None:
        self._tell(f"{step.value}: {len(people)}")
        for person in people:
            person.is_begun = True
        try:
            done_by_acts = await self._act(step, people)
        except TenantopsError as stop:
            done_by_acts = Done({person.key: stop for person in people}, stopped=stop)
        self.stopped = self.stopped or done_by_acts.stopped
        unsure = []
        for person in people:
            error = done_by_acts.failures.get(person.key)
            if error is None and person.key in done_by_acts.pending:
                continue
            if error is None:
                person.state = done(person.state, step)
                person.failures.pop(step, None)
            else:
                _note_failure(person, step, error)
            if step is Step.SETTLE or (error is not None and step in _WRITES_OF_LICENSES):
                unsure.append(person)
        await self._look(unsure, is_settled=step is Step.SETTLE)

    async def _act(self, step: Step, people: Sequence[Person]) -> Done:
        acts = self._acts
        match step:
            case Step.TAKE_OFF:
                return await acts.take_off(people)
            case Step.RENAME:
                return await acts.rename(people)
            case Step.AWAIT:
                return await acts.wait(people)
            case Step.GIVE_BACK:
                return await acts.give_back(people)
            case Step.WRITE_DOWN:
                await acts.write_down(people)
            case Step.SETTLE:
                await acts.settle(people)
            case Step.CLOSE:
                await acts.close(people)
        return Done()

    async def _look(self, people: Sequence[Person], *, is_settled: bool = False) -> None:
        """See what is there now; whoever cannot be seen is left as they are.

        So soon after a write Graph may show what was before it.
        """
        if not people:
            return
        try:
            found = await self._acts.look(people)
        except TenantopsError as error:
            self.stopped = self.stopped or error
            found = {person.key: error for person in people}
        for person in people:
            look = found[person.key]
            if isinstance(look, TenantopsError):
                person.failures[Step.SETTLE] = look
                person.state = replace(person.state, is_left=True)
            else:
                person.failures.pop(Step.SETTLE, None)
                person.state = replace(
                    person.state,
                    cloud=look.cloud,
                    licenses=look.licenses,
                    inherited=look.inherited,
                    is_certain=is_settled,
                )


_WRITES_OF_LICENSES = frozenset({Step.TAKE_OFF, Step.GIVE_BACK})
_LEFT_AFTER = frozenset({Step.SETTLE, Step.CLOSE})


def _has_failed(person: Person) -> bool:
    """Whether something went wrong in the run; what was against somebody before does not count."""
    return bool(person.failures.keys() - {Step.END})


def _stay_behind(person: Person, holder: Person) -> None:
    error = not_free_yet(person.state.wanted or "", holder.name, person.name)
    person.failures.setdefault(Step.END, error)
    person.state = replace(person.state, is_given_up=True)


def _note_failure(person: Person, step: Step, error: TenantopsError) -> None:
    """Nothing more is tried towards the wanted name, but all that is needed to give back."""
    person.failures[step] = error
    state = replace(person.state, is_given_up=True)
    if step is Step.TAKE_OFF and not error.nothing_written:
        state = replace(state, may_be_taken=True)
    if step is Step.GIVE_BACK:
        person.returns += 1
    if step in _LEFT_AFTER or person.returns >= ATTEMPTS:
        state = replace(state, is_left=True)
    person.state = state


def _pieces(
    people: Sequence[Person], limits: Limits, *, first_canary: bool = False
) -> Iterator[Sequence[Person]]:
    start = 0
    size = min(limits.canary, limits.batch_size) if first_canary else limits.batch_size
    while start < len(people):
        yield people[start : start + size]
        start += size
        size = limits.batch_size
