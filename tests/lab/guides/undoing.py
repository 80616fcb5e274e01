# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of a plan, and the changes that take them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# A thing, its property, and what that changes from and to
Value = tuple[str, str, object, object]


def values(changes: Sequence[dict[str, Any]]) -> list[Value]:
    """What changes from what to what."""
    return [(each["id"], each["property"], each["before"], each["after"]) for each in changes]


def undone(changes: Sequence[dict[str, Any]]) -> list[Value]:
    """What takes changes back, the newest first."""
    return [(thing, name, new, old) for thing, name, old, new in reversed(values(changes))]
