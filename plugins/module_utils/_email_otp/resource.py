# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The email authentication method of a tenant, read and written through Microsoft Graph.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from .._changes.model import Change, Value
from .._errors import ChangedMeanwhile, NotAsWritten, NotUnderstood, write_was_sent
from .._graph.client import Graph
from .._libraries import library
from .model import EmailOtpPolicy, GuestOtp, policy_after

with library("msgraph-sdk"):
    from msgraph.generated.models.email_authentication_method_configuration import (
        EmailAuthenticationMethodConfiguration,
    )
    from msgraph.generated.models.external_email_otp_state import ExternalEmailOtpState

_CONFIGURATION_ID = "email"
_SUBJECT = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email"

# Seconds to wait for a write to show, and between looks.
_SETTLE_TIME = 120.0
_LOOK_EVERY = 0.5


class EmailOtpResource:
    """A `Resource` for the setting of one tenant."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        policies = graph.client.policies.authentication_methods_policy
        configurations = policies.authentication_method_configurations
        self._request = configurations.by_authentication_method_configuration_id(_CONFIGURATION_ID)

    @property
    def target(self) -> str:
        """See `Resource`."""
        return f"{self._graph.server} tenant {self._graph.tenant}: {_SUBJECT}"

    async def read(self) -> EmailOtpPolicy:
        """See `Resource`. An answer without one of the three known settings is an error."""
        answer = await self._graph.call(_SUBJECT, self._request.get)
        if not isinstance(answer, EmailAuthenticationMethodConfiguration) or answer.id is None:
            raise NotUnderstood(
                "The answer is not an email authentication method",
                server=self._graph.server,
                subject=_SUBJECT,
                answer=f"@odata.type {getattr(answer, 'odata_type', None)!r}",
            )
        setting = answer.allow_external_id_to_use_email_otp
        if setting is None or setting is ExternalEmailOtpState.UnknownFutureValue:
            raise NotUnderstood(
                "The tenant's setting for guests is none that this version knows",
                server=self._graph.server,
                subject=_SUBJECT,
                answer="allowExternalIdToUseEmailOtp is neither default, enabled nor disabled",
                advice="Look at the setting in the Entra admin center before changing it.",
            )
        return EmailOtpPolicy(id=answer.id, guests=GuestOtp(setting.value))

    async def guard(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> None:
        """See `Resource`."""

    async def write(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`. Graph has no conditional write, so the value is read again right before.

        Only the guests' setting is sent: the members' `state` and the targets stay as they are.
        """
        if await self.read() != state:
            raise ChangedMeanwhile(
                "Somebody else changed the setting meanwhile",
                server=self._graph.server,
                subject=_SUBJECT,
            )
        wanted = policy_after(state, changes)
        body = EmailAuthenticationMethodConfiguration(
            allow_external_id_to_use_email_otp=ExternalEmailOtpState(wanted.guests.value)
        )
        await self._graph.call(_SUBJECT, lambda: self._request.patch(body))
        with write_was_sent():
            await self._settled(wanted)
        return changes

    def current(self, state: EmailOtpPolicy, change: Change) -> Value:
        """See `Resource`."""
        return state.guests.value

    def without_idle(self, state: EmailOtpPolicy, changes: Sequence[Change]) -> Sequence[Change]:
        """See `Resource`."""
        return changes

    async def _settled(self, wanted: EmailOtpPolicy) -> None:
        """Wait until the write can be read: Graph's servers do not all know it at once."""
        give_up_at = time.monotonic() + min(_SETTLE_TIME, self._graph.retry_time)
        while (found := await self.read()) != wanted:
            if time.monotonic() > give_up_at:
                raise NotAsWritten(
                    f"Graph accepted {wanted.guests.value!r} but keeps answering "
                    f"{found.guests.value!r}",
                    server=self._graph.server,
                    subject=_SUBJECT,
                    advice="Run again in some minutes: if it is in place then, nothing is changed.",
                )
            await asyncio.sleep(_LOOK_EVERY)
