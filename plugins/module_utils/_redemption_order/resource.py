# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redemption order of a tenant, guarded and changed through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._changes.model import Change, Value
from .._email_otp.model import policy_after
from .._email_otp.reading import read_policy
from .._errors import ConditionUnmet
from .._graph.client import Graph
from .._graph.compare_and_set import Settable
from .model import Fallback, RedemptionOrder, current, order_after
from .reading import SUBJECT, WRITE_ORDER, read_order, set_order


class RedemptionOrderResource:
    """A `Resource` for the order of one tenant.

    `planned` are changes that other steps of a dry run would have made before this one.
    """

    def __init__(self, graph: Graph, tenant_id: str, planned: Sequence[Change] = ()) -> None:
        self._graph = graph
        self._tenant_id = tenant_id
        self._planned = planned

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._graph.server} tenant {self._tenant_id}: redemption order"

    async def read(self) -> RedemptionOrder:
        """See `Resource`."""
        return await read_order(self._graph)

    async def guard(self, state: RedemptionOrder, changes: Sequence[Change]) -> None:
        """See `Resource`. Guests cannot fall back to a passcode that they are not given."""
        await self._graph.require(WRITE_ORDER)
        if order_after(state, changes).fallback is not Fallback.EMAIL_ONE_TIME_PASSCODE:
            return
        policy = policy_after(await read_policy(self._graph), self._planned)
        if not policy.is_on:
            raise ConditionUnmet(
                "Guests would fall back to the passcode, which is off",
                server=self._graph.server,
                subject=SUBJECT,
                answer=f"allowExternalIdToUseEmailOtp {policy}",
                advice="Turn the passcode on first, with entra_email_otp, and in a dry run give "
                "what that returns as planned_changes. Nothing was changed.",
            )

    async def write(self, state: RedemptionOrder, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        wanted = order_after(state, changes)
        setting = Settable(self._graph, SUBJECT, self.read)
        await setting.compare_and_set(state, wanted, lambda: set_order(self._graph, wanted))
        return changes

    def current(self, state: RedemptionOrder, change: Change) -> Value:
        """See `Resource`."""
        return current(state, change)

    def without_idle(self, state: RedemptionOrder, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes
