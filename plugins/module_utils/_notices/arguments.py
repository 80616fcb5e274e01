# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the documentation fragment `invitation_messages`. Private to the collection."""

from __future__ import annotations

from .._doors.arguments import Arguments

INVITATION_MESSAGES_ARGUMENTS = Arguments(
    {
        "send_mail": {"type": "bool", "default": False},
        "messages": {
            "type": "list",
            "elements": "dict",
            "options": {
                "language": {"type": "str", "required": True},
                "domains": {"type": "list", "elements": "str"},
                "text": {"type": "str", "required": True},
            },
        },
        "message_notice": {
            "type": "dict",
            "options": {
                "name": {"type": "str"},
                "organization": {"type": "str", "required": True},
                "contact": {"type": "str"},
                "templates": {"type": "path"},
                "languages": {"type": "list", "elements": "str"},
                "languages_by_domain": {"type": "dict"},
                "default_language": {"type": "str"},
                "variables": {"type": "dict"},
            },
        },
        "message_language": {"type": "str", "default": "en-US"},
    },
    mutually_exclusive=(("messages", "message_notice"),),
)
