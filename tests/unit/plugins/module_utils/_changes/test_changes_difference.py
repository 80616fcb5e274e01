# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tenantops.migration.plugins.module_utils._changes.difference import (
    difference,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import (
    KNOWN_AFTER_APPLY,
    Action,
    Change,
    System,
    Value,
)


def change(name: str, prop: str, action: Action, before: Value, after: Value) -> Change:
    return Change(System.DNS, "txt_rrset", "id", name, prop, action, before, after)


def test_nothing_changes() -> None:
    assert difference([]) == []


def test_one_text_per_thing_and_property() -> None:
    changes = [
        change("a.test", "TXT", Action.REMOVE, "old", None),
        change("a.test", "ttl", Action.REPLACE, 300, 600),
        change("a.test", "TXT", Action.ADD, None, "new\u202e"),
        change("b.test", "TXT", Action.ADD, None, KNOWN_AFTER_APPLY),
    ]
    assert difference(changes) == [
        {
            "before_header": "a.test TXT",
            "after_header": "a.test TXT",
            "before": "old\n",
            "after": "new\u202e\n",
        },
        {
            "before_header": "a.test ttl",
            "after_header": "a.test ttl",
            "before": "300\n",
            "after": "600\n",
        },
        {
            "before_header": "b.test TXT",
            "after_header": "b.test TXT",
            "before": "",
            "after": "(known after apply)\n",
        },
    ]


def test_why_it_was_allowed_is_told() -> None:
    noted = replace(change("a.test", "ttl", Action.REPLACE, 300, 600), note="Ticket 4711")
    (shown,) = difference([noted])
    assert shown["before_header"] == "a.test ttl"
    assert shown["after_header"] == "a.test ttl (Ticket 4711)"
