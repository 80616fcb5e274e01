# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report over all tenants for programs: `fleet.json` and the rows of `fleet.csv`. Pure.

Private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from ...module_utils._changes.model import System
from ...module_utils._errors import InvalidInput
from .._report.documents import timestamp
from .._report.model import Mode, Step, StepCount
from .model import Earlier, Fleet, FleetTenant, Run, State
from .reading import time

FLEET_FORMAT = 1

COLUMNS = (
    "tenant",
    "state",
    "since_last_run",
    "mode",
    "playbook",
    "started",
    "ended",
    "changes",
    "ad_changes",
    "dns_changes",
    "entra_changes",
    "irreversible",
    "failures",
    "gates",
    "gaps",
    "problem",
    "advice",
    "state_before",
    "mode_before",
    "changes_before",
    "started_before",
    "sha256",
    "plan",
)


def fleet_document(fleet: Fleet) -> dict[str, Any]:
    """The content of `fleet.json`."""
    steps = fleet.steps
    places = {step: place for place, step in enumerate(steps)}
    return {
        "format": FLEET_FORMAT,
        "title": fleet.title,
        "states": {state.value: number for state, number in fleet.states.items() if number},
        "since_last_run": {kind.value: number for kind, number in fleet.compared.items() if number},
        "runs": [_run(run) for run in fleet.runs],
        "unfinished": [_run(run) for run in fleet.unfinished],
        "problems": list(fleet.problems),
        "steps": [{"role": step.role, "name": step.name} for step in steps],
        "tenants": {tenant.name: _tenant(tenant, places) for tenant in fleet.tenants},
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "folder": run.folder,
        "playbook": run.playbook,
        "mode": run.mode.value,
        "started": timestamp(run.started),
        "ended": _time(run.ended),
    }


def _tenant(tenant: FleetTenant, places: Mapping[Step, int]) -> dict[str, Any]:
    last, told = tenant.last, tenant.told
    document: dict[str, Any] = {
        "state": tenant.state.value,
        "since_last_run": tenant.since.value,
        "changes": tenant.changes,
    }
    if last is not None:
        document |= {
            **_run(last.run),
            "file": last.file,
            "sha256": last.sha256,
            "changes_by_system": dict(last.changes_by_system),
            "irreversible": told.irreversible,
            "other_mode": told.other_mode,
            "failures": [failure.to_json() for failure in told.failures],
            "gates": [gate.to_json() for gate in told.gates],
            "gaps": list(told.gaps),
            "steps": [
                {"step": places[step], **counted(count)} for step, count in last.steps.items()
            ],
        }
    if told.problem:
        document["problem"] = told.problem
    document["history"] = [_earlier(one) for one in tenant.history]
    return document


def counted(count: StepCount) -> dict[str, int]:
    """How often a step ended in which way, without what never happened."""
    return {name: number for name, number in asdict(count).items() if number}


def _earlier(one: Earlier) -> dict[str, Any]:
    return {
        "playbook": one.playbook,
        "mode": one.mode.value,
        "started": timestamp(one.started),
        "state": one.state.value,
        "changes": one.changes,
        "sha256": one.sha256,
    }


def _time(time_or_none: datetime | None) -> str | None:
    return None if time_or_none is None else timestamp(time_or_none)


def remembered(content: Any, path: Path) -> dict[str, list[Earlier]]:
    """The runs that an earlier `fleet.json` tells of, by tenant, in no order.

    Raises `InvalidInput` for anything else, since history is not to be lost without a word.
    """
    try:
        if content["format"] != FLEET_FORMAT:
            raise ValueError(f"format {content['format']!r}")
        return {str(name): list(_remembered(entry)) for name, entry in content["tenants"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            "The report before this one cannot be read, and history would be lost",
            subject=str(path),
            answer=f"{type(error).__name__}: {error}",
            advice="Move the file away, and history begins anew; or name another folder.",
        ) from error


def _remembered(entry: Mapping[str, Any]) -> Iterator[Earlier]:
    for one in (entry, *entry["history"]):
        if "started" in one:
            yield Earlier(
                playbook=str(one["playbook"]),
                mode=Mode(one["mode"]),
                started=time(one["started"]),
                state=State(one["state"]),
                changes=int(one["changes"]),
                sha256=one["sha256"],
            )


def rows(fleet: Fleet) -> Iterator[dict[str, object]]:
    """The rows of `fleet.csv`, one for each tenant, with a value for each of `COLUMNS`."""
    for tenant in fleet.tenants:
        row: dict[str, object] = dict.fromkeys(COLUMNS)
        row |= {
            "tenant": tenant.name,
            "state": tenant.state.value,
            "since_last_run": tenant.since.value,
            "changes": tenant.changes,
            **_last_run(tenant),
            **_problem(tenant),
        }
        if tenant.history:
            before = tenant.history[0]
            row |= {
                "state_before": before.state.value,
                "mode_before": before.mode.value,
                "changes_before": before.changes,
                "started_before": timestamp(before.started),
            }
        yield row


def _last_run(tenant: FleetTenant) -> dict[str, object]:
    last, told = tenant.last, tenant.told
    if last is None:
        return {}
    return {
        "mode": last.run.mode.value,
        "playbook": last.run.playbook,
        "started": timestamp(last.run.started),
        "ended": _time(last.run.ended),
        **{f"{system}_changes": last.changes_by_system.get(system, 0) for system in System},
        "irreversible": told.irreversible,
        "failures": len(told.failures),
        "gates": len(told.gates),
        "gaps": len(told.gaps),
        "sha256": last.sha256,
        "plan": None if last.file is None else f"{last.run.folder}/{last.file}",
    }


def _problem(tenant: FleetTenant) -> dict[str, object]:
    """The first thing that somebody has to look at, and what to do about it."""
    told = tenant.told
    if told.problem:
        return {"problem": told.problem}
    first: Sequence[Any] = (*told.failures, *told.gates)
    if first:
        return {"problem": first[0].told("problem"), "advice": first[0].told("advice")}
    return {"problem": told.gaps[0]} if told.gaps else {}
