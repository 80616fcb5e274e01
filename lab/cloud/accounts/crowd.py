# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A crowd of members as tenants have them: of many departments, with licences of all kinds."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Iterator

from ..guests.crowd import some_name
from ..people import OnPremises
from .orders import AccountCrowdOrder, AccountOrder, LicenseOrder

_DEPARTMENTS = ("Sales", "Finance", "Production", "Human Resources", "IT", "Logistics")
_TITLES = ("Engineer", "Accountant", "Manager", "Assistant", "Welder", "Buyer")
# Plans that administrators like to withhold, by SKU.
_WITHHELD = {
    "ENTERPRISEPACK": ("SWAY", "YAMMER_ENTERPRISE", "TEAMS1"),
    "SPE_E3": ("SWAY", "YAMMER_ENTERPRISE", "INTUNE_A"),
    "STANDARDPACK": ("SWAY", "YAMMER_ENTERPRISE"),
    "EMS": ("MFA_PREMIUM",),
}
_NONE = "none"


def crowd(order: AccountCrowdOrder, initial_domain: str) -> Iterator[AccountOrder]:
    """Yield the users of the crowd."""
    chance = random.Random(order.seed)  # noqa: S311 -- repeatable on purpose
    shares = order.licenses or {_NONE: 1}
    bundles = chance.choices(list(shares), weights=list(shares.values()), k=order.count)
    domain = order.domain or initial_domain
    mail_domain = order.mail_domain or domain
    for number, bundle in enumerate(bundles):
        first, last, local = some_name(chance, number)
        name = f"{local}@{domain}"
        yield AccountOrder(
            user_principal_name=name,
            display_name=f"{first} {last}",
            mail=f"{local}@{mail_domain}",
            usage_location=order.usage_location,
            details={
                "givenName": first,
                "surname": last,
                "department": chance.choice(_DEPARTMENTS),
                "jobTitle": chance.choice(_TITLES),
            },
            licenses=[
                _license(chance, sku, order.disabled) for sku in bundle.split("+") if sku != _NONE
            ],
            on_premises=_on_premises(order.seed, name) if order.synced else None,
        )


def _license(chance: random.Random, sku: str, disabled: int) -> LicenseOrder:
    plans = _WITHHELD.get(sku, ())
    if not plans or chance.randrange(100) >= disabled:
        return LicenseOrder(sku)
    return LicenseOrder(sku, chance.sample(plans, chance.randint(1, len(plans))))


def _on_premises(seed: int, name: str) -> OnPremises:
    identity = uuid.uuid5(uuid.NAMESPACE_DNS, f"{seed} {name}")
    return OnPremises(
        immutable_id=base64.b64encode(identity.bytes_le).decode("ascii"),
        user_principal_name=name,
        sam_account_name=name.partition("@")[0][:20],
    )
