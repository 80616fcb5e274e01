# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which way to prove who we are the operator chose.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .certificate import CertificateAuthentication
from .kerberos import KerberosAuthentication
from .method import Authentication
from .simple import SimpleAuthentication

_METHODS: Mapping[str, Callable[[Mapping[str, Any]], Authentication]] = {
    "simple": SimpleAuthentication.from_parameters,
    "kerberos": KerberosAuthentication.from_parameters,
    "certificate": CertificateAuthentication.from_parameters,
}


def authentication_from(parameters: Mapping[str, Any]) -> Authentication:
    """The method that `ad_auth` names. Raises `InvalidInput` if its options are not complete."""
    return _METHODS[parameters["ad_auth"]](parameters)
