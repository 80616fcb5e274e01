# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One sign-in name per person, in one planned run: upn_alignment, sign_in_names, licensing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .domain_courses import covers
from .playbooks import Finished, Operator
from .truth import Truth

PLAYBOOK = "align_accounts"
HOSTS = {"tenantops_hosts": "account_tenants"}
ALIGNED = ("munson", "lamna")
CLOUD_ONLY = "fincher"
IN_TROUBLE = "southridge"
MAY_NOT_LICENSE = "parnell"
EVERYBODY = (*ALIGNED, CLOUD_ONLY, IN_TROUBLE, MAY_NOT_LICENSE)
# The sync runs every so many seconds here.
EVERY = 2


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def truth(clean_lab: Description) -> Truth:
    truth = Truth(clean_lab)
    for tenant in EVERYBODY:
        if tenant != CLOUD_ONLY:
            truth.cloud("PUT", f"/sync/{tenant}", {"every": EVERY})
    return truth


def accounts(truth: Truth, tenant: str) -> dict[str, dict[str, Any]]:
    """The truth about each user of a tenant, by id."""
    told = truth.cloud("GET", f"/accounts/{tenant}")["users"]
    return {account["id"]: account for account in told}


def licenses(truth: Truth, tenant: str) -> dict[str, Any]:
    """The licences of each user that has any, with the disabled plans."""
    return {
        identity: account["licenses"]
        for identity, account in accounts(truth, tenant).items()
        if account["licenses"]
    }


def differing(truth: Truth, tenant: str) -> list[str]:
    """Who signs in with another name than the address."""
    return [
        account["user_principal_name"]
        for account in accounts(truth, tenant).values()
        if account["mail"] and account["mail"].lower() != account["user_principal_name"].lower()
    ]


def assert_in_trouble_is_told(finished: Finished, mode: str) -> None:
    """Some people of two tenants cannot be aligned, which keeps nobody else."""
    assert "Traceback" not in finished.output
    # What Ansible has against the roles themselves would stand in every operator's log.
    assert "Found duplicate mapping key" not in finished.output
    for tenant in (*ALIGNED, CLOUD_ONLY):
        assert not finished.plan(mode, tenant).get("failures"), finished.output
    for tenant in (IN_TROUBLE, MAY_NOT_LICENSE):
        assert finished.plan(mode, tenant).get("failures"), finished.output


def test_every_tenant_dry_run_run_and_again(operator: Operator, truth: Truth) -> None:
    before = {tenant: licenses(truth, tenant) for tenant in EVERYBODY}
    dry = operator.run(PLAYBOOK, "--check", "--diff", report="dry", **HOSTS)
    assert_in_trouble_is_told(dry, "check")
    assert {tenant: licenses(truth, tenant) for tenant in EVERYBODY} == before
    planned = dry.changes("check")
    # The suffix comes before anybody is renamed, and needs no licence.
    assert {change["property"] for change in planned[MAY_NOT_LICENSE]} == {"uPNSuffixes"}

    real = operator.run(
        PLAYBOOK,
        report="real",
        tenantops_run="names",
        tenantops_approved_plans=str(dry.report / "check"),
        **HOSTS,
    )
    assert_in_trouble_is_told(real, "apply")
    made = real.changes("apply")
    for tenant in (*ALIGNED, CLOUD_ONLY, IN_TROUBLE):
        assert covers(planned[tenant], made[tenant]), tenant
    for tenant in ALIGNED:
        assert licenses(truth, tenant) == before[tenant]
        assert differing(truth, tenant) == []
    assert differing(truth, CLOUD_ONLY) == []

    for mode, arguments in (("apply", ()), ("check", ("--check",))):
        again = operator.run(PLAYBOOK, *arguments, report="again", **HOSTS)
        assert_in_trouble_is_told(again, mode)
        assert not any(again.changes(mode).values())


def test_who_cannot_be_licensed_is_named(operator: Operator) -> None:
    finished = operator.run(
        PLAYBOOK,
        tenantops_hosts=IN_TROUBLE,
        tenantops_roles=["licensing"],
        tenant_licensing={
            "rules": [
                {"departments": ["Projection"], "licenses": [{"sku": "EXCHANGESTANDARD"}]},
            ]
        },
    )
    (_task, verdict) = finished.plan("apply", IN_TROUBLE)["failures"]
    assert "rules say, everybody else has: ned.yew@southridge." in verdict["msg"]
