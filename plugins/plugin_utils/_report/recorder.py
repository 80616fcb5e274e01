# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gathers a run into a report, event by event.

Knows playbooks, hosts and results only by their names and values, so that it can be told any story
in a test. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .model import Failure, Mode, Report, Step, Tenant
from .observation import Observation, message, observe

NOT_REACHED = "No task of the collection was run for this tenant."
STOPPED = "The play was stopped before its end because others failed."
NO_RESULT = "no result came back; what was written is in the journal."


@dataclass(frozen=True)
class Ending:
    """How a task ended for a host: what Ansible says about it, beside the result itself."""

    failed: bool = False
    ignored: bool = False
    no_log: bool = False
    in_mode: bool = True
    """Whether the task ran in the mode of the run: false if it set `check_mode` otherwise."""


@dataclass
class _Batch:
    """The hosts that go through a play together."""

    targeted: tuple[str, ...]
    hosts: frozenset[str]
    has_steps: bool
    stopped: bool = False


@dataclass
class Recorder:
    """Takes the events of a run, and tells what became of the tenants.

    A tenant is every host that a task of the collection was run for. So is every host that a play
    with such tasks was meant for: one that never got to them must not keep an old plan that looks
    like this run's.
    """

    title: str
    mode: Mode
    started: datetime
    playbooks: list[str] = field(default_factory=list)
    has_steps: bool = False
    """Whether any play has a task of the collection, also one that was never started."""

    _tenants: dict[str, Tenant] = field(default_factory=dict)
    _elsewhere: dict[str, list[Failure]] = field(default_factory=dict)
    _steps: dict[Step, None] = field(default_factory=dict)
    _batches: list[_Batch] = field(default_factory=list)
    _running: dict[tuple[str, str], Step] = field(default_factory=dict)

    def playbook(self, name: str, *, has_steps: bool) -> None:
        """A playbook begins."""
        if name not in self.playbooks:
            self.playbooks.append(name)
        self.has_steps = self.has_steps or has_steps

    def play(self, targeted: Iterable[str], batch: Iterable[str], *, has_steps: bool) -> None:
        """A play begins for a batch of the hosts that it is meant for."""
        self._batches.append(_Batch(tuple(targeted), frozenset(batch), has_steps))
        self.has_steps = self.has_steps or has_steps

    def play_stopped(self) -> None:
        """Nothing more is run in this play, for none of its hosts."""
        if self._batches:
            self._batches[-1].stopped = True

    def step_started(self, host: str, task: str, step: Step) -> None:
        """A task of the collection begins for a host; `task` tells its runs apart."""
        self._add_step(step)
        self._tenant(host).count(step)
        self._running[host, task] = step

    def step_ended(
        self, host: str, task: str, step: Step, result: Mapping[str, Any], ending: Ending
    ) -> None:
        """A task of the collection ended with a result, good or bad."""
        step = self._end(host, task, step)
        tenant = self._tenant(host)
        observations = observe(result, failed=ending.failed, no_log=ending.no_log)
        if not observations:
            tenant.count(step).skipped += 1  # a loop over nothing
        for observation in observations:
            _take(tenant, step, observation, ending)

    def step_retried(
        self, host: str, task: str, step: Step, result: Mapping[str, Any], ending: Ending
    ) -> None:
        """A task of the collection is about to be run again.

        What an attempt really changed is changed, and the next one will not tell it again. A dry
        run's next attempt tells it all once more.
        """
        if self.mode is Mode.APPLY and ending.in_mode:
            step = self._running.get((host, task), step)
            tenant = self._tenant(host)
            for observation in observe(result, failed=False, no_log=ending.no_log):
                tenant.changes += observation.changes
                tenant.count(step).changes += len(observation.changes)

    def step_skipped(self, host: str, task: str, step: Step) -> None:
        """A task of the collection was not to be run for a host."""
        step = self._end(host, task, step)
        self._tenant(host).count(step).skipped += 1

    def step_unreachable(
        self, host: str, task: str, step: Step, result: Mapping[str, Any], ending: Ending
    ) -> None:
        """A task of the collection could not reach the host that it was to run on."""
        step = self._end(host, task, step)
        tenant = self._tenant(host)
        tenant.count(step).unreachable += 1
        told = message({"censored": True} if ending.no_log else result)
        tenant.failures.append(
            Failure(step.label, step.action, told, unreachable=True, ignored=ending.ignored)
        )

    def failed_elsewhere(
        self, host: str, name: str, action: str, result: Mapping[str, Any], *, unreachable: bool
    ) -> None:
        """A task of somebody else failed for a host, and what was to follow may be missing."""
        failure = Failure(name, action, message(result), unreachable=unreachable)
        self._elsewhere.setdefault(host, []).append(failure)

    def report(
        self,
        ended: datetime | None,
        *,
        lost: Collection[str] = (),
        known: Collection[str] = (),
    ) -> Report:
        """The report as it stands.

        `lost` are the hosts that Ansible counts as failed or unreachable in the end: only for these
        do the failures of other tasks count, because others were rescued. `known` are the hosts
        that have a plan file of an earlier run.
        """
        tenants = {name: _copy(tenant) for name, tenant in self._tenants.items()}
        for name in self._missed(lost, known):
            tenants.setdefault(name, Tenant(name))
        for tenant in tenants.values():
            self._conclude(tenant, is_lost=tenant.name in lost)
        return Report(
            title=self.title,
            playbook=", ".join(self.playbooks),
            mode=self.mode,
            started=self.started,
            ended=ended,
            steps=tuple(self._steps),
            tenants=[tenants[name] for name in sorted(tenants)],
        )

    def _conclude(self, tenant: Tenant, *, is_lost: bool) -> None:
        """Tell what the results themselves could not: what is missing, and what did not matter."""
        for (name, _task), step in self._running.items():
            if name == tenant.name:
                tenant.gaps.append(f"{step.label}: {NO_RESULT}")
                tenant.count(step).unknown += 1
        batches = [batch for batch in self._batches if tenant.name in batch.hosts]
        if any(batch.stopped for batch in batches):
            tenant.gaps.append(STOPPED)
        began = any(batch.has_steps for batch in batches)
        if not tenant.steps and (is_lost or not began):
            tenant.gaps.append(NOT_REACHED)
        if is_lost:
            tenant.failures += self._elsewhere.get(tenant.name, [])
        else:
            tenant.failures = [replace(failure, ignored=True) for failure in tenant.failures]
            tenant.gates = [replace(gate, ignored=True) for gate in tenant.gates]

    def _missed(self, lost: Collection[str], known: Collection[str]) -> Iterable[str]:
        """Hosts that ran no task of the collection, but were to, or may look as if they had."""
        for batch in self._batches:
            for host in batch.targeted:
                if batch.has_steps or (self.has_steps and host in lost and host in known):
                    yield host

    def _tenant(self, host: str) -> Tenant:
        return self._tenants.setdefault(host, Tenant(host))

    def _add_step(self, step: Step) -> None:
        self._steps.setdefault(step)
        self.has_steps = True
        if self._batches:
            self._batches[-1].has_steps = True

    def _end(self, host: str, task: str, step: Step) -> Step:
        """The step under the name it began with, which no tenant's variables have gone into."""
        known = self._running.pop((host, task), None)
        if known is None:
            self._add_step(step)
            return step
        return known


def _take(tenant: Tenant, step: Step, observation: Observation, ending: Ending) -> None:
    count = tenant.count(step)
    if ending.in_mode:
        tenant.changes += observation.changes
        count.changes += len(observation.changes)
    else:
        tenant.other_mode += observation.changes
    tenant.conflicts += observation.conflicts
    if observation.assessment is not None:
        tenant.assessments.append((step.label, observation.assessment))
    if observation.domain_assessment is not None:
        tenant.domain_assessments.append((step.label, observation.domain_assessment))
    if observation.guest_assessment is not None:
        tenant.guest_assessments.append((step.label, observation.guest_assessment))
    if observation.account_assessment is not None:
        tenant.account_assessments.append((step.label, observation.account_assessment))
    if observation.is_gate:
        count.gates += 1
        tenant.gates.append(_failure(step, observation, ending))
    elif observation.failed:
        count.failed += 1
        tenant.failures.append(_failure(step, observation, ending))
    elif observation.gap:
        count.unknown += 1
        tenant.gaps.append(f"{step.label}: {observation.gap}")
    elif observation.skipped:
        count.skipped += 1
    else:
        count.ok += 1


def _failure(step: Step, observation: Observation, ending: Ending) -> Failure:
    return Failure(
        step=step.label,
        action=step.action,
        message=observation.message,
        error=observation.error,
        ignored=ending.ignored or not ending.failed,
    )


def _copy(tenant: Tenant) -> Tenant:
    """A tenant that can be added to: a report is made more than once in a run."""
    return Tenant(
        name=tenant.name,
        changes=list(tenant.changes),
        other_mode=list(tenant.other_mode),
        failures=list(tenant.failures),
        gates=list(tenant.gates),
        gaps=list(tenant.gaps),
        conflicts=list(tenant.conflicts),
        assessments=list(tenant.assessments),
        domain_assessments=list(tenant.domain_assessments),
        guest_assessments=list(tenant.guest_assessments),
        account_assessments=list(tenant.account_assessments),
        steps={step: replace(count) for step, count in tenant.steps.items()},
    )
