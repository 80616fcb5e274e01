# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_email_otp
short_description: Set whether guests of an Entra tenant may sign in with an email one-time passcode
version_added: 1.0.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Sets C(allowExternalIdToUseEmailOtp) of the tenant's email authentication method.
  - The members' use of email (C(state)) and the method's targets are left alone.
  - Turning it on concerns future redemptions only.
  - Turning it off locks out the guests who redeemed their invitation by passcode, until their
    redemption is reset. So it is refused, in check mode too, while there are such guests, unless
    earlier tasks of the same course reset them (O(planned_changes)) or O(acknowledge_locked_out)
    says how many may be locked out.
  - Turning it off is also refused while the tenant's redemption order falls back to the passcode,
    because guests without another account could not redeem then.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - A person who signs in needs the role Authentication Policy Administrator. What is missing is
    told before anything is changed, in check mode too.
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
      - "C(Policy.Read.AuthenticationMethod), or C(Policy.ReadWrite.AuthenticationMethod),
        C(Policy.Read.All): to read the setting."
      - "C(Policy.ReadWrite.AuthenticationMethod): to change it."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where O(guests=disabled): to see who would be locked out."
      - "C(Policy.Read.All), or C(Policy.ReadWrite.CrossTenantAccess), where O(guests=disabled): to
        see what guests fall back to."
options:
  guests:
    description:
      - Whether guests may sign in with a passcode that is sent to them by mail.
      - V(default) leaves it to Microsoft, who document it as on. It is a state of its own, so
        V(enabled) changes a tenant that is at V(default).
    type: str
    choices:
      - enabled
      - disabled
      - default
    required: true
  acknowledge_locked_out:
    description:
      - How many guests who sign in by passcode may be locked out by turning it off. If there are
        more, the task fails and changes nothing.
      - It is kept with the change, as C(note), in the plan, the journal and the report.
    type: int
    default: 0
    version_added: 1.3.0
  planned_changes:
    description:
      - The RV(changes) that earlier tasks of the same course returned. In check mode they count as
        made, so that guests whose redemption an earlier task would reset are not locked out.
      - In a run, they say what to wait for. Graph's lists do not know at once that a guest was
        reset.
      - Changes of other things are of no account.
    type: list
    elements: dict
    default: []
    version_added: 1.3.0
seealso:
  - module: tenantops.migration.entra_guest_redemption
  - module: tenantops.migration.entra_redemption_order
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Let guests sign in with an email one-time passcode
  tenantops.migration.entra_email_otp:
    guests: enabled
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Send guests who sign in by passcode through their redemption again
  tenantops.migration.entra_guest_redemption:
    methods:
      - one_time_passcode
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: redemption

- name: Then turn the passcode off, also where they would only be reset in this dry run
  tenantops.migration.entra_email_otp:
    guests: disabled
    # As a play has it from the task before: "{{ redemption.changes }}"
    planned_changes:
      - system: entra
        resource: guest
        id: 5d6f2c1b-7a0e-4a7c-8b21-3c7f6e9d0a44
        name: nicole@firstupconsultants.com
        property: redemption
        action: invoke
        before:
          state: Accepted
          changed: "2024-03-01T09:30:00Z"
          method: one_time_passcode
        after:
          state: PendingAcceptance
          mailed: false
        rule: null
        reversible: false
    acknowledge_locked_out: 3
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Only what was approved, at most one change, written down before it is made
  tenantops.migration.entra_email_otp:
    guests: disabled
    approved_plan: "/var/lib/tenantops/plans/{{ inventory_hostname }}.json"
    max_changes: 1
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-22T20-15"
    entra_auth: client_certificate
    entra_tenant_id: contoso.onmicrosoft.com
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_certificate_path: /etc/tenantops/contoso.pem
    entra_certificate_password: "{{ tenant_entra_certificate_password }}"

- name: A tenant of the US government's cloud, with a token of the platform and patience
  tenantops.migration.entra_email_otp:
    guests: default
    entra_cloud: us_government
    entra_auth: workload_identity
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_federated_token_file: /var/run/secrets/azure/tokens/azure-identity-token
    entra_timeout: 60
    entra_retry_time: 1800

- name: From behind an inspecting proxy, or against the rehearsal lab
  tenantops.migration.entra_email_otp:
    guests: enabled
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_auth: client_certificate
    entra_certificate: "{{ tenant_entra_certificate }}"
    entra_graph_url: https://localhost:18440
    entra_authority: https://localhost:18440
    entra_ca_path: /etc/ssl/certs/proxy.pem
"""

RETURN = r"""
changes:
  description: The changes that were made; in check mode, those that a run would make.
  returned: success
  type: list
  elements: dict
  sample:
    - system: entra
      resource: email_authentication_method
      id: Email
      name: Email one-time passcode for guests
      property: allowExternalIdToUseEmailOtp
      action: replace
      before: default
      after: enabled
      rule: null
      reversible: true
guests:
  description: The setting as it is after the task.
  returned: success
  type: str
  sample: enabled
locked_out:
  description:
    - The guests who are locked out, because the passcode was turned off. Null where it was not.
    - C(count) is how many there are, and C(examples) are some of their addresses.
  returned: success
  type: dict
  sample:
    count: 1
    examples:
      - nicole@firstupconsultants.com
  version_added: 1.3.0
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: "Graph refused: Insufficient privileges to complete the operation."
    server: https://graph.microsoft.com
    object: policies/authenticationMethodsPolicy/authenticationMethodConfigurations/email
    answer: HTTP 403 Authorization_RequestDenied, request-id 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    advice: Grant the app the permissions that the module's documentation names.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._email_otp.model import GuestOtp
from ..module_utils._email_otp.runner import run
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "guests": {
                    "type": "str",
                    "choices": [setting.value for setting in GuestOtp],
                    "required": True,
                },
                "acknowledge_locked_out": {"type": "int", "default": 0},
                "planned_changes": {"type": "list", "elements": "dict", "default": []},
            }
        ),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
