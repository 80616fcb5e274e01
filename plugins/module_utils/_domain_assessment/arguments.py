# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of `domain_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

from .._dns.arguments import DNS_ARGUMENTS
from .._doors.arguments import Arguments
from .._realms.arguments import QUESTION_ARGUMENTS

ASSESSMENT_ARGUMENTS = Arguments(
    {
        "names": {"type": "list", "elements": "str"},
        "read_csv": {"type": "path"},
        "write_csv": {"type": "path"},
        "own_tenants": {"type": "list", "elements": "str", "default": []},
        "rows_limit": {"type": "int", "default": 1000},
        **{
            name: QUESTION_ARGUMENTS.options[name]
            for name in ("personal_accounts", "in_flight", "requests_per_second")
        },
        "dns_in_flight": {"type": "int", "default": 16},
        **{
            name: DNS_ARGUMENTS.options[name]
            for name in ("dns_resolvers", "dns_transport", "dns_timeout")
        },
    },
    required_one_of=[["names", "read_csv"]],
)
"""The options of `domain_info` alone."""
