# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trying steps out on an object, with every rule watching.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from ..attributes import TARGET_ADDRESS, USER_PRINCIPAL_NAME
from ..catalogue import rule
from ..judgement import Claim, judge, uniqueness_claims
from ..model import DirectoryObject, Finding, Kind, Severity, ValueChange
from ..policy import Policy
from ..value_changes import changed, composed
from . import (
    blank_values,
    names,
    nickname,
    proxy_addresses,
    rewriting,
    sign_in_name,
    target_address,
)
from .needs_person import NeedsPerson
from .places import addresses_of
from .step import Case, Step

Taken = Callable[[str, str, str], bool]

# In this order: an address is put right before anybody asks which of them is the primary one.
_FIXERS: tuple[Callable[[Case], Iterator[Step]], ...] = (
    blank_values.propose,
    names.propose,
    rewriting.propose,
    target_address.propose,
    proxy_addresses.propose,
    nickname.propose,
    sign_in_name.propose,
)

_UNLIKE_PRIMARY = f"{USER_PRINCIPAL_NAME}.not_primary_address"


class Breach(NamedTuple):
    """A rule and the value that breaks it, as that value was in the beginning."""

    rule: str
    attribute: str
    value: str | None

    @classmethod
    def of(cls, finding: Finding) -> Breach:
        """What a finding is about, however it is told."""
        return cls(finding.rule, finding.attribute, finding.value)


class Refusal(NamedTuple):
    """Why a step was not taken, and what it would have been for."""

    reason: str
    breaches: frozenset[Breach]


@dataclass(frozen=True)
class Start:
    """The object as it is, and what is wanted of it."""

    obj: DirectoryObject
    wanted: tuple[Finding, ...]
    policy: Policy
    taken: Taken

    @cached_property
    def wanted_breaches(self) -> frozenset[Breach]:
        """What is to be repaired."""
        return frozenset(map(Breach.of, self.wanted))

    @cached_property
    def breaches(self) -> frozenset[Breach]:
        """All rules that the object breaks by itself, which is seldom asked for."""
        return frozenset(map(Breach.of, judge(self.obj, self.policy)))

    def broke(self, breach: Breach) -> bool:
        """Whether the object as it is breaks a rule so."""
        return breach in self.wanted_breaches or breach in self.breaches


@dataclass(frozen=True)
class Outcome:
    """Where the steps led: the net `changes`, what was `solved` by them, and what was refused."""

    changes: tuple[ValueChange, ...]
    steps: tuple[Step, ...]
    solved: frozenset[Breach]
    refused: tuple[Refusal, ...]


def try_out(
    obj: DirectoryObject, wanted: Sequence[Finding], policy: Policy, taken: Taken
) -> Outcome:
    """Take every step that the findings ask for and that does no harm.

    No value is left changed that still breaks a rule: the steps that led to it are undone.
    """
    start = Start(obj, tuple(wanted), policy, taken)
    # What nearly every object needs is judged only once so.
    trial = _Trial(start, {})
    trial.take_all()
    trial.take_each()
    spoiled: dict[str, Refusal] = {}
    while bad := trial.spoiled_steps():
        spoiled |= bad if trial.is_careful else {}
        trial = _Trial(start, spoiled)
        trial.take_each()
    return trial.outcome()


def _matters(finding: Finding) -> bool:
    """Whether a finding is more than advice."""
    return finding.severity is not Severity.ADVICE


class _Trial:
    """The steps that were taken from the start, and the object after them."""

    def __init__(self, start: Start, spoiled: Mapping[str, Refusal]) -> None:
        self.is_careful = True
        self._start = start
        self._spoiled = spoiled
        self._now = start.obj
        # What others hold as well does not get better by anything done to this object.
        self._findings = tuple(finding for finding in start.wanted if not finding.holders)
        self._judged: tuple[Finding, ...] = ()
        self._origin: dict[tuple[str, str | None], str | None] = {}
        self._steps: list[Step] = []
        self._answered: set[Breach] = set()
        self._refused: dict[str, Refusal] = {}

    def take_all(self) -> None:
        """Take every step at once, if that does no harm; else none."""
        now, findings, steps = self._now, self._findings, list[Step]()
        for fixer in _FIXERS:
            for step in map(_effective, fixer(Case(now, findings, self._start.policy))):
                if step.changes:
                    steps.append(step)
                    now = changed(now, step.changes)
                    findings = tuple(_followed(findings, step))
        self.is_careful = not (steps and self._accept(steps, now))

    def take_each(self) -> None:
        """Take one step after the other, until there is none that may be taken."""
        while self._take_one():
            pass

    def spoiled_steps(self) -> dict[str, Refusal]:
        """The steps that led to a value that still breaks a rule."""
        written = {(change.attribute, change.after) for change in self._net()}
        bad: dict[str, Refusal] = {}
        # What blocks is the better reason.
        found = sorted(self._judged, key=lambda finding: finding.severity is not Severity.BLOCKING)
        for finding in filter(_matters, found):
            if (finding.attribute, finding.value) in written and not self._is_old_mismatch(finding):
                for step in self._steps_to(finding.attribute, finding.value):
                    refusal = self._refusal(step, _still_broken(finding))
                    bad.setdefault(step.subject, refusal)
        return bad

    def outcome(self) -> Outcome:
        """Where the steps led that were taken."""
        still = set(map(self._breach, self._judged))
        # Some rules hold again although no step was for them: a sAMAccountName does not matter any
        # more when there is a userPrincipalName.
        gone = {
            breach
            for breach in self._start.wanted_breaches - still
            if self._steps and (breach in self._answered or breach in self._start.breaches)
        }
        refused = (*self._spoiled.values(), *self._refused.values())
        return Outcome(self._net(), tuple(self._steps), frozenset(gone), refused)

    def _take_one(self) -> bool:
        if not self._findings:
            return False
        passed_over = {*self._spoiled, *(step.subject for step in self._steps)}
        case = Case(self._now, self._findings, self._start.policy)
        for fixer in _FIXERS:
            for step in map(_effective, fixer(case)):
                if step.subject not in passed_over and self._try(step):
                    return True
        return False

    def _try(self, step: Step) -> bool:
        if step.changes:
            return self._accept([step], changed(self._now, step.changes))
        if step.reason:
            self._refused[step.subject] = self._refusal(step, step.reason)
        return False

    def _accept(self, steps: Sequence[Step], after: DirectoryObject) -> bool:
        """Take the steps that lead to `after`, unless they do harm."""
        changes = [change for step in steps for change in step.changes]
        judged = judge(after, self._start.policy)
        old_origin, self._origin = self._origin, self._origin_after(changes)
        try:
            self._check_rules(judged)
            self._check_uniqueness(after, changes)
        except NeedsPerson as reason:
            for step in steps:
                self._refused[step.subject] = self._refusal(step, str(reason))
            self._origin = old_origin
            return False
        self._now, self._judged = after, judged
        self._steps += steps
        self._answered |= {self._breach(finding) for step in steps for finding in step.answers}
        wanted = self._start.wanted_breaches
        self._findings = tuple(one for one in judged if self._breach(one) in wanted)
        # What could not be done before may be possible now.
        self._refused.clear()
        return True

    def _check_rules(self, judged: Sequence[Finding]) -> None:
        """No rule is broken that was not broken before. Raises `NeedsPerson`."""
        for finding in filter(_matters, judged):
            if not self._start.broke(self._breach(finding)) and not self._comes_to_light(finding):
                raise NeedsPerson(_still_broken(finding))

    def _check_uniqueness(self, after: DirectoryObject, changes: Sequence[ValueChange]) -> None:
        """Nobody else has what is written, and nobody else claims what was there before. Raises
        `NeedsPerson`.

        Not even in another spelling or another attribute is an address written anew that somebody
        else has as well: which of them keeps it must be settled first. But several may forward to
        the same address.
        """
        claims = uniqueness_claims(after, self._start.policy)
        old = _by_identity(uniqueness_claims(self._now, self._start.policy))
        written = {(change.attribute, change.after) for change in changes}
        for claim in claims:
            identity = (claim.space, claim.key)
            is_written = (claim.attribute, claim.value) in written
            is_old_target = claim.attribute == TARGET_ADDRESS and identity in old
            if is_written and not is_old_target and self._start.taken(*identity, after.guid):
                raise NeedsPerson(
                    f"{claim.value} is what it should be, but another object has it or is to get"
                    " it."
                )
        rewritten = {(change.attribute, change.before) for change in changes}
        for identity in old.keys() - _by_identity(claims).keys():
            claim = old[identity]
            is_rewritten = (claim.attribute, claim.value) in rewritten
            if is_rewritten and self._start.taken(*identity, after.guid):
                raise NeedsPerson(
                    f"Another object has {claim.value} too: only a person can tell which of them"
                    " keeps it."
                )

    def _comes_to_light(self, finding: Finding) -> bool:
        """Without a primary address the userPrincipalName could not be unlike it before."""
        return (
            finding.rule == _UNLIKE_PRIMARY
            and finding.value == self._start.obj.one(USER_PRINCIPAL_NAME)
            and not addresses_of(self._start.obj).primaries
        )

    def _is_old_mismatch(self, finding: Finding) -> bool:
        """A value that does not match another one is no worse for being put right in itself."""
        return (
            finding.kind is Kind.MISMATCH
            and finding.severity is Severity.WARNING
            and any(
                breach.rule == finding.rule
                for breach in (*self._start.wanted_breaches, *self._start.breaches)
            )
        )

    def _breach(self, finding: Finding) -> Breach:
        breach = Breach.of(finding)
        position = (breach.attribute, breach.value)
        return breach._replace(value=self._origin.get(position, breach.value))

    def _refusal(self, step: Step, reason: str) -> Refusal:
        return Refusal(reason, frozenset(map(self._breach, step.answers)))

    def _origin_after(
        self, changes: Iterable[ValueChange]
    ) -> dict[tuple[str, str | None], str | None]:
        """Which value each changed value was in the beginning."""
        origin = dict(self._origin)
        for change in changes:
            before = origin.get((change.attribute, change.before), change.before)
            if change.after is not None:
                origin[change.attribute, change.after] = before
        return origin

    def _net(self) -> tuple[ValueChange, ...]:
        return composed(change for step in self._steps for change in step.changes)

    def _steps_to(self, attribute: str, value: str | None) -> Iterator[Step]:
        """The steps that made a value what it is, the last one first."""
        for step in reversed(self._steps):
            for change in step.changes:
                if change.attribute == attribute and change.after == value:
                    yield step
                    value = change.before
                    break


def _effective(step: Step) -> Step:
    """The step with nothing but what changes something."""
    changes = tuple(change for change in step.changes if change.before != change.after)
    return step if len(changes) == len(step.changes) else replace(step, changes=changes)


def _followed(findings: Iterable[Finding], step: Step) -> Iterator[Finding]:
    """The findings that the step leaves, about the values as they are after it."""
    after = {(change.attribute, change.before): change.after for change in step.changes}
    for finding in findings:
        if finding not in step.answers:
            value = after.get((finding.attribute, finding.value), finding.value)
            yield finding if value == finding.value else replace(finding, value=value)


def _by_identity(claims: Iterable[Claim]) -> dict[tuple[str, str], Claim]:
    return {(claim.space, claim.key): claim for claim in claims}


def _still_broken(finding: Finding) -> str:
    """Why the value that would be written is not good enough."""
    why = rule(finding.rule).why_person
    told = f"What can be done without a person breaks {finding.rule}: {finding.detail}."
    return f"{told} {why}".rstrip()
