# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many names at a time: each is answered, or has its own error.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .._changes.model import JsonValue
from .._domain_names.names import Address, domain_or_address
from .._errors import TenantopsError
from .model import Account, Realm
from .remembered import RememberedRealms


@dataclass(frozen=True)
class Found:
    """What was found out about a name, as the operator wrote it."""

    name: str
    about: Realm | Account

    def to_json(self) -> dict[str, JsonValue]:
        """The name as results tell it."""
        if isinstance(self.about, Account):
            realm, is_personal = self.about.realm, self.about.is_personal
        else:
            realm, is_personal = self.about, None
        return {"name": self.name, **realm.to_json(), "personal_account": is_personal}


@dataclass(frozen=True)
class NotFound:
    """A name that nothing is known about, and why."""

    name: str
    error: TenantopsError

    def to_json(self) -> dict[str, JsonValue]:
        """The name as results tell it."""
        return {"name": self.name, "error": dict(self.error.as_result())}


async def find_all(
    names: Sequence[str],
    realms: RememberedRealms,
    *,
    personal_accounts: bool,
    in_flight: int,
) -> list[Found | NotFound]:
    """What there is to know about each name, in their order.

    Domains and mail addresses can be mixed; `personal_accounts` tells whether addresses are looked
    up among the personal accounts too. Raises nothing for a name.
    """
    results: dict[int, Found | NotFound] = {}
    waiting = enumerate(names)

    async def work(numbered: Iterator[tuple[int, str]]) -> None:
        for number, name in numbered:
            results[number] = await _find(name, realms, personal_accounts)

    # They share one iterator, so that only as many names are under way as there are workers.
    async with asyncio.TaskGroup() as group:
        for _number in range(in_flight):
            group.create_task(work(waiting))
    return [results[number] for number in range(len(names))]


async def _find(name: str, realms: RememberedRealms, personal_accounts: bool) -> Found | NotFound:
    try:
        subject = domain_or_address(name)
        if not isinstance(subject, Address):
            return Found(name, await realms.realm(subject))
        if personal_accounts:
            return Found(name, await realms.account(str(subject)))
        return Found(name, await realms.realm(subject.domain))
    except TenantopsError as error:
        return NotFound(name, error)
