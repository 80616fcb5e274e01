# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tenant has of the directory sync, and where the directory is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class DirectoryServer:
    """The domain controller that the sync reads, and the account it reads with.

    ``name`` is in the server's certificate, ``domain`` is the name of its DNS domain.
    """

    address: str
    port: int
    name: str
    domain: str
    ca_file: str
    username: str
    password: str


@dataclass
class SyncFeatures:
    """The service features of the sync that decide something here, by their names in Graph.

    https://learn.microsoft.com/graph/api/resources/onpremisesdirectorysynchronizationfeature
    """

    synchronize_upn_for_managed_users: bool = False
    soft_match_on_upn: bool = True
    block_soft_match: bool = False
    block_cloud_object_takeover_through_hard_match: bool = False


@dataclass
class DirectorySync:
    """The sync of a tenant: of everybody below ``search_bases``, ``every`` so many seconds.

    Without search bases there is no sync, without ``every`` only on request. A cycle that would
    delete more people than ``deletion_threshold`` deletes nobody. With ``only_changed_names`` a
    user principal name goes to the cloud only in the cycle after its change in the directory,
    whatever stood in the way then; without, whenever nothing stands in the way any more.
    """

    search_bases: list[str] = field(default_factory=list)
    every: float | None = None
    deletion_threshold: int = 500
    only_changed_names: bool = False
    features: SyncFeatures = field(default_factory=SyncFeatures)
