# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Realms of many names, where many of them share a domain: each domain is asked about once.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from .._domain_names.names import address, domain_name
from .model import Account, Realm, RealmKind


class AskedRealms(Protocol):
    """What is asked: `Realms` of discovery.py."""

    async def realm(self, domain: str) -> Realm:
        """See `Realms.realm`."""

    async def kind(self, domain: str) -> RealmKind:
        """See `Realms.kind`."""

    async def has_personal_account(self, mail_address: str) -> bool:
        """See `Realms.has_personal_account`."""


class RememberedRealms:
    """Asks about each domain once, also if many want to know at the same time.

    What failed is remembered as well: it was tried long enough. An address is asked about each
    time. Good for one event loop, and as long as a domain may be taken to stay as it is.
    """

    def __init__(self, realms: AskedRealms) -> None:
        self._realms = realms
        self._asked: dict[str, asyncio.Future[Realm]] = {}
        self._kinds: dict[str, asyncio.Future[RealmKind]] = {}

    async def realm(self, domain: str) -> Realm:
        """Whose a domain is. Raises what `Realms.realm` raises."""
        name = domain_name(domain)
        if name not in self._asked:
            self._asked[name] = asyncio.ensure_future(self._realms.realm(name))
        # One who does not want to know any more must not take it from the others.
        return await asyncio.shield(self._asked[name])

    async def kind(self, domain: str) -> RealmKind:
        """Of what kind a domain's realm is. Raises what `Realms.kind` raises."""
        name = domain_name(domain)
        if name in self._asked:
            return (await self.realm(name)).kind
        if name not in self._kinds:
            self._kinds[name] = asyncio.ensure_future(self._realms.kind(name))
        return await asyncio.shield(self._kinds[name])

    async def account(self, mail_address: str) -> Account:
        """The realm of an address, and whether it is a personal account. Raises like `realm`."""
        written = address(mail_address)
        realm = await self.realm(written.domain)
        is_personal = await self._realms.has_personal_account(str(written))
        return Account(str(written), realm, is_personal)
