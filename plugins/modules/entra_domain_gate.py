# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_domain_gate
short_description: Stop a tenant where only a person can go on with a domain
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Finds out whose a domain is, and fails, with C(error.kind=gate), if somebody has to do or to
    allow something before it can be verified in the tenant. The message says what, where, and how
    to go on.
  - Meant to be asked before anything is changed, so that nothing is published or waited for in
    vain.
  - Waits, if wanted, for the person who takes an unmanaged tenant over from inside.
  - A domain that the tenant has verified, or whose takeover is under way, passes, and so does one
    that nobody has.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - idna >= 3.7
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.entra]
  graph_permissions:
    support: full
    details:
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to know which tenant it is."
      - "C(Domain.Read.All), or C(Domain.ReadWrite.All): to read the domain."
options:
  name:
    description:
      - The domain.
    type: str
    required: true
  takeover:
    description:
      - What is wanted if the domain is in an unmanaged tenant.
      - V(never) stops there.
      - V(external) passes if O(takeover_consent) names the domain.
      - V(internal) passes with O(internal_txt), which has to be published then.
    type: str
    choices: [never, external, internal]
    default: never
  takeover_consent:
    description:
      - The domains that may be taken over from outside by force, which cannot be undone.
    type: list
    elements: str
    default: []
  internal_txt:
    description:
      - The TXT value that the admin center shows to the person who takes the unmanaged tenant over
        from inside. See O(takeover=internal).
    type: str
  wait:
    description:
      - How many seconds to wait until somebody has taken the unmanaged tenant over from inside,
        with O(takeover=internal) and O(internal_txt). Nobody is waited for if it is 0.
      - A dry run does not wait. It stops, because what the person will do cannot be known.
    type: float
    default: 0
seealso:
  - module: tenantops.migration.entra_domain
  - module: tenantops.migration.entra_realm_info
"""

EXAMPLES = r"""
- name: Go on only where the domain is nobody's, ours, or may be taken over
  tenantops.migration.entra_domain_gate:
    name: fourthcoffee.example
    takeover: external
    takeover_consent: [fourthcoffee.example]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Wait an hour for the person at the admin center, once the value is published
  tenantops.migration.entra_domain_gate:
    name: fourthcoffee.example
    takeover: internal
    internal_txt: MS=ms12345678
    wait: 3600
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
is_viral:
  description: Whether the domain is in an unmanaged tenant that is yet to be taken over.
  returned: success
  type: bool
  sample: false
realm:
  description: >-
    Whose the domain is, V(null) if the tenant has it already, so that it was not asked. Its parts
    are those of RV(tenantops.migration.entra_realm_info#module:realms).
  returned: success
  type: dict
  sample:
    domain: fourthcoffee.example
    kind: viral
    tenant_id: b81e7c40-93d5-4f6a-8a2b-5c60d7e1a305
    cloud: global
    brand: Fourth Coffee
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: gate
    problem: Somebody has to begin the takeover of fourthcoffee.example from inside
    server: https://login.microsoftonline.com
    object: fourthcoffee.example
    answer: viral, tenant b81e7c40-93d5-4f6a-8a2b-5c60d7e1a305
    advice: >-
      Sign in to https://admin.microsoft.com/admintakeover as a user with a mail address of the
      domain, choose to become the administrator, give the TXT value that is shown as internal_txt,
      and run again.
"""

from ..module_utils._domain_gate.model import Road
from ..module_utils._domain_gate.runner import run
from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        Arguments(
            {
                "name": {"type": "str", "required": True},
                "takeover": {
                    "type": "str",
                    "choices": [road.value for road in Road],
                    "default": Road.NEVER.value,
                },
                "takeover_consent": {"type": "list", "elements": "str", "default": []},
                "internal_txt": {"type": "str"},
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
