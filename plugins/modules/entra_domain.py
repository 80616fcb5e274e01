# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_domain
short_description: Add a domain to an Entra tenant, verify it, take it over, or remove it
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Brings one domain of a tenant to where it is wanted, from wherever it stands. What is there
    already is not done again, so that an interrupted course goes on where it stopped.
  - O(state=present) adds the domain and returns the TXT value that proves who owns it.
    M(tenantops.migration.dns_txt) publishes it, and waits until it can be seen.
  - O(state=verified) adds the domain if it is not there, and asks Microsoft to look for the proof.
  - The domain of an unmanaged tenant, which users made by signing up by themselves, is taken over
    only if Microsoft refuses an ordinary verification, the tenant is unmanaged at that moment, and
    the operator named the domain in O(takeover_consent). A takeover moves the users of that tenant
    here and B(cannot be undone); the plan says so.
  - Where only a person can go on, the task fails with C(error.kind=gate), and the message says what
    to do, where, and how to go on. That is found in check mode too, and before anything is sent.
  - What Microsoft does in the background is waited for. If it takes longer than allowed the task
    fails; when it is run again it waits on, and does not ask a second time.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - Whose a domain is, the sign-in service tells without credentials. It is asked only about a
    domain that is to be verified and is not.
  - Graph offers no conditional write. What is there is read again right before each request;
    somebody who changes it in the milliseconds between is not noticed.
  - M(tenantops.migration.change_rollback) removes a domain that was added, and takes back a
    verification by removing the domain and, if it was there before, adding it again. It leaves
    alone a domain that anything uses, that is the default one, or that was taken over.
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
      - "C(Domain.Read.All), or C(Domain.ReadWrite.All): to read the domain."
      - "C(Domain.ReadWrite.All) in a run: to add, verify, take over, make default or remove it."
options:
  name:
    description:
      - The domain, in any spelling; V(Bücher.example.) is V(xn--bcher-kva.example).
    type: str
    required: true
  state:
    description:
      - V(present) adds the domain if the tenant does not have it, and leaves it to others to verify
        it.
      - V(verified) adds the domain if need be and has it verified.
      - V(absent) removes the domain. If anything uses it the task fails and lists what does, unless
        O(force) is set. The removal of a verified domain cannot be undone.
    type: str
    choices:
      - present
      - verified
      - absent
    default: present
  takeover:
    description:
      - What to do with O(state=verified) if the domain is in an unmanaged tenant.
      - V(never) leaves it there, which is a gate.
      - V(external) takes it over into this tenant if O(takeover_consent) names it as well.
    type: str
    choices:
      - never
      - external
    default: never
  takeover_consent:
    description:
      - The domains that may be taken over. Others can be in the list, so that one list serves a
        whole run.
    type: list
    elements: str
    default: []
  takeover_time:
    description:
      - How many seconds to wait until a takeover that Microsoft accepted is done.
    type: float
    default: 3600
  make_default:
    description:
      - Whether to make the domain the one that new users are given. Needs O(state=verified).
      - V(false) leaves the default domain as it is.
    type: bool
    default: false
  force:
    description:
      - With O(state=absent), remove the domain also if objects use it. Microsoft then gives these
        names in the tenant's initial domain. That cannot be undone, and a plan says so.
      - It is forced only if something uses the domain. It is not possible for a federated domain,
        for the default one, and where more than 1,000 objects use it.
    type: bool
    default: false
  disable_user_accounts:
    description:
      - Whether a removal by force disables the accounts of the users that it renames.
    type: bool
    default: false
  removal_time:
    description:
      - How many seconds to wait until a removal by force is done. Microsoft says that it can take a
        day.
    type: float
    default: 3600
  planned_changes:
    description:
      - The RV(changes) that earlier tasks of the same course returned. In check mode they count as
        made, so that a domain which an earlier task would add is not planned to be added twice.
      - It is of no account in a run, and so are changes of other things.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.entra_domain_info
  - module: tenantops.migration.entra_realm_info
  - module: tenantops.migration.dns_txt
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Add the domain and learn what proves who owns it
  tenantops.migration.entra_domain:
    name: contoso.com
    state: present
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: added

- name: Publish the proof and wait until every server of the zone serves it
  tenantops.migration.dns_txt:
    name: "{{ added.verification.name }}"
    values:
      - "{{ added.verification.text }}"
    wait: 3600
    dns_key_name: contoso-key
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Verify the domain, also if its users have made an unmanaged tenant, and make it the default
  tenantops.migration.entra_domain:
    name: contoso.com
    state: verified
    takeover: external
    takeover_consent:
      - contoso.com
    takeover_time: 7200
    make_default: true
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Plan the verification of a domain that an earlier task of the dry run would have added
  tenantops.migration.entra_domain:
    name: contoso.com
    state: verified
    # As a play has it from the task before: "{{ added.changes }}"
    planned_changes:
      - system: entra
        resource: domain
        id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 contoso.com
        name: contoso.com
        property: domain
        action: create
        before: null
        after: contoso.com
        rule: null
        reversible: true
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  check_mode: true

- name: Remove a domain that nothing uses
  tenantops.migration.entra_domain:
    name: fabrikam.com
    state: absent
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Remove a domain whose users are to be renamed and locked out
  tenantops.migration.entra_domain:
    name: fabrikam.com
    state: absent
    force: true
    disable_user_accounts: true
    removal_time: 86400
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description:
    - The changes that were made; in check mode, those that a run would make.
    - A takeover is the property C(takeover), and what became of it is V(forced) or
      V(without_force), known after apply. A removal by force is the property C(forceDelete).
  returned: success
  type: list
  elements: dict
  sample:
    - system: entra
      resource: domain
      id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 contoso.com
      name: contoso.com
      property: isVerified
      action: replace
      before: false
      after: true
      rule: null
      reversible: true
domain:
  description: The domain as it is after the task, V(null) if the tenant does not have it. In check
    mode, what only Microsoft can tell of a domain that is yet to be added is V(null).
  returned: success
  type: dict
  contains:
    name:
      description: The name, in lower case and as in DNS.
      type: str
      sample: contoso.com
    is_verified:
      description: Whether the tenant has proven to own it.
      type: bool
      sample: true
    is_default:
      description: Whether it is the domain that new users are given.
      type: bool
      sample: false
    is_initial:
      description: Whether it is the domain that the tenant was made with.
      type: bool
      sample: false
    is_root:
      description: Whether it is a verified domain that lies below no other one of the tenant.
      type: bool
      sample: true
    is_admin_managed:
      description: V(false) if Microsoft 365 manages the domain's DNS records.
      type: bool
      sample: true
    authentication_type:
      description: V(Managed), or V(Federated) if its users sign in elsewhere.
      type: str
      sample: Managed
    supported_services:
      description: The services that the domain is used for.
      type: list
      elements: str
      sample:
        - Email
        - OfficeCommunicationsOnline
    operation:
      description: What Microsoft does with the domain in the background, V(null) if nothing is
        known of any.
      type: str
      sample: Verification
    operation_status:
      description: V(Scheduled), V(InProgress) or V(Failed), V(null) as in C(operation).
      type: str
      sample: Scheduled
verification:
  description: The TXT record that proves who owns the domain, V(null) if there is no domain or
    Microsoft wants none.
  returned: success
  type: dict
  contains:
    name:
      description: The name of the record.
      type: str
      sample: contoso.com
    text:
      description: The value. In check mode V((known after apply\)) for a domain that is yet to be
        added; M(tenantops.migration.dns_txt) takes that.
      type: str
      sample: MS=ms12345678
    ttl:
      description: How many seconds the record is to be remembered, V(null) if that is not known.
      type: int
      sample: 3600
realm:
  description: Whose the domain was before the task, as the sign-in service told, V(null) if it was
    not asked.
  returned: success
  type: dict
  sample:
    domain: contoso.com
    kind: unknown
    tenant_id: null
    cloud: null
    brand: null
references:
  description: For O(state=absent), the objects that use the domain; also if the task fails because
    of them.
  returned: success, or when something uses the domain
  type: list
  elements: dict
  sample:
    - id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
      kind: user
      name: anna@contoso.com
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: gate
    problem: The domain contoso.com is verified in another tenant
    server: https://graph.microsoft.com
    object: contoso.com
    answer: managed in tenant 6d0d4c5e-4a1d-4b6f-9a55-64c22c0d7a10
    advice: An administrator of that tenant has to remove the domain there. Then run again.
"""

from ..module_utils._domains.runner import run
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "name": {"type": "str", "required": True},
                "state": {
                    "type": "str",
                    "choices": ["present", "verified", "absent"],
                    "default": "present",
                },
                "takeover": {
                    "type": "str",
                    "choices": ["never", "external"],
                    "default": "never",
                },
                "takeover_consent": {"type": "list", "elements": "str", "default": []},
                "takeover_time": {"type": "float", "default": 3600.0},
                "make_default": {"type": "bool", "default": False},
                "force": {"type": "bool", "default": False},
                "disable_user_accounts": {"type": "bool", "default": False},
                "removal_time": {"type": "float", "default": 3600.0},
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
