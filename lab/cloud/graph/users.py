# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant, to be read.

https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from typing import Any

from ..state import User
from .errors import not_found
from .filters import read_filter
from .routes import Answer, Call, Operation

_TYPE_NAME = "microsoft.graph.user"
# What an answer holds of a user unless the client selects.
_USUAL = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
_FILTERED = (
    "accountEnabled",
    "creationType",
    "displayName",
    "id",
    "mail",
    "userPrincipalName",
    "userType",
)

_READ = frozenset(
    {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)


def _list(call: Call) -> Answer:
    users = [_render(user) for user in call.tenant.users]
    is_advanced = call.query.eventual and call.query.count
    if call.query.filter is not None:
        conditions = read_filter(call.query.filter, _FILTERED, is_advanced=is_advanced)
        users = [user for user in users if all(one.holds(user) for one in conditions)]
    page, link = call.query.page(users, f"{call.base_url}/v1.0/users")
    entities = [_project(call, user) for user in page]
    # Counted only where the client accepts the index, and on the first page.
    is_counted = is_advanced and call.query.skip == 0
    count = {"@odata.count": len(users)} if is_counted else {}
    context = f"{call.base_url}/v1.0/$metadata#users"
    return Answer(200, {"@odata.context": context, **count, **link, "value": entities})


def _read(call: Call) -> Answer:
    wanted = call.path["id"].casefold()
    for user in call.tenant.users:
        if wanted in (user.id.casefold(), user.user_principal_name.casefold()):
            context = f"{call.base_url}/v1.0/$metadata#users/$entity"
            return Answer(200, {"@odata.context": context, **_project(call, _render(user))})
    raise not_found(call.path["id"])


def _project(call: Call, user: dict[str, Any]) -> dict[str, Any]:
    if call.query.select is None:
        return {name: user[name] for name in _USUAL}
    return call.query.project(user, _TYPE_NAME)


def _render(user: User) -> dict[str, Any]:
    given_name, _space, surname = user.display_name.partition(" ")
    return {
        "id": user.id,
        "accountEnabled": user.account_enabled,
        "businessPhones": [],
        "createdDateTime": user.created,
        "creationType": user.creation_type,
        "displayName": user.display_name,
        "givenName": given_name or None,
        "jobTitle": None,
        "mail": user.mail,
        "mobilePhone": None,
        "officeLocation": None,
        "onPremisesSyncEnabled": None,
        "preferredLanguage": None,
        "surname": surname or None,
        "userPrincipalName": user.user_principal_name,
        "userType": user.user_type,
    }


OPERATIONS = [
    Operation("GET", "/users", _READ, _list, frozenset({"$select", "$filter", "$top", "$count"})),
    Operation("GET", "/users/{id}", _READ, _read, frozenset({"$select"})),
]
