# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_plan_compare`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.plan import load_plan
from .._doors.operation import Outcome
from .._errors import InvalidInput, NotApproved
from .._plan_store.model import Documents
from .._plan_store.opening import open_store
from .admission import admitted, check_course
from .archive import Archive
from .comparison import Comparison, Standing, compare
from .dry_run import DryRun, read_dry_run
from .names import run_name
from .records import Application, PlanRun, sorted_reasons
from .times import to_time

_MOVED_SHOWN = 5


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Hold a dry run against what was approved, and tell who is as approved and who moved."""
    now = datetime.now(UTC)
    name = run_name(parameters["run"])
    found = read_dry_run(
        Path(parameters["dry_run"]),
        sorted(parameters["tenants"]),
        parameters["course"],
        _since(parameters["since"]),
    )

    def work(documents: Documents) -> dict[str, Comparison]:
        archive = Archive(documents)
        known = archive.run(name)
        check_course(known, parameters["course"])
        compared = _compared(known, found, Path(parameters["approved"]), now)
        new = [tenant for tenant in _to_apply(compared) if tenant not in known.begun()]
        if new and not check_mode:
            archive.add_application(Application(name, now.replace(microsecond=0), tuple(new)))
        return compared

    return _outcome(open_store(parameters).perform(work), found)


def _since(text: str) -> datetime:
    try:
        return to_time(text)
    except ValueError as error:
        raise InvalidInput("since is no time as begun tells it", subject=text) from error


def _compared(
    known: PlanRun, found: DryRun, approved: Path, now: datetime
) -> dict[str, Comparison]:
    """Each tenant with a complete dry run; the approval may have ended during that."""
    good, left = admitted(known, found.plans, {}, now)
    compared = {each.tenant: Comparison(Standing.MOVED, (each.told,)) for each in left}
    begun = known.begun()
    for tenant, approval in good.items():
        plan = load_plan(str(approved / f"{tenant}.json"))
        if plan.to_json()["sha256"] != approval.tenants[tenant]:
            raise NotApproved(
                "The plan that was fetched is not the one that is approved",
                subject=str(approved / f"{tenant}.json"),
                advice="Apply again, and not twice at the same time with one folder of reports.",
            )
        compared[tenant] = compare(plan, found.plans[tenant], begun=tenant in begun)
    return compared


def _to_apply(compared: Mapping[str, Comparison]) -> list[str]:
    return _standing(compared, Standing.AS_APPROVED, Standing.BEGUN)


def _standing(compared: Mapping[str, Comparison], *standings: Standing) -> list[str]:
    return sorted(tenant for tenant, each in compared.items() if each.standing in standings)


def _outcome(compared: Mapping[str, Comparison], found: DryRun) -> Outcome:
    apply = _to_apply(compared)
    nothing = _standing(compared, Standing.NOTHING_TO_DO)
    done = _standing(compared, Standing.ALREADY_APPLIED)
    moved = {
        tenant: list(each.moved)
        for tenant, each in sorted(compared.items())
        if each.standing is Standing.MOVED
    }
    lines = sorted_reasons((tenant, _shortened(lines)) for tenant, lines in moved.items())
    return Outcome(
        values={
            "apply": apply,
            "resumed": _standing(compared, Standing.BEGUN),
            "nothing_to_do": nothing,
            "already_applied": done,
            "moved": moved,
            "incomplete": dict(sorted(found.incomplete.items())),
            "summary": f"{len(apply)} tenants are as approved and are applied now; "
            f"{len(done)} are already applied, {len(nothing)} have nothing to do, {len(moved)} "
            f"moved and are left alone, {len(found.incomplete)} could not be looked at",
        },
        warnings=(
            *(f"Moved since it was approved, and left alone: {line}" for line in lines),
            *(
                f"Not applied, since its dry run is not complete: {line}"
                for line in sorted_reasons(found.incomplete.items())
            ),
        ),
    )


def _shortened(lines: list[str]) -> str:
    more = len(lines) - _MOVED_SHOWN
    return "; ".join(lines[:_MOVED_SHOWN]) + (f"; and {more} more" if more > 0 else "")
