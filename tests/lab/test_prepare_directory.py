# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messy company made ready for sync: assessed, reviewed, fixed, and all of it taken back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .playbooks import DEMO_TENANTS, DOORS, Finished, Operator
from .reviewer import Row, accept_suggestions, blocking, review, rows
from .truth import Truth


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def truth(clean_lab: Description) -> Truth:
    return Truth(clean_lab)


def succeeded(finished: Finished) -> Finished:
    assert finished.exit_code == 0, finished.output
    return finished


def assess(operator: Operator, name: str, **variables: Any) -> dict[str, Path]:
    """Assess every tenant; the review file of each."""
    folder = operator.folder / name
    succeeded(
        operator.run("assess_directory", report=name, tenantops_reviews=str(folder), **variables)
    )
    return {tenant: folder / f"{tenant}.csv" for tenant in DEMO_TENANTS}


def assert_same_changes(dry: Finished, real: Finished) -> None:
    assert dry.changes("check") == real.changes("apply")
    for tenant in DEMO_TENANTS:
        assert dry.changes("check")[tenant], tenant
        assert dry.plan("check", tenant)["sha256"] == real.plan("apply", tenant)["sha256"]


def assert_nothing_changes(operator: Operator, playbook: str, **variables: Any) -> None:
    for mode, arguments in (("apply", []), ("check", ["--check"])):
        finished = succeeded(operator.run(playbook, *arguments, report="again", **variables))
        assert not any(finished.changes(mode).values())
        assert "changed=0" in finished.output


def decide(row: Row) -> Row:
    """What somebody in charge decides: a suggestion is good; sign-in names move to the tenant's own
    domain; of an address that others have the secondary ones go; and else a number tells people
    apart."""
    if row["PROPOSEDACTION"] or row["SEVERITY"] != "blocking":
        return accept_suggestions(row)
    number = f"p{row['OBJECTGUID'][:8]}"
    attribute, value, domain = row["ATTRIBUTE"], row["VALUE"], own_domain(row)
    if attribute == "proxyAddresses" and not value.startswith("SMTP:"):
        return {**row, "ACTION": "REMOVE"}
    local_part = value.partition("@")[0]
    name = local_part if re.fullmatch("[a-z0-9]{1,20}", local_part) else number
    update = {
        "userPrincipalName": f"{name}@{domain}",
        "mail": f"{number}@{domain}",
        "proxyAddresses": f"SMTP:{number}@{domain}",
        "targetAddress": f"SMTP:{number}@legacy.example.test",
    }.get(attribute, number)
    return {**row, "ACTION": "EDIT", "UPDATE": update}


def own_domain(row: Row) -> str:
    """The domain of the company that somebody works for."""
    company = row["DISTINGUISHEDNAME"].split(",OU=")[2].split(",")[0]
    return f"{company.replace(' ', '').lower()}.test"


@pytest.mark.parametrize("door", DOORS)
def test_nothing_blocks_any_more_and_all_can_be_taken_back(
    operator: Operator, truth: Truth, door: str
) -> None:
    start, people = truth.everything(), truth.people()
    reviews = assess(operator, "reviews", door=door)
    assert truth.people() == people
    for tenant, path in reviews.items():
        assert blocking(path), tenant
        review(path, decide)
    reviewed = {"tenantops_reviews": str(operator.folder / "reviews"), "door": door}

    dry = succeeded(
        operator.run("prepare_directory", "--check", "--diff", report="dry", **reviewed)
    )
    assert truth.everything() == start
    assert truth.people() == people
    real = succeeded(
        operator.run(
            "prepare_directory",
            report="real",
            tenantops_run="prepare",
            tenantops_approved_plans=str(dry.report / "check"),
            **reviewed,
        )
    )
    assert_same_changes(dry, real)
    prepared = truth.people()

    for tenant, path in assess(operator, "rescan", door=door).items():
        assert blocking(path) == [], tenant
    assert_nothing_changes(operator, "prepare_directory", **reviewed)
    assert truth.people() == prepared

    undo = {"tenantops_undo_run": "prepare", "door": door}
    dry_undo = succeeded(operator.run("rollback", "--check", report="dry-undo", **undo))
    assert truth.people() == prepared
    assert_same_changes(dry_undo, succeeded(operator.run("rollback", report="undo", **undo)))
    assert truth.people() == people
    assert truth.everything() == start


def test_without_a_review_what_is_safe_is_fixed(operator: Operator, truth: Truth) -> None:
    """And what is left says why a person must decide."""
    people = truth.people()
    before = assess(operator, "before")
    dry = succeeded(operator.run("prepare_directory", "--check", report="dry"))
    assert truth.people() == people
    real = succeeded(operator.run("prepare_directory", report="real", tenantops_run="safe"))
    assert_same_changes(dry, real)
    after = assess(operator, "after")
    for tenant in DEMO_TENANTS:
        left = blocking(after[tenant])
        assert 0 < len(left) < len(blocking(before[tenant]))
        assert [row for row in left if row["UPDATE"] or not row["REASON"]] == []
    assert_nothing_changes(operator, "prepare_directory")
    succeeded(operator.run("rollback", report="undo", tenantops_undo_run="safe"))
    assert truth.people() == people


def test_the_dry_run_counts_on_the_suffix_that_the_run_adds(operator: Operator) -> None:
    """A sign-in name in the tenant's own domain, of which the forest has not heard yet."""
    reviews = assess(operator, "reviews")
    for path in reviews.values():
        review(path, into_the_own_domain)
    reviewed = {"tenantops_reviews": str(operator.folder / "reviews")}
    dry = succeeded(operator.run("prepare_directory", "--check", report="dry", **reviewed))
    for tenant, changes in dry.changes("check").items():
        assert changes[0]["property"] == "uPNSuffixes"
        names = [change["after"] for change in changes if change["property"] != "uPNSuffixes"]
        assert names
        assert all(name.endswith(f"@{tenant}.test") for name in names)


def into_the_own_domain(row: Row) -> Row:
    """Move one kind of sign-in name to the tenant's domain, and nothing else."""
    name, _at, domain = row["VALUE"].partition("@")
    if row["ATTRIBUTE"] == "userPrincipalName" and domain == "legacy.example.test":
        return {**row, "ACTION": "EDIT", "UPDATE": f"{name}@{own_domain(row)}"}
    return {**row, "ACTION": ""}


def test_the_files_say_the_same(operator: Operator) -> None:
    """Each row of the spreadsheet stands in the file for programs, and the other way round."""
    for tenant, path in assess(operator, "reviews").items():
        lines = path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
        findings = [json.loads(line) for line in lines]
        assert findings, tenant
        told = {(finding["guid"], finding["rule"]) for finding in findings}
        shown = {
            (row["OBJECTGUID"], rule) for row in rows(path) for rule in row["RULES"].split(", ")
        }
        assert told == shown


def test_who_is_protected_is_left_alone(operator: Operator, truth: Truth) -> None:
    people = truth.people()
    protected = f"OU=People,OU=Fabrikam,{truth.lab.directory['base_dn']}"
    finished = succeeded(
        operator.run(
            "prepare_directory", tenantops_hosts="fabrikam", tenant_directory_protect=[protected]
        )
    )
    changed = {
        change["name"]
        for change in finished.changes("apply")["fabrikam"]
        if change["resource"] == "directory_object"
    }
    assert changed
    assert not [dn for dn in changed if dn.endswith(f",{protected}")]
    now = truth.people()
    assert {dn for dn in people if now[dn] != people[dn]} == changed


def test_the_roles_say_it_in_ldif_too(operator: Operator) -> None:
    """What the role directory_cleanup would change, and how to take it back."""
    folder = operator.folder / "ldif"
    succeeded(
        operator.run(
            "prepare_directory",
            "--check",
            tenantops_hosts="fabrikam",
            tenantops_ldif=str(folder),
        )
    )
    for name in ("fabrikam-plan.ldif", "fabrikam-undo.ldif"):
        text = (folder / name).read_text(encoding="ascii")
        assert "changetype: modify" in text
