# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What accounts, licences and groups a tenant is to have."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..people import OnPremises
from ..subscriptions import CapabilityStatus


@dataclass(frozen=True)
class SkuOrder:
    """So many seats of a SKU, by its part number. Ordered again, it is set anew."""

    part_number: str
    enabled: int
    warning: int = 0
    suspended: int = 0
    capability_status: CapabilityStatus = "Enabled"


@dataclass(frozen=True)
class LicenseOrder:
    """A licence by part number, without some service plans, by their names."""

    sku: str
    disabled_plans: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class GroupOrder:
    """A group by name, with what it gives to its members; ``groups`` are groups within it.

    Ordered again, it gets these licences and, beside the groups it has, these ones.
    """

    name: str
    licenses: list[LicenseOrder] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AccountOrder:
    """One user. Groups and roles are told by their names, and are there already.

    With ``mail`` and no ``proxy_addresses`` the mail is the one address. ``on_premises`` is for who
    is synchronised, or was; ``immutable_id`` is for somebody who never was. ``is_deleted``: softly,
    by now.
    """

    user_principal_name: str
    display_name: str | None = None
    mail: str | None = None
    proxy_addresses: list[str] | None = None
    mail_nickname: str | None = None
    usage_location: str | None = None
    details: dict[str, str] = field(default_factory=dict)
    licenses: list[LicenseOrder] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    on_premises: OnPremises | None = None
    immutable_id: str | None = None
    account_enabled: bool = True
    is_deleted: bool = False


@dataclass(frozen=True)
class AccountCrowdOrder:
    """So many users, the same ones for the same order.

    ``domain`` is that of their names (null: the initial one), ``mail_domain`` that of their
    addresses (null: the same). ``licenses`` are shares (any whole numbers) by part number, several
    SKUs being joined by a plus, and ``none`` standing for nothing; a ``disabled`` share of 100 has
    plans disabled. ``synced`` users are synchronised.
    """

    count: int
    seed: int = 1
    domain: str | None = None
    mail_domain: str | None = None
    usage_location: str | None = "SE"
    licenses: dict[str, int] = field(default_factory=dict)
    disabled: int = 50
    synced: bool = False

    def __post_init__(self) -> None:
        shares = list(self.licenses.values())
        if self.count < 0 or any(share < 0 for share in shares) or (shares and not any(shares)):
            raise ValueError("count and shares are 0 or more, and one share is 1 or more")


@dataclass(frozen=True)
class AccountsOrder:
    """All of it, made in this order: SKUs, groups, accounts, the crowd."""

    skus: list[SkuOrder] = field(default_factory=list)
    groups: list[GroupOrder] = field(default_factory=list)
    accounts: list[AccountOrder] = field(default_factory=list)
    crowd: AccountCrowdOrder | None = None
