# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many users have what the address list shows: advice for all of them, a finding on none.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from .attributes import ADDRESS_LIST_FIELDS
from .policy import Policy


@dataclass
class AddressListCount:
    """The users counted so far, and how many of them have each field."""

    users: int = 0
    present: Counter[str] = field(default_factory=Counter)

    def add(self, attributes: Container[str]) -> None:
        """Count one user by the names of the attributes that have a value."""
        self.users += 1
        self.present.update(name for name in ADDRESS_LIST_FIELDS if name in attributes)

    def merge(self, others: Iterable[AddressListCount]) -> None:
        """Take over what was counted elsewhere."""
        for other in others:
            self.users += other.users
            self.present.update(other.present)

    def percentages(self, policy: Policy) -> Mapping[str, float]:
        """Of all users, by field, with one decimal; without the fields whose rule is switched off,
        and empty without users."""
        if not self.users:
            return {}
        return {
            name: round(100 * self.present[name] / self.users, 1)
            for name in ADDRESS_LIST_FIELDS
            if policy.severity(f"{name}.missing") is not None
        }
