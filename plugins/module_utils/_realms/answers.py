# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the sign-in service's answers about a domain mean. Pure.

Source: Microsoft's documentation of self-service sign-up shows the answer of `common/userrealm`
with api-version 2.1; MSIdentityTools (a repository of Microsoft) reads `IsViral` and
`MicrosoftAccount` in it. There is no contract: a field that nothing depends on may be missing, and
whatever else is not known here is refused. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .._domain_names.names import domain_name
from .._errors import InvalidInput, NotUnderstood
from .model import Realm, RealmKind

_KINDS = {
    "Unknown": RealmKind.UNKNOWN,
    "Managed": RealmKind.MANAGED,
    "Federated": RealmKind.FEDERATED,
}

# The service's names of the clouds, and ours: the choices of entra_cloud.
_CLOUDS = {
    "microsoftonline.com": "global",
    "microsoftonline.us": "us_government",
    "chinacloudapi.cn": "china",
    "partner.microsoftonline.cn": "china",
}
_DEFENSE = "DOD"  # tenant_region_sub_scope; DODCON is GCC High, which is us_government

# MicrosoftAccount: whether a personal account has this name
_EXISTS, _DOES_NOT_EXIST, _NOT_LOOKED_UP = 0, 1, 2


@dataclass(frozen=True)
class Answer:
    """An answer's fields, and for messages who gave them about what."""

    server: str
    subject: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """A field that tells something, if it is there as text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value else None

    def told(self, *names: str) -> str:
        """Some fields as they are, for messages."""
        return ", ".join(f"{name}: {self.fields.get(name, 'missing')!r}" for name in names)

    def not_understood(self, problem: str, *names: str) -> NotUnderstood:
        """The error for an answer that nothing can be concluded from."""
        return NotUnderstood(
            problem,
            server=self.server,
            subject=self.subject,
            answer=self.told(*names),
            advice="Nothing is concluded from it. Run again; if it stays, look the domain up in the"
            " admin centre, and report this answer to the collection.",
        )


@dataclass(frozen=True)
class UserRealm:
    """What `common/userrealm` says about a domain: all but its tenant."""

    kind: RealmKind
    brand: str | None
    cloud_instance: str | None


def read_user_realm(domain: str, answer: Answer) -> UserRealm:
    """Whose the domain is. Raises `NotUnderstood`, also for an answer about another domain."""
    _check_domain(domain, answer)
    kind = _KINDS.get(answer.text("NameSpaceType") or "")
    if kind is None:
        raise answer.not_understood("The kind of the domain's realm is not known", "NameSpaceType")
    if _is_viral(answer):
        if kind is not RealmKind.MANAGED:
            raise answer.not_understood(
                "The answer contradicts itself: viral, but not managed", "NameSpaceType", "IsViral"
            )
        kind = RealmKind.VIRAL
    return UserRealm(kind, answer.text("FederationBrandName"), answer.text("cloud_instance_name"))


def read_tenant(domain: str, user_realm: UserRealm, discovery: Answer) -> Realm:
    """The realm with its tenant, from the tenant's OpenID discovery. Raises `NotUnderstood`."""
    instance = discovery.text("cloud_instance_name") or user_realm.cloud_instance
    return Realm(
        domain=domain,
        kind=user_realm.kind,
        tenant_id=_tenant_id(discovery),
        cloud=_cloud(instance, discovery.text("tenant_region_sub_scope")),
        brand=user_realm.brand,
    )


def read_personal_account(answer: Answer) -> bool:
    """Whether a personal account has exactly this address. Raises `NotUnderstood`."""
    told = _account_number(answer)
    is_told = answer.fields.get("IsMicrosoftAccountSet", True) is True
    if is_told and told in (_EXISTS, _DOES_NOT_EXIST):
        return told == _EXISTS
    raise answer.not_understood(
        "It is not told whether there is a personal account",
        "MicrosoftAccount",
        "IsMicrosoftAccountSet",
    )


def was_not_looked_up(answer: Answer) -> bool:
    """Whether personal accounts were not looked up for want of capacity, which will pass."""
    return _account_number(answer) == _NOT_LOOKED_UP


def _account_number(answer: Answer) -> int | None:
    told = answer.fields.get("MicrosoftAccount")
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _check_domain(domain: str, answer: Answer) -> None:
    """The answer for an unknown domain, and maybe others, has no name of it."""
    named = answer.fields.get("DomainName")
    if named is None:
        return
    try:
        is_same = isinstance(named, str) and domain_name(named) == domain
    except InvalidInput:
        is_same = False
    if not is_same:
        raise answer.not_understood("The answer is about another domain", "DomainName")


def _is_viral(answer: Answer) -> bool:
    viral = answer.fields.get("IsViral")
    if viral is not None and not isinstance(viral, bool):
        raise answer.not_understood("It is not told whether the tenant is unmanaged", "IsViral")
    return bool(viral)


def _tenant_id(discovery: Answer) -> str:
    """The first part of the issuer's path (OpenID Connect Discovery 1.0 section 3)."""
    path = urlsplit(discovery.text("issuer") or "").path
    try:
        return str(uuid.UUID(path.lstrip("/").split("/")[0]))
    except ValueError as error:
        raise discovery.not_understood("The domain's tenant is not told", "issuer") from error


def _cloud(instance: str | None, region: str | None) -> str | None:
    if instance is None:
        return None
    cloud = _CLOUDS.get(instance, instance)
    return "us_government_dod" if cloud == "us_government" and region == _DEFENSE else cloud
