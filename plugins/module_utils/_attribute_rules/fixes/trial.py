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
from itertools import chain
from typing import NamedTuple, TypeAlias

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
from .places import LONGEST_REPAIRED, addresses_of
from .step import Case, Step

Taken = Callable[[str, str, str], bool]
Origin: TypeAlias = Mapping["tuple[str, str | None]", "str | None"]
"""By attribute and value: the value that it was in the beginning."""

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

# Two are usual: the second finds nothing more to do.
_MOST_ROUNDS = 5
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

    def broke_somewhere(self, rule_id: str) -> bool:
        """Whether the object as it is breaks a rule with any value."""
        return _has(self.wanted_breaches, rule_id) or _has(self.breaches, rule_id)


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

    All of them are tried at once, since together they may be good where each alone is not; the ones
    to blame for any harm are left out then. What was not possible in the first round may be in the
    next, after the others were taken.
    """
    trial = _Trial(Start(obj, tuple(wanted), policy, taken))
    for _round in range(_MOST_ROUNDS):
        if not trial.take_round():
            break
    return trial.outcome()


def _matters(finding: Finding) -> bool:
    """Whether a finding is more than advice."""
    return finding.severity is not Severity.ADVICE


class _Trial:
    """The steps that were taken from the start, and the object after them."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._now = start.obj
        self._findings = tuple(filter(_may_be_repaired, start.wanted))
        self._judged: tuple[Finding, ...] = ()
        self._origin: Origin = {}
        self._steps: list[Step] = []
        self._answered: set[Breach] = set()
        self._refused: dict[str, Refusal] = {}

    def take_round(self) -> bool:
        """Take every step that does no harm; false if there is none."""
        # What could not be done before may be possible now.
        self._refused = {}
        while steps := self._proposed():
            changes = tuple(change for step in steps for change in step.changes)
            after = changed(self._now, composed(changes))
            attempt = _Attempt(
                self._start, self._now, after, self._origin_after(changes), tuple(steps)
            )
            to_blame = attempt.steps_to_blame()
            if not to_blame:
                self._accept(attempt)
                return True
            for subject, reason in to_blame.items():
                answers = next(step.answers for step in steps if step.subject == subject)
                self._refused[subject] = self._refusal(answers, reason)
        return False

    def outcome(self) -> Outcome:
        """Where the steps led that were taken."""
        still = {_at_start(finding, self._origin) for finding in self._judged}
        # Some rules hold again although no step was for them: a sAMAccountName does not matter any
        # more when there is a userPrincipalName.
        solved = frozenset(
            breach
            for breach in self._start.wanted_breaches - still
            if self._steps and (breach in self._answered or breach in self._start.breaches)
        )
        net = composed(change for step in self._steps for change in step.changes)
        return Outcome(net, tuple(self._steps), solved, tuple(self._refused.values()))

    def _proposed(self) -> list[Step]:
        """All steps that change something, each made for what the ones before it leave."""
        now, findings, steps = self._now, self._findings, list[Step]()
        for fixer in _FIXERS:
            if not findings:
                break
            mine = [_effective(step) for step in fixer(Case(now, findings, self._start.policy))]
            for step in mine:
                if step.reason:
                    self._refused[step.subject] = self._refusal(step.answers, step.reason)
            mine = [step for step in mine if step.changes and step.subject not in self._refused]
            if mine:
                steps += mine
                now = changed(now, [change for step in mine for change in step.changes])
                findings = tuple(_followed(findings, mine))
        return steps

    def _accept(self, attempt: _Attempt) -> None:
        self._now, self._judged, self._origin = attempt.after, attempt.judged, attempt.origin
        self._steps += attempt.steps
        for step in attempt.steps:
            self._answered |= {_at_start(finding, self._origin) for finding in step.answers}
        wanted = self._start.wanted_breaches
        self._findings = tuple(
            finding
            for finding in filter(_may_be_repaired, self._judged)
            if _at_start(finding, self._origin) in wanted
        )

    def _refusal(self, answers: Iterable[Finding], reason: str) -> Refusal:
        return Refusal(reason, frozenset(_at_start(one, self._origin) for one in answers))

    def _origin_after(self, changes: Iterable[ValueChange]) -> Origin:
        """Which value each changed value was in the beginning."""
        origin = dict(self._origin)
        for change in changes:
            before = origin.get((change.attribute, change.before), change.before)
            if change.after is not None:
                origin[change.attribute, change.after] = before
        return origin


@dataclass(frozen=True)
class _Attempt:
    """Steps that would lead from one state of the object to another."""

    start: Start
    now: DirectoryObject
    after: DirectoryObject
    origin: Origin
    steps: tuple[Step, ...]

    @cached_property
    def judged(self) -> tuple[Finding, ...]:
        """What rules say about the object after the steps."""
        return judge(self.after, self.start.policy)

    def steps_to_blame(self) -> dict[str, str]:
        """The subjects of the steps that do harm, with the reasons."""
        # What blocks is a better reason than what is a warning.
        found = sorted(self.judged, key=lambda finding: finding.severity is not Severity.BLOCKING)
        blame: dict[str, str] = {}
        for reason, steps in chain(self._clashing(), *map(self._breaking, filter(_matters, found))):
            for step in steps:
                blame.setdefault(step.subject, reason)
        return blame

    def _breaking(self, finding: Finding) -> Iterator[tuple[str, Iterable[Step]]]:
        """No rule is broken by a value that is written, nor by another one for the first time."""
        writers = self._writers.get((finding.attribute, finding.value))
        if writers and not self._is_old_mismatch(finding):
            yield _still_broken(finding), writers
        elif not self.start.broke(_at_start(finding, self.origin)) and not self._comes_to_light(
            finding
        ):
            near = [step for step in self.steps if _touches(step, finding.attribute)]
            yield _still_broken(finding), near or self.steps

    def _clashing(self) -> Iterator[tuple[str, Iterable[Step]]]:
        """Nobody else has what is written, and nobody else claims what was there before.

        Not even in another spelling or another attribute is an address written anew that somebody
        else has as well: which of them keeps it must be settled first. But several may forward to
        the same address.
        """
        claims = uniqueness_claims(self.after, self.start.policy)
        old = _by_identity(uniqueness_claims(self.now, self.start.policy))
        for claim in claims:
            identity = (claim.space, claim.key)
            writers = self._writers.get((claim.attribute, claim.value))
            is_old_target = claim.attribute == TARGET_ADDRESS and identity in old
            if writers and not is_old_target and self.start.taken(*identity, self.after.guid):
                told = f"{claim.value} is what it should be, but another object has it or is to"
                yield f"{told} get it.", writers
        for identity in old.keys() - _by_identity(claims).keys():
            claim = old[identity]
            rewriters = self._rewriters.get((claim.attribute, claim.value))
            if rewriters and self.start.taken(*identity, self.after.guid):
                told = f"Another object has {claim.value} too: only a person can tell which of"
                yield f"{told} them keeps it.", rewriters

    def _comes_to_light(self, finding: Finding) -> bool:
        """Without a primary address the userPrincipalName could not be unlike it before."""
        return (
            finding.rule == _UNLIKE_PRIMARY
            and finding.value == self.start.obj.one(USER_PRINCIPAL_NAME)
            and not addresses_of(self.start.obj).primaries
        )

    def _is_old_mismatch(self, finding: Finding) -> bool:
        """A value that does not match another one is no worse for being put right in itself."""
        return (
            finding.kind is Kind.MISMATCH
            and finding.severity is Severity.WARNING
            and self.start.broke_somewhere(finding.rule)
        )

    @cached_property
    def _writers(self) -> dict[tuple[str, str | None], list[Step]]:
        """The steps that wrote a value."""
        writers: dict[tuple[str, str | None], list[Step]] = {}
        for step in self.steps:
            for change in step.changes:
                writers.setdefault((change.attribute, change.after), []).append(step)
        return writers

    @cached_property
    def _rewriters(self) -> dict[tuple[str, str | None], list[Step]]:
        """The steps that replaced a value."""
        rewriters: dict[tuple[str, str | None], list[Step]] = {}
        for step in self.steps:
            for change in step.changes:
                rewriters.setdefault((change.attribute, change.before), []).append(step)
        return rewriters


def _may_be_repaired(finding: Finding) -> bool:
    """What others hold as well does not get better by anything done to one object, and what is so
    long needs a person anyway."""
    return not finding.holders and len(finding.value or "") <= LONGEST_REPAIRED


def _at_start(finding: Finding, origin: Origin) -> Breach:
    """What a finding was about in the beginning."""
    value = origin.get((finding.attribute, finding.value), finding.value)
    return Breach(finding.rule, finding.attribute, value)


def _has(breaches: Iterable[Breach], rule_id: str) -> bool:
    return any(breach.rule == rule_id for breach in breaches)


def _touches(step: Step, attribute: str) -> bool:
    return any(change.attribute == attribute for change in step.changes)


def _effective(step: Step) -> Step:
    """The step with nothing but what changes something."""
    changes = tuple(change for change in step.changes if change.before != change.after)
    return step if len(changes) == len(step.changes) else replace(step, changes=changes)


def _followed(findings: Iterable[Finding], steps: Iterable[Step]) -> Iterator[Finding]:
    """The findings that the steps leave, about the values as they are after them."""
    answers = {Breach.of(finding) for step in steps for finding in step.answers}
    after = {
        (change.attribute, change.before): change.after for step in steps for change in step.changes
    }
    for finding in findings:
        if Breach.of(finding) not in answers:
            value = after.get((finding.attribute, finding.value), finding.value)
            yield finding if value == finding.value else replace(finding, value=value)


def _by_identity(claims: Iterable[Claim]) -> dict[tuple[str, str], Claim]:
    return {(claim.space, claim.key): claim for claim in claims}


def _still_broken(finding: Finding) -> str:
    """Why the value that would be written is not good enough."""
    why = rule(finding.rule).why_person
    told = f"What can be done without a person breaks {finding.rule}: {finding.detail}."
    return f"{told} {why}".rstrip()
