# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task result says about a directory: the numbers, the findings, the objects not changed.

Plain data, and how it is read from the results of ad_attributes_info and ad_attributes: no I/O and
no Ansible. Private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._attribute_rules.model import Severity


@dataclass(frozen=True)
class ListedFinding:
    """A finding as people read it; `suggestion` is null where `reason` says what to do."""

    rule: str
    severity: Severity
    dn: str
    object_class: str
    guid: str
    attribute: str
    value: str | None
    detail: str
    suggestion: Suggestion | None
    reason: str
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Suggestion:
    """What to write instead; a null value is one to be removed."""

    attribute: str
    value: str | None


@dataclass(frozen=True)
class ObjectFailure:
    """An object that was not changed, and why."""

    dn: str
    guid: str
    message: str


@dataclass(frozen=True)
class Assessment:
    """A directory as one task found it.

    `severities` and `rules` count all findings; `findings` are those that the task listed, and
    `files` where it wrote all of them. `address_list_fields` are percentages. A task that fixes
    counts what it found, and lists what it left: `is_before_fixes` tells.
    """

    objects_read: int
    in_scope: int
    with_findings: int
    searched: str
    skipped: Mapping[str, int]
    severities: Mapping[Severity, int]
    rules: Mapping[str, int]
    address_list_fields: Mapping[str, float]
    findings: tuple[ListedFinding, ...]
    failures: tuple[ObjectFailure, ...]
    files: tuple[str, ...]
    is_before_fixes: bool

    @property
    def numbers(self) -> tuple[object, ...]:
        """What is told in tables: the same for two tasks that found a directory alike."""
        return (self.rules, self.skipped, self.address_list_fields)

    @property
    def total(self) -> int:
        """How many findings there are."""
        return sum(self.severities.values())


def assessment(result: Mapping[str, Any]) -> Assessment | None:
    """The assessment in a result, null if there is none.

    Raises `KeyError`, `TypeError` or `ValueError` if it is not one as this version knows it.
    """
    summary = result.get("summary")
    if not isinstance(summary, Mapping) or "rules" not in summary:
        return None
    return Assessment(
        objects_read=int(summary["objects_read"]),
        in_scope=int(summary["in_scope"]),
        with_findings=int(summary["with_findings"]),
        searched=printable(summary["searched"]),
        skipped=_counts(summary["skipped"]),
        severities={
            Severity(name): number for name, number in _counts(summary["severities"]).items()
        },
        rules=_counts(summary["rules"]),
        address_list_fields={
            printable(name): float(percent)
            for name, percent in dict(summary["address_list_fields"]).items()
        },
        # What is fixed need not be listed; what is left must.
        findings=tuple(map(_finding, _listed(result, "findings", "left"))),
        failures=tuple(map(_failure, _listed(result, "failures"))),
        files=tuple(printable(path) for path in dict(result.get("written") or {}).values() if path),
        is_before_fixes="left" in result,
    )


def printable(text: object) -> str:
    """Text that can be written as UTF-8: bytes that are none are shown by their numbers."""
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def _listed(result: Mapping[str, Any], *names: str) -> Sequence[Mapping[str, Any]]:
    listed = next((result[name] for name in names if result.get(name) is not None), ())
    if not isinstance(listed, list | tuple):
        raise TypeError(f"{names[0]} is no list")
    return listed


def _finding(finding: Mapping[str, Any]) -> ListedFinding:
    suggestion = finding["suggestion"]
    return ListedFinding(
        rule=printable(finding["rule"]),
        severity=Severity(finding["severity"]),
        dn=printable(finding["dn"]),
        object_class=printable(finding["object_class"]),
        guid=printable(finding["guid"]),
        attribute=printable(finding["attribute"]),
        value=_value(finding["value"]),
        detail=printable(finding["detail"]),
        suggestion=None
        if suggestion is None
        else Suggestion(printable(suggestion["attribute"]), _value(suggestion["after"])),
        reason=printable(finding["reason"]),
        holders=tuple(
            printable(f"{holder['dn']} ({holder['attribute']} {holder['value']})")
            for holder in finding["holders"]
        ),
    )


def _failure(failure: Mapping[str, Any]) -> ObjectFailure:
    error = failure["error"]
    told = [error["problem"], error["answer"], error["advice"]]
    return ObjectFailure(
        dn=printable(failure["dn"]),
        guid=printable(failure["guid"]),
        message=printable(" ".join(f"{str(text).rstrip('.')}." for text in told if text)),
    )


def _value(value: object) -> str | None:
    return None if value is None else printable(value)


def _counts(counts: Mapping[str, Any]) -> dict[str, int]:
    return {printable(name): int(number) for name, number in dict(counts).items()}
