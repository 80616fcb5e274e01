# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of docs/permissions.md, and the one for a chosen set of playbooks. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .compiling import Right, Use, least, uses_of
from .files import CollectionFiles
from .needs import Need, System

_TITLES: Mapping[System, str] = {
    System.GRAPH: "Graph, application permissions",
    System.DIRECTORY: "directory",
    System.DNS: "DNS",
}

_INTRODUCTION = """\
# Permissions

<!-- Written by `make permissions` from what the modules say in their attributes. -->

What the app registration, the account of the directory and the key of a DNS zone must be allowed
to do, for each playbook. All permissions of Microsoft Graph are *application* permissions and need
admin consent. Each one named here is the least for something; where one that is needed anyway does
as well, it is left out. A module tells a permission that it lacks by its name, and before it
changes anything.

For the app of a certain set of playbooks:

```shell
make permissions-for PLAYBOOKS="migrate align_accounts rollback"
```

The same in a playbook, where the variables of a tenant narrow it down to the steps that it has:

```yaml
- name: Tell what the app of each tenant needs
  hosts: tenants
  gather_facts: false
  tasks:
    - name: Compile its permissions
      ansible.builtin.debug:
        msg: "{{ query('tenantops.migration.app_permissions', *playbooks, tenant=tenant) }}"
      vars:
        playbooks: [migrate, rollback]
        tenant: "{{ hostvars[inventory_hostname] }}"
```

A playbook that runs another one, named in `tenantops_course`, needs what that one needs; one that
is not in the tables needs nothing. `rollback` beside other playbooks needs what undoes those, alone
it needs what undoes anything. *Extras* are permissions without which everything works, only less
well: the table of the playbook says what is missed.

An app that only makes dry runs needs less where the column *dry run* says no. Most modules refuse
in a dry run what would be refused in a run, so that an approved plan does not fail for want of a
permission.

How an account of the directory is given the right Write Property stands in the documentation of
the modules, such as `ansible-doc tenantops.migration.ad_upn_suffix`; how each provider of DNS calls
its rights is in [dns_hosting.md](dns_hosting.md). An account of the directory needs no group.
"""


def document(files: CollectionFiles) -> str:
    """The whole of docs/permissions.md."""
    parts = [_INTRODUCTION, _overview(files)]
    for playbook in files.playbooks:
        uses = _uses(files, [playbook])
        if uses:
            parts.append(f"## `{playbook}`\n\n{_tables(uses)}")
    parts += ["## By module\n", _by_module(files)]
    return "\n".join(parts)


def table_for(files: CollectionFiles, names: Sequence[str], course: str | None = None) -> str:
    """What these playbooks, roles or modules need together. Raises `UnknownName`."""
    uses = _uses(files, names, course)
    if not uses:
        return f"{', '.join(names)}: no permission is needed.\n"
    return f"# {', '.join(names)}\n\n{_tables(uses)}"


def _uses(
    files: CollectionFiles, names: Sequence[str], course: str | None = None
) -> tuple[Use, ...]:
    steps = [step for name in names for step in files.steps_of(name, course)]
    return uses_of(steps, files.modules(step.module for step in steps))


def _overview(files: CollectionFiles) -> str:
    lines = [
        "## All playbooks",
        "",
        "| playbook | permissions of the app | extras | directory | DNS |",
        "| --- | --- | --- | --- | --- |",
    ]
    for playbook in files.playbooks:
        uses = _uses(files, [playbook])
        if not uses:
            continue
        app = least(uses, System.GRAPH)
        cells = [
            _names([right for right in app if not right.is_extra]),
            _names([right for right in app if right.is_extra]),
            _names(least(uses, System.DIRECTORY)),
            _names(least(uses, System.DNS)),
        ]
        lines.append(f"| `{playbook}` | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _names(rights: Sequence[Right]) -> str:
    return ", ".join(f"`{right.name}`" for right in rights) or "none"


def _tables(uses: Sequence[Use]) -> str:
    return "\n".join(table for system in System for table in _table(system, least(uses, system)))


def _table(system: System, rights: Sequence[Right]) -> Iterator[str]:
    if not rights:
        return
    yield f"| {_TITLES[system]} | what for | dry run |"
    yield "| --- | --- | --- |"
    for right in rights:
        extra = " (extra)" if right.is_extra else ""
        dry_run = "no" if right.only_in_run else "yes"
        yield f"| `{right.name}`{extra} | {_purposes(right)} | {dry_run} |"
    yield ""


def _purposes(right: Right) -> str:
    """What each module needs it for, a module once."""
    by_module: dict[str, list[str]] = {}
    for use in right.uses:
        told = _told(use.need)
        if told not in by_module.setdefault(use.step.module, []):
            by_module[use.step.module].append(told)
    return "; ".join(f"`{module}`: {', '.join(told)}" for module, told in by_module.items())


def _told(need: Need) -> str:
    condition = "" if need.condition is None else f" ({need.condition})"
    return f"{need.reason}{condition}"


def _by_module(files: CollectionFiles) -> str:
    lines = ["| module | needs | what for |", "| --- | --- | --- |"]
    lines += [
        f"| `{name}` | {_any_of(need)} | {_purpose(need)} |"
        for name, module in files.modules(sorted(files.module_names)).items()
        for need in module.needs
    ]
    return "\n".join([*lines, ""])


def _any_of(need: Need) -> str:
    alternatives = "".join(f" or `{each}`" for each in need.alternatives)
    return f"`{need.right}`{alternatives}"


def _purpose(need: Need) -> str:
    marks = [
        *(["in a run only"] if need.only_in_run else []),
        *(["an extra"] if need.is_extra else []),
    ]
    return _told(need) + (f"; {', '.join(marks)}" if marks else "")
