# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task result says about people: who is who in the directory and the cloud, what differs.

Plain data, and how it is read from the results of account_comparison_info: no I/O and no Ansible.
Private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...module_utils._people.comparison import Finding
from ...module_utils._people.matching import Matched
from .assessment import printable


@dataclass(frozen=True)
class ListedPerson:
    """Somebody as people read it; what a system does not say is empty.

    `notes` says the rest in words: who else has an address, who fits as well, what is missing.
    """

    name: str
    matched: Matched
    findings: tuple[Finding, ...]
    where: str
    directory_upn: str
    cloud_upn: str
    directory_address: str
    cloud_address: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class AccountAssessment:
    """The people of a tenant as one task compared them.

    The figures are about all of them, `rows` are those that the task listed, and `files` where it
    wrote all.
    """

    everybody: int
    with_findings: int
    in_directory: int
    in_cloud: int
    matches: Mapping[Matched, int]
    findings: Mapping[Finding, int]
    directory_suffixes: Mapping[str, int]
    cloud_suffixes: Mapping[str, int]
    rows: tuple[ListedPerson, ...]
    files: tuple[str, ...]


def account_assessment(result: Mapping[str, Any]) -> AccountAssessment | None:
    """The assessment in a result, null if there is none.

    Raises `KeyError`, `TypeError` or `ValueError` if it is not one as this version knows it.
    """
    summary = result.get("summary")
    if not isinstance(summary, Mapping) or "matches" not in summary:
        return None
    listed = result["people"]
    if not isinstance(listed, list | tuple):
        raise TypeError("no list")
    return AccountAssessment(
        everybody=int(summary["everybody"]),
        with_findings=int(summary["with_findings"]),
        in_directory=int(summary["in_directory"]),
        in_cloud=int(summary["in_cloud"]),
        matches={Matched(name): int(number) for name, number in summary["matches"].items()},
        findings={Finding(name): int(number) for name, number in summary["findings"].items()},
        directory_suffixes=_counts(summary["directory_suffixes"]),
        cloud_suffixes=_counts(summary["cloud_suffixes"]),
        rows=tuple(map(_row, listed)),
        files=tuple(printable(path) for path in dict(result.get("written") or {}).values() if path),
    )


def _row(row: Mapping[str, Any]) -> ListedPerson:
    where = _text(row["dn"]) or _text(row["id"])
    names = (_text(row[name]) for name in ("display_name", "directory_upn", "cloud_upn"))
    return ListedPerson(
        name=next((name for name in names if name), where),
        matched=Matched(row["match"]),
        findings=tuple(map(Finding, row["findings"])),
        where=where,
        directory_upn=_text(row["directory_upn"]),
        cloud_upn=_text(row["cloud_upn"]),
        directory_address=_text(row["directory_address"]),
        cloud_address=_text(row["cloud_address"]),
        notes=tuple(map(printable, _notes(row))),
    )


def _notes(row: Mapping[str, Any]) -> list[str]:
    notes = [
        f"{duplicate['address']}: also {', '.join(duplicate['holders'])}"
        for duplicate in row["duplicates"]
    ]
    if row["candidates"]:
        notes.append(f"Fits: {', '.join(row['candidates'])}")
    if row["missing_fields"]:
        notes.append(f"Without {', '.join(row['missing_fields'])}")
    return notes


def _counts(counts: Mapping[str, Any]) -> dict[str, int]:
    printed: Counter[str] = Counter()
    for name, number in counts.items():
        printed[printable(name) or "(none)"] += int(number)
    return dict(printed)


def _text(value: object) -> str:
    return "" if value is None else printable(value)
