# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documents say what the collection takes: their examples, commands, links and tables."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROOT = Path(__file__).resolve().parents[2]
COLLECTION = "tenantops.migration"
PLUGINS = f"ansible_collections.{COLLECTION}.plugins"

MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").glob("*/"))
# The one that the others are made of is not called by itself.
PLAYBOOKS = sorted({path.stem for path in (ROOT / "playbooks").glob("*.yml")} - {"on_tenants"})

README = "README.md"
DOCUMENTS = (README, *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
ROLE_READMES = tuple(f"roles/{role}/README.md" for role in ROLES)

# The columns of the tables that docs/formats.md describes, by what its heading begins with
TABLES = {
    "Users: `write_csv` of `entra_user_info`": "_users.summary",
    "Accounts: `write_csv`": "_people.summary",
    "First passwords: `passwords_file`": "_accounts.delivery",
}

Options = Mapping[str, Any]


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def blocks(document: str, language: str) -> list[str]:
    """The blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", read(document), re.DOTALL | re.MULTILINE)


def module_options(module: str) -> dict[str, Options]:
    """The options of a module, none of them required: in a document, what a play says once is
    left out."""
    arguments = importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION.arguments
    return {
        name: {key: value for key, value in option.items() if key != "required"}
        for name, option in arguments.options.items()
    }


def tenant_options() -> dict[str, Options]:
    """What roles say of the variables of a tenant, and those of its connections."""
    connections = module_options("change_rollback")
    found = {f"tenant_{name}": option for name, option in connections.items()}
    for role in ROLES:
        text = read(f"roles/{role}/meta/argument_specs.yml")
        found |= yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return found


TENANT_OPTIONS = tenant_options()


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Every mapping in what YAML says."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from mappings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from mappings(inner)


def variables(document: str) -> list[tuple[str, object]]:
    """The variables of a tenant in a document's examples, with their values."""
    return [
        (name, value)
        for block in blocks(document, "ya?ml")
        for mapping in mappings(yaml.safe_load(block))
        for name, value in mapping.items()
        if name in TENANT_OPTIONS
    ]


def tasks(document: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The modules in a document's examples, with their arguments."""
    return [
        (name.removeprefix(f"{COLLECTION}."), value)
        for block in blocks(document, "ya?ml")
        for mapping in mappings(yaml.safe_load(block))
        for name, value in mapping.items()
        if name.startswith(f"{COLLECTION}.")
    ]


def problems(options: Options, given: Mapping[str, object]) -> Sequence[str]:
    validator = ArgumentSpecValidator(dict(options))
    messages: Sequence[str] = validator.validate(dict(given)).error_messages
    return messages


def section(document: str, heading: str) -> str:
    """What stands under a heading that begins like this."""
    (text,) = re.findall(
        rf"^##+ {re.escape(heading)}[^\n]*\n(.*?)(?=^##|\Z)",
        read(document),
        re.DOTALL | re.MULTILINE,
    )
    return str(text)


@pytest.mark.parametrize("document", [*DOCUMENTS, *ROLE_READMES])
def test_variables_in_examples_are_what_roles_take(document: str) -> None:
    for name, value in variables(document):
        assert problems({name: TENANT_OPTIONS[name]}, {name: value}) == [], name


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tasks_in_examples_are_what_modules_take(document: str) -> None:
    for module, given in tasks(document):
        assert module in MODULES
        assert problems(module_options(module), given) == [], module


@pytest.mark.parametrize("document", [*DOCUMENTS, *ROLE_READMES])
def test_commands_name_playbooks_and_variables_that_are_there(document: str) -> None:
    known = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("playbooks", "roles")
        for path in (ROOT / folder).rglob("*.yml")
    )
    for block in (*blocks(document, "shell"), *blocks(document, "sh")):
        commands = block.replace("\\\n", " ").splitlines()
        for command in (each for each in commands if each.startswith("ansible-playbook ")):
            named = re.findall(rf" {COLLECTION}\.(\w+)", command)
            assert set(named) <= set(PLAYBOOKS), command
            given = re.findall(r" -e (\w+)=", command)
            assert [name for name in given if not re.search(rf"\b{name}\b", known)] == [], command


def test_every_document_with_examples_is_followed_on_the_lab() -> None:
    """A reader of tests/lab/guides then sees to it that none of its examples is passed over."""
    followed = {
        document
        for path in (ROOT / "tests" / "lab").glob("test_*.py")
        for document in re.findall(r'\bReader\.of\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    with_examples = {
        document for document in DOCUMENTS if re.search("^```", read(document), re.MULTILINE)
    }
    assert followed == with_examples


@pytest.mark.parametrize("document", [*DOCUMENTS, *ROLE_READMES, "lab/README.md"])
def test_links_lead_somewhere(document: str) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)", read(document))
    folder = (ROOT / document).parent
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("module", MODULES)
def test_readme_has_a_row_for_each_module(module: str) -> None:
    rows = [line for line in read(README).splitlines() if line.startswith("| `")]
    assert any(f"`{module}`" in row.split("|")[1] for row in rows)


@pytest.mark.parametrize("role", ROLES)
def test_readme_has_each_role_in_its_table(role: str) -> None:
    rows = [line for line in read(README).splitlines() if line.count("|") == 4]
    assert any(row.split("|")[3].strip() == f"`{role}`" for row in rows)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_readme_names_each_playbook(playbook: str) -> None:
    assert f"`{COLLECTION}.{playbook}`" in read(README)


def test_readme_leads_to_every_document() -> None:
    assert [document for document in DOCUMENTS[1:] if f"]({document})" not in read(README)] == []


def test_readme_installs_the_version_that_is_built() -> None:
    version = yaml.safe_load(read("galaxy.yml"))["version"]
    assert re.findall(r"tenantops-migration-([\d.]+)\.tar\.gz", read(README)) == [version]


@pytest.mark.parametrize("heading", sorted(TABLES))
def test_formats_describe_the_columns_of_a_table(heading: str) -> None:
    columns = importlib.import_module(f"{PLUGINS}.module_utils.{TABLES[heading]}").COLUMNS
    rows = [line for line in section("docs/formats.md", heading).splitlines() if line[:3] == "| `"]
    described = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(described) == sorted(columns)
