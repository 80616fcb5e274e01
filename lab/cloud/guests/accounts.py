# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What accounts somebody owns of whom only the mail address is known."""

from __future__ import annotations

from ..people import AccountKind
from ..state import Cloud


def accounts_of(cloud: Cloud, address: str) -> list[AccountKind]:
    """Return the accounts with this address: a work account if the domain is somebody's."""
    owner = cloud.owner_of(address.rpartition("@")[2])
    accounts: list[AccountKind] = []
    if owner is not None:
        accounts.append("entra_viral" if owner.is_viral else "entra_managed")
    if address.casefold() in cloud.personal_accounts:
        accounts.append("microsoft_account")
    return accounts
