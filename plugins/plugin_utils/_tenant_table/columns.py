# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which variable a column of the table is, and what its cells mean. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._dns.arguments import DNS_ARGUMENTS
from ...module_utils._errors import InvalidInput
from ...module_utils._graph.arguments import ENTRA_ARGUMENTS
from ...module_utils._ldap.arguments import AD_ARGUMENTS

_VARIABLE = re.compile(r"[a-z_][a-z0-9_]*")
_SECRET = re.compile(r"secret|password|passphrase|token|private_key|credential")
_SEPARATOR = ";"

# The variables of a tenant that are options of the collection's modules; playbooks/on_tenants.yml
_KNOWN: Mapping[str, Mapping[str, Any]] = {
    f"tenant_{name}": option
    for arguments in (AD_ARGUMENTS, DNS_ARGUMENTS, ENTRA_ARGUMENTS)
    for name, option in arguments.options.items()
}
# Those of the roles that people would write as something else than text.
_KNOWN_TYPES = {"tenant_upn_suffixes": "list"}


@dataclass(frozen=True)
class Column:
    """A column that is a variable: how its cells are read, and what may stand in them if not
    everything."""

    name: str
    variable: str
    kind: str
    choices: tuple[str, ...] = ()

    def value(self, text: str) -> Any:
        """What a cell with content means. Raises `InvalidInput`, which names the column."""
        try:
            value = _READERS[self.kind](text)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                f"The cell is not {_CALLED[self.kind]}: {text!r}", subject=f"column {self.name}"
            ) from error
        if self.choices and value not in self.choices:
            raise InvalidInput(
                f"The cell is none of {', '.join(self.choices)}: {text!r}",
                subject=f"column {self.name}",
            )
        return value


def columns_of(
    names: Iterable[str],
    renamed: Mapping[str, str | None],
    kinds: Mapping[str, str],
) -> list[Column]:
    """The columns of a table that are variables, told by their names in its first line.

    `renamed` is the option `columns`, `kinds` the option `types`. Raises `InvalidInput` for columns
    that cannot be variables, and for secrets.
    """
    _check_kinds(kinds)
    by_name = {name.strip().lower(): variable for name, variable in renamed.items()}
    columns: dict[str, Column] = {}
    for name in names:
        variable = by_name.get(name, name)
        if not variable:
            continue
        other = columns.setdefault(variable, _column(name, variable, kinds))
        if other.name != name:
            raise InvalidInput(
                f"Two columns are the same variable {variable}", answer=f"{other.name}, {name}"
            )
    return list(columns.values())


def _column(name: str, variable: str, kinds: Mapping[str, str]) -> Column:
    if not _VARIABLE.fullmatch(variable):
        raise InvalidInput(
            f"A column cannot be a variable: {variable!r}",
            subject=f"column {name}",
            advice="Name its variable in the option columns, or null to leave the column out.",
        )
    option = _KNOWN.get(variable, {})
    if option.get("no_log", _SECRET.search(variable) is not None):
        raise InvalidInput(
            f"A secret has no place in a table: {variable}",
            subject=f"column {name}",
            advice="Keep it in host_vars, encrypted by ansible-vault, or in the environment. To "
            "leave the column out, set it to null in the option columns.",
        )
    kind = kinds.get(variable, _KNOWN_TYPES.get(variable, option.get("type", "str")))
    if kind not in _READERS:
        raise InvalidInput(
            f"A cell cannot hold what {variable} is, which is a {kind}",
            subject=f"column {name}",
            advice="Set it in host_vars or group_vars.",
        )
    return Column(name, variable, kind, tuple(option.get("choices", ())))


def _check_kinds(kinds: Mapping[str, str]) -> None:
    for variable, kind in kinds.items():
        if kind not in TYPES:
            raise InvalidInput(
                f"types gives {variable} a type that there is not: {kind!r}",
                answer=", ".join(TYPES),
            )


def _list(text: str) -> list[str]:
    return [part for part in (part.strip() for part in text.split(_SEPARATOR)) if part]


def _boolean(text: str) -> bool:
    return bool(boolean(text))


_READERS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "path": str,
    "int": int,
    "float": float,
    "bool": _boolean,
    "list": _list,
}
_CALLED = {
    "str": "a text",
    "path": "a path",
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "list": "a list",
}
TYPES: Sequence[str] = ("str", "int", "float", "bool", "list")
"""What the option `types` can say."""
