# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Assesses entry after entry, a few of them at a time and each domain once.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from .._errors import TenantopsError
from .._realms.model import Realm
from .judgement import judge
from .model import Assessed, BadEntry, DnsFacts, Entry

Answer = TypeVar("Answer")


class RealmsByDomain(Protocol):
    """Whose domains are: `RememberedRealms`, which asks about each of them once."""

    async def realm(self, domain: str) -> Realm:
        """See `Realms.realm`."""


class PersonalAccounts(Protocol):
    """Which addresses are personal accounts: `Realms`."""

    async def has_personal_account(self, mail_address: str) -> bool:
        """See `Realms.has_personal_account`."""


@dataclass
class DnsByDomain:
    """What DNS says about domains; each is looked up once, in a thread of `threads`."""

    look_up: Callable[[str], DnsFacts]
    threads: Executor
    _asked: dict[str, asyncio.Future[DnsFacts]] = field(default_factory=dict, init=False)

    async def facts(self, domain: str) -> DnsFacts:
        """The facts about a domain. Raises what `dns_facts` raises, to everyone who asks."""
        if domain not in self._asked:
            loop = asyncio.get_running_loop()
            self._asked[domain] = loop.run_in_executor(self.threads, self.look_up, domain)
        return await asyncio.shield(self._asked[domain])


@dataclass(frozen=True)
class Assessor:
    """Finds out about entries. `accounts` is null where addresses are not to be looked up."""

    realms: RealmsByDomain
    accounts: PersonalAccounts | None
    dns: DnsByDomain
    own_tenants: Collection[str] = ()

    async def assess(self, entry: Entry | BadEntry) -> Assessed:
        """What there is to know about an entry. What could not be found out is in it as errors."""
        if isinstance(entry, BadEntry):
            return Assessed(entry, errors=(entry.error,))
        realm, is_personal, dns = await asyncio.gather(
            _tried(self.realms.realm(entry.domain)),
            _tried(self._is_personal(entry)),
            _tried(self.dns.facts(entry.domain)),
        )
        known_realm = None if isinstance(realm, TenantopsError) else realm
        known_personal = None if isinstance(is_personal, TenantopsError) else is_personal
        known_dns = None if isinstance(dns, TenantopsError) else dns
        return Assessed(
            entry,
            realm=known_realm,
            is_personal=known_personal,
            dns=known_dns,
            judgement=None
            if known_realm is None
            else judge(
                entry,
                known_realm,
                is_personal=known_personal,
                dns=known_dns,
                own_tenants=self.own_tenants,
            ),
            errors=tuple(
                answer for answer in (realm, is_personal, dns) if isinstance(answer, TenantopsError)
            ),
        )

    async def _is_personal(self, entry: Entry) -> bool | None:
        if self.accounts is None or entry.address is None:
            return None
        return await self.accounts.has_personal_account(entry.address)


async def assess_all(
    entries: Iterable[Entry | BadEntry],
    assessor: Assessor,
    take: Callable[[Assessed], None],
    *,
    in_flight: int,
) -> None:
    """Give every entry to `take` when it is assessed, in their order.

    At most `in_flight` of them are in memory. Raises what `entries` or `take` raise.
    """
    under_way: deque[asyncio.Task[Assessed]] = deque()
    try:
        for entry in entries:
            if len(under_way) == in_flight:
                take(await under_way.popleft())
            under_way.append(asyncio.create_task(assessor.assess(entry)))
        while under_way:
            take(await under_way.popleft())
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _tried(answer: Awaitable[Answer]) -> Answer | TenantopsError:
    try:
        return await answer
    except TenantopsError as error:
        return error
