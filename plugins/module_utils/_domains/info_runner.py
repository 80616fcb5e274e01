# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_domain_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from .._domain_names.names import domain_name
from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .api import Domains
from .model import Domain

DETAILS = ("verification", "service_records", "references")


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Tell of domains. Raises `TenantopsError` for everything that goes wrong."""
    connection = EntraConnection.from_parameters(parameters)
    listed = parameters["names"]
    # Each once, in the order given.
    names = None if listed is None else list(dict.fromkeys(map(domain_name, listed)))
    return asyncio.run(_read(connection, names, parameters["details"]))


async def _read(
    connection: EntraConnection, names: Sequence[str] | None, details: Sequence[str]
) -> Outcome:
    async with open_graph(connection) as graph:
        domains = Domains(graph)
        found = await _found(domains, names)
        told = [await _told(domains, domain, details) for domain in found]
    there = {domain.name for domain in found}
    return Outcome(
        values={"domains": told, "absent": [name for name in names or () if name not in there]}
    )


async def _found(domains: Domains, names: Sequence[str] | None) -> list[Domain]:
    if names is None:
        return sorted(await domains.all(), key=lambda domain: domain.name)
    each = [await domains.find(name) for name in names]
    return [domain for domain in each if domain is not None]


async def _told(domains: Domains, domain: Domain, details: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {**domain.to_json()}
    if "verification" in details:
        # The initial domain is Microsoft's own, so that there is nothing to prove.
        record = None if domain.is_initial else await domains.verification(domain.name)
        told["verification"] = None if record is None else record.to_json()
    if "service_records" in details:
        told["service_records"] = await domains.service_records(domain.name)
    if "references" in details:
        references = await domains.references(domain.name)
        told["references"] = [reference.to_json() for reference in references]
    return told
