# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work accounts for a list of people: playbook and role work_accounts."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.description import Description

from .domain_courses import covers
from .playbooks import Finished, Operator
from .truth import Truth

PLAYBOOK = "work_accounts"
TENANT = "fincher"
INITIAL = f"{TENANT}.onmicrosoft.com"
OWN = f"{TENANT}.test"


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


@pytest.fixture
def truth(clean_lab: Description) -> Truth:
    return Truth(clean_lab)


def people(lab: Description) -> list[str]:
    """The local parts of those in the lab's list."""
    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text())
    file = Path(inventory["account_tenants"]["hosts"][TENANT]["tenant_work_accounts"]["file"])
    with file.open(encoding="utf-8") as lines:
        return [row["address"].partition("@")[0] for row in csv.DictReader(lines)]


def list_file(lab: Description) -> str:
    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text())
    return str(inventory["account_tenants"]["hosts"][TENANT]["tenant_work_accounts"]["file"])


def names(truth: Truth) -> set[str]:
    """The names that people of the tenant sign in with."""
    told = truth.cloud("GET", f"/accounts/{TENANT}")["users"]
    return {account["user_principal_name"] for account in told}


def role_holders(truth: Truth) -> set[str]:
    """The names of those who hold a directory role."""
    told = truth.cloud("GET", f"/accounts/{TENANT}")["users"]
    return {account["user_principal_name"] for account in told if account["roles"]}


def run(operator: Operator, *arguments: str, report: str, **variables: Any) -> Finished:
    usual = {
        "tenantops_hosts": TENANT,
        "tenantops_passwords": str(operator.folder / "passwords"),
    }
    return operator.run(PLAYBOOK, *arguments, report=report, **{**usual, **variables})


def test_accounts_are_made_and_later_moved_and_brought_back(
    operator: Operator, truth: Truth
) -> None:
    before = names(truth)
    wanted = {f"{local}@{INITIAL}" for local in people(operator.lab)}

    dry = run(operator, "--check", "--diff", report="dry")
    assert dry.exit_code == 0, dry.output
    assert names(truth) == before
    real = run(operator, report="real", tenantops_approved_plans=str(dry.report / "check"))
    assert real.exit_code == 0, real.output
    assert covers(dry.changes("check")[TENANT], real.changes("apply")[TENANT])
    assert names(truth) == before | wanted
    assert_passwords_are_the_owners_alone(operator, wanted, real)

    again = run(operator, report="again")
    assert again.exit_code == 0, again.output
    assert again.changes("apply") == {TENANT: []}

    # The app of the lab holds no role itself, so it may not rename who does.
    moved = {name for name in wanted if name not in role_holders(truth)}
    assert len(wanted - moved) == 2
    moving = {"tenant_work_accounts": {"file": list_file(operator.lab), "own_domain": OWN}}
    dry = run(operator, "--check", report="move-dry", **moving)
    real = run(operator, report="move", tenantops_run="move", **moving)
    for finished in (dry, real):
        assert "2 accounts are not as wanted" in finished.output
    assert covers(dry.changes("check")[TENANT], real.changes("apply")[TENANT])
    reached = (before | wanted) - moved | {name.replace(INITIAL, OWN) for name in moved}
    assert names(truth) == reached
    for mode, arguments in (("apply", ()), ("check", ("--check",))):
        again = run(operator, *arguments, report="moved-again", **moving)
        assert again.changes(mode) == {TENANT: []}
    assert names(truth) == reached

    back = operator.run(
        "rollback", report="back", tenantops_hosts=TENANT, tenantops_undo_run="move"
    )
    assert back.exit_code == 0, back.output
    assert names(truth) == before | wanted


def test_domain_that_an_earlier_task_verifies_counts_in_a_dry_run(operator: Operator) -> None:
    own = "moving.example"
    verified = {
        "system": "entra",
        "resource": "domain",
        "id": f"{operator.lab.tenants[TENANT]['tenant_id']} {own}",
        "name": own,
        "property": "isVerified",
        "action": "replace",
        "before": False,
        "after": True,
        "rule": None,
        "reversible": False,
    }
    moving = {"tenant_work_accounts": {"file": list_file(operator.lab), "own_domain": own}}
    for planned, domain in (([], INITIAL), ([verified], own)):
        dry = run(
            operator,
            "--check",
            report=f"dry-{domain}",
            work_accounts_planned_changes=planned,
            **moving,
        )
        assert dry.exit_code == 0, dry.output
        changes = dry.changes("check")[TENANT]
        made = {change["after"] for change in changes if change["resource"] == "user"}
        assert made == {f"{local}@{domain}" for local in people(operator.lab)}


def test_command_of_a_tenant_comes_before_the_folder(operator: Operator, truth: Truth) -> None:
    before = names(truth)
    command = operator.folder / "keep"
    kept = operator.folder / "kept"
    command.write_text(f"#!/bin/sh\nexec cat > {kept}/$$\n")
    command.chmod(0o700)
    kept.mkdir()
    wanted = {"file": list_file(operator.lab), "passwords_command": [str(command)]}
    made = run(operator, report="made", tenant_work_accounts=wanted)
    assert made.exit_code == 0, made.output
    told = [json.loads(file.read_text()) for file in kept.iterdir()]
    assert {each["user_principal_name"] for each in told} == names(truth) - before
    assert not any(each["password"] in made.output for each in told)
    assert not (operator.folder / "passwords").exists()


def assert_passwords_are_the_owners_alone(
    operator: Operator, wanted: set[str], finished: Finished
) -> None:
    file = operator.folder / "passwords" / f"{TENANT}.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["user_principal_name"] for row in rows} == wanted
    written = [finished.output, *(path.read_text() for path in readable_files(operator, file))]
    for row in rows:
        assert not any(row["password"] in text for text in written)


def readable_files(operator: Operator, but: Path) -> list[Path]:
    """The plans, journals and reports."""
    return [
        path
        for path in operator.folder.rglob("*")
        if path.is_file() and path != but and path.suffix in {".json", ".jsonl", ".html", ".csv"}
    ]


def test_who_waits_for_support_gets_no_account(operator: Operator, truth: Truth) -> None:
    before = names(truth)
    file = operator.folder / "people.csv"
    line = f"address,name,old_account,support_confirmed,preferred_language\nny@{OWN},Ny Ek,yes,"
    variables: dict[str, Any] = {
        "tenant_work_accounts": {"file": str(file)},
        "tenant_work_account_notice": {"organization": "Fincher"},
        "tenantops_account_notices": str(operator.folder / "notices"),
    }
    text = operator.folder / "notices" / TENANT / f"ny@{OWN}.txt"

    file.write_text(f"{line},sv-SE\n", encoding="utf-8")
    waiting = run(operator, report="waiting", **variables)
    assert waiting.exit_code == 0, waiting.output
    assert "1 people get no account yet" in waiting.output
    assert names(truth) == before
    assert "Logga inte in" in text.read_text(encoding="utf-8")

    file.write_text(f"{line}2026-12-01,sv-SE\n", encoding="utf-8")
    confirmed = run(operator, report="confirmed", **variables)
    assert confirmed.exit_code == 0, confirmed.output
    assert names(truth) == before | {f"ny@{INITIAL}"}
    assert "Logga inte in" not in text.read_text(encoding="utf-8")


def test_line_that_cannot_be_used_keeps_nobody_else_from_an_account(
    operator: Operator, truth: Truth
) -> None:
    before = names(truth)
    file = operator.folder / "people.csv"
    file.write_text(f"address\nny@{OWN}\nnobody\n", encoding="utf-8")
    finished = run(operator, report="part", tenant_work_accounts={"file": str(file)})
    assert finished.exit_code != 0
    assert "1 accounts are not as wanted" in finished.output
    assert "Traceback" not in finished.output
    assert names(truth) == before | {f"ny@{INITIAL}"}
