# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults and Conditional Access of a tenant as Microsoft Graph has them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_pages import json_entries
from .._graph.json_requests import get_json, patch_json
from .conditional_access import ConditionalAccessPolicy, policy_from
from .model import PROPERTY, SecurityDefaults

READ_POLICIES = Access("Policy.Read.All", "Security Reader")
# Graph asks for both of these at once.
WRITE_DEFAULTS = Access(
    "Policy.ReadWrite.SecurityDefaults",
    "Security Administrator",
    ("Policy.ReadWrite.ConditionalAccess",),
)
_READ_DEFAULTS = Access(
    "Policy.Read.All", "Security Reader", ("Policy.ReadWrite.SecurityDefaults",)
)

SUBJECT = "policies/identitySecurityDefaultsEnforcementPolicy"
_CONDITIONAL_ACCESS = "identity/conditionalAccess/policies"


async def read_defaults(graph: Graph) -> SecurityDefaults:
    """Whether they are on. Raises `NotUnderstood` for an answer that does not tell."""
    answer = await get_json(graph, SUBJECT, SUBJECT, access=_READ_DEFAULTS)
    identity, is_enabled = answer.get("id"), answer.get(PROPERTY)
    if not isinstance(identity, str) or not isinstance(is_enabled, bool):
        raise NotUnderstood(
            "The answer does not tell whether security defaults are on",
            server=graph.server,
            subject=SUBJECT,
            answer=f"id {identity!r}, {PROPERTY} {is_enabled!r}",
            advice="Look at them in the Entra admin center (Overview, Properties).",
        )
    return SecurityDefaults(identity, is_enabled)


async def set_defaults(graph: Graph, wanted: SecurityDefaults) -> None:
    """Turn them on or off."""
    body = {PROPERTY: wanted.is_enabled}
    await patch_json(graph, SUBJECT, SUBJECT, body, access=WRITE_DEFAULTS)


async def conditional_access_policies(graph: Graph) -> list[ConditionalAccessPolicy]:
    """All policies of Conditional Access. Raises `NotUnderstood` for what is no list of them.

    All apps together may ask a tenant's once a second: the client waits where it is told to.
    """
    policies: list[ConditionalAccessPolicy] = []
    path = _CONDITIONAL_ACCESS
    async for entry in json_entries(graph, path, path, access=READ_POLICIES):
        try:
            policies.append(policy_from(entry))
        except ValueError as error:
            raise _not_understood(graph, str(error)) from error
    return policies


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer is not a list of Conditional Access policies as this version knows them",
        server=graph.server,
        subject=_CONDITIONAL_ACCESS,
        answer=answer,
        advice="Look at them in the Entra admin center (Protection, Conditional Access).",
    )
