# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users of a tenant, as far as a migration asks about them. Pure.

Source: Microsoft Graph, resource user. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .._changes.model import JsonValue
from .._errors import NotUnderstood
from .._licenses.model import AssignedLicense, Skus, assigned_licenses

GAL_FIELDS = (
    "givenName",
    "surname",
    "displayName",
    "jobTitle",
    "department",
    "officeLocation",
    "businessPhones",
    "mobilePhone",
    "faxNumber",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
)
"""What the global address list shows of a person: Microsoft's guide to preparing a directory for
synchronisation asks for all of these. `businessPhones` is a list with one number at most."""

IDENTITY_FIELDS = ("id", "userPrincipalName", "mail", "displayName", "accountEnabled")
LICENSE_FIELDS = ("usageLocation", "licenseAssignmentStates")
SYNC_FIELDS = (
    "onPremisesSyncEnabled",
    "onPremisesImmutableId",
    "proxyAddresses",
    "mailNickname",
)
FIELDS = tuple(
    dict.fromkeys(
        (
            *IDENTITY_FIELDS,
            "createdDateTime",
            "creationType",
            "userType",
            "otherMails",
            "identities",
            *SYNC_FIELDS,
            *LICENSE_FIELDS,
            *GAL_FIELDS,
        )
    )
)
"""All that Graph can be asked for here; everything else stays where it is."""

_TEXTS = {
    "mail": "mail",
    "displayName": "display_name",
    "createdDateTime": "created",
    "creationType": "creation_type",
    "userType": "user_type",
    "usageLocation": "usage_location",
    "department": "department",
    "onPremisesImmutableId": "on_premises_immutable_id",
    "mailNickname": "mail_nickname",
}
_FLAGS = {
    "accountEnabled": "account_enabled",
    "onPremisesSyncEnabled": "on_premises_sync_enabled",
}
_LISTS = {"proxyAddresses": "proxy_addresses", "otherMails": "other_mails"}
_PRIMARY = "SMTP:"


class CreationType(StrEnum):
    """How a user came to be; null, which is none of these, for one that an administrator made."""

    EMAIL_VERIFIED = "EmailVerified"
    """Signed up alone with a mail address: the users of an unmanaged tenant."""
    INVITATION = "Invitation"
    LOCAL_ACCOUNT = "LocalAccount"
    SELF_SERVICE_SIGN_UP = "SelfServiceSignUp"


@dataclass(frozen=True, slots=True)
class Identity:
    """One way in which a user can sign in, in Graph's own words."""

    sign_in_type: str | None
    issuer: str | None
    issuer_assigned_id: str | None

    @classmethod
    def from_json(cls, entry: Any) -> Identity:
        """From an objectIdentity. Raises `NotUnderstood` for one that is not as documented."""
        if not isinstance(entry, Mapping):
            raise _not_a_user(entry)
        texts = [entry.get(name) for name in ("signInType", "issuer", "issuerAssignedId")]
        if not all(isinstance(text, str | None) for text in texts):
            raise _not_a_user(entry)
        return cls(*texts)

    def to_json(self) -> dict[str, JsonValue]:
        """The identity as a task returns it."""
        return {
            "sign_in_type": self.sign_in_type,
            "issuer": self.issuer,
            "issuer_assigned_id": self.issuer_assigned_id,
        }


@dataclass(frozen=True, slots=True)
class User:
    """A user; `created` is a time as Graph writes it (ISO 8601, UTC).

    `on_premises_sync_enabled` is true for one that is synchronised from a directory, false for one
    that was, and null for one that never was. `gal` has the fields of `GAL_FIELDS`, by Graph's
    names. `assigned` are the licences, direct and through groups. What was not asked for is null or
    empty: `from_json` is told what was.
    """

    id: str
    user_principal_name: str
    mail: str | None = None
    display_name: str | None = None
    account_enabled: bool | None = None
    created: str | None = None
    creation_type: str | None = None
    user_type: str | None = None
    usage_location: str | None = None
    department: str | None = None
    on_premises_sync_enabled: bool | None = None
    on_premises_immutable_id: str | None = None
    mail_nickname: str | None = None
    proxy_addresses: tuple[str, ...] = ()
    other_mails: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    gal: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    assigned: tuple[AssignedLicense, ...] = ()

    @classmethod
    def from_json(cls, entry: Any, fields: Collection[str] = FIELDS) -> User:
        """A user from Graph's answer to a question for these fields, which must all be in it.

        Raises `NotUnderstood` for one that is not as documented, which names the user.
        """
        try:
            return cls._from_json(entry, fields)
        except NotUnderstood as error:
            error.subject = _called(entry)
            raise

    @classmethod
    def _from_json(cls, entry: Any, fields: Collection[str]) -> User:
        if not isinstance(entry, Mapping):
            raise _not_a_user(entry)
        missing = [name for name in fields if name not in entry]
        if missing:
            raise _not_a_user(entry, f"without {', '.join(missing)}")
        identity, name = entry.get("id"), entry.get("userPrincipalName")
        if not isinstance(identity, str) or not isinstance(name, str):
            raise _not_a_user(entry)
        told: dict[str, Any] = {}
        for graph_name, attribute in _TEXTS.items():
            told[attribute] = _text(entry, graph_name)
        for graph_name, attribute in _FLAGS.items():
            told[attribute] = _flag(entry, graph_name)
        for graph_name, attribute in _LISTS.items():
            told[attribute] = _texts(entry, graph_name)
        if "licenseAssignmentStates" in fields:
            told["assigned"] = assigned_licenses(entry["licenseAssignmentStates"])
        if "identities" in fields:
            told["identities"] = _identities(entry)
        told["gal"] = {field: _gal_text(entry, field) for field in GAL_FIELDS if field in fields}
        return cls(id=identity, user_principal_name=name, **told)

    @property
    def is_synced(self) -> bool:
        """Whether the user is changed in a directory on-premises, and not in the cloud."""
        return self.on_premises_sync_enabled is True

    @property
    def domain(self) -> str:
        """The domain of the sign-in name, in lower case."""
        return self.user_principal_name.rpartition("@")[2].lower()

    @property
    def primary_address(self) -> str | None:
        """The primary mail address: the one marked so, else `mail`."""
        for address in self.proxy_addresses:
            if address.startswith(_PRIMARY):
                return address.removeprefix(_PRIMARY)
        return self.mail

    def to_json(self, skus: Skus | None = None) -> dict[str, JsonValue]:
        """The user as a task returns it; licences have names as far as `skus` knows them."""
        return {
            "id": self.id,
            "user_principal_name": self.user_principal_name,
            "mail": self.mail,
            "display_name": self.display_name,
            "account_enabled": self.account_enabled,
            "created": self.created,
            "creation_type": self.creation_type,
            "user_type": self.user_type,
            "usage_location": self.usage_location,
            "department": self.department,
            "on_premises_sync_enabled": self.on_premises_sync_enabled,
            "on_premises_immutable_id": self.on_premises_immutable_id,
            "mail_nickname": self.mail_nickname,
            "proxy_addresses": list(self.proxy_addresses),
            "other_mails": list(self.other_mails),
            "identities": [identity.to_json() for identity in self.identities],
            "gal": dict(self.gal),
            "licenses": [each.to_json(skus) for each in self.assigned],
        }

    def is_of(self, domains: Collection[str]) -> bool:
        """Whether the sign-in name or the mail address is in one of these domains (lower case)."""
        names = (self.user_principal_name, self.mail or "")
        return any(name.rpartition("@")[2].lower() in domains for name in names)


def _identities(entry: Mapping[str, Any]) -> tuple[Identity, ...]:
    listed = entry["identities"]
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise _not_a_user(entry)
    return tuple(map(Identity.from_json, listed))


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    text = entry.get(name)
    if not isinstance(text, str | None):
        raise _not_a_user(entry, f"{name}: {text!r}")
    return text


def _flag(entry: Mapping[str, Any], name: str) -> bool | None:
    flag = entry.get(name)
    if not isinstance(flag, bool | None):
        raise _not_a_user(entry, f"{name}: {flag!r}")
    return flag


def _texts(entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
    texts = entry.get(name)
    if texts is None:
        return ()
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _not_a_user(entry, f"{name}: {texts!r}")
    return tuple(texts)


def _gal_text(entry: Mapping[str, Any], name: str) -> str | None:
    if name == "businessPhones":
        return "; ".join(_texts(entry, name)) or None
    return _text(entry, name)


def _called(entry: Any) -> str:
    """What a user is to be looked for by, who is not as documented."""
    told = entry if isinstance(entry, Mapping) else {}
    return str(told.get("userPrincipalName") or told.get("id") or "users")


def _not_a_user(entry: Any, answer: str = "") -> NotUnderstood:
    told = sorted(entry) if isinstance(entry, Mapping) else type(entry).__name__
    return NotUnderstood(
        "An entry of the list is not a user as Graph documents it",
        subject="users",
        answer=(answer or f"{told}")[:300],
    )
