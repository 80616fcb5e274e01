# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's own files: its modules' documentation, its roles and playbooks.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import ast
import difflib
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from .compiling import Module
from .needs import needs_of
from .steps import Files, Step, steps_of_playbook, steps_of_role

_PREFIX = "tenantops.migration."
# The playbook that the others are made of
_NOT_CALLED = frozenset({"on_tenants"})


class UnknownName(ValueError):
    """No playbook, role or module of the collection has this name."""


class CollectionFiles:
    """The collection that lies in a folder, by default the one that this file belongs to."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(__file__).resolve().parents[3]
        self._files = Files(self._read, self._names_in)
        self._modules: dict[str, Module] = {}

    @functools.cached_property
    def playbooks(self) -> Sequence[str]:
        """The playbooks that can be called, without `.yml`."""
        found = {path.stem for path in (self._folder / "playbooks").glob("*.yml")}
        return sorted(found - _NOT_CALLED)

    @functools.cached_property
    def roles(self) -> Sequence[str]:
        """The roles."""
        return sorted(path.name for path in (self._folder / "roles").glob("*/"))

    @functools.cached_property
    def module_names(self) -> frozenset[str]:
        """The modules."""
        return frozenset(path.stem for path in (self._folder / "plugins/modules").glob("*.py"))

    def modules(self, names: Iterable[str]) -> Mapping[str, Module]:
        """What these modules need, by their names."""
        wanted = dict.fromkeys(names)
        for name in wanted.keys() - self._modules.keys():
            self._modules[name] = self._module(name)
        return {name: self._modules[name] for name in wanted}

    def steps_of(self, name: str, course: str | None = None) -> tuple[Step, ...]:
        """The steps of a playbook, of a role (or `role.tasks`), or of a module alone.

        Raises `UnknownName`, with those that are most like it.
        """
        plain = name.removeprefix(_PREFIX).removesuffix(".yml")
        if plain in self.playbooks:
            return steps_of_playbook(plain, self._files, self.module_names, course)
        if plain.partition(".")[0] in self.roles:
            try:
                return steps_of_role(plain, self._files, self.module_names)
            except FileNotFoundError as error:
                raise UnknownName(f"{name!r}: there is no {error.filename}") from error
        if plain in self.module_names:
            return (self._alone(plain),)
        raise UnknownName(self._unknown(name, plain))

    def _alone(self, module: str) -> Step:
        """The module with whatever arguments: no need of it is ruled out."""
        options = self._documentation(module).get("options") or {}
        return Step(module, module, _AnyArguments(options))

    def _unknown(self, name: str, plain: str) -> str:
        known = [*self.playbooks, *self.roles, *sorted(self.module_names)]
        like = difflib.get_close_matches(plain, known)
        hint = f" Is {' or '.join(dict.fromkeys(like))} meant?" if like else ""
        return f"There is no playbook, role or module {name!r} in {_PREFIX[:-1]}.{hint}"

    def _module(self, name: str) -> Module:
        documentation = self._documentation(name)
        options = documentation.get("options") or {}
        defaults = {option: told.get("default") for option, told in options.items()}
        return Module(name, needs_of(documentation), defaults)

    def _documentation(self, module: str) -> Mapping[str, Any]:
        tree = ast.parse((self._folder / f"plugins/modules/{module}.py").read_text("utf-8"))
        found: Mapping[str, Any] = yaml_load(_constant(tree, "DOCUMENTATION"))
        return found

    def _read(self, path: str) -> Any:
        return yaml_load((self._folder / path).read_text("utf-8"))

    def _names_in(self, folder: str) -> Sequence[str]:
        return sorted(path.name for path in (self._folder / folder).glob("*.yml"))


class _AnyArguments(Mapping[str, Any]):
    """Every option is given, and by a template, so that nobody knows its value."""

    def __init__(self, options: Iterable[str]) -> None:
        self._options = tuple(options)

    def get(self, key: str, default: Any = None) -> Any:
        return self[key]

    def __getitem__(self, key: str) -> Any:
        return "{{ " + key + " }}"

    def __iter__(self) -> Iterator[str]:
        return iter(self._options)

    def __len__(self) -> int:
        return len(self._options)


def _constant(tree: ast.Module, name: str) -> str:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            (target, *_more) = node.targets
            if isinstance(target, ast.Name) and target.id == name:
                return str(node.value.value)
    raise ValueError(f"no {name}")
