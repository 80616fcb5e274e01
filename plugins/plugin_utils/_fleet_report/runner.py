# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes the report over all tenants. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from ...module_utils._doors.operation import Outcome
from ...module_utils._errors import InvalidInput, PartlyDone
from ...module_utils._replaced_file import output_file, told_as_input
from ...module_utils._table_file import TableWriter
from .._report.documents import encode
from .._report.model import Mode
from .columns import ChangeColumns
from .documents import COLUMNS, fleet_document, remembered, rows
from .model import Earlier, Fleet, FleetTenant, Indexed, assembled
from .page import render
from .reading import Found, RunResults, read_folders, read_json, read_plan

PAGE_NAME = "fleet.html"
TABLE_NAME = "fleet.csv"
DOCUMENT_NAME = "fleet.json"
NEWEST = "newest"
"""The value of the option `mode` for the last run of each tenant, dry or not."""

_PROBLEMS_TOLD = 5


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Read the runs, and write the report where it differs from what is there.

    Raises `InvalidInput` if nothing could be read or written. What could be read is reported, and
    the outcome has an error if that was not all.
    """
    folder = _absolute(parameters["folder"])
    found = read_folders([_absolute(name) for name in parameters["folders"]])
    if not found.results:
        raise InvalidInput(
            "There are no results to report",
            answer=" ".join(found.problems),
            advice="Name folders that the callback change_plan has written to.",
        )
    fleet, columns = _fleet(parameters, found, _remembered(folder / DOCUMENT_NAME))
    files: dict[str, Callable[[], Iterable[str]]] = {
        PAGE_NAME: lambda: render(fleet, columns),
        TABLE_NAME: lambda: [_table(fleet)],
        # At last, because the next report takes its history from it.
        DOCUMENT_NAME: lambda: [encode(fleet_document(fleet))],
    }
    written = [
        name
        for name, chunks in files.items()
        if _write(folder / name, "".join(chunks()), check_mode=check_mode)
    ]
    return Outcome(
        values=_values(fleet, folder, written),
        warnings=tuple(
            f"The run in {run.folder} has not ended, or was killed: what it did is not in the "
            "report."
            for run in fleet.unfinished
        ),
        error=_not_all(fleet),
    )


def _absolute(name: str) -> Path:
    path = Path(name)
    if not path.is_absolute():
        raise InvalidInput(
            f"A folder must be an absolute path: {name!r}",
            advice="A relative one would mean another folder for each place a task can run in.",
        )
    return path


def _fleet(
    parameters: Mapping[str, Any], found: Found, earlier: Mapping[str, Sequence[Earlier]]
) -> tuple[Fleet, ChangeColumns]:
    chosen = [
        results
        for results in found.results
        if parameters["mode"] in (NEWEST, results.run.mode.value)
    ]
    mode = None if parameters["mode"] == NEWEST else Mode(parameters["mode"])
    of_mode = {
        name: [one for one in runs if mode is None or one.mode is mode]
        for name, runs in earlier.items()
    }
    tenants = assembled(
        _by_tenant(chosen), parameters["tenants"] or (), of_mode, parameters["history"]
    )
    columns = ChangeColumns()
    read = [_with_plan(tenant, columns) for tenant in tenants]
    told = {tenant.last.run: None for tenant in read if tenant.last is not None}
    fleet = Fleet(
        title=parameters["title"],
        tenants=read,
        runs=sorted(told, key=lambda run: (run.started, run.folder)),
        unfinished=[results.run for results in chosen if results.run.ended is None],
        problems=found.problems,
    )
    return fleet, columns


def _by_tenant(found: Sequence[RunResults]) -> dict[str, list[Indexed]]:
    by_tenant: dict[str, list[Indexed]] = {}
    for results in found:
        for name, indexed in results.tenants.items():
            by_tenant.setdefault(name, []).append(indexed)
    return by_tenant


def _with_plan(tenant: FleetTenant, columns: ChangeColumns) -> FleetTenant:
    """The tenant with what its plan tells; the changes go into the columns and are let go."""
    if tenant.last is None:
        columns.add_tenant((), ())
        return tenant
    content = read_plan(tenant.name, tenant.last)
    columns.add_tenant(content.changes, content.other_mode)
    return replace(tenant, told=content.told)


def _remembered(path: Path) -> dict[str, list[Earlier]]:
    with told_as_input(path, "The report before this one"):
        is_there = path.exists()
    return remembered(read_json(path), path) if is_there else {}


def _table(fleet: Fleet) -> str:
    text = StringIO(newline="")
    table = TableWriter(text, COLUMNS)
    for row in rows(fleet):
        table.add(row)
    return text.getvalue()


def _write(path: Path, text: str, *, check_mode: bool) -> bool:
    """Whether a file is not there yet as it should be; then it is written, unless in check mode."""
    content = text.encode("utf-8", "backslashreplace")
    with told_as_input(path, "The report"):
        if path.is_file() and path.read_bytes() == content:
            return False
    if not check_mode:
        with output_file(path, "The report") as file:
            file.write(text)
    return True


def _values(fleet: Fleet, folder: Path, written: Sequence[str]) -> dict[str, Any]:
    return {
        "changed": bool(written),
        "page": str(folder / PAGE_NAME),
        "written": list(written),
        "tenants": len(fleet.tenants),
        "change_count": sum(tenant.changes for tenant in fleet.tenants),
        "states": {state.value: number for state, number in fleet.states.items() if number},
        "since_last_run": {kind.value: number for kind, number in fleet.compared.items() if number},
        "unfinished": [run.folder for run in fleet.unfinished],
        "problems": _problems(fleet),
    }


def _problems(fleet: Fleet) -> list[str]:
    unreadable = [
        f"{tenant.name}: {tenant.told.problem}" for tenant in fleet.tenants if tenant.told.problem
    ]
    return [*fleet.problems, *unreadable]


def _not_all(fleet: Fleet) -> PartlyDone | None:
    problems = _problems(fleet)
    if not problems:
        return None
    more = len(problems) - _PROBLEMS_TOLD
    return PartlyDone(
        "The report is written, but not everything could be read for it",
        answer=" ".join(problems[:_PROBLEMS_TOLD]) + (f" And {more} more." if more > 0 else ""),
        advice="What is missing is marked in the report. Let runs end before the report is made, "
        "and give folders as the callback has written them.",
    )
