# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describes a lab in files: for programs in lab.json, for Ansible as an inventory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import (
    account_tenants,
    all_tenants,
    cloud_server,
    domain_states,
    guest_tenants,
    inventory,
)
from .authority import Authority
from .credentials import Credentials
from .directory.accounts import plain_user_dn, service_account_dn
from .directory.company import LEGACY_SUFFIX
from .errors import LabError
from .files import write_private
from .nameservers import names
from .openldap import server as openldap_server
from .settings import Endpoint, Settings


@dataclass(frozen=True)
class Description:
    """What lab.json says, as far as tests use it by name; ``data`` is all of it.

    ``directory``, ``nameservers``, ``cloud``, ``openldap``, ``tenants``, ``domain_states``,
    ``guest_tenants`` and ``account_tenants`` are as documented in lab/README.md.
    """

    data: dict[str, Any]

    @property
    def state(self) -> Path:
        return Path(self.data["state"])

    @property
    def ca_file(self) -> str:
        return str(self.data["ca_file"])

    @property
    def directory(self) -> dict[str, Any]:
        return dict(self.data["directory"])

    @property
    def nameservers(self) -> dict[str, Any]:
        return dict(self.data["nameservers"])

    @property
    def cloud(self) -> dict[str, Any]:
        return dict(self.data["cloud"])

    @property
    def openldap(self) -> dict[str, Any]:
        return dict(self.data["openldap"])

    @property
    def tenants(self) -> dict[str, Any]:
        return dict(self.data["tenants"])

    @property
    def domain_states(self) -> dict[str, Any]:
        return dict(self.data["domain_states"])

    @property
    def guest_tenants(self) -> list[str]:
        return list(self.data["guest_tenants"])

    @property
    def account_tenants(self) -> dict[str, Any]:
        return dict(self.data["account_tenants"])

    @property
    def secrets(self) -> list[str]:
        return list(self.data["secrets"])


def load(state: Path) -> Description:
    """Read what ``python -m lab up`` has written.

    :raises LabError: when there is no such lab.
    """
    path = Path(state) / "lab.json"
    try:
        return Description(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise LabError(f"There is no lab in {state}. Start one: python -m lab up") from error


def describe(settings: Settings, authority: Authority, credentials: Credentials) -> None:
    """Write lab.json and the inventory."""
    certificates = {
        tenant.name: authority.application_certificate(
            settings.tenants_folder / tenant.name, tenant.name
        )
        for tenant in all_tenants.IN_CLOUD
    }
    client = authority.client_certificate("openldap-client", openldap_server.CLIENT)
    keys = [
        settings.authority_folder / "ca.key",
        *settings.authority_folder.glob("*.key"),
        *(files.private_key for files in certificates.values()),
    ]
    data = {
        "slot": settings.slot,
        "state": str(settings.state),
        "ca_file": str(settings.ca_file),
        "inventory": str(settings.inventory_file),
        "directory": _directory(settings, credentials),
        "nameservers": _nameservers(settings, credentials),
        "cloud": {
            "graph_url": _cloud_url(settings),
            "authority": _cloud_url(settings),
            "control_url": _cloud_url(settings) + cloud_server.CONTROL_PATH,
            "control_header": cloud_server.CONTROL_HEADER,
            "control_key": credentials.cloud_control_key,
        },
        "openldap": {
            "address": settings.openldap.address,
            "host_name": settings.openldap.host_name,
            "ldap_port": settings.openldap.ldap_port,
            "ldaps_port": settings.openldap.ldaps_port,
            "base_dn": settings.directory.base_dn,
            "forest_dn": settings.directory.forest_dn,
            "administrator": {
                "dn": openldap_server.administrator_dn(settings.directory),
                "password": credentials.openldap_administrator_password,
            },
            "service_account": {
                "dn": openldap_server.service_account_dn(settings.directory),
                "password": credentials.service_account_password,
            },
            "client_certificate": str(client.certificate),
            "client_private_key": str(client.private_key),
        },
        "tenants": {
            tenant.name: {
                "display_name": tenant.display_name,
                "domain": tenant.domain,
                "tenant_id": tenant.tenant_id,
                "client_id": tenant.client_id,
                "client_secret": credentials.client_secrets[tenant.name],
                "certificate": str(files.certificate),
                "certificate_with_key": str(files.private_key),
                "email_otp": tenant.email_otp,
                "foreign_texts": list(tenant.foreign_texts),
                "verification": tenant.verification,
            }
            for tenant, files in zip(all_tenants.IN_CLOUD, certificates.values(), strict=True)
        },
        "domain_states": {
            state.tenant.name: {
                "domain": state.domain,
                "proof": state.proof,
                "administrator_text": state.administrator_text,
            }
            for state in domain_states.ALL
        },
        "guest_tenants": [one.tenant.name for one in guest_tenants.ALL],
        "account_tenants": {
            one.tenant.name: {
                "search_bases": account_tenants.search_bases(one, settings.directory),
                "local_suffix": one.office.local_suffix if one.office else None,
            }
            for one in account_tenants.ALL
        },
        "secrets": [*credentials.all, *_lines_of_private_keys(keys)],
        "fingerprint": _fingerprint(settings),
    }
    inventory.write(settings, credentials)
    write_private(settings.description_file, json.dumps(data, indent=2, ensure_ascii=False))


def is_described(settings: Settings) -> bool:
    """Tell whether the files are there and written by this version of the lab."""
    if not (settings.description_file.exists() and settings.inventory_file.exists()):
        return False
    data = json.loads(settings.description_file.read_text(encoding="utf-8"))
    return bool(data.get("fingerprint") == _fingerprint(settings))


def _directory(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    directory = settings.directory
    return {
        "address": directory.address,
        "host_name": directory.host_name,
        "domain": directory.domain,
        "realm": directory.realm,
        "base_dn": directory.base_dn,
        "configuration_dn": directory.configuration_dn,
        "forest_dn": directory.forest_dn,
        "ldap_port": directory.ldap_port,
        "ldaps_port": directory.ldaps_port,
        "gc_port": directory.gc_port,
        "gcs_port": directory.gcs_port,
        "dns": {
            "address": directory.address,
            "port": directory.dns_port,
            "zone": directory.domain,
            "principal": f"DNS/{directory.host_name}@{directory.realm}",
        },
        "krb5_conf": str(settings.krb5_conf),
        "legacy_upn_suffix": LEGACY_SUFFIX,
        "administrator": {
            "dn": f"CN=Administrator,CN=Users,{directory.base_dn}",
            "user_principal_name": f"Administrator@{directory.domain}",
            "password": credentials.administrator_password,
        },
        "service_account": {
            "dn": service_account_dn(directory),
            "user_principal_name": f"{directory.service_account}@{directory.domain}",
            "principal": f"{directory.service_account}@{directory.realm}",
            "password": credentials.service_account_password,
            "keytab": str(settings.service_keytab),
        },
        "plain_user": {
            "dn": plain_user_dn(directory),
            "user_principal_name": f"plain.user@{directory.domain}",
            "password": credentials.plain_user_password,
        },
    }


def _nameservers(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    def endpoint(which: Endpoint) -> dict[str, Any]:
        return {"address": which.address, "port": which.port}

    directory = settings.directory
    return {
        "primary": endpoint(settings.primary),
        "secondary": endpoint(settings.secondary),
        "skewed": endpoint(settings.skewed_nameserver),
        "keys": {
            zone: {
                "name": name,
                "algorithm": names.TSIG_ALGORITHM,
                "secret": credentials.tsig_secrets[name],
            }
            for zone, name in names.KEY_NAMES.items()
        },
        "gss": {
            "zone": names.GSS_ZONE,
            "server_name": names.GSS_NAMESERVER,
            "server_principal": f"DNS/{names.GSS_NAMESERVER}@{directory.realm}",
            "principal": f"{directory.service_account}@{directory.realm}",
            "keytab": str(settings.service_keytab),
        },
        "zones": {
            "child": names.CHILD_ZONE,
            "cname": names.CNAME_ZONE,
            "cname_owner": names.CNAME_OWNER,
            "readonly": names.READONLY_ZONE,
            "refused": names.REFUSED_ZONE,
            "broken": names.BROKEN_ZONE,
            "delegated": names.DELEGATED_NAME,
        },
    }


def _cloud_url(settings: Settings) -> str:
    return f"https://localhost:{settings.cloud.port}"


def _lines_of_private_keys(paths: Iterable[Path]) -> list[str]:
    """Return one line out of each key: a whole key would not be found where lines are escaped."""
    return sorted({_first_line_of_key(path) for path in paths})


def _first_line_of_key(path: Path) -> str:
    lines = path.read_text(encoding="ascii").splitlines()
    start = next(number for number, line in enumerate(lines) if "PRIVATE KEY" in line)
    # The very first lines of two keys of a kind are alike: they say which kind it is.
    return lines[start + 2]


def _fingerprint(settings: Settings) -> str:
    digest = hashlib.sha256(str(settings).encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
