# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why somebody cannot be led to a name, found before anything is written. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from .._errors import ConditionUnmet, InvalidInput, TenantopsError
from .._licenses.changes import why_not_assignable
from .._licenses.model import AssignedLicense, Sku, Skus
from .._sign_in_names.names import suffix_of
from .._sign_in_names.planning import Held, Holder
from .._users.model import User

# An assignment through a group that Graph could not carry out gives nothing.
_FAILED = "Error"
_SHOWN = 5


def not_verified(name: str, verified: Collection[str], subject: str) -> TenantopsError | None:
    """A name in a domain that is not verified: the sync would give another one in its place."""
    suffix = suffix_of(name)
    if suffix in verified:
        return None
    return ConditionUnmet(
        f"{suffix} is not a verified domain of the tenant, so the sync would give another name",
        subject=subject,
        answer=f"wanted is {name}",
        advice="Verify the domain first: tenantops.migration.entra_domain does.",
    )


def not_one_synced_user(users: Sequence[User], subject: str) -> TenantopsError | None:
    """Users of the cloud that are not exactly one who is changed by the sync."""
    if len(users) > 1:
        return InvalidInput(
            "Several users of the cloud have this person's immutable id",
            subject=subject,
            answer=", ".join(user.user_principal_name for user in users[:_SHOWN]),
            advice="Decide which of them it is, see account_comparison_info.",
        )
    if users and not users[0].is_synced:
        return ConditionUnmet(
            "The user has this person's immutable id and is not synchronised any more",
            subject=subject,
            answer=f"onPremisesSyncEnabled of {users[0].user_principal_name} is not true",
            advice="Let the sync take the user up again, or rename the user in the cloud with"
            " entra_user_upn.",
        )
    return None


def not_the_only_one(immutable_id: str, subject: str) -> TenantopsError:
    """Somebody whose immutable id others in the directory have as well."""
    return InvalidInput(
        "Several people of the directory have this immutable id",
        subject=subject,
        answer=immutable_id,
        advice="None of them is changed. Clear mS-DS-ConsistencyGuid of those to whom the user in"
        " the cloud does not belong.",
    )


def taken(name: str, holders: Iterable[Holder], subject: str) -> TenantopsError | None:
    """A name that others in the cloud have, and keep."""
    found = list(holders)
    if not found:
        return None
    told = "; ".join(
        f"{'the deleted user ' if each.is_deleted else ''}{each.name} ({each.id}) has it "
        f"{each.held.value}"
        for each in found
    )
    advice = (
        "Remove the deleted user for good, which cannot be undone, or restore it."
        if any(each.is_deleted for each in found)
        else "Decide which of them it belongs to. A user who is the same person and is not"
        " synchronised yet has to be joined first, see account_comparison_info."
    )
    return InvalidInput(
        f"The name {name} is taken in the cloud", subject=subject, answer=told, advice=advice
    )


def keeps_it(holder: Holder) -> bool:
    """Whether somebody has a name in a way in which being renamed does not free it."""
    return holder.is_deleted or holder.held is Held.AS_ADDRESS


def not_free_yet(name: str, holder: str, subject: str) -> TenantopsError:
    """A name whose holder is to be renamed and is not."""
    return ConditionUnmet(
        f"The name {name} does not become free in the cloud: {holder} keeps it",
        subject=subject,
        advice=f"See what is told of {holder}, and run again.",
    )


def in_a_circle(name: str, holder: str, subject: str) -> TenantopsError:
    """People who exchange their names."""
    return ConditionUnmet(
        f"The name {name} is that of {holder}, who waits for another one in a circle",
        subject=subject,
        advice="Give one of them another name first, with source mapping, and run again.",
    )


def inherited_skus(assigned: Iterable[AssignedLicense]) -> frozenset[str]:
    """The licences that a user has through groups."""
    return frozenset(
        each.sku_id for each in assigned if not each.is_direct and each.state != _FAILED
    )


def cannot_be_taken_off(user: User, skus: Skus, subject: str) -> TenantopsError | None:
    """Licences that are in the way of the sync and that would not come back, or not go."""
    inherited = [each for each in user.assigned if not each.is_direct and each.state != _FAILED]
    if inherited:
        return ConditionUnmet(
            "The sync gives no new name to a licensed user, and this one is licensed by a group",
            subject=subject,
            answer="; ".join(
                f"{skus.name(each.sku_id)} by group {each.by_group}" for each in inherited
            ),
            advice="Switch on synchronizeUpnForManagedUsersEnabled, which needs no licence to be"
            " taken off; or take the person out of the group until the name has arrived.",
        )
    direct = [each for each in user.assigned if each.is_direct]
    if direct and user.usage_location is None:
        return ConditionUnmet(
            "The user has no usage location, so a licence that is taken off cannot be given back",
            subject=subject,
            advice="Set it with entra_license, and run again.",
        )
    for each in direct:
        error = _would_not_come_back(each, skus, subject)
        if error is not None:
            return error
    return None


def _would_not_come_back(
    license_: AssignedLicense, skus: Skus, subject: str
) -> TenantopsError | None:
    name = skus.name(license_.sku_id)
    if not license_.is_in_force:
        return ConditionUnmet(
            f"{name} is not in force for this user, so it is not known that it could be given back",
            subject=subject,
            answer=f"state {license_.state}, error {license_.error}",
            advice="Mend the assignment in the Microsoft 365 admin center, and run again.",
        )
    sku = skus.by_id(license_.sku_id)
    if sku is None:
        return ConditionUnmet(
            f"The tenant has no subscription of {name}, so it could not be given back",
            subject=subject,
            advice="Renew it, or take the licence off for good, and run again.",
        )
    error = why_not_assignable(sku)
    if error is not None:
        return ConditionUnmet(
            f"{name} could not be given back: {error.problem}",
            subject=subject,
            answer=error.answer,
            advice=error.advice,
        )
    return _oversold(sku, subject) or _unknown_plans(license_, sku, subject)


def _oversold(sku: Sku, subject: str) -> TenantopsError | None:
    """More seats are in use than there are: who gives one up does not get it back."""
    seats = sku.enabled + sku.warning
    if sku.consumed <= seats:
        return None
    return ConditionUnmet(
        f"{sku.part_number} is assigned more often than it was bought, so it could not be given"
        " back",
        subject=subject,
        answer=f"{sku.consumed} of {seats} seats are in use",
        advice=f"Buy {sku.consumed - seats} more, or take as many back, and run again.",
    )


def _unknown_plans(license_: AssignedLicense, sku: Sku, subject: str) -> TenantopsError | None:
    unknown = [plan for plan in license_.disabled_plans if sku.plan_id(plan) is None]
    if not sku.service_plans or not unknown:
        return None
    return ConditionUnmet(
        f"{sku.part_number} has plans disabled for this user that it no longer has, so it could"
        " not be given back as it is",
        subject=subject,
        answer=", ".join(unknown),
        advice="Save the user's apps once in the Microsoft 365 admin center, and run again.",
    )
