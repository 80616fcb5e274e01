# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The direct licences of users, assigned and removed through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from .._changes.converge import Request
from .._changes.model import Change, Value
from .._graph.access import Access
from .._graph.batch import BatchRequest
from .._graph.errors import GraphRefused
from .._users.model import User
from .._users.writing import UserWrites
from .changes import LicenseCall, is_as_after, is_as_before
from .model import AssignedLicense, direct_licenses, license_value, sku_of

ASSIGN_LICENSES = Access(
    "LicenseAssignment.ReadWrite.All",
    "License Administrator",
    # Microsoft's pages still show User.ReadWrite.All, its table of permissions no longer does.
    ("Directory.ReadWrite.All",),
)
"""What assigning and removing licences needs."""

# Graph has one code for all of them, so its words are all there is to tell them apart. They choose
# the advice and nothing else.
_ADVICE = (
    (
        "usage location",
        "Give the user a usage location where the product is offered, see usage_location.",
    ),
    (
        "available licenses",
        "Somebody else took the last seat meanwhile. Buy more, or take some back, and run again.",
    ),
    ("inherit", "The licence comes from a group: take the user out of it, or change the group."),
    ("depend", "A plan needs another one: enable that one too, or disable both."),
    ("conflict", "Two plans exclude each other: disable one of them, or remove a product."),
    ("mutually", "Two plans exclude each other: disable one of them, or remove a product."),
)


class LicenseWrites(UserWrites[tuple[AssignedLicense, ...]]):
    """`Things` for the direct licences of one tenant's users.

    A request's changes are all those of one user, and are made by one call: so who swaps one
    product for another is never without. All that is needed is in the changes.
    """

    side = "licenses"
    fields = ("id", "userPrincipalName", "licenseAssignmentStates")
    access = ASSIGN_LICENSES

    def state_of(self, user: User) -> tuple[AssignedLicense, ...]:
        """See `UserWrites`."""
        return user.assigned

    def current(self, state: tuple[AssignedLicense, ...], change: Change) -> Value:
        """See `Resource`."""
        found = direct_licenses(state).get(sku_of(change))
        return None if found is None else license_value(found.sku_id, found.disabled_plans)

    def is_before(self, state: tuple[AssignedLicense, ...], changes: Sequence[Change]) -> bool:
        """See `UserWrites`."""
        return is_as_before(state, changes)

    def is_after(self, state: tuple[AssignedLicense, ...], changes: Sequence[Change]) -> bool:
        """See `UserWrites`."""
        return is_as_after(state, changes)

    def batch_request(self, request: Request) -> BatchRequest:
        """See `UserWrites`."""
        url = f"/users/{quote(request.id, safe='')}/assignLicense"
        body = LicenseCall.of(request.changes).to_json()
        return BatchRequest(request.id, "POST", url, request.name, body)

    def advise(self, error: GraphRefused) -> None:
        """See `UserWrites`."""
        told = error.problem.lower()
        error.advice = next((advice for words, advice in _ADVICE if words in told), "")
