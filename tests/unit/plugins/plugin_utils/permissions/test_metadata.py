# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules say they need is what their code asks for, and docs/permissions.md is current."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.tenantops.migration.plugins.module_utils._graph.access import Access
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.files import (
    CollectionFiles,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.needs import (
    ChangesUndone,
    Need,
    OptionGiven,
    System,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.page import document

ROOT = Path(__file__).resolve().parents[5]
PLUGINS = "ansible_collections.tenantops.migration.plugins"
FILES = CollectionFiles(ROOT)
MODULES = FILES.modules(sorted(FILES.module_names))
NEEDS = [(name, need) for name, module in MODULES.items() for need in module.needs]
GRAPH_NEEDS = [(name, need) for name, need in NEEDS if need.system is System.GRAPH]
# What stands in a task's way beside the modules of an action group
GROUPS = {System.GRAPH: "entra", System.DIRECTORY: "ad", System.DNS: "dns"}


def accesses() -> set[Access]:
    """Every permission that the code asks for."""
    found: set[Access] = set()
    for path in sorted((ROOT / "plugins" / "module_utils").rglob("*.py")):
        if not re.search(r"^\w+ = Access\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            continue
        name = ".".join(path.relative_to(ROOT / "plugins").with_suffix("").parts)
        values = vars(importlib.import_module(f"{PLUGINS}.{name}")).values()
        found |= {value for value in values if isinstance(value, Access)}
    return found


ACCESSES = accesses()


def rights(need: Need) -> tuple[str, frozenset[str]]:
    return need.right, frozenset(need.alternatives)


def title(value: object) -> str:
    return value.right if isinstance(value, Need) else str(value)


def test_the_code_asks_for_permissions() -> None:
    assert len(ACCESSES) > 15


@pytest.mark.parametrize(("module", "need"), GRAPH_NEEDS, ids=title)
def test_a_permission_is_one_that_the_code_asks_for(module: str, need: Need) -> None:
    """With the same alternatives, so that who has one of them is not told to get another one."""
    asked = {(each.permission, frozenset(each.alternatives)) for each in ACCESSES}
    told = rights(need)
    if need.is_extra and told[0] not in {name for name, _others in asked}:
        assert module == "entra_domain_info"  # Graph tells more of what the app may read
        return
    assert told in asked


@pytest.mark.parametrize("access", sorted(ACCESSES, key=str), ids=str)
def test_a_permission_that_the_code_asks_for_is_told(access: Access) -> None:
    told = {rights(need) for _module, need in GRAPH_NEEDS}
    assert (access.permission, frozenset(access.alternatives)) in told


@pytest.mark.parametrize("system", System)
def test_every_module_that_signs_in_says_what_it_needs(system: System) -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    members = set(runtime["action_groups"][GROUPS[system]])
    assert {name for name, need in NEEDS if need.system is system} == members


@pytest.mark.parametrize(("module", "need"), NEEDS, ids=title)
def test_a_condition_names_what_there_is(module: str, need: Need) -> None:
    match need.condition:
        case ChangesUndone(writers):
            assert writers <= FILES.module_names
        case OptionGiven(option):
            spec = importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION.arguments
            options = dict(spec.options)
            for part in option.replace("[]", "").split("."):
                assert part in options
                options = options[part].get("options", {})


def test_every_writer_can_be_undone_with_what_the_rollback_says() -> None:
    """A resource that can be rolled back is one that the needs of the rollback speak of."""
    undone = {
        writer
        for need in MODULES["change_rollback"].needs
        if isinstance(need.condition, ChangesUndone)
        for writer in need.condition.writers
    }
    writers = {
        name
        for name in MODULES
        if "planned_changes" in (ROOT / f"plugins/modules/{name}.py").read_text(encoding="utf-8")
        and not name.endswith("_info")
    }
    assert writers - undone <= {"change_rollback"}


def test_the_document_is_current() -> None:
    written = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert written == document(FILES), "run make permissions"
