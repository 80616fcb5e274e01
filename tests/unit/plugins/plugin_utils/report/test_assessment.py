# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    Finding,
    Holder,
    Kind,
    ObjectClass,
    Severity,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._review_file.json_lines import (
    finding_record,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.assessment import (
    ListedFinding,
    ObjectFailure,
    Suggestion,
    assessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.observation import (
    NOT_ASSESSED,
    observe,
)

_SUMMARY: dict[str, Any] = {
    "objects_read": 20,
    "in_scope": 10,
    "with_findings": 2,
    "skipped": {"critical system object": 3},
    "severities": {"blocking": 1, "warning": 0, "advice": 2},
    "rules": {"mail.duplicate": 3},
    "address_list_fields": {"title": 66.7},
    "searched": "corp.example at ldaps://dc1",
}


def _record(suggestion: ValueChange | None = None) -> dict[str, Any]:
    """A finding as the modules really return it."""
    thing = DirectoryObject("guid", "CN=Åsa", ObjectClass.USER, "corp.example", {})
    holder = Holder("other", "CN=Info", ObjectClass.CONTACT, "targetAddress", "SMTP:a@b.test")
    finding = Finding(
        "mail.duplicate",
        Kind.DUPLICATE,
        Severity.BLOCKING,
        "mail",
        "a@b.test",
        "is held twice",
        (holder,),
        suggestion,
        "" if suggestion else "somebody must choose",
    )
    return dict(finding_record(thing, finding))


def _listed(suggestion: Suggestion | None, reason: str) -> ListedFinding:
    return ListedFinding(
        "mail.duplicate",
        Severity.BLOCKING,
        "CN=Åsa",
        "user",
        "guid",
        "mail",
        "a@b.test",
        "is held twice",
        suggestion,
        reason,
        ("CN=Info (targetAddress SMTP:a@b.test)",),
    )


def test_what_a_task_found_is_read() -> None:
    result = {
        "changed": False,
        "summary": _SUMMARY,
        "findings": [_record(), _record(ValueChange("mail", "a@b.test", "c@b.test"))],
        "written": {"csv": "/srv/review.csv", "json_lines": None},
    }

    found = assessment(result)

    assert found is not None
    assert (found.objects_read, found.in_scope, found.with_findings) == (20, 10, 2)
    assert found.severities == {Severity.BLOCKING: 1, Severity.WARNING: 0, Severity.ADVICE: 2}
    assert found.total == 3
    assert found.files == ("/srv/review.csv",)
    assert found.findings == (
        _listed(None, "somebody must choose"),
        _listed(Suggestion("mail", "c@b.test"), ""),
    )
    assert not found.is_before_fixes


def test_what_a_fixing_task_left_is_read() -> None:
    error = {"problem": "It was changed.", "answer": "mail is 'x'", "advice": "", "kind": "any"}
    result = {
        "changes": [],
        "summary": _SUMMARY,
        "left": [_record()],
        "failures": [{"dn": "CN=Jan", "guid": "1", "error": error}],
    }

    found = assessment(result)

    assert found is not None
    assert found.is_before_fixes
    assert found.findings == (_listed(None, "somebody must choose"),)
    assert found.failures == (ObjectFailure("CN=Jan", "1", "It was changed. mail is 'x'."),)


@pytest.mark.parametrize("result", [{}, {"summary": "text"}, {"summary": {"changed": 3}}])
def test_other_results_hold_none(result: dict[str, Any]) -> None:
    assert assessment(result) is None


@pytest.mark.parametrize(
    "result",
    [
        {"summary": {**_SUMMARY, "objects_read": "many"}},
        {"summary": {**_SUMMARY, "severities": {"deadly": 1}}},
        {"summary": {**_SUMMARY, "skipped": 7}},
        {"summary": {"rules": {}}},
        {"summary": _SUMMARY, "findings": "text"},
        {"summary": _SUMMARY, "findings": [{}]},
        {"summary": _SUMMARY, "findings": [None]},
        {"summary": _SUMMARY, "failures": [{"dn": "CN=Jan"}]},
    ],
)
def test_assessment_that_is_not_understood_is_a_gap(result: dict[str, Any]) -> None:
    (seen,) = observe(result, failed=False, no_log=False)

    assert (seen.assessment, seen.gap) == (None, NOT_ASSESSED)


def test_nothing_is_read_of_a_hidden_assessment() -> None:
    (seen,) = observe({"summary": _SUMMARY, "findings": []}, failed=False, no_log=True)

    assert seen.assessment is None


def test_failed_task_still_tells_what_it_found() -> None:
    result = {"msg": "1 object is not as wanted", "summary": _SUMMARY, "left": []}

    (seen,) = observe(result, failed=True, no_log=False)

    assert seen.failed
    assert seen.assessment is not None


def test_values_that_are_no_unicode_can_be_written() -> None:
    found = assessment({"summary": _SUMMARY, "findings": [{**_record(), "value": "caf\udce9"}]})

    assert found is not None
    assert found.findings[0].value == "caf\\udce9"
