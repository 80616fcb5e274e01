# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which changes a user's licences need. Pure.

Source: Microsoft Graph, action assignLicense. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .._changes.converge import Request
from .._changes.model import Change, Value
from .._errors import ConditionUnmet, InvalidInput, JournalUnusable, TenantopsError
from .._users.model import User
from .model import (
    AssignedLicense,
    Sku,
    Skus,
    direct_licenses,
    license_changed,
    license_removed,
    license_value,
    read_value,
    sku_of,
    sorted_plans,
)

# Subscriptions in these states give users something (resource subscribedSku, capabilityStatus).
_ASSIGNABLE = ("Enabled", "Warning")
_FOR_USERS = "User"


@dataclass(frozen=True)
class WantedLicense:
    """A licence that a user is to have directly.

    `disabled_plans` are ids of service plans; null leaves those of a licence that is there as they
    are, and disables none of a new one.
    """

    sku_id: str
    disabled_plans: tuple[str, ...] | None = None


def license_changes(
    user: User, add: Iterable[WantedLicense], remove: Collection[str], skus: Skus
) -> Request | TenantopsError | None:
    """What gives a user these direct licences and takes those (SKU ids) away, as one request.

    Null if there is nothing to do; an error if it cannot be done. Licences through groups are not
    looked at, nor are seats. A SKU in both is added.
    """
    direct = direct_licenses(user.assigned)
    added = {wanted.sku_id.lower(): wanted for wanted in add}
    removed = [
        _removal(user, direct[sku_id], skus)
        for sku_id in dict.fromkeys(each.lower() for each in remove)
        if sku_id in direct and sku_id not in added
    ]
    assigned: list[Change] = []
    for sku_id, wanted in added.items():
        present = direct.get(sku_id)
        plans = _wanted_plans(wanted, present)
        if present is not None and present.disabled_plans == plans:
            continue
        objection = _objection(user, sku_id, skus) if present is None else None
        if objection is not None:
            return objection
        assigned.append(_assignment(user, present, sku_id, plans, skus))
    if assigned and user.usage_location is None:
        return InvalidInput(
            "This user has no usage location, and without one Graph assigns no licence",
            subject=user.user_principal_name,
            advice="Give usage_location, or set it for the user.",
        )
    changes = (*removed, *assigned)
    return Request(changes) if changes else None


def _wanted_plans(wanted: WantedLicense, present: AssignedLicense | None) -> tuple[str, ...]:
    if wanted.disabled_plans is not None:
        return sorted_plans(wanted.disabled_plans)
    return present.disabled_plans if present is not None else ()


def _assignment(
    user: User, present: AssignedLicense | None, sku_id: str, plans: tuple[str, ...], skus: Skus
) -> Change:
    before = None if present is None else license_value(sku_id, present.disabled_plans)
    after = license_value(sku_id, plans)
    name = user.user_principal_name
    return license_changed(user.id, name, skus.name(sku_id), before, after)


def _removal(user: User, present: AssignedLicense, skus: Skus) -> Change:
    name = skus.name(present.sku_id)
    return license_removed(
        user.id, user.user_principal_name, name, present.sku_id, present.disabled_plans
    )


def _objection(user: User, sku_id: str, skus: Skus) -> TenantopsError | None:
    sku = skus.by_id(sku_id)
    if sku is None:
        return InvalidInput(
            "The tenant has no such product",
            subject=user.user_principal_name,
            answer=sku_id,
            advice="The tenant has these: "
            + (", ".join(sorted(each.part_number for each in skus.skus)) or "none"),
        )
    return why_not_assignable(sku)


def why_not_assignable(sku: Sku) -> TenantopsError | None:
    """Why nobody can be given a licence of this SKU, null if it is possible."""
    if sku.applies_to != _FOR_USERS:
        return ConditionUnmet(
            f"{sku.part_number} is not assigned to users",
            subject=sku.part_number,
            answer=f"appliesTo {sku.applies_to}",
            advice="Name a product that is assigned to users.",
        )
    if sku.status not in _ASSIGNABLE:
        return ConditionUnmet(
            f"The subscription of {sku.part_number} is not in force",
            subject=sku.part_number,
            answer=f"capabilityStatus {sku.status}",
            advice="Renew it in the Microsoft 365 admin center, or name another product.",
        )
    return None


@dataclass(frozen=True)
class LicenseCall:
    """The body of assignLicense, which always has both arrays."""

    add: Mapping[str, tuple[str, ...]]
    remove: tuple[str, ...]

    @classmethod
    def of(cls, changes: Sequence[Change]) -> LicenseCall:
        """The one call that makes all changes of one user; a plan that is added again is replaced.

        Raises `JournalUnusable` for what is no change of a licence.
        """
        after = dict(_plans(change, change.after) for change in changes)
        return cls(
            {sku_id: plans for sku_id, plans in after.items() if plans is not None},
            tuple(sku_id for sku_id, plans in after.items() if plans is None),
        )

    def to_json(self) -> dict[str, list[object]]:
        """The body as Graph takes it."""
        return {
            "addLicenses": [
                {"skuId": sku_id, "disabledPlans": list(plans)}
                for sku_id, plans in self.add.items()
            ],
            "removeLicenses": list(self.remove),
        }


def is_as_before(assigned: Iterable[AssignedLicense], changes: Sequence[Change]) -> bool:
    """Whether a user's direct licences are what the changes of one request start from."""
    return _has(assigned, dict(_plans(change, change.before) for change in changes))


def is_as_after(assigned: Iterable[AssignedLicense], changes: Sequence[Change]) -> bool:
    """Whether a user's direct licences are what the changes of one request lead to."""
    return _has(assigned, dict(_plans(change, change.after) for change in changes))


def assigned_after(
    assigned: Iterable[AssignedLicense], changes: Iterable[Change]
) -> tuple[AssignedLicense, ...]:
    """A user's licences when these changes will have been made, each after the one before."""
    licenses = list(assigned)
    for change in changes:
        sku_id = sku_of(change)
        licenses = [each for each in licenses if not (each.is_direct and each.sku_id == sku_id)]
        value = read_value(change.after)
        if value is not None:
            licenses.append(AssignedLicense(*value))
    return tuple(licenses)


def seats_taken(user: User, changes: Iterable[Change]) -> dict[str, int]:
    """How many more seats (or fewer, if negative) of each SKU a user takes by these changes.

    Who has a product in two ways takes one seat.
    """
    made = tuple(changes)
    before = {each.sku_id for each in user.assigned if _takes_a_seat(each)}
    after = {each.sku_id for each in assigned_after(user.assigned, made) if _takes_a_seat(each)}
    taken = dict.fromkeys(after - before, 1)
    return taken | dict.fromkeys(before - after, -1)


def _takes_a_seat(license_: AssignedLicense) -> bool:
    return license_.is_direct or license_.state != "Error"


def _plans(change: Change, value: Value) -> tuple[str, tuple[str, ...] | None]:
    """What a change has before or after it, by the id of its SKU."""
    told = read_value(value)
    return sku_of(change), None if told is None else told[1]


def _has(
    assigned: Iterable[AssignedLicense], expected: Mapping[str, tuple[str, ...] | None]
) -> bool:
    direct = direct_licenses(assigned)
    found = {
        sku_id: direct[sku_id].disabled_plans if sku_id in direct else None for sku_id in expected
    }
    return found == dict(expected)


def changes_of_licenses(changes: Iterable[Change]) -> list[Change]:
    """Those of changes that concern licences and can be read."""
    found = []
    for change in changes:
        try:
            sku_of(change)
        except JournalUnusable:
            continue
        found.append(change)
    return found
