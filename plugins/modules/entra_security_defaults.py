# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_security_defaults
short_description: Turn security defaults of an Entra tenant on or off
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - With security defaults everybody, guests included, signs in with multifactor authentication,
    and legacy authentication is blocked. They and Conditional Access exclude each other.
  - Before they are turned on, Conditional Access is looked at. If policies of it are enabled the
    task stops at a gate, and lists them.
  - Before they are turned off, the task makes sure that administrators stay protected. An enabled
    policy of Conditional Access has to ask all users, or the Global Administrators, for
    multifactor authentication or for an authentication strength, in all apps and under all
    conditions. If there is none the task stops at a gate, unless O(acknowledge_reason) says why
    they may be turned off all the same.
  - Guides of 2021 and before recommend to turn security defaults off for a script to sign in. No
    app that signs in with its own credentials needs that. The collection's
    C(docs/security_defaults.md) says what to do instead.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - A person who signs in needs the role Security Administrator. What is missing is told before
    anything is changed, in check mode too.
  - All apps together may ask for a tenant's Conditional Access policies once a second, so the task
    may wait for some seconds.
  - Graph does not list classic policies and those of Identity Protection, which hinder security
    defaults as well. Then turning them on fails, and the task says where to look.
  - Graph offers no conditional write for this setting. The value is read again right before it is
    written; somebody who changes it in the milliseconds between is not noticed.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.entra
  - tenantops.migration.changes
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.entra
      - tenantops.migration.changes
  graph_permissions:
    support: full
    details:
      - "C(Policy.Read.All), or C(Policy.ReadWrite.SecurityDefaults): to read the setting."
      - "C(Policy.Read.All): to read the policies of Conditional Access."
      - "C(Policy.ReadWrite.SecurityDefaults), or C(Policy.ReadWrite.ConditionalAccess): to change
        it."
options:
  enabled:
    description:
      - Whether security defaults are to be on.
    type: bool
    required: true
  acknowledge_reason:
    description:
      - Why security defaults may be turned off though no policy of Conditional Access is known to
        protect the administrators. It is kept with the change, as C(note), in the plan, the journal
        and the report, so it must not hold a secret.
      - It is of no account where they are turned on.
    type: str
seealso:
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Protect a tenant that has no Conditional Access
  tenantops.migration.entra_security_defaults:
    enabled: true
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Make room for Conditional Access, of which a policy that protects administrators is enabled
  tenantops.migration.entra_security_defaults:
    enabled: false
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Turn them off where another product asks for the second factor
  tenantops.migration.entra_security_defaults:
    enabled: false
    acknowledge_reason: "CHG0031337: the federation asks administrators for a key"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description: The changes that were made; in check mode, those that a run would make.
  returned: success
  type: list
  elements: dict
  sample:
    - system: entra
      resource: security_defaults
      id: 00000000-0000-0000-0000-000000000005
      name: Security defaults
      property: isEnabled
      action: replace
      before: true
      after: false
      rule: null
      reversible: true
      note: "CHG0031337: the federation asks administrators for a key"
enabled:
  description: Whether security defaults are on after the task.
  returned: success
  type: bool
  sample: false
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: gate
    problem: "Security defaults cannot be turned on: 1 policies of Conditional Access are enabled"
    server: https://graph.microsoft.com
    object: policies/identitySecurityDefaultsEnforcementPolicy
    answer: Require MFA of everybody (2f6d1c84-93a5-4f0e-8f75-1f0f7d5a6c01)
    advice: Turn the policies off in the Entra admin center, or want security defaults off.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._security_defaults.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "enabled": {"type": "bool", "required": True},
                "acknowledge_reason": {"type": "str"},
            },
        ),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
