# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the Ansible inventory: one host is one tenant."""

from __future__ import annotations

from typing import Any

from . import tenants
from .credentials import Credentials
from .files import write_private
from .nameservers import names
from .settings import Settings


def write(settings: Settings, credentials: Credentials) -> None:
    """Write the inventory of the demo and of the tenants that are to fail."""
    demo = {
        tenant.name: _variables(tenant, settings, credentials) | _directory(tenant, settings)
        for tenant in tenants.DEMO
    }
    wrong = tenants.WRONG_CREDENTIALS
    down = tenants.SERVERS_DOWN
    broken = {
        wrong.name: _variables(wrong, settings, credentials)
        | {
            "tenant_ad_password": credentials.wrong["password"],
            "tenant_dns_key_secret": credentials.wrong["tsig_secret"],
            "tenant_entra_client_secret": credentials.wrong["client_secret"],
        },
        down.name: _variables(down, settings, credentials)
        | {
            "tenant_ad_servers": [settings.nobody],
            "tenant_dns_server": settings.nobody,
            "tenant_entra_graph_url": f"https://{settings.nobody}",
            "tenant_entra_authority": f"https://{settings.nobody}",
        },
    }
    inventory = {
        "tenants": {"hosts": demo, "vars": {"ansible_connection": "local"}},
        "broken_tenants": {"hosts": broken, "vars": {"ansible_connection": "local"}},
    }
    # Here, because most commands write no inventory and should not wait for the import.
    import yaml

    text = yaml.safe_dump(inventory, allow_unicode=True, sort_keys=False)
    write_private(
        settings.inventory_file, f"# Written by the rehearsal lab; holds passwords.\n---\n{text}"
    )


def _variables(
    tenant: tenants.Tenant, settings: Settings, credentials: Credentials
) -> dict[str, Any]:
    directory = settings.directory
    cloud_url = f"https://localhost:{settings.cloud.port}"
    # A tenant without a zone of its own still names a key.
    key_name = names.KEY_NAMES.get(tenant.domain, names.KEY_NAMES[tenants.DEMO[0].domain])
    return {
        "tenant_ad_servers": [directory.address],
        "tenant_ad_server_name": directory.host_name,
        "tenant_ad_username": f"{directory.service_account}@{directory.domain}",
        "tenant_ad_password": credentials.service_account_password,
        "tenant_ad_ca_path": str(settings.ca_file),
        "tenant_upn_suffixes": [tenant.domain],
        "tenant_dns_server": settings.primary.address,
        "tenant_dns_port": settings.primary.port,
        "tenant_dns_key_name": key_name,
        "tenant_dns_key_secret": credentials.tsig_secrets[key_name],
        "tenant_dns_key_algorithm": names.TSIG_ALGORITHM,
        "tenant_txt_records": [{"name": tenant.domain, "values": [tenant.verification]}],
        "tenant_entra_tenant_id": tenant.tenant_id,
        "tenant_entra_client_id": tenant.client_id,
        "tenant_entra_client_secret": credentials.client_secrets[tenant.name],
        "tenant_entra_graph_url": cloud_url,
        "tenant_entra_authority": cloud_url,
        "tenant_entra_ca_path": str(settings.ca_file),
        "tenant_email_otp": tenant.wanted_email_otp,
    }


def _directory(tenant: tenants.Tenant, settings: Settings) -> dict[str, Any]:
    """What is to be made ready for sync: the tenant's part of the messy company."""
    return {
        "tenant_directory_search_bases": [f"OU={tenant.company},{settings.directory.base_dn}"],
        "tenant_directory_verified_domains": [tenant.domain],
        # Reserved names (RFC 2606), which no list of top-level domains has
        "tenant_directory_known_domains": ["test", "example"],
        "tenant_directory_transliteration_language": tenant.language,
    }
