# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_user_info
short_description: List the users of an Entra tenant by the way they came to it
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Lists the users with one C(creationType). Those with V(EmailVerified) signed up by themselves;
    after the takeover of an unmanaged tenant they are the ones that arrived.
  - Administrators who made a user leave no C(creationType); these users are never listed.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - idna >= 3.7
notes:
  - "The app needs the Graph permission C(User.Read.All)."
  - Graph's lists may be some minutes behind the last changes.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.entra]
options:
  creation_type:
    description:
      - How the users came to be.
    type: str
    choices: [EmailVerified, Invitation, LocalAccount, SelfServiceSignUp]
    required: true
  domains:
    description:
      - Only users whose sign-in name or mail address is in one of these domains.
    type: list
    elements: str
seealso:
  - module: tenantops.migration.entra_domain
"""

EXAMPLES = r"""
- name: Who arrived from the unmanaged tenant
  tenantops.migration.entra_user_info:
    creation_type: EmailVerified
    domains: [fourthcoffee.example]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
users:
  description: The users, in Graph's order. C(created) is a time in UTC.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      user_principal_name: kim@fourthcoffee.example
      mail: kim@fourthcoffee.example
      display_name: Kim
      account_enabled: true
      created: "2019-05-17T08:30:00Z"
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: "Graph refused: Insufficient privileges to complete the operation."
    server: https://graph.microsoft.com
    object: users
    answer: HTTP 403 Authorization_RequestDenied, request-id 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    advice: Grant the app the permissions that the module's documentation names.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._users.model import CreationType
from ..module_utils._users.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        Arguments(
            {
                "creation_type": {
                    "type": "str",
                    "choices": [kind.value for kind in CreationType],
                    "required": True,
                },
                "domains": {"type": "list", "elements": "str"},
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
