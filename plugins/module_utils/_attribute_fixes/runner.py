# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `ad_attributes`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .._attribute_scan.assessment import Assessment, assess
from .._attribute_scan.summary import reading_summary, summary
from .._changes.control import ChangeControl
from .._changes.converge import Failure, ManyProposal, converge_many, partly_done
from .._changes.model import Change, JsonValue
from .._doors.operation import Outcome
from .._errors import InvalidInput, TenantopsError
from .._ldap.bulk.connections import Connections
from .._ldap.settings import ConnectionSettings
from .._ldif.write import write_plan_ldif, write_undo_ldif
from .._review_file.model import ReviewFile
from .._review_file.read import read_review_file
from .model import Values
from .objects import DirectoryObjects
from .planning import FixPlan, Planner
from .selected_renames import Renaming, plan_selected
from .selection import Protection, Selection


@dataclass(frozen=True)
class _Planned:
    """What is to be done, what cannot be, and what the result tells beside."""

    proposal: ManyProposal
    known: Mapping[str, Values]
    failures: Sequence[Failure]
    told: Mapping[str, Any]


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Fix what was chosen, or what a review file says; or rename people."""
    control = ChangeControl.from_parameters(parameters)
    selection = Selection.from_parameters(parameters)
    settings = ConnectionSettings.from_parameters(parameters)
    amount, in_flight = (_positive(parameters, name) for name in ("connections", "in_flight"))
    review = _review_file(parameters)
    renaming = Renaming.from_parameters(parameters)
    with (
        assess(parameters) as assessment,
        Connections(settings, amount=amount, in_flight=in_flight) as connections,
    ):
        protection = Protection.resolve(connections.directory, parameters["protect"])
        planner = Planner(assessment, selection, protection, parameters["findings_limit"])
        if renaming is None:
            planned = _fixes(assessment, planner, review, DirectoryObjects(connections))
        else:
            planned = _renames(assessment, planner, renaming, parameters["findings_limit"])
        converged = asyncio.run(
            converge_many(
                DirectoryObjects(connections, planned.known),
                planned.proposal,
                control,
                check_mode=check_mode,
                admitted=partial(_write_ldif, parameters),
            )
        )
    failures = (*planned.failures, *converged.failures)
    return Outcome(
        changes=converged.changes,
        values={"failures": [_failure(failure) for failure in failures], **planned.told},
        warnings=(
            *settings.warnings,
            *assessment.warnings,
            *(review.warnings if review is not None else ()),
        ),
        error=partly_done(failures) or converged.stopped,
    )


def _renames(assessment: Assessment, planner: Planner, renaming: Renaming, limit: int) -> _Planned:
    objection = partial(planner.objection, refuse_protected=True)
    selected = plan_selected(assessment, renaming, objection, limit)
    told = {
        "left": [],
        "renaming": selected.to_json(),
        "summary": {
            **reading_summary(assessment),
            "objects_to_change": len(selected.plan.requests),
            "left": 0,
        },
    }
    return _Planned(selected.plan.proposal, selected.plan.known, selected.failures, told)


def _fixes(
    assessment: Assessment, planner: Planner, review: ReviewFile | None, things: DirectoryObjects
) -> _Planned:
    plan = _plan(planner, review, things)
    told = {"left": plan.left.records, "summary": _summary(assessment, plan)}
    return _Planned(plan.proposal, plan.known, plan.failures, told)


def _plan(planner: Planner, review: ReviewFile | None, things: DirectoryObjects) -> FixPlan:
    if review is None:
        return planner.by_rules()

    def read_now(
        names: Mapping[str, str], attributes: Iterable[str]
    ) -> Mapping[str, Values | TenantopsError]:
        return asyncio.run(things.read(names, attributes))

    return planner.by_review(review, read_now)


def _write_ldif(parameters: Mapping[str, Any], changes: Sequence[Change]) -> None:
    names = {"tenant": parameters["tenant"], "run": parameters["run"]}
    if parameters["plan_ldif"] is not None:
        write_plan_ldif(Path(parameters["plan_ldif"]), changes, **names)
    if parameters["undo_ldif"] is not None:
        write_undo_ldif(Path(parameters["undo_ldif"]), changes, **names)


def _review_file(parameters: Mapping[str, Any]) -> ReviewFile | None:
    path = parameters["review_file"]
    return None if path is None else read_review_file(Path(path))


def _positive(parameters: Mapping[str, Any], option: str) -> int:
    number: int = parameters[option]
    if number < 1:
        raise InvalidInput(f"{option} must be at least 1, not {number}")
    return number


def _summary(assessment: Assessment, plan: FixPlan) -> dict[str, JsonValue]:
    """The numbers of the assessment before anything was changed, and what is done about it."""
    return {
        **summary(assessment, plan.findings),
        "objects_to_change": len(plan.requests),
        "left": plan.left_count,
    }


def _failure(failure: Failure) -> dict[str, JsonValue]:
    """The failure in this module's own terms."""
    return {
        "dn": failure.name,
        "guid": failure.id,
        "error": dict(failure.error.as_result()),
    }
