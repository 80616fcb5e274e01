# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names that customers have in the inventory: safe, each once, and the same tomorrow. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ...module_utils._errors import InvalidInput
from .._fleet_inventory.model import is_safe_name, is_tenant_id
from .model import Customer

DEFAULT_DOMAIN = "default_domain"
DISPLAY_NAME = "display_name"
TENANT_ID = "tenant_id"
NAMES = (DEFAULT_DOMAIN, DISPLAY_NAME, TENANT_ID)

_UNSAFE = re.compile(r"[^a-z0-9.]+")
_INITIAL_DOMAIN = re.compile(r"\.(?:partner\.)?onmicrosoft\.(?:com|us|cn|de)$")
# Names of files get more around it.
_LONGEST = 80
_ID_PART = 8


@dataclass(frozen=True)
class Named:
    """The names by tenant id, and the names that several tenants would have had."""

    names: Mapping[str, str]
    clashes: tuple[str, ...]


def name_customers(
    customers: Sequence[Customer],
    name_from: Sequence[str],
    given: Mapping[str, str],
    reserved: Collection[str],
) -> Named:
    """Name all customers, whether they are wanted or not, so that filters change no name.

    `name_from` are the properties to take, the first one that there is; `given` are names of the
    operator's own by tenant id; `reserved` are names that nobody may have. Of those who would have
    the same name each gets a part of its id behind it, so that the order does not count.
    Raises `InvalidInput` for given names that cannot be.
    """
    own = _given_names(given, reserved)
    proposed = {
        customer.tenant_id: _proposed(customer, name_from)
        for customer in customers
        if customer.tenant_id not in own
    }
    claimants: dict[str, list[str]] = defaultdict(list)
    for tenant_id, name in proposed.items():
        claimants[name].append(tenant_id)
    taken = {name.casefold() for name in (*own.values(), *reserved)}
    clashing = {name for name, ids in claimants.items() if len(ids) > 1 or name in taken}
    names = {
        tenant_id: _distinct(name, tenant_id, taken) if name in clashing else name
        for tenant_id, name in proposed.items()
    }
    return Named(_each_once({**names, **own}), tuple(sorted(clashing)))


def safe_name(text: str) -> str:
    """What is left of a text in a name: letters without accents, digits and single dashes."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return _UNSAFE.sub("-", plain).strip("-.")[:_LONGEST].strip("-.")


def _proposed(customer: Customer, name_from: Sequence[str]) -> str:
    found = {
        DEFAULT_DOMAIN: _INITIAL_DOMAIN.sub("", (customer.default_domain or "").casefold()),
        DISPLAY_NAME: customer.display_name or "",
        TENANT_ID: customer.tenant_id,
    }
    names = (safe_name(found[kind]) for kind in name_from)
    return next((name for name in names if name), customer.tenant_id)


def _distinct(name: str, tenant_id: str, taken: Collection[str]) -> str:
    short = f"{name}-{tenant_id[:_ID_PART]}"
    return short if short not in taken else f"{name}-{tenant_id}"


def _each_once(names: dict[str, str]) -> dict[str, str]:
    """Parts of ids can be the same, and a name can look like one with a part: then the whole id."""
    holders: dict[str, list[str]] = defaultdict(list)
    for tenant_id, name in names.items():
        holders[name.casefold()].append(tenant_id)
    return {
        tenant_id: name if len(holders[name.casefold()]) == 1 else f"{name}-{tenant_id}"
        for tenant_id, name in names.items()
    }


def _given_names(given: Mapping[str, str], reserved: Collection[str]) -> dict[str, str]:
    own: dict[str, str] = {}
    holders: dict[str, str] = {}
    for tenant_id, name in given.items():
        _check(tenant_id, name, reserved)
        other = holders.setdefault(name.casefold(), tenant_id.lower())
        if other != tenant_id.lower():
            raise InvalidInput(
                f"host_names gives one name twice: {name!r}", answer=f"{other}, {tenant_id}"
            )
        own[tenant_id.lower()] = name
    return own


def _check(tenant_id: str, name: str, reserved: Collection[str]) -> None:
    if not is_tenant_id(tenant_id):
        raise InvalidInput(f"host_names has no tenant id as its key: {tenant_id!r}")
    if not is_safe_name(name) or name.casefold() in reserved:
        raise InvalidInput(
            f"host_names gives a name that no host can have: {name!r}",
            subject=f"tenant {tenant_id}",
            advice="Use letters, digits and . - _ @, begin with a letter or digit, and do not take "
            "the name of a group.",
        )
