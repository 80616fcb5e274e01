# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redemption order of a tenant as Microsoft Graph has it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_requests import get_json, patch_json
from .model import FALLBACK, PRIMARY, Fallback, Primary, RedemptionOrder

READ_ORDER = Access("Policy.Read.All", "Security Reader", ("Policy.ReadWrite.CrossTenantAccess",))
WRITE_ORDER = Access("Policy.ReadWrite.CrossTenantAccess", "Security Administrator")

SUBJECT = "policies/crossTenantAccessPolicy/default"

_ORDER = "invitationRedemptionIdentityProviderConfiguration"


async def read_order(graph: Graph) -> RedemptionOrder:
    """The order. Raises `NotUnderstood` for an answer without one of known providers alone."""
    answer = await get_json(graph, SUBJECT, SUBJECT, access=READ_ORDER)
    try:
        return _order(answer.get(_ORDER))
    except ValueError as error:
        raise NotUnderstood(
            "The tenant's redemption order is none that this version knows",
            server=graph.server,
            subject=SUBJECT,
            answer=f"{_ORDER}: {error}",
            advice="Look at the redemption order in the Entra admin center (External Identities, "
            "Cross-tenant access settings, Default settings) before changing it.",
        ) from error


async def set_order(graph: Graph, wanted: RedemptionOrder) -> None:
    """Set the order; the other settings of cross-tenant access stay as they are."""
    await patch_json(graph, SUBJECT, SUBJECT, {_ORDER: wanted.to_json()}, access=WRITE_ORDER)


def _order(answer: object) -> RedemptionOrder:
    if not isinstance(answer, Mapping):
        raise ValueError(f"{answer!r} is no object")
    primary = answer.get(PRIMARY)
    if not isinstance(primary, list):
        raise ValueError(f"{PRIMARY} {primary!r} is no list")
    return RedemptionOrder(
        tuple(_known(Primary, PRIMARY, name) for name in primary),
        _known(Fallback, FALLBACK, answer.get(FALLBACK)),
    )


def _known(kind: Any, name: str, value: object) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise ValueError(f"{name} {value!r}") from error
