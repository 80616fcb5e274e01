# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_user_upn
short_description: Give users of an Entra tenant the names that they should sign in with
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Sets the C(userPrincipalName) of users to what it should be, thousands in one task. That is the
    primary mail address, the name of now with another suffix, or what a file says.
  - Everything is judged before the first user is renamed. Somebody is not renamed, and told in
    RV(failures), where the domain is not verified, or federated and the user has no immutable id,
    where another user, a deleted one or two at once would have the name, and where it has
    characters with which nobody can sign in.
  - Where one user gets the name of another one who is renamed as well, the other one comes first.
    Where users exchange their names, one of them has a temporary name in the tenant's initial
    domain for a moment. The next run goes on with a user whom an interrupted one left with it.
  - Users who are synchronised from a directory have to be renamed there, and are told as failures.
    So are those who hold a directory role, if the app holds none itself.
  - Guests are left alone. Licences need not be taken away from users who are not synchronised.
  - An address is not free because its holder is renamed. Graph cannot change C(proxyAddresses).
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
notes:
  - A person who signs in needs the role User Administrator. What is missing is told in check mode,
    too.
  - To tell users with a directory role before anything is written, it needs
    C(RoleManagement.Read.Directory) as well. Without it Graph refuses them one by one.
  - Somebody who is named in O(user_principal_names) and was renamed is not found under the old name
    any more. Name users by O(ids) where a task is run again.
  - A new name has side effects for the person, such as other addresses of files in OneDrive and of
    meetings. Tell people before, for example by M(tenantops.migration.notice_files).
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.entra
  - tenantops.migration.changes
  - tenantops.migration.user_selection
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.entra, tenantops.migration.changes]
  graph_permissions:
    support: full
    details:
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to know the tenant's domains."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to find the users, and who has the names."
      - "C(User.ReadWrite.All), or C(Directory.ReadWrite.All): to rename them."
      - "C(GroupMember.Read.All), or C(GroupMember.ReadWrite.All), C(Group.Read.All),
        C(Group.ReadWrite.All), C(Directory.Read.All), C(Directory.ReadWrite.All), where O(groups):
        to read who is in them."
      - "C(LicenseAssignment.Read.All), or C(LicenseAssignment.ReadWrite.All),
        C(Organization.Read.All), C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where O(licensed_with): to find the products."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All) as
        an extra: to tell beforehand who is an administrator and cannot be renamed."
options:
  source:
    description:
      - What the wanted name is made from.
      - V(primary_address) is the address that is marked with C(SMTP:) in C(proxyAddresses), or
        C(mail) where none is.
      - V(mail) is the attribute of this name.
      - V(suffix_map) is the name of now, with the suffix that O(suffix_map) says.
      - V(mapping) is what the file O(mapping) says.
      - With V(suffix_map) and V(mapping) nobody needs to be selected, and only those are meant whom
        they name.
    type: str
    choices: [primary_address, mail, suffix_map, mapping]
    required: true
  suffix_map:
    description:
      - The new suffixes by the old ones, for O(source=suffix_map).
      - A suffix must not be a new and an old one at once, because a second run would rename the
        same users again.
    type: dict
  mapping:
    description:
      - A file that says who gets which name, for O(source=mapping).
      - A CSV file has a column C(new_user_principal_name), and C(id) for the object id or
        C(user_principal_name) for the old name, or both; then the id counts.
      - A file whose name ends with C(.json) has an object of the new names by the old ones or by
        the ids, or a list of objects with the columns' names.
      - Whoever is to get the old name of somebody else in the file has to be named by id.
    type: path
  settle_time:
    description:
      - How many seconds it takes at most until Graph shows a new name everywhere. So long an old
        one is not believed, if it is not known whether a renaming was made.
    type: float
    default: 20.0
  planned_changes:
    description:
      - The RV(changes) that earlier tasks of the same course returned. In check mode they count as
        made, so that a domain which M(tenantops.migration.entra_domain) would verify is verified.
      - It is of no account in a run.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.entra_user_info
  - module: tenantops.migration.upn_alignment
  - module: tenantops.migration.ad_attributes
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Let everybody of a domain sign in with the primary mail address
  tenantops.migration.entra_user_upn:
    source: primary_address
    domains: [contoso.example]
    synced: false
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Move from the initial domain to the tenant's own
  tenantops.migration.entra_user_upn:
    source: suffix_map
    suffix_map:
      contoso.onmicrosoft.com: contoso.example
    max_changes: 200
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Move a department to a domain that an earlier task verifies
  tenantops.migration.entra_user_upn:
    source: suffix_map
    suffix_map:
      contoso.onmicrosoft.com: contoso.example
    departments: [Sales]
    planned_changes:
      - system: entra
        resource: domain
        id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 contoso.example
        name: contoso.example
        property: isVerified
        action: replace
        before: false
        after: true
        rule: null
        reversible: true
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Give names from a file, and wait longer for Graph
  tenantops.migration.entra_user_upn:
    source: mapping
    mapping: /srv/lists/contoso-names.csv
    settle_time: 60
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Take the attribute mail of two users, of a group, and of a condition of Graph
  tenantops.migration.entra_user_upn:
    source: mail
    ids: [6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21, 1f9d6a5c-3a1e-4f6e-9a63-2f0f4b6f7f11]
    groups: [Licensed employees]
    filter: startsWith(displayName,'Kim')
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: See what would become of two users, if they may sign in and have a licence
  tenantops.migration.entra_user_upn:
    source: primary_address
    user_principal_names: [kim@contoso.onmicrosoft.com, lee@contoso.onmicrosoft.com]
    licensed_with: [ENTERPRISEPACK]
    licensed: true
    account_enabled: true
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  check_mode: true
"""

RETURN = r"""
changes:
  description: The names that were changed; in check mode, those that a run would change.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: sign_in_name
      id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      name: kim@contoso.onmicrosoft.com
      property: userPrincipalName
      action: replace
      before: kim@contoso.onmicrosoft.com
      after: kim.akers@contoso.example
      rule: null
      reversible: true
selected:
  description: How many users were meant.
  returned: success, or when a part was done
  type: int
  sample: 412
renamed:
  description: How many were renamed; in check mode, how many a run would rename.
  returned: success, or when a part was done
  type: int
  sample: 310
unchanged:
  description: How many had the wanted name already, in whatever case.
  returned: success, or when a part was done
  type: int
  sample: 97
left:
  description: Users who were selected and left alone, such as guests and those without an address,
    each with C(id), C(user_principal_name) and C(reason).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 0a3d4f8f-7e21-4f0e-8f43-6f1d2b6c2f0e
      user_principal_name: svc-scanner@contoso.onmicrosoft.com
      reason: there is no mail address
temporary:
  description: Users who had a temporary name for a moment, because names were exchanged; in check
    mode, who would have one.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 1f9d6a5c-3a1e-4f6e-9a63-2f0f4b6f7f11
      user_principal_name: anna@contoso.example
      temporary_name: tenantops.1f9d6a5c3a1e4f6e9a632f0f4b6f7f11@contoso.onmicrosoft.com
failures:
  description: Users who were not, or cannot be, renamed, each with C(id), C(user_principal_name)
    and C(error).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 2d6f3b0f-9f10-4d0c-9a4c-6b1f5c4e57a4
      user_principal_name: lee@contoso.onmicrosoft.com
      error:
        kind: invalid_input
        problem: The name lee@contoso.example is taken
        server: https://graph.microsoft.com
        object: lee@contoso.onmicrosoft.com
        answer: the deleted user lee@contoso.example (9f101b1f-57a4-4d0c-9a4c-2d6f3b0f9f10) has it
          as the name to sign in with
        advice: Restore the deleted user and use that one, or remove it for good, which cannot be
          undone.
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 object is not as wanted
    server: ""
    object: ""
    answer: "lee@contoso.onmicrosoft.com: The name lee@contoso.example is taken"
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._sign_in_names.arguments import SIGN_IN_NAME_ARGUMENTS
from ..module_utils._sign_in_names.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(CHANGES_ARGUMENTS, SIGN_IN_NAME_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
