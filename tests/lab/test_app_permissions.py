# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An app with exactly the compiled permissions runs a playbook, and is told of each that is taken.

The lab's cloud has its own tables of what each request needs, which nothing of the collection has
been copied from.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.compiling import (
    Right,
    least,
    uses_of,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.files import (
    CollectionFiles,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.needs import System
from lab.description import Description

from .playbooks import Finished, Operator
from .truth import Truth

# A tenant for which each of these has something to do; all of those that need a permission, and are
# not led through everything by a person, with TENANTOPS_ALL_PERMISSIONS=1.
CASES = {"guest_access": "vanarsdel", "take_over_domain": "graphicdesign"}
MORE_CASES = {"migrate": "fabrikam", "work_accounts": "fincher", "assess_guests": "relecloud"}
if os.environ.get("TENANTOPS_ALL_PERMISSIONS"):
    CASES |= MORE_CASES

LOOKUPS = """
- hosts: [vanarsdel, bellows]
  gather_facts: false
  tasks:
    - ansible.builtin.copy:
        dest: "{{ folder }}/{{ inventory_hostname }}.json"
        mode: "0600"
        content: "{{ query('tenantops.migration.app_permissions', *names, tenant=tenant) }}"
      vars:
        names: ["{{ playbooks[inventory_hostname] }}", rollback]
        tenant: "{{ hostvars[inventory_hostname] }}"
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""


@pytest.fixture
def operator(clean_lab: Description, tmp_path: Path) -> Operator:
    return Operator(clean_lab, tmp_path)


def tenant_variables(lab: Description, tenant: str) -> Mapping[str, Any]:
    """What the inventory says of a tenant itself, wherever in it."""

    def found(group: Any) -> dict[str, Any]:
        own: dict[str, Any] = (group.get("hosts") or {}).get(tenant) or {}
        for child in (group.get("children") or {}).values():
            own |= found(child or {})
        return own

    inventory = yaml.safe_load(Path(lab.data["inventory"]).read_text(encoding="utf-8"))
    variables: dict[str, Any] = {}
    for group in inventory.values():
        variables |= found(group or {})
    return variables


def compiled(lab: Description, playbook: str, tenant: str, *more: str) -> list[Right]:
    files = CollectionFiles()
    steps = [step for name in (playbook, *more) for step in files.steps_of(name)]
    uses = uses_of(
        steps, files.modules(each.module for each in steps), tenant_variables(lab, tenant)
    )
    return [right for right in least(uses, System.GRAPH) if not right.is_extra]


def permit(lab: Description, tenant: str, permissions: list[str]) -> None:
    path = f"/state/tenants/{tenant}/application/permissions"
    Truth(lab).cloud("PUT", path, permissions)


def run(operator: Operator, playbook: str, tenant: str, *arguments: str, report: str) -> Finished:
    return operator.run(
        playbook,
        *arguments,
        report=report,
        tenantops_hosts=tenant,
        tenantops_passwords=str(operator.folder / "passwords"),
        tenantops_assessments=str(operator.folder / "assessments"),
    )


@pytest.mark.parametrize(("playbook", "tenant"), CASES.items())
def test_exactly_these_are_enough(operator: Operator, playbook: str, tenant: str) -> None:
    rights = compiled(operator.lab, playbook, tenant)
    assert rights
    for right in rights:
        permit(operator.lab, tenant, [each.name for each in rights if each != right])
        dry_run = [] if right.only_in_run else ["--check"]
        without = run(operator, playbook, tenant, *dry_run, report=f"without-{right.name}")
        assert without.exit_code != 0, f"{right.name} was not needed"
        # Where it does for others as well, these are what is missed first.
        named = [name for name in (right.name, *right.instead_of) if name in without.output]
        assert named, without.output
        assert "Traceback" not in without.output

    permit(operator.lab, tenant, [right.name for right in rights])
    finished = run(operator, playbook, tenant, report="exactly")
    assert finished.exit_code == 0, finished.output
    if not playbook.startswith("assess_"):
        assert finished.plan("apply", tenant)["changes"]


def test_a_dry_run_needs_no_more(operator: Operator) -> None:
    """An app that may only read can plan what another one does."""
    permit(operator.lab, "bellows", ["Domain.Read.All", "Organization.Read.All", "User.Read.All"])
    dry = run(operator, "take_over_domain", "bellows", "--check", report="dry")
    assert dry.exit_code == 0, dry.output
    real = run(operator, "take_over_domain", "bellows", report="real")
    assert real.exit_code != 0
    assert "Domain.ReadWrite.All" in real.output


def test_the_lookup_app_permissions_compiles_the_same(operator: Operator) -> None:
    playbooks = {"vanarsdel": "guest_access", "bellows": "take_over_domain"}
    (operator.folder / "lookups.yml").write_text(LOOKUPS, encoding="utf-8")
    finished = operator.run(
        str(operator.folder / "lookups.yml"), folder=str(operator.folder), playbooks=playbooks
    )
    assert finished.exit_code == 0, finished.output
    for tenant, playbook in playbooks.items():
        found = json.loads((operator.folder / f"{tenant}.json").read_text(encoding="utf-8"))
        rights = compiled(operator.lab, playbook, tenant, "rollback")
        assert found == [right.name for right in rights]
