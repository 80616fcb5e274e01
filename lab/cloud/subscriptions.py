# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant has bought, and the groups by which it gives licences to users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

CapabilityStatus = Literal["Enabled", "Warning", "Suspended", "Deleted", "LockedOut"]


@dataclass(frozen=True)
class ServicePlan:
    """A service within a SKU."""

    id: str
    name: str


# Microsoft's ids and names.
# https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
_PLANS = {
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "MCOSTANDARD": "0feaeb32-d00e-4d66-bd5a-43b5b83db82c",
    "MFA_PREMIUM": "8a256a2b-b617-496d-b51b-e76466e88db0",
    "OFFICESUBSCRIPTION": "43de0ff5-c92c-492b-9116-175376d08c38",
    "SHAREPOINTENTERPRISE": "5dbe027f-2339-4123-9542-606e4d348a72",
    "SHAREPOINTSTANDARD": "c7699d2e-19aa-44de-8edf-1736da088ca1",
    "SWAY": "a23b959c-7ce8-4e57-9140-b90eb88a9e97",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
    "YAMMER_ENTERPRISE": "7547a3fe-08ee-4ccb-b430-5077c5041653",
}
_E3 = (
    "EXCHANGE_S_ENTERPRISE",
    "MCOSTANDARD",
    "OFFICESUBSCRIPTION",
    "SHAREPOINTENTERPRISE",
    "SWAY",
    "TEAMS1",
    "YAMMER_ENTERPRISE",
)
# The SKUs that a tenant of the lab can have, by part number: the id and the plans.
_CATALOGUE: dict[str, tuple[str, tuple[str, ...]]] = {
    "EMS": (
        "efccb6f7-5641-4e0e-bd10-b4976e1bf68e",
        ("AAD_PREMIUM", "INTUNE_A", "MFA_PREMIUM"),
    ),
    "ENTERPRISEPACK": ("6fd2c87f-b296-42f0-b197-1e91e994b900", _E3),
    "EXCHANGESTANDARD": ("4b9405b0-7788-4568-add1-99614e613b69", ("EXCHANGE_S_STANDARD",)),
    "SPE_E3": (
        "05e9a617-0261-4cee-bb44-138d3ef5d965",
        (*_E3, "AAD_PREMIUM", "INTUNE_A", "MFA_PREMIUM"),
    ),
    "STANDARDPACK": (
        "18181a46-0d4e-45cd-891e-60aabd171b4e",
        (
            "EXCHANGE_S_STANDARD",
            "MCOSTANDARD",
            "SHAREPOINTSTANDARD",
            "SWAY",
            "TEAMS1",
            "YAMMER_ENTERPRISE",
        ),
    ),
}


@dataclass
class Sku:
    """A SKU that the tenant has, with as many seats as were paid for."""

    id: str
    part_number: str
    service_plans: list[ServicePlan]
    enabled: int
    warning: int = 0
    suspended: int = 0
    locked_out: int = 0
    capability_status: CapabilityStatus = "Enabled"

    @property
    def seats(self) -> int:
        """How many users may have it: those about to expire can still be given away."""
        return self.enabled + self.warning

    def plan_id(self, name: str) -> str:
        """Return the id of a service plan by its name; raises KeyError."""
        for plan in self.service_plans:
            if plan.name == name:
                return plan.id
        raise KeyError(name)


@dataclass(frozen=True)
class GroupLicense:
    """A licence that a group gives to its members; ids as in LicenseAssignment."""

    sku_id: str
    disabled_plans: list[str] = field(default_factory=list)


@dataclass
class Group:
    """A security group: ``members`` are ids of users and of groups."""

    id: str
    display_name: str
    members: list[str] = field(default_factory=list)
    licenses: list[GroupLicense] = field(default_factory=list)


def known_sku(part_number: str, enabled: int) -> Sku:
    """Return a SKU of Microsoft's with so many seats; raises KeyError for one that is not here."""
    sku_id, plans = _CATALOGUE[part_number]
    return Sku(sku_id, part_number, [ServicePlan(_PLANS[name], name) for name in plans], enabled)


def part_numbers() -> list[str]:
    """Return the names of the SKUs that a tenant of the lab can have."""
    return sorted(_CATALOGUE)
