# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does about the licences of many users: who gets what, and who cannot. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from .._changes.converge import Failure, ManyProposal, Request
from .._changes.model import Change, JsonValue
from .._errors import ConditionUnmet, TenantopsError
from .._users.model import User
from .changes import changes_of_licenses, license_changes, seats_taken
from .locations import location_set
from .model import AssignedLicense, Skus, direct_licenses, sku_of
from .rules import Decided, Decision, LicenseState, ResolvedRules


@dataclass
class LicensePlan:
    """What is needed, gathered user by user.

    `removals` free seats and are made before `assignments`; `locations` come before both. `seats`
    counts what the assignments take, by SKU id, and `freed` what the removals give back.
    """

    locations: list[Request] = field(default_factory=list)
    removals: list[Request] = field(default_factory=list)
    assignments: list[Request] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    inherited: list[dict[str, JsonValue]] = field(default_factory=list)
    not_in_force: list[dict[str, JsonValue]] = field(default_factory=list)
    seats: Counter[str] = field(default_factory=Counter)
    freed: Counter[str] = field(default_factory=Counter)
    users: int = 0
    unchanged: int = 0
    inherited_count: int = 0
    not_in_force_count: int = 0

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes, in the order in which they are made."""
        requests = (*self.locations, *self.removals, *self.assignments)
        return tuple(change for request in requests for change in request.changes)

    def proposal(self, requests: Iterable[Request]) -> ManyProposal:
        """Some of the requests as a proposal."""
        return ManyProposal(tuple(requests), scope=self.users)


@dataclass(frozen=True)
class Planner:
    """Plans user by user, so that only those for whom something is to be done are kept."""

    rules: ResolvedRules
    skus: Skus
    members: Mapping[str, Set[str]]
    rows_limit: int
    plan: LicensePlan = field(default_factory=LicensePlan)
    _changed: set[str] = field(default_factory=set)

    def add(self, user: User) -> None:
        """Take one more user of the task's selection into account."""
        decided = self.rules.for_user(user, self.members)
        # Pages that shift while they are read tell of somebody twice.
        if decided is None or user.id in self._changed:
            return
        self.plan.users += 1
        self._tell(user, decided)
        location = self._location(user, decided)
        located = user if location is None else replace(user, usage_location=location)
        wanted = [each for each in decided.decisions if not _is_given_by_group(located, each)]
        request = license_changes(
            located,
            [each.wanted for each in wanted if each.state is LicenseState.PRESENT],
            [each.sku_id for each in wanted if each.state is LicenseState.ABSENT],
            self.skus,
        )
        if isinstance(request, TenantopsError):
            self.plan.failures.append(Failure(user.id, user.user_principal_name, request))
            return
        if location is not None or request is not None:
            self._changed.add(user.id)
        if location is not None:
            self.plan.locations.append(Request((location_set(user, location),)))
        if request is not None:
            self._add_request(user, request)
        elif location is None:
            self.plan.unchanged += 1

    def check_seats(self, server: str) -> None:
        """Raise `ConditionUnmet` if there are not seats enough for all.

        Seats that are freed by users who only lose a product count: these come first.
        """
        lacking = []
        for sku_id, needed in sorted(self.plan.seats.items(), key=lambda item: item[0]):
            sku = self.skus.by_id(sku_id)
            free = (sku.free if sku is not None else 0) + self.plan.freed[sku_id]
            if needed > free:
                name = self.skus.name(sku_id)
                lacking.append(f"{name} needs {needed}, {free} free")
        if lacking:
            raise ConditionUnmet(
                "There are not seats enough",
                server=server,
                subject="subscribedSkus",
                answer="; ".join(lacking),
                advice="Buy more, take some back from others first, or choose fewer users. Nothing "
                "was changed.",
            )

    def _location(self, user: User, decided: Decided) -> str | None:
        """The usage location that a user is to be given."""
        if user.usage_location is not None or not decided.gives:
            return None
        return decided.usage_location

    def _add_request(self, user: User, request: Request) -> None:
        is_removal = all(change.after is None for change in request.changes)
        (self.plan.removals if is_removal else self.plan.assignments).append(request)
        for sku_id, taken in seats_taken(user, request.changes).items():
            if taken > 0:
                self.plan.seats[sku_id] += taken
            elif is_removal:
                self.plan.freed[sku_id] -= taken

    def _tell(self, user: User, decided: Decided) -> None:
        """Tell of licences through groups, which are not touched, and of those without effect."""
        states = {each.sku_id: each.state for each in decided.decisions}
        for each in user.assigned:
            state = states.get(each.sku_id)
            if state is None:
                continue
            if not each.is_direct:
                self.plan.inherited_count += 1
                if len(self.plan.inherited) < self.rows_limit:
                    self.plan.inherited.append(self._row(user, each, state))
            elif state is LicenseState.PRESENT and not each.is_in_force:
                self.plan.not_in_force_count += 1
                if len(self.plan.not_in_force) < self.rows_limit:
                    self.plan.not_in_force.append(self._row(user, each, state))

    def _row(
        self, user: User, license_: AssignedLicense, state: LicenseState
    ) -> dict[str, JsonValue]:
        return {
            "id": user.id,
            "user_principal_name": user.user_principal_name,
            **license_.to_json(self.skus),
            "wanted": state.value,
        }


def _is_given_by_group(user: User, decision: Decision) -> bool:
    """Whether a product that is wanted is there through a group, and so is not assigned twice."""
    return (
        decision.state is LicenseState.PRESENT
        and decision.sku_id not in direct_licenses(user.assigned)
        and any(
            each.sku_id == decision.sku_id and each.is_in_force and not each.is_direct
            for each in user.assigned
        )
    )


def skus_after(skus: Skus, changes: Iterable[Change]) -> Skus:
    """The SKUs when these changes will have been made, as far as their seats go."""
    taken: Counter[str] = Counter()
    for change in changes_of_licenses(changes):
        taken[sku_of(change)] += (change.before is None) - (change.after is None)
    return Skus(tuple(replace(sku, consumed=sku.consumed + taken[sku.sku_id]) for sku in skus.skus))
