# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documents name is there: variables, plugins, commands, kinds of errors and of things."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.tenantops.migration.plugins.module_utils._rollback import kinds
from ansible_collections.tenantops.migration.plugins.plugin_utils._permissions.files import (
    CollectionFiles,
)

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "tenantops.migration."
DOCUMENTS = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
ENTRA_OPTIONS = f"ansible_collections.{PREFIX}plugins.doc_fragments.entra"


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def sources(*folders: str) -> str:
    """All that is written in the collection's own YAML and Python."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".yml", ".py", ".j2")
    )


# What only `make scale` takes stands there.
SOURCES = sources("playbooks", "roles", "plugins", "tests/lab") + read("Makefile")
# Those of connections are made of options, see playbooks/on_tenants.yml; those of hosts are told by
# examples, whose names nobody else needs to know.
WORDS = frozenset(re.findall(r"\w+", SOURCES))


def spans(document: str) -> list[str]:
    """What is set as code within a sentence."""
    text = re.sub(r"^```.*?^```$", "", read(document), flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`([^`\n]+)`", text)


def column(document: str, heading: str, number: int) -> set[str]:
    """What is set as code in a column of the first table under a heading."""
    below = read(document).partition(f"\n## {heading}\n")[2]
    rows = [line.split("|") for line in below.partition("\n## ")[0].splitlines() if line[:1] == "|"]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row[number])}


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", read(document), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_variables_that_are_named_are_used(document: str) -> None:
    named = {
        name
        for span in spans(document)
        for name in re.findall(r"\b(?:tenant|tenantops|TENANTOPS)_[A-Za-z_]*[A-Za-z]\b", span)
        if "*" not in span and "<" not in span
    }
    assert named - WORDS == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_asked_of_make_is_there(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    commands = "\n".join([*blocks(document, "shell"), *spans(document)])
    assert set(re.findall(r"^make ([a-z-]+)", commands, re.MULTILINE)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_plugins_that_are_named_are_there(document: str) -> None:
    files = CollectionFiles(ROOT)
    there = {
        *files.module_names,
        *files.playbooks,
        *files.roles,
        *(path.stem for path in (ROOT / "plugins").glob("*/*.py")),
        *yaml.safe_load(read("meta/runtime.yml"))["action_groups"],
        *(path.stem for path in (ROOT / "plugins").glob("*/*.yml")),
    }
    text = read(document).replace("tenantops.migration.<", "")
    named = set(re.findall(r"\btenantops\.migration\.(\w+)", text))
    named |= {name for name in named if name in ("git", "tar")}
    assert named - there - {"X"} == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_permissions_can_be_compiled_for_what_is_named(document: str) -> None:
    text = read(document)
    names = [
        *re.findall(r'permissions-for PLAYBOOKS="([^"]+)"', text),
        *re.findall(r"query\('tenantops\.migration\.app_permissions',((?: '\w+',)+)", text),
    ]
    files = CollectionFiles(ROOT)
    for name in (word for words in names for word in re.findall(r"\w+", words)):
        assert files.steps_of(name, "migrate")


def kinds_of_errors() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "plugins").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'^    kind(?:: ClassVar\[str\])? = "(\w+)"$', text, re.MULTILINE))
    return found


def test_troubleshooting_has_every_kind_of_error() -> None:
    assert column("docs/troubleshooting.md", "By kind", 1) == kinds_of_errors()


def test_rollback_has_every_kind_of_thing() -> None:
    there = {kind for _system, kind in (*kinds._OPENERS, *kinds._MANY_OPENERS)}
    assert column("docs/rollback.md", "What comes back", 2) == there


def test_security_names_options_that_are_there() -> None:
    """So that what is said about TLS does not outlive an option that turns it off."""
    fragment = importlib.import_module(ENTRA_OPTIONS).ModuleDocFragment
    options = yaml.safe_load(fragment.DOCUMENTATION)["options"]
    assert not [name for name in options if "validate" in name or "verify" in name]
    assert "entra_ca_path" in options
