# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which licences a user has after an order, and after a look at the groups.

https://learn.microsoft.com/graph/api/user-assignlicense
https://learn.microsoft.com/entra/identity/users/licensing-group-advanced
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..people import AssignmentError, LicenseAssignment, User
from ..state import Tenant
from ..subscriptions import Group, GroupLicense, Sku

_NOT_FOR_SALE = ("Suspended", "Deleted", "LockedOut")


class LicenseError(ValueError):
    """The order is refused; the message says why, in words that no client may look at."""


def assign(
    tenant: Tenant,
    user: User,
    add: Sequence[GroupLicense],
    remove: Sequence[str],
    moment: str,
) -> list[LicenseAssignment]:
    """Return the user's licences after an order about the direct ones; raises LicenseError.

    All of the order is fulfilled or nothing. ``moment`` is when, as Graph writes it.
    """
    _check_order(tenant, user, add, remove)
    kept = [one for one in user.licenses if one.by_group or one.sku_id not in remove]
    for wanted in add:
        present = _direct(kept, wanted.sku_id)
        if present is not None and present.disabled_plans == wanted.disabled_plans:
            continue
        if wanted.sku_id not in {one.sku_id for one in kept if one.is_active}:
            _check_seat(tenant, user, wanted.sku_id)
        kept = [one for one in kept if one is not present]
        kept.append(LicenseAssignment(wanted.sku_id, wanted.disabled_plans, updated=moment))
    return kept


def inherit(
    tenant: Tenant, user: User, moment: str, *, again: bool = True
) -> list[LicenseAssignment]:
    """Return the user's licences after a look at the groups.

    What a group cannot give is an assignment in error; unless ``again`` it stays so, though there
    might be seats by now.
    """
    direct = [one for one in user.licenses if one.by_group is None]
    had = {(one.by_group, one.sku_id): one for one in user.licenses if one.by_group is not None}
    found = list(direct)
    for group in groups_of(tenant, user.id):
        for wanted in group.licenses:
            old = had.get((group.id, wanted.sku_id))
            found.append(_inherited(tenant, user, group, wanted, old, found, moment, again=again))
    return found


def _inherited(
    tenant: Tenant,
    user: User,
    group: Group,
    wanted: GroupLicense,
    old: LicenseAssignment | None,
    found: Iterable[LicenseAssignment],
    moment: str,
    *,
    again: bool,
) -> LicenseAssignment:
    is_same = old is not None and old.disabled_plans == wanted.disabled_plans
    if old is not None and is_same and (old.is_active or not again):
        return old
    has_seat = wanted.sku_id in user.seats or wanted.sku_id in {
        one.sku_id for one in found if one.is_active
    }
    error: AssignmentError = "None"
    if not has_seat and not _has_seat(tenant, wanted.sku_id):
        error = "CountViolation"
    return LicenseAssignment(
        wanted.sku_id,
        wanted.disabled_plans,
        by_group=group.id,
        state="Active" if error == "None" else "Error",
        error=error,
        updated=moment,
    )


def revive(tenant: Tenant, user: User) -> list[LicenseAssignment]:
    """Return the licences of a user who comes back, as far as there are still seats."""
    kept: list[LicenseAssignment] = []
    for one in user.licenses:
        if not one.is_active or _has_seat(tenant, one.sku_id):
            kept.append(one)
        elif one.by_group is not None:
            kept.append(replace(one, state="Error", error="CountViolation"))
    return kept


def groups_of(tenant: Tenant, member: str) -> Iterator[Group]:
    """Yield the groups that an object (its id) is in, directly or through another group."""
    seen: set[str] = set()
    waiting = [member]
    while waiting:
        inner = waiting.pop(0)
        for group in tenant.groups:
            if inner in group.members and group.id not in seen:
                seen.add(group.id)
                waiting.append(group.id)
                yield group


def members_of(tenant: Tenant, group: Group) -> list[str]:
    """Return the ids of all objects in a group, those in groups within it too, each once."""
    by_id = {one.id: one for one in tenant.groups}
    found: dict[str, None] = {}
    waiting = list(group.members)
    while waiting:
        member = waiting.pop(0)
        if member not in found:
            found[member] = None
            if member in by_id:
                waiting += by_id[member].members
    return list(found)


def license_of(sku: Sku, disabled_plans: Iterable[str]) -> GroupLicense:
    """Return a licence of a SKU without these plans (ids, any case); raises LicenseError."""
    known = {plan.id for plan in sku.service_plans}
    disabled = sorted({plan.casefold() for plan in disabled_plans})
    unknown = [plan for plan in disabled if plan not in known]
    if unknown:
        raise LicenseError(f"The SKU {sku.id} has no service plan {unknown[0]}.")
    return GroupLicense(sku.id, disabled)


def _check_order(
    tenant: Tenant, user: User, add: Sequence[GroupLicense], remove: Sequence[str]
) -> None:
    named = [*(one.sku_id for one in add), *remove]
    if len(set(named)) < len(named):
        raise LicenseError("A SKU is named twice.")
    if add and user.usage_location is None:
        raise LicenseError(
            "License assignment cannot be done for user with invalid usage location."
        )
    for one in add:
        sku = tenant.sku(one.sku_id)
        if sku is None or sku.capability_status in _NOT_FOR_SALE:
            raise LicenseError(f"License {one.sku_id} does not correspond to a valid license.")
    for sku_id in remove:
        if _direct(user.licenses, sku_id) is None:
            if any(one.sku_id == sku_id for one in user.licenses):
                raise LicenseError(
                    "User license is inherited from a group membership and it cannot be removed "
                    "directly from the user."
                )
            raise LicenseError("User does not have a corresponding license.")


def _check_seat(tenant: Tenant, user: User, sku_id: str) -> None:
    if sku_id not in user.seats and not _has_seat(tenant, sku_id):
        raise LicenseError(f"Subscription with SKU {sku_id} does not have any available licenses.")


def _has_seat(tenant: Tenant, sku_id: str) -> bool:
    sku = tenant.sku(sku_id)
    return sku is not None and tenant.users.seats_taken(sku_id) < sku.seats


def _direct(assignments: Iterable[LicenseAssignment], sku_id: str) -> LicenseAssignment | None:
    for one in assignments:
        if one.by_group is None and one.sku_id == sku_id:
            return one
    return None
