# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The default domain of a tenant, read and written through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._changes.model import Change, Value
from .._errors import (
    ChangedMeanwhile,
    NotAsWritten,
    NotUnderstood,
    PersonNeeded,
    Refused,
    write_was_sent,
)
from .._graph import waiting
from .api import Domains
from .default_model import DefaultDomain, default_after
from .model import Domain

_SUBJECT = "domains"


class DefaultDomainResource:
    """A `Resource` for which domain is the default one.

    `coming` is a domain that earlier steps of a dry run would have brought about: it is looked at
    in place of what the tenant has.
    """

    def __init__(self, domains: Domains, tenant_id: str, coming: Domain | None = None) -> None:
        self._domains = domains
        self._tenant_id = tenant_id
        self._coming = coming

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._domains.server} tenant {self._tenant_id}: default domain"

    async def read(self) -> DefaultDomain:
        """See `Resource`. A tenant has exactly one default domain."""
        found = [domain.name for domain in await self._domains.all() if domain.is_default]
        if len(found) != 1:
            raise NotUnderstood(
                "The tenant does not tell which domain is its default one",
                server=self._domains.server,
                subject=_SUBJECT,
                answer=f"isDefault is true for {', '.join(found) or 'none'}",
                advice="Look at the domains in the Entra admin center before going on.",
            )
        return DefaultDomain(self._tenant_id, found[0])

    async def guard(self, state: DefaultDomain, changes: Sequence[Change]) -> None:
        """See `Resource`."""
        wanted = default_after(state, changes).name
        domain = self._coming
        if domain is None or domain.name != wanted:
            domain = await self._domains.find(wanted)
        if domain is None or not domain.is_verified:
            raise Refused(
                f"{wanted} cannot be the default domain: "
                + ("it is not verified" if domain else "the tenant does not have it"),
                server=self._domains.server,
                subject=f"{_SUBJECT}/{wanted}",
                advice="Verify it first.",
            )
        if domain.authentication_type == "Federated":
            raise PersonNeeded(
                f"{wanted} cannot be the default domain: it is federated",
                server=self._domains.server,
                subject=f"{_SUBJECT}/{wanted}",
                answer="authenticationType Federated",
                advice="Make it a managed domain where its federation is administered, or leave "
                "make_default out. Then run again.",
            )

    async def write(self, state: DefaultDomain, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`. Graph has no conditional write, so it is read again right before."""
        if await self.read() != state:
            raise ChangedMeanwhile(
                "Somebody else made another domain the default one meanwhile",
                server=self._domains.server,
                subject=_SUBJECT,
            )
        wanted = default_after(state, changes)
        await self._domains.make_default(wanted.name)
        with write_was_sent():
            await self._settled(wanted)
        return changes

    def current(self, state: DefaultDomain, change: Change) -> Value:
        """See `Resource`."""
        return state.name

    def without_idle(self, state: DefaultDomain, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes

    async def _settled(self, wanted: DefaultDomain) -> None:
        most = min(waiting.SETTLE_TIME, self._domains.graph.retry_time)
        async for _left in waiting.looks(most):
            # Not by `read`: between two of Graph's servers there can be two default domains.
            domains = await self._domains.all()
            if [domain.name for domain in domains if domain.is_default] == [wanted.name]:
                return
        raise NotAsWritten(
            f"Graph accepted {wanted.name} as the default domain but does not show it",
            server=self._domains.server,
            subject=f"{_SUBJECT}/{wanted.name}",
            advice="Run again in some minutes: if it is in place then, nothing is changed.",
        )
