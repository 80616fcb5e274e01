# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab tells the cloud at start: where to listen and which tenants there are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .accounts.orders import AccountsOrder
from .conversion import from_json
from .guests.orders import CrowdOrder, GuestOrder
from .partners import Partner
from .policies import Policies
from .sync.settings import DirectoryServer, DirectorySync

EmailOtp = Literal["default", "enabled", "disabled"]


@dataclass(frozen=True)
class DnsServer:
    """The name server that the cloud asks when a domain is to be verified."""

    address: str
    port: int


@dataclass(frozen=True)
class FederatedCredential:
    """A foreign issuer whose tokens sign the application in (workload identity federation).

    Entra fetches the issuer's keys from its OpenID discovery; here the key is given.
    """

    issuer: str
    subject: str
    audience: str
    public_key_pem: str


@dataclass(frozen=True)
class AppConfiguration:
    """The application registration that the collection signs in with."""

    client_id: str
    client_secret: str | None = None
    certificate_pem: str | None = None
    permissions: list[str] = field(default_factory=list)
    federated_credentials: list[FederatedCredential] = field(default_factory=list)


@dataclass(frozen=True)
class DomainConfiguration:
    """A domain beside the initial one; ``taken_over_from`` names an unmanaged tenant whose
    takeover is scheduled."""

    name: str
    is_verified: bool = False
    taken_over_from: str | None = None


@dataclass(frozen=True)
class UnmanagedConfiguration:
    """A viral tenant. ``users`` are the addresses with which people signed up."""

    tenant_id: str
    display_name: str
    domains: list[str]
    users: list[str]
    blocking_service_plans: list[str] = field(default_factory=list)
    takeover_seconds: float = 1


@dataclass(frozen=True)
class ForeignTenant:
    """A managed tenant of somebody else, of which only the domains are to be seen.

    ``authentication_url`` is where users of its domains sign in if those are federated.
    """

    tenant_id: str
    display_name: str
    domains: list[str]
    authentication_type: Literal["Managed", "Federated"] = "Managed"
    authentication_url: str | None = None


@dataclass(frozen=True)
class TenantConfiguration:
    """One tenant as it is before anything has happened to it."""

    tenant_id: str
    initial_domain: str
    display_name: str
    app: AppConfiguration
    email_otp: EmailOtp = "default"
    country: str = "SE"
    domains: list[DomainConfiguration] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    guests: list[GuestOrder] = field(default_factory=list)
    crowd: CrowdOrder | None = None
    accounts: AccountsOrder = field(default_factory=AccountsOrder)
    sync: DirectorySync = field(default_factory=DirectorySync)
    policies: Policies = field(default_factory=Policies)
    partner: Partner | None = None


@dataclass(frozen=True)
class Configuration:
    """The configuration file.

    ``hosts`` are the names in the certificate under which clients reach the cloud.
    ``access_token_lifetime`` is in seconds.
    """

    address: str
    port: int
    certificate: str
    private_key: str
    state_file: str
    control_key: str
    tenants: dict[str, TenantConfiguration]
    unmanaged: dict[str, UnmanagedConfiguration] = field(default_factory=dict)
    foreign: dict[str, ForeignTenant] = field(default_factory=dict)
    personal_accounts: list[str] = field(default_factory=list)
    dns: DnsServer | None = None
    directory: DirectoryServer | None = None
    hosts: list[str] = field(default_factory=lambda: ["localhost", "127.0.0.1"])
    access_token_lifetime: int = 3600

    @property
    def base_urls(self) -> list[str]:
        """Every URL that stands for this cloud, the preferred one first, without a last slash."""
        return [f"https://{host}:{self.port}" for host in self.hosts]


def load_configuration(path: Path) -> Configuration:
    """Read the file; raises OSError, ConversionError or json.JSONDecodeError."""
    return from_json(json.loads(path.read_text(encoding="utf-8")), Configuration)
