# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is to have which products: the options of `entra_license` as rules. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .._errors import InvalidInput
from .._users.model import User
from .._users.selection import UserSelection
from .changes import WantedLicense
from .model import Skus
from .names import plans_named, sku_named

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TWO_LETTERS = re.compile(r"[A-Z]{2}")


class LicenseState(StrEnum):
    """Whether users are to have a product."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True)
class LicenseSpec:
    """A product as the operator names it, and its plans; null plans leave them as they are."""

    sku: str
    state: LicenseState = LicenseState.PRESENT
    disabled_plans: tuple[str, ...] | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> LicenseSpec:
        """Read one element of the option `licenses`. Raises `InvalidInput`."""
        sku, state = parameters["sku"].strip(), LicenseState(parameters["state"])
        plans = parameters["disabled_plans"]
        if not sku:
            raise InvalidInput("sku has an empty value")
        if plans is not None and state is LicenseState.ABSENT:
            raise InvalidInput(
                "disabled_plans are for a product that users are to have", subject=sku
            )
        return cls(sku, state, None if plans is None else tuple(plans))


@dataclass(frozen=True)
class Rule:
    """Which products the users of a selection are to have, and the usage location of those who
    have none."""

    name: str
    selection: UserSelection
    licenses: tuple[LicenseSpec, ...]
    usage_location: str | None = None


@dataclass(frozen=True)
class Rules:
    """Rules for the users of one selection. Where rules disagree, the earlier one counts."""

    selection: UserSelection
    rules: tuple[Rule, ...]

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> Rules:
        """Read the options. Raises `InvalidInput` where it is not said who is meant."""
        selection = UserSelection.from_parameters(parameters)
        given = parameters["rules"]
        location = parameters["usage_location"]
        if given is None:
            one = {**parameters, "name": "licenses"}
            rules = [_rule(one, 1, UserSelection(), location)]
        else:
            rules = [
                _rule(rule, number, UserSelection.from_parameters(rule), location)
                for number, rule in enumerate(given, start=1)
            ]
        for rule in rules:
            if selection.is_everybody and rule.selection.is_everybody:
                raise InvalidInput(
                    "It is not said which users are meant",
                    subject=rule.name,
                    advice="Give at least one of ids, user_principal_names, domains, groups, "
                    "departments, licensed_with and filter; for all users, a filter such as "
                    '"accountEnabled eq true".',
                )
        return cls(selection, tuple(rules))

    @property
    def selections(self) -> tuple[UserSelection, ...]:
        """All selections: of the task, and of its rules."""
        return (self.selection, *(rule.selection for rule in self.rules))

    @property
    def groups(self) -> frozenset[str]:
        """All groups that are named."""
        return frozenset().union(*(each.groups for each in self.selections))

    def resolved(self, skus: Skus) -> ResolvedRules:
        """The rules with the ids of their products. Raises `InvalidInput` for unknown names."""
        named = frozenset[str]().union(*(each.licensed_with for each in self.selections))
        return ResolvedRules(
            self,
            tuple(_decisions(rule, skus) for rule in self.rules),
            {name: sku_named(skus, name).sku_id for name in sorted(named)},
        )


@dataclass(frozen=True)
class Decision:
    """What a rule says about one product; null plans leave them as they are."""

    sku_id: str
    state: LicenseState
    disabled_plans: tuple[str, ...] | None = None

    @property
    def wanted(self) -> WantedLicense:
        """The licence, where it is to be there."""
        return WantedLicense(self.sku_id, self.disabled_plans)


@dataclass(frozen=True)
class Decided:
    """What the rules come to for one user."""

    decisions: tuple[Decision, ...]
    usage_location: str | None

    @property
    def gives(self) -> bool:
        """Whether the user is to have any product."""
        return any(each.state is LicenseState.PRESENT for each in self.decisions)


@dataclass(frozen=True)
class ResolvedRules:
    """Rules with the ids of products: `decisions` of each rule, and `skus` by the names of
    `licensed_with`."""

    rules: Rules
    decisions: tuple[tuple[Decision, ...], ...]
    skus: Mapping[str, str] = field(default_factory=dict)

    def for_user(self, user: User, members: Mapping[str, Set[str]]) -> Decided | None:
        """What is to be so for a user of the task's selection; null if no rule is for the user."""
        decided: dict[str, Decision] = {}
        location: str | None = None
        is_meant = False
        for rule, decisions in zip(self.rules.rules, self.decisions, strict=True):
            if not rule.selection.chooses(user, members, self.skus):
                continue
            is_meant = True
            location = location or rule.usage_location
            for decision in decisions:
                decided.setdefault(decision.sku_id, decision)
        return Decided(tuple(decided.values()), location) if is_meant else None


def _rule(
    parameters: Mapping[str, Any], number: int, selection: UserSelection, location: str | None
) -> Rule:
    name = (parameters["name"] or "").strip() or f"rule {number}"
    licenses = tuple(map(LicenseSpec.from_parameters, parameters["licenses"] or ()))
    if not licenses:
        raise InvalidInput("A rule names no licenses", subject=name)
    return Rule(
        name, selection, licenses, _location(parameters["usage_location"] or location, name)
    )


def _location(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    code = text.strip().upper()
    if not _TWO_LETTERS.fullmatch(code):
        raise InvalidInput(
            f"usage_location is not a country in two letters: {text!r}",
            subject=name,
            advice="Give the code of ISO 3166-1 alpha-2, such as SE or JP.",
        )
    return code


def _decisions(rule: Rule, skus: Skus) -> tuple[Decision, ...]:
    decisions = tuple(_decision(spec, skus) for spec in rule.licenses)
    named = [each.sku_id for each in decisions]
    for sku_id in named:
        if named.count(sku_id) > 1:
            raise InvalidInput(f"{skus.name(sku_id)} is named twice", subject=rule.name)
    return decisions


def _decision(spec: LicenseSpec, skus: Skus) -> Decision:
    if spec.state is LicenseState.ABSENT and _GUID.fullmatch(spec.sku) and not skus.find(spec.sku):
        # Users keep licences of a subscription that is gone.
        return Decision(spec.sku.lower(), spec.state)
    sku = sku_named(skus, spec.sku)
    plans = None if spec.disabled_plans is None else plans_named(sku, spec.disabled_plans)
    return Decision(sku.sku_id, spec.state, plans)
