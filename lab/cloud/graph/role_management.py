# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Administrators' roles given and taken, with the built-in roles that there are.

https://learn.microsoft.com/graph/api/resources/unifiedroleassignment
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from ..accounts.making import activate_role
from ..people import User
from ..roles import BUILT_IN, RoleDefinition, find_definition
from ..state import DirectoryRole, Tenant
from .directory_roles import READ
from .errors import bad_request, not_found
from .filters import Filterable, read_filter
from .routes import Answer, Call, Operation
from .schema import STRING, EntityType, Nullable

_ASSIGNMENT = EntityType(
    "microsoft.graph.unifiedRoleAssignment",
    {
        "appScopeId": Nullable(STRING),
        "directoryScopeId": STRING,
        "principalId": STRING,
        "roleDefinitionId": STRING,
    },
)
_DEFINITION_TYPE = "microsoft.graph.unifiedRoleDefinition"
_REQUIRED = ("directoryScopeId", "principalId", "roleDefinitionId")
_WHOLE_TENANT = "/"
_WRITE = frozenset({"RoleManagement.ReadWrite.Directory"})
_SELECT = frozenset({"$select"})
_LIST = frozenset({"$select", "$filter", "$top"})
_ASSIGNMENTS = Filterable({name: itemgetter(name) for name in ("principalId", "roleDefinitionId")})
_DEFINITIONS = Filterable(
    {name: itemgetter(name) for name in ("displayName", "id", "isBuiltIn", "templateId")}
)


def _list(call: Call) -> Answer:
    """List assignments: of a principal or a role, for Graph does not list all of them at once."""
    if call.query.filter is None:
        raise bad_request("A filter by principalId or roleDefinitionId is required.")
    entities = list(_assignments(call.tenant))
    return _page(call, "roleAssignments", entities, _ASSIGNMENTS, _ASSIGNMENT.name)


def _read(call: Call) -> Answer:
    role, principal = _find(call, call.tenant)
    entity = call.query.project(_render(role, principal), _ASSIGNMENT.name)
    return _answer(call, 200, "roleAssignments/$entity", entity)


def _create(call: Call) -> Answer:
    values = _ASSIGNMENT.read_patch(call.body)
    for name in _REQUIRED:
        if name not in values:
            raise bad_request(f"The property '{name}' is missing.")
    if values["directoryScopeId"] != _WHOLE_TENANT or values.get("appScopeId") is not None:
        raise bad_request("The scope is not supported.")
    definition = find_definition(values["roleDefinitionId"])
    if definition is None or definition.display_name == values["roleDefinitionId"]:
        raise not_found(values["roleDefinitionId"])
    with call.change() as tenant:
        principal = _principal(call, tenant, values["principalId"])
        present = [
            role for role in tenant.directory_roles if role.role_template_id == definition.id
        ]
        if any(principal in role.members for role in present):
            raise bad_request(
                "A conflicting object with one or more of the specified property values is present "
                "in the directory."
            )
        role = activate_role(tenant, definition.id)
        role.members = [*role.members, principal]
        _note(call, principal, "role_assigned", role)
    return _answer(call, 201, "roleAssignments/$entity", _render(role, principal))


def _delete(call: Call) -> Answer:
    with call.change() as tenant:
        role, principal = _find(call, tenant)
        is_own = principal == tenant.application.object_id
        if is_own and role.display_name == "Global Administrator":
            raise bad_request(
                "Removing self from Global Administrator built-in role is not allowed."
            )
        role.members = [member for member in role.members if member != principal]
        _note(call, principal, "role_removed", role)
    return Answer(204)


def _note(call: Call, principal: str, kind: Any, role: DirectoryRole) -> None:
    with call.change_users() as change:
        user = change.tenant.users.find(principal)
        if user is not None:
            change.notes.add(kind, user, subject=role.display_name)


def _principal(call: Call, tenant: Tenant, identifier: str) -> str:
    """Return the id of whom the role is for; raises GraphError, also for one nobody sees yet."""
    if identifier.casefold() == tenant.application.object_id:
        return tenant.application.object_id
    user: User | None = tenant.users.find(identifier)
    if user is None or call.users.find(user.id) is None or not _is_id(user, identifier):
        raise not_found(identifier)
    return user.id


def _is_id(user: User, identifier: str) -> bool:
    return user.id.casefold() == identifier.casefold()


def _find(call: Call, tenant: Tenant) -> tuple[DirectoryRole, str]:
    for role in tenant.directory_roles:
        for principal in role.members:
            if _key(role, principal) == call.path["id"]:
                return role, principal
    raise not_found(call.path["id"])


def _assignments(tenant: Tenant) -> Iterator[dict[str, Any]]:
    """Yield the assignments of those who are there; the deleted have none."""
    for role in tenant.directory_roles:
        for principal in role.members:
            is_there = tenant.users.find(principal) is not None
            if is_there or principal == tenant.application.object_id:
                yield _render(role, principal)


def _render(role: DirectoryRole, principal: str) -> dict[str, Any]:
    return {
        "id": _key(role, principal),
        "directoryScopeId": _WHOLE_TENANT,
        "principalId": principal,
        "roleDefinitionId": role.role_template_id,
    }


def _key(role: DirectoryRole, principal: str) -> str:
    return uuid.uuid5(uuid.UUID(role.role_template_id), principal).hex


def _list_definitions(call: Call) -> Answer:
    entities = [_render_definition(one) for one in BUILT_IN]
    return _page(call, "roleDefinitions", entities, _DEFINITIONS, _DEFINITION_TYPE)


def _read_definition(call: Call) -> Answer:
    definition = find_definition(call.path["id"])
    if definition is None or definition.display_name == call.path["id"]:
        raise not_found(call.path["id"])
    entity = call.query.project(_render_definition(definition), _DEFINITION_TYPE)
    return _answer(call, 200, "roleDefinitions/$entity", entity)


def _render_definition(definition: RoleDefinition) -> dict[str, Any]:
    return {
        "id": definition.id,
        "description": definition.description,
        "displayName": definition.display_name,
        "isBuiltIn": True,
        "isEnabled": True,
        "resourceScopes": [_WHOLE_TENANT],
        "rolePermissions": [],
        "templateId": definition.id,
        "version": "1",
    }


def _page(
    call: Call, collection: str, entities: list[dict[str, Any]], about: Filterable, type_name: str
) -> Answer:
    if call.query.filter is not None:
        condition = read_filter(call.query.filter, about, is_advanced=False)
        entities = list(filter(condition.holds, entities))
    url = f"{call.base_url}/v1.0/roleManagement/directory/{collection}"
    page, link = call.query.page(entities, url)
    shown = [call.query.project(entity, type_name) for entity in page]
    return _answer(call, 200, collection, {**link, "value": shown})


def _answer(call: Call, status: int, context: str, entity: dict[str, Any]) -> Answer:
    url = f"{call.base_url}/v1.0/$metadata#roleManagement/directory/{context}"
    return Answer(status, {"@odata.context": url, **entity})


_PATH = "/roleManagement/directory"
OPERATIONS = [
    Operation("GET", f"{_PATH}/roleAssignments", READ, _list, _LIST),
    Operation("POST", f"{_PATH}/roleAssignments", _WRITE, _create),
    Operation("GET", f"{_PATH}/roleAssignments/{{id}}", READ, _read, _SELECT),
    Operation("DELETE", f"{_PATH}/roleAssignments/{{id}}", _WRITE, _delete),
    Operation("GET", f"{_PATH}/roleDefinitions", READ, _list_definitions, _LIST),
    Operation("GET", f"{_PATH}/roleDefinitions/{{id}}", READ, _read_definition, _SELECT),
]
