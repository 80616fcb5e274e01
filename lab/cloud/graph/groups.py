# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups: who is in them, and which licences they give.

https://learn.microsoft.com/graph/api/resources/group
https://learn.microsoft.com/graph/api/group-assignlicense
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from ..accounts.licensing import groups_of, inherit, members_of
from ..people import User
from ..state import Tenant
from ..subscriptions import Group
from ..user_change import UserChange
from .errors import bad_request, malformed, not_found
from .filters import Filterable, read_filter
from .licenses import WRITE as ASSIGN_LICENSES
from .licenses import read_order
from .routes import Answer, Call, Operation
from .times import timestamp
from .users import READ as READ_USERS
from .users import render as render_user
from .users import selection

_TYPE_NAME = "microsoft.graph.group"
_OBJECT_URL = "/directoryObjects/"
_READ = frozenset(
    {
        "GroupMember.Read.All",
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    }
)
_WRITE = frozenset({"GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"})
_LIST = frozenset({"$select", "$filter", "$top", "$count"})
_SELECT = frozenset({"$select"})
_PAGES = frozenset({"$select", "$top", "$count"})
_FILTERABLE = Filterable(
    properties={"displayName": attrgetter("display_name"), "id": attrgetter("id")},
    skus=lambda group: [one.sku_id for one in group.licenses],
)


def _list(call: Call) -> Answer:
    groups: Iterable[Group] = call.tenant.groups
    if call.query.filter is not None:
        is_advanced = call.query.eventual and call.query.count
        condition = read_filter(call.query.filter, _FILTERABLE, is_advanced=is_advanced)
        groups = filter(condition.holds, groups)
    page, link = call.query.page(list(groups), f"{call.base_url}/v1.0/groups")
    entities = [call.query.project(_render(group), _TYPE_NAME) for group in page]
    context = f"{call.base_url}/v1.0/$metadata#groups"
    return Answer(200, {"@odata.context": context, **link, "value": entities})


def _read(call: Call) -> Answer:
    entity = call.query.project(_render(_find(call.tenant, call.path["id"])), _TYPE_NAME)
    return Answer(
        200, {"@odata.context": f"{call.base_url}/v1.0/$metadata#groups/$entity", **entity}
    )


def _list_members(call: Call) -> Answer:
    group = _find(call.tenant, call.path["id"])
    return _objects(call, f"groups/{group.id}/members", group.members)


def _list_users(call: Call) -> Answer:
    group = _find(call.tenant, call.path["id"])
    return _objects(
        call, f"groups/{group.id}/members/microsoft.graph.user", _users_among(call, group.members)
    )


def _list_all_members(call: Call) -> Answer:
    group = _find(call.tenant, call.path["id"])
    path = f"groups/{group.id}/transitiveMembers"
    return _objects(call, path, members_of(call.tenant, group))


def _list_all_users(call: Call) -> Answer:
    group = _find(call.tenant, call.path["id"])
    path = f"groups/{group.id}/transitiveMembers/microsoft.graph.user"
    return _objects(call, path, _users_among(call, members_of(call.tenant, group)))


def _users_among(call: Call, members: Iterable[str]) -> list[str]:
    return [member for member in members if call.users.find(member) is not None]


def _list_groups_of_user(call: Call) -> Answer:
    user = _user(call)
    groups = [group.id for group in call.tenant.groups if user.id in group.members]
    return _objects(call, f"users/{user.id}/memberOf", groups)


def _list_all_groups_of_user(call: Call) -> Answer:
    user = _user(call)
    groups = [group.id for group in groups_of(call.tenant, user.id)]
    return _objects(call, f"users/{user.id}/transitiveMemberOf", groups)


def _objects(call: Call, path: str, identifiers: Iterable[str]) -> Answer:
    """Return a page of these objects, as far as they are to be seen."""
    groups = {group.id: group for group in call.tenant.groups}
    found: list[Group | User] = []
    for identifier in identifiers:
        one = groups.get(identifier) or call.users.find(identifier)
        if one is not None:
            found.append(one)
    page, link = call.query.page(found, f"{call.base_url}/v1.0/{path}")
    entities = [_render_object(call, one) for one in page]
    context = f"{call.base_url}/v1.0/$metadata#directoryObjects"
    return Answer(200, {"@odata.context": context, **link, "value": entities})


def _render_object(call: Call, one: Group | User) -> dict[str, Any]:
    """Return what is selected of the properties that an object of its kind has."""
    if isinstance(one, Group):
        shown = _render(one)
        wanted = {name.casefold() for name in call.query.select or shown}
        kept = {name: value for name, value in shown.items() if name.casefold() in wanted}
        return {"@odata.type": "#microsoft.graph.group", **kept}
    shown = render_user(one, selection(call.query))
    # Who may not read users learns who they are, and nothing about them.
    if not READ_USERS & call.permissions:
        shown = {name: value if name == "id" else None for name, value in shown.items()}
    return {"@odata.type": "#microsoft.graph.user", **shown}


def _add_member(call: Call) -> Answer:
    """Add an object to a group, which gives it the group's licences."""
    reference = call.body.get("@odata.id") if isinstance(call.body, dict) else None
    if not isinstance(reference, str) or _OBJECT_URL not in reference:
        raise malformed("The reference '@odata.id' to a directory object is missing.")
    member = reference.rpartition(_OBJECT_URL)[2]
    with call.change() as tenant, call.change_users() as change:
        group = _find(tenant, call.path["id"])
        user = tenant.users.find(member)
        member = _find(tenant, member).id if user is None else user.id
        if member in group.members:
            raise bad_request(
                "One or more added object references already exist for the following modified "
                "properties: 'members'."
            )
        group.members = [*group.members, member]
        _look_again(change, [member])
    return Answer(204)


def _remove_member(call: Call) -> Answer:
    with call.change() as tenant, call.change_users() as change:
        group = _find(tenant, call.path["id"])
        member = call.path["member"].casefold()
        if member not in group.members:
            raise not_found(call.path["member"])
        group.members = [one for one in group.members if one != member]
        _look_again(change, [member])
    return Answer(204)


def _assign(call: Call) -> Answer:
    """Let a group give licences; here its members have them at once."""
    add, remove = read_order(call)
    with call.change() as tenant, call.change_users() as change:
        group = _find(tenant, call.path["id"])
        missing = set(remove) - {one.sku_id for one in group.licenses}
        if missing:
            raise bad_request("The group does not have a corresponding license.")
        replaced = {*remove, *(one.sku_id for one in add)}
        group.licenses = [*(one for one in group.licenses if one.sku_id not in replaced), *add]
        _look_again(change, members_of(tenant, group))
        entity = _render(group)
    context = f"{call.base_url}/v1.0/$metadata#groups/$entity"
    return Answer(202, {"@odata.context": context, **entity})


def _look_again(change: UserChange, members: Iterable[str]) -> None:
    """Bring the licences of these members, and of those in groups among them, up to date."""
    tenant = change.tenant
    groups = {group.id: group for group in tenant.groups}
    moment = timestamp(time.time())
    for member in members:
        inner = members_of(tenant, groups[member]) if member in groups else [member]
        for identifier in inner:
            user = tenant.users.find(identifier)
            if user is None:
                continue
            licenses = inherit(tenant, user, moment, again=False)
            if licenses != user.licenses:
                change.update(user, licenses=licenses)


def _find(tenant: Tenant, identifier: str) -> Group:
    for group in tenant.groups:
        if group.id == identifier.casefold():
            return group
    raise not_found(identifier)


def _user(call: Call) -> User:
    user = call.users.find(call.path["id"])
    if user is None:
        raise not_found(call.path["id"])
    return user


def _render(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "assignedLicenses": [
            {"disabledPlans": list(one.disabled_plans), "skuId": one.sku_id}
            for one in group.licenses
        ],
        "description": None,
        "displayName": group.display_name,
        "groupTypes": [],
        "mailEnabled": False,
        "onPremisesSyncEnabled": None,
        "securityEnabled": True,
    }


_MEMBERS = "/groups/{id}/members"
_ALL_MEMBERS = "/groups/{id}/transitiveMembers"
OPERATIONS = [
    Operation("GET", "/groups", _READ, _list, _LIST),
    Operation("GET", "/groups/{id}", _READ, _read, _SELECT),
    Operation("GET", _MEMBERS, _READ, _list_members, _PAGES),
    Operation("GET", f"{_MEMBERS}/microsoft.graph.user", _READ, _list_users, _PAGES),
    Operation("GET", f"{_MEMBERS}/graph.user", _READ, _list_users, _PAGES),
    Operation("POST", f"{_MEMBERS}/$ref", _WRITE, _add_member),
    Operation("DELETE", f"{_MEMBERS}/{{member}}/$ref", _WRITE, _remove_member),
    Operation("GET", _ALL_MEMBERS, _READ, _list_all_members, _PAGES),
    Operation("GET", f"{_ALL_MEMBERS}/microsoft.graph.user", _READ, _list_all_users, _PAGES),
    Operation("GET", f"{_ALL_MEMBERS}/graph.user", _READ, _list_all_users, _PAGES),
    Operation("POST", "/groups/{id}/assignLicense", ASSIGN_LICENSES, _assign),
    Operation("GET", "/users/{id}/memberOf", _READ | READ_USERS, _list_groups_of_user, _PAGES),
    Operation(
        "GET",
        "/users/{id}/transitiveMemberOf",
        _READ | READ_USERS,
        _list_all_groups_of_user,
        _PAGES,
    ),
]
