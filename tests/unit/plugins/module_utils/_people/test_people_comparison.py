# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of people, counted, listed and written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.attributes import (  # noqa: E501
    ADDRESS_LIST_FIELDS,
)
from ansible_collections.tenantops.migration.plugins.module_utils._licenses.model import (
    AssignedLicense,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.comparison import (
    Compared,
    Finding,
    compare,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.matching import (
    Duplicate,
    Match,
    Matched,
    MatchedBy,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.model import (
    DirectoryPerson,
)
from ansible_collections.tenantops.migration.plugins.module_utils._people.summary import (
    COLUMNS,
    Report,
    comparison_lines,
    comparison_table,
)
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import (
    GAL_FIELDS,
    User,
)
from ansible_collections.tenantops.migration.plugins.modules.account_comparison_info import (
    DOCUMENTATION,
    RETURN,
)

GUID = "11111111-2222-3333-4444-555555555555"
ADDRESS = "kim@contoso.com"
LICENSE = AssignedLicense("sku")


def person(**changed: Any) -> DirectoryPerson:
    """Somebody in order in the directory."""
    held: dict[str, Any] = {
        "guid": GUID,
        "dn": "CN=Kim",
        "user_principal_name": ADDRESS,
        "mail": ADDRESS,
        "enabled": True,
        "fields": frozenset(ADDRESS_LIST_FIELDS),
    }
    return DirectoryPerson(**(held | changed))


def user(**changed: Any) -> User:
    """Somebody in order in the cloud."""
    held: dict[str, Any] = {
        "id": "id",
        "user_principal_name": ADDRESS,
        "mail": ADDRESS,
        "account_enabled": True,
        "on_premises_sync_enabled": True,
        "on_premises_immutable_id": "anchor",
        "gal": dict.fromkeys(GAL_FIELDS, "x"),
        "assigned": (LICENSE,),
    }
    return User(**(held | changed))


def joined(one: DirectoryPerson | None = None, other: User | None = None) -> Match:
    """A hard match."""
    return Match(Matched.HARD, one or person(), other or user(), MatchedBy.IMMUTABLE_ID)


CASES = [
    (joined(), []),
    (joined(person(user_principal_name="KIM@contoso.com")), []),
    (
        joined(person(user_principal_name="kim@corp.local")),
        [Finding.UPN_DIFFERS, Finding.UPN_NOT_ADDRESS],
    ),
    (joined(None, user(user_principal_name="kim@x.onmicrosoft.com")), [Finding.UPN_DIFFERS]),
    (joined(None, user(mail="other@contoso.com")), [Finding.ADDRESS_DIFFERS]),
    (joined(person(mail=None)), [Finding.ADDRESS_DIFFERS]),
    (joined(None, user(mail=None)), [Finding.ADDRESS_DIFFERS]),
    (joined(person(mail=None), user(mail=None)), []),
    (joined(person(user_principal_name=None)), [Finding.UPN_DIFFERS, Finding.UPN_NOT_ADDRESS]),
    (joined(None, user(assigned=())), [Finding.UNLICENSED]),
    (joined(None, user(assigned=(), account_enabled=False)), []),
    (joined(None, user(assigned=(AssignedLicense("s", state="Error"),))), [Finding.UNLICENSED]),
    (joined(None, user(assigned=(AssignedLicense("s", by_group="g"),))), []),
    (joined(None, user(assigned=(AssignedLicense("s", state="ActiveWithError"),))), []),
    (joined(None, user(assigned=(AssignedLicense("s", state="SomethingNew"),))), []),
    (joined(person(fields=frozenset({"sn"}))), [Finding.FIELDS_MISSING]),
    (joined(person(fields=frozenset({"sn"}), hidden=True)), []),
    (
        Match(Matched.SOFT, person(), user(), MatchedBy.PRIMARY_ADDRESS),
        [Finding.SOFT_MATCH],
    ),
    (Match(Matched.ONLY_IN_DIRECTORY, person(), None), [Finding.ONLY_IN_DIRECTORY]),
    (Match(Matched.ONLY_IN_CLOUD, None, user()), [Finding.SYNCED_FROM_ELSEWHERE]),
    (
        Match(Matched.ONLY_IN_CLOUD, None, user(on_premises_sync_enabled=None)),
        [Finding.ONLY_IN_CLOUD],
    ),
    (
        Match(
            Matched.ONLY_IN_CLOUD,
            None,
            user(on_premises_sync_enabled=None, user_principal_name="k@x.test", gal={}),
        ),
        [Finding.UPN_NOT_ADDRESS, Finding.ONLY_IN_CLOUD, Finding.FIELDS_MISSING],
    ),
    (
        Match(
            Matched.AMBIGUOUS,
            person(),
            None,
            candidates=("a", "b"),
            duplicates=(Duplicate(ADDRESS, ("a",)),),
        ),
        [Finding.AMBIGUOUS, Finding.DUPLICATE],
    ),
]


@pytest.mark.parametrize(("match", "expected"), CASES)
def test_what_is_told_of_somebody(match: Match, expected: list[Finding]) -> None:
    assert list(compare(match).findings) == expected


def test_every_finding_is_tried() -> None:
    assert {finding for _match, findings in CASES for finding in findings} == set(Finding)


def test_fields_have_the_names_of_the_directory() -> None:
    without = Match(Matched.ONLY_IN_CLOUD, None, user(gal={"city": "Lund", "jobTitle": None}))
    assert compare(without).missing_fields == tuple(
        name for name in ADDRESS_LIST_FIELDS if name != "l"
    )


def test_the_documentation_knows_all_values() -> None:
    for finding in Finding:
        assert f"      - {finding.value}\n" in DOCUMENTATION
        assert f"V({finding.value})" in RETURN
    for matched in Matched:
        assert f"V({matched.value})" in RETURN
    for by in MatchedBy:
        assert f"V({by.value})" in RETURN
    row = compare(joined()).to_json()
    assert set(row) == set(COLUMNS)
    for name in row:
        assert f"    {name}:" in RETURN


def told(limit: int, *matches: Match, findings: tuple[Finding, ...] = tuple(Finding)) -> Report:
    report = Report(limit, findings, None, None)
    for match in matches:
        report.add(compare(match))
    return report


def test_the_gravest_come_first_and_those_in_order_are_counted_alone() -> None:
    unlicensed = joined(None, user(assigned=()))
    lost = Match(Matched.ONLY_IN_DIRECTORY, person(), None)
    report = told(2, joined(), unlicensed, unlicensed, unlicensed, lost)
    assert [row["findings"] for row in report.rows.rows] == [["only_in_directory"], ["unlicensed"]]
    summary = report.summary.to_json()
    assert (summary["everybody"], summary["with_findings"]) == (5, 4)
    assert (summary["in_directory"], summary["in_cloud"]) == (5, 4)
    assert summary["matches"] == {
        "hard": 4,
        "soft": 0,
        "ambiguous": 0,
        "only_in_directory": 1,
        "only_in_cloud": 0,
    }
    assert summary["directory_suffixes"] == {"contoso.com": 5}


def test_only_chosen_findings_make_a_row_but_all_are_counted() -> None:
    report = told(
        9,
        joined(person(user_principal_name="kim@corp.local"), user(assigned=())),
        joined(person(fields=frozenset())),
        findings=(Finding.UNLICENSED,),
    )
    assert [row["findings"] for row in report.rows.rows] == [
        ["upn_differs", "upn_not_address", "unlicensed"]
    ]
    assert report.summary.findings[Finding.FIELDS_MISSING] == 1
    assert report.summary.missing_fields["sn"] == 1


def test_files_have_all_rows_however_few_the_result_lists(tmp_path: Path) -> None:
    shared = Match(
        Matched.ONLY_IN_DIRECTORY,
        person(dn="=CN", fields=frozenset({"sn"})),
        None,
        duplicates=(Duplicate("a@b.test", ("CN=A", "CN=B")),),
    )
    with (
        comparison_table(tmp_path / "t.csv") as table,
        comparison_lines(tmp_path / "t.jsonl") as lines,
    ):
        report = Report(0, tuple(Finding), table, lines)
        for match in (shared, joined(), Match(Matched.ONLY_IN_CLOUD, None, user())):
            report.add(compare(match))
    assert report.rows.rows == []
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text("utf-8-sig"))))
    assert [row["match"] for row in rows] == ["only_in_directory", "only_in_cloud"]
    assert rows[0]["duplicates"] == "a@b.test (CN=A, CN=B)"
    assert rows[0]["directory_enabled"] == "yes"
    assert rows[0]["cloud_enabled"] == ""
    first, last = map(json.loads, (tmp_path / "t.jsonl").read_text("utf-8").splitlines())
    assert first["format"] == 1
    assert first["duplicates"] == [{"address": "a@b.test", "holders": ["CN=A", "CN=B"]}]
    assert last["synced"] is True


def test_a_row_of_one_system_leaves_the_other_empty() -> None:
    row = compare(Match(Matched.ONLY_IN_DIRECTORY, person(), None)).to_json()
    assert {name for name, value in row.items() if value is None} == {
        "matched_by",
        "cloud_upn",
        "cloud_address",
        "display_name",
        "cloud_enabled",
        "synced",
        "licensed",
        "id",
    }
    assert isinstance(compare(joined()), Compared)
