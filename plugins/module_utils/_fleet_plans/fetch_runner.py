# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_plan_fetch`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.plan import Plan
from .._doors.operation import Outcome
from .._plan_store.model import Documents
from .._plan_store.opening import open_store
from .._replaced_file import output_file
from .admission import LeftAlone, admitted, check_course
from .archive import Archive
from .names import run_name
from .records import Approval, encode, sorted_reasons
from .times import timestamp


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Fetch the approved plans of these tenants, and tell who has none."""
    now = datetime.now(UTC)
    name = run_name(parameters["run"])
    tenants = sorted(parameters["tenants"])

    def work(
        documents: Documents,
    ) -> tuple[dict[str, Approval], list[LeftAlone], dict[str, Plan]]:
        archive = Archive(documents)
        found = archive.run(name)
        check_course(found, parameters["course"])
        ready, left = admitted(found, tenants, parameters["digests"], now)
        plans = {
            tenant: archive.pinned(name, tenant, approval.tenants[tenant]).plan
            for tenant, approval in ready.items()
        }
        return ready, left, plans

    ready, left, plans = open_store(parameters).perform(work)
    for tenant, plan in plans.items():
        path = Path(parameters["folder"]) / f"{tenant}.json"
        with output_file(path, "The approved plan") as file:
            file.write(encode(plan.to_json()).decode("utf-8"))
    told = f"{len(ready)} tenants have an approved plan of run {name}, {len(left)} are left alone"
    return Outcome(
        values={
            "run": name,
            "begun": timestamp(now),
            "ready": sorted(ready),
            "approvals": {
                tenant: {"approver": each.approver, "expires": timestamp(each.expires)}
                for tenant, each in sorted(ready.items())
            },
            "left_alone": [each.to_json() for each in left],
            "summary": told,
        },
        warnings=tuple(
            f"Left alone: {line}"
            for line in sorted_reasons((each.tenant, each.told) for each in left)
        ),
    )
