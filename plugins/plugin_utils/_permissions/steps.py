# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which modules a playbook or a role runs, and with what. Pure but for what it is given to read.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PREFIX = "tenantops.migration."
_BLOCKS = ("block", "rescue", "always")
_TASKS = ("pre_tasks", "tasks", "post_tasks", "handlers")
_INCLUDED_TASKS = frozenset({"include_tasks", "import_tasks"})
_INCLUDED_ROLES = frozenset({"include_role", "import_role"})
# The play that goes through the roles of a list, see playbooks/on_tenants.yml
_ROLES_OF_PLAY = "tenantops_roles"
# A playbook that plans, applies or watches another one names it so, and the part of it that is a
# dry run whatever Ansible was told.
_COURSE = "tenantops_course"
_PART, _DRY_RUN = "tenantops_part", "dry_run"


@dataclass(frozen=True)
class Files:
    """Files of the collection, by their paths in it.

    `read` says what a YAML file says, and raises `FileNotFoundError`; `names_in` are the names of
    the YAML files of a folder.
    """

    read: Callable[[str], Any]
    names_in: Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Step:
    """A task with a module of the collection.

    `source` is the role, or the playbook where it is in none. `conditions` are those of the task
    and of all that it is in. `is_dry` is one that is never more than a dry run.
    """

    module: str
    source: str
    arguments: Mapping[str, Any]
    conditions: tuple[str, ...] = ()
    is_dry: bool = False


@dataclass
class _Reading:
    """One way through the files; what leads back to where it came from is not read again."""

    files: Files
    modules: frozenset[str]
    course: str | None = None
    is_dry: bool = False
    under_way: list[str] = field(default_factory=list)


def steps_of_playbook(
    name: str, files: Files, modules: frozenset[str], course: str | None = None
) -> tuple[Step, ...]:
    """The steps of a playbook of the collection, by its name without `.yml`.

    `modules` are the names of the collection's modules. A playbook that runs another one by the
    variable `tenantops_course` has the steps of `course` too.
    """
    return tuple(_of_playbook(_Reading(files, modules, course), f"playbooks/{name}.yml", {}))


def steps_of_role(name: str, files: Files, modules: frozenset[str]) -> tuple[Step, ...]:
    """The steps of a role; `role.tasks` are those of one of its files of tasks."""
    return tuple(_of_role(_Reading(files, modules), name, ()))


def _imported(play: Mapping[str, Any]) -> str | None:
    found = next((play[key] for key in play if _short(key) == "import_playbook"), None)
    return None if found is None else str(found)


def _short(key: str) -> str:
    return key.removeprefix("ansible.builtin.")


def _of_playbook(reading: _Reading, path: str, variables: Mapping[str, Any]) -> Iterator[Step]:
    if path in reading.under_way:
        return
    reading.under_way.append(path)
    source = path.removeprefix("playbooks/").removesuffix(".yml")
    for play in reading.files.read(path):
        imported = _imported(play)
        if imported is None:
            yield from _of_play(reading, play, {**variables, **(play.get("vars") or {})}, source)
            continue
        inner = _playbook_path(imported, reading.course)
        if inner is not None:
            given = {**variables, **(play.get("vars") or {})}
            was_dry, reading.is_dry = reading.is_dry, given.get(_PART) == _DRY_RUN
            yield from _of_playbook(reading, inner, given)
            reading.is_dry = was_dry
    reading.under_way.pop()


def _playbook_path(imported: str, course: str | None) -> str | None:
    """Where an imported playbook is; null for a course that nobody has named."""
    if _COURSE in imported:
        return None if course is None else f"playbooks/{course}.yml"
    name = imported.removeprefix(_PREFIX).removesuffix(".yml")
    return f"playbooks/{name}.yml"


def _of_play(
    reading: _Reading, play: Mapping[str, Any], variables: Mapping[str, Any], source: str
) -> Iterator[Step]:
    for role in play.get("roles") or ():
        name = role if isinstance(role, str) else role.get("role") or role.get("name")
        yield from _of_role(reading, str(name), ())
    for key in _TASKS:
        for task in play.get(key) or ():
            yield from _of_task(reading, task, "playbooks", source, (), variables)


def _of_role(reading: _Reading, name: str, conditions: tuple[str, ...]) -> Iterator[Step]:
    role, _dot, tasks = name.removeprefix(_PREFIX).partition(".")
    path = f"roles/{role}/tasks/{tasks or 'main'}.yml"
    yield from _of_file(reading, path, role, conditions)


def _of_file(
    reading: _Reading, path: str, source: str, conditions: tuple[str, ...]
) -> Iterator[Step]:
    if path in reading.under_way:
        return
    reading.under_way.append(path)
    folder = path.rpartition("/")[0]
    for task in reading.files.read(path) or ():
        yield from _of_task(reading, task, folder, source, conditions, {})
    reading.under_way.pop()


def _of_task(
    reading: _Reading,
    task: Mapping[str, Any],
    folder: str,
    source: str,
    outer: tuple[str, ...],
    variables: Mapping[str, Any],
) -> Iterator[Step]:
    conditions = (*outer, *_conditions(task))
    for key in _BLOCKS:
        for inner in task.get(key) or ():
            yield from _of_task(reading, inner, folder, source, conditions, variables)
    for key, arguments in task.items():
        short = _short(key)
        if short in _INCLUDED_TASKS:
            for file in _included_files(reading, arguments, folder):
                yield from _of_file(reading, f"{folder}/{file}", source, conditions)
        elif short in _INCLUDED_ROLES:
            for role in _included_roles(arguments, variables):
                yield from _of_role(reading, role, conditions)
        elif key.startswith(_PREFIX) and key.removeprefix(_PREFIX) in reading.modules:
            module = key.removeprefix(_PREFIX)
            yield Step(module, source, arguments or {}, conditions, reading.is_dry)


def _conditions(task: Mapping[str, Any]) -> tuple[str, ...]:
    told = task.get("when", [])
    return tuple(map(str, told if isinstance(told, list) else [told]))


def _included_files(reading: _Reading, arguments: Any, folder: str) -> Sequence[str]:
    """The file of tasks; all files where only a run knows which one."""
    file = str(arguments if isinstance(arguments, str) else arguments["file"])
    return reading.files.names_in(folder) if "{{" in file else [file]


def _included_roles(arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> Sequence[str]:
    name = str(arguments["name"])
    if "{{" in name:
        roles = variables.get(_ROLES_OF_PLAY)
        # Which they are is else told by whoever runs it.
        return roles if isinstance(roles, list) else []
    tasks = arguments.get("tasks_from", "main").removesuffix(".yml")
    return [f"{name.removeprefix(_PREFIX)}.{tasks}"]
