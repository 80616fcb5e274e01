# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The people in the cloud: who they are there, and whether the wanted names can be theirs.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .._changes.model import Change
from .._domains import model as domains
from .._errors import ConditionUnmet, TenantopsError
from .._graph.client import Graph
from .._licenses.model import Skus
from .._licenses.reading import read_skus
from .._sign_in_names.holders import read_holders
from .._sign_in_names.planning import Holders
from .._sync.state import READ_FEATURES, SyncState, read_sync_state
from .._tenants.organization import Organization, read_organization
from .._users.model import User
from .._users.streaming import read_named_users, read_users

FIELDS = (
    "id",
    "userPrincipalName",
    "onPremisesImmutableId",
    "onPremisesSyncEnabled",
    "usageLocation",
    "licenseAssignmentStates",
)
"""What is asked about people."""

_FEDERATED = "Federated"


@dataclass(frozen=True)
class CloudSide:
    """What was read of the tenant.

    `users` are by onPremisesImmutableId, usually one for each. `named` are those whom nothing but
    an open snapshot named, or why they cannot be read, by object id. `verified` are the tenant's
    verified domains in lower case, and `federated` those of them where a sign-in is another
    system's.
    """

    users: Mapping[str, tuple[User, ...]]
    named: Mapping[str, User | TenantopsError]
    holders: Holders
    sync: SyncState
    skus: Skus
    verified: frozenset[str]
    federated: frozenset[str]


async def read_cloud(
    graph: Graph,
    immutable_ids: Iterable[str],
    names: Iterable[str],
    open_users: Iterable[str],
    planned: Iterable[Change],
) -> CloudSide:
    """Read who has these immutable ids and wanted names; `open_users` are ids of users who are
    asked for in any case. `planned` is what earlier tasks would have changed."""
    organization = await read_organization(graph)
    wanted = frozenset(immutable_ids)
    users: dict[str, tuple[User, ...]] = {}
    known: set[str] = set()
    async for user in read_users(graph, fields=FIELDS):
        anchor = user.on_premises_immutable_id
        # Pages that shift while they are read tell of somebody twice.
        if anchor is not None and anchor in wanted and user.id not in known:
            users[anchor] = (*users.get(anchor, ()), user)
            known.add(user.id)
    orphans = [user_id for user_id in open_users if user_id not in known]
    return CloudSide(
        users=users,
        named={
            user_id: user async for user_id, user in read_named_users(graph, orphans, fields=FIELDS)
        },
        holders=await read_holders(graph, names, lambda user: user),
        sync=await read_sync_state(graph),
        skus=await read_skus(graph),
        verified=_verified(organization, planned),
        federated=frozenset(
            domain.name.lower()
            for domain in organization.verified_domains
            if domain.kind == _FEDERATED
        ),
    )


def brings_names(graph: Graph, sync: SyncState, chosen: str) -> bool:
    """Whether the sync brings new names to licensed users as well; `chosen` is `sync_feature`.

    Raises `ConditionUnmet` where there is no sync, and where that is not known.
    """
    if sync.is_synced is not True:
        raise ConditionUnmet(
            "No directory is synchronised to this tenant",
            server=graph.server,
            subject=f"tenant {graph.tenant}",
            answer=f"onPremisesSyncEnabled is {sync.is_synced}",
            advice="Set the sync up first; for users of the cloud alone see entra_user_upn.",
        )
    if chosen != "read":
        return chosen == "enabled"
    if sync.pushes_names is None:
        raise ConditionUnmet(
            "Graph does not tell whether the sync brings new names to licensed users",
            server=graph.server,
            subject=f"tenant {graph.tenant}",
            answer="the feature is not among those it tells"
            if sync.denial is None
            else str(sync.denial),
            advice=f"{READ_FEATURES.advice} Or see for yourself whether"
            " synchronizeUpnForManagedUsersEnabled is on, and say so in sync_feature.",
        )
    return sync.pushes_names


def _verified(organization: Organization, planned: Iterable[Change]) -> frozenset[str]:
    """The verified domains, with those that earlier tasks would have verified."""
    verified = {domain.name.lower() for domain in organization.verified_domains}
    for change in planned:
        key = domains.DomainKey(organization.tenant_id, change.name)
        if (change.resource, change.id) != (domains.RESOURCE, key.id):
            continue
        if (change.property, change.after) == (domains.IS_VERIFIED, True):
            verified.add(key.name)
        elif (change.property, change.after) == (domains.DOMAIN, None):
            verified.discard(key.name)
    return frozenset(verified)
