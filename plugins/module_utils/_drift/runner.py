# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `fleet_drift`. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._doors.operation import Outcome
from .._errors import InvalidInput
from .acceptance import Acceptance, places
from .acceptance_file import accepted_in
from .comparison import UNDER_WAY, compare, idle, unknown
from .documents import counts_document
from .folder import DriftFolder, checked_run
from .model import DriftReport, TenantDrift, Verdict, by_name
from .notification import TEXT_NAME, Extent, headline, notifications
from .plans import Look, moment, read_plans

BEGUN = "begun"
ENDED = "ended"

_RUN_FORMAT = "%Y%m%dT%H%M%SZ"


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Write that a look at the tenants has begun, or what it came to. No tenant is asked."""
    now = datetime.now(UTC)
    folder = DriftFolder(_absolute(parameters, "folder"))
    accepted = accepted_in(_optional_path(parameters, "accepted"))
    _check(parameters)
    with folder.locked():
        last = folder.last()
        known = {} if last is None else by_name([*last.others, *last.tenants])
        if parameters["state"] == BEGUN:
            report = _begun(parameters, known, now)
        else:
            report = _ended(parameters, known, accepted, now)
        texts = notifications(report, _extent(parameters), _optional_path(parameters, "templates"))
        if parameters["state"] == ENDED:
            folder.keep(report, parameters["history_kept"])
        folder.write(report, texts)
    return Outcome(values=_told(report, folder, texts))


def _begun(
    parameters: Mapping[str, Any], known: Mapping[str, TenantDrift], now: datetime
) -> DriftReport:
    names = list(dict.fromkeys(parameters["tenants"]))
    return DriftReport(
        run=_run_name(parameters, now),
        course=parameters["course"] or "",
        started=_timestamp(now),
        ended=None,
        tenants=tuple(unknown(known.get(name), name, UNDER_WAY) for name in names),
        others=_others(known, names),
    )


def _ended(
    parameters: Mapping[str, Any],
    known: Mapping[str, TenantDrift],
    accepted: Sequence[Acceptance],
    now: datetime,
) -> DriftReport:
    began = parameters["began"]
    not_before = None if not began else moment(began, "began")
    look = _look(parameters, not_before)
    names = [seen.tenant for seen in look.tenants]
    told = _timestamp(now)
    tenants = tuple(
        compare(known.get(seen.tenant), seen, accepted, now=told, today=now.date())
        for seen in look.tenants
    )
    return DriftReport(
        run=_run_name(parameters, not_before or now),
        course=parameters["course"] or look.course,
        started=_timestamp(not_before or now),
        ended=told,
        tenants=tenants,
        others=_others(known, names),
        idle_acceptances=tuple(places(idle(accepted, tenants, today=now.date()))),
    )


def _look(parameters: Mapping[str, Any], not_before: datetime | None) -> Look:
    if parameters["plans"] is None:
        raise InvalidInput("plans is missing", advice="Give the folder of the dry run's plans.")
    return read_plans(_absolute(parameters, "plans"), parameters["tenants"], not_before=not_before)


def _others(known: Mapping[str, TenantDrift], names: Iterable[str]) -> tuple[TenantDrift, ...]:
    """Tenants that this look is not for; what was last known of them is kept."""
    meant = set(names)
    return tuple(tenant for name, tenant in sorted(known.items()) if name not in meant)


def _told(report: DriftReport, folder: DriftFolder, texts: Mapping[str, str]) -> dict[str, Any]:
    drifted = (Verdict.DRIFT, Verdict.DRIFT_AND_FAILED)
    return {
        "changed": False,
        "verdict": report.verdict.value,
        "headline": headline(report),
        "counts": counts_document(report.counts),
        "drifted": [each.tenant for each in report.tenants if each.verdict in drifted],
        "unknown": [each.tenant for each in report.tenants if not each.is_known],
        "began": report.started,
        "run": report.run,
        "report": str(folder.report_path),
        "notification": texts[TEXT_NAME],
    }


def _extent(parameters: Mapping[str, Any]) -> Extent:
    return Extent(parameters["objects_told"], parameters["tenants_told"])


def _check(parameters: Mapping[str, Any]) -> None:
    if not parameters["tenants"]:
        raise InvalidInput(
            "There is no tenant to look at",
            advice="See that the inventory has hosts in the group tenants, or what "
            "tenantops_hosts and --limit leave of them.",
        )
    for name, least in (("objects_told", 0), ("tenants_told", 0), ("history_kept", 1)):
        if parameters[name] < least:
            raise InvalidInput(f"{name} is less than {least}", answer=str(parameters[name]))


def _run_name(parameters: Mapping[str, Any], now: datetime) -> str:
    return checked_run(parameters["run"] or now.astimezone(UTC).strftime(_RUN_FORMAT))


def _timestamp(time: datetime) -> str:
    """UTC to the second, in the form of RFC 3339."""
    return time.astimezone(UTC).isoformat(timespec="seconds")


def _optional_path(parameters: Mapping[str, Any], option: str) -> Path | None:
    return _absolute(parameters, option) if parameters[option] else None


def _absolute(parameters: Mapping[str, Any], option: str) -> Path:
    path = Path(parameters[option])
    if not path.is_absolute():
        raise InvalidInput(
            f"{option} must be an absolute path: {str(path)!r}",
            advice="A relative one would mean another folder for each place a module can run in.",
        )
    return path
