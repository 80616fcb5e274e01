# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of an LDAP connection, as the documentation fragment `ad` describes them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._doors.arguments import Arguments, from_environment

AD_ARGUMENTS = Arguments(
    {
        "ad_servers": {
            "type": "list",
            "elements": "str",
            "fallback": from_environment("TENANTOPS_AD_SERVERS"),
        },
        "ad_encryption": {
            "type": "str",
            "choices": ["ldaps", "start_tls", "none"],
            "default": "ldaps",
            "fallback": from_environment("TENANTOPS_AD_ENCRYPTION"),
        },
        "ad_port": {"type": "int", "fallback": from_environment("TENANTOPS_AD_PORT")},
        "ad_server_name": {"type": "str", "fallback": from_environment("TENANTOPS_AD_SERVER_NAME")},
        "ad_ca_path": {"type": "path", "fallback": from_environment("TENANTOPS_AD_CA_PATH")},
        "ad_validate_certs": {
            "type": "bool",
            "default": True,
            "fallback": from_environment("TENANTOPS_AD_VALIDATE_CERTS"),
        },
        "ad_auth": {
            "type": "str",
            "choices": ["simple", "kerberos", "certificate"],
            "default": "simple",
            "fallback": from_environment("TENANTOPS_AD_AUTH"),
        },
        "ad_username": {"type": "str", "fallback": from_environment("TENANTOPS_AD_USERNAME")},
        "ad_password": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment("TENANTOPS_AD_PASSWORD"),
        },
        "ad_kerberos_principal": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_AD_KERBEROS_PRINCIPAL"),
        },
        "ad_kerberos_keytab": {
            "type": "path",
            "no_log": False,
            "fallback": from_environment("TENANTOPS_AD_KERBEROS_KEYTAB"),
        },
        "ad_kerberos_ccache": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_AD_KERBEROS_CCACHE"),
        },
        "ad_client_certificate": {
            "type": "path",
            "fallback": from_environment("TENANTOPS_AD_CLIENT_CERTIFICATE"),
        },
        "ad_client_key": {
            "type": "path",
            "no_log": False,
            "fallback": from_environment("TENANTOPS_AD_CLIENT_KEY"),
        },
        "ad_allow_unencrypted_bind": {
            "type": "bool",
            "default": False,
            "fallback": from_environment("TENANTOPS_AD_ALLOW_UNENCRYPTED_BIND"),
        },
        "ad_connect_timeout": {
            "type": "int",
            "default": 10,
            "fallback": from_environment("TENANTOPS_AD_CONNECT_TIMEOUT"),
        },
        "ad_timeout": {
            "type": "int",
            "default": 60,
            "fallback": from_environment("TENANTOPS_AD_TIMEOUT"),
        },
    }
)
"""The options of the documentation fragment `ad`."""
