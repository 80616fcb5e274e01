# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests of a tenant with how each signs in, in a stream.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from typing import Protocol

from .._errors import TenantopsError
from .._graph.client import Graph
from .._realms.model import RealmKind
from .model import Guest, ReadGuest, SignInMethod
from .reading import guest_pages
from .selection import Selection

_TOLD_BY_REALM = frozenset(
    {SignInMethod.ENTRA_MANAGED, SignInMethod.ENTRA_VIRAL, SignInMethod.ENTRA_UNRESOLVED}
)
EVERYBODY = Selection()


class KnownRealms(Protocol):
    """What is asked about domains: `RememberedRealms`, so that each is asked about once."""

    async def kind(self, domain: str) -> RealmKind:
        """See `RememberedRealms.kind`."""


async def classified(
    graph: Graph,
    realms: KnownRealms,
    selection: Selection = EVERYBODY,
    failures: dict[str, TenantopsError] | None = None,
) -> AsyncIterator[Guest]:
    """The guests that are meant, in Graph's order, a page of them in memory at a time.

    A domain whose realm cannot be found out is added to `failures`, and its guests are
    `ENTRA_UNRESOLVED`; without `failures` the error is raised. Raises what `guest_pages` raises.
    """
    async for page in guest_pages(graph, selection.methods):
        chosen = [guest for guest in page if selection.may_choose(guest)]
        kinds: dict[str, RealmKind] = {}
        if not selection.methods or selection.methods & _TOLD_BY_REALM:
            kinds = await _realm_kinds(_domains_to_ask(chosen), realms, failures)
        for read in chosen:
            guest = read.classified(kinds.get(read.domain or ""))
            if selection.chooses(guest):
                yield guest


def _domains_to_ask(guests: Iterable[ReadGuest]) -> list[str]:
    domains = (guest.domain for guest in guests if guest.needs_realm)
    return sorted({domain for domain in domains if domain is not None})


async def _realm_kinds(
    domains: Collection[str], realms: KnownRealms, failures: dict[str, TenantopsError] | None
) -> dict[str, RealmKind]:
    """What is known of domains; how many are asked about at a time, the service's client says."""

    async def kind(domain: str) -> RealmKind | None:
        try:
            return await realms.kind(domain)
        except TenantopsError as error:
            if failures is None:
                raise
            failures[domain] = error
            return None

    found = await asyncio.gather(*map(kind, domains))
    return {domain: kind for domain, kind in zip(domains, found, strict=True) if kind is not None}
