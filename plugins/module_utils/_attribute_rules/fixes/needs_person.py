# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reason why a person must decide. Private to the collection: it can change in any release."""

from __future__ import annotations


class NeedsPerson(Exception):
    """No fix is safe; the message tells why a person must decide. Never leaves this package."""
