# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_domain_info
short_description: Tell how the domains of an Entra tenant stand, and what each of them needs
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads the domains of a tenant from Microsoft Graph, verified ones and others, with the TXT value
    that proves who owns a domain.
  - On request also the DNS records that Microsoft's services want to see, and the objects that use
    a domain and so hinder its removal.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
notes:
  - Graph tells only the ids of objects that the app may not read.
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
      - "C(Domain.Read.All), or C(Domain.ReadWrite.All): to read the domains."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All) as an extra, where O(details=references): to tell the users by
        name."
      - "C(Group.Read.All) as an extra, where O(details=references): to tell the groups by name."
      - "C(Application.Read.All) as an extra, where O(details=references): to tell the apps by
        name."
options:
  names:
    description:
      - The domains to tell of. A name that the tenant does not have is listed in RV(absent).
      - By default all domains of the tenant.
    type: list
    elements: str
  details:
    description:
      - What to read of each domain beside its standing. Each costs a request or more per domain.
      - V(verification) is the TXT record that proves who owns the domain.
      - V(service_records) are the DNS records that Microsoft's services want to see.
      - V(references) are the objects that use the domain.
    type: list
    elements: str
    choices:
      - verification
      - service_records
      - references
    default:
      - verification
seealso:
  - module: tenantops.migration.entra_domain
  - module: tenantops.migration.entra_tenant_info
"""

EXAMPLES = r"""
- name: List all domains of the tenant
  tenantops.migration.entra_domain_info:
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: listed

- name: See what hinders the removal of two of them, and which DNS records they want
  tenantops.migration.entra_domain_info:
    names:
      - contoso.com
      - fabrikam.com
    details:
      - references
      - service_records
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
domains:
  description: The domains that the tenant has, of those asked for.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name, in lower case and as in DNS.
      type: str
      sample: contoso.com
    is_verified:
      description: Whether the tenant has proven to own it.
      type: bool
      sample: false
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
      sample: false
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
      description: The TXT record that proves who owns the domain, V(null) if Graph wants none. Only
        if O(details) has V(verification).
      type: dict
      sample:
        name: contoso.com
        text: MS=ms12345678
        ttl: 3600
    service_records:
      description: The DNS records that Microsoft's services want to see, with what records of their
        type have. Only if O(details) has V(service_records).
      type: list
      elements: dict
      sample:
        - type: Mx
          name: contoso.com
          ttl: 3600
          is_optional: false
          supported_service: Email
          mail_exchange: contoso-com.mail.protection.outlook.com
          preference: 0
    references:
      description: The objects that use the domain in one of their names. Only if O(details) has
        V(references).
      type: list
      elements: dict
      sample:
        - id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
          kind: user
          name: anna@contoso.com
absent:
  description: The names of O(names) that the tenant does not have.
  returned: success
  type: list
  elements: str
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: "Graph refused: Insufficient privileges to complete the operation."
    server: https://graph.microsoft.com
    object: domains
    answer: HTTP 403 Authorization_RequestDenied, request-id 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    advice: >-
      The app needs the Graph permission Domain.Read.All with admin consent, which takes some
      minutes to be in its tokens; a person who signs in needs the role Directory Readers.
"""

from ..module_utils._domains.info_runner import DETAILS, run
from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        Arguments(
            {
                "names": {"type": "list", "elements": "str"},
                "details": {
                    "type": "list",
                    "elements": "str",
                    "choices": list(DETAILS),
                    "default": ["verification"],
                },
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
