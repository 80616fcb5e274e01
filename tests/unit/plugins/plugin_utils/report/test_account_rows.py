# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts: from the module's own result to the index and the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._people.comparison import (
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
from ansible_collections.tenantops.migration.plugins.module_utils._people.summary import Report
from ansible_collections.tenantops.migration.plugins.module_utils._users.model import User
from ansible_collections.tenantops.migration.plugins.plugin_utils._report import model
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.accounts import (
    AccountAssessment,
    account_assessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.documents import (
    index_document,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Mode,
    Tenant,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.observation import (
    NOT_ASSESSED,
    observe,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.page import render

_NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_HOSTILE = "\"'><script>alert(1)</script>"
_PERSON = DirectoryPerson(
    "11111111-2222-3333-4444-555555555555",
    "CN=Kim,DC=corp",
    "kim@corp.local",
    "kim@contoso.com",
    display_name="Kim Larsen",
)
_USER = User("id", "kim@contoso.onmicrosoft.com", mail="kim@contoso.com", account_enabled=True)
_KIM = Match(Matched.HARD, _PERSON, _USER, MatchedBy.IMMUTABLE_ID)
_LOST = Match(
    Matched.AMBIGUOUS,
    replace(_PERSON, display_name=None, user_principal_name=None),
    None,
    candidates=("a@contoso.com", "b@contoso.com"),
    duplicates=(Duplicate("kim@contoso.com", ("CN=Other",)),),
)


def _result(*matches: Match, limit: int = 10) -> dict[str, Any]:
    """What the module returns, made by its own means."""
    report = Report(limit, tuple(Finding), None, None)
    for match in matches:
        report.add(compare(match))
    return {
        "changed": False,
        "summary": {**report.summary.to_json(), "skipped": {}, "guests": 0},
        "people": report.rows.rows,
        "written": {"csv": "/srv/accounts.csv"},
    }


def _found(*matches: Match, limit: int = 10) -> AccountAssessment:
    found = account_assessment(_result(*matches, limit=limit))
    assert found is not None
    return found


def _report(*tenants: Tenant) -> model.Report:
    return model.Report("Title", "playbook", Mode.CHECK, _NOW, _NOW, (), tenants)


def _page(*tenants: Tenant) -> str:
    return "".join(render(_report(*tenants)))


def test_rows_and_figures_are_read() -> None:
    found = _found(_KIM, _LOST)

    assert (found.everybody, found.with_findings) == (2, 2)
    assert (found.in_directory, found.in_cloud) == (2, 1)
    assert found.matches[Matched.HARD] == found.findings[Finding.AMBIGUOUS] == 1
    assert found.directory_suffixes == {"corp.local": 1, "(none)": 1}
    assert found.files == ("/srv/accounts.csv",)
    lost, kim = found.rows
    assert (kim.name, kim.where) == ("Kim Larsen", "CN=Kim,DC=corp")
    assert (kim.directory_upn, kim.cloud_upn) == ("kim@corp.local", "kim@contoso.onmicrosoft.com")
    assert kim.directory_address == kim.cloud_address == "kim@contoso.com"
    assert (lost.name, lost.cloud_upn) == ("CN=Kim,DC=corp", "")
    assert lost.notes[:2] == (
        "kim@contoso.com: also CN=Other",
        "Fits: a@contoso.com, b@contoso.com",
    )
    assert lost.notes[2].startswith("Without givenName, sn, ")


def test_suffixes_that_print_the_same_are_counted_together() -> None:
    result = _result(_KIM)
    result["summary"]["directory_suffixes"] = {"a\udce5.com": 2, "a\\udce5.com": 3}
    found = account_assessment(result)
    assert found is not None
    assert found.directory_suffixes == {"a\\udce5.com": 5}


@pytest.mark.parametrize(
    "broken",
    [
        {"people": None},
        {"people": [{}]},
        {"summary": {"matches": {}}},
        {"summary": {**_result()["summary"], "findings": {"telepathy": 1}}},
        {"people": [{**_result(_KIM)["people"][0], "match": "somehow"}]},
        {"people": [{**_result(_KIM)["people"][0], "duplicates": [1]}]},
    ],
)
def test_what_is_not_understood_is_a_gap(broken: dict[str, Any]) -> None:
    (seen,) = observe({**_result(_KIM), **broken}, failed=False, no_log=False)

    assert seen.account_assessment is None
    assert seen.gap == NOT_ASSESSED


def test_other_results_say_nothing_about_accounts() -> None:
    assert account_assessment({"people": []}) is None
    assert account_assessment({"summary": {"rules": {}, "methods": {}}}) is None


def test_index_counts_people_as_the_last_look_found_them() -> None:
    looks = [("First", _found(_KIM, _KIM)), ("Last", _found(_LOST))]
    report = _report(Tenant("contoso", account_assessments=looks), Tenant("fabrikam"))

    index = index_document(report, {"contoso": "0", "fabrikam": "1"}, {})

    counted = index["tenants"]["contoso"]["accounts"]
    assert {finding for finding, number in counted.items() if number} == {
        "ambiguous",
        "duplicate",
        "upn_not_address",
        "fields_missing",
    }
    assert "accounts" not in index["tenants"]["fabrikam"]


def test_accounts_are_told_if_they_were_compared() -> None:
    unseen = _page(Tenant("contoso"))
    found = _found(_KIM, _KIM, _LOST, limit=2)
    seen = _page(Tenant("contoso", account_assessments=[("Look", found)]))

    assert 'id="accounts"' not in unseen
    assert "Differing UPNs" not in unseen
    assert "Differing UPNs<dd>2" in seen
    assert "3 people in the directory and 2 users in the cloud compared." in seen
    assert '<span class="pill amber">2 UPN differs</span>' in seen
    assert '<span class="pill red">1 several fit</span>' in seen
    assert '<b class="amber">UPN differs</b>' in seen
    assert "<td>kim@corp.local <small>kim@contoso.com</small>" in seen
    assert "<td>kim@contoso.onmicrosoft.com <small>kim@contoso.com</small>" in seen
    assert "2 people of 3, as many as the task lists." in seen
    assert "<code>/srv/accounts.csv</code>" in seen


def test_people_in_order_have_no_rows() -> None:
    fine = replace(_PERSON, user_principal_name="kim@contoso.com", hidden=True)
    same = replace(_USER, user_principal_name="kim@contoso.com", account_enabled=False)
    page = _page(
        Tenant(
            "contoso", account_assessments=[("Look", _found(replace(_KIM, person=fine, user=same)))]
        )
    )

    assert "There is something to tell of 0." in page
    assert '<table class="list accounts">' not in page


def test_every_value_of_a_person_is_text() -> None:
    person = replace(
        _PERSON,
        dn=_HOSTILE,
        user_principal_name=f"{_HOSTILE}@{_HOSTILE}",
        mail=_HOSTILE,
        display_name=_HOSTILE,
    )
    user = replace(_USER, user_principal_name=f"{_HOSTILE}@{_HOSTILE}", mail=_HOSTILE)
    hostile = Match(
        Matched.HARD,
        person,
        user,
        MatchedBy.IMMUTABLE_ID,
        (_HOSTILE,),
        (Duplicate(_HOSTILE, (_HOSTILE,)),),
    )
    found = replace(_found(hostile), files=(_HOSTILE,))
    page = _page(Tenant("contoso", account_assessments=[(_HOSTILE, found)]))

    assert page.count("<script>") == 1
    assert _HOSTILE not in page
