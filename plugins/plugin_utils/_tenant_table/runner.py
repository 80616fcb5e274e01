# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of the inventory `tenant_table`, and its files, to hosts.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...module_utils._errors import InvalidInput
from ...module_utils._lists.reading import in_line, list_lines
from .._fleet_inventory.model import TENANT_ID, Found, Host, is_safe_name
from .._fleet_inventory.selection import Selection
from .columns import Column, columns_of

# More would hide the first ones.
_MOST_TOLD = 20
_NOT_FOR_HOSTS = frozenset({"all", "ungrouped", "localhost"})


@dataclass(frozen=True)
class _Row:
    """A host, and the file and line that it is from."""

    host: Host
    path: Path
    line: int


def find(parameters: Mapping[str, Any], folder: Path) -> Found:
    """The tenants of all files, in their order; a relative path is below `folder`.

    Raises `InvalidInput` with everything that is wrong, each with its file, line and column.
    """
    rows: list[_Row] = []
    wrong: list[InvalidInput] = []
    for name in parameters["files"]:
        path = folder / name
        for found in _rows(path, parameters):
            if isinstance(found, InvalidInput):
                wrong.append(found)
            else:
                rows.append(found)
    wrong += _twice(rows)
    if wrong:
        raise _together(wrong)
    if not rows:
        raise InvalidInput(
            "There is no tenant in the table", subject=", ".join(map(str, parameters["files"]))
        )
    return Selection.from_parameters(parameters).of(row.host for row in rows)


def _rows(path: Path, parameters: Mapping[str, Any]) -> Iterator[_Row | InvalidInput]:
    naming = parameters["name_column"].strip().lower()
    reserved = _NOT_FOR_HOSTS | {parameters["tenants_group"].casefold()}
    columns: Sequence[Column] = ()
    for line in list_lines(path, needed=(naming,), once=None):
        if not columns and not isinstance(line.cells, InvalidInput):
            names = [name for name in line.cells if name and name != naming]
            try:
                columns = columns_of(names, parameters["columns"], parameters["types"])
            except InvalidInput as error:
                # Of the whole file, so it is told once.
                yield in_line(error, path, 1)
                return
        try:
            yield _Row(_host(line.values(), naming, columns, reserved), path, line.number)
        except InvalidInput as error:
            yield in_line(error, path, line.number)


def _host(
    cells: Mapping[str, str], naming: str, columns: Sequence[Column], reserved: frozenset[str]
) -> Host:
    name = cells[naming]
    if not is_safe_name(name) or name.casefold() in reserved:
        raise InvalidInput(
            f"The cell cannot be the name of a host: {name!r}",
            subject=f"column {naming}",
            advice="Use letters, digits and . - _ @, begin with a letter or digit, and do not take "
            "the name of a group.",
        )
    if cells.get(""):
        raise InvalidInput(
            "A cell stands in a column without a name",
            answer=repr(cells[""]),
            advice="The first line names all columns.",
        )
    variables = {
        column.variable: column.value(cells[column.name])
        for column in columns
        if cells[column.name]
    }
    tenant_id = str(variables.get(TENANT_ID, "")).lower()
    return Host(
        name, variables, {"names": (name,), "tenant_ids": (tenant_id,) if tenant_id else ()}
    )


def _twice(rows: list[_Row]) -> Iterator[InvalidInput]:
    """What is wrong with rows that would be one host, or one tenant with two hosts."""
    seen: dict[tuple[str, str], _Row] = {}
    for row in rows:
        tenant_ids = [("tenant id", one) for one in row.host.facts["tenant_ids"]]
        for key in (("name", row.host.name.casefold()), *tenant_ids):
            first = seen.setdefault(key, row)
            if first is not row:
                yield InvalidInput(
                    f"The {key[0]} {key[1]} is there twice",
                    subject=f"{row.path}, line {row.line}",
                    answer=f"also in {first.path}, line {first.line}",
                )


def _together(wrong: list[InvalidInput]) -> InvalidInput:
    if len(wrong) == 1:
        return wrong[0]
    told = "\n".join(f"- {error}" for error in wrong[:_MOST_TOLD])
    more = len(wrong) - _MOST_TOLD
    return InvalidInput(
        f"{len(wrong)} rows of the table cannot be read:\n{told}"
        + (f"\n- and {more} more" if more > 0 else "")
    )
