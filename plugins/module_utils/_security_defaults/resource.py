# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security defaults of a tenant, guarded and changed through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._changes.model import Change, Value
from .._errors import PersonNeeded
from .._graph.client import Graph
from .._graph.compare_and_set import Settable
from .._graph.errors import GraphRefused
from .conditional_access import ConditionalAccessPolicy
from .model import SecurityDefaults, defaults_after
from .reading import (
    READ_POLICIES,
    SUBJECT,
    WRITE_DEFAULTS,
    conditional_access_policies,
    read_defaults,
    set_defaults,
)

_SHOWN = 20
_BAD_REQUEST = 400


class SecurityDefaultsResource:
    """A `Resource` for the security defaults of one tenant.

    `may_unprotect` is whether somebody answers for turning them off where nothing else protects
    the administrators.
    """

    def __init__(self, graph: Graph, *, may_unprotect: bool = False) -> None:
        self._graph = graph
        self._may_unprotect = may_unprotect

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._graph.server} tenant {self._graph.tenant}: {SUBJECT}"

    async def read(self) -> SecurityDefaults:
        """See `Resource`."""
        return await read_defaults(self._graph)

    async def guard(self, state: SecurityDefaults, changes: Sequence[Change]) -> None:
        """See `Resource`. They and Conditional Access exclude each other; one of them should be."""
        await self._graph.require(READ_POLICIES, WRITE_DEFAULTS)
        if defaults_after(state, changes).is_enabled:
            self._check_on(await conditional_access_policies(self._graph))
        elif not self._may_unprotect:
            self._check_off(await conditional_access_policies(self._graph))

    def _check_on(self, policies: Sequence[ConditionalAccessPolicy]) -> None:
        enabled = [policy for policy in policies if policy.is_enabled]
        if enabled:
            raise PersonNeeded(
                "Security defaults cannot be turned on: "
                f"{len(enabled)} policies of Conditional Access are enabled",
                server=self._graph.server,
                subject=SUBJECT,
                answer=_told(enabled),
                advice="Conditional Access can do more than security defaults: if these policies "
                "protect the tenant, want security defaults off. Otherwise turn the policies off "
                "in the Entra admin center (Protection, Conditional Access), and run again. "
                "Nothing was changed.",
            )

    def _check_off(self, policies: Sequence[ConditionalAccessPolicy]) -> None:
        if not any(policy.covers_administrators for policy in policies):
            enabled = [policy for policy in policies if policy.is_enabled]
            raise PersonNeeded(
                "Without security defaults nothing would protect the administrators",
                server=self._graph.server,
                subject=SUBJECT,
                answer="no enabled policy of Conditional Access asks administrators for "
                "multifactor authentication in all apps"
                + (f": {_told(enabled)}" if enabled else ""),
                advice="Microsoft lets nobody enable a policy while they are on. So prepare one "
                "for administrators in report-only mode, say in acknowledge_reason that it is "
                "enabled as soon as they are off, or why there is none, and run again: the plan "
                "and the journal keep the reason. To sign in, nobody has to turn them off: see "
                "docs/security_defaults.md. Nothing was changed.",
            )

    async def write(self, state: SecurityDefaults, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        wanted = defaults_after(state, changes)
        setting = Settable(self._graph, SUBJECT, self.read)
        try:
            await setting.compare_and_set(state, wanted, lambda: set_defaults(self._graph, wanted))
        except GraphRefused as refusal:
            if wanted.is_enabled and refusal.status == _BAD_REQUEST:
                refusal.advice = (
                    "Policies of Conditional Access, classic policies and those of Identity "
                    "Protection hinder it, and Graph does not list all of these: look at them in "
                    "the Entra admin center (Protection), and run again."
                )
            raise
        return changes

    def current(self, state: SecurityDefaults, change: Change) -> Value:
        """See `Resource`."""
        return state.is_enabled

    def without_idle(self, state: SecurityDefaults, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes


def _told(policies: Sequence[ConditionalAccessPolicy]) -> str:
    more = len(policies) - _SHOWN
    return ", ".join(map(str, policies[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
