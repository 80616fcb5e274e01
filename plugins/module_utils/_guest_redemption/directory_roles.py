# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a directory role: an app may not reset their redemption.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from .._directory_roles.holders import READ_ROLES, role_holders

__all__ = ["READ_ROLES", "role_holders"]
