# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task result says about changes, about a directory, about domains, guests and accounts.

Reads `changes`, `conflicts`, `msg` and `error` of a result, what it says about a directory, about
domains, guests or accounts, and nothing else, above all no arguments; reads nothing of a result
that `no_log` covers. Pure. Private to the collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils._changes.model import Change
from ...module_utils._errors import InvalidInput, PersonNeeded
from .accounts import AccountAssessment, account_assessment
from .assessment import Assessment, assessment, printable
from .domains import DomainAssessment, domain_assessment
from .guests import GuestAssessment, guest_assessment
from .model import Conflict

HIDDEN = "its result is hidden by no_log."
IN_BACKGROUND = "it went on in the background (async), so its changes are not known here."
NOT_ASSESSED = "its result holds an assessment that this version does not understand."
NOT_CHANGES = "its result holds changes that this version does not understand."

_ERROR_FIELDS = ("kind", "problem", "server", "object", "answer", "advice")


@dataclass(frozen=True)
class Observation:
    """One result, or one item of a loop's.

    `gap` says why its changes are not known. `failed` is also true for a failure that the playbook
    declared to be none (`failed_when`): the changes behind it are as unknown as any failure's.
    """

    changes: tuple[Change, ...] = ()
    failed: bool = False
    skipped: bool = False
    message: str = ""
    error: Mapping[str, str] | None = None
    gap: str = ""
    conflicts: tuple[Conflict, ...] = ()
    assessment: Assessment | None = None
    domain_assessment: DomainAssessment | None = None
    guest_assessment: GuestAssessment | None = None
    account_assessment: AccountAssessment | None = None

    @property
    def is_gate(self) -> bool:
        """Whether it failed because only a person can go on."""
        return self.error is not None and self.error.get("kind") == PersonNeeded.kind


def observe(result: Mapping[str, Any], *, failed: bool, no_log: bool) -> list[Observation]:
    """The observations of a result: one, or one for each item of a loop.

    `failed` and `no_log` are the task's; items of a loop say for themselves whether they failed.
    """
    if no_log:
        return [Observation(failed=failed, message=HIDDEN if failed else "", gap=HIDDEN)]
    items = result.get("results")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        return [_observe_one(result, failed=failed)]
    observed = [_observe_one(item, failed=_has_failed(item)) for item in items]
    if failed and not any(item.failed for item in observed):
        # The loop as a whole failed, with a message of its own.
        observed.append(Observation(failed=True, message=message(result)))
    return observed


def message(result: Mapping[str, Any]) -> str:
    """The message of a result as text, or that it is hidden."""
    if _is_hidden(result):
        return HIDDEN
    told = result.get("msg")
    if told is None:
        return "The task failed and gave no message."
    return printable(told if isinstance(told, str) else json.dumps(told, default=str))


def _observe_one(result: Mapping[str, Any], *, failed: bool) -> Observation:
    if _is_hidden(result):
        return Observation(failed=failed, message=HIDDEN if failed else "", gap=HIDDEN)
    error = _error(result.get("error"))
    failed = failed or error is not None
    changes, gap = _changes(result)
    found, problem = _assessments(result)
    return Observation(
        changes=changes,
        conflicts=_conflicts(result),
        assessment=found.directory,
        domain_assessment=found.domains,
        guest_assessment=found.guests,
        account_assessment=found.accounts,
        failed=failed,
        skipped=bool(result.get("skipped")),
        message=message(result) if failed else "",
        error=error,
        gap=gap or problem,
    )


def _changes(result: Mapping[str, Any]) -> tuple[tuple[Change, ...], str]:
    listed = result.get("changes")
    if listed is None:
        runs_on = "ansible_job_id" in result and not result.get("finished")
        return (), IN_BACKGROUND if runs_on else ""
    try:
        changes = tuple(Change.from_json(change) for change in listed)
        # A plan must be writable: this also refuses text that is not Unicode.
        json.dumps([change.to_json() for change in changes], ensure_ascii=False).encode("utf-8")
    except (InvalidInput, TypeError, ValueError):
        return (), NOT_CHANGES
    return changes, ""


@dataclass(frozen=True)
class _Assessments:
    """What a result says beside changes, each null if it says nothing of the kind."""

    directory: Assessment | None = None
    domains: DomainAssessment | None = None
    guests: GuestAssessment | None = None
    accounts: AccountAssessment | None = None


def _assessments(result: Mapping[str, Any]) -> tuple[_Assessments, str]:
    """The assessments, and what is wrong with them."""
    try:
        found = _Assessments(
            assessment(result),
            domain_assessment(result),
            guest_assessment(result),
            account_assessment(result),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return _Assessments(), NOT_ASSESSED
    return found, ""


def _conflicts(result: Mapping[str, Any]) -> tuple[Conflict, ...]:
    """What a rollback left alone; it is told in warnings as well, so nothing hangs on it here."""
    try:
        return tuple(
            Conflict(
                Change.from_json(conflict["change"]),
                printable(conflict["found"]),
                printable(conflict["reason"]),
            )
            for conflict in result.get("conflicts") or ()
        )
    except (InvalidInput, KeyError, TypeError):
        return ()


def _error(error: Any) -> dict[str, str] | None:
    if not isinstance(error, Mapping):
        return None
    return {name: printable(str(error[name])) for name in _ERROR_FIELDS if name in error}


def _has_failed(item: Mapping[str, Any]) -> bool:
    if "failed_when_result" in item:
        return bool(item["failed_when_result"])
    return bool(item.get("failed") or item.get("unreachable"))


def _is_hidden(result: Mapping[str, Any]) -> bool:
    return bool(result.get("_ansible_no_log")) or "censored" in result
