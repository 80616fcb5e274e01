# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The email authentication method of a tenant, guarded and changed through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._changes.model import Change, Value
from .._errors import StillInUse
from .._graph import waiting
from .._graph.client import Graph
from .._graph.compare_and_set import Settable
from .._guests.reading import READ_GUESTS, PasscodeGuests
from .._redemption_order.model import Fallback, RedemptionOrder, is_of_order, order_after
from .._redemption_order.reading import read_order
from .locked_out import Allowed, check_locked_out
from .model import EmailOtpPolicy, policy_after, turns_off
from .reading import SUBJECT, WRITE_POLICY, read_policy, set_policy


class EmailOtpResource:
    """A `Resource` for the setting of one tenant.

    `allowed` says what turning it off may do. Who that locks out is in `locked_out` once a guard
    has asked.
    """

    def __init__(self, graph: Graph, allowed: Allowed | None = None) -> None:
        self._graph = graph
        self._allowed = allowed or Allowed()
        self.locked_out: PasscodeGuests | None = None

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._graph.server} tenant {self._graph.tenant}: {SUBJECT}"

    async def read(self) -> EmailOtpPolicy:
        """See `Resource`."""
        return await read_policy(self._graph)

    async def guard(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> None:
        """See `Resource`. Nobody may lose the only way in, or be offered one that is closed."""
        await self._graph.require(WRITE_POLICY)
        if not turns_off(state, policy_after(state, changes)):
            return
        await self._graph.require(READ_GUESTS)
        await self._check_fallback()
        self.locked_out = await check_locked_out(self._graph, self._allowed, SUBJECT)

    async def _check_fallback(self) -> None:
        """Earlier tasks of a run may have changed the order, which is not seen at once."""
        earlier = self._allowed.earlier
        is_awaited = not self._allowed.is_planned and any(map(is_of_order, earlier))
        most = min(waiting.SETTLE_TIME, self._graph.retry_time) if is_awaited else 0.0
        async for left in waiting.looks(most):
            order = await read_order(self._graph)
            if self._allowed.is_planned:
                order = order_after(order, earlier)
            if order.fallback is not Fallback.EMAIL_ONE_TIME_PASSCODE:
                return
            if left == 0.0:
                raise self._fallback_in_use(order)

    def _fallback_in_use(self, order: RedemptionOrder) -> StillInUse:
        return StillInUse(
            "The redemption order falls back to the passcode",
            server=self._graph.server,
            subject=SUBJECT,
            answer=f"fallbackIdentityProvider {order.fallback.value}",
            advice="Guests without another account could not redeem any more. Set another fallback "
            "first, with entra_redemption_order. Nothing was changed.",
        )

    async def write(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        wanted = policy_after(state, changes)
        setting = Settable(self._graph, SUBJECT, self.read)
        await setting.compare_and_set(state, wanted, lambda: set_policy(self._graph, wanted))
        return changes

    def current(self, state: EmailOtpPolicy, change: Change) -> Value:
        """See `Resource`."""
        return state.guests.value

    def without_idle(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes
