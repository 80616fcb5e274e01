# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What proves a domain. Apart, so that the lab's zones can hold it without loading the cloud."""

from __future__ import annotations

import hashlib


def verification_text(tenant_id: str, domain: str) -> str:
    """Return the TXT value that proves the domain for this tenant: stable for the two."""
    digest = hashlib.sha256(f"{tenant_id} {domain.casefold()}".encode()).digest()
    return f"MS=ms{int.from_bytes(digest[:8]) % 10**8:08d}"
