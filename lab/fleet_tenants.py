# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hundreds of further tenants of one kind, made while the lab runs, until the next reset.

Each has a tenant of its own in the cloud with an app and a secret of its own, and a domain below a
zone that the lab has already, so that no server has to be started anew. The playbook migrate makes
three changes in each: a UPN suffix, a TXT record, and the passcode of guests.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import cloud_server, tenants
from .credentials import Credentials, draw_client_secret
from .errors import LabError
from .files import make_private_folder, write_private
from .nameservers import names
from .parts import Lab
from .settings import Settings

GROUP = "fleet"
PERMISSIONS = ("Policy.ReadWrite.AuthenticationMethod",)
MOST = 9999

# They have no zone of their own, and change records with its key.
ZONE = tenants.DEMO[2].domain
_NAMESPACE = uuid.UUID("0c7f1a52-6f0e-4a63-9c8e-3b1f0d9a5f00")


@dataclass(frozen=True)
class FleetTenant:
    """One of them, by its number from one on."""

    number: int

    @property
    def name(self) -> str:
        return f"fleet{self.number:04}"

    @property
    def domain(self) -> str:
        return f"{self.name}.{ZONE}"

    @property
    def verification(self) -> str:
        return f"MS=ms4100{self.number:04}"

    @property
    def tenant_id(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"tenant {self.name}"))

    @property
    def client_id(self) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"client {self.name}"))


@dataclass(frozen=True)
class MadeFleet:
    """The tenants that were made, and the inventory that holds their variables and secrets."""

    tenants: Sequence[FleetTenant]
    inventory: Path


def up(lab: Lab, count: int) -> MadeFleet:
    """Make so many tenants in the running cloud, and write their inventory.

    Those that are there already begin anew in the cloud, with other secrets; what was done in the
    directory and in DNS stays, until the lab is reset.

    :raises LabError: when the number cannot be, or the cloud does not run.
    """
    if not 0 < count <= MOST:
        raise LabError(f"A fleet has from 1 to {MOST} tenants, not {count}.")
    made = [FleetTenant(number) for number in range(1, count + 1)]
    secrets = {tenant.name: draw_client_secret() for tenant in made}
    order = {tenant.name: _in_cloud(tenant, secrets[tenant.name]) for tenant in made}
    cloud_server.control(lab.settings, lab.credentials, "POST", "/tenants", order)
    folder = lab.settings.fleet_folder
    make_private_folder(folder)
    for tenant in made:
        people = f"address,name,role\ninfo@{tenant.domain},Info,User\n"
        _people_file(tenant, lab.settings).write_text(people, encoding="utf-8")
    hosts = {tenant.name: _variables(tenant, secrets[tenant.name], lab.settings) for tenant in made}
    group = {"hosts": hosts, "vars": _shared(lab.settings, lab.credentials)}
    inventory = {"tenants": {"children": {GROUP: group}}}
    # JSON is YAML too, and read much faster.
    path = folder / "inventory.json"
    write_private(path, json.dumps(inventory, indent=1))
    return MadeFleet(made, path)


def _in_cloud(tenant: FleetTenant, secret: str) -> Mapping[str, Any]:
    return {
        "tenant_id": tenant.tenant_id,
        "initial_domain": f"{tenant.name}.onmicrosoft.com",
        "display_name": f"Fleet {tenant.number}",
        "email_otp": "disabled",
        "app": {
            "client_id": tenant.client_id,
            "client_secret": secret,
            "permissions": list(PERMISSIONS),
        },
    }


def _variables(tenant: FleetTenant, secret: str, settings: Settings) -> dict[str, Any]:
    return {
        "tenant_upn_suffixes": [tenant.domain],
        "tenant_txt_records": [{"name": tenant.domain, "values": [tenant.verification]}],
        "tenant_email_otp": "enabled",
        "tenant_entra_tenant_id": tenant.tenant_id,
        "tenant_entra_client_id": tenant.client_id,
        "tenant_entra_client_secret": secret,
        "tenant_domain_list": str(_people_file(tenant, settings)),
    }


def _shared(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    """What all of them have alike, because they are in one lab."""
    directory, primary = settings.directory, settings.primary
    key_name = names.KEY_NAMES[ZONE]
    cloud_url = f"https://localhost:{settings.cloud.port}"
    return {
        "ansible_connection": "local",
        "tenant_ad_servers": [directory.address],
        "tenant_ad_server_name": directory.host_name,
        "tenant_ad_username": f"{directory.service_account}@{directory.domain}",
        "tenant_ad_password": credentials.service_account_password,
        "tenant_ad_ca_path": str(settings.ca_file),
        "tenant_dns_server": primary.address,
        "tenant_dns_port": primary.port,
        "tenant_dns_resolvers": [f"{primary.address}:{primary.port}"],
        "tenant_dns_key_name": key_name,
        "tenant_dns_key_secret": credentials.tsig_secrets[key_name],
        "tenant_dns_key_algorithm": names.TSIG_ALGORITHM,
        "tenant_entra_graph_url": cloud_url,
        "tenant_entra_authority": cloud_url,
        "tenant_entra_ca_path": str(settings.ca_file),
    }


def _people_file(tenant: FleetTenant, settings: Settings) -> Path:
    return settings.fleet_folder / f"{tenant.name}.csv"
