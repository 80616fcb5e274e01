# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to users, each of which readers may see later than it is made."""

from __future__ import annotations

import copy
import time
from typing import Any

from .people import User
from .state import Tenant


class HiddenUsers:
    """Who was at which place of a tenant before the writes that have not replicated yet."""

    def __init__(self) -> None:
        self._before: dict[int, list[tuple[float, User | None]]] = {}

    def now(self) -> dict[int, User | None]:
        """Return what readers see at places in place of the truth."""
        now = time.monotonic()
        for place, entries in list(self._before.items()):
            waiting = [entry for entry in entries if entry[0] > now]
            if waiting:
                self._before[place] = waiting
            else:
                del self._before[place]
        return {place: entries[0][1] for place, entries in self._before.items()}

    def hide(self, place: int, before: User | None, seconds: float) -> None:
        """Let readers see who was at the place before, for so long."""
        if seconds > 0:
            self._before.setdefault(place, []).append((time.monotonic() + seconds, before))


class UserChange:
    """What changes users; ``tenant`` is the truth. Readers see it ``hidden_for`` seconds on."""

    def __init__(self, tenant: Tenant, hidden: HiddenUsers, hidden_for: float) -> None:
        self.tenant = tenant
        self._hidden = hidden
        self._hidden_for = hidden_for

    def add(self, user: User) -> None:
        """Add a user."""
        self._hidden.hide(self.tenant.users.add(user), None, self._hidden_for)

    def update(self, user: User, **values: Any) -> None:
        """Set some fields of a user."""
        before = copy.copy(user)
        place = self.tenant.users.update(user, **values)
        self._hidden.hide(place, before, self._hidden_for)

    def remove(self, user: User) -> None:
        """Take a user away."""
        before = copy.copy(user)
        self._hidden.hide(self.tenant.users.remove(user), before, self._hidden_for)
