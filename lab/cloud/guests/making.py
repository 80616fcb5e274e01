# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes guests as they were ordered, and everything around them that makes them true."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from ..configuration import ForeignTenant
from ..conversion import ConversionError
from ..people import ACCEPTED, ISSUERS, PENDING, AccountKind, SignInMethod, User
from ..state import Cloud, DirectoryRole, Tenant, UnmanagedTenant, derived_id
from ..verification import verification_text
from .orders import GuestOrder

_CHANGED = "2023-03-14T09:26:53Z"
_CREATED = "2021-01-01T07:00:00Z"
_NEEDED: dict[SignInMethod, list[AccountKind]] = {
    "entra_managed": ["entra_managed"],
    "entra_viral": ["entra_viral"],
    "entra_unresolved": ["entra_managed"],
    "microsoft_account": ["microsoft_account"],
    "google": ["google"],
    "facebook": ["facebook"],
    "federated": ["federated"],
}


def add_guests(cloud: Cloud, tenant: Tenant, orders: Iterable[GuestOrder]) -> int:
    """Add the guests; return how many.

    Raises ConversionError for an order that cannot be true; those before it are made then.
    """
    making = _Making(cloud, tenant)
    return sum(making.add(order) for order in orders)


class _Making:
    """The making of many guests of one tenant."""

    def __init__(self, cloud: Cloud, tenant: Tenant) -> None:
        self._cloud = cloud
        self._tenant = tenant
        self._initial = next(domain.name for domain in tenant.domains if domain.is_initial)
        self._personal = set(cloud.personal_accounts)
        self._domains: dict[str, str | None] = {}

    def add(self, order: GuestOrder) -> int:
        local, _at, domain = order.address.rpartition("@")
        if not local or not domain:
            raise ConversionError(f"{order.address!r} is no address")
        user = self._user(order, local, domain.casefold())
        if self._tenant.users.place(user.id) is not None:
            raise ConversionError(f"{order.address} is a guest already or was one")
        role = None if order.role is None else self._role(order.role)
        self._make_true(order, user, domain.casefold())
        self._tenant.users.add(user)
        if role is not None:
            role.members.append(user.id)
        return 1

    def _user(self, order: GuestOrder, local: str, domain: str) -> User:
        is_internal = order.method == "internal"
        name = guest_name(order.address, self._initial)
        return User(
            id=derived_id(self._tenant.tenant_id, order.address),
            display_name=order.display_name or local,
            user_principal_name=f"{local}_{domain}@{self._initial}" if is_internal else name,
            mail=order.address if order.has_mail else None,
            created=_CREATED,
            user_type="Guest",
            creation_type=None if is_internal else "Invitation",
            account_enabled=order.account_enabled,
            other_mails=list(order.other_mails),
            preferred_language=order.language,
            external_user_state=None if is_internal else order.state or _state(order.method),
            state_changed=None if is_internal else order.changed or _CHANGED,
            issuer=self._issuer(order, domain),
            accounts=list(_NEEDED.get(order.method, []))
            if order.accounts is None
            else list(order.accounts),
            signs_in=order.method,
        )

    def _issuer(self, order: GuestOrder, domain: str) -> str | None:
        if order.issuer is not None or order.method in ("internal", "not_redeemed"):
            return order.issuer
        if order.method == "federated":
            return f"http://sts.{domain}/adfs/services/trust"
        if order.method == "unknown":
            if order.state is None:
                raise ConversionError(f"{order.address}: unknown needs an issuer or a state")
            return ISSUERS["entra_managed"]
        return ISSUERS[order.method]

    def _role(self, name: str) -> DirectoryRole:
        for role in self._tenant.directory_roles:
            if role.display_name == name:
                return role
        raise ConversionError(f"there is no role {name!r}")

    def _make_true(self, order: GuestOrder, user: User, domain: str) -> None:
        """Let the world be such that the guest owns these accounts."""
        if order.method == "entra_unresolved":
            self._own(domain, None)
        elif "entra_managed" in user.accounts:
            self._own(domain, "managed")
        elif "entra_viral" in user.accounts:
            self._own(domain, "viral")
        if "federated" in user.accounts and user.issuer is not None:
            self._tenant.policies.federated_partners.setdefault(domain, user.issuer)
        address = order.address.casefold()
        if "microsoft_account" in user.accounts and address not in self._personal:
            self._personal.add(address)
            self._cloud.personal_accounts.append(address)

    def _own(self, domain: str, wanted: str | None) -> None:
        """Let the domain be of a tenant of that kind, or of none; raises ConversionError."""
        if domain not in self._domains:
            owner = self._cloud.owner_of(domain)
            kind = None if owner is None else ("viral" if owner.is_viral else "managed")
            if owner is None and wanted is not None:
                self._register(domain, wanted)
                kind = wanted
            self._domains[domain] = kind
        if self._domains[domain] != wanted:
            raise ConversionError(
                f"{domain} is {self._domains[domain] or 'nobody'}'s, not {wanted or 'nobody'}'s"
            )

    def _register(self, domain: str, kind: str) -> None:
        tenant_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, domain))
        if kind == "managed":
            self._cloud.foreign[domain] = ForeignTenant(tenant_id, domain, [domain])
        else:
            self._cloud.unmanaged[domain] = UnmanagedTenant(
                tenant_id=tenant_id,
                display_name=domain,
                domains=[domain],
                users=[],
                administrator_text=verification_text(tenant_id, domain),
            )


def guest_name(address: str, initial_domain: str) -> str:
    """Return the user principal name that an invited guest gets."""
    return f"{address.replace('@', '_')}#EXT#@{initial_domain}"


def _state(method: SignInMethod) -> str:
    return PENDING if method == "not_redeemed" else ACCEPTED
