# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guides of rollback and of permissions, followed with tenants that have been migrated."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lab.description import Description

from .guides.examples import ROOT
from .guides.reader import Reader, debugged
from .guides.undoing import undone, values
from .truth import Truth


def test_rollback(clean_lab: Description, tmp_path: Path) -> None:
    reader, truth = Reader.of("docs/rollback.md", clean_lab, tmp_path), Truth(clean_lab)
    reader.describe("contoso", "fabrikam")
    playbook = "ansible-playbook -i inventory tenantops.migration."
    before = truth.everything()
    reader.run(f"{playbook}migrate -e tenantops_run=contoso-monday -e tenantops_hosts=contoso")
    made, migrated = reader.changes("apply", "contoso"), truth.everything()

    dry_run, run = reader.commands("rollback --check")
    reader.run(dry_run)
    assert truth.everything() == migrated
    assert values(reader.changes("check", "contoso")) == undone(made)
    reader.run(run)
    assert truth.everything() == before
    assert values(reader.changes("apply", "contoso")) == undone(made)
    assert reader.changes("apply", "fabrikam") == []

    # With the playbook that is undone it needs less than by itself.
    needed, document = permissions(reader.in_the_source("permissions-for")), by_playbook()
    assert needed >= document["guest_access"]
    assert document["rollback"] - needed >= {"Domain.ReadWrite.All", "User.ReadWrite.All"}

    # A rollback is undone as any other run.
    reader.run(f"{playbook}rollback -e tenantops_undo_run=contoso-back -e tenantops_run=monday")
    assert truth.everything() == migrated
    reader.type("tenantops_hosts=contoso,fabrikam")
    assert truth.everything() == migrated
    assert values(reader.changes("check", "contoso")) == undone(made)
    # It has no journal of that run.
    assert reader.changes("check", "fabrikam") == []
    reader.end()


def test_permissions(clean_lab: Description, tmp_path: Path) -> None:
    reader = Reader.of("docs/permissions.md", clean_lab, tmp_path)
    needed, document = permissions(reader.in_the_source("permissions-for")), by_playbook()
    assert needed >= document["align_accounts"]
    assert "Policy.ReadWrite.AuthenticationMethod" in needed
    assert "Domain.ReadWrite.All" in document["rollback"] - needed

    reader.describe("contoso")
    other = {"tenant_upn_suffixes": ["fabrikam.test"]}
    reader.write("inventory/other.json", json.dumps({"tenants": {"hosts": {"fabrikam": other}}}))
    told = debugged(reader.play(reader.take("yaml", "app_permissions")))
    assert told == {
        "contoso": ["Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod", "User.Read.All"],
        # It has no step that needs its app.
        "fabrikam": [],
    }
    reader.end()


def permissions(table: str) -> set[str]:
    """The permissions of Graph in the tables that `make permissions-for` prints."""
    return set(re.findall(r"^\| `([A-Z]\w+\.[\w.]+)`", table, re.MULTILINE))


def by_playbook() -> dict[str, set[str]]:
    """The permissions of Graph of each playbook, by the document's first table."""
    text = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.partition("\n## All playbooks\n")[2].splitlines()]
    return {
        row[1].strip(" `"): set(re.findall(r"`([A-Z]\w+\.[\w.]+)`", row[2]))
        for row in rows
        if len(row) == len(["", "playbook", "graph", "extras", "directory", "dns", ""])
    }
