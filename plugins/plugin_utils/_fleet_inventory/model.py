# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants as an inventory gets them, wherever they are listed. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TENANT_ID = "tenant_entra_tenant_id"
"""The variable of a host that says which tenant it is; see `playbooks/on_tenants.yml`."""

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Host:
    """A tenant: its name in the inventory, and its variables, which hold no secret.

    `facts` are what filters look at, by the names of the filters.
    """

    name: str
    variables: Mapping[str, Any]
    facts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Found:
    """The tenants of one source, and what the operator should know of them."""

    hosts: tuple[Host, ...]
    warnings: tuple[str, ...] = ()


def is_safe_name(text: str) -> bool:
    """Whether journals, plans and locks can have a tenant's name as a file name."""
    return _SAFE_NAME.fullmatch(text) is not None


def is_tenant_id(text: str) -> bool:
    """Whether a text is the id of a tenant, in any case."""
    return _ID.fullmatch(text.lower()) is not None
