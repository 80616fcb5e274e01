# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query options and headers of OData that Graph's resources share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, QueryParams

from .errors import malformed, unsupported_query

CONTENT_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)

_CONSISTENCY_LEVELS = {"eventual", "session"}


@dataclass(frozen=True)
class Query:
    """What a request asks of a resource beside its path.

    ``eventual``: the client accepts the eventually consistent index (ConsistencyLevel), which
    advanced queries need.
    """

    select: tuple[str, ...] | None = None
    eventual: bool = False

    def project(self, entity: Mapping[str, Any], type_name: str) -> dict[str, Any]:
        """Return what $select leaves of an entity; annotations stay. Raises GraphError."""
        if self.select is None:
            return dict(entity)
        by_name = {name.casefold(): name for name in entity}
        chosen = set()
        for name in self.select:
            if name.casefold() not in by_name:
                raise malformed(f"Could not find a property named '{name}' on type '{type_name}'.")
            chosen.add(by_name[name.casefold()])
        return {
            name: value
            for name, value in entity.items()
            if name in chosen or name.startswith("@odata.")
        }


def read_query(parameters: QueryParams, headers: Headers, supported: frozenset[str]) -> Query:
    """Read the query options, ``supported`` being those of the resource; raises GraphError.

    As in Graph, a parameter without a dollar that is no option is not looked at, and options may
    go without their dollar.
    """
    for name in parameters:
        if name.startswith("$") and name not in supported:
            raise unsupported_query(f"The query option '{name}' is not supported here.")
    consistency = headers.get("consistencylevel")
    if consistency is not None and consistency.casefold() not in _CONSISTENCY_LEVELS:
        raise malformed(f"The value '{consistency}' of ConsistencyLevel is not supported.")
    select = parameters.get("$select") or parameters.get("select")
    return Query(
        select=_names(select) if select and "$select" in supported else None,
        eventual=(consistency or "").casefold() == "eventual",
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
