# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventories' options are documented as they are checked, and so are their examples."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROOT = Path(__file__).resolve().parents[4]
COLLECTION = "tenantops.migration"
PLUGINS = f"ansible_collections.{COLLECTION}.plugins"
INVENTORIES = sorted(path.stem for path in (ROOT / "plugins" / "inventory").glob("*.py"))
OF_ANSIBLE = {"compose", "groups", "keyed_groups", "strict"} | {
    f"cache{name}" for name in ("", "_plugin", "_connection", "_timeout")
}
KEYS: Mapping[str, Any] = {
    "type": "str",
    "elements": None,
    "required": False,
    "default": None,
    "choices": None,
}
# Here, because ansible-test forks for every test, and importing an SDK takes long.
MODULES = {name: importlib.import_module(f"{PLUGINS}.inventory.{name}") for name in INVENTORIES}


def documented(name: str) -> dict[str, Any]:
    text = yaml.safe_load(MODULES[name].DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in text["extends_documentation_fragment"]:
        if fragment.startswith(COLLECTION):
            module = importlib.import_module(
                f"{PLUGINS}.doc_fragments.{fragment.rpartition('.')[2]}"
            )
            options |= yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"]
    options |= text["options"]
    return options


def differences(said: Mapping[str, Any], done: Mapping[str, Any]) -> Iterator[str]:
    yield from sorted(said.keys() ^ done.keys())
    for name in said.keys() & done.keys():
        for key, default in KEYS.items():
            if said[name].get(key, default) != done[name].get(key, default):
                yield f"{name}: {key}"
        yield from differences(said[name].get("suboptions") or {}, done[name].get("options") or {})


def examples() -> list[tuple[str, dict[str, Any]]]:
    """The inventories in documents and in examples, by the names of their plugins."""
    texts = [MODULES[name].EXAMPLES for name in INVENTORIES]
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        texts += re.findall(
            r"^```ya?ml\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
    found = [one for text in texts for one in yaml.safe_load_all(text) if isinstance(one, dict)]
    return [
        (one["plugin"].removeprefix(f"{COLLECTION}."), one)
        for one in found
        if str(one.get("plugin", "")).startswith(COLLECTION)
    ]


def test_there_are_both() -> None:
    assert INVENTORIES == ["partner_tenants", "tenant_table"]


@pytest.mark.parametrize("name", INVENTORIES)
def test_options_are_documented_as_they_are_checked(name: str) -> None:
    options = MODULES[name].InventoryModule.ARGUMENTS.options
    assert list(differences(documented(name), options)) == []


@pytest.mark.parametrize("name", INVENTORIES)
def test_examples_are_what_the_inventory_takes(name: str) -> None:
    arguments = MODULES[name].InventoryModule.ARGUMENTS
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    given = [one for plugin, one in examples() if plugin == name]
    assert len(given) >= 3
    for one in given:
        own = {option: value for option, value in one.items() if option not in OF_ANSIBLE}
        assert validator.validate(own).error_messages == []


@pytest.mark.parametrize("name", INVENTORIES)
def test_every_option_of_its_own_stands_in_an_example(name: str) -> None:
    shown = {option for plugin, one in examples() if plugin == name for option in one}
    own = {one for one in MODULES[name].InventoryModule.ARGUMENTS.options if "entra_" not in one}
    # These are told in words, and tried on the lab.
    assert own - shown <= {"tenants_group", "on_failure", "sources"}
