# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a report tells: which tenants went through which steps, and what changed there.

Plain data: no I/O and no Ansible. Private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ...module_utils._changes.model import Change
from ...module_utils._changes.plan import Plan
from .accounts import AccountAssessment
from .assessment import Assessment
from .domains import DomainAssessment
from .guests import GuestAssessment


class Mode(StrEnum):
    """Whether the run as a whole was a dry run; also the name of its folder."""

    CHECK = "check"
    APPLY = "apply"


@dataclass(frozen=True)
class Step:
    """A task of this collection in a playbook, the same for all tenants."""

    name: str
    action: str
    role: str = ""

    @property
    def label(self) -> str:
        """The step in one line."""
        return f"{self.role}: {self.name}" if self.role else self.name


@dataclass
class StepCount:
    """How often a step ended in which way for one tenant; more than once if it is run again."""

    ok: int = 0
    failed: int = 0
    skipped: int = 0
    unreachable: int = 0
    gates: int = 0
    """Stopped where only a person can go on; such a task is not counted as failed."""
    changes: int = 0
    unknown: int = 0
    """Ended in a way that leaves the changes unknown: hidden, in the background, or no result."""

    @property
    def is_trouble(self) -> bool:
        """Whether changes may be missing from the plan because of this step."""
        return bool(self.failed or self.unreachable or self.gates or self.unknown)

    @property
    def label(self) -> str:
        """What to show people, the worst first."""
        told = [
            name
            for name, count in (
                ("unreachable", self.unreachable),
                ("failed", self.failed),
                ("unknown", self.unknown),
            )
            if count
        ]
        if self.gates:
            told.append("open gate" if self.gates == 1 else f"{self.gates} open gates")
        if self.changes:
            told.append(f"{self.changes} {'change' if self.changes == 1 else 'changes'}")
        if not told:
            told.append("ok" if self.ok else "skipped" if self.skipped else "not run")
        return ", ".join(told)


@dataclass(frozen=True)
class Failure:
    """A task that failed for a tenant: its step or the name of another task, and its message.

    A gate, where a person must go on, is one too. `ignored` is true where the playbook went on for
    the tenant in spite of it.
    """

    step: str
    action: str
    message: str
    error: Mapping[str, Any] | None = None
    unreachable: bool = False
    ignored: bool = False

    def told(self, part: str) -> str:
        """A part of the error, such as its advice; without one the message is the problem."""
        parts: Mapping[str, Any] = {"problem": self.message} if self.error is None else self.error
        return str(parts.get(part, ""))

    def to_json(self) -> dict[str, Any]:
        """The failure as it stands in a plan file."""
        return {
            "step": self.step,
            "action": self.action,
            "msg": self.message,
            "error": None if self.error is None else dict(self.error),
            "unreachable": self.unreachable,
            "ignored": self.ignored,
        }


@dataclass(frozen=True)
class Conflict:
    """A change that a rollback left alone: what it found there instead, and why."""

    change: Change
    found: str
    reason: str


@dataclass
class Tenant:
    """One tenant in one run.

    `changes` are those of the run's own mode. `other_mode` are the changes of tasks that set
    `check_mode` themselves: looked at but not made in a real run, really made in a dry run.
    `gates` are what a person has to do before the tenant can go on, and none of the `failures`.
    `gaps` says in words why changes may be missing although no task failed. `assessments` are what
    tasks found in its directory, in their order, with the labels of their steps;
    `domain_assessments` likewise what they found out about domains, and `guest_assessments` about
    guests, and `account_assessments` about the people of the directory and the cloud.
    """

    name: str
    changes: list[Change] = field(default_factory=list)
    other_mode: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    gates: list[Failure] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    assessments: list[tuple[str, Assessment]] = field(default_factory=list)
    domain_assessments: list[tuple[str, DomainAssessment]] = field(default_factory=list)
    guest_assessments: list[tuple[str, GuestAssessment]] = field(default_factory=list)
    account_assessments: list[tuple[str, AccountAssessment]] = field(default_factory=list)
    steps: dict[Step, StepCount] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether the changes are all that this run was to make for the tenant."""
        return not self.failures and not self.gates and not self.gaps

    @property
    def unreachable(self) -> bool:
        """Whether a task could not reach the host that it was to run on."""
        return any(failure.unreachable for failure in self.failures)

    @property
    def outcome(self) -> str:
        """The tenant's run in short: unreachable, failed, at a gate, incomplete or complete."""
        if self.unreachable:
            return "unreachable"
        if self.failures:
            return "failed"
        if self.gates:
            return "at a gate"
        return "complete" if self.complete else "incomplete"

    @property
    def guests(self) -> GuestAssessment | None:
        """What is known about its guests: as the last task found that looked at all of them, or
        else the last that looked at any."""
        found = [assessment for _label, assessment in self.guest_assessments]
        whole = [assessment for assessment in found if assessment.is_whole]
        counting = whole or found
        return counting[-1] if counting else None

    @property
    def assessment(self) -> Assessment | None:
        """What was found in the directory: by the last task that only looked, if there was one."""
        found = [assessment for _label, assessment in self.assessments]
        return next(
            (assessment for assessment in reversed(found) if not assessment.is_before_fixes),
            found[-1] if found else None,
        )

    def count(self, step: Step) -> StepCount:
        """The count of a step, made on first use."""
        return self.steps.setdefault(step, StepCount())


@dataclass(frozen=True)
class Report:
    """One run over its tenants. Times are in UTC; `ended` is null while the run goes on."""

    title: str
    playbook: str
    mode: Mode
    started: datetime
    ended: datetime | None
    steps: Sequence[Step]
    tenants: Sequence[Tenant]

    def plan(self, tenant: Tenant) -> Plan:
        """What a tenant's plan file holds."""
        return Plan(tenant.name, self.playbook, self.mode.value, tuple(tenant.changes))

    @property
    def changes(self) -> Iterator[Change]:
        """The changes of all tenants."""
        return (change for tenant in self.tenants for change in tenant.changes)

    @property
    def outcomes(self) -> Counter[str]:
        """How many tenants ended in which way."""
        return Counter(tenant.outcome for tenant in self.tenants)

    @property
    def complete(self) -> bool:
        """Whether the run went through for every tenant."""
        return self.ended is not None and all(tenant.complete for tenant in self.tenants)
