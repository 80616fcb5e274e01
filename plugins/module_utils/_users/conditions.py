# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Conditions for Graph, in OData. Pure. Private to the collection: it can change in any release."""

from __future__ import annotations

from collections.abc import Sequence


def all_of(conditions: Sequence[str]) -> str | None:
    """One OData condition that says all of these; null where none is given."""
    given = [condition for condition in conditions if condition]
    if len(given) <= 1:
        return given[0] if given else None
    return " and ".join(f"({condition})" for condition in given)


def odata_text(text: str) -> str:
    """A text as a literal in a condition."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
