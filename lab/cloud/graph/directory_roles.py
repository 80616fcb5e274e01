# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The administrators' roles that are activated in a tenant, and who has them.

https://learn.microsoft.com/graph/api/resources/directoryrole
"""

from __future__ import annotations

from typing import Any

from ..people import User
from ..state import DirectoryRole
from .errors import not_found
from .routes import Answer, Call, Operation
from .users import READ as READ_USERS
from .users import render, selection

_TYPE_NAME = "microsoft.graph.directoryRole"
READ = frozenset(
    {
        "RoleManagement.Read.Directory",
        "RoleManagement.ReadWrite.Directory",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    }
)
_SELECT = frozenset({"$select"})


def _list(call: Call) -> Answer:
    roles = [call.query.project(_render(role), _TYPE_NAME) for role in call.tenant.directory_roles]
    context = f"{call.base_url}/v1.0/$metadata#directoryRoles"
    return Answer(200, {"@odata.context": context, "value": roles})


def _read(call: Call) -> Answer:
    entity = call.query.project(_render(_find(call)), _TYPE_NAME)
    context = f"{call.base_url}/v1.0/$metadata#directoryRoles/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _list_members(call: Call) -> Answer:
    """All of them: members do not come in pages."""
    members = []
    for identifier in _find(call).members:
        user = call.users.find(identifier)
        if user is not None:
            members.append(_render_member(call, user))
        elif identifier == call.tenant.application.object_id:
            kind = "#microsoft.graph.servicePrincipal"
            members.append({"@odata.type": kind, "id": identifier})
    context = f"{call.base_url}/v1.0/$metadata#directoryObjects"
    return Answer(200, {"@odata.context": context, "value": members})


def _find(call: Call) -> DirectoryRole:
    wanted = call.path["id"].casefold()
    for role in call.tenant.directory_roles:
        if role.id.casefold() == wanted:
            return role
    raise not_found(call.path["id"])


def _render(role: DirectoryRole) -> dict[str, Any]:
    return {
        "id": role.id,
        "deletedDateTime": None,
        "description": role.description,
        "displayName": role.display_name,
        "roleTemplateId": role.role_template_id,
    }


def _render_member(call: Call, user: User) -> dict[str, Any]:
    """Who may not read users learns who they are, and nothing about them."""
    chosen = selection(call.query)
    shown = render(user, chosen)
    if not READ_USERS & call.permissions:
        shown = {name: value if name == "id" else None for name, value in shown.items()}
    return {"@odata.type": "#microsoft.graph.user", **shown}


OPERATIONS = [
    Operation("GET", "/directoryRoles", READ, _list, _SELECT),
    Operation("GET", "/directoryRoles/{id}", READ, _read, _SELECT),
    Operation("GET", "/directoryRoles/{id}/members", READ, _list_members, _SELECT),
]
