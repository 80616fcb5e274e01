# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users who are deleted, softly, and come back.

https://learn.microsoft.com/graph/api/resources/directory
"""

from __future__ import annotations

import time

from ..accounts.licensing import revive
from ..people import User, VisibleUsers, plain_address
from ..state import Tenant
from .errors import bad_request, not_found
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, Parameters
from .times import timestamp
from .user_writing import check_may_touch, mastered_on_premises
from .users import LIST_OPTIONS, READ, list_users, read_user, render

_DELETE = frozenset({"User.DeleteRestore.All", "User.ReadWrite.All", "Directory.ReadWrite.All"})
_COLLECTION = "directory/deletedItems"
_RESTORE = Parameters("restore", {"autoReconcileProxyConflict": BOOLEAN})
_SELECT = frozenset({"$select"})


def _delete(call: Call) -> Answer:
    with call.change_users() as change:
        user = change.tenant.users.find(call.path["id"])
        if user is None:
            raise not_found(call.path["id"])
        check_may_touch(change.tenant, user)
        if user.is_synced:
            raise mastered_on_premises()
        change.remove(user)
        user.deleted = timestamp(time.time())
        change.tenant.deleted_users.add(user)
    return Answer(204)


def _list(call: Call) -> Answer:
    return list_users(call, _deleted(call.tenant), f"{_COLLECTION}/microsoft.graph.user")


def _read(call: Call) -> Answer:
    user = _find(call, call.tenant)
    answer = read_user(call, user, f"{_COLLECTION}/$entity")
    body = {"@odata.type": "#microsoft.graph.user", **(answer.body or {})}
    return Answer(answer.status, body)


def _restore(call: Call) -> Answer:
    """Bring a user back, unless somebody else has the name or an address by now.

    Addresses that others have are left behind if that is asked for.
    """
    reconciles = _RESTORE.read(call.body).get("autoReconcileProxyConflict", False)
    with call.change_users() as change:
        tenant = change.tenant
        user = _find(call, tenant)
        check_may_touch(tenant, user)
        taken = {entry for entry in user.proxy_addresses if _is_taken(tenant, entry)}
        if _clashes(tenant, user) or (taken and not reconciles):
            raise bad_request("Another object has the same value for a unique property.")
        tenant.deleted_users.remove(user)
        user.deleted = None
        user.proxy_addresses = [one for one in user.proxy_addresses if one not in taken]
        licenses = revive(tenant, user)
        lost = [one for one in user.licenses if one.is_active and one not in licenses]
        user.licenses = licenses
        change.add(user, "restored")
        for one in lost:
            sku = tenant.sku(one.sku_id)
            change.notes.add(
                "license_removed",
                user,
                subject=one.sku_id if sku is None else sku.part_number,
                by_group=one.by_group,
                before=one.disabled_plans,
                seats_taken=tenant.users.seats_taken(one.sku_id),
            )
    context = f"{call.base_url}/v1.0/$metadata#directoryObjects/$entity"
    entity = {"@odata.type": "#microsoft.graph.user", **render(user)}
    return Answer(200, {"@odata.context": context, **entity})


def _purge(call: Call) -> Answer:
    """Forget a user: who comes to have the same id is nowhere a member."""
    with call.change_users() as change:
        tenant = change.tenant
        user = _find(call, tenant)
        check_may_touch(tenant, user)
        tenant.deleted_users.remove(user)
        for group in tenant.groups:
            group.members = [member for member in group.members if member != user.id]
        for role in tenant.directory_roles:
            role.members = [member for member in role.members if member != user.id]
        change.notes.add("purged", user)
    return Answer(204)


def _find(call: Call, tenant: Tenant) -> User:
    user = tenant.deleted_users.find(call.path["id"])
    # Not by the name, which somebody else may have by now.
    if user is None or user.id.casefold() != call.path["id"].casefold():
        raise not_found(call.path["id"])
    return user


def _deleted(tenant: Tenant) -> VisibleUsers:
    return VisibleUsers(tenant.deleted_users, {})


def _clashes(tenant: Tenant, user: User) -> bool:
    return tenant.users.find(user.user_principal_name) is not None or (
        user.mail is not None and bool(tenant.users.with_address(user.mail))
    )


def _is_taken(tenant: Tenant, proxy_address: str) -> bool:
    return bool(tenant.users.with_mail_address(plain_address(proxy_address)))


OPERATIONS = [
    Operation("DELETE", "/users/{id}", _DELETE, _delete),
    # The documentation names the cast in full, Microsoft's own SDK the alias of its namespace.
    Operation("GET", f"/{_COLLECTION}/microsoft.graph.user", READ, _list, LIST_OPTIONS),
    Operation("GET", f"/{_COLLECTION}/graph.user", READ, _list, LIST_OPTIONS),
    Operation("GET", f"/{_COLLECTION}/{{id}}", READ, _read, _SELECT),
    Operation("DELETE", f"/{_COLLECTION}/{{id}}", _DELETE, _purge),
    Operation("POST", f"/{_COLLECTION}/{{id}}/restore", _DELETE, _restore),
]
