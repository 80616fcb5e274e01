# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which provider keeps a record set: what the option `dns_provider` comes to.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .hosting.companies import open_hosted
from .manual import ByHand
from .provider import TxtProvider
from .rfc2136 import DynamicUpdate


def open_provider(parameters: Mapping[str, Any], name: str, zone: str | None) -> TxtProvider:
    """The TXT record set at `name`, by the options of the documentation fragment `dns`."""
    provider = parameters["dns_provider"]
    if provider == "rfc2136":
        return DynamicUpdate.open(parameters, name, zone)
    if provider == "manual":
        return ByHand.open(parameters, name, zone)
    return open_hosted(parameters, name, zone)
