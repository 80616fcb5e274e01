# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses Graph invites, and what an app must be allowed for it. Pure.

Source: Microsoft Graph, resource invitation, property invitedUserEmailAddress; permissions
reference. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._graph.access import Access

INVITE = Access(
    "User.Invite.All", "Guest Inviter", ("User.ReadWrite.All", "Directory.ReadWrite.All")
)
"""What inviting somebody needs."""
RESET_REDEMPTION = Access(
    "User.Invite.All", "Helpdesk Administrator", ("User.ReadWrite.All", "Directory.ReadWrite.All")
)
"""What resetting a guest's redemption needs, which is an invitation too."""

_NOT_INVITED = frozenset('~!#$%^&*()+=[]{}\\/|;:"<>?, ')
_NOT_AT_AN_END = (".", "-")


def why_not_invited(address: str) -> str | None:
    """What keeps an address from being invited, for people; null if nothing is known to.

    What is not documented is left to Graph: it refuses what it does not like.
    """
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        return "it is no mail address"
    found = sorted(_NOT_INVITED.intersection(address))
    if found:
        told = " ".join("a space" if sign == " " else sign for sign in found)
        return f"Microsoft invites no address with {told}"
    if local.startswith(_NOT_AT_AN_END) or local.endswith(_NOT_AT_AN_END):
        return "Microsoft invites no address whose name begins or ends with . or -"
    return None
