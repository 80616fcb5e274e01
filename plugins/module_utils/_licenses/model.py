# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Licences: what a tenant has bought, what a user has of it, and how a change of it looks. Pure.

A user has a licence directly, through groups, or in both ways; only the direct ones are this
collection's to change. Source: Microsoft Graph, resources subscribedSku and licenseAssignmentState,
action assignLicense. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._changes.model import Action, Change, JsonValue, System, Value
from .._errors import JournalUnusable, NotUnderstood

RESOURCE = "license"
"""The kind of thing in changes. `id` is the user's object id, `name` the sign-in name, `property`
the part number of the SKU; the values are those of `license_value`, or null."""

_ACTIVE = "Active"
_NO_ERROR = "None"


@dataclass(frozen=True, slots=True)
class AssignedLicense:
    """A licence that a user has in one way; who has it in two ways has two of these.

    `disabled_plans` are ids of service plans, sorted. `by_group` is the object id of the group that
    gives it, null for a direct one. `state` and `error` are Graph's own words; no error is null.
    """

    sku_id: str
    disabled_plans: tuple[str, ...] = ()
    by_group: str | None = None
    state: str | None = _ACTIVE
    error: str | None = None

    @classmethod
    def from_json(cls, entry: Any) -> AssignedLicense:
        """From a licenseAssignmentState. Raises `NotUnderstood` for one not as documented."""
        if not isinstance(entry, Mapping):
            raise _not_an_assignment(entry)
        sku_id = entry.get("skuId")
        plans = entry.get("disabledPlans")
        texts = [entry.get(name) for name in ("assignedByGroup", "state", "error")]
        # A direct assignment is known by an empty field, so the field must be there.
        is_understood = (
            isinstance(sku_id, str)
            and bool(sku_id)
            and "assignedByGroup" in entry
            and isinstance(plans, list)
            and all(isinstance(plan, str) for plan in plans)
            and all(isinstance(text, str | None) for text in texts)
        )
        if not is_understood:
            raise _not_an_assignment(entry)
        by_group, state, error = texts
        return cls(
            sku_id=str(sku_id).lower(),
            disabled_plans=sorted_plans(plans or ()),
            by_group=by_group or None,
            state=state,
            error=None if error == _NO_ERROR else error,
        )

    @property
    def is_direct(self) -> bool:
        """Whether it is assigned to the user, and not to a group."""
        return self.by_group is None

    @property
    def is_in_force(self) -> bool:
        """Whether the user has what the licence gives, as far as Graph says so."""
        return self.state == _ACTIVE

    def to_json(self, skus: Skus | None = None) -> dict[str, JsonValue]:
        """The licence as a task returns it; `sku` is null where its name is not known."""
        return {
            "sku": None if skus is None else skus.known_name(self.sku_id),
            "sku_id": self.sku_id,
            "disabled_plans": list(self.disabled_plans),
            "by_group": self.by_group,
            "state": self.state,
            "error": self.error,
        }


def assigned_licenses(states: Any) -> tuple[AssignedLicense, ...]:
    """A user's `licenseAssignmentStates`. Raises `NotUnderstood` for what is no such list, and for
    a licence that is assigned directly twice."""
    if not isinstance(states, list):
        raise _not_an_assignment(states)
    assigned = tuple(map(AssignedLicense.from_json, states))
    direct = [each.sku_id for each in assigned if each.is_direct]
    if len(direct) != len(set(direct)):
        raise _not_an_assignment(states)
    return assigned


def direct_licenses(assigned: Iterable[AssignedLicense]) -> dict[str, AssignedLicense]:
    """Those that are assigned directly, by SKU id."""
    return {each.sku_id: each for each in assigned if each.is_direct}


@dataclass(frozen=True)
class ServicePlan:
    """A part of a SKU that can be disabled for a user by itself."""

    id: str
    name: str


@dataclass(frozen=True)
class Sku:
    """What a tenant has bought: so many units of one product.

    `status` and `applies_to` are Graph's own words.
    """

    sku_id: str
    part_number: str
    enabled: int
    consumed: int
    warning: int = 0
    status: str = "Enabled"
    applies_to: str = "User"
    service_plans: tuple[ServicePlan, ...] = ()

    @classmethod
    def from_json(cls, entry: Any) -> Sku:
        """From a subscribedSku. Raises `NotUnderstood` for one that is not as documented."""
        told: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
        units = told.get("prepaidUnits")
        texts = [
            told.get(name) for name in ("skuId", "skuPartNumber", "capabilityStatus", "appliesTo")
        ]
        plans = told.get("servicePlans")
        if not (
            isinstance(units, Mapping)
            and isinstance(plans, list)
            and all(isinstance(text, str) and text for text in texts)
        ):
            raise _not_a_sku(entry)
        sku_id, part_number, status, applies_to = map(str, texts)
        return cls(
            sku_id=sku_id.lower(),
            part_number=part_number,
            enabled=_number(units, "enabled", entry),
            consumed=_number(told, "consumedUnits", entry),
            warning=_number(units, "warning", entry),
            status=status,
            applies_to=applies_to,
            service_plans=tuple(_service_plan(plan, entry) for plan in plans),
        )

    @property
    def free(self) -> int:
        """How many more users can be given it; units in their grace period count too."""
        return max(0, self.enabled + self.warning - self.consumed)

    def plan_id(self, plan: str) -> str | None:
        """The id of a service plan by its name or id, null if the SKU has no such plan."""
        wanted = plan.strip().lower()
        for each in self.service_plans:
            if wanted in (each.id, each.name.lower()):
                return each.id
        return None

    def to_json(self) -> dict[str, JsonValue]:
        """The SKU as a task returns it."""
        return {
            "sku": self.part_number,
            "sku_id": self.sku_id,
            "enabled": self.enabled,
            "warning": self.warning,
            "consumed": self.consumed,
            "free": self.free,
            "status": self.status,
            "applies_to": self.applies_to,
        }


@dataclass(frozen=True)
class Skus:
    """All SKUs of a tenant."""

    skus: tuple[Sku, ...] = ()
    _by_id: dict[str, Sku] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_id.update({sku.sku_id: sku for sku in self.skus})

    def by_id(self, sku_id: str) -> Sku | None:
        """The SKU with this id, null if the tenant has none."""
        return self._by_id.get(sku_id.lower())

    def find(self, name: str) -> Sku | None:
        """The SKU with this part number or id, any case; null if the tenant has none."""
        wanted = name.strip().lower()
        found = self._by_id.get(wanted)
        if found is not None:
            return found
        for sku in self.skus:
            if sku.part_number.lower() == wanted:
                return sku
        return None

    def known_name(self, sku_id: str) -> str | None:
        """The part number, null where the tenant no longer has the SKU."""
        sku = self.by_id(sku_id)
        return None if sku is None else sku.part_number

    def name(self, sku_id: str) -> str:
        """What a SKU is called in changes: the part number, or else the id."""
        return self.known_name(sku_id) or sku_id


def license_value(sku_id: str, disabled_plans: Iterable[str]) -> dict[str, JsonValue]:
    """A direct licence as the value of a change."""
    return {"sku_id": sku_id.lower(), "disabled_plans": list(sorted_plans(disabled_plans))}


def license_changed(
    user_id: str,
    name: str,
    sku_name: str,
    before: dict[str, JsonValue] | None,
    after: dict[str, JsonValue] | None,
) -> Change:
    """The change of what a user has directly of one product; null for nothing.

    It always is a replacement, never an addition or a removal: a user has one direct licence of a
    product at most, and so all that a run does to it can be undone as one.
    """
    return Change(System.ENTRA, RESOURCE, user_id, name, sku_name, Action.REPLACE, before, after)


def license_added(
    user_id: str, name: str, sku_name: str, sku_id: str, disabled_plans: Iterable[str]
) -> Change:
    """The change that assigns a licence directly to a user who has none of the product."""
    return license_changed(user_id, name, sku_name, None, license_value(sku_id, disabled_plans))


def license_removed(
    user_id: str, name: str, sku_name: str, sku_id: str, disabled_plans: Iterable[str]
) -> Change:
    """The change that takes a direct licence away, which has these disabled plans."""
    return license_changed(user_id, name, sku_name, license_value(sku_id, disabled_plans), None)


def read_value(value: Value) -> tuple[str, tuple[str, ...]] | None:
    """The SKU id and the disabled plans of a change's value, null for null.

    Raises `JournalUnusable` for what is no such value.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        sku_id, plans = value.get("sku_id"), value.get("disabled_plans")
        if isinstance(sku_id, str) and isinstance(plans, list):
            return sku_id.lower(), sorted_plans(map(str, plans))
    raise JournalUnusable(
        "The journal tells of a licence in another way", answer=f"{value!r}"[:200]
    )


def sku_of(change: Change) -> str:
    """The id of the SKU that a change concerns. Raises `JournalUnusable` if it tells none."""
    told = read_value(change.before) or read_value(change.after)
    if told is None:
        raise JournalUnusable("The journal tells of a licence without its id", subject=change.name)
    return told[0]


def sorted_plans(plans: Iterable[str]) -> tuple[str, ...]:
    """Ids of service plans as they are compared."""
    return tuple(sorted({plan.lower() for plan in plans}))


def _service_plan(entry: Any, sku: Any) -> ServicePlan:
    told: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    identity, name = told.get("servicePlanId"), told.get("servicePlanName")
    if not isinstance(identity, str) or not isinstance(name, str):
        raise _not_a_sku(sku)
    return ServicePlan(identity.lower(), name)


def _number(entry: Mapping[str, Any], name: str, sku: Any) -> int:
    number = entry.get(name)
    if number is None and name == "warning":
        return 0
    if not isinstance(number, int) or isinstance(number, bool):
        raise _not_a_sku(sku)
    return number


def _not_an_assignment(entry: Any) -> NotUnderstood:
    return NotUnderstood(
        "Graph tells of a user's licence in a way that is not documented",
        subject="licenseAssignmentStates",
        answer=f"{entry!r}"[:300],
        advice="Nobody's licences are guessed. Look at the user in the Microsoft 365 admin center.",
    )


def _not_a_sku(entry: Any) -> NotUnderstood:
    return NotUnderstood(
        "An entry of the list is not a SKU as Graph documents it",
        subject="subscribedSkus",
        answer=f"{entry!r}"[:300],
    )
