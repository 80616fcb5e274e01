# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_license
short_description: Give users of an Entra tenant licences, take them away, or swap them
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Assigns and removes licences of users by the part number of the product, thousands in one task,
    or by rules for those who were synchronised anew.
  - Only direct licences are touched. What a user has through a group is told in RV(inherited), and
    is not assigned directly as well.
  - What one user gets and loses is one call of Graph, so who swaps one product for another is never
    without. Plans that are disabled stay disabled, unless O(licenses[].disabled_plans) says
    otherwise.
  - Before the first write, the seats that are needed are counted, and users who have no usage
    location are given one, without which Graph assigns nothing. If there are not seats enough for
    all, nothing is changed at all.
  - Each user is read again some seconds before the write. If somebody changed these licences
    meanwhile, the user is left alone, and told among RV(failures).
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
notes:
  - A person who signs in needs the roles License Administrator and User Administrator. What is
    missing is told in check mode, too.
  - Where a product is taken away, Exchange keeps the mailbox for 30 days. A swap keeps it if the
    new product has a mailbox as well.
  - A user has to fit every option that names anything, and one of the values within it.
  - A rollback gives licences back with the plans that were disabled, if there still is a seat. A
    usage location cannot be taken away again.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.entra
  - tenantops.migration.user_selection
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
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the users and their licences."
      - "C(LicenseAssignment.Read.All), or C(LicenseAssignment.ReadWrite.All),
        C(Organization.Read.All), C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to count the seats."
      - "C(LicenseAssignment.ReadWrite.All), or C(Directory.ReadWrite.All): to assign and remove
        licences."
      - "C(GroupMember.Read.All), or C(GroupMember.ReadWrite.All), C(Group.Read.All),
        C(Group.ReadWrite.All), C(Directory.Read.All), C(Directory.ReadWrite.All), where O(groups):
        to read who is in them."
      - "C(GroupMember.Read.All), or C(GroupMember.ReadWrite.All), C(Group.Read.All),
        C(Group.ReadWrite.All), C(Directory.Read.All), C(Directory.ReadWrite.All), where
        O(rules[].groups): to read who is in them."
      - "C(User.ReadWrite.All), or C(Directory.ReadWrite.All), where O(usage_location): to set it
        for who has none."
options:
  user_types:
    description:
      - Only users of one of these types, such as V(Member) and V(Guest), in any case.
    type: list
    elements: str
    default: [Member]
  licenses:
    description:
      - The products that the users are to have or not to have. Others are left as they are.
    type: list
    elements: dict
    suboptions:
      sku:
        description:
          - The part number, such as V(ENTERPRISEPACK), or the SKU id. A product that the tenant has
            no longer is taken away by its id.
        type: str
        required: true
      state:
        description:
          - Whether the users are to have it.
        type: str
        choices: [present, absent]
        default: present
      disabled_plans:
        description:
          - The service plans of the product that the users do not get, by name such as
            V(YAMMER_ENTERPRISE) or by id. An empty list gives them all.
          - If not given, those of a licence that is there stay as they are, and a new one has none
            disabled.
        type: list
        elements: str
  usage_location:
    description:
      - The country, in two letters (ISO 3166-1 alpha-2), for users who are to have a product and
        have no usage location. Another one is never changed.
    type: str
  rules:
    description:
      - Which users are to have which products, for several kinds of them at once. Each user gets
        what all rules say that fit; where two disagree about a product or the usage location, the
        earlier one counts.
      - The other options that say who is meant are for all rules together.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - What the rule is called in messages.
        type: str
      ids:
        description:
          - Only users with one of these object ids.
        type: list
        elements: str
        default: []
      user_principal_names:
        description:
          - Only users with one of these names to sign in with.
        type: list
        elements: str
        default: []
      domains:
        description:
          - Only users whose sign-in name or mail address is in one of these domains.
        type: list
        elements: str
        default: []
      groups:
        description:
          - Only users who are in one of these groups, by object id or display name, directly or
            through groups in them.
        type: list
        elements: str
        default: []
      departments:
        description:
          - Only users with one of these departments, in any case.
        type: list
        elements: str
        default: []
      licenses:
        description:
          - The products, as with O(licenses).
        type: list
        elements: dict
        required: true
        suboptions:
          sku:
            description:
              - The part number or the SKU id.
            type: str
            required: true
          state:
            description:
              - Whether the users are to have it.
            type: str
            choices: [present, absent]
            default: present
          disabled_plans:
            description:
              - The service plans that the users do not get, as with O(licenses[].disabled_plans).
            type: list
            elements: str
      usage_location:
        description:
          - The country for users who have none, if another one than O(usage_location).
        type: str
  rows_limit:
    description:
      - How many rows RV(inherited) and RV(not_in_force) list at most. RV(summary) counts all.
    type: int
    default: 1000
  settle_time:
    description:
      - Seconds to look at a user whose answer was lost, until it is taken for not done.
    type: float
    default: 20.0
  planned_changes:
    description:
      - What earlier tasks of the same play returned as C(changes). In check mode their changes of
        licences, usage locations and sign-in names are taken for made. The names that
        M(tenantops.migration.upn_alignment) returns as C(synced_names) count in the same way.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.entra_user_info
  - module: tenantops.migration.entra_user_upn
  - name: Product names and service plan identifiers for licensing
    description: Microsoft's list of part numbers and plans.
    link: https://learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
"""

EXAMPLES = r"""
- name: Give two users a product without one of its plans
  tenantops.migration.entra_license:
    user_principal_names: [kim@fourthcoffee.example, lee@fourthcoffee.example]
    licenses:
      - sku: ENTERPRISEPACK
        disabled_plans: [YAMMER_ENTERPRISE]
    usage_location: SE
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Swap a product for another one for everybody who has it
  tenantops.migration.entra_license:
    licensed_with: [STANDARDPACK]
    licenses:
      - sku: STANDARDPACK
        state: absent
      - sku: ENTERPRISEPACK
    rows_limit: 100
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: License users who were synchronised anew by rules
  tenantops.migration.entra_license:
    synced: true
    account_enabled: true
    licensed: false
    usage_location: SE
    rules:
      - name: Everybody
        domains: [fourthcoffee.example]
        licenses:
          - sku: STANDARDPACK
            disabled_plans: [SWAY, YAMMER_ENTERPRISE]
      - name: Sales and marketing
        departments: [Sales, Marketing]
        licenses:
          - sku: POWER_BI_PRO
      - name: Tokyo
        groups: [Office Tokyo]
        licenses:
          - sku: PROJECTPROFESSIONAL
        usage_location: JP
      - name: The one who tries it out
        user_principal_names: [kim@fourthcoffee.example]
        licenses:
          - sku: VISIOCLIENT
      - name: Not for this one
        ids: [6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21]
        licenses:
          - sku: POWER_AUTOMATE_FREE
            state: absent
    planned_changes:
      - system: entra
        resource: usage_location
        id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
        name: kim@fourthcoffee.example
        property: usageLocation
        action: replace
        before: null
        after: SE
        rule: null
        reversible: false
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Take a product away from those of a group who may not sign in any more
  tenantops.migration.entra_license:
    groups: [Former employees]
    account_enabled: false
    user_types: [Member, Guest]
    licenses:
      - sku: ENTERPRISEPACK
        state: absent
    settle_time: 60
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Give the sales people of one domain a plan that was disabled
  tenantops.migration.entra_license:
    domains: [fourthcoffee.example]
    departments: [Sales]
    filter: accountEnabled eq true
    licenses:
      - sku: ENTERPRISEPACK
        disabled_plans: []
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Give it to one user, known by the object id
  tenantops.migration.entra_license:
    ids: [6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21]
    licenses:
      - sku: ENTERPRISEPACK
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description:
    - The direct licences that were changed, by product, and the usage locations that were set; in
      check mode, those that a run would change.
    - C(before) and C(after) are V(null) where there is no licence.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: license
      id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      name: kim@fourthcoffee.example
      property: ENTERPRISEPACK
      action: replace
      before: null
      after:
        sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
        disabled_plans: [7547a3fe-08ee-4ccb-b430-5077c5041653]
      rule: null
      reversible: true
summary:
  description: What was found, and what is done about it.
  returned: success, or when a part was done
  type: dict
  contains:
    users:
      description: How many users are meant.
      type: int
      sample: 412
    unchanged:
      description: For how many there is nothing to do.
      type: int
      sample: 400
    usage_locations:
      description: How many are given a usage location.
      type: int
      sample: 5
    removals:
      description: How many only lose products. They come first, because that frees seats.
      type: int
      sample: 2
    assignments:
      description: How many get products, or have other plans disabled.
      type: int
      sample: 10
    inherited:
      description: How many licences of the products that are named come through groups.
      type: int
      sample: 1
    not_in_force:
      description: How many direct licences are there already, and Graph says that they are not in
        force.
      type: int
      sample: 0
skus:
  description: The products of which seats are taken (V(needed)) or given back before (V(freed)),
    with the seats as they were before.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - sku: ENTERPRISEPACK
      sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
      enabled: 400
      warning: 0
      consumed: 351
      free: 49
      status: Enabled
      applies_to: User
      needed: 10
      freed: 2
inherited:
  description: Licences of the products that are named which come through groups (V(by_group)). They
    are left alone, whether they are wanted or not.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      user_principal_name: kim@fourthcoffee.example
      sku: STANDARDPACK
      sku_id: 18181a46-0d4e-45cd-891e-60aabd171b4e
      disabled_plans: []
      by_group: 0f4a6c7e-8b1d-4c57-9f0a-7a9d1f1c2b11
      state: Active
      error: null
      wanted: absent
not_in_force:
  description: Direct licences that are there as wanted, and of which Graph says that they are not
    in force, in its own words (V(state) and V(error)).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample: []
failures:
  description: Users who are not as wanted, each with C(id), C(name) and C(error).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: There are not seats enough
    server: https://graph.microsoft.com
    object: subscribedSkus
    answer: ENTERPRISEPACK needs 40, 12 free
    advice: Buy more, take some back from others first, or choose fewer users. Nothing was changed.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._licenses.arguments import LICENSE_ARGUMENTS
from ..module_utils._licenses.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(CHANGES_ARGUMENTS, LICENSE_ARGUMENTS), run=run
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
