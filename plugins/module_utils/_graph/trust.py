# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which authorities Graph's certificate is checked against; never none.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import functools
import ssl

from .._errors import InvalidInput


def trust(ca_path: str | None) -> ssl.SSLContext:
    """Those in the file, or those of this system. Raises `InvalidInput` if they cannot be read."""
    try:
        return ssl.create_default_context(cafile=ca_path) if ca_path else system_trust()
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(
            "The certificate authorities cannot be read",
            subject=ca_path or "",
            answer=str(error),
            advice="entra_ca_path must be a PEM file of certificates.",
        ) from error


@functools.cache
def system_trust() -> ssl.SSLContext:
    """Read once, because it takes 27 ms: before the fork in the controller, for all workers."""
    return ssl.create_default_context()
