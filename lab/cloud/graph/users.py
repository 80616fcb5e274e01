# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant, to be read. How they are made and changed is in ``user_writing``.

https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from ..people import PENDING, User, VisibleUsers
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
    name = user.shown_name
    own = {
        "signInType": "userPrincipalName",
        "issuer": name.rpartition("@")[2],
        "issuerAssignedId": name,
    }
    issuer = _redeemed_issuer(user)
    if issuer is None:
        return [own]
    return [{"signInType": "federated", "issuer": issuer, "issuerAssignedId": None}, own]


def _redeemed_issuer(user: User) -> str | None:
    """Return with whose account a guest has redeemed, if that is so now."""
    return None if user.external_user_state in (None, PENDING) else user.issuer


def _detail(name: str) -> Callable[[User], str | None]:
    return lambda user: details(user).get(name)


def details(user: User) -> Mapping[str, str]:
    """Return the texts of the address list, by Graph's names."""
    if user.details is not None:
        return user.details
    first, _blank, last = user.display_name.partition(" ")
    return {name: value for name, value in (("givenName", first), ("surname", last)) if value}


def _business_phones(user: User) -> list[str]:
    phone = details(user).get("businessPhones")
    return [] if phone is None else [phone]


def _assigned_licenses(user: User) -> list[dict[str, Any]]:
    """Direct and inherited ones mixed, as Graph has it: of one SKU a plan works if one gives it."""
    found: dict[str, set[str]] = {}
    for one in user.licenses:
        if one.is_active:
            disabled = set(one.disabled_plans)
            found[one.sku_id] = found.get(one.sku_id, disabled) & disabled
    return [{"disabledPlans": sorted(plans), "skuId": sku} for sku, plans in found.items()]


def _assignment_states(user: User) -> list[dict[str, Any]]:
    return [
        {
            "skuId": one.sku_id,
            "disabledPlans": list(one.disabled_plans),
            "assignedByGroup": one.by_group,
            "state": one.state,
            "error": one.error,
            "lastUpdatedDateTime": one.updated,
        }
        for one in user.licenses
    ]


def _on_premises(name: str) -> Callable[[User], Any]:
    return lambda user: None if user.on_premises is None else getattr(user.on_premises, name)


def _no_password(_user: User) -> None:
    """Nobody reads a password."""


def _password_changed(user: User) -> str | None:
    """The first password of a user is as old as the user, and a guest has none here."""
    if user.external_user_state is not None:
        return None
    return user.password_changed or user.created


def _empty(_user: User) -> list[str]:
    return []


# The texts of the address list that hold one value, with the longest that each may be.
DETAILS: Mapping[str, int] = {
    "city": 128,
    "companyName": 64,
    "country": 128,
    "department": 64,
    "employeeId": 16,
    "faxNumber": 64,
    "givenName": 64,
    "jobTitle": 128,
    "mobilePhone": 64,
    "officeLocation": 128,
    "postalCode": 40,
    "state": 128,
    "streetAddress": 1024,
    "surname": 64,
}
_PROPERTIES: Mapping[str, Callable[[User], Any]] = {
    "id": attrgetter("id"),
    "accountEnabled": attrgetter("account_enabled"),
    "assignedLicenses": _assigned_licenses,
    "businessPhones": _business_phones,
    "createdDateTime": attrgetter("created"),
    "creationType": attrgetter("creation_type"),
    "deletedDateTime": attrgetter("deleted"),
    "displayName": attrgetter("display_name"),
    "externalUserState": attrgetter("external_user_state"),
    "externalUserStateChangeDateTime": attrgetter("state_changed"),
    "identities": _identities,
    "lastPasswordChangeDateTime": _password_changed,
    "licenseAssignmentStates": _assignment_states,
    "mail": attrgetter("mail"),
    "mailNickname": attrgetter("mail_nickname"),
    "onPremisesDistinguishedName": _on_premises("distinguished_name"),
    "onPremisesDomainName": _on_premises("domain_name"),
    "onPremisesImmutableId": attrgetter("anchor"),
    "onPremisesLastSyncDateTime": _on_premises("last_sync"),
    "onPremisesProvisioningErrors": _empty,
    "onPremisesSamAccountName": _on_premises("sam_account_name"),
    "onPremisesSecurityIdentifier": _on_premises("security_identifier"),
    "onPremisesSyncEnabled": _on_premises("is_synced"),
    "onPremisesUserPrincipalName": _on_premises("user_principal_name"),
    "otherMails": attrgetter("other_mails"),
    "passwordProfile": _no_password,
    "preferredLanguage": attrgetter("preferred_language"),
    "proxyAddresses": attrgetter("proxy_addresses"),
    "usageLocation": attrgetter("usage_location"),
    "userPrincipalName": attrgetter("shown_name"),
    "userType": attrgetter("user_type"),
    **{name: _detail(name) for name in DETAILS},
}
_BY_FOLDED_NAME = {name.casefold(): name for name in _PROPERTIES}
_FILTERED = (
    "accountEnabled",
    "city",
    "companyName",
    "country",
    "createdDateTime",
    "creationType",
    "department",
    "displayName",
    "employeeId",
    "externalUserState",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mailNickname",
    "onPremisesImmutableId",
    "onPremisesSamAccountName",
    "onPremisesSyncEnabled",
    "onPremisesUserPrincipalName",
    "state",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
)
_FILTERABLE = Filterable(
    properties={name: _PROPERTIES[name] for name in _FILTERED},
    lists={
        "otherMails": attrgetter("other_mails"),
        "proxyAddresses": attrgetter("proxy_addresses"),
    },
    issuer=_redeemed_issuer,
    skus=lambda user: sorted(user.seats),
    names=frozenset({"id", "mail", "otherMails", "proxyAddresses", "userPrincipalName"}),
)
LIST_OPTIONS = frozenset({"$select", "$filter", "$top", "$count"})

READ = frozenset(
    {"User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}
)


def _list(call: Call) -> Answer:
    return list_users(call, call.users, "users")


def _read(call: Call) -> Answer:
    return read_user(call, call.users.find(call.path["id"]), "users/$entity")


def list_users(call: Call, users: VisibleUsers, path: str) -> Answer:
    """Return a page of the users that the filter lets through, with the link to the next one."""
    query = call.query
    is_advanced = query.eventual and query.count
    condition = _EVERYBODY
    if query.filter is not None:
        condition = read_filter(query.filter, _FILTERABLE, is_advanced=is_advanced)
    chosen = selection(query)
    entities: list[dict[str, Any]] = []
    link: dict[str, str] = {}
    for place, user in users.among(condition.names, query.skip):
        if not condition.holds(user):
            continue
        if len(entities) == query.top:
            link = query.link_to(place, f"{call.base_url}/v1.0/{path}")
            break
        entities.append(render(user, chosen))
    # Counted only where the client accepts the index, and on the first page.
    count = {}
    if is_advanced and query.skip == 0:
        meant = users.among(condition.names, 0)
        count = {"@odata.count": sum(condition.holds(user) for _place, user in meant)}
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


_EVERYBODY = Condition(lambda _user: True)

OPERATIONS = [
    Operation("GET", "/users", READ, _list, LIST_OPTIONS),
    Operation("GET", "/users/{id}", READ, _read, frozenset({"$select"})),
]
