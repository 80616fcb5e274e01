# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which users are meant. Pure. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from .._domain_names.names import domain_name
from .._errors import InvalidInput
from .conditions import all_of, odata_text
from .model import CreationType, User

NAMES = ("ids", "user_principal_names")
KINDS = (*NAMES, "domains", "groups", "departments")
"""The options that say who is meant; the others of a selection say who of them is not."""


@dataclass(frozen=True)
class UserSelection:
    """Users by id, sign-in name, domain, group, department, and by how they are.

    A user has to fit every kind that says anything, and one of the values within it. `ids` and
    `user_principal_names` are in lower case; `domains` are in the form of `domain_name`, and count
    for the sign-in name and for the mail address; `groups` are as the operator names them, by id or
    name; `departments` are compared in any case. `licensed_with` are names or ids of SKUs.
    `condition` is one of OData, which Graph judges.
    """

    ids: frozenset[str] = frozenset()
    user_principal_names: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    licensed_with: frozenset[str] = frozenset()
    user_types: frozenset[str] = frozenset()
    creation_type: CreationType | None = None
    synced: bool | None = None
    licensed: bool | None = None
    account_enabled: bool | None = None
    condition: str | None = None

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any]) -> UserSelection:
        """Read the options of the same names, of which any may be missing.

        Raises `InvalidInput` for what can be nobody's.
        """
        creation_type = parameters.get("creation_type")
        return cls(
            ids=_folded(parameters, "ids"),
            user_principal_names=_folded(parameters, "user_principal_names"),
            domains=frozenset(map(domain_name, parameters.get("domains") or ())),
            groups=_folded(parameters, "groups", fold=False),
            departments=_folded(parameters, "departments"),
            licensed_with=_folded(parameters, "licensed_with", fold=False),
            user_types=_folded(parameters, "user_types"),
            creation_type=None if creation_type is None else CreationType(creation_type),
            synced=parameters.get("synced"),
            licensed=parameters.get("licensed"),
            account_enabled=parameters.get("account_enabled"),
            condition=(parameters.get("filter") or "").strip() or None,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The ids and sign-in names: where there are any, nobody else can be meant."""
        return (*sorted(self.ids), *sorted(self.user_principal_names))

    @property
    def is_everybody(self) -> bool:
        """Whether it says nothing about who is meant, though it may say who is not."""
        return not (
            self.names
            or self.domains
            or self.groups
            or self.departments
            or self.licensed_with
            or self.creation_type
            or self.condition
        )

    @property
    def graph_condition(self) -> str | None:
        """What Graph can sort out; everything but `condition` is judged by `chooses` too."""
        return all_of(
            [
                self.condition or "",
                ""
                if self.creation_type is None
                else f"creationType eq {odata_text(self.creation_type.value)}",
                "onPremisesSyncEnabled eq true" if self.synced else "",
            ]
        )

    def chooses(
        self,
        user: User,
        members: Mapping[str, Set[str]] | None = None,
        skus: Mapping[str, str] | None = None,
    ) -> bool:
        """Whether a user is meant.

        `members` has the ids of users by the names of `groups`; `skus` the ids of SKUs by those of
        `licensed_with`, which are for direct licences.
        """
        return (
            self._fits_names(user)
            and self._fits_flags(user)
            and (not self.groups or any(user.id in (members or {})[each] for each in self.groups))
            and (not self.licensed_with or self._holds(user, skus or {}))
        )

    def _fits_names(self, user: User) -> bool:
        return (
            (not self.ids or user.id.lower() in self.ids)
            and (
                not self.user_principal_names
                or user.user_principal_name.lower() in self.user_principal_names
            )
            and (not self.domains or user.is_of(self.domains))
            and (
                not self.departments or (user.department or "").strip().lower() in self.departments
            )
        )

    def _fits_flags(self, user: User) -> bool:
        return (
            (not self.user_types or (user.user_type or "").lower() in self.user_types)
            and self.creation_type in (None, user.creation_type)
            and self.synced in (None, user.is_synced)
            and self.licensed in (None, bool(user.assigned))
            and self.account_enabled in (None, user.account_enabled)
        )

    def _holds(self, user: User, skus: Mapping[str, str]) -> bool:
        held = {each.sku_id for each in user.assigned if each.is_direct}
        return any(skus[name] in held for name in self.licensed_with)


def _folded(parameters: Mapping[str, Any], option: str, *, fold: bool = True) -> frozenset[str]:
    texts: Iterable[str] = parameters.get(option) or ()
    stripped = [text.strip() for text in texts]
    if not all(stripped):
        raise InvalidInput(f"{option} has an empty value")
    return frozenset(text.lower() if fold else text for text in stripped)
