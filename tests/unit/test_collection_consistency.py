# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is easily forgotten when a module, an option or a role is added."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
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
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))

# What a run is given once: by a play, an AWX credential or a shell
SYSTEMS = ("ad", "dns", "entra")
GIVEN_ONCE = (*SYSTEMS, "entra_discovery", "changes")
# Each action group has a documentation fragment of the same name.
GROUPS = (*GIVEN_ONCE, "directory_rules")
# These work in every system.
IN_ALL_SYSTEMS = frozenset({"change_rollback"})
# These look at the people of a directory and of a tenant together.
IN_BOTH_DIRECTORIES = frozenset({"account_comparison_info", "upn_alignment"})
# These sign in to nothing, whatever their names.
WITHOUT_CREDENTIALS: Mapping[str, set[str]] = {
    "domain_info": {"entra_discovery"},
    "entra_realm_info": {"entra_discovery"},
    "notice_files": set[str](),
    "work_account_info": set[str](),
}
# What ends like this changes nothing in a system.
READERS = ("_info", "_gate", "_files")
# These work on the controller, with what is known of all tenants, and sign in to none.
OVER_THE_FLEET = "fleet_"
# These judge a directory.
BY_DIRECTORY_RULES = frozenset({"ad_attributes", "ad_attributes_info", "upn_alignment"})


def read_yaml(*path: str) -> Any:
    return yaml.safe_load(ROOT.joinpath(*path).read_text(encoding="utf-8"))


RUNTIME = read_yaml("meta", "runtime.yml")


def groups_by_name(module: str) -> set[str]:
    """The action groups a module must be in, told from its name."""
    groups = {module.split("_")[0]}
    if module in IN_ALL_SYSTEMS:
        groups = set(SYSTEMS)
    elif module in IN_BOTH_DIRECTORIES:
        groups = {"ad", "entra"}
    if module.startswith(OVER_THE_FLEET):
        return set()
    groups = set(WITHOUT_CREDENTIALS.get(module, groups))
    if not module.endswith(READERS):
        groups.add("changes")
    if module in BY_DIRECTORY_RULES:
        groups.add("directory_rules")
    return groups


def literals(path: Path) -> dict[str, Any]:
    """The strings a module is made of, such as DOCUMENTATION."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def module_texts(module: str) -> dict[str, Any]:
    return literals(ROOT / "plugins" / "modules" / f"{module}.py")


def documentation(module: str) -> dict[str, Any]:
    text: dict[str, Any] = yaml.safe_load(module_texts(module)["DOCUMENTATION"])
    return text


def fragment(name: str) -> dict[str, Any]:
    """A documentation fragment by what follows the collection's name, such as attributes.writer."""
    file, _dot, part = name.partition(".")
    # Imported as Ansible does it, because a text may be put together.
    fragments = importlib.import_module(f"{PLUGINS}.doc_fragments.{file}").ModuleDocFragment
    text: dict[str, Any] = yaml.safe_load(getattr(fragments, part.upper() or "DOCUMENTATION"))
    return text


def fragment_names(module: str) -> list[str]:
    named = documentation(module).get("extends_documentation_fragment", [])
    names = [named] if isinstance(named, str) else named
    return [name.removeprefix(f"{COLLECTION}.") for name in names]


def documented_options(module: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in fragment_names(module):
        options |= fragment(name).get("options") or {}
    return options | (documentation(module).get("options") or {})


def argument_spec(module: str) -> Mapping[str, Any]:
    operation = importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION
    options: Mapping[str, Any] = operation.arguments.options
    return options


# Here, because ansible-test forks for every test, and importing an SDK takes long.
SPECS = {module: argument_spec(module) for module in MODULES}


# What Ansible takes for granted where an option says nothing
DEFAULTS: Mapping[str, Any] = {
    "type": "str",
    "elements": None,
    "required": False,
    "default": None,
    "choices": None,
    "aliases": [],
}


def differences(
    documented: Mapping[str, Any], spec: Mapping[str, Any], where: str = ""
) -> Iterator[str]:
    """How options are documented otherwise than they are checked."""
    for name in sorted(documented.keys() ^ spec.keys()):
        yield f"{where}{name}: {'documented' if name in documented else 'in the code'} only"
    for name in sorted(documented.keys() & spec.keys()):
        said, done = documented[name], spec[name]
        for key, default in DEFAULTS.items():
            if not _same(said.get(key, default), done.get(key, default)):
                yield f"{where}{name}: {key} is {done.get(key)!r}, documented {said.get(key)!r}"
        inner = said.get("suboptions") or {}, done.get("options") or {}
        yield from differences(*inner, where=f"{where}{name}.")


def _same(said: Any, done: Any) -> bool:
    if isinstance(said, dict) and not isinstance(done, dict):  # choices with a description each
        said = list(said)
    if isinstance(said, list) and isinstance(done, (list, tuple)):
        return sorted(map(str, said)) == sorted(map(str, done))
    return bool(said == done)


def test_there_is_something_to_check() -> None:
    assert MODULES
    assert ROLES
    assert PLAYBOOKS


@pytest.mark.parametrize("group", GROUPS)
def test_action_group_has_exactly_its_modules(group: str) -> None:
    expected = [module for module in MODULES if group in groups_by_name(module)]
    assert sorted(RUNTIME["action_groups"][group]) == expected


def test_no_other_action_groups() -> None:
    assert sorted(RUNTIME["action_groups"]) == sorted(GROUPS)


@pytest.mark.parametrize("module", MODULES)
def test_module_says_its_groups(module: str) -> None:
    attributes: dict[str, Any] = {}
    for name in fragment_names(module):
        attributes |= fragment(name).get("attributes", {}).get("action_group", {})
    attributes |= documentation(module).get("attributes", {}).get("action_group", {})
    membership = attributes.get("membership", [])
    names = [membership] if isinstance(membership, str) else membership
    assert set(names) == {f"{COLLECTION}.{group}" for group in groups_by_name(module)}


@pytest.mark.parametrize("module", MODULES)
def test_module_has_the_fragments_of_its_groups(module: str) -> None:
    assert set(fragment_names(module)) & set(GROUPS) == groups_by_name(module)


@pytest.mark.parametrize("module", MODULES)
def test_module_is_routed_to_the_shared_action_plugin(module: str) -> None:
    route = RUNTIME["plugin_routing"]["modules"][module]
    assert route == {"action_plugin": f"{COLLECTION}.in_worker"}


def test_nothing_else_is_routed() -> None:
    assert sorted(RUNTIME["plugin_routing"]["modules"]) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_options_are_documented_as_they_are_checked(module: str) -> None:
    assert list(differences(documented_options(module), SPECS[module])) == []


@pytest.mark.parametrize("module", MODULES)
def test_options_of_a_group_have_an_environment_fallback_that_is_documented(module: str) -> None:
    """So that a play, an AWX credential or a shell can give them once."""
    spec = SPECS[module]
    forgotten = []
    for group in groups_by_name(module) & set(GIVEN_ONCE):
        for name, option in fragment(group)["options"].items():
            _strategy, variables = spec[name].get("fallback", (None, []))
            text = " ".join(option["description"])
            if not variables or not all(f"E({variable})" in text for variable in variables):
                forgotten.append(name)
    assert forgotten == []


@pytest.mark.parametrize("group", GROUPS)
def test_the_play_of_all_playbooks_gives_every_option_of_a_group(group: str) -> None:
    (play,) = read_yaml("playbooks", "on_tenants.yml")
    given = play["module_defaults"][f"group/{COLLECTION}.{group}"]
    assert set(given) == set(fragment(group)["options"])


@pytest.mark.parametrize("module", MODULES)
def test_every_option_says_whether_it_is_secret(module: str) -> None:
    """A secret's name gives it away; what only sounds like one must say that it is none."""
    sounding = re.compile(r"secret|password|passphrase|token|private_key|assertion|keytab")
    spec = SPECS[module]
    assert [name for name in spec if sounding.search(name) and "no_log" not in spec[name]] == []


@pytest.mark.parametrize("module", MODULES)
def test_module_says_which_python_it_needs(module: str) -> None:
    texts = [documentation(module), *map(fragment, fragment_names(module))]
    requirements = [line for text in texts for line in text.get("requirements", [])]
    assert any(re.fullmatch(r"python >= 3\.11", line) for line in requirements)


def examples(module: str) -> list[dict[str, Any]]:
    """The arguments of each example of a module."""
    tasks = yaml.safe_load(module_texts(module)["EXAMPLES"])
    name = f"{COLLECTION}.{module}"
    return [task[name] for task in tasks if name in task]


@pytest.mark.parametrize("module", MODULES)
def test_examples_are_what_the_module_takes(module: str) -> None:
    assert examples(module)
    arguments = importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION.arguments
    validator = ArgumentSpecValidator(dict(arguments.options), **arguments.constraints())
    for example in examples(module):
        assert validator.validate(example).error_messages == []


@pytest.mark.parametrize("module", MODULES)
def test_every_option_stands_in_an_example(module: str) -> None:
    shown = {option for other in MODULES for example in examples(other) for option in example}
    assert set(SPECS[module]) - shown == set()


@pytest.mark.parametrize("module", MODULES)
def test_module_describes_what_it_returns(module: str) -> None:
    returned = yaml.safe_load(module_texts(module)["RETURN"])
    reads_only = module.endswith(READERS) or module.startswith(OVER_THE_FLEET)
    expected = set() if reads_only else {"changes"}
    assert expected <= returned.keys()


@pytest.mark.parametrize("name", [*MODULES, *ROLES, *PLAYBOOKS])
def test_there_is_a_test_against_the_lab(name: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests/lab").rglob("test_*.py")]
    assert any(re.search(rf"\b{name}\b", text) for text in texts)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("file", ["README.md", "meta/argument_specs.yml", "meta/main.yml"])
def test_role_has(role: str, file: str) -> None:
    assert (ROOT / "roles" / role / file).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("role", ROLES)
def test_role_options_have_a_prefix_of_ours(role: str) -> None:
    specification = read_yaml("roles", role, "meta", "argument_specs.yml")
    options = specification["argument_specs"]["main"]["options"]
    assert options
    assert [
        name for name in options if not name.startswith((f"{role}_", "tenant_", "tenantops_"))
    ] == []


@pytest.mark.parametrize("role", ROLES)
def test_role_readme_names_every_option(role: str) -> None:
    specification = read_yaml("roles", role, "meta", "argument_specs.yml")
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    options = specification["argument_specs"]["main"]["options"]
    assert [name for name in options if not re.search(rf"\b{name}\b", readme)] == []


def test_no_sanity_test_is_ignored() -> None:
    assert list((ROOT / "tests" / "sanity").glob("ignore*.txt")) == []
