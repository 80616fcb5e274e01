# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `diff` of a task, made from its changes alone. Pure. Private to the collection."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Change, Value, display


def difference(changes: Iterable[Change]) -> list[dict[str, str]]:
    """One before/after text per thing that changes, in the form that Ansible's --diff shows."""
    by_thing: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        by_thing.setdefault((change.name, change.property), []).append(change)
    return [
        {
            "before_header": f"{name} {property_name}",
            "after_header": f"{name} {property_name}{_notes(group)}",
            "before": _lines(change.before for change in group),
            "after": _lines(change.after for change in group),
        }
        for (name, property_name), group in by_thing.items()
    ]


def _notes(changes: Iterable[Change]) -> str:
    notes = dict.fromkeys(change.note for change in changes if change.note is not None)
    return f" ({'; '.join(notes)})" if notes else ""


def _lines(values: Iterable[Value]) -> str:
    return "".join(f"{display(value)}\n" for value in values if value is not None)
