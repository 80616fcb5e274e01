# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Invitations of earlier runs that Graph may not show yet, as the tenant's journals tell.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from .._changes.announced import announced_creations, seconds_to_wait
from .model import PROPERTY, RESOURCE

__all__ = ["announced_invitations", "seconds_to_wait"]


def announced_invitations(journal: Path | None) -> dict[str, datetime]:
    """When the guests (by the ids of their changes) were invited last, or may have been."""
    return announced_creations(journal, RESOURCE, PROPERTY)
