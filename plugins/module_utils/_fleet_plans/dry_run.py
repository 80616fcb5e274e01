# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what the callback change_plan wrote of the dry run that has just ended.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .._changes.plan import Plan
from .._errors import InvalidInput, NotApproved, NotUnderstood, TenantopsError
from .times import to_time

_INDEX = "index.json"
_FORMAT = 1
_ADVICE = (
    "Enable the callback (callbacks_enabled = tenantops.migration.change_plan in ansible.cfg), let "
    "its folder be writable, and give each playbook that runs at the same time a folder of its own "
    "in TENANTOPS_REPORT_FOLDER."
)
_REASONS_SHOWN = 3


@dataclass(frozen=True)
class DryRun:
    """What a dry run found: a complete plan for a tenant, or why it has none."""

    plans: Mapping[str, Plan]
    incomplete: Mapping[str, str]


def read_dry_run(folder: Path, tenants: list[str], course: str, since: datetime) -> DryRun:
    """The plans of these tenants from the callback's folder of dry runs.

    Raises `InvalidInput` if the folder is not of the dry run of this course that ended after
    `since`: an earlier run's plans must never be taken for this one's.
    """
    index = _object(folder / _INDEX)
    _check_is_this_run(folder, index, since)
    found = str(index.get("playbook"))
    if found.rsplit(".", 1)[-1] != course:
        raise InvalidInput(
            f"The dry run was one of {found}, not of {course}",
            advice="Give tenantops_course as an extra variable (-e), or in a survey: in the "
            "inventory it comes too late.",
        )
    plans: dict[str, Plan] = {}
    incomplete: dict[str, str] = {}
    for tenant in tenants:
        try:
            plans[tenant] = _complete_plan(folder, tenant, index["tenants"].get(tenant))
        except TenantopsError as error:
            incomplete[tenant] = str(error)
    return DryRun(plans, incomplete)


def _check_is_this_run(folder: Path, index: Mapping[str, Any], since: datetime) -> None:
    if index.get("format") != _FORMAT or not isinstance(index.get("tenants"), dict):
        raise NotUnderstood(
            "The index of the dry run has a format that this version does not know",
            subject=str(folder / _INDEX),
            answer=f"format {index.get('format')!r}",
        )
    try:
        is_of_this_run = index.get("mode") == "check" and to_time(index["ended"]) >= since
    except ValueError:
        is_of_this_run = False  # null: the callback has not ended it
    if not is_of_this_run:
        raise InvalidInput(
            "The callback change_plan has left no plans of this dry run",
            subject=str(folder / _INDEX),
            answer=f"what is there ended at {index.get('ended')}",
            advice=_ADVICE,
        )


def _complete_plan(folder: Path, tenant: str, entry: Any) -> Plan:
    if not isinstance(entry, dict):
        raise NotApproved("The dry run did not come to this tenant")
    if entry.get("file") is None:
        raise NotApproved(f"Its plan was not written: {entry.get('problem')}")
    document = _object(folder / str(entry["file"]))
    if not document.get("complete"):
        raise NotApproved(f"Its plan is not complete: {_why(document)}")
    plan = Plan.from_json(document)
    if plan.tenant != tenant or document["sha256"] != entry.get("sha256"):
        raise NotApproved("Its plan is not the one that the index of the dry run lists")
    if document.get("other_mode"):
        raise NotApproved("A task of the dry run was not a dry one, and changed something")
    return plan


def _why(document: Mapping[str, Any]) -> str:
    """The failures, gates and gaps of a plan in one line."""
    told = [
        f"{entry.get('step')}: {entry.get('msg')}"
        for kind in ("gates", "failures")
        for entry in document.get(kind, [])
    ]
    told += [str(gap) for gap in document.get("gaps", [])]
    more = f"; and {len(told) - _REASONS_SHOWN} more" if len(told) > _REASONS_SHOWN else ""
    return "; ".join(told[:_REASONS_SHOWN]) + more


def _object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "The callback change_plan has left no plans of this dry run",
            subject=str(path),
            answer=str(error),
            advice=_ADVICE,
        ) from error
    if not isinstance(content, dict):
        raise NotUnderstood("This is no file of the callback change_plan", subject=str(path))
    return content
