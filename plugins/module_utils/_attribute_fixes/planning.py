# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which objects are to be changed and how: by the rules, or by what a review file says.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._attribute_rules.model import DirectoryObject, Finding, ValueChange
from .._attribute_scan.assessment import Assessment, JudgedObject
from .._attribute_scan.runner import FirstFindings
from .._attribute_scan.summary import FindingCount
from .._changes.converge import Failure, ManyProposal, Request
from .._errors import (
    ChangedMeanwhile,
    InvalidInput,
    NotUnderstood,
    ObjectGone,
    Refused,
    TenantopsError,
)
from .._review_file.model import ReviewFile, ReviewRow
from .model import Values, changes_of
from .review import colliding, decided
from .selection import Protection, Selection

_PROTECTED = "the object is protected (option protect)"

ReadNow = Callable[[Mapping[str, str], Iterable[str]], Mapping[str, Values | TenantopsError]]
"""Reads attributes of objects (DN by objectGUID) as they are now, by objectGUID."""


@dataclass
class FixPlan:
    """What is to be done, what cannot be, and what is left to people.

    `known` are the values of the objects by objectGUID. `left` are the worst of the findings that
    were to be fixed and are not; `left_count` counts all of them.
    """

    scope: int
    left: FirstFindings
    left_count: int = 0
    requests: list[Request] = field(default_factory=list)
    known: dict[str, Values] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    findings: FindingCount = field(default_factory=FindingCount)

    @property
    def proposal(self) -> ManyProposal:
        """The requests, in an order that does not depend on the server's."""
        ordered = sorted(self.requests, key=lambda request: (request.name, request.id))
        return ManyProposal(tuple(ordered), self.scope)

    def change(
        self, thing: DirectoryObject, changes: Iterable[ValueChange], findings: Sequence[Finding]
    ) -> None:
        """Plan the changes of an object."""
        planned = changes_of(thing, changes, findings)
        if planned:
            self.requests.append(Request(planned))
            self.known[thing.guid] = thing.values

    def leave(self, thing: DirectoryObject, finding: Finding) -> None:
        """Leave a finding to a person."""
        self.left_count += 1
        self.left.add(thing, (finding,))

    def fail(self, thing: DirectoryObject, error: TenantopsError) -> None:
        """Plan no change of an object, though one was wanted."""
        self.failures.append(Failure(thing.guid, thing.dn, error))


class Planner:
    """Plans over one assessment."""

    def __init__(
        self, assessment: Assessment, selection: Selection, protection: Protection, limit: int
    ) -> None:
        self._assessment = assessment
        self._selection = selection
        self._protection = protection
        self._own_domain = assessment.forest.domains[0].name
        self._plan = FixPlan(assessment.counts.in_scope, FirstFindings(limit))

    def by_rules(self) -> FixPlan:
        """Everything that was chosen and has a suggestion."""
        for judged in self._assessment.judged(self._selection.chooses):
            self._take_suggestions(judged)
        return self._plan

    def by_review(self, review: ReviewFile, read_now: ReadNow) -> FixPlan:
        """What people decided, of objects that are still as they were when they did."""
        decisions = self._decisions(review.rows, read_now)
        findings: dict[str, tuple[Finding, ...]] = {}
        for judged in self._assessment.judged(lambda _finding: True):
            rows = decisions[judged.object.guid][1] if judged.object.guid in decisions else ()
            self._plan.findings.add(judged.findings)
            if rows:
                findings[judged.object.guid] = judged.findings
            for finding in judged.findings:
                if self._selection.chooses(finding) and not _is_decided(finding, rows):
                    self._plan.leave(judged.object, _undecided(finding))
        planned: dict[str, tuple[DirectoryObject, Sequence[ValueChange]]] = {}
        for guid, (thing, its_rows) in decisions.items():
            if changes := self._carried_out(thing, its_rows):
                planned[guid] = (thing, changes)
        contested = colliding(planned, self._assessment.policy)
        for guid, (thing, its_changes) in planned.items():
            if guid in contested:
                self._plan.fail(thing, _collision(thing, contested[guid]))
            else:
                self._plan.change(thing, its_changes, findings.get(guid, ()))
        return self._plan

    def _take_suggestions(self, judged: JudgedObject) -> None:
        thing = judged.object
        self._plan.findings.add(judged.findings)
        is_protected = self._protection.covers(thing)
        for finding in filter(self._selection.chooses, judged.findings):
            if is_protected:
                self._plan.leave(thing, replace(finding, suggestion=None, reason=_PROTECTED))
            elif finding.suggestion is None:
                self._plan.leave(thing, finding)
        if not judged.changes or is_protected:
            return
        objection = self.objection(thing)
        if objection is None:
            self._plan.change(thing, judged.changes, judged.findings)
        else:
            self._plan.fail(thing, objection)

    def _decisions(
        self, rows: Sequence[ReviewRow], read_now: ReadNow
    ) -> dict[str, tuple[DirectoryObject, list[ReviewRow]]]:
        """The objects that rows are about as they are now, and their rows, by objectGUID."""
        found = self._assessment.find(
            {row.guid for row in rows if row.guid is not None},
            {row.dn.lower() for row in rows if row.guid is None},
        )
        decisions: dict[str, tuple[DirectoryObject, list[ReviewRow]]] = {}
        for row in rows:
            thing = found.get(row.dn.lower() if row.guid is None else row.guid)
            if thing is None:
                error = _not_read(row)
                self._plan.failures.append(Failure(row.guid or "", row.dn, error))
            else:
                decisions.setdefault(thing.guid, (thing, []))[1].append(row)
        names = {guid: thing.dn for guid, (thing, _rows) in decisions.items()}
        attributes = sorted({row.attribute for row in rows})
        for guid, now in read_now(names, attributes).items():
            thing, its_rows = decisions[guid]
            if isinstance(now, TenantopsError):
                self._plan.fail(thing, now)
                del decisions[guid]
                continue
            values = {**thing.values, **dict.fromkeys(attributes, ()), **now}
            kept = {name: held for name, held in values.items() if held}
            decisions[guid] = (replace(thing, values=kept), its_rows)
        return decisions

    def _carried_out(
        self, thing: DirectoryObject, rows: Sequence[ReviewRow]
    ) -> tuple[ValueChange, ...]:
        try:
            changes = decided(thing, rows, self._assessment.policy, self._assessment.taken)
        except (ChangedMeanwhile, InvalidInput) as error:
            self._plan.fail(thing, error)
            return ()
        if changes and (objection := self.objection(thing, refuse_protected=True)):
            self._plan.fail(thing, objection)
            return ()
        return changes

    def objection(
        self, thing: DirectoryObject, *, refuse_protected: bool = False
    ) -> TenantopsError | None:
        """Why an object cannot be changed whatever the change is."""
        if refuse_protected and self._protection.covers(thing):
            return Refused(
                "The object is protected",
                subject=thing.dn,
                advice="Take it out of protect, or out of the review file or what is renamed.",
            )
        if not thing.guid:
            return NotUnderstood(
                "The object's objectGUID cannot be read, so it could not be told from others",
                server=self._assessment.server,
                subject=thing.dn,
                advice="Give the account the right to read it.",
            )
        if thing.domain.lower() != self._own_domain.lower():
            return Refused(
                f"The object is in another domain than the server, {thing.domain or 'none'}",
                server=self._assessment.server,
                subject=thing.dn,
                answer=f"the server's domain is {self._own_domain}",
                advice="Name a domain controller of that domain in ad_servers, in a task of its"
                " own.",
            )
        return None


def _is_decided(finding: Finding, rows: Iterable[ReviewRow]) -> bool:
    about = {(finding.attribute, finding.value)}
    if finding.suggestion is not None:
        # The row is about what is to be written, which can be another attribute.
        about.add((finding.suggestion.attribute, finding.suggestion.before))
    return any((row.attribute, row.value) in about for row in rows)


def _undecided(finding: Finding) -> Finding:
    return replace(finding, reason=finding.reason or "the review file does not decide about it")


def _not_read(row: ReviewRow) -> TenantopsError:
    return ObjectGone(
        "The object is not among those that were read",
        subject=f"{row.dn} (line {row.line} of the review file)",
        advice="It may have been deleted or moved out of the forest, or the account may not read"
        " it. Write a new review file.",
    )


def _collision(thing: DirectoryObject, keys: Sequence[str]) -> TenantopsError:
    return InvalidInput(
        "The review file gives several objects what only one can have",
        subject=thing.dn,
        answer=", ".join(keys),
        advice="Decide which of them gets it.",
    )
