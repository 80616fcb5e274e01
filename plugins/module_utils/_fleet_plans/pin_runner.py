# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_plan_pin`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .._doors.operation import Outcome
from .._errors import InvalidInput
from .._plan_store.model import Documents
from .._plan_store.opening import open_store
from .archive import Archive
from .dry_run import DryRun, read_dry_run
from .names import run_name, run_of_time, stat_name
from .records import ListedPlan, PinnedPlan, PlanList, Terms, sorted_reasons
from .times import duration, timestamp, to_time

_OTHER_PLAN = (
    "Another plan is pinned for it in this run, and may be approved already. Plan again under "
    "another name (tenantops_fleet_run)."
)


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Pin the plans of a dry run, or without one see whether that will be possible."""
    now = datetime.now(UTC)
    terms = Terms(
        run=run_name(parameters["run"] or run_of_time(now)),
        course=parameters["course"],
        planned=now.replace(microsecond=0),
        expires=now.replace(microsecond=0)
        + duration("plan_lifetime", parameters["plan_lifetime"], timedelta(hours=1)),
    )
    oldest = _oldest(parameters["keep_days"], now)
    store = open_store(parameters)
    if parameters["dry_run"] is None:
        return store.perform(lambda documents: _look(documents, terms, now))
    found = read_dry_run(
        Path(parameters["dry_run"]),
        sorted(parameters["tenants"]),
        terms.course,
        _since(parameters["since"]),
    )
    _check_stats(found)

    def work(documents: Documents) -> Outcome:
        return _pin(Archive(documents), terms, found, oldest, dry=check_mode)

    return store.perform(work)


def _oldest(keep_days: str | None, now: datetime) -> datetime | None:
    if not keep_days:
        return None
    return now - duration("keep_days", keep_days, timedelta(days=1))


def _since(text: str) -> datetime:
    try:
        return to_time(text)
    except ValueError as error:
        raise InvalidInput("since is no time as begun tells it", subject=text) from error


def _look(documents: Documents, terms: Terms, now: datetime) -> Outcome:
    """Read from the store, so that one that cannot be used is known before the long dry run."""
    lists = Archive(documents).lists(terms.run)
    others = {each.terms.course for each in lists} - {terms.course}
    if others:
        raise InvalidInput(
            f"A run of this name was planned for {', '.join(sorted(others))}",
            subject=terms.run,
            advice="Plan under another name (tenantops_fleet_run).",
        )
    return Outcome(
        values={"run": terms.run, "begun": timestamp(now), "summary": f"Plan run {terms.run}"}
    )


def _check_stats(found: DryRun) -> None:
    """No two tenants may share the variable that their digests travel in."""
    taken: dict[str, str] = {}
    for tenant in found.plans:
        other = taken.setdefault(stat_name(tenant), tenant)
        if other != tenant:
            raise InvalidInput(
                f"The names of {other} and {tenant} differ too little",
                advice="Rename one of them in the inventory.",
            )


def _pin(
    archive: Archive, terms: Terms, found: DryRun, oldest: datetime | None, *, dry: bool
) -> Outcome:
    known = {
        tenant: plan.sha256
        for each in reversed(archive.lists(terms.run))
        for tenant, plan in each.plans.items()
    }
    pinned: dict[str, ListedPlan] = {}
    left_out = dict(found.incomplete)
    for tenant, plan in found.plans.items():
        record = PinnedPlan(terms, plan, str(plan.to_json()["sha256"]))
        if known.get(tenant, record.sha256) != record.sha256:
            left_out[tenant] = _OTHER_PLAN
        elif tenant in known or dry or archive.pin(record):
            pinned[tenant] = ListedPlan(record.sha256, len(plan.changes))
        else:
            left_out[tenant] = _OTHER_PLAN
    new = {tenant: plan for tenant, plan in pinned.items() if tenant not in known}
    if (new or (left_out and not known)) and not dry:
        archive.add_list(PlanList(terms, new, left_out))
    removed = [] if oldest is None else archive.remove_before(oldest, but=terms.run, dry=dry)
    return _outcome(archive, terms, pinned, left_out, changed=bool(new or removed), removed=removed)


def _outcome(
    archive: Archive,
    terms: Terms,
    pinned: Mapping[str, ListedPlan],
    left_out: Mapping[str, str],
    *,
    changed: bool,
    removed: list[str],
) -> Outcome:
    changes = sum(plan.changes for plan in pinned.values())
    return Outcome(
        values={
            "changed": changed,
            "run": terms.run,
            "expires": timestamp(terms.expires),
            "plans": {
                tenant: {"sha256": plan.sha256, "changes": plan.changes}
                for tenant, plan in pinned.items()
            },
            "stats": {stat_name(tenant): plan.sha256 for tenant, plan in pinned.items()},
            "left_out": dict(sorted(left_out.items())),
            "removed_runs": removed,
            "summary": f"Plan run {terms.run} in {archive.documents.where}: {len(pinned)} plans "
            f"with {changes} changes, good until {timestamp(terms.expires)}; "
            f"{len(left_out)} tenants without a plan",
        },
        warnings=tuple(f"No plan for {line}" for line in sorted_reasons(left_out.items())),
    )
