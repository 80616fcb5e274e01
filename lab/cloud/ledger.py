# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The books of the cloud: of invitations (who was invited or reset how often, and which mails went
out), and of accounts (who came and went, and had which licence when).

Nothing else in the lab can tell a guest who was reset once from one who was reset twice, or a user
whose licence came back from one who never lost it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .conversion import to_json

Kind = Literal["invite", "reinvite", "reset"]


@dataclass(frozen=True)
class Mail:
    """The mail of an invitation as the guest gets it; ``body`` is null for Microsoft's own text."""

    to: str
    cc: list[str]
    language: str
    body: str | None


@dataclass(frozen=True)
class Entry:
    """One invitation: of somebody new, of somebody known, or a reset of the redemption."""

    time: str
    tenant: str
    kind: Kind
    user: str
    address: str
    redirect_url: str
    mail: Mail | None


AccountEventKind = Literal[
    "created",
    "deleted",
    "restored",
    "purged",
    "renamed",
    "changed",
    "password_set",
    "license_assigned",
    "license_changed",
    "license_removed",
    "role_assigned",
    "role_removed",
]


@dataclass(frozen=True)
class AccountEvent:
    """Something that happened to a user; ``time`` is UTC, to the microsecond.

    ``subject`` is what it is about: the part number of a SKU, the name of a role, the property of a
    change. ``by_group`` is the group (its id) that a licence came from or went with, None if it was
    direct. ``before`` and ``after`` are the ids of the disabled plans, or a value, None where there
    was or is nothing; ``seats_taken`` is how many users have the SKU from then on. Passwords are
    never in here.
    """

    time: str
    tenant: str
    kind: AccountEventKind
    user: str
    user_principal_name: str
    subject: str | None = None
    by_group: str | None = None
    before: Any = None
    after: Any = None
    seats_taken: int | None = None


class Ledger:
    """All entries since the cloud began or was reset, oldest first; however many."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._accounts: list[AccountEvent] = []

    def add(self, entry: Entry) -> None:
        """Append an entry."""
        self._entries.append(entry)

    def note(self, event: AccountEvent) -> None:
        """Append what happened to an account."""
        self._accounts.append(event)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._accounts.clear()

    def describe(self, tenant: str | None) -> list[dict[str, Any]]:
        """Return the entries as JSON, of one tenant (by its name in the lab) or all."""
        return [to_json(entry) for entry in self._entries if tenant in (None, entry.tenant)]

    def describe_accounts(self, tenant: str | None) -> list[dict[str, Any]]:
        """Return what happened to accounts as JSON, in one tenant or all."""
        return [to_json(event) for event in self._accounts if tenant in (None, event.tenant)]
