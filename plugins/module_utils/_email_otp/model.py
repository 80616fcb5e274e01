# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The email one-time passcode of guests: its setting and the change that it needs. Pure.

Source: Microsoft Graph, resource emailAuthenticationMethodConfiguration; source document 003.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from .._changes.converge import Proposal
from .._changes.model import Action, Change, System

PROPERTY = "allowExternalIdToUseEmailOtp"
RESOURCE = "email_authentication_method"


class GuestOtp(StrEnum):
    """Whether guests may sign in with a passcode sent by mail.

    `DEFAULT` leaves it to Microsoft, who document it as on; it is a state of its own and is never
    taken for `ENABLED`.
    """

    DEFAULT = "default"
    ENABLED = "enabled"
    DISABLED = "disabled"


@dataclass(frozen=True)
class EmailOtpPolicy:
    """The part of a tenant's email authentication method that concerns guests."""

    id: str
    guests: GuestOtp

    @property
    def is_on(self) -> bool:
        """Whether guests can sign in by passcode."""
        return self.guests is not GuestOtp.DISABLED

    def __str__(self) -> str:
        return self.guests.value


def propose(policy: EmailOtpPolicy, wanted: GuestOtp, acknowledged: int = 0) -> Proposal:
    """The change that brings the policy to the wanted setting, if one is needed.

    `acknowledged` is how many guests may be locked out by it.
    """
    if policy.guests is wanted:
        return Proposal((), scope=1)
    change = Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=policy.id,
        name="Email one-time passcode for guests",
        property=PROPERTY,
        action=Action.REPLACE,
        before=policy.guests.value,
        after=wanted.value,
    )
    if turns_off(policy, policy_after(policy, [change])) and acknowledged > 0:
        change = replace(change, note=f"At most {acknowledged} guests may be locked out")
    return Proposal((change,), scope=1)


def policy_after(policy: EmailOtpPolicy, changes: Iterable[Change]) -> EmailOtpPolicy:
    """The policy as the changes leave it; those of other things are of no account."""
    for change in changes:
        if change.resource == RESOURCE:
            policy = replace(policy, guests=GuestOtp(str(change.after)))
    return policy


def turns_off(before: EmailOtpPolicy, after: EmailOtpPolicy) -> bool:
    """Whether guests can no longer sign in by passcode. Microsoft's default counts as on."""
    return before.is_on and not after.is_on


def turns_on(before: EmailOtpPolicy, after: EmailOtpPolicy) -> bool:
    """Whether guests can sign in by passcode, and could not before."""
    return after.is_on and not before.is_on
