# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_plan_approve`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .._doors.operation import Outcome
from .._errors import InvalidInput, NotApproved
from .._plan_store.model import Documents
from .._plan_store.opening import open_store
from .admission import check_digests, chosen_tenants
from .archive import Archive
from .names import run_name
from .records import Approval, PlanRun
from .times import timestamp, until

_NAMES_SHOWN = 10


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Write down who approves which plans of a run until when."""
    now = datetime.now(UTC).replace(microsecond=0)
    name = run_name(parameters["run"])
    approver = _approver(parameters["approver"])
    chosen = chosen_tenants(parameters["tenants"])
    ends = until(parameters["expires"], now) if parameters["expires"] else None

    def work(documents: Documents) -> Outcome:
        archive = Archive(documents)
        found = archive.run(name)
        tenants = found.tenants() if chosen is None else chosen
        wanted = _wanted(found, tenants, approver, now, ends)
        check_digests(found, tenants, parameters["digests"])
        for tenant in tenants:
            # What is approved has to be there, whole and with that digest.
            archive.pinned(name, tenant, wanted.tenants[tenant])
        is_new = bool(tenants) and not any(_says(each, wanted) for each in found.approvals)
        if is_new and not check_mode:
            archive.add_approval(wanted)
        return _outcome(found, wanted, is_new=is_new)

    return open_store(parameters).perform(work)


def _approver(text: str) -> str:
    approver = " ".join(text.split())
    if not approver:
        raise InvalidInput(
            "Nobody is named who approves",
            advice="Set tenantops_approver to the name or address of the person.",
        )
    return approver


def _wanted(
    found: PlanRun,
    tenants: Sequence[str],
    approver: str,
    now: datetime,
    ends: datetime | None,
) -> Approval:
    """The approval as it is asked for. Raises if it cannot be given as a whole."""
    known = {tenant: plan for tenant in tenants if (plan := found.plan(tenant)) is not None}
    missing = [tenant for tenant in tenants if tenant not in known]
    if missing:
        raise InvalidInput(
            f"{len(missing)} tenants have no plan in this run: {_shortened(missing)}",
            subject=found.name,
            advice="Nothing was approved. Name tenants that have a plan, or plan again.",
        )
    late = [tenant for tenant, (terms, _plan) in known.items() if terms.expires <= now]
    if late:
        raise NotApproved(
            f"The plans of {len(late)} tenants are too old: {_shortened(late)}",
            subject=found.name,
            advice="Nothing was approved. Plan again.",
        )
    last = min((terms.expires for terms, _plan in known.values()), default=now)
    return Approval(
        run=found.name,
        approver=approver,
        approved=now,
        expires=last if ends is None else min(ends, last),
        tenants={tenant: plan.sha256 for tenant, (_terms, plan) in known.items()},
    )


def _says(approval: Approval, wanted: Approval) -> bool:
    """Whether an approval that is there says all that is wanted already."""
    same_person = approval.approver == wanted.approver
    return (
        same_person
        and approval.expires == wanted.expires
        and wanted.tenants.items() <= approval.tenants.items()
    )


def _outcome(found: PlanRun, wanted: Approval, *, is_new: bool) -> Outcome:
    others = [tenant for tenant in found.tenants() if tenant not in wanted.tenants]
    told = f"{wanted.approver} approves the plans of {len(wanted.tenants)} tenants"
    return Outcome(
        values={
            "changed": is_new,
            "run": found.name,
            "approver": wanted.approver,
            "expires": timestamp(wanted.expires),
            "approved": dict(sorted(wanted.tenants.items())),
            "others": others,
            "summary": f"{told} until {timestamp(wanted.expires)}; {len(others)} others have plans"
            if wanted.tenants
            else "Nobody is named, so nothing is approved",
        }
    )


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
