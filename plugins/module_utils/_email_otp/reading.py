# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The email authentication method of a tenant as Microsoft Graph has it.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import NotUnderstood
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.json_requests import get_json, patch_json
from .model import PROPERTY, EmailOtpPolicy, GuestOtp

READ_POLICY = Access(
    "Policy.Read.AuthenticationMethod",
    "Global Reader",
    ("Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"),
)
WRITE_POLICY = Access(
    "Policy.ReadWrite.AuthenticationMethod", "Authentication Policy Administrator"
)

SUBJECT = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"

_TYPE = "#microsoft.graph.emailAuthenticationMethodConfiguration"
# No set, since an answer can be a list just as well.
_SETTINGS = tuple(setting.value for setting in GuestOtp)


async def read_policy(graph: Graph) -> EmailOtpPolicy:
    """The part of it that concerns guests.

    Raises `NotUnderstood` for an answer without one of the three known settings.
    """
    return _policy(graph, await get_json(graph, SUBJECT, SUBJECT, access=READ_POLICY))


async def set_policy(graph: Graph, wanted: EmailOtpPolicy) -> None:
    """Set the guests' setting alone: the members' `state` and the targets stay as they are."""
    # Graph demands the type, and sets only what is sent.
    body = {"@odata.type": _TYPE, PROPERTY: wanted.guests.value}
    await patch_json(graph, SUBJECT, SUBJECT, body, access=WRITE_POLICY)


def _policy(graph: Graph, answer: Mapping[str, Any]) -> EmailOtpPolicy:
    kind, identity, setting = answer.get("@odata.type"), answer.get("id"), answer.get(PROPERTY)
    if kind != _TYPE or not isinstance(identity, str):
        raise NotUnderstood(
            "The answer is not an email authentication method",
            server=graph.server,
            subject=SUBJECT,
            answer=f"@odata.type {kind!r}, id {identity!r}",
        )
    if setting not in _SETTINGS:
        raise NotUnderstood(
            "The tenant's setting for guests is none that this version knows",
            server=graph.server,
            subject=SUBJECT,
            answer=f"{PROPERTY} {setting!r}",
            advice="Look at the setting in the Entra admin center before changing it.",
        )
    return EmailOtpPolicy(identity, GuestOtp(setting))
