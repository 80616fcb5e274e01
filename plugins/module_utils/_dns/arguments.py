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

DNS_ARGUMENTS = Arguments(
    {
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
