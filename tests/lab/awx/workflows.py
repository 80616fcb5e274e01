# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of workflows: which node comes next, which variables its job gets, and the approval.

Jobs run nothing. A test says of each template how its jobs end and what they hand on.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .checks import Object
from .objects import NotFound, Objects, Refused
from .surveys import answers


@dataclass(frozen=True)
class Ended:
    """How a job ended. `artifacts` is what `set_stats` handed on: by slice, as they finished."""

    succeeded: bool = True
    artifacts: Sequence[Mapping[str, Any]] = ()


# What becomes of the jobs of a template, by its name, from the variables they get.
Script = Callable[[Mapping[str, Any]], Ended]


@dataclass
class Job:
    """A node of a run that was reached. An approval waits as pending."""

    number: int
    node: Object
    template: Object
    variables: Mapping[str, Any]
    status: str = "pending"
    handed_on: dict[str, Any] = field(default_factory=dict)

    @property
    def is_waiting(self) -> bool:
        return self.status == "pending"


@dataclass
class Run:
    """A launched workflow."""

    number: int
    template: Object
    variables: dict[str, Any]
    jobs: dict[str, Job] = field(default_factory=dict)
    status: str = "running"

    @property
    def course(self) -> list[str]:
        """The nodes that were reached, in their order."""
        return list(self.jobs)


def _succeed(variables: Mapping[str, Any]) -> Ended:
    return Ended()


class Workflows:
    """All runs of a controller. `scripts` are by the name of the template."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._numbers = itertools.count(1000)
        self.scripts: dict[str, Script] = {}
        self.runs: list[Run] = []

    def launch(self, workflow: int, given: Mapping[str, Any]) -> Run:
        """Start a workflow. Raises `Refused` for variables that it does not ask for."""
        template = self._objects.object("workflow_job_templates", workflow)
        variables, errors = answers(template, self._objects.survey(workflow), given)
        if errors:
            raise Refused(errors)
        run = Run(next(self._numbers), template, variables)
        self.runs.append(run)
        self._go_on(run)
        return run

    def decide(self, number: int, *, approve: bool) -> None:
        """Approve what waits, or deny it. Raises `NotFound`, and `Refused` if it was decided."""
        for run in self.runs:
            for job in run.jobs.values():
                if job.number == number:
                    if not job.is_waiting:
                        raise Refused({"error": "This workflow step has already been decided."})
                    job.status = "successful" if approve else "failed"
                    self._go_on(run)
                    return
        raise NotFound

    def run(self, number: int) -> Run:
        """A run by its number. Raises `NotFound`."""
        for run in self.runs:
            if run.number == number:
                return run
        raise NotFound

    def _go_on(self, run: Run) -> None:
        while ready := list(self._ready(run)):
            for node in ready:
                self._start(run, node)
        if not any(job.is_waiting for job in run.jobs.values()):
            run.status = (
                "failed"
                if any(self._is_unhandled(job) for job in run.jobs.values())
                else "successful"
            )

    def _ready(self, run: Run) -> Iterator[Object]:
        nodes = [
            node
            for node in self._objects.all("workflow_job_template_nodes")
            if node["workflow_job_template"] == run.template["id"]
        ]
        linked = {child["id"] for node in nodes for child in self._children(node)}
        for node in nodes:
            if node["identifier"] in run.jobs:
                continue
            if node["id"] not in linked or self._parents(run, node):
                yield node

    def _parents(self, run: Run, node: Object) -> list[Job]:
        """The jobs whose end leads to a node."""
        return [
            job
            for job in run.jobs.values()
            if not job.is_waiting and node in self._children(job.node, job.status)
        ]

    def _children(self, node: Object, status: str | None = None) -> list[Object]:
        links = {"successful": ["success_nodes"], "failed": ["failure_nodes"]}
        names = links.get(status or "", ["success_nodes", "failure_nodes"])
        return [
            child
            for link in (*names, "always_nodes")
            for child in self._objects.links("workflow_job_template_nodes", node["id"], link)
        ]

    def _is_unhandled(self, job: Job) -> bool:
        return job.status == "failed" and not self._children(job.node, "failed")

    def _start(self, run: Run, node: Object) -> None:
        template = self._objects.unified(node["unified_job_template"])
        handed_on: dict[str, Any] = {}
        for parent in self._parents(run, node):
            handed_on |= parent.handed_on
        job = Job(next(self._numbers), node, template, self._variables(run, template, handed_on))
        job.handed_on = handed_on
        run.jobs[node["identifier"]] = job
        if template["type"] == "workflow_approval_template":
            return
        ended = self.scripts.get(template["name"], _succeed)(job.variables)
        job.status = "successful" if ended.succeeded else "failed"
        # A key that several slices hand on is that of the slice which finished last.
        for artifacts in ended.artifacts:
            job.handed_on |= artifacts

    def _variables(
        self, run: Run, template: Object, handed_on: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The template's own, its survey's defaults, what was handed on, then the workflow's.

        Neither of the latter has to be asked for by the template.
        """
        questions = self._objects.survey(template["id"]).get("spec", [])
        defaults = {each["variable"]: each["default"] for each in questions if "default" in each}
        return {**defaults, **handed_on, **run.variables}
