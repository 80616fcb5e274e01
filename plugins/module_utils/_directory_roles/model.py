# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory roles of a tenant, who is to have which, and the changes that this needs. Pure.

Source: Microsoft Graph, resources unifiedRoleDefinition and unifiedRoleAssignment; Microsoft Entra,
built-in roles. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._changes.model import Action, Change, JsonValue, System, Value
from .._errors import InvalidInput, JournalUnusable, NotUnderstood

RESOURCE = "role_assignment"
"""The kind of thing in changes. `id` is that of `PrincipalKey`, `property` the role's name and the
value its template id, or null."""

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
WHOLE_TENANT = "/"
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Role:
    """A role as a tenant has it; `template_id` is the same in every tenant for a built-in one."""

    id: str
    template_id: str
    name: str
    is_enabled: bool = True

    @classmethod
    def from_json(cls, entry: Any) -> Role:
        """From a unifiedRoleDefinition. Raises `NotUnderstood` for one not as documented."""
        told: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
        texts = [told.get(name) for name in ("id", "displayName")]
        template_id = told.get("templateId")
        is_understood = (
            all(isinstance(text, str) and text for text in texts)
            and isinstance(template_id, str | None)
            and isinstance(told.get("isEnabled"), bool | None)
        )
        if not is_understood:
            raise _not_understood("role definition", entry)
        identity, name = map(str, texts)
        return cls(
            identity.lower(),
            (template_id or identity).lower(),
            name,
            told.get("isEnabled") is not False,
        )

    def to_json(self) -> dict[str, JsonValue]:
        """The role as results tell it."""
        return {"name": self.name, "template_id": self.template_id}


@dataclass(frozen=True)
class PrincipalKey:
    """A user of a tenant who has or is to have roles.

    `name` is the object id, or the name to sign in with where the same run makes the user.
    """

    tenant_id: str
    name: str

    @property
    def id(self) -> str:
        """The id of changes of the user's roles."""
        return f"{self.tenant_id} {self.name}"

    @classmethod
    def from_id(cls, identity: str) -> PrincipalKey:
        """Read what `id` wrote. Raises `JournalUnusable` for anything else."""
        tenant_id, space, name = identity.partition(" ")
        if not (tenant_id and space and name):
            raise JournalUnusable("The journal names a user in another way", subject=identity)
        return cls(tenant_id, name)

    @property
    def is_by_id(self) -> bool:
        """Whether the name is the object id."""
        return "@" not in self.name


@dataclass(frozen=True)
class Assignment:
    """That somebody has a role in the whole tenant; `id` is the assignment's own."""

    id: str
    principal_id: str
    role_id: str

    @classmethod
    def from_json(cls, entry: Any) -> Assignment | None:
        """From a unifiedRoleAssignment, null for one that is for a part of the tenant only.

        Raises `NotUnderstood` for one that is not as documented.
        """
        told: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
        names = ("id", "principalId", "roleDefinitionId")
        texts = [told.get(name) for name in names]
        scope = told.get("directoryScopeId")
        if not all(isinstance(text, str) and text for text in texts) or not isinstance(
            scope, str | None
        ):
            raise _not_understood("role assignment", entry)
        # An app scope stands in another property, and this one is null then.
        if scope != WHOLE_TENANT:
            return None
        identity, principal_id, role_id = map(str, texts)
        # The id of an assignment is not a GUID, and its case counts.
        return cls(identity, principal_id.lower(), role_id.lower())


def find_roles(wanted: Iterable[str], roles: Sequence[Role]) -> dict[str, Role]:
    """The roles that are meant by names or ids in any case, by what they are called in `wanted`.

    Raises `InvalidInput` for a role that the tenant does not have, for one that is disabled, and
    for a name that several have.
    """
    by_name: dict[str, set[Role]] = {}
    for role in roles:
        for name in (role.name, role.template_id, role.id):
            by_name.setdefault(name.casefold(), set()).add(role)
    return {
        text: _the_one(text, by_name.get(text.strip().casefold(), ()), roles) for text in wanted
    }


def given(identity: str, name: str, role: Role) -> Change:
    """The change that gives a role; `identity` as in `RESOURCE`, `name` is for people."""
    return _change(identity, name, role, Action.ADD, None, role.template_id)


def taken(identity: str, name: str, role: Role) -> Change:
    """The change that takes a role away."""
    return _change(identity, name, role, Action.REMOVE, role.template_id, None)


def template_of(change: Change) -> str:
    """The template id of the role that a change is about. Raises `InvalidInput` for none."""
    value = change.after if change.action is Action.ADD else change.before
    if not isinstance(value, str):
        raise InvalidInput("This is no change of a directory role", subject=change.name)
    return value


def _change(
    identity: str, name: str, role: Role, action: Action, before: Value, after: Value
) -> Change:
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=identity,
        name=name,
        property=role.name,
        action=action,
        before=before,
        after=after,
    )


def _the_one(text: str, matches: Collection[Role], roles: Sequence[Role]) -> Role:
    if not matches:
        raise InvalidInput(
            f"The tenant has no directory role {text!r}",
            answer=_similar(text, roles),
            advice="Give a role's English name as the Entra admin center shows it, or its "
            "template id.",
        )
    if len(matches) > 1:
        raise InvalidInput(
            f"The tenant has {len(matches)} directory roles {text!r}",
            answer=f"template ids: {', '.join(sorted(match.template_id for match in matches))}",
            advice="Give the template id of the one that is meant.",
        )
    (match,) = matches
    if not match.is_enabled:
        raise InvalidInput(
            f"The directory role {match.name} is disabled in this tenant",
            advice="Enable the custom role in the Entra admin center, or name another one.",
        )
    return match


def _similar(text: str, roles: Sequence[Role]) -> str:
    """Roles with a word in common."""
    words = set(text.casefold().split()) - {"administrator", "admin", "reader"}
    names = [role.name for role in roles if words & set(role.name.casefold().split())]
    if not names:
        return f"it has {len(roles)} roles"
    more = ", ..." if len(names) > _NAMES_SHOWN else ""
    return f"it has {', '.join(names[:_NAMES_SHOWN])}{more}"


def _not_understood(what: str, entry: Any) -> NotUnderstood:
    told = sorted(entry) if isinstance(entry, Mapping) else type(entry).__name__
    return NotUnderstood(
        f"An entry of the list is not a {what} as Graph documents it",
        subject="roleManagement/directory",
        answer=f"{told}",
    )
