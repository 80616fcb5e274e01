# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the documentation fragment `entra_discovery`. Private to the collection."""

from __future__ import annotations

from .._doors.arguments import Arguments
from .._graph.arguments import ENTRA_ARGUMENTS
from .discovery import IN_FLIGHT, PER_SECOND

# Those of the fragment `entra` that have nothing to do with signing in
REALM_ARGUMENTS = Arguments(
    {
        name: ENTRA_ARGUMENTS.options[name]
        for name in (
            "entra_cloud",
            "entra_authority",
            "entra_ca_path",
            "entra_timeout",
            "entra_retry_time",
        )
    }
)
"""The options of the documentation fragment `entra_discovery`."""

QUESTION_ARGUMENTS = Arguments(
    {
        "names": {"type": "list", "elements": "str", "required": True},
        "personal_accounts": {"type": "bool", "default": True},
        "in_flight": {"type": "int", "default": IN_FLIGHT},
        "requests_per_second": {"type": "float", "default": PER_SECOND},
    }
)
"""The options of `entra_realm_info` alone."""
