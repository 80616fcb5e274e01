# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults: whether they are on, and the change that is needed. Pure.

Source: Microsoft Graph, resource identitySecurityDefaultsEnforcementPolicy; source document 002.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .._changes.converge import Proposal
from .._changes.model import Action, Change, System
from .._errors import InvalidInput

RESOURCE = "security_defaults"
PROPERTY = "isEnabled"


@dataclass(frozen=True)
class SecurityDefaults:
    """The policy of a tenant."""

    id: str
    is_enabled: bool

    def __str__(self) -> str:
        return f"{PROPERTY} {str(self.is_enabled).lower()}"


def propose(defaults: SecurityDefaults, wanted: bool, reason: str | None = None) -> Proposal:
    """The change that brings the policy to what is wanted, if one is needed.

    `reason` is why somebody allows that they are turned off, and is kept with the change.
    """
    if defaults.is_enabled is wanted:
        return Proposal((), scope=1)
    change = Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=defaults.id,
        name="Security defaults",
        property=PROPERTY,
        action=Action.REPLACE,
        before=defaults.is_enabled,
        after=wanted,
        note=None if wanted else reason,
    )
    return Proposal((change,), scope=1)


def defaults_after(defaults: SecurityDefaults, changes: Iterable[Change]) -> SecurityDefaults:
    """The policy as the changes leave it."""
    for change in changes:
        if not isinstance(change.after, bool):
            raise InvalidInput("Security defaults are on or off", subject=str(change.after))
        defaults = replace(defaults, is_enabled=change.after)
    return defaults
