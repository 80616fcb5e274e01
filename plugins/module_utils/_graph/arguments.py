# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the documentation fragment `entra`. Private to the collection."""

from __future__ import annotations

from .._doors.arguments import Arguments, from_environment
from .clouds import CLOUDS
from .credentials import METHODS
from .quota import APP_WRITES, RESOURCE_UNITS, SHARE, UNITS_TIME, WRITES, WRITES_TIME

ENTRA_ARGUMENTS = Arguments(
    {
        "entra_tenant_id": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_ENTRA_TENANT_ID", "AZURE_TENANT_ID"),
        },
        "entra_auth": {
            "type": "str",
            "choices": list(METHODS),
            "default": "client_secret",
            "fallback": from_environment("TENANTOPS_ENTRA_AUTH"),
        },
        "entra_client_id": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_ENTRA_CLIENT_ID", "AZURE_CLIENT_ID"),
        },
        "entra_client_secret": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment("TENANTOPS_ENTRA_CLIENT_SECRET", "AZURE_CLIENT_SECRET"),
        },
        "entra_certificate_path": {
            "type": "path",
            "fallback": from_environment(
                "TENANTOPS_ENTRA_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"
            ),
        },
        "entra_certificate": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment("TENANTOPS_ENTRA_CERTIFICATE"),
        },
        "entra_certificate_password": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment(
                "TENANTOPS_ENTRA_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"
            ),
        },
        "entra_federated_token_file": {
            "type": "path",
            "no_log": False,
            "fallback": from_environment(
                "TENANTOPS_ENTRA_FEDERATED_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE"
            ),
        },
        "entra_cloud": {
            "type": "str",
            "choices": list(CLOUDS),
            "default": "global",
            "fallback": from_environment("TENANTOPS_ENTRA_CLOUD"),
        },
        "entra_graph_url": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_ENTRA_GRAPH_URL"),
        },
        "entra_authority": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_ENTRA_AUTHORITY"),
        },
        "entra_ca_path": {
            "type": "path",
            "fallback": from_environment("TENANTOPS_ENTRA_CA_PATH"),
        },
        "entra_timeout": {
            "type": "float",
            "default": 30.0,
            "fallback": from_environment("TENANTOPS_ENTRA_TIMEOUT"),
        },
        "entra_retry_time": {
            "type": "float",
            "default": 600.0,
            "fallback": from_environment("TENANTOPS_ENTRA_RETRY_TIME"),
        },
        "entra_quota": {
            "type": "dict",
            "fallback": from_environment("TENANTOPS_ENTRA_QUOTA"),
            "options": {
                "tenant_size": {
                    "type": "str",
                    "choices": list(RESOURCE_UNITS),
                    "default": "small",
                },
                "writes": {"type": "int", "default": WRITES},
                "writes_time": {"type": "float", "default": WRITES_TIME},
                "resource_units": {"type": "int"},
                "resource_units_time": {"type": "float", "default": UNITS_TIME},
                "app_writes": {"type": "int", "default": APP_WRITES},
                "share": {"type": "float", "default": SHARE},
                "folder": {"type": "path"},
            },
        },
    },
    mutually_exclusive=(("entra_certificate_path", "entra_certificate"),),
)
