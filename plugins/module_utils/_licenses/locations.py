# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The usage locations of users, without which Graph assigns no licence.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from .._changes.converge import Request
from .._changes.model import Action, Change, System, Value
from .._graph.access import Access
from .._graph.batch import BatchRequest
from .._graph.errors import GraphRefused
from .._users.model import User
from .._users.writing import UserWrites

RESOURCE = "usage_location"
"""The kind of thing in changes; `id` is the user's object id, `name` the sign-in name."""
PROPERTY = "usageLocation"

WRITE_USERS = Access("User.ReadWrite.All", "User Administrator", ("Directory.ReadWrite.All",))
"""What changing properties of users needs."""


def location_set(user: User, location: str) -> Change:
    """The change of a user's usage location, which Graph lets nobody take away again."""
    return Change(
        System.ENTRA,
        RESOURCE,
        user.id,
        user.user_principal_name,
        PROPERTY,
        Action.REPLACE,
        user.usage_location,
        location,
        reversible=user.usage_location is not None,
    )


class UsageLocationWrites(UserWrites[str | None]):
    """`Things` for the usage locations of one tenant's users: one change for each."""

    side = "usage location"
    fields = ("id", "userPrincipalName", "usageLocation")
    access = WRITE_USERS

    def state_of(self, user: User) -> str | None:
        """See `UserWrites`."""
        return user.usage_location

    def current(self, state: str | None, _change: Change) -> Value:
        """See `Resource`."""
        return state

    def is_before(self, state: str | None, changes: Sequence[Change]) -> bool:
        """See `UserWrites`."""
        return state == changes[0].before

    def is_after(self, state: str | None, changes: Sequence[Change]) -> bool:
        """See `UserWrites`."""
        return state == changes[0].after

    def batch_request(self, request: Request) -> BatchRequest:
        """See `UserWrites`."""
        url = f"/users/{quote(request.id, safe='')}"
        body = {PROPERTY: request.changes[0].after}
        return BatchRequest(request.id, "PATCH", url, request.name, body)

    def advise(self, error: GraphRefused) -> None:
        """See `UserWrites`."""
        error.advice = "Give the code of ISO 3166-1 alpha-2 of a country that Graph knows."
