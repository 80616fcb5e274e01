# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The book of invitations: who was invited or reset how often, and which mails went out.

Nothing else in the lab can tell a guest who was reset once from one who was reset twice.
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


class Ledger:
    """All entries since the cloud began or was reset, oldest first; however many."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """Append an entry."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def describe(self, tenant: str | None) -> list[dict[str, Any]]:
        """Return the entries as JSON, of one tenant (by its name in the lab) or all."""
        return [to_json(entry) for entry in self._entries if tenant in (None, entry.tenant)]
