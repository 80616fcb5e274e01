# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant counted, and as a table has them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from .._changes.model import JsonValue
from .._licenses.model import Skus
from .._table_file import TableWriter, table_file
from .model import User

Row: TypeAlias = dict[str, JsonValue]

# The columns of the table (docs/formats.md)
COLUMNS = (
    "user_principal_name",
    "display_name",
    "mail",
    "user_type",
    "account_enabled",
    "synced",
    "usage_location",
    "department",
    "licenses",
    "licenses_by_group",
    "licenses_not_in_force",
    "primary_address",
    "proxy_addresses",
    "on_premises_immutable_id",
    "creation_type",
    "created",
    "id",
)

_GUEST = "guest"


def table_row(user: User, skus: Skus) -> Row:
    """A user as the table has it: one cell for each kind of licence."""
    direct = [skus.name(each.sku_id) for each in user.assigned if each.is_direct]
    by_group = [skus.name(each.sku_id) for each in user.assigned if not each.is_direct]
    broken = [
        f"{skus.name(each.sku_id)} ({each.error or each.state})"
        for each in user.assigned
        if not each.is_in_force
    ]
    return {
        "user_principal_name": user.user_principal_name,
        "display_name": user.display_name,
        "mail": user.mail,
        "user_type": user.user_type,
        "account_enabled": user.account_enabled,
        "synced": user.is_synced,
        "usage_location": user.usage_location,
        "department": user.department,
        "licenses": [*sorted(direct)],
        "licenses_by_group": [*sorted(by_group)],
        "licenses_not_in_force": [*sorted(broken)],
        "primary_address": user.primary_address,
        "proxy_addresses": list(user.proxy_addresses),
        "on_premises_immutable_id": user.on_premises_immutable_id,
        "creation_type": user.creation_type,
        "created": user.created,
        "id": user.id,
    }


@contextmanager
def user_table(path: Path) -> Iterator[TableWriter]:
    """A table to add rows to; it appears when the block has ended. Raises `InvalidInput`."""
    with table_file(path, "The table of users", COLUMNS) as table:
        yield table


@dataclass
class _Licensed:
    direct: int = 0
    by_group: int = 0
    not_in_force: int = 0


@dataclass
class Summary:
    """Counts users by what a migration has to know of them."""

    users: int = 0
    disabled: int = 0
    guests: int = 0
    synced: int = 0
    formerly_synced: int = 0
    unlicensed: int = 0
    without_usage_location: int = 0
    domains: Counter[str] = field(default_factory=Counter)
    _licenses: dict[str, _Licensed] = field(default_factory=dict)

    def add(self, user: User) -> None:
        """Count one more."""
        self.users += 1
        self.disabled += user.account_enabled is False
        self.guests += (user.user_type or "").lower() == _GUEST
        self.synced += user.is_synced
        self.formerly_synced += user.on_premises_sync_enabled is False
        self.unlicensed += not user.assigned
        self.without_usage_location += user.usage_location is None
        self.domains[user.domain] += 1
        for each in user.assigned:
            counts = self._licenses.setdefault(each.sku_id, _Licensed())
            counts.direct += each.is_direct
            counts.by_group += not each.is_direct
            counts.not_in_force += not each.is_in_force

    def to_json(self, skus: Skus) -> Row:
        """The summary as the module returns it."""
        licenses: list[JsonValue] = [
            {
                "sku": skus.known_name(sku_id),
                "sku_id": sku_id,
                "direct": counts.direct,
                "by_group": counts.by_group,
                "not_in_force": counts.not_in_force,
            }
            for sku_id, counts in sorted(
                self._licenses.items(), key=lambda item: (skus.name(item[0]), item[0])
            )
        ]
        return {
            "users": self.users,
            "disabled": self.disabled,
            "guests": self.guests,
            "synced": self.synced,
            "formerly_synced": self.formerly_synced,
            "unlicensed": self.unlicensed,
            "without_usage_location": self.without_usage_location,
            "domains": dict(self.domains.most_common()),
            "licenses": licenses,
        }
