# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide about accounts, names and licences, followed on the lab."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from lab.description import Description

from .domain_courses import covers
from .guides.reader import Reader
from .truth import Truth

# Of the tenants of the lab, those that are where the tenants of the document are.
SYNCHRONISED = "lamna"
CLOUD_ONLY = "fincher"
INITIAL = f"{CLOUD_ONLY}.onmicrosoft.com"


@pytest.fixture
def truth(clean_lab: Description) -> Truth:
    return Truth(clean_lab)


@pytest.fixture
def reader(clean_lab: Description, tmp_path: Path) -> Reader:
    found = Reader.of("docs/accounts.md", clean_lab, tmp_path)
    (base,) = clean_lab.account_tenants[SYNCHRONISED]["search_bases"]
    found.stand_ins = {
        "OU=People,DC=corp,DC=example,DC=com": base,
        "contoso.com": f"{SYNCHRONISED}.test",
    }
    return found


def users(truth: Truth, tenant: str) -> dict[str, dict[str, Any]]:
    """The truth about each user of a tenant, by the name to sign in with."""
    told = truth.cloud("GET", f"/accounts/{tenant}")["users"]
    return {user["user_principal_name"]: user for user in told}


def is_licensed(user: dict[str, Any]) -> bool:
    return bool(user["licenses"] or user["inherited"])


def changes(reader: Reader, mode: str, tenant: str) -> list[dict[str, Any]]:
    file = reader.folder / "tenantops-report" / mode / f"{tenant}.json"
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["changes"]
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_accounts(reader: Reader, truth: Truth) -> None:
    reader.describe_as({"contoso": SYNCHRONISED}, tenant_directory_known_domains=["test"])
    before = users(truth, SYNCHRONISED)
    reader.type("assess_accounts")
    told = rows(reader.folder / "tenantops-assessments" / "contoso-accounts.csv")
    findings = {row["id"]: row["findings"].split("; ") for row in told}
    for name, user in before.items():
        is_misnamed = bool(user["mail"]) and name != user["mail"]
        assert ("upn_not_address" in findings.get(user["id"], ())) is is_misnamed
        is_unlicensed = user["account_enabled"] and not is_licensed(user)
        assert ("unlicensed" in findings.get(user["id"], ())) is is_unlicensed
    assert users(truth, SYNCHRONISED) == before

    follow_work_accounts(reader, truth)

    reader.describe_as({"contoso": SYNCHRONISED}, tenant_directory_known_domains=["test"])
    follow_alignment(reader, truth, before)
    reader.end()


def follow_work_accounts(reader: Reader, truth: Truth) -> None:
    reader.describe_as({"fourthcoffee": CLOUD_ONLY})
    before = users(truth, CLOUD_ONLY)
    dry_run = reader.take("shell", "work_accounts --check --diff")
    reader.save_host_variables("own_domain: fourthcoffee.example")
    people = reader.save("csv", "address,name,roles", "people/fourthcoffee.csv")
    reader.run(dry_run)
    assert users(truth, CLOUD_ONLY) == before
    assert not (reader.folder / "passwords").exists()
    assert not (reader.folder / "notices").exists()

    run = dry_run.replace("--check --diff", "")
    assert "1 people get no account yet: bo.ek@fourthcoffee.example" in reader.run(run)
    made = {name for name in users(truth, CLOUD_ONLY) if name not in before}
    assert made == {f"admin@{INITIAL}", f"anna.berg@{INITIAL}"}
    assert users(truth, CLOUD_ONLY)[f"admin@{INITIAL}"]["roles"]
    passwords = reader.folder / "passwords" / "fourthcoffee.csv"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    assert {row["user_principal_name"]: len(row["password"]) for row in rows(passwords)} == (
        dict.fromkeys(made, 20)
    )
    notice = reader.folder / "notices" / "fourthcoffee" / "bo.ek@fourthcoffee.example.txt"
    assert "Logga inte in" in notice.read_text("utf-8")

    # Microsoft's support has confirmed.
    listed = people.read_text("utf-8")
    people.write_text(listed.replace("Bo Ek,,yes,,", "Bo Ek,,yes,2026-12-02,"), "utf-8")
    reader.run(run)
    assert set(users(truth, CLOUD_ONLY)) == {*before, *made, f"bo.ek@{INITIAL}"}
    assert "Logga inte in" not in notice.read_text("utf-8")


def follow_alignment(reader: Reader, truth: Truth, before: dict[str, dict[str, Any]]) -> None:
    dry_run, run = reader.commands("align_accounts")
    reader.save_host_variables("tenant_upn_alignment")
    truth.cloud("PUT", f"/sync/{SYNCHRONISED}", {"every": 2})
    # As many seats as there are people without a licence
    unlicensed = [user for user in before.values() if not is_licensed(user)]
    taken = truth.cloud("GET", f"/accounts/{SYNCHRONISED}")["seats"]["STANDARDPACK"]["taken"]
    order = {"skus": [{"part_number": "STANDARDPACK", "enabled": taken + len(unlicensed)}]}
    truth.cloud("POST", f"/accounts/{SYNCHRONISED}", order)

    reader.run(dry_run)
    assert users(truth, SYNCHRONISED) == before
    reader.run(run)
    assert covers(changes(reader, "check", "contoso"), changes(reader, "apply", "contoso"))
    after = users(truth, SYNCHRONISED)
    assert {user["id"] for user in after.values()} == {user["id"] for user in before.values()}
    assert all(user["mail"] in (name, None) for name, user in after.items())
    everybody = [user for name, user in after.items() if name.endswith(f"@{SYNCHRONISED}.test")]
    assert len(everybody) > len(unlicensed)
    assert all(is_licensed(user) for user in everybody if user["account_enabled"])
    had = {user["id"]: user["licenses"] for user in before.values() if user["licenses"]}
    assert {user["id"]: user["licenses"] for user in after.values() if user["id"] in had} == had
    assert "changed=0" in reader.run(dry_run)

    # Somebody had a name with the suffix already.
    assert "still used by 1 users: tomo.ono" in reader.type("rollback --check --diff")
    made = [change["id"] for change in changes(reader, "apply", "contoso")]
    assert [change["id"] for change in changes(reader, "check", "contoso")] == made[:0:-1]
    assert users(truth, SYNCHRONISED) == after
