# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query options and headers of OData that Graph's resources share."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers, QueryParams

from .errors import bad_request, malformed, unsupported_query

CONTENT_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;"
    "IEEE754Compatible=false;charset=utf-8"
)

_CONSISTENCY_LEVELS = {"eventual", "session"}
_SKIP_TOKEN = "$skiptoken"  # noqa: S105 -- no password
_LONGEST_PAGE = 999
_USUAL_PAGE = 100

_EntityT = TypeVar("_EntityT")


@dataclass(frozen=True)
class Query:
    """What a request asks of a resource beside its path.

    ``eventual``: the client accepts the eventually consistent index (ConsistencyLevel), which
    advanced queries need. ``skip`` comes out of a link to a next page; ``parameters`` are all as
    they were sent, for the link to the page after.
    """

    select: tuple[str, ...] | None = None
    eventual: bool = False
    filter: str | None = None
    count: bool = False
    top: int = _USUAL_PAGE
    skip: int = 0
    parameters: tuple[tuple[str, str], ...] = ()

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

    def page(self, entities: Sequence[_EntityT], url: str) -> tuple[list[_EntityT], dict[str, str]]:
        """Return one page of a collection, and the annotation that leads to the next, if any.

        ``url`` is the collection's, without a query.
        """
        end = self.skip + self.top
        page = list(entities[self.skip : end])
        if end >= len(entities):
            return page, {}
        return page, self.link_to(end, url)

    def link_to(self, place: int, url: str) -> dict[str, str]:
        """Return the annotation that leads to the page from a place on; ``url`` as for a page."""
        kept = [(name, value) for name, value in self.parameters if name != _SKIP_TOKEN]
        query = urlencode([*kept, (_SKIP_TOKEN, str(place))], quote_via=quote, safe="$',()")
        return {"@odata.nextLink": f"{url}?{query}"}


def read_query(parameters: QueryParams, headers: Headers, supported: frozenset[str]) -> Query:
    """Read the query options, ``supported`` being those of the resource; raises GraphError.

    As in Graph, a parameter without a dollar that is no option is not looked at, and options may
    go without their dollar.
    """
    understood = supported | ({_SKIP_TOKEN} if "$top" in supported else set())
    for name in parameters:
        if name.startswith("$") and name not in understood:
            raise unsupported_query(f"The query option '{name}' is not supported here.")
    consistency = headers.get("consistencylevel")
    if consistency is not None and consistency.casefold() not in _CONSISTENCY_LEVELS:
        raise malformed(f"The value '{consistency}' of ConsistencyLevel is not supported.")
    select = parameters.get("$select") or parameters.get("select")
    return Query(
        select=_names(select) if select and "$select" in supported else None,
        eventual=(consistency or "").casefold() == "eventual",
        filter=parameters.get("$filter"),
        count=parameters.get("$count", "").casefold() == "true",
        top=_whole_number("$top", parameters.get("$top", str(_USUAL_PAGE)), 1, _LONGEST_PAGE),
        skip=_whole_number(_SKIP_TOKEN, parameters.get(_SKIP_TOKEN, "0"), 0, sys.maxsize),
        parameters=tuple(parameters.multi_items()),
    )


def _whole_number(name: str, text: str, lowest: int, highest: int) -> int:
    """Return the number that an option was given as; raises GraphError."""
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise bad_request(f"Invalid value '{text}' specified for the query option '{name}'.")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
