# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_user
short_description: Make or delete work accounts in an Entra tenant
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Makes the accounts that are not there yet, with an initial password, a usage location and
    directory roles, or deletes accounts, thousands in one task.
  - An account is known by its user principal name. One that is there already is left as it is,
    except that it gets the usage location and the roles in O(users) that it does not have.
  - A password is safe in O(passwords_file), or taken by O(passwords_command), before its account is
    made. It is in no result, plan, journal or log, and in no list of processes.
  - A name that a deleted user holds, or that somebody has as a mail address, is refused before
    anything is written, and the holder is named.
  - Deleted accounts can be restored for 30 days, and M(tenantops.migration.change_rollback) does
    so. It deletes accounts that were made, unless somebody has set a password of their own since.
  - An account whose answer was lost is not made again before it was looked for. Where a run was
    killed, the next one asks the journals of the tenant which accounts were made a moment ago.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
notes:
  - A person who signs in needs the role User Administrator, and Privileged Role Administrator for
    roles. What is missing is told in check mode, too.
  - An app without a directory role cannot delete who holds one. Such users are refused in check
    mode, too, unless O(remove_roles) is set.
  - The last Global Administrator is never made to be none, neither here nor in a rollback.
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
        C(Directory.ReadWrite.All): to know the tenant and its domains."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to find the accounts."
      - "C(User.ReadWrite.All), or C(Directory.ReadWrite.All): to make, change, delete and restore
        them."
      - "C(User.DeleteRestore.All), or C(User.ReadWrite.All), C(Directory.ReadWrite.All), where
        O(purge): to remove them for good."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All),
        where O(users[].roles): to read who has which role."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All),
        where O(remove_roles): to read who has which role."
      - "C(RoleManagement.ReadWrite.Directory), where O(users[].roles): to give roles."
      - "C(RoleManagement.ReadWrite.Directory), where O(remove_roles): to take roles."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All) as
        an extra, where O(state=absent): to tell beforehand who is an administrator and cannot be
        deleted."
options:
  users:
    description:
      - The accounts that are meant.
    type: list
    elements: dict
    required: true
    suboptions:
      user_principal_name:
        description:
          - The name to sign in with, such as V(kim@contoso.onmicrosoft.com). Its domain has to be
            verified in the tenant.
        type: str
        required: true
      also_known_as:
        description:
          - Other names under which the account may be there, because it was made in another domain.
            It then counts as this one, and keeps the name that it has.
        type: list
        elements: str
      display_name:
        description:
          - The name that the account is shown with. Without one it is made from
            O(users[].given_name) and O(users[].surname), or is what stands before the @.
        type: str
      mail_nickname:
        description: The mail alias. Without one it is what stands before the @.
        type: str
      given_name:
        description: The person's given name.
        type: str
      surname:
        description: The person's surname.
        type: str
      department:
        description: The person's department.
        type: str
      job_title:
        description: The person's job title.
        type: str
      company_name:
        description: The company that the person works for.
        type: str
      preferred_language:
        description: The person's language, such as V(sv-SE).
        type: str
      other_mails:
        description: Addresses at which the person can be reached besides.
        type: list
        elements: str
      usage_location:
        description:
          - The country where the person uses licences, as two letters (ISO 3166). Without one, no
            licence can be assigned.
        type: str
      account_enabled:
        description: Whether one can sign in to a new account at once.
        type: bool
        default: true
      password:
        description:
          - The initial password. Without one it is made up, 20 characters long.
        type: str
      roles:
        description:
          - Directory roles that the account is to have in the whole tenant, by their English names
            or template ids. Other roles that it has are left alone.
        type: list
        elements: str
  state:
    description:
      - Whether the accounts are to be there.
    type: str
    choices:
      - present
      - absent
    default: present
  force_password_change:
    description:
      - Whether the initial password has to be changed when signing in for the first time.
    type: bool
    default: true
  passwords_file:
    description:
      - A file, as an absolute path, to write the passwords of new accounts to, as a table (CSV)
        that only its owner can read, on the machine where the task runs. It must not be a link. A
        later run goes on in the same file.
      - Each password is on the disk before its account is made. One that is in the file already,
        because a run was interrupted before it made the account, is used again.
      - Where O(users[].password) is not set for a new account, this or O(passwords_command) is
        needed.
    type: path
  passwords_command:
    description:
      - A command, as a list, that takes the password of each new account before the account is
        made, such as one that stores it in a vault. No shell is involved.
      - It gets one line of JSON on its standard input, with C(tenant_id), C(user_principal_name),
        C(display_name), C(password) and C(must_change). It can be run for several accounts at once,
        and again for an account that an interrupted run did not make; the last password counts.
      - It has to end with 0 within a minute, otherwise the account is not made. What it writes is
        thrown away.
    type: list
    elements: str
  remove_roles:
    description:
      - With O(state=absent), takes all their directory roles from the accounts before they are
        deleted.
    type: bool
    default: false
  purge:
    description:
      - With O(state=absent), removes the accounts for good, and whatever else was deleted by these
        names before. This cannot be undone by anybody.
    type: bool
    default: false
  settle_time:
    description:
      - How many seconds it takes at most until Graph shows a new account everywhere. So long the
        absence of one is not believed, if it is not known whether it was made.
      - So long it is also waited for that Graph shows a deleted account among the deleted ones,
        before it is removed for good.
    type: float
    default: 20.0
  planned_changes:
    description:
      - The RV(tenantops.migration.entra_domain#module:changes) of earlier tasks of the same play.
        In check mode a domain that they would verify counts as verified. In a run they have been
        made, and this option does nothing.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.entra_user_info
  - module: tenantops.migration.entra_guest
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: A new administrator on the tenant's own domain
  tenantops.migration.entra_user:
    users:
      - user_principal_name: kim.akers@contoso.onmicrosoft.com
        display_name: Kim Akers
        usage_location: SE
        preferred_language: sv-SE
        other_mails:
          - kim@litware.example
        roles:
          - Global Administrator
          - 729827e3-9c14-49f7-bb1b-9608f156bbb8
    passwords_file: /var/lib/tenantops/passwords/contoso.csv
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Make accounts in a domain that an earlier task verifies, and put the passwords into a vault
  tenantops.migration.entra_user:
    users:
      - user_principal_name: anna.berg@contoso.com
        also_known_as: [anna.berg@contoso.onmicrosoft.com]
        given_name: Anna
        surname: Berg
        mail_nickname: anna
        department: Sales
        job_title: Manager
        company_name: Contoso
    passwords_command:
      - /usr/local/bin/store-password
      - --vault=contoso
    # As a play has it from the task before: "{{ domain.changes }}"
    planned_changes:
      - system: entra
        resource: domain
        id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 contoso.com
        name: contoso.com
        property: isVerified
        action: replace
        before: false
        after: true
        rule: null
        reversible: false
    settle_time: 60
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: An account that nobody can use yet, with a password that is known already
  tenantops.migration.entra_user:
    users:
      - user_principal_name: print.service@contoso.onmicrosoft.com
        password: "{{ vault_print_service_password }}"
        account_enabled: false
    force_password_change: false
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Remove an administrator's account for good
  tenantops.migration.entra_user:
    users:
      - user_principal_name: kim.akers@contoso.onmicrosoft.com
    state: absent
    remove_roles: true
    purge: true
    max_changes: 4
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description: The accounts that were made, deleted and purged, and the roles that were given and
    taken; in check mode, those that a run would make or take.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: user
      id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 kim.akers@contoso.onmicrosoft.com
      name: kim.akers@contoso.onmicrosoft.com
      property: user
      action: create
      before: null
      after: kim.akers@contoso.onmicrosoft.com
      rule: null
      reversible: true
    - system: entra
      resource: role_assignment
      id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 kim.akers@contoso.onmicrosoft.com
      name: kim.akers@contoso.onmicrosoft.com
      property: Global Administrator
      action: add
      before: null
      after: 62e90394-69f5-4237-9190-012177145e10
      rule: null
      reversible: true
created:
  description: How many accounts were made; in check mode, how many a run would make.
  returned: success, or when a part was done
  type: int
  sample: 1
deleted:
  description: How many accounts were deleted; in check mode, how many a run would delete.
  returned: success, or when a part was done
  type: int
  sample: 0
purged:
  description: How many accounts were removed for good; in check mode, how many a run would remove.
  returned: success, or when a part was done
  type: int
  sample: 0
usage_locations:
  description: Of how many accounts that were there the usage location was set; in check mode, of
    how many a run would set it.
  returned: success, or when a part was done
  type: int
  sample: 0
roles_given:
  description: How many roles were given; in check mode, how many a run would give.
  returned: success, or when a part was done
  type: int
  sample: 1
roles_removed:
  description: How many roles were taken away; in check mode, how many a run would take away.
  returned: success, or when a part was done
  type: int
  sample: 0
there_before:
  description: Those of the accounts that were there before the task, by the names that they had.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10
      user_principal_name: anna.berg@contoso.onmicrosoft.com
unchanged:
  description: The accounts about which there was nothing to do. C(id) and what follows it are
    V(null) for those that are not there.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - user_principal_name: anna.berg@contoso.onmicrosoft.com
      id: 6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10
      display_name: Anna Berg
      account_enabled: true
      usage_location: SE
failures:
  description: Accounts that are not as wanted, each with C(user_principal_name) and C(error).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 object is not as wanted
    server: ""
    object: ""
    answer: "kim@contoso.onmicrosoft.com: A deleted user holds this name
      (kim@contoso.onmicrosoft.com, id 1b0f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f11, deleted
      2026-11-20T07:15:00Z)"
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._accounts.model import Presence
from ..module_utils._accounts.runner import run
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "users": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {
                        "user_principal_name": {"type": "str", "required": True},
                        "also_known_as": {"type": "list", "elements": "str"},
                        "display_name": {"type": "str"},
                        "mail_nickname": {"type": "str"},
                        "given_name": {"type": "str"},
                        "surname": {"type": "str"},
                        "department": {"type": "str"},
                        "job_title": {"type": "str"},
                        "company_name": {"type": "str"},
                        "preferred_language": {"type": "str"},
                        "other_mails": {"type": "list", "elements": "str"},
                        "usage_location": {"type": "str"},
                        "account_enabled": {"type": "bool", "default": True},
                        "password": {"type": "str", "no_log": True},
                        "roles": {"type": "list", "elements": "str"},
                    },
                },
                "state": {
                    "type": "str",
                    "choices": [presence.value for presence in Presence],
                    "default": Presence.PRESENT.value,
                },
                # They hold no password, but say where one goes.
                "force_password_change": {"type": "bool", "default": True, "no_log": False},
                "passwords_file": {"type": "path", "no_log": False},
                "passwords_command": {"type": "list", "elements": "str", "no_log": False},
                "remove_roles": {"type": "bool", "default": False},
                "purge": {"type": "bool", "default": False},
                "settle_time": {"type": "float", "default": 20.0},
                "planned_changes": {"type": "list", "elements": "dict", "default": []},
            },
            mutually_exclusive=[("passwords_file", "passwords_command")],
        ),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
