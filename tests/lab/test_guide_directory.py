# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of the directory, followed from assessing it to putting all back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import ldap3

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules import catalogue
from lab.description import Description

from .directory_administrator import administrator_connection
from .guides.reader import Reader
from .guides.undoing import undone, values
from .reviewer import Row, accept_suggestions, review, rows
from .truth import Truth

# What the guide's last example says of two rules
OWN_SEVERITIES = {"mailNickname.non_ascii": "advice", "userPrincipalName.adfs_character": None}


def test_directory(clean_lab: Description, tmp_path: Path) -> None:
    reader, truth = Reader.of("docs/directory.md", clean_lab, tmp_path), Truth(clean_lab)
    describe(reader)
    call_somebody(truth, f"o'hara@{clean_lab.directory['domain']}")
    before, suffixes = truth.people(), truth.suffixes()

    reader.type("assess_directory")
    file = tmp_path / "tenantops-reviews" / "contoso.csv"
    found = severities(file)
    usual = {"mailNickname.non_ascii": "warning", "userPrincipalName.adfs_character": "advice"}
    assert {rule: found.get(rule) for rule in OWN_SEVERITIES} == usual
    review(file, decide)

    dry_run, run = reader.commands("prepare_directory")
    reader.run(dry_run)
    assert (truth.people(), truth.suffixes()) == (before, suffixes)
    assert (tmp_path / "tenantops-report" / "check" / "report.html").exists()
    planned = reader.changes("check", "contoso")
    reader.run(run)
    assert reader.changes("apply", "contoso") == planned
    prepared = truth.people()
    changed = {dn for dn in before if prepared[dn] != before[dn]}
    assert changed == {each["name"] for each in planned if each["resource"] == "directory_object"}
    assert set(truth.suffixes()) - set(suffixes) == {"contoso.test"}

    reader.type("rollback --check")
    assert truth.people() == prepared
    assert set(values(reader.changes("check", "contoso"))) == set(undone(planned))

    assert granted(reader.take("powershell", "dsacls")) == written()

    own = reader.take("yaml", "tenant_directory_severities")
    reader.write("inventory/host_vars/contoso/severities.yml", own)
    reader.run("ansible-playbook -i inventory tenantops.migration.assess_directory")
    again = severities(file)
    assert {rule: again.get(rule) for rule in OWN_SEVERITIES} == OWN_SEVERITIES
    assert [row for row in rows(file) if row["SEVERITY"] == "blocking" and not row["REASON"]] == []
    # What was decided is kept.
    (kept,) = file.parent.glob("contoso.*.csv")
    assert any(row["ACTION"] for row in rows(kept))
    reader.end()


def describe(reader: Reader) -> None:
    """The tenant of the document, whose people are one organisational unit of the lab's."""
    contoso = reader.tenant("contoso")
    (unit,) = contoso["tenant_directory_search_bases"]
    reader.stand_ins = {
        "dc1.corp.example.com": contoso["tenant_ad_servers"][0],
        "dc2.corp.example.com": contoso["tenant_ad_servers"][0],
        "OU=Contoso,DC=corp,DC=example,DC=com": unit,
        "corp.example.com": reader.lab.directory["domain"],
        "contoso.com": "contoso.test",
    }
    reader.describe_where(
        "contoso",
        vault_contoso_ad_password=contoso["tenant_ad_password"],
        tenant_directory_known_domains=contoso["tenant_directory_known_domains"],
    )
    reader.save_host_variables("tenant_directory_search_bases")


def call_somebody(truth: Truth, name: str) -> None:
    """Give somebody of the tenant a sign-in name that breaks a rule which else nobody breaks."""
    (somebody, *_others) = sorted(
        dn
        for dn, attributes in truth.people().items()
        if "OU=Contoso," in dn and "userPrincipalName" in attributes
    )
    with administrator_connection(truth.lab) as connection:
        connection.modify(somebody, {"userPrincipalName": [(ldap3.MODIFY_REPLACE, [name])]})


def severities(file: Path) -> dict[str, str]:
    """The rules that something breaks, with their severities."""
    lines = file.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    findings: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return {finding["rule"]: finding["severity"] for finding in findings}


def decide(row: Row) -> Row:
    """All suggestions are accepted, but of what an example is about nothing is decided."""
    is_for_later = any(rule in row["RULES"] for rule in OWN_SEVERITIES)
    return row if is_for_later else accept_suggestions(row)


def granted(commands: str) -> set[tuple[str, str]]:
    """The attributes and classes that loops of PowerShell over dsacls give a right to write."""
    loops: list[tuple[str, set[str]]] = []
    found: set[tuple[str, str]] = set()
    for line in commands.splitlines():
        if loop := re.match(r'\s*foreach \(\$(\w+) in ((?:"\w+"(?:, )?)+)\) \{$', line):
            loops.append((loop[1], set(re.findall(r'"(\w+)"', loop[2]))))
        elif line.strip() == "}":
            loops.pop()
        elif right := re.match(r'\s*dsacls \$unit /I:S /G "\$\{account\}:WP;(\S+);(\S+)"$', line):
            values = {f"${name}": names for name, names in loops}
            found |= {
                (name, object_class)
                for name in values.get(right[1], {right[1]})
                for object_class in values.get(right[2], {right[2]})
            }
    assert loops == []
    return found


def written() -> set[tuple[str, str]]:
    """The attributes and classes that the rules are about whose fixes can be written."""
    fixed = {rule.attribute for rule in catalogue.RULES if rule.fix} | {"sAMAccountName"}
    return {
        (rule.attribute, str(object_class))
        for rule in catalogue.RULES
        if rule.attribute in fixed
        for object_class in rule.classes
    }
