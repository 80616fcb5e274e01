# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as JSON, there and back (docs/formats.md). Pure. Private to the collection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from .._changes.model import Change
from .._errors import InvalidInput, NotUnderstood
from .model import Deviation, DriftReport, Status, TenantDrift

REPORT_FORMAT = 1


def encode(report: DriftReport) -> str:
    """The report as the text of its file."""
    return json.dumps(report_document(report), ensure_ascii=False, indent=1) + "\n"


def report_document(report: DriftReport) -> dict[str, Any]:
    """The content of `drift.json`."""
    return {
        "format": REPORT_FORMAT,
        "run": report.run,
        "course": report.course,
        "started": report.started,
        "ended": report.ended,
        "verdict": report.verdict.value,
        "counts": counts_document(report.counts),
        "tenants": {each.tenant: _tenant_document(each) for each in report.tenants},
        "others": {each.tenant: _tenant_document(each) for each in report.others},
        "idle_acceptances": list(report.idle_acceptances),
    }


def counts_document(counts: Mapping[Status, int]) -> dict[str, int]:
    """A number for every status, also where it is none."""
    return {status.value: counts.get(status, 0) for status in Status}


def report_from(text: str, subject: str) -> DriftReport:
    """Read what `encode` wrote. Raises `NotUnderstood`, about `subject`, for anything else."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.get("format") != REPORT_FORMAT:
            raise ValueError("it has no format that this version knows")
        return DriftReport(
            run=str(content["run"]),
            course=str(content["course"]),
            started=str(content["started"]),
            ended=content["ended"],
            tenants=_tenants(content["tenants"]),
            others=_tenants(content["others"]),
            idle_acceptances=tuple(content["idle_acceptances"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, InvalidInput) as error:
        raise NotUnderstood(
            "The last drift report cannot be read",
            subject=subject,
            answer=f"{type(error).__name__}: {error}",
            advice="Move the file away, or put one of the folder history in its place. Without a "
            "last report, everything is told as new.",
        ) from error


def _tenants(content: Mapping[str, Mapping[str, Any]]) -> tuple[TenantDrift, ...]:
    return tuple(_tenant(name, fields) for name, fields in content.items())


def _tenant_document(tenant: TenantDrift) -> dict[str, Any]:
    document: dict[str, Any] = {
        "verdict": tenant.verdict.value,
        "known": tenant.is_known,
        "looked_at": tenant.looked_at or None,
        "known_at": tenant.known_at or None,
        "because": list(tenant.because),
        "counts": counts_document(tenant.counts),
        "deviations": [_deviation_document(each) for each in tenant.deviations],
    }
    if tenant.figures:
        document["figures"] = tenant.figures
    if tenant.earlier_figures:
        document["earlier_figures"] = tenant.earlier_figures
    return document


def _tenant(name: str, fields: Mapping[str, Any]) -> TenantDrift:
    return TenantDrift(
        tenant=name,
        is_known=bool(fields["known"]),
        looked_at=fields["looked_at"] or "",
        known_at=fields["known_at"] or "",
        because=tuple(map(str, fields["because"])),
        deviations=tuple(map(_deviation, fields["deviations"])),
        figures=fields.get("figures", {}),
        earlier_figures=fields.get("earlier_figures", {}),
    )


def _deviation_document(deviation: Deviation) -> dict[str, Any]:
    document: dict[str, Any] = {
        "status": deviation.status.value,
        "first_seen": deviation.first_seen,
        "last_seen": deviation.last_seen,
        "change": deviation.change.to_json(),
    }
    if deviation.is_replacement:
        document["replaces"] = deviation.replaces
    if deviation.until is not None:
        document |= {"reason": deviation.reason, "until": deviation.until.isoformat()}
    return document


def _deviation(fields: Mapping[str, Any]) -> Deviation:
    until = fields.get("until")
    return Deviation(
        change=Change.from_json(fields["change"]),
        status=Status(fields["status"]),
        first_seen=str(fields["first_seen"]),
        last_seen=str(fields["last_seen"]),
        replaces=fields.get("replaces"),
        is_replacement="replaces" in fields,
        reason=fields.get("reason"),
        until=None if until is None else date.fromisoformat(until),
    )
