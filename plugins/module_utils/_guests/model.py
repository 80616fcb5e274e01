# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests of a tenant, and how each of them signs in. Pure.

Source: Microsoft Graph, resource user (externalUserState, identities) and resource objectIdentity;
Microsoft Entra documentation, "Properties of a B2B collaboration user". Private to the collection:
it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from .._changes.model import JsonValue
from .._domain_names.names import domain_name
from .._errors import InvalidInput, NotUnderstood
from .._realms.model import RealmKind

# What Graph is asked for; everything else stays where it is.
FIELDS = (
    "id",
    "userPrincipalName",
    "mail",
    "otherMails",
    "displayName",
    "userType",
    "externalUserState",
    "externalUserStateChangeDateTime",
    "identities",
    "preferredLanguage",
    "accountEnabled",
    "createdDateTime",
)


class SignInMethod(StrEnum):
    """How a guest signs in now. The order is that of summaries."""

    ONE_TIME_PASSCODE = "one_time_passcode"
    """With a code that is mailed each time."""
    ENTRA_MANAGED = "entra_managed"
    """With a work account in a managed tenant, whose domain may be federated."""
    ENTRA_VIRAL = "entra_viral"
    """With a work account in an unmanaged tenant."""
    ENTRA_UNRESOLVED = "entra_unresolved"
    """With a work account, but whose tenant it is cannot be seen: the domain of the guest's address
    is verified in none, or there is no address."""
    MICROSOFT_ACCOUNT = "microsoft_account"
    """With a personal Microsoft account."""
    GOOGLE = "google"
    FACEBOOK = "facebook"
    FEDERATED = "federated"
    """At a server of the partner's own, by SAML or WS-Fed."""
    NOT_REDEEMED = "not_redeemed"
    """Not at all yet: the invitation is not redeemed, or the redemption was reset."""
    INTERNAL = "internal"
    """With an account of this tenant: only the user type is that of a guest."""
    UNKNOWN = "unknown"
    """In a way that this version does not know; the guest's `issuer` has Graph's words for it."""


class ExternalUserState(StrEnum):
    """The values of externalUserState that are documented."""

    ACCEPTED = "Accepted"
    PENDING_ACCEPTANCE = "PendingAcceptance"


# The issuer of a work account, in a managed tenant or an unmanaged one: Graph does not tell which.
ENTRA_ISSUER = "ExternalAzureAD"

ISSUERS = {
    "mail": SignInMethod.ONE_TIME_PASSCODE,
    "MicrosoftAccount": SignInMethod.MICROSOFT_ACCOUNT,
    "google.com": SignInMethod.GOOGLE,
    "facebook.com": SignInMethod.FACEBOOK,
}
"""The issuers that say by themselves how a guest signs in."""

_BY_REALM = {
    RealmKind.MANAGED: SignInMethod.ENTRA_MANAGED,
    RealmKind.FEDERATED: SignInMethod.ENTRA_MANAGED,
    RealmKind.VIRAL: SignInMethod.ENTRA_VIRAL,
    RealmKind.UNKNOWN: SignInMethod.ENTRA_UNRESOLVED,
}

# The name that every user has in the tenant itself. Only an internal guest signs in with it.
_NAME_IN_TENANT = "userPrincipalName"
# The issuer of a federation is the entity id of a server, which is a URI (SAML 2.0 core 8.3.6).
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LONGEST_TOLD = 600
# In the name of a guest the @ of the address has become an underscore, which no domain contains.
_GUEST_NAME = re.compile(r"(?P<local>.+)_(?P<domain>[^_@]+)#EXT#@", re.IGNORECASE)


@dataclass(frozen=True)
class ReadGuest:
    """A guest as Graph tells it; times are ISO 8601 in UTC. A member can come from outside too.

    `issuers` are those of the identities other than the name in this tenant itself, in Graph's
    order. `address` is `mail`, or else the first of `other_mails`.
    """

    id: str
    user_principal_name: str
    mail: str | None
    other_mails: tuple[str, ...]
    display_name: str | None
    user_type: str | None
    state: str | None
    state_changed: str | None
    issuers: tuple[str, ...]
    preferred_language: str | None
    account_enabled: bool | None
    created: str | None

    @classmethod
    def from_json(cls, entry: Any) -> ReadGuest:
        """A guest from Graph's answer. Raises `NotUnderstood` for one that is not as documented."""
        if not isinstance(entry, Mapping):
            raise _not_a_guest(entry)
        enabled = entry.get("accountEnabled")
        if not isinstance(enabled, bool | None):
            raise _not_a_guest(entry)
        return cls(
            id=_required_text(entry, "id"),
            user_principal_name=_required_text(entry, "userPrincipalName"),
            mail=_text(entry, "mail"),
            other_mails=_other_mails(entry),
            display_name=_text(entry, "displayName"),
            user_type=_text(entry, "userType"),
            state=_text(entry, "externalUserState"),
            state_changed=_text(entry, "externalUserStateChangeDateTime"),
            issuers=_issuers(entry),
            preferred_language=_text(entry, "preferredLanguage"),
            account_enabled=enabled,
            created=_text(entry, "createdDateTime"),
        )

    @property
    def address(self) -> str | None:
        """The address that the guest can be invited by, null if there is none."""
        return self.mail or next(iter(self.other_mails), None)

    @cached_property
    def domain(self) -> str | None:
        """The domain of the address, or else of the one that the guest's name was made of.

        In the form of `domain_name`; null if there is none that mail can have.
        """
        if self.address is not None:
            return _domain(self.address.rpartition("@")[2])
        named = _GUEST_NAME.match(self.user_principal_name)
        return None if named is None else _domain(named["domain"])

    @property
    def needs_realm(self) -> bool:
        """Whether only the realm of the domain can tell how the guest signs in."""
        return self.state == ExternalUserState.ACCEPTED and set(self.issuers) == {ENTRA_ISSUER}

    def classified(self, realm: RealmKind | None) -> Guest:
        """The guest and how it signs in.

        `realm` is that of the guest's domain, null where there is none or it could not be found
        out; it counts for work accounts only.
        """
        return Guest(
            id=self.id,
            address=self.address,
            user_principal_name=self.user_principal_name,
            display_name=self.display_name,
            domain=self.domain,
            state=self.state,
            state_changed=self.state_changed,
            method=sign_in_method(self, realm),
            issuer=", ".join(dict.fromkeys(self.issuers)) or None,
            preferred_language=self.preferred_language,
            account_enabled=self.account_enabled,
            created=self.created,
            other_mails=self.other_mails,
        )


@dataclass(frozen=True)
class Guest:
    """A guest, and how it signs in now.

    `state`, `state_changed` and `issuer` are Graph's own texts; several issuers are joined by
    commas. `domain` is in the form of `domain_name`. `address` may be one of `other_mails`.
    """

    id: str
    address: str | None
    user_principal_name: str
    display_name: str | None
    domain: str | None
    state: str | None
    state_changed: str | None
    method: SignInMethod
    issuer: str | None
    preferred_language: str | None
    account_enabled: bool | None
    created: str | None
    other_mails: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The guest for people: the address, or the name in the tenant where there is none."""
        return self.address or self.user_principal_name

    @property
    def tenant_domain(self) -> str | None:
        """The tenant's initial domain, which the names of its guests end in; null if not told."""
        _name, mark, domain = self.user_principal_name.partition("#EXT#@")
        return domain.lower() if mark and domain else None

    def to_json(self) -> dict[str, JsonValue]:
        """The guest as a task returns it."""
        return {
            "id": self.id,
            "address": self.address,
            "other_mails": list(self.other_mails),
            "user_principal_name": self.user_principal_name,
            "display_name": self.display_name,
            "domain": self.domain,
            "state": self.state,
            "state_changed": self.state_changed,
            "method": self.method.value,
            "issuer": self.issuer,
            "preferred_language": self.preferred_language,
            "account_enabled": self.account_enabled,
            "created": self.created,
        }


def sign_in_method(guest: ReadGuest, realm: RealmKind | None) -> SignInMethod:
    """How a guest signs in; see `ReadGuest.classified`.

    What does not fit together is `UNKNOWN`: never the next best method.
    """
    if guest.state == ExternalUserState.PENDING_ACCEPTANCE:
        # After a reset the identity of before may still be told; it is of no use any more.
        return SignInMethod.NOT_REDEEMED
    issuers = set(guest.issuers)
    if guest.state is None and not issuers:
        return SignInMethod.INTERNAL
    if guest.state != ExternalUserState.ACCEPTED or len(issuers) != 1:
        return SignInMethod.UNKNOWN
    issuer = guest.issuers[0]
    if issuer == ENTRA_ISSUER:
        return SignInMethod.ENTRA_UNRESOLVED if realm is None else _BY_REALM[realm]
    if issuer in ISSUERS:
        return ISSUERS[issuer]
    return SignInMethod.FEDERATED if _URI.fullmatch(issuer) else SignInMethod.UNKNOWN


def _issuers(entry: Mapping[str, Any]) -> tuple[str, ...]:
    identities = entry.get("identities") or []
    if not isinstance(identities, list):
        raise _not_a_guest(entry)
    issuers = []
    for identity in identities:
        if not isinstance(identity, Mapping) or not isinstance(identity.get("issuer"), str):
            raise _not_a_guest(entry)
        if identity.get("signInType") != _NAME_IN_TENANT:
            issuers.append(identity["issuer"])
    return tuple(issuers)


def _other_mails(entry: Mapping[str, Any]) -> tuple[str, ...]:
    others = entry.get("otherMails") or []
    if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
        raise _not_a_guest(entry)
    return tuple(others)


def _required_text(entry: Mapping[str, Any], name: str) -> str:
    text = _text(entry, name)
    if not text:
        raise _not_a_guest(entry)
    return text


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if not isinstance(value, str | None):
        raise _not_a_guest(entry)
    return value


def _domain(text: str) -> str | None:
    try:
        return domain_name(text)
    except InvalidInput:
        return None


def _not_a_guest(entry: Any) -> NotUnderstood:
    told = (
        {name: entry.get(name, "missing") for name in FIELDS}
        if isinstance(entry, Mapping)
        else entry
    )
    return NotUnderstood(
        "An entry of the list is not a guest as Graph documents it",
        subject="guests",
        answer=f"{told!r}"[:_LONGEST_TOLD],
        advice="Nothing is concluded from it. Run again; if it stays, report this answer to the"
        " collection.",
    )
