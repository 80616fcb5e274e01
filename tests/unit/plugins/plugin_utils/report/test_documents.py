# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    Action,
    Change,
    System,
)
from ansible_collections.tenantops.migration.plugins.module_utils._realms.model import RealmKind
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.assessment import (
    assessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.documents import (
    index_document,
    plan_document,
    plan_name,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.domains import (
    DomainAssessment,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._report.model import (
    Failure,
    Mode,
    Report,
    Step,
    StepCount,
    Tenant,
)

_STARTED = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _report(*tenants: Tenant) -> Report:
    ended = _STARTED + timedelta(seconds=5)
    return Report("Title", "move.yml", Mode.CHECK, _STARTED, ended, (), tenants)


def _change() -> Change:
    return Change(System.DNS, "txt_rrset", "id", "name", "TXT", Action.ADD, None, "value")


@pytest.mark.parametrize(
    ("tenant", "expected"),
    [
        ("contoso", "contoso.json"),
        ("fourthcoffee.example.test", "fourthcoffee.example.test.json"),
        ("admin@contoso", "admin@contoso.json"),
        ("a/b", "a%2Fb.json"),
        ("..", "%2E..json"),
        (".hidden", "%2Ehidden.json"),
        ("a%2Fb", "a%252Fb.json"),
        ("index", "%69ndex.json"),
        ("Index", "%49ndex.json"),
        ("two words\n", "two%20words%0A.json"),
        ("Åsa", "%C3%85sa.json"),
    ],
)
def test_file_is_named_after_the_tenant_where_that_is_safe(tenant: str, expected: str) -> None:
    assert plan_name(tenant) == expected


def test_long_names_are_cut_without_becoming_the_same() -> None:
    one, other = plan_name("青" * 100 + "1"), plan_name("青" * 100 + "2")

    assert one != other
    assert len(one) < 200
    assert "/" not in one


def test_plan_says_beside_its_digest_what_is_missing() -> None:
    tenant = Tenant("contoso", changes=[_change()], failures=[Failure("step", "dns_txt", "no")])

    whole = plan_document(_report(), Tenant("contoso", changes=[_change()]))
    part = plan_document(_report(), tenant)

    assert whole["complete"] is True
    assert part["complete"] is False
    assert part["failures"][0]["msg"] == "no"
    assert part["sha256"] == whole["sha256"]


def test_gates_are_listed_apart_from_failures() -> None:
    error = {"kind": "gate", "problem": "Owned elsewhere", "advice": "Ask the owner"}
    gate = Failure("step", "entra_domain", "Owned elsewhere. Ask the owner.", error)
    tenant = Tenant("contoso", changes=[_change()], gates=[gate])

    plan = plan_document(_report(tenant), tenant)
    index = index_document(_report(tenant), {"contoso": plan["sha256"]}, {})

    assert plan["gates"] == index["tenants"]["contoso"]["gates"] == [gate.to_json()]
    assert plan["gates"][0]["error"] == error
    assert "failures" not in plan
    assert (plan["complete"], index["complete"]) == (False, False)
    assert index["tenants"]["contoso"]["failed"] == 0


def test_index_does_not_vouch_for_a_plan_that_was_not_written() -> None:
    tenant = Tenant("contoso", changes=[_change()])

    index = index_document(_report(tenant), {}, {"contoso": "No space left on device"})

    assert index["complete"] is False
    assert index["tenants"]["contoso"] == {
        "file": None,
        "sha256": None,
        "changes": 1,
        "changes_by_system": {"dns": {"add": 1}},
        "failed": 0,
        "unreachable": False,
        "complete": False,
        "problem": "No space left on device",
    }


def test_index_counts_how_each_step_ended() -> None:
    suffix = Step("Set the suffix", "ad_upn_suffix", "upn_suffix")
    publish = Step("Publish", "dns_txt")
    tenant = Tenant("contoso", steps={publish: StepCount(ok=1, changes=2), suffix: StepCount()})
    report = replace(_report(tenant), steps=(suffix, publish))

    index = index_document(report, {"contoso": "0" * 64}, {})

    assert index["steps"] == [
        {"role": "upn_suffix", "name": "Set the suffix"},
        {"role": "", "name": "Publish"},
    ]
    assert index["tenants"]["contoso"]["steps"] == [
        {"step": 1, "ok": 1, "changes": 2},
        {"step": 0},
    ]


def test_index_counts_what_was_found_in_a_directory() -> None:
    found = assessment(
        {
            "summary": {
                "objects_read": 20,
                "in_scope": 10,
                "with_findings": 2,
                "searched": "corp.example",
                "skipped": {},
                "severities": {"blocking": 1, "warning": 0, "advice": 2},
                "rules": {},
                "address_list_fields": {},
            }
        }
    )
    assert found is not None
    tenant = Tenant("contoso", assessments=[("Assess", found)])

    index = index_document(_report(tenant, Tenant("fabrikam")), {"contoso": "", "fabrikam": ""}, {})

    assert index["tenants"]["contoso"]["findings"] == {"blocking": 1, "warning": 0, "advice": 2}
    assert "findings" not in index["tenants"]["fabrikam"]


def test_index_counts_domains_as_the_last_look_found_them() -> None:
    def found(viral: int) -> DomainAssessment:
        return DomainAssessment(
            entries=3,
            domains=3,
            failed=0,
            options={},
            realms={RealmKind.UNKNOWN: 3 - viral, RealmKind.VIRAL: viral},
            dns_hosts={},
            rows=(),
            files=(),
        )

    tenant = Tenant("contoso", domain_assessments=[("Look", found(2)), ("Look again", found(1))])

    index = index_document(_report(tenant, Tenant("fabrikam")), {"contoso": "", "fabrikam": ""}, {})

    assert index["tenants"]["contoso"]["domains"] == {"unknown": 2, "viral": 1}
    assert "domains" not in index["tenants"]["fabrikam"]
