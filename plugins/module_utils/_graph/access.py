# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an app must be allowed to do, and whether its token says that it is. Pure.

Source: Microsoft Graph permissions reference; Microsoft identity platform, access token claims
(`roles`, `scp`, `wids`). Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from .token_claims import claims

# Stands in the tokens of all apps and gives nothing.
_ROLE_OF_EVERY_APP = "0997a1d0-0d1d-4acb-b408-d5ca73121e90"


@dataclass(frozen=True)
class Access:
    """The permission that a request needs.

    `permission` is the least one that an app can have for it, and `role` the Entra role that a
    signed-in person needs. Any one of `alternatives`, which allow more, is as good. Where a request
    needs two permissions at once, it needs two of these.
    """

    permission: str
    role: str
    alternatives: tuple[str, ...] = ()

    def is_met_by(self, permissions: frozenset[str]) -> bool:
        """Whether one of these permissions is enough."""
        return not permissions.isdisjoint((self.permission, *self.alternatives))

    @property
    def advice(self) -> str:
        """What to do where it is missing."""
        return (
            f"The app needs the Graph permission {self.permission} with admin consent, which takes "
            f"some minutes to be in its tokens; a person who signs in needs the role {self.role}."
        )


def granted_permissions(token: str) -> frozenset[str] | None:
    """The permissions that an app's token names; null where the token does not tell.

    That is so with what is no JSON Web Token, with the token of a person, and with an app that
    holds a directory role, because that allows things as well.
    """
    told = claims(token)
    roles, directory_roles = told.get("roles"), told.get("wids", [])
    if not _is_texts(roles) or not _is_texts(directory_roles) or "scp" in told:
        return None
    if set(directory_roles) - {_ROLE_OF_EVERY_APP}:
        return None
    return frozenset(roles)


def missing(token: str, needed: Sequence[Access]) -> tuple[Access, ...]:
    """Those that the token is known not to have."""
    granted = granted_permissions(token)
    if granted is None:
        return ()
    return tuple(access for access in needed if not access.is_met_by(granted))


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
