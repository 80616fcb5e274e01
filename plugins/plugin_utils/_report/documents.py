# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON files of a report: a plan per tenant and the index over them (docs/formats.md).

Pure. Private to the collection.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ...module_utils._changes.model import Change
from .model import Report, StepCount, Tenant

INDEX_FORMAT = 1
INDEX_NAME = "index.json"
PAGE_NAME = "report.html"

_LONGEST_NAME = 180  # with a suffix and the marks of a temporary file well below 255 bytes


def plan_name(tenant: str) -> str:
    """The name of a tenant's plan file: the tenant's own where that is safe.

    Other characters are written as in a URL. No two tenants share a name, and none takes the
    index's.
    """
    safe = quote(tenant, safe="@")
    if safe.startswith(".") or f"{safe.lower()}.json" == INDEX_NAME:
        safe = f"%{ord(safe[0]):02X}{safe[1:]}"
    if len(safe) > _LONGEST_NAME:
        # "%-" cannot come from the quoting above.
        safe = f"{safe[:100]}%-{hashlib.sha256(tenant.encode()).hexdigest()}"
    return f"{safe}.json"


def plan_document(report: Report, tenant: Tenant) -> dict[str, Any]:
    """A plan file: the plan with its digest, and beside it whether anything is missing."""
    document: dict[str, Any] = dict(report.plan(tenant).to_json())
    document["complete"] = tenant.complete
    if tenant.failures:
        document["failures"] = [failure.to_json() for failure in tenant.failures]
    if tenant.gates:
        document["gates"] = [gate.to_json() for gate in tenant.gates]
    if tenant.gaps:
        document["gaps"] = list(tenant.gaps)
    if tenant.other_mode:
        document["other_mode"] = [change.to_json() for change in tenant.other_mode]
    return document


def index_document(
    report: Report, digests: Mapping[str, str], unwritten: Mapping[str, str]
) -> dict[str, Any]:
    """The index: what this run covered, and where it is.

    `digests` holds the SHA-256 of each tenant's plan that was written, `unwritten` says why one
    was not.
    """
    tenants: dict[str, dict[str, Any]] = {}
    places = {step: place for place, step in enumerate(report.steps)}
    for tenant in report.tenants:
        written = tenant.name in digests
        tenants[tenant.name] = {
            "file": plan_name(tenant.name) if written else None,
            "sha256": digests.get(tenant.name),
            "changes": len(tenant.changes),
            "changes_by_system": by_system(tenant.changes),
            "failed": len(tenant.failures),
            "unreachable": tenant.unreachable,
            "complete": tenant.complete and written,
        }
        if tenant.steps:
            tenants[tenant.name]["steps"] = [
                {"step": places[step], **_counted(count)} for step, count in tenant.steps.items()
            ]
        if tenant.gates:
            tenants[tenant.name]["gates"] = [gate.to_json() for gate in tenant.gates]
        if tenant.assessment is not None:
            tenants[tenant.name]["findings"] = {
                severity.value: number for severity, number in tenant.assessment.severities.items()
            }
        if tenant.domain_assessments:
            tenants[tenant.name]["domains"] = _realms(tenant)
        if tenant.guests is not None:
            tenants[tenant.name]["guests"] = {
                method.value: number for method, number in tenant.guests.methods.items()
            }
        if tenant.account_assessments:
            _label, compared = tenant.account_assessments[-1]
            tenants[tenant.name]["accounts"] = {
                finding.value: number for finding, number in compared.findings.items()
            }
        if not written:
            tenants[tenant.name]["problem"] = unwritten[tenant.name]
    return {
        "format": INDEX_FORMAT,
        "playbook": report.playbook,
        "mode": report.mode.value,
        "started": timestamp(report.started),
        "ended": None if report.ended is None else timestamp(report.ended),
        "complete": report.complete and not unwritten,
        "steps": [{"role": step.role, "name": step.name} for step in report.steps],
        "tenants": tenants,
    }


def _counted(count: StepCount) -> dict[str, int]:
    """How often a step ended in which way, without what never happened."""
    return {name: number for name, number in asdict(count).items() if number}


def _realms(tenant: Tenant) -> dict[str, int]:
    """How many domains of each kind the last task found that looked at any."""
    _label, found = tenant.domain_assessments[-1]
    return {kind.value: number for kind, number in found.realms.items()}


def by_system(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """How many changes there are of each action in each system."""
    counts: dict[str, dict[str, int]] = {}
    for change in changes:
        actions = counts.setdefault(change.system.value, {})
        actions[change.action.value] = actions.get(change.action.value, 0) + 1
    return {system: dict(sorted(actions.items())) for system, actions in sorted(counts.items())}


def encode(document: Mapping[str, Any]) -> str:
    """A document as the text of its file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def timestamp(time: datetime) -> str:
    """A time in UTC to the second, in the form of RFC 3339."""
    return time.isoformat(timespec="seconds")
