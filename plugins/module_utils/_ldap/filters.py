# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search filters (RFC 4515). Pure. Private to the collection: it can change in any release."""

from __future__ import annotations

_SPECIAL = {ord(character): f"\\{ord(character):02x}" for character in "\\*()\0"}


def escaped(text: str) -> str:
    """Text as a value in a filter, where it matches nothing but itself (section 3)."""
    return text.translate(_SPECIAL)
