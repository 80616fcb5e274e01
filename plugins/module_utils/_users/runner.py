# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_user_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._domain_names.names import domain_name
from .._doors.operation import Outcome
from .._graph.client import EntraConnection, open_graph
from .model import CreationType, User
from .reading import users


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """List the users that came to the tenant in one way."""
    connection = EntraConnection.from_parameters(parameters)
    creation_type = CreationType(parameters["creation_type"])
    domains = {domain_name(text) for text in parameters["domains"] or ()}
    found = asyncio.run(_read(connection, creation_type))
    return Outcome(
        values={"users": [user.to_json() for user in found if not domains or user.is_of(domains)]}
    )


async def _read(connection: EntraConnection, creation_type: CreationType) -> list[User]:
    async with open_graph(connection) as graph:
        return await users(graph, creation_type)
