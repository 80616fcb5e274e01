# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_user_info
short_description: List the users of an Entra tenant with their licences and where they come from
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Lists the users of a tenant with their identities, whether a directory on-premises is their
    master, their addresses, and their licences, direct ones and those through groups.
  - Graph gives the users page by page, and no more than a page of them is in memory. The result
    lists the first rows; O(write_csv) writes all.
  - Nothing is guessed. States of licences are told in Graph's own words, also those that this
    version does not know.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - idna >= 3.7
notes:
  - Where the app may not read the products, licences are told by their ids alone.
  - Graph's lists may be some minutes behind the last changes.
  - A user has to fit every option that names anything, and one of the values within it.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra
  - tenantops.migration.user_selection
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.entra]
  graph_permissions:
    support: full
    details:
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the users."
      - "C(GroupMember.Read.All), or C(GroupMember.ReadWrite.All), C(Group.Read.All),
        C(Group.ReadWrite.All), C(Directory.Read.All), C(Directory.ReadWrite.All), where O(groups):
        to read who is in them."
      - "C(LicenseAssignment.Read.All), or C(LicenseAssignment.ReadWrite.All),
        C(Organization.Read.All), C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where O(licensed_with): to find the products."
      - "C(LicenseAssignment.Read.All), or C(LicenseAssignment.ReadWrite.All),
        C(Organization.Read.All), C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All) as an extra: to tell licences by their part numbers."
options:
  creation_type:
    description:
      - Only users who came to the tenant in this way. Those with V(EmailVerified) signed up by
        themselves; after the takeover of an unmanaged tenant they are the ones that arrived.
      - Users whom an administrator made have none of these.
      - Before version 1.4.0 this was required.
    type: str
    choices: [EmailVerified, Invitation, LocalAccount, SelfServiceSignUp]
  user_types:
    description:
      - Only users of one of these types, such as V(Member) and V(Guest), in any case.
    type: list
    elements: str
    default: []
    version_added: 1.4.0
  rows_limit:
    description:
      - How many users the result lists at most. RV(summary) counts all of them.
      - The default is 1000, and no limit if O(creation_type) is given.
    type: int
    version_added: 1.4.0
  write_csv:
    description:
      - A file to write all of the users to as a table for a spreadsheet, in the order of Graph. It
        can be read by its owner alone.
      - Its folder is made if it is not there. It is written in check mode as well.
    type: path
    version_added: 1.4.0
seealso:
  - module: tenantops.migration.entra_domain
  - module: tenantops.migration.entra_license
  - module: tenantops.migration.entra_guest_info
"""

EXAMPLES = r"""
- name: Who arrived from the unmanaged tenant
  tenantops.migration.entra_user_info:
    creation_type: EmailVerified
    domains: [fourthcoffee.example]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Write a table of all users
  tenantops.migration.entra_user_info:
    write_csv: /srv/lists/fourthcoffee-users.csv
    rows_limit: 100
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Who was synchronised and has no licence yet
  tenantops.migration.entra_user_info:
    synced: true
    licensed: false
    account_enabled: true
    user_types: [Member]
    departments: [Sales, Marketing]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Who of a group has a product directly that the group gives as well
  tenantops.migration.entra_user_info:
    groups: [Licensed employees]
    licensed_with: [ENTERPRISEPACK]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Look two users up
  tenantops.migration.entra_user_info:
    user_principal_names: [kim@fourthcoffee.example, lee@fourthcoffee.example]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Look one of them up by the object id
  tenantops.migration.entra_user_info:
    ids: [6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Let Graph search by a condition of its own
  tenantops.migration.entra_user_info:
    filter: startsWith(displayName,'Kim')
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
users:
  description: The users, at most O(rows_limit), in Graph's order. Times are in UTC.
  returned: success, and when the task fails because of some users
  type: list
  elements: dict
  contains:
    id:
      description: The object id.
      type: str
      sample: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
    user_principal_name:
      description: The name to sign in with.
      type: str
      sample: kim@fourthcoffee.example
    mail:
      description: The mail address.
      type: str
      sample: kim@fourthcoffee.example
    display_name:
      description: The name for people.
      type: str
      sample: Kim Akers
    account_enabled:
      description: Whether the user may sign in.
      type: bool
      sample: true
    created:
      description: When the user was made.
      type: str
      sample: "2019-05-17T08:30:00Z"
    creation_type:
      description: How the user came to be, see O(creation_type); V(null) for one whom an
        administrator made.
      type: str
      sample: EmailVerified
    user_type:
      description: V(Member) or V(Guest).
      type: str
      sample: Member
    usage_location:
      description: The country, in two letters, in which services are used.
      type: str
      sample: SE
    department:
      description: The department.
      type: str
      sample: Sales
    on_premises_sync_enabled:
      description: V(true) for a user who is synchronised from a directory, V(false) for one who
        was, V(null) for one who never was.
      type: bool
      sample: true
    on_premises_immutable_id:
      description: What binds the user to one of the directory.
      type: str
      sample: qVvWgZ3Wx0iBqQw3l1nKkA==
    mail_nickname:
      description: The alias.
      type: str
      sample: kim
    proxy_addresses:
      description: The addresses; the one with C(SMTP) in capitals is the primary one.
      type: list
      elements: str
      sample: ["SMTP:kim@fourthcoffee.example", "smtp:kim@fourthcoffee.onmicrosoft.com"]
    other_mails:
      description: More addresses.
      type: list
      elements: str
      sample: []
    identities:
      description: The ways to sign in, in Graph's own words.
      type: list
      elements: dict
      sample:
        - sign_in_type: userPrincipalName
          issuer: fourthcoffee.onmicrosoft.com
          issuer_assigned_id: kim@fourthcoffee.example
    gal:
      description: The fields that the global address list shows, by Graph's names for them.
      type: dict
      sample: {givenName: Kim, surname: Akers, displayName: Kim Akers, department: Sales}
    licenses:
      description:
        - The licences. Who has a product directly and through a group has it here twice.
        - V(sku) is the part number, V(null) where it is not known. V(by_group) is the object id of
          the group, V(null) for a direct one. V(state) and V(error) are Graph's own words.
      type: list
      elements: dict
      sample:
        - sku: ENTERPRISEPACK
          sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
          disabled_plans: [57ff2da0-773e-42df-b2af-ffb7a2317929]
          by_group: null
          state: Active
          error: null
summary:
  description: The figures, about all users that are meant, however many RV(users) lists.
  returned: success, and when the task fails because of some users
  type: dict
  contains:
    users:
      description: How many users there are.
      type: int
      sample: 412
    disabled:
      description: How many of them may not sign in.
      type: int
      sample: 12
    guests:
      description: How many of them are guests.
      type: int
      sample: 40
    synced:
      description: How many are synchronised from a directory.
      type: int
      sample: 350
    formerly_synced:
      description: How many were, and are not any more.
      type: int
      sample: 0
    unlicensed:
      description: How many have no licence of any kind.
      type: int
      sample: 61
    without_usage_location:
      description: How many have no usage location, and so cannot be given a licence.
      type: int
      sample: 58
    domains:
      description: How many have a sign-in name in each domain, the most first.
      type: dict
      sample: {fourthcoffee.example: 372, fourthcoffee.onmicrosoft.com: 40}
    licenses:
      description: How many have each product directly, and by a group, and for how many of these
        Graph says that it is not in force.
      type: list
      elements: dict
      sample:
        - sku: ENTERPRISEPACK
          sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
          direct: 311
          by_group: 40
          not_in_force: 0
skus:
  description: What the tenant has bought, with the seats that are free. Empty if nobody who is
    meant has a licence, or the app may not read it.
  returned: success, and when the task fails because of some users
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
written:
  description: The files that were written.
  returned: success, and when the task fails because of some users
  type: dict
  contains:
    csv:
      description: The path of O(write_csv).
      type: str
      sample: /srv/lists/fourthcoffee-users.csv
failures:
  description: Users who are named and could not be read, each with its own error.
  returned: success, and when the task fails because of some users
  type: list
  elements: dict
  sample: []
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

from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._users.arguments import LISTING_ARGUMENTS
from ..module_utils._users.runner import run

OPERATION = Operation(arguments=ENTRA_ARGUMENTS.with_(LISTING_ARGUMENTS), run=run)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
