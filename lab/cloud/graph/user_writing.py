# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users made and changed.

https://learn.microsoft.com/graph/api/user-post-users
https://learn.microsoft.com/graph/api/user-update

The texts of refusals are not those of Microsoft, but for those that others have observed: no
client may look at them.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from ..people import User, plain_address
from ..roles import MAY_TOUCH_ADMINISTRATORS
from ..state import Tenant
from .errors import GraphError, bad_request, not_found, permission_denied
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, STRING, Collection, Complex, EntityType, Nullable
from .times import timestamp
from .users import DETAILS, details, render

_TEXT = Nullable(STRING)
_TYPE = EntityType(
    "microsoft.graph.user",
    {
        "accountEnabled": BOOLEAN,
        "businessPhones": Collection(STRING),
        "displayName": STRING,
        "mail": _TEXT,
        "mailNickname": STRING,
        "onPremisesImmutableId": _TEXT,
        "otherMails": Collection(STRING),
        "passwordProfile": Complex(
            "microsoft.graph.passwordProfile",
            {
                "password": STRING,
                "forceChangePasswordNextSignIn": BOOLEAN,
                "forceChangePasswordNextSignInWithMfa": BOOLEAN,
            },
        ),
        "preferredLanguage": _TEXT,
        "usageLocation": _TEXT,
        "userPrincipalName": STRING,
        "userType": STRING,
        **dict.fromkeys(DETAILS, _TEXT),
    },
)
# What a user has that no body can set.
_READ_ONLY = frozenset(
    {
        "assignedLicenses",
        "createdDateTime",
        "deletedDateTime",
        "id",
        "licenseAssignmentStates",
        "onPremisesSyncEnabled",
        "proxyAddresses",
    }
)
_REQUIRED = (
    "accountEnabled",
    "displayName",
    "mailNickname",
    "passwordProfile",
    "userPrincipalName",
)
_WRITE = frozenset({"User.ReadWrite.All", "Directory.ReadWrite.All"})

# What an application cannot change of administrators unless it is one of them.
# https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions
_SENSITIVE = frozenset(
    {
        "accountEnabled",
        "businessPhones",
        "mobilePhone",
        "onPremisesImmutableId",
        "otherMails",
        "passwordProfile",
        "userPrincipalName",
    }
)
# What is the cloud's own also of users who are synchronised.
_OWN = frozenset({"otherMails", "usageLocation"})

_LOCAL_PART = re.compile(r"(?!\.)[A-Za-z0-9'._!#^~-]{1,64}(?<!\.)")
_LONGEST_DOMAIN = 48
_NICKNAME = re.compile(r"[^@()\\\[\]\";:<>, ]{1,64}")
_LONGEST_NAME = 256
_LONGEST_PHONE = 64
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_KINDS_OF_CHARACTERS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


def _create(call: Call) -> Answer:
    values = _read(call.body)
    for name in _REQUIRED:
        if name not in values:
            raise bad_request(f"A value is required for property '{name}' of resource 'User'.")
    if "password" not in values["passwordProfile"]:
        raise bad_request("A value is required for property 'password' of resource 'User'.")
    with call.change_users() as change:
        tenant = change.tenant
        fields = _fields(tenant, None, values)
        if _is_federated(tenant, values["userPrincipalName"]) and not fields.get("immutable_id"):
            raise bad_request("Property 'onPremisesImmutableId' is required in this domain.")
        user = User(
            id=str(uuid.uuid4()),
            created=timestamp(time.time()),
            **{"mail": None, "details": {}, **fields},
        )
        change.add(user)
        shown = render(user)
    context = f"{call.base_url}/v1.0/$metadata#users/$entity"
    return Answer(201, {"@odata.context": context, **shown})


def _update(call: Call) -> Answer:
    values = _read(call.body)
    with call.change_users() as change:
        user = find_to_change(call, change.tenant)
        if user.is_synced and not _OWN.issuperset(values):
            raise mastered_on_premises()
        if _SENSITIVE & values.keys():
            check_may_touch(change.tenant, user)
        change.update(user, **_fields(change.tenant, user, values))
    return Answer(204)


def find_to_change(call: Call, tenant: Tenant) -> User:
    """Return the user that the path names, whom readers have to see already; raises GraphError."""
    user = tenant.users.find(call.path["id"])
    if user is None or call.users.find(user.id) is None:
        raise not_found(call.path["id"])
    return user


def check_may_touch(tenant: Tenant, user: User) -> None:
    """Refuse to touch an administrator unless the application is one; raises GraphError."""
    roles = [role for role in tenant.directory_roles if user.id in role.members]
    if roles and not any(
        tenant.application.object_id in role.members
        and role.role_template_id in MAY_TOUCH_ADMINISTRATORS
        for role in tenant.directory_roles
    ):
        raise permission_denied()


def mastered_on_premises() -> GraphError:
    """The user is synchronised: the directory is where to change this."""
    return bad_request(
        "Unable to update the specified properties for on-premises mastered Directory Sync objects "
        "or objects currently undergoing migration."
    )


def _read(body: object) -> dict[str, Any]:
    """Return the properties of a body; raises GraphError."""
    if isinstance(body, dict):
        for name in body:
            if name in _READ_ONLY:
                raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    return _TYPE.read_patch(body)


def _fields(tenant: Tenant, user: User | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what becomes different about a user, or how a new one is; raises GraphError."""
    fields: dict[str, Any] = {}
    texts = dict(details(user)) if user is not None else {}
    for name, value in values.items():
        if name in DETAILS:
            _check_text(name, value, DETAILS[name])
            texts = _with(texts, name, value)
        elif name == "businessPhones":
            texts = _with(texts, name, _phone(value))
        else:
            fields |= _FIELDS[name](tenant, user, value)
    if any(name in DETAILS or name == "businessPhones" for name in values):
        fields["details"] = texts
    return fields


def _account_enabled(_tenant: Tenant, _user: User | None, value: bool) -> dict[str, Any]:
    return {"account_enabled": value}


def _display_name(_tenant: Tenant, user: User | None, value: str) -> dict[str, Any]:
    _check_text("displayName", value, _LONGEST_NAME)
    # A first name derived from the display name stays when that changes.
    kept = {} if user is None else {"details": dict(details(user))}
    return {"display_name": value, **kept}


def _mail_nickname(_tenant: Tenant, _user: User | None, value: str) -> dict[str, Any]:
    if not _NICKNAME.fullmatch(value):
        raise _invalid("mailNickname")
    return {"mail_nickname": value}


def _immutable_id(tenant: Tenant, user: User | None, value: str | None) -> dict[str, Any]:
    others = [] if value is None else tenant.users.with_anchor(value)
    if any(other is not user for other in others):
        raise _exists("onPremisesImmutableId")
    return {"immutable_id": value}


def _other_mails(_tenant: Tenant, _user: User | None, value: list[str]) -> dict[str, Any]:
    if not all(_ADDRESS.fullmatch(entry) for entry in value):
        raise _invalid("otherMails")
    return {"other_mails": value}


def _preferred_language(_tenant: Tenant, _user: User | None, value: str | None) -> dict[str, Any]:
    return {"preferred_language": value}


def _usage_location(_tenant: Tenant, _user: User | None, value: str | None) -> dict[str, Any]:
    if value is None or not re.fullmatch("[A-Z]{2}", value):
        raise _invalid("usageLocation")
    return {"usage_location": value}


def _user_type(_tenant: Tenant, _user: User | None, value: str) -> dict[str, Any]:
    if value not in ("Member", "Guest"):
        raise _invalid("userType")
    return {"user_type": value}


def _sign_in_name(tenant: Tenant, user: User | None, value: str) -> dict[str, Any]:
    name = "userPrincipalName"
    local, _at, domain = value.rpartition("@")
    # The name of a guest has a mark in it, and may be longer.
    is_kept = user is not None and value.casefold() == user.user_principal_name.casefold()
    if not is_kept and (not _LOCAL_PART.fullmatch(local) or len(domain) > _LONGEST_DOMAIN):
        raise _invalid(name)
    if not tenant.is_verified_domain(domain):
        raise bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of "
            "the verified domain names in your organization."
        )
    other = tenant.users.find(value)
    if other is not None and other is not user:
        raise _exists(name)
    if _is_taken(tenant, user, value):
        raise _exists("proxyAddresses")
    return {"user_principal_name": value}


def _mail(tenant: Tenant, user: User | None, value: str | None) -> dict[str, Any]:
    """Mail is the primary address; the one before stays as another."""
    kept = [] if user is None else list(user.proxy_addresses)
    if value is None:
        return {
            "mail": None,
            "proxy_addresses": [one for one in kept if not one.startswith("SMTP:")],
        }
    if not _ADDRESS.fullmatch(value):
        raise _invalid("mail")
    if _is_taken(tenant, user, value):
        raise _exists("proxyAddresses")
    others = [
        one.replace("SMTP:", "smtp:", 1)
        for one in kept
        if plain_address(one) != value.casefold() or not one.casefold().startswith("smtp:")
    ]
    return {"mail": value, "proxy_addresses": [f"SMTP:{value}", *others]}


def _is_taken(tenant: Tenant, user: User | None, address: str) -> bool:
    """Say whether another user gets mail there, also one who was deleted and can come back."""
    holders = [
        *tenant.users.with_mail_address(address),
        *tenant.deleted_users.with_mail_address(address),
    ]
    return any(holder is not user for holder in holders)


def _password(_tenant: Tenant, _user: User | None, profile: Mapping[str, Any]) -> dict[str, Any]:
    must_change = profile.get("forceChangePasswordNextSignIn", True) or profile.get(
        "forceChangePasswordNextSignInWithMfa", False
    )
    if "password" not in profile:
        return {"must_change_password": must_change}
    password: str = profile["password"]
    kinds = sum(bool(re.search(kind, password)) for kind in _KINDS_OF_CHARACTERS)
    if not 8 <= len(password) <= 256 or kinds < 3:
        raise bad_request(
            "The specified password does not comply with password complexity requirements. Please "
            "provide a different password."
        )
    return {
        "password": password,
        "must_change_password": must_change,
        "password_changed": timestamp(time.time()),
    }


def _phone(value: list[str]) -> str | None:
    if len(value) > 1:
        raise _invalid("businessPhones")
    phone = value[0] if value else None
    _check_text("businessPhones", phone, _LONGEST_PHONE)
    return phone


def _check_text(name: str, value: str | None, longest: int) -> None:
    if value is not None and not 1 <= len(value) <= longest:
        raise _invalid(name)


def _with(texts: Mapping[str, str], name: str, value: str | None) -> dict[str, str]:
    kept = {key: text for key, text in texts.items() if key != name}
    return kept if value is None else {**kept, name: value}


def _is_federated(tenant: Tenant, name: str) -> bool:
    domain = name.rpartition("@")[2].casefold()
    return any(
        one.authentication_type == "Federated"
        for one in tenant.domains
        if one.name.casefold() == domain
    )


def _invalid(name: str) -> GraphError:
    return bad_request(f"Invalid value specified for property '{name}' of resource 'User'.")


def _exists(name: str) -> GraphError:
    return bad_request(f"Another object with the same value for property {name} already exists.")


_FIELDS: Mapping[str, Callable[[Tenant, User | None, Any], dict[str, Any]]] = {
    "accountEnabled": _account_enabled,
    "displayName": _display_name,
    "mail": _mail,
    "mailNickname": _mail_nickname,
    "onPremisesImmutableId": _immutable_id,
    "otherMails": _other_mails,
    "passwordProfile": _password,
    "preferredLanguage": _preferred_language,
    "usageLocation": _usage_location,
    "userPrincipalName": _sign_in_name,
    "userType": _user_type,
}

OPERATIONS = [
    Operation("POST", "/users", _WRITE, _create),
    Operation("PATCH", "/users/{id}", _WRITE, _update),
]
