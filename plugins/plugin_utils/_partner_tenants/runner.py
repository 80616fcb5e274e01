# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of the inventory `partner_tenants` to hosts.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ...module_utils._errors import InvalidInput, ObjectGone
from ...module_utils._graph.client import EntraConnection, open_graph
from .._fleet_inventory.model import TENANT_ID, Found, Host
from .._fleet_inventory.selection import Selection
from .model import DELEGATED, Customer, Listed, customers_of
from .names import name_customers
from .reading import read_listed

_STATUSES = "relationship_statuses"
_NOT_FOR_HOSTS = ("all", "ungrouped", "localhost")


def asked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Who is asked as whom, for what: what was told to another question is no answer to this one.

    Raises `InvalidInput` for what cannot be asked.
    """
    connection = EntraConnection.from_parameters(parameters)
    sources = sorted(set(parameters["sources"]))
    if not sources:
        raise InvalidInput("sources names nothing that tells of customers")
    relationships = _are_relationships_needed(parameters)
    if parameters["entra_cloud"] == "china" and (relationships or DELEGATED in sources):
        raise InvalidInput(
            "The cloud china has no delegated administration",
            advice="Set sources to contracts alone, and do not ask for relationships.",
        )
    return {
        "tenant": parameters["entra_tenant_id"],
        "client": parameters["entra_client_id"],
        "auth": parameters["entra_auth"],
        "server": connection.cloud.graph_url,
        "sources": sources,
        "relationships": relationships,
    }


def ask(parameters: Mapping[str, Any]) -> Listed:
    """What the partner's tenant tells now. Raises `TenantopsError`; half a list is none."""
    question = asked(parameters)
    return asyncio.run(
        _ask(
            EntraConnection.from_parameters(parameters),
            question["sources"],
            relationships=question["relationships"],
        )
    )


async def _ask(connection: EntraConnection, sources: list[str], *, relationships: bool) -> Listed:
    async with open_graph(connection) as graph:
        return await read_listed(graph, sources, relationships=relationships)


def find(parameters: Mapping[str, Any], listed: Listed) -> Found:
    """The hosts of those customers that are wanted.

    Raises `ObjectGone` if there is no customer at all, and `InvalidInput` for impossible names.
    """
    customers = customers_of(listed)
    if not customers:
        raise ObjectGone(
            "The tenant works for nobody",
            subject=f"tenant {parameters['entra_tenant_id'] or 'of the signed-in identity'}",
            answer="empty lists of " + " and ".join(sorted(set(parameters["sources"]))),
            advice="entra_tenant_id must be the tenant of the partner. If it has no customer yet, "
            "set on_failure to warn.",
        )
    named = name_customers(
        customers,
        parameters["name_from"],
        parameters["host_names"],
        {*_NOT_FOR_HOSTS, parameters["tenants_group"].casefold()},
    )
    hosts = [_host(customer, named.names[customer.tenant_id]) for customer in customers]
    return Selection.from_parameters(parameters).of(
        hosts,
        [
            f"The name {name} would fit several, so it has part of a tenant id behind it: give "
            "each a name of its own in host_names."
            for name in named.clashes
        ],
    )


def _are_relationships_needed(parameters: Mapping[str, Any]) -> bool:
    filters = [parameters[option] or {} for option in ("only", "never")]
    return parameters["relationships"] or any(given.get(_STATUSES) is not None for given in filters)


def _host(customer: Customer, name: str) -> Host:
    told = {
        "partner_display_name": customer.display_name,
        "partner_default_domain": customer.default_domain,
        "partner_contract_types": list(customer.contract_types),
        "partner_sources": list(customer.sources),
        "partner_relationship_statuses": None
        if customer.statuses is None
        else list(customer.statuses),
    }
    variables = {name: value for name, value in told.items() if value is not None}
    return Host(
        name=name,
        variables={TENANT_ID: customer.tenant_id, **variables},
        facts={
            "tenant_ids": (customer.tenant_id,),
            "domains": (customer.default_domain,) if customer.default_domain else (),
            "display_names": (customer.display_name,) if customer.display_name else (),
            "contract_types": customer.contract_types,
            _STATUSES: customer.statuses or (),
        },
    )
