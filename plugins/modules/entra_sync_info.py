# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_sync_info
short_description: Tell how a directory is synchronised to an Entra tenant, and wait until it was
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Tells whether a directory is synchronised to the tenant, when that was done last, and with
    which features.
  - Can wait for a synchronisation, and for users to be as they should be after it. What counts is
    what is read back, not how long it took. A line on the screen tells after each look how many are
    waited for (where the task runs in the controller).
  - The first looks are soon after each other, later ones up to 30 seconds apart.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - Where the app may not read the features, they are not known, and everything else is told.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.entra
  graph_permissions:
    support: full
    details:
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read when it was synchronised last."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where O(users): to look for them."
      - "C(OnPremDirectorySynchronization.Read.All), or
        C(OnPremDirectorySynchronization.ReadWrite.All) as an extra: to tell the features of the
        synchronisation."
options:
  users:
    description:
      - Users as they should be after the synchronisation.
      - Each is looked up by its O(users[].id), else by its O(users[].immutable_id), else by its
        O(users[].user_principal_name). It is as expected if all that is given is so.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: The user's object id.
        type: str
      immutable_id:
        description:
          - What ties the user to the directory, C(onPremisesImmutableId).
          - In general that is C(ms-DS-ConsistencyGuid), or C(objectGUID) where there is none, in
            base64.
        type: str
      user_principal_name:
        description: The sign-in name, without regard to case.
        type: str
  synced_after:
    description:
      - A time in ISO 8601, UTC unless it tells otherwise. Expected is a synchronisation that ended
        after it.
    type: str
  wait:
    description:
      - How many seconds to wait, at most, until everything is as expected. If the time runs out the
        task fails, and tells who is missing.
      - With V(0), and in check mode, nothing is waited for, and RV(seen) tells.
    type: float
    default: 0
seealso:
  - module: tenantops.migration.entra_tenant_info
  - module: tenantops.migration.entra_user_info
"""

EXAMPLES = r"""
- name: See whether a changed sign-in name reaches users who have a licence
  tenantops.migration.entra_sync_info:
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: synchronised

- name: Wait until a synchronisation has ended, whenever it began
  tenantops.migration.entra_sync_info:
    synced_after: "{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ') }}"
    wait: 3600
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Wait until a user has the new sign-in name
  tenantops.migration.entra_sync_info:
    users:
      - immutable_id: 4dZlbWX3JkGC3iPWuQ5sOw==
        user_principal_name: ada@contoso.com
    wait: 3600
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
    # The tenant is large, and another program works as the same app.
    entra_quota:
      tenant_size: large
      share: 0.5

- name: See whether a user came, with figures that Microsoft has agreed on with us
  tenantops.migration.entra_sync_info:
    users:
      - id: 6c7d3a52-6b0e-4c8f-9d59-1c2f7b8a9d10
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
    entra_quota:
      writes: 6000
      writes_time: 150
      resource_units: 16000
      resource_units_time: 10
      app_writes: 70000
      # All containers that work as this app have this folder.
      folder: /var/lib/tenantops/quota
"""

RETURN = r"""
sync:
  description: How the tenant is synchronised.
  returned: success
  type: dict
  contains:
    is_synced:
      description: V(true) while a directory is synchronised to it, V(false) if that was so
        formerly, V(null) if it never was.
      type: bool
      sample: true
    last_sync:
      description: When that was last done, V(null) if never.
      type: str
      sample: "2026-11-22T20:15:00+00:00"
    synchronizes_upn_of_managed_users:
      description:
        - Whether a sign-in name that is changed in the directory is also changed for users who sign
          in with Microsoft and have a licence. Where not, they must be without licence meanwhile.
        - V(null) if it is not known.
      type: bool
      sample: false
    features:
      description: All features by Graph's names, V(null) if they are not known.
      type: dict
      sample:
        softMatchOnUpnEnabled: true
        synchronizeUpnForManagedUsersEnabled: false
    features_denied:
      description: What Graph says if it does not let us know the features.
      type: str
users:
  description: Those of O(users), each once.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: As given.
      type: str
    immutable_id:
      description: As given.
      type: str
      sample: 4dZlbWX3JkGC3iPWuQ5sOw==
    user_principal_name:
      description: As given.
      type: str
      sample: ada@contoso.com
    seen:
      description: Whether the user is as expected, V(null) if that could not be found out.
      type: bool
      sample: false
    found:
      description: The user as it is, V(null) if there is none.
      type: dict
      sample:
        id: 6c7d3a52-6b0e-4c8f-9d59-1c2f7b8a9d10
        immutable_id: 4dZlbWX3JkGC3iPWuQ5sOw==
        user_principal_name: ada@contoso.onmicrosoft.com
        is_synced: true
    problem:
      description: Why it could not be found out.
      type: str
seen:
  description: Whether everything is as expected.
  returned: success
  type: bool
  sample: false
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: not_yet_seen
    problem: "Not as expected after 3600 seconds: ada@contoso.com"
    server: https://graph.microsoft.com
    object: tenant 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    answer: the last synchronisation was at 2026-11-22T20:15:00+00:00
    advice: See in the synchronisation's own errors who was left out and why, and whether it runs at
      all. Run again, with a longer wait if it only takes time.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._sync.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        Arguments(
            {
                "users": {
                    "type": "list",
                    "elements": "dict",
                    "default": [],
                    "options": {
                        "id": {"type": "str"},
                        "immutable_id": {"type": "str"},
                        "user_principal_name": {"type": "str"},
                    },
                },
                "synced_after": {"type": "str"},
                "wait": {"type": "float", "default": 0},
            }
        )
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
