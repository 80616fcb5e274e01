# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say where DNS is and how to talk to it, of the documentation fragment `dns`.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._doors.arguments import Arguments, from_environment

KEY_ALGORITHMS = (
    "hmac-sha256",
    "hmac-sha384",
    "hmac-sha512",
    # RFC 8945 section 6 advises against the ones below; some servers know nothing else.
    "hmac-sha224",
    "hmac-sha1",
    "hmac-md5",
)

# Where record sets are kept; the fragment `dns` tells what each of them needs.
PROVIDERS = ("rfc2136", "manual", "route53", "azure", "cloudflare", "godaddy", "google")

_CREDENTIALS = {
    # route53
    "access_key_id": {"type": "str", "no_log": True},
    "secret_access_key": {"type": "str", "no_log": True},
    "session_token": {"type": "str", "no_log": True},
    # azure
    "tenant_id": {"type": "str"},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    # cloudflare
    "api_token": {"type": "str", "no_log": True},
    # godaddy
    "api_key": {"type": "str", "no_log": True},
    "api_secret": {"type": "str", "no_log": True},
    # google; not of type json, which makes a text of it that Ansible then does not hide
    "service_account": {"type": "raw", "no_log": True},
}

_SETTINGS = {
    "zone_id": {"type": "str"},
    "profile": {"type": "str"},
    "subscription_id": {"type": "str"},
    "resource_group": {"type": "str"},
    "project": {"type": "str"},
    "url": {"type": "str"},
    "authority": {"type": "str"},
    "ca_path": {"type": "path"},
    "retry_time": {"type": "float", "default": 120.0},
    "instructions_file": {"type": "path"},
}

DNS_ARGUMENTS = Arguments(
    {
        "dns_provider": {
            "type": "str",
            "choices": list(PROVIDERS),
            "default": "rfc2136",
            "fallback": from_environment("TENANTOPS_DNS_PROVIDER"),
        },
        "dns_provider_credentials": {
            "type": "dict",
            "options": _CREDENTIALS,
            # Each secret by itself: a text of JSON as a whole would not hide its parts.
            "no_log": True,
            "fallback": from_environment("TENANTOPS_DNS_PROVIDER_CREDENTIALS"),
        },
        "dns_provider_settings": {
            "type": "dict",
            "options": _SETTINGS,
            "fallback": from_environment("TENANTOPS_DNS_PROVIDER_SETTINGS"),
        },
        "dns_server": {"type": "str", "fallback": from_environment("TENANTOPS_DNS_SERVER")},
        "dns_port": {
            "type": "int",
            "default": 53,
            "fallback": from_environment("TENANTOPS_DNS_PORT"),
        },
        "dns_resolvers": {
            "type": "list",
            "elements": "str",
            "fallback": from_environment("TENANTOPS_DNS_RESOLVERS"),
        },
        "dns_auth": {
            "type": "str",
            "choices": ["tsig", "gss_tsig", "none"],
            "default": "tsig",
            "fallback": from_environment("TENANTOPS_DNS_AUTH"),
        },
        "dns_key_name": {
            "type": "str",
            "no_log": False,
            "fallback": from_environment("TENANTOPS_DNS_KEY_NAME"),
        },
        "dns_key_secret": {
            "type": "str",
            "no_log": True,
            "fallback": from_environment("TENANTOPS_DNS_KEY_SECRET"),
        },
        "dns_key_algorithm": {
            "type": "str",
            "choices": list(KEY_ALGORITHMS),
            "default": "hmac-sha256",
            "no_log": False,
            "fallback": from_environment("TENANTOPS_DNS_KEY_ALGORITHM"),
        },
        "dns_kerberos_principal": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_DNS_KERBEROS_PRINCIPAL"),
        },
        "dns_kerberos_keytab": {
            "type": "path",
            "no_log": False,
            "fallback": from_environment("TENANTOPS_DNS_KERBEROS_KEYTAB"),
        },
        "dns_kerberos_ccache": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_DNS_KERBEROS_CCACHE"),
        },
        "dns_server_name": {
            "type": "str",
            "fallback": from_environment("TENANTOPS_DNS_SERVER_NAME"),
        },
        "dns_unverified_answers": {
            "type": "str",
            "choices": ["fail", "read_back"],
            "default": "fail",
            "fallback": from_environment("TENANTOPS_DNS_UNVERIFIED_ANSWERS"),
        },
        "dns_transport": {
            "type": "str",
            "choices": ["tcp", "udp"],
            "default": "tcp",
            "fallback": from_environment("TENANTOPS_DNS_TRANSPORT"),
        },
        "dns_timeout": {
            "type": "float",
            "default": 10.0,
            "fallback": from_environment("TENANTOPS_DNS_TIMEOUT"),
        },
    }
)
"""The options of the documentation fragment `dns`."""
