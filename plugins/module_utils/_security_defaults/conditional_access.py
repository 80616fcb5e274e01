# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the policies of Conditional Access ask for, as far as security defaults depend on it. Pure.

Source: Microsoft Graph, resource conditionalAccessPolicy; Microsoft Entra built-in roles. Private
to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
_ALL = "All"
_MFA = "mfa"
# No set, since an answer can be a list just as well.
_STATES = ("enabled", "disabled", "enabledForReportingButNotEnforced")
# What a policy is about. Every other condition narrows down when it is asked for.
_SUBJECTS = frozenset({"users", "applications", "clientAppTypes"})
_CLIENTS_OF_PEOPLE = frozenset({"browser", "mobileAppsAndDesktopClients"})


@dataclass(frozen=True)
class ConditionalAccessPolicy:
    """A policy, and whether it asks administrators for more than a password.

    `covers_administrators` is true only if that is sure: for all apps, under all conditions, and
    for everybody or for the Global Administrators. Persons and groups that are excluded are not
    looked at, since there should be accounts for emergencies.
    """

    id: str
    name: str
    is_enabled: bool
    covers_administrators: bool

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


def policy_from(answer: Mapping[str, Any]) -> ConditionalAccessPolicy:
    """A policy as Graph tells it. Raises `ValueError` for one that is not understood."""
    identity, name, state = answer.get("id"), answer.get("displayName"), answer.get("state")
    if not isinstance(identity, str):
        raise ValueError(f"a policy whose id is {identity!r}")
    if state not in _STATES:
        raise ValueError(f"policy {identity} with the state {state!r}")
    is_enabled = state == "enabled"
    return ConditionalAccessPolicy(
        identity,
        str(name or identity),
        is_enabled,
        is_enabled
        and _is_for_administrators(answer.get("conditions"))
        and _asks_for_mfa(answer.get("grantControls")),
    )


def _is_for_administrators(conditions: object) -> bool:
    if not isinstance(conditions, Mapping):
        return False
    users, applications = conditions.get("users"), conditions.get("applications")
    if not isinstance(users, Mapping) or not isinstance(applications, Mapping):
        return False
    return (
        _includes_administrators(users)
        and _includes_all_applications(applications)
        and _includes_all_clients(_texts(conditions, "clientAppTypes"))
        and not any(_narrows(conditions[name]) for name in conditions.keys() - _SUBJECTS)
    )


def _includes_administrators(users: Mapping[str, Any]) -> bool:
    included = _ALL in _texts(users, "includeUsers") or _GLOBAL_ADMINISTRATOR in _texts(
        users, "includeRoles"
    )
    return included and _GLOBAL_ADMINISTRATOR not in _texts(users, "excludeRoles")


def _includes_all_applications(applications: Mapping[str, Any]) -> bool:
    others = applications.keys() - {"includeApplications"}
    return _ALL in _texts(applications, "includeApplications") and not any(
        _narrows(applications[name]) for name in others
    )


def _includes_all_clients(clients: Sequence[str]) -> bool:
    return "all" in clients or _CLIENTS_OF_PEOPLE.issubset(clients)


def _asks_for_mfa(controls: object) -> bool:
    if not isinstance(controls, Mapping):
        return False
    strength, others = controls.get("authenticationStrength"), _texts(controls, "builtInControls")
    # A strength that somebody made can be satisfied by one factor.
    is_strong = isinstance(strength, Mapping) and (
        strength.get("requirementsSatisfied") in (None, _MFA)
    )
    if controls.get("operator") == "AND":
        return is_strong or _MFA in others
    alternatives = {*others, *_texts(controls, "customAuthenticationFactors")}
    alternatives.update(_texts(controls, "termsOfUse"))
    if strength is not None:
        return is_strong and alternatives <= {_MFA}
    return alternatives == {_MFA}


def _narrows(condition: object) -> bool:
    """Whether anything is said at all; what it is need not be understood."""
    if isinstance(condition, Mapping):
        return any(
            _narrows(value) for name, value in condition.items() if not name.startswith("@odata")
        )
    return condition not in (None, [], "")


def _texts(holder: Mapping[str, Any], name: str) -> Sequence[str]:
    values = holder.get(name)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
