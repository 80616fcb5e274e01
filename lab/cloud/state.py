# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that is true in the cloud: one tree of dataclasses that converts to JSON and back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Literal

from .configuration import Configuration, EmailOtp, FederatedCredential, TenantConfiguration

MethodState = Literal["enabled", "disabled"]
TargetType = Literal["user", "group"]


@dataclass
class Application:
    """The application registration: how it signs in and what it may do.

    ``permissions`` are application permissions with admin consent, such as ``Domain.Read.All``.
    """

    client_id: str
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
class Domain:
    """A domain of a tenant."""

    name: str
    is_default: bool
    is_initial: bool
    is_verified: bool
    authentication_type: Literal["Managed", "Federated"] = "Managed"
    capabilities: list[str] = field(default_factory=lambda: ["Email", "OfficeCommunicationsOnline"])


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
    on_premises_sync_enabled: bool | None = None
    on_premises_last_sync: str | None = None


@dataclass
class Cloud:
    """The root. ``signing_key`` (PEM) signs access tokens; ``seed_digest`` tells which
    configuration the state grew from, so that another configuration starts anew."""

    seed_digest: str
    signing_key: str
    tenants: dict[str, Tenant]


def seed(configuration: Configuration, *, seed_digest: str, signing_key: str) -> Cloud:
    """Return the cloud as it is before anything has happened; the same for the same arguments."""
    return Cloud(
        seed_digest=seed_digest,
        signing_key=signing_key,
        tenants={name: _seed_tenant(tenant) for name, tenant in configuration.tenants.items()},
    )


def _seed_tenant(tenant: TenantConfiguration) -> Tenant:
    app = tenant.app
    return Tenant(
        tenant_id=tenant.tenant_id,
        display_name=tenant.display_name,
        country=tenant.country,
        created="2019-03-11T08:14:27Z",
        application=Application(
            client_id=app.client_id,
            client_secret=app.client_secret,
            certificate_pem=app.certificate_pem,
            permissions=list(app.permissions),
            federated_credentials=list(app.federated_credentials),
        ),
        domains=[
            Domain(name=tenant.initial_domain, is_default=True, is_initial=True, is_verified=True)
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
    )


def derived_id(tenant_id: str, label: str) -> str:
    """Return an object id that is the same in every lab with this tenant id."""
    return str(uuid.uuid5(uuid.UUID(tenant_id), label))
