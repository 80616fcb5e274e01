# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running cloud: its configuration, its process and its control door."""

from __future__ import annotations

import http.client
import importlib.util
import json
import ssl
import sys
from pathlib import Path
from typing import Any

from . import account_tenants, all_tenants, domain_states, guest_tenants, partner_tenants
from .authority import Authority
from .credentials import Credentials
from .errors import LabError
from .files import make_private_folder, write_private
from .processes import Service
from .settings import Settings
from .tenants import Tenant

NAME = "cloud"
CONTROL_PATH = "/_lab"
CONTROL_HEADER = "X-Lab-Control"


def configure(settings: Settings, authority: Authority, credentials: Credentials) -> bool:
    """Write the cloud's configuration, its certificate and the applications' certificates.

    Returns whether the configuration is another one than before.

    :raises LabError: when this checkout has no cloud.
    """
    if importlib.util.find_spec("lab.cloud.server") is None:
        raise LabError("lab/cloud is missing here: start the lab with --without cloud.")
    make_private_folder(settings.cloud_folder)
    certificate = authority.server_certificate("cloud", ("localhost", settings.cloud.address))
    configuration = {
        "address": settings.cloud.address,
        "port": settings.cloud.port,
        "certificate": str(certificate.certificate),
        "private_key": str(certificate.private_key),
        "state_file": str(settings.cloud_folder / "state.json"),
        "control_key": credentials.cloud_control_key,
        # The secondary: as in the world outside, the cloud sees a change when it has spread.
        "dns": {"address": settings.secondary.address, "port": settings.secondary.port},
        "directory": _directory(settings, credentials),
        "tenants": {
            tenant.name: _tenant(tenant, settings, authority, credentials)
            for tenant in all_tenants.IN_CLOUD
        },
        "unmanaged": domain_states.unmanaged(),
        "foreign": domain_states.foreign(),
        "personal_accounts": list(domain_states.PERSONAL_ACCOUNTS),
    }
    path = _configuration_file(settings)
    text = json.dumps(configuration, indent=2)
    is_new = not path.exists() or path.read_text(encoding="utf-8") != text
    write_private(path, text)
    return is_new


def service(settings: Settings) -> Service:
    """Return how the server is run."""
    return Service(
        name=NAME,
        command=[sys.executable, "-m", "lab.cloud", "--config", str(_configuration_file(settings))],
        log=settings.logs_folder / "cloud.log",
        ready=lambda: _is_ready(settings),
    )


def reset(settings: Settings, credentials: Credentials) -> None:
    """Bring the running cloud back to its start state and end its faults."""
    control(settings, credentials, "POST", "/reset")


def forget_changes(settings: Settings) -> None:
    """Throw the state away. The server must not be running."""
    (settings.cloud_folder / "state.json").unlink(missing_ok=True)


def control(
    settings: Settings, credentials: Credentials, method: str, path: str, body: Any = None
) -> str:
    """Ask the running cloud for something that only the lab may; return its answer.

    :raises LabError: when it does not answer or refuses.
    """
    headers = {CONTROL_HEADER: credentials.cloud_control_key}
    data = None if body is None else json.dumps(body)
    try:
        status, text = _request(settings, method, path, data, headers)
    except (OSError, http.client.HTTPException) as error:
        raise LabError(
            f"The cloud does not answer: {error}. Is it up? python -m lab status"
        ) from error
    if status >= 300:
        raise LabError(f"The cloud refused: {text}")
    return text


def _request(
    settings: Settings, method: str, path: str, data: str | None, headers: dict[str, str]
) -> tuple[int, str]:
    context = ssl.create_default_context(cafile=str(settings.ca_file))
    connection = http.client.HTTPSConnection(
        settings.cloud.address, settings.cloud.port, timeout=10, context=context
    )
    try:
        connection.request(
            method, CONTROL_PATH + path, data, {"Content-Type": "application/json", **headers}
        )
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def _is_ready(settings: Settings) -> bool:
    try:
        status, _body = _request(settings, "GET", "/ready", None, {})
    except (OSError, http.client.HTTPException):
        return False
    return status == http.client.OK


def _tenant(
    tenant: Tenant, settings: Settings, authority: Authority, credentials: Credentials
) -> dict[str, Any]:
    certificate = authority.application_certificate(
        settings.tenants_folder / tenant.name, tenant.name
    )
    domains = [
        domain
        for state in domain_states.ALL
        if state.tenant is tenant
        for domain in state.domains_in_cloud
    ]
    return {
        "tenant_id": tenant.tenant_id,
        "initial_domain": tenant.initial_domain,
        "display_name": tenant.display_name,
        "email_otp": tenant.email_otp,
        "domains": domains,
        "users": [f"administrator@{tenant.initial_domain}"],
        **guest_tenants.configuration(tenant.name),
        **account_tenants.configuration(tenant.name, settings.directory),
        **partner_tenants.configuration(tenant.name),
        "app": {
            "client_id": tenant.client_id,
            "client_secret": credentials.client_secrets[tenant.name],
            "certificate_pem": certificate.certificate.read_text(encoding="ascii"),
            "permissions": list(_permissions(tenant)),
        },
    }


def _permissions(tenant: Tenant) -> tuple[str, ...]:
    """Return what the tenant's application may do."""
    if tenant is partner_tenants.PARTNER:
        return partner_tenants.PERMISSIONS
    with_accounts = account_tenants.find(tenant.name)
    if with_accounts is not None:
        return with_accounts.permissions
    return guest_tenants.permissions(tenant.name)


def _directory(settings: Settings, credentials: Credentials) -> dict[str, Any]:
    """Return where the directory sync of all tenants reads."""
    directory = settings.directory
    return {
        "address": directory.address,
        "port": directory.ldaps_port,
        "name": directory.host_name,
        "domain": directory.domain,
        "ca_file": str(settings.ca_file),
        "username": f"{directory.service_account}@{directory.domain}",
        "password": credentials.service_account_password,
    }


def _configuration_file(settings: Settings) -> Path:
    return settings.cloud_folder / "config.json"
