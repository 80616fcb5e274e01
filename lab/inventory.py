# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the Ansible inventory: one host is one tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import account_tenants, all_tenants, domain_states, guest_tenants, tenants
from .credentials import Credentials
from .files import write_private
from .nameservers import names
from .settings import Settings


def write(settings: Settings, credentials: Credentials) -> None:
    """Write the inventory: the demo, tenants that are to fail, all states of domains, guests,
    accounts."""
    demo = {
        tenant.name: _variables(tenant, settings, credentials)
        | _directory(tenant, settings)
        | _domains([{"name": tenant.domain}])
        | dict(guest_tenants.WANTED_IN_DEMO.get(tenant.name, {}))
        for tenant in tenants.DEMO
    }
    wrong = tenants.WRONG_CREDENTIALS
    down = tenants.SERVERS_DOWN
    broken = {
        wrong.name: _variables(wrong, settings, credentials)
        | _domains([{"name": wrong.domain}])
        | {
            "tenant_ad_password": credentials.wrong["password"],
            "tenant_dns_key_secret": credentials.wrong["tsig_secret"],
            "tenant_entra_client_secret": credentials.wrong["client_secret"],
        },
        down.name: _variables(down, settings, credentials)
        | _domains([{"name": down.domain}])
        | {
            "tenant_ad_servers": [settings.nobody],
            "tenant_dns_server": settings.nobody,
            "tenant_entra_graph_url": f"https://{settings.nobody}",
            "tenant_entra_authority": f"https://{settings.nobody}",
        },
    }
    # As a public resolver would be, the proof has to be seen there too.
    resolver = f"{settings.secondary.address}:{settings.secondary.port}"
    states = {
        state.tenant.name: _variables(state.tenant, settings, credentials)
        | _domain(state)
        | {"tenant_dns_wait_resolvers": [resolver]}
        for state in domain_states.ALL
    }
    guests = {
        one.tenant.name: _variables(one.tenant, settings, credentials) | dict(one.wanted)
        for one in guest_tenants.ALL
    }
    accounts = {
        one.tenant.name: _variables(one.tenant, settings, credentials)
        | account_tenants.wanted(one, settings.directory)
        | _work_accounts(one, settings)
        for one in account_tenants.ALL
    }
    groups = {
        "tenants": demo,
        "broken_tenants": broken,
        "domain_states": states,
        "guest_tenants": guests,
        "account_tenants": accounts,
    }
    inventory = {
        group: {"hosts": hosts, "vars": {"ansible_connection": "local"}}
        for group, hosts in groups.items()
    }
    for tenant in all_tenants.ALL:
        write_private(_people_file(tenant, settings), _people(tenant))
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
        # It answers for all zones of the lab, and for nothing else.
        "tenant_dns_resolvers": [f"{settings.primary.address}:{settings.primary.port}"],
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
        "tenant_domain_list": str(_people_file(tenant, settings)),
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


def _domain(state: domain_states.DomainState) -> dict[str, Any]:
    """What is to become of the domain that the tenant is in the lab for."""
    wanted = {"name": state.domain, "takeover": state.takeover}
    consent = [state.domain] if state.has_consent else []
    return {"tenant_upn_suffixes": [state.domain], **_domains([wanted], consent)}


def _domains(wanted: Sequence[Mapping[str, str]], consent: Sequence[str] = ()) -> dict[str, Any]:
    return {
        "tenant_domains": [dict(one) for one in wanted],
        "tenant_takeover_consent": list(consent),
    }


def _people(tenant: tenants.Tenant) -> str:
    """The list of people with a licence, as the volume licensing centre gives it."""
    lines = ["address,name,role"]
    for address in domain_states.people(tenant):
        name = address.partition("@")[0].replace(".", " ").title()
        lines.append(f"{address},{name},User")
    return "".join(f"{line}\n" for line in lines)


def _work_accounts(one: account_tenants.AccountTenant, settings: Settings) -> dict[str, Any]:
    """Write the list of those who are to have a work account, if there is one."""
    if not one.work_accounts:
        return {}
    lines = [f"{entry.address},{entry.name},{entry.role}" for entry in one.work_accounts]
    path = settings.people_folder / f"{one.tenant.name}.work-accounts.csv"
    write_private(path, "".join(f"{line}\n" for line in ("address,name,role", *lines)))
    return {"tenant_work_accounts": {"file": str(path)}}


def _people_file(tenant: tenants.Tenant, settings: Settings) -> Path:
    return settings.people_folder / f"{tenant.name}.csv"
