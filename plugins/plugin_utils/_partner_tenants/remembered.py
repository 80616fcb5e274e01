# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a partner's tenant told, as Ansible's cache keeps it.

It holds no secret, and is never taken for what another tenant, or another app, would be told.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from .model import Contract, DelegatedCustomer, Listed, Relationship

_FORMAT = 1

Entry = TypeVar("Entry")


def remembered(listed: Listed, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the cache keeps; `asked` tells whom was asked as whom, for what."""
    return {"format": _FORMAT, "asked": dict(asked), "listed": asdict(listed)}


def recalled(kept: object, asked: Mapping[str, Any]) -> Listed | None:
    """What was told to the same question; null if it was another one, or makes no sense."""
    if not isinstance(kept, Mapping) or kept.get("format") != _FORMAT or kept.get("asked") != asked:
        return None
    listed: Any = kept.get("listed")
    try:
        return Listed(
            contracts=_entries(Contract, listed["contracts"]),
            customers=_entries(DelegatedCustomer, listed["customers"]),
            relationships=None
            if listed["relationships"] is None
            else _entries(Relationship, listed["relationships"]),
        )
    except (KeyError, TypeError):
        return None


def _entries(kind: Callable[..., Entry], kept: list[dict[str, Any]]) -> tuple[Entry, ...]:
    return tuple(kind(**entry) for entry in kept)
