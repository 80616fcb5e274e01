# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes to users, each of which readers may see later than it is made."""

from __future__ import annotations

import copy
import time
from datetime import UTC, datetime
from typing import Any

from .ledger import AccountEvent, AccountEventKind, Ledger
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


class Notes:
    """Writes into the book of accounts what happens to the users of a tenant.

    ``name`` is the lab's name of the tenant.
    """

    def __init__(self, name: str, ledger: Ledger) -> None:
        self._name = name
        self._ledger = ledger

    def add(self, kind: AccountEventKind, user: User, **about: Any) -> None:
        """Note that something happened now; ``about`` as the event's fields."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        self._ledger.note(
            AccountEvent(now, self._name, kind, user.id, user.user_principal_name, **about)
        )

    def compare(self, tenant: Tenant, before: User, user: User) -> None:
        """Note how a user differs from before."""
        if before.user_principal_name != user.user_principal_name:
            names = {"before": before.user_principal_name, "after": user.user_principal_name}
            self.add("renamed", user, **names)
        if before.password != user.password:
            self.add("password_set", user)
        for name in ("mail", "usage_location"):
            values = {"before": getattr(before, name), "after": getattr(user, name)}
            if values["before"] != values["after"]:
                self.add("changed", user, subject=name, **values)
        self._compare_licenses(tenant, before, user)

    def _compare_licenses(self, tenant: Tenant, before: User, user: User) -> None:
        had, has = _active(before), _active(user)
        for key in sorted({*had, *has}, key=str):
            old, new = had.get(key), has.get(key)
            if old == new:
                continue
            kind: AccountEventKind = "license_changed"
            if old is None:
                kind = "license_assigned"
            elif new is None:
                kind = "license_removed"
            sku_id, by_group = key
            sku = tenant.sku(sku_id)
            self.add(
                kind,
                user,
                subject=sku_id if sku is None else sku.part_number,
                by_group=by_group,
                before=old,
                after=new,
                seats_taken=tenant.users.seats_taken(sku_id),
            )


class UserChange:
    """What changes users; ``tenant`` is the truth. Readers see it ``hidden_for`` seconds on."""

    def __init__(
        self, tenant: Tenant, hidden: HiddenUsers, hidden_for: float, notes: Notes
    ) -> None:
        self.tenant = tenant
        self.notes = notes
        self._hidden = hidden
        self._hidden_for = hidden_for

    def add(self, user: User, kind: AccountEventKind = "created") -> None:
        """Add a user."""
        self._hidden.hide(self.tenant.users.add(user), None, self._hidden_for)
        self.notes.add(kind, user)

    def update(self, user: User, **values: Any) -> None:
        """Set some fields of a user."""
        before = copy.copy(user)
        place = self.tenant.users.update(user, **values)
        self._hidden.hide(place, before, self._hidden_for)
        self.notes.compare(self.tenant, before, user)

    def remove(self, user: User) -> None:
        """Take a user away."""
        before = copy.copy(user)
        self._hidden.hide(self.tenant.users.remove(user), before, self._hidden_for)
        self.notes.add("deleted", user)


def _active(user: User) -> dict[tuple[str, str | None], list[str]]:
    """Return the disabled plans of each licence that works, by the SKU and where it comes from."""
    return {
        (one.sku_id, one.by_group): one.disabled_plans for one in user.licenses if one.is_active
    }
