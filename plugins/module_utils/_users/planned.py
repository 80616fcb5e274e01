# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users as earlier tasks of the same course will have left them, in a dry run. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._changes.model import Change, System
from .._changes.planned import PlannedChanges
from .._licenses.changes import assigned_after, changes_of_licenses
from .._licenses.locations import RESOURCE as LOCATION
from .._licenses.model import RESOURCE as LICENSE
from .model import User

_SIGN_IN_NAME = "sign_in_name"
_KINDS = (LICENSE, LOCATION, _SIGN_IN_NAME)


class PlannedUsers:
    """What earlier tasks would have changed about users: licences, usage locations, names."""

    def __init__(self, planned: PlannedChanges) -> None:
        self._changes: dict[str, list[Change]] = {}
        for change in planned.changes:
            if change.system is System.ENTRA and change.resource in _KINDS:
                self._changes.setdefault(change.id.lower(), []).append(change)

    @property
    def ids_by_name(self) -> Mapping[str, str]:
        """Who will have which sign-in name, in lower case."""
        return {
            change.after.lower(): change.id
            for changes in self._changes.values()
            for change in changes
            if change.resource == _SIGN_IN_NAME and isinstance(change.after, str)
        }

    def after(self, user: User) -> User:
        """The user when these changes will have been made."""
        changes = self._changes.get(user.id.lower())
        if changes is None:
            return user
        licenses = [change for change in changes if change.resource == LICENSE]
        found = replace(user, assigned=assigned_after(user.assigned, changes_of_licenses(licenses)))
        for change in changes:
            if change.resource == LOCATION and isinstance(change.after, str | None):
                found = replace(found, usage_location=change.after)
            elif change.resource == _SIGN_IN_NAME and isinstance(change.after, str):
                found = replace(found, user_principal_name=change.after)
        return found
