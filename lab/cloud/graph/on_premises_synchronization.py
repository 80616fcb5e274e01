# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service features of the directory sync: a collection of one, for the tenant itself.

https://learn.microsoft.com/graph/api/resources/onpremisesdirectorysynchronization

Microsoft's pages say that applications are not supported here, its list of permissions says that
they are: an application that has the permission gets in.
"""

from __future__ import annotations

from typing import Any

from ..state import Tenant
from ..sync.settings import DirectorySync, SyncFeatures
from .errors import bad_request, not_found
from .routes import Answer, Call, Operation
from .schema import BOOLEAN, STRING, Complex, EntityType

_PATH = "/directory/onPremisesSynchronization"
_READ = frozenset(
    {
        "OnPremDirectorySynchronization.Read.All",
        "OnPremDirectorySynchronization.ReadWrite.All",
    }
)
_WRITE = frozenset({"OnPremDirectorySynchronization.ReadWrite.All"})
_SELECT = frozenset({"$select"})

_UPN = "synchronizeUpnForManagedUsersEnabled"
# Those that decide something in the lab, with their fields.
_STORED = {
    _UPN: "synchronize_upn_for_managed_users",
    "softMatchOnUpnEnabled": "soft_match_on_upn",
    "blockSoftMatchEnabled": "block_soft_match",
    "blockCloudObjectTakeoverThroughHardMatchEnabled": (
        "block_cloud_object_takeover_through_hard_match"
    ),
}
# The others, as they always are.
_FIXED = {
    "bypassDirSyncOverridesEnabled": False,
    "cloudPasswordPolicyForPasswordSyncedUsersEnabled": False,
    "concurrentCredentialUpdateEnabled": False,
    "concurrentOrgIdProvisioningEnabled": False,
    "deviceWritebackEnabled": False,
    "directoryExtensionsEnabled": False,
    "fopeConflictResolutionEnabled": False,
    "groupWriteBackEnabled": False,
    "passwordSyncEnabled": True,
    "passwordWritebackEnabled": False,
    "quarantineUponProxyAddressesConflictEnabled": True,
    "quarantineUponUpnConflictEnabled": True,
    "unifiedGroupWritebackEnabled": False,
    "userForcePasswordChangeOnLogonEnabled": False,
    "userWritebackEnabled": False,
}
_TYPE = EntityType(
    "microsoft.graph.onPremisesDirectorySynchronization",
    {
        "id": STRING,
        "features": Complex(
            "microsoft.graph.onPremisesDirectorySynchronizationFeature",
            dict.fromkeys([*_STORED, *_FIXED], BOOLEAN),
        ),
    },
)


def _list(call: Call) -> Answer:
    entity = call.query.project(_render(call.tenant), _TYPE.name)
    context = f"{call.base_url}/v1.0/$metadata#directory/onPremisesSynchronization"
    return Answer(200, {"@odata.context": context, "value": [entity]})


def _read(call: Call) -> Answer:
    _check_id(call)
    entity = call.query.project(_render(call.tenant), _TYPE.name)
    context = f"{call.base_url}/v1.0/$metadata#directory/onPremisesSynchronization/$entity"
    return Answer(200, {"@odata.context": context, **entity})


def _update(call: Call) -> Answer:
    _check_id(call)
    wanted = _TYPE.read_patch(call.body).get("features", {})
    with call.change() as tenant:
        features = tenant.sync.features
        if features.synchronize_upn_for_managed_users and wanted.get(_UPN) is False:
            raise bad_request(f"The feature {_UPN} cannot be disabled once it is enabled.")
        for name, value in wanted.items():
            if name in _FIXED and value != _FIXED[name]:
                raise bad_request(f"The feature {name} cannot be changed.")
        for name, value in wanted.items():
            if name in _STORED:
                setattr(features, _STORED[name], value)
    return Answer(204)


def _check_id(call: Call) -> None:
    if call.path["id"].casefold() != call.tenant.tenant_id.casefold():
        raise not_found(call.path["id"])


def _render(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.tenant_id,
        "configuration": _render_configuration(tenant.sync),
        "features": _render_features(tenant.sync.features),
    }


def _render_configuration(sync: DirectorySync) -> dict[str, Any]:
    return {
        "accidentalDeletionPrevention": {
            "synchronizationPreventionType": "enabledForCount",
            "alertThreshold": sync.deletion_threshold,
        }
    }


def _render_features(features: SyncFeatures) -> dict[str, bool]:
    stored = {name: bool(getattr(features, field)) for name, field in _STORED.items()}
    return dict(sorted({**stored, **_FIXED}.items()))


OPERATIONS = [
    Operation("GET", _PATH, _READ, _list, _SELECT),
    Operation("GET", f"{_PATH}/{{id}}", _READ, _read, _SELECT),
    Operation("PATCH", f"{_PATH}/{{id}}", _WRITE, _update),
]
