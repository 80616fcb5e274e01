# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Products and their plans as operators name them. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._errors import InvalidInput
from .model import Sku, Skus, sorted_plans

_SHOWN = 30


def skus_named(skus: Skus, names: Iterable[str]) -> Mapping[str, str]:
    """The ids of SKUs by the names that were given. Raises `InvalidInput` for an unknown one."""
    return {name: sku_named(skus, name).sku_id for name in names}


def sku_named(skus: Skus, name: str) -> Sku:
    """A SKU by its part number or id. Raises `InvalidInput` if the tenant has none such."""
    sku = skus.find(name)
    if sku is None:
        raise InvalidInput(
            f"The tenant has no product {name}",
            subject="subscribedSkus",
            answer=_shown(each.part_number for each in skus.skus),
            advice="Name one of these by its part number or id.",
        )
    return sku


def plans_named(sku: Sku, names: Iterable[str]) -> tuple[str, ...]:
    """The ids of service plans by name or id. Raises `InvalidInput` if the SKU has none such."""
    found = []
    for name in names:
        plan = sku.plan_id(name)
        if plan is None:
            raise InvalidInput(
                f"{sku.part_number} has no service plan {name}",
                subject=sku.part_number,
                answer=_shown(each.name for each in sku.service_plans),
                advice="Name one of these by its name or id.",
            )
        found.append(plan)
    return sorted_plans(found)


def _shown(names: Iterable[str]) -> str:
    told = sorted(names)
    more = len(told) - _SHOWN
    return ", ".join(told[:_SHOWN]) + (f" and {more} more" if more > 0 else "") or "none at all"
