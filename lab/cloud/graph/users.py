# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant, to be read.

https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from ..people import PENDING, User
from .errors import malformed, not_found
from .filters import Condition, Filterable, read_filter
from .odata import Query
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


def _identities(user: User) -> list[dict[str, Any]]:
    """What a guest redeemed with comes first; the name in the tenant itself is always there."""
    own = {
        "signInType": "userPrincipalName",
        "issuer": user.user_principal_name.rpartition("@")[2],
        "issuerAssignedId": user.user_principal_name,
    }
    issuer = _redeemed_issuer(user)
    if issuer is None:
        return [own]
    return [{"signInType": "federated", "issuer": issuer, "issuerAssignedId": None}, own]


def _redeemed_issuer(user: User) -> str | None:
    """Return with whose account a guest has redeemed, if that is so now."""
    return None if user.external_user_state in (None, PENDING) else user.issuer


def _given_name(user: User) -> str | None:
    return user.display_name.partition(" ")[0] or None


def _surname(user: User) -> str | None:
    return user.display_name.partition(" ")[2] or None


def _nothing(_user: User) -> None:
    return None


def _empty(_user: User) -> list[str]:
    return []


_PROPERTIES: Mapping[str, Callable[[User], Any]] = {
    "id": attrgetter("id"),
    "accountEnabled": attrgetter("account_enabled"),
    "businessPhones": _empty,
    "companyName": _nothing,
    "createdDateTime": attrgetter("created"),
    "creationType": attrgetter("creation_type"),
    "deletedDateTime": attrgetter("deleted"),
    "department": _nothing,
    "displayName": attrgetter("display_name"),
    "externalUserState": attrgetter("external_user_state"),
    "externalUserStateChangeDateTime": attrgetter("state_changed"),
    "givenName": _given_name,
    "identities": _identities,
    "jobTitle": _nothing,
    "mail": attrgetter("mail"),
    "mobilePhone": _nothing,
    "officeLocation": _nothing,
    "onPremisesSyncEnabled": _nothing,
    "otherMails": attrgetter("other_mails"),
    "preferredLanguage": attrgetter("preferred_language"),
    "surname": _surname,
    "usageLocation": _nothing,
    "userPrincipalName": attrgetter("user_principal_name"),
    "userType": attrgetter("user_type"),
}
_BY_FOLDED_NAME = {name.casefold(): name for name in _PROPERTIES}
_FILTERED = (
    "accountEnabled",
    "creationType",
    "displayName",
    "externalUserState",
    "id",
    "mail",
    "userPrincipalName",
    "userType",
)
_FILTERABLE = Filterable(
    properties={name: _PROPERTIES[name] for name in _FILTERED},
    lists={"otherMails": attrgetter("other_mails")},
    issuer=_redeemed_issuer,
)
LIST_OPTIONS = frozenset({"$select", "$filter", "$top", "$count"})

READ = frozenset(
    {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)


def _list(call: Call) -> Answer:
    return list_users(call, call.users.at, "users")


def _read(call: Call) -> Answer:
    return read_user(call, call.users.find(call.path["id"]), "users/$entity")


def list_users(
    call: Call, users_at: Callable[[int], Iterable[tuple[int, User]]], path: str
) -> Answer:
    """Return a page of the users that the filter lets through, with the link to the next one.

    ``users_at`` yields them with their places, from a place on.
    """
    query = call.query
    is_advanced = query.eventual and query.count
    condition = (
        _every
        if query.filter is None
        else read_filter(query.filter, _FILTERABLE, is_advanced=is_advanced)
    )
    chosen = selection(query)
    entities: list[dict[str, Any]] = []
    link: dict[str, str] = {}
    for place, user in users_at(query.skip):
        if not condition(user):
            continue
        if len(entities) == query.top:
            link = query.link_to(place, f"{call.base_url}/v1.0/{path}")
            break
        entities.append(render(user, chosen))
    # Counted only where the client accepts the index, and on the first page.
    is_counted = is_advanced and query.skip == 0
    count = {"@odata.count": _count(users_at(0), condition)} if is_counted else {}
    context = f"{call.base_url}/v1.0/$metadata#{path}"
    return Answer(200, {"@odata.context": context, **count, **link, "value": entities})


def read_user(call: Call, user: User | None, context: str) -> Answer:
    """Return one user; raises GraphError if there is none."""
    if user is None:
        raise not_found(call.path["id"])
    entity = render(user, selection(call.query))
    return Answer(200, {"@odata.context": f"{call.base_url}/v1.0/$metadata#{context}", **entity})


def selection(query: Query) -> tuple[str, ...]:
    """Return the properties to show; raises GraphError."""
    if query.select is None:
        return _USUAL
    chosen = []
    for name in query.select:
        if name.casefold() not in _BY_FOLDED_NAME:
            raise malformed(f"Could not find a property named '{name}' on type '{_TYPE_NAME}'.")
        chosen.append(_BY_FOLDED_NAME[name.casefold()])
    return tuple(dict.fromkeys(chosen))


def render(user: User, chosen: tuple[str, ...] = _USUAL) -> dict[str, Any]:
    """Return these properties of a user."""
    return {name: _PROPERTIES[name](user) for name in chosen}


def _every(_user: User) -> bool:
    return True


def _count(users: Iterable[tuple[int, User]], condition: Condition) -> int:
    return sum(condition(user) for _place, user in users)


OPERATIONS = [
    Operation("GET", "/users", READ, _list, LIST_OPTIONS),
    Operation("GET", "/users/{id}", READ, _read, frozenset({"$select"})),
]
