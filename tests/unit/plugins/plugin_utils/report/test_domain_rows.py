# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment import summary
from ansible_collections.tenantops.migration.plugins.module_utils._domain_assessment.model import (
    Assessed,
    BadEntry,
    DnsFacts,
    Entry,
    Judgement,
    Option,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import (
    Realm,
    RealmKind,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.domains import (
    domain_assessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.observation import (
    NOT_ASSESSED,
    observe,
)

_ANNA = Assessed(
    Entry("contoso.test", "anna@contoso.test", "Anna", "Buyer", 2),
    Realm("contoso.test", RealmKind.VIRAL, "tenant", "global", "Contoso"),
    True,
    DnsFacts("contoso.test", ("ns1.h.test",), ("h.test",), ("mx.m.test",), ("m.test",)),
    Judgement(Option.TAKE_OVER, "reason"),
)
_BAD = Assessed(BadEntry("x", InvalidInput("bad")), errors=(InvalidInput("bad", advice="mend"),))
_HALF = Assessed(
    Entry("fabrikam.test"),
    Realm("fabrikam.test", RealmKind.UNKNOWN),
    judgement=Judgement(Option.ADD_DOMAIN, "reason"),
    errors=(ConnectionFailed("no resolver answers"),),
)


def _result(*rows: Assessed, limit: int = 10) -> dict[str, Any]:
    """What the module returns, made by its own means."""
    told, first = summary.Summary(), summary.FirstRows(limit)
    for row in rows:
        told.add(row)
        first.add(row)
    return {
        "changed": False,
        "summary": told.to_json(),
        "assessed": first.rows,
        "written": {"csv": "/srv/out.csv"},
    }


def test_rows_and_figures_are_read() -> None:
    found = domain_assessment(_result(_ANNA, _BAD, _HALF, _ANNA))

    assert found is not None
    assert (found.entries, found.domains, found.failed) == (4, 2, 2)
    assert found.options[Option.TAKE_OVER] == 2
    assert found.realms[RealmKind.VIRAL] == 1
    assert found.dns_hosts == {"h.test": 1}
    assert found.files == ("/srv/out.csv",)
    bad, half, anna, _again = found.rows
    assert (bad.text, bad.realm, bad.option, bad.errors) == ("x", None, None, ("bad. mend",))
    assert (half.text, half.realm, half.errors) == (
        "fabrikam.test",
        RealmKind.UNKNOWN,
        ("no resolver answers.",),
    )
    assert (anna.text, anna.line, anna.name, anna.role) == ("anna@contoso.test", 2, "Anna", "Buyer")
    assert (anna.is_personal, anna.brand, anna.dns_hosts) == (True, "Contoso", ("h.test",))


def test_figures_are_about_all_rows_however_few_are_listed() -> None:
    found = domain_assessment(_result(_ANNA, _HALF, _BAD, limit=1))

    assert found is not None
    assert found.entries == 3
    assert [row.text for row in found.rows] == ["fabrikam.test"]


def test_rows_of_a_task_that_failed_are_read() -> None:
    (seen,) = observe({**_result(_BAD), "msg": "1 of 1 failed"}, failed=True, no_log=False)

    assert seen.failed
    assert seen.domain_assessment is not None
    assert seen.domain_assessment.failed == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"assessed": None},
        {"assessed": [{}]},
        {"summary": {"realms": {}}},
        {"summary": {**_result()["summary"], "realms": {"green": 1}}},
    ],
)
def test_what_is_not_understood_is_a_gap(broken: dict[str, Any]) -> None:
    (seen,) = observe({**_result(_ANNA), **broken}, failed=False, no_log=False)

    assert seen.domain_assessment is None
    assert seen.gap == NOT_ASSESSED


def test_other_results_say_nothing_about_domains() -> None:
    assert domain_assessment({"changed": False, "realms": []}) is None
    assert domain_assessment({"summary": {"rules": {}}}) is None
