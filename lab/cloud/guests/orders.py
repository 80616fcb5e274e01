# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What guests a tenant is to have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ..people import AccountKind, SignInMethod


@dataclass(frozen=True)
class GuestOrder:
    """One guest. ``address`` is where the invitation went, ``method`` how the guest signs in.

    ``accounts`` is what the person owns (null: what the method needs, and no more). ``issuer`` is
    needed for the method ``unknown`` (one that no client knows) unless ``state`` is such a value;
    for ``federated`` there is one by itself. ``role`` names a directory role that the guest has. A
    guest who ``has_mail`` not can only be told by the user principal name.
    """

    address: str
    method: SignInMethod
    display_name: str | None = None
    language: str | None = None
    accounts: list[AccountKind] | None = None
    other_mails: list[str] = field(default_factory=list)
    has_mail: bool = True
    issuer: str | None = None
    state: str | None = None
    changed: str | None = None
    role: str | None = None
    account_enabled: bool = True

    def __post_init__(self) -> None:
        if self.changed is not None:
            datetime.fromisoformat(self.changed)


@dataclass(frozen=True)
class CrowdOrder:
    """So many guests, the same ones for the same order.

    ``methods`` are shares (any whole numbers) by the method's name; none means a mix of all. Of the
    guests ``role_holders`` are administrators, ``plus_addresses`` have an address that cannot be
    invited and ``without_mail`` have no address at all; these stand at the beginning.
    """

    count: int
    seed: int = 1
    methods: dict[SignInMethod, int] = field(default_factory=dict)
    role_holders: int = 0
    plus_addresses: int = 0
    without_mail: int = 0

    def __post_init__(self) -> None:
        shares = list(self.methods.values())
        if self.count < 0 or any(share < 0 for share in shares) or (shares and not any(shares)):
            raise ValueError("count and shares are 0 or more, and one share is 1 or more")
