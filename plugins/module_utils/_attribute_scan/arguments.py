# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of judging a directory, as the documentation fragment `directory_rules` tells them.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._doors.arguments import Arguments

DIRECTORY_RULES_ARGUMENTS = Arguments(
    {
        # which objects
        "search_bases": {"type": "list", "elements": "str"},
        "exclude": {"type": "list", "elements": "str", "default": []},
        "filter": {"type": "str"},
        "classes": {
            "type": "list",
            "elements": "str",
            "choices": ["user", "group", "contact"],
            "default": ["user", "group", "contact"],
        },
        "forest_search": {
            "type": "str",
            "choices": ["auto", "global_catalog", "domains", "connected_domain"],
            "default": "auto",
        },
        # which rules
        "profile": {
            "type": "str",
            "choices": ["microsoft_2023", "office365_2016", "idfix"],
            "default": "microsoft_2023",
        },
        "severities": {"type": "dict", "default": {}},
        # what counts as good
        "verified_domains": {"type": "list", "elements": "str"},
        "upn_suffixes": {"type": "list", "elements": "str", "default": []},
        "known_domains": {"type": "list", "elements": "str", "default": []},
        "licensed": {
            "type": "str",
            "choices": ["all", "enabled", "none"],
            "default": "enabled",
        },
        "most_proxy_addresses": {"type": "int", "default": 300},
        # how letters are written in ASCII
        "transliteration_language": {
            "type": "str",
            "choices": [
                "none",
                "danish",
                "finnish",
                "german",
                "japanese",
                "norwegian",
                "swedish",
            ],
            "default": "none",
        },
        "transliteration_characters": {"type": "dict", "default": {}},
        # how much of it all stands in the result
        "findings_limit": {"type": "int", "default": 100},
    }
)
"""The options of the documentation fragment `directory_rules`."""

READING_ARGUMENTS = Arguments(
    {
        "write_csv": {"type": "path"},
        "write_json_lines": {"type": "path"},
    }
)
"""The options of `ad_attributes_info` alone."""
