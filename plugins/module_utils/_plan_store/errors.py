# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong with plan stores. Private to the collection: it can change in any release."""

from __future__ import annotations

from .._errors import TenantopsError


class StoreUnusable(TenantopsError):
    """The store of plans cannot be read or written; no tenant is touched without it."""

    kind = "plan_store_unusable"
