# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_redemption_order
short_description: Set with which account guests of an Entra tenant redeem their invitations
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Sets C(invitationRedemptionIdentityProviderConfiguration) of the tenant's default configuration
    of cross-tenant access. Its other settings are left alone.
  - It concerns future redemptions. Guests who have redeemed keep signing in as they do, until their
    redemption is reset with M(tenantops.migration.entra_guest_redemption).
  - A fallback to the passcode is refused while the passcode is off, in check mode too, because
    guests without another account could not redeem then.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - A person who signs in needs the role Security Administrator. What is missing is told before
    anything is changed, in check mode too.
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
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to know which tenant it is."
      - "C(Policy.Read.All), or C(Policy.ReadWrite.CrossTenantAccess): to read the order."
      - "C(Policy.ReadWrite.CrossTenantAccess): to change it."
      - "C(Policy.Read.AuthenticationMethod), or C(Policy.ReadWrite.AuthenticationMethod),
        C(Policy.Read.All), where O(fallback=emailOneTimePasscode): to see that the passcode is on."
options:
  primary:
    description:
      - The kinds of accounts that a guest is asked for, in this order, each of them once.
      - V(externalFederation) is the guest's own server (SAML or WS-Fed) that this tenant trusts,
        V(azureActiveDirectory) an account in another Entra tenant, and V(socialIdentityProviders)
        an account at Google or Facebook, where this tenant has set that up.
      - If not set, the order stays as it is.
    type: list
    elements: str
    choices:
      - externalFederation
      - azureActiveDirectory
      - socialIdentityProviders
  fallback:
    description:
      - What a guest uses who has no account of these kinds.
      - V(emailOneTimePasscode) is the passcode that is sent by mail, never a Microsoft account. It
        has to be on, see M(tenantops.migration.entra_email_otp).
      - V(microsoftAccount) is a personal Microsoft account, which the guest may have to make.
      - V(defaultConfiguredIdp) is a Microsoft account if the guest has one, else the passcode if it
        is on, else a Microsoft account that the guest has to make.
      - If not set, the fallback stays as it is.
    type: str
    choices:
      - defaultConfiguredIdp
      - emailOneTimePasscode
      - microsoftAccount
  planned_changes:
    description:
      - The RV(changes) that earlier tasks of the same course returned. In check mode they count as
        made, so that a passcode which an earlier task would turn on is on.
      - It is of no account in a run, and so are changes of other things.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.entra_email_otp
  - module: tenantops.migration.entra_guest_redemption
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Send a passcode to guests who have no account at work
  tenantops.migration.entra_redemption_order:
    fallback: emailOneTimePasscode
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Turn the passcode on
  tenantops.migration.entra_email_otp:
    guests: enabled
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: passcode

- name: Then offer it last, also where the passcode would only be turned on in this dry run
  tenantops.migration.entra_redemption_order:
    primary:
      - azureActiveDirectory
      - externalFederation
      - socialIdentityProviders
    fallback: emailOneTimePasscode
    # As a play has it from the task before: "{{ passcode.changes }}"
    planned_changes:
      - system: entra
        resource: email_authentication_method
        id: Email
        name: Email one-time passcode for guests
        property: allowExternalIdToUseEmailOtp
        action: replace
        before: disabled
        after: enabled
        rule: null
        reversible: true
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
      resource: redemption_order
      id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
      name: Redemption order of guests
      property: fallbackIdentityProvider
      action: replace
      before: defaultConfiguredIdp
      after: emailOneTimePasscode
      rule: null
      reversible: true
primary:
  description: The order as it is after the task.
  returned: success
  type: list
  elements: str
  sample:
    - externalFederation
    - azureActiveDirectory
    - socialIdentityProviders
fallback:
  description: The fallback as it is after the task.
  returned: success
  type: str
  sample: emailOneTimePasscode
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: Guests would fall back to the passcode, which is off
    server: https://graph.microsoft.com
    object: policies/crossTenantAccessPolicy/default
    answer: allowExternalIdToUseEmailOtp disabled
    advice: Turn the passcode on first, with entra_email_otp.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._redemption_order.model import Fallback, Primary
from ..module_utils._redemption_order.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "primary": {
                    "type": "list",
                    "elements": "str",
                    "choices": [provider.value for provider in Primary],
                },
                "fallback": {
                    "type": "str",
                    "choices": [provider.value for provider in Fallback],
                },
                "planned_changes": {"type": "list", "elements": "dict", "default": []},
            },
            required_one_of=(("primary", "fallback"),),
        ),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
