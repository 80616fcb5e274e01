# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error that the lab shows to people."""

from __future__ import annotations


class LabError(Exception):
    """Something the person at the keyboard has to put right; the message says what."""
