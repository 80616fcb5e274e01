# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is true in the cloud: one tree of dataclasses that converts to JSON and back."""

from __future__ import annotations

import copy
import functools
import uuid
from dataclasses import dataclass, field
from typing import Literal

from .configuration import (
    Configuration,
    EmailOtp,
    FederatedCredential,
    ForeignTenant,
    TenantConfiguration,
    UnmanagedConfiguration,
)
from .partners import Partner
from .people import User, Users
from .policies import Policies
from .roles import BUILT_IN
from .subscriptions import Group, Sku
from .sync.settings import DirectorySync
from .verification import verification_text

MethodState = Literal["enabled", "disabled"]
TargetType = Literal["user", "group"]
AuthenticationType = Literal["Managed", "Federated"]

# How many of the built-in roles, the first ones, every tenant has activated.
_ACTIVATED = 3


@dataclass
class Application:
    """The application registration: how it signs in and what it may do.

    ``permissions`` are application permissions with admin consent, such as ``Domain.Read.All``.
    ``object_id`` is that of its service principal, which can be a member of directory roles.
    """

    client_id: str
    object_id: str
    client_secret: str | None
    certificate_pem: str | None
    permissions: list[str]
    federated_credentials: list[FederatedCredential]


@dataclass
class IncludeTarget:
    """Members who may use an authentication method; ``all_users`` is a target too."""

    id: str
    target_type: TargetType
    is_registration_required: bool


@dataclass
class ExcludeTarget:
    """Members who may not use an authentication method."""

    id: str
    target_type: TargetType


@dataclass
class EmailMethod:
    """The email authentication method: ``allow_external_id_to_use_email_otp`` is about guests,
    everything else about members."""

    allow_external_id_to_use_email_otp: EmailOtp
    state: MethodState
    include_targets: list[IncludeTarget]
    exclude_targets: list[ExcludeTarget]


@dataclass
class Takeover:
    """An external takeover under way; ``started`` in seconds since 1970.

    Without ``started`` it waits for the first request of its tenant, so that the lab's start state
    does not age. How long it takes, the unmanaged tenant says.
    """

    unmanaged: str
    started: float | None = None
    failed: bool = False


@dataclass
class ForcedDeletion:
    """A deletion although objects refer to the domain; ``started`` as in Takeover."""

    started: float
    disable_user_accounts: bool


@dataclass
class Domain:
    """A domain of a tenant, with what runs on it, if anything."""

    name: str
    is_default: bool
    is_initial: bool
    is_verified: bool
    authentication_type: AuthenticationType = "Managed"
    capabilities: list[str] = field(default_factory=lambda: ["Email", "OfficeCommunicationsOnline"])
    takeover: Takeover | None = None
    forced_deletion: ForcedDeletion | None = None


@dataclass
class DirectoryRole:
    """An administrator's role that is activated in the tenant; ``members`` are ids of users, and
    of the application's service principal."""

    id: str
    role_template_id: str
    display_name: str
    description: str
    members: list[str] = field(default_factory=list)


@dataclass
class Tenant:
    """One Entra tenant."""

    tenant_id: str
    display_name: str
    country: str
    created: str
    application: Application
    domains: list[Domain]
    email_method: EmailMethod
    technical_mails: list[str] = field(default_factory=list)
    users: Users = field(default_factory=Users)
    deleted_users: Users = field(default_factory=Users)
    directory_roles: list[DirectoryRole] = field(default_factory=list)
    forced_deletion_seconds: float | None = 0
    on_premises_sync_enabled: bool | None = None
    on_premises_last_sync: str | None = None
    sync: DirectorySync = field(default_factory=DirectorySync)
    policies: Policies = field(default_factory=Policies)
    skus: list[Sku] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    partner: Partner | None = None

    def is_verified_domain(self, name: str) -> bool:
        """Whether users can be named after this domain (any case)."""
        wanted = name.casefold()
        return any(one.is_verified and one.name.casefold() == wanted for one in self.domains)

    def sku(self, sku_id: str) -> Sku | None:
        """Return the SKU with this id (any case), if the tenant has it."""
        wanted = sku_id.casefold()
        return next((one for one in self.skus if one.id == wanted), None)


@dataclass
class UnmanagedTenant:
    """A viral tenant: people signed up with their mail addresses, nobody administers it.

    ``blocking_service_plans`` hinder an external takeover. ``plain_verify_schedules``: a verify
    without forceTakeover starts one as well. ``takeover_seconds`` is how long one takes (null:
    until this is set), ``takeover_fails`` how it ends. ``takeover_operation`` is what the domain's
    state calls it meanwhile: the documents know Verification, too.
    ``administrator_text`` is the TXT value that the admin centre shows to the person who wants to
    become administrator here; ``is_managed`` once that was proven (internal takeover).
    """

    tenant_id: str
    display_name: str
    domains: list[str]
    users: list[User]
    administrator_text: str
    blocking_service_plans: list[str] = field(default_factory=list)
    plain_verify_schedules: bool = False
    takeover_seconds: float | None = 0
    takeover_fails: bool = False
    takeover_operation: str = "EmailVerifiedDomainTakeover"
    is_managed: bool = False


@dataclass(frozen=True)
class DomainOwner:
    """The tenant in which a domain is verified, whoever runs it, as realm discovery shows it.

    ``authentication_url`` is where the users of a federated domain sign in.
    """

    tenant_id: str
    display_name: str
    authentication_type: AuthenticationType
    is_viral: bool
    authentication_url: str | None = None


@dataclass
class Cloud:
    """The root. ``signing_key`` (PEM) signs access tokens; ``seed_digest`` tells which
    configuration the state grew from, so that another configuration starts anew.

    ``unmanaged`` and ``foreign`` tenants are by names of the lab too. ``personal_accounts`` are
    the mail addresses (lower case) with a personal Microsoft account.
    """

    seed_digest: str
    signing_key: str
    tenants: dict[str, Tenant]
    unmanaged: dict[str, UnmanagedTenant]
    foreign: dict[str, ForeignTenant]
    personal_accounts: list[str]

    def owner_of(self, domain: str) -> DomainOwner | None:
        """Return whose domain this is (any case), or None if it is nobody's."""
        wanted = domain.casefold()
        for tenant in self.tenants.values():
            for entry in tenant.domains:
                if entry.is_verified and entry.name.casefold() == wanted:
                    return DomainOwner(
                        tenant.tenant_id,
                        tenant.display_name,
                        entry.authentication_type,
                        is_viral=False,
                    )
        for unmanaged in self.unmanaged.values():
            if wanted in unmanaged.domains:
                return DomainOwner(
                    unmanaged.tenant_id,
                    unmanaged.display_name,
                    "Managed",
                    is_viral=not unmanaged.is_managed,
                )
        for foreign in self.foreign.values():
            if wanted in foreign.domains:
                return DomainOwner(
                    foreign.tenant_id,
                    foreign.display_name,
                    foreign.authentication_type,
                    is_viral=False,
                    authentication_url=foreign.authentication_url,
                )
        return None


def seed(configuration: Configuration, *, seed_digest: str, signing_key: str) -> Cloud:
    """Return the cloud as it is before anything has happened; the same for the same arguments."""
    return Cloud(
        seed_digest=seed_digest,
        signing_key=signing_key,
        tenants={name: seed_tenant(tenant) for name, tenant in configuration.tenants.items()},
        unmanaged={
            name: _seed_unmanaged(tenant) for name, tenant in configuration.unmanaged.items()
        },
        foreign=copy.deepcopy(configuration.foreign),
        personal_accounts=list(configuration.personal_accounts),
    )


def seed_tenant(tenant: TenantConfiguration) -> Tenant:
    """Return a tenant as it is before anything has happened, but for its guests and accounts."""
    app = tenant.app
    return Tenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        country=tenant.country,
        created="2019-03-11T08:14:27Z",
        application=Application(
            client_id=app.client_id,
            object_id=derived_id(tenant.tenant_id, f"service principal {app.client_id}"),
            client_secret=app.client_secret,
            certificate_pem=app.certificate_pem,
            permissions=list(app.permissions),
            federated_credentials=copy.deepcopy(app.federated_credentials),
        ),
        domains=[
            Domain(name=tenant.initial_domain, is_default=True, is_initial=True, is_verified=True),
            *(
                Domain(
                    name=domain.name,
                    is_default=False,
                    is_initial=False,
                    is_verified=domain.is_verified,
                    takeover=Takeover(domain.taken_over_from) if domain.taken_over_from else None,
                )
                for domain in tenant.domains
            ),
        ],
        email_method=EmailMethod(
            allow_external_id_to_use_email_otp=tenant.email_otp,
            state="enabled",
            include_targets=[
                IncludeTarget(id="all_users", target_type="group", is_registration_required=False)
            ],
            # A group that nobody may lose by accident: writers have to leave the targets alone.
            exclude_targets=[
                ExcludeTarget(id=derived_id(tenant.tenant_id, "break-glass"), target_type="group")
            ],
        ),
        technical_mails=[f"it@{tenant.initial_domain}"],
        on_premises_sync_enabled=True if tenant.sync.search_bases else None,
        sync=copy.deepcopy(tenant.sync),
        policies=copy.deepcopy(tenant.policies),
        partner=copy.deepcopy(tenant.partner),
        users=Users(
            _seed_user(tenant.tenant_id, address, creation_type=None) for address in tenant.users
        ),
        directory_roles=[
            DirectoryRole(
                id=derived_id(tenant.tenant_id, role.id),
                role_template_id=role.id,
                display_name=role.display_name,
                description=role.description,
            )
            for role in BUILT_IN[:_ACTIVATED]
        ],
    )


def _seed_unmanaged(tenant: UnmanagedConfiguration) -> UnmanagedTenant:
    return UnmanagedTenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        domains=list(tenant.domains),
        users=[
            _seed_user(tenant.tenant_id, address, creation_type="EmailVerified")
            for address in tenant.users
        ],
        administrator_text=verification_text(tenant.tenant_id, tenant.domains[0]),
        blocking_service_plans=list(tenant.blocking_service_plans),
        takeover_seconds=tenant.takeover_seconds,
    )


def _seed_user(tenant_id: str, address: str, *, creation_type: str | None) -> User:
    local = address.partition("@")[0]
    return User(
        id=derived_id(tenant_id, address),
        display_name=" ".join(part.capitalize() for part in local.split(".")),
        user_principal_name=address,
        mail=address,
        created="2021-05-04T09:31:08Z",
        creation_type=creation_type,
    )


def derived_id(tenant_id: str, label: str) -> str:
    """Return an object id that is the same in every lab with this tenant id."""
    return str(uuid.uuid5(_namespace(tenant_id), label))


@functools.cache
def _namespace(tenant_id: str) -> uuid.UUID:
    return uuid.UUID(tenant_id)
