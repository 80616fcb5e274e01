# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what runs have left: their indexes and plans (docs/formats.md), and the report before.

Private to the collection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...module_utils._changes.model import Change
from ...module_utils._changes.plan import Plan
from ...module_utils._errors import InvalidInput, NotApproved
from .._report.documents import INDEX_FORMAT, INDEX_NAME
from .._report.model import Failure, Mode, Step, StepCount
from .model import Indexed, Run, State, Told


@dataclass(frozen=True)
class RunResults:
    """A run, and what its index says about each of its tenants."""

    run: Run
    tenants: Mapping[str, Indexed]


@dataclass
class Found:
    """What was found in the folders, and in words what could not be read."""

    results: list[RunResults] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class PlanContent:
    """What a plan file tells: its changes, those of the other mode, and the rest."""

    told: Told
    changes: Sequence[Change] = ()
    other_mode: Sequence[Change] = ()


def read_folders(folders: Sequence[Path]) -> Found:
    """The runs whose indexes lie in the folders, or up to two folders below.

    So a folder can be that of one mode, a report folder, or one with a report folder for each run.
    """
    found = Found()
    seen: set[Path] = set()
    for folder in folders:
        indexes = list(_indexes(folder))
        if not indexes:
            found.problems.append(f"{folder}: there is no {INDEX_NAME} in it, nor below it.")
        for index in indexes:
            if index.resolve() not in seen:
                seen.add(index.resolve())
                _add(found, index)
    return found


def _indexes(folder: Path) -> Iterator[Path]:
    for pattern in (INDEX_NAME, f"*/{INDEX_NAME}", f"*/*/{INDEX_NAME}"):
        yield from sorted(folder.glob(pattern))


def _add(found: Found, index: Path) -> None:
    try:
        found.results.append(_results(index.parent.resolve(), read_json(index)))
    except InvalidInput as error:
        found.problems.append(str(error))


def read_json(path: Path) -> Any:
    """What is in a file. Raises `InvalidInput` if it cannot be read or is no JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        answer = reason or str(error)
        raise InvalidInput("A file cannot be read", subject=str(path), answer=answer) from error


def _results(folder: Path, content: Any) -> RunResults:
    """Raises `InvalidInput` for anything but an index of a known format."""
    try:
        if content["format"] != INDEX_FORMAT:
            raise ValueError(f"format {content['format']!r}")
        steps = tuple(
            Step(str(step["name"]), "", str(step["role"])) for step in content.get("steps", ())
        )
        run = Run(
            folder=str(folder),
            playbook=str(content["playbook"]),
            mode=Mode(content["mode"]),
            started=time(content["started"]),
            ended=None if content["ended"] is None else time(content["ended"]),
            steps=steps,
        )
        tenants = {
            str(name): _indexed(run, entry) for name, entry in dict(content["tenants"]).items()
        }
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(
            "This is not an index of this collection, or one of a later release",
            subject=str(folder / INDEX_NAME),
            answer=f"{type(error).__name__}: {error}",
            advice="Make the report with the release that wrote it, or leave the folder out.",
        ) from error
    return RunResults(run, tenants)


def time(text: str) -> datetime:
    """A time as it stands in a file. Raises `ValueError` if it is none or has no zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} is in no time zone")
    return found.astimezone(UTC)


def _indexed(run: Run, entry: Mapping[str, Any]) -> Indexed:
    file = entry["file"]
    if file is not None and Path(str(file)).name != file:
        raise ValueError(f"{file!r} is not the name of a file beside the index")
    return Indexed(
        run=run,
        state=_state(entry),
        changes=int(entry["changes"]),
        changes_by_system={
            str(system): sum(int(number) for number in actions.values())
            for system, actions in entry["changes_by_system"].items()
        },
        file=file,
        sha256=entry["sha256"],
        problem=str(entry.get("problem", "")),
        steps={
            run.steps[count["step"]]: StepCount(
                **{name: int(number) for name, number in count.items() if name != "step"}
            )
            for count in entry.get("steps", ())
        },
    )


def _state(entry: Mapping[str, Any]) -> State:
    """As the page of a single run calls it."""
    if entry["unreachable"]:
        return State.UNREACHABLE
    if entry["failed"]:
        return State.FAILED
    if entry.get("gates"):
        return State.GATE
    return State.COMPLETE if entry["complete"] else State.INCOMPLETE


def read_plan(tenant: str, indexed: Indexed) -> PlanContent:
    """The plan that an index names.

    One that is missing, altered, or another one than the index names, is told as a problem.
    """
    if indexed.file is None:
        return PlanContent(Told(problem=indexed.problem or "The run could not write its plan."))
    path = Path(indexed.run.folder) / indexed.file
    try:
        content = read_json(path)
        plan = Plan.from_json(content)
        if (plan.tenant, content["sha256"]) != (tenant, indexed.sha256):
            raise InvalidInput(
                "The plan is not the one that its index names",
                subject=str(path),
                advice="Another run was writing here, or wrote here since: let it end, and make "
                "the report again.",
            )
        other_mode = tuple(Change.from_json(change) for change in content.get("other_mode", ()))
        told = Told(
            failures=tuple(map(_failure, content.get("failures", ()))),
            gates=tuple(map(_failure, content.get("gates", ()))),
            gaps=tuple(map(str, content.get("gaps", ()))),
            irreversible=sum(not change.reversible for change in plan.changes),
            other_mode=len(other_mode),
        )
    except (InvalidInput, NotApproved) as error:
        return PlanContent(Told(problem=str(error)))
    except (KeyError, TypeError, AttributeError) as error:
        return PlanContent(Told(problem=f"{path} is not a plan of this collection: {error}"))
    return PlanContent(told, plan.changes, other_mode)


def _failure(content: Mapping[str, Any]) -> Failure:
    error = content["error"]
    return Failure(
        step=str(content["step"]),
        action=str(content["action"]),
        message=str(content["msg"]),
        error=None if error is None else {str(name): text for name, text in error.items()},
        unreachable=bool(content["unreachable"]),
        ignored=bool(content["ignored"]),
    )
