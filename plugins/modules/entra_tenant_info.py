# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_tenant_info
short_description: Tell what an Entra tenant is, which domains it has verified, and how it is synced
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads the tenant's organization from Microsoft Graph.
  - Only verified domains are told. M(tenantops.migration.entra_domain_info) also tells of those
    that are not verified yet.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
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
        C(Directory.ReadWrite.All): to read what the tenant tells of itself."
options: {}
seealso:
  - module: tenantops.migration.entra_domain_info
"""

EXAMPLES = r"""
- name: See whose tenant this is
  tenantops.migration.entra_tenant_info:
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: tenant

- name: Go on only where no directory is synced to it
  ansible.builtin.assert:
    that: tenant.organization.is_synced is not true
"""

RETURN = r"""
organization:
  description: The tenant as it tells of itself.
  returned: success
  type: dict
  contains:
    tenant_id:
      description: The tenant's id.
      type: str
      sample: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    display_name:
      description: Its name for people.
      type: str
      sample: Contoso
    tenant_type:
      description: What kind of tenant it is, such as V(AAD), V(AAD B2C) or V(CIAM).
      type: str
      sample: AAD
    country:
      description: The country that was given for it, in two letters.
      type: str
      sample: SE
    is_synced:
      description: V(true) while a directory is synced to it, V(false) if that was so formerly,
        V(null) if it never was.
      type: bool
      sample: true
    last_sync:
      description: When that was last done, V(null) if never.
      type: str
      sample: "2026-11-22T20:15:00+00:00"
    technical_mails:
      description: Where Microsoft sends technical messages.
      type: list
      elements: str
      sample:
        - it@contoso.com
    default_domain:
      description: The domain that new users are given.
      type: str
      sample: contoso.com
    initial_domain:
      description: The domain that the tenant was made with.
      type: str
      sample: contoso.onmicrosoft.com
    verified_domains:
      description: The domains that it has proven to own.
      type: list
      elements: dict
      contains:
        name:
          description: The name.
          type: str
          sample: contoso.com
        authentication_type:
          description: V(Managed), or V(Federated) if its users sign in elsewhere.
          type: str
          sample: Managed
        is_default:
          description: Whether it is the default domain.
          type: bool
          sample: true
        is_initial:
          description: Whether it is the initial domain.
          type: bool
          sample: false
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: "Graph refused: Insufficient privileges to complete the operation."
    server: https://graph.microsoft.com
    object: organization
    answer: HTTP 403 Authorization_RequestDenied, request-id 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    advice: >-
      The app needs the Graph permission Organization.Read.All with admin consent, which takes some
      minutes to be in its tokens; a person who signs in needs the role Directory Readers.
"""

from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._tenants.runner import run

OPERATION = Operation(arguments=ENTRA_ARGUMENTS, run=run)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
