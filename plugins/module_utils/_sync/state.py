# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a tenant is synchronised with a directory: when last, and with which features.

Source: Microsoft Graph, resources organization and onPremisesDirectorySynchronization. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .._changes.model import JsonValue
from .._errors import InvalidInput, NotUnderstood, TenantopsError
from .._graph import waiting
from .._graph.access import Access
from .._graph.client import Graph
from .._graph.errors import is_denied
from .._graph.json_requests import get_json
from .._tenants.organization import Organization, read_organization

READ_FEATURES = Access(
    "OnPremDirectorySynchronization.Read.All",
    "Global Reader",
    ("OnPremDirectorySynchronization.ReadWrite.All",),
)
"""What reading the features needs. Microsoft's pages differ on whether an app can have it."""

_SUBJECT = "directory/onPremisesSynchronization"
_PUSHES_NAMES = "synchronizeUpnForManagedUsersEnabled"


@dataclass(frozen=True)
class SyncState:
    """How the tenant is synchronised.

    `is_synced` is true while a directory is, false if one formerly was, null if none ever was.
    `features` are by Graph's names, null where Graph does not let us know, for which `denial` is
    what it said.
    """

    is_synced: bool | None
    last_sync: str | None
    features: Mapping[str, bool] | None
    denial: TenantopsError | None = None

    @property
    def pushes_names(self) -> bool | None:
        """Whether a changed sign-in name reaches users who are managed and licensed.

        Null if it is not known. Without this feature it does not: they have to be without licence
        meanwhile.
        """
        return None if self.features is None else self.features.get(_PUSHES_NAMES)

    def to_json(self) -> dict[str, JsonValue]:
        """The state as results tell it."""
        return {
            "is_synced": self.is_synced,
            "last_sync": self.last_sync,
            "synchronizes_upn_of_managed_users": self.pushes_names,
            "features": None if self.features is None else dict(sorted(self.features.items())),
            "features_denied": None if self.denial is None else str(self.denial),
        }


async def read_sync_state(graph: Graph) -> SyncState:
    """How the tenant is synchronised now. That its features are denied is part of the answer.

    Raises `TenantopsError` for everything else that goes wrong.
    """
    organization = await read_organization(graph)
    try:
        features = await _read_features(graph)
    except TenantopsError as error:
        if not is_denied(error):
            raise
        return SyncState(organization.is_synced, organization.last_sync, None, error)
    return SyncState(organization.is_synced, organization.last_sync, features)


async def syncs_since(graph: Graph, moment: datetime, seconds: float) -> AsyncIterator[bool]:
    """Whether the directory was synchronised after a moment, looked at until it was.

    The last look is when the seconds are over.
    """
    async for _left in waiting.looks(seconds):
        is_done = was_synced_after(await read_organization(graph), moment)
        yield is_done
        if is_done:
            return


def was_synced_after(organization: Organization, moment: datetime) -> bool:
    """Whether the last synchronisation ended after a moment."""
    last = organization.last_sync
    return last is not None and datetime.fromisoformat(last) > moment


def moment_from(option: str, text: str) -> datetime:
    """A moment in ISO 8601, which is UTC unless it tells otherwise. Raises `InvalidInput`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"{option} is not a time in ISO 8601: {text!r}",
            advice="Write it like 2026-11-22T20:15:00Z.",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _read_features(graph: Graph) -> Mapping[str, bool]:
    page = await get_json(graph, _SUBJECT, _SUBJECT, access=READ_FEATURES)
    listed = page.get("value")
    if not isinstance(listed, list) or len(listed) > 1:
        raise _not_understood(graph, f"{page!r}"[:200])
    # A tenant that was never synchronised has none.
    entry: Any = listed[0] if listed else {"features": {}}
    features = entry.get("features") if isinstance(entry, Mapping) else None
    if not isinstance(features, Mapping):
        raise _not_understood(graph, f"{entry!r}"[:200])
    return {str(name): value for name, value in features.items() if isinstance(value, bool)}


def _not_understood(graph: Graph, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The answer does not tell the features of the synchronisation",
        server=graph.server,
        subject=_SUBJECT,
        answer=answer,
    )
