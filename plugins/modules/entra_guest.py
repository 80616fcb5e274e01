# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_guest
short_description: Invite guests to an Entra tenant, or remove them
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Invites people who are not guests of the tenant yet, or removes guests, thousands in one task.
  - A guest is known by a mail address, as C(mail), among C(otherMails), or in the name that the
    guest was given when invited. Whoever is a guest already is left alone, however far the guest is
    and whatever the display name is, and gets no further mail.
  - Only guests are removed, never another user. They stay among the deleted users for 30 days, and
    M(tenantops.migration.change_rollback) brings them back from there. It removes guests who were
    invited, unless they have accepted meanwhile.
  - An invitation whose answer was lost is not sent again before the address was looked for. Where a
    run was killed, the next one asks the journals of the tenant who was invited a moment ago.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - email-validator
  - httpx
  - idna >= 3.7
  - jinja2 >= 3.1, for O(message_notice)
notes:
  - A person who signs in needs the role Guest Inviter or User Administrator. What is missing is
    told in check mode, too.
  - To bring a removed guest back, a rollback needs C(User.DeleteRestore.All).
  - An app cannot invite where the tenant lets only administrators do so. An address with a plus
    sign, for example, cannot be invited at all.
  - What Graph does with an invitation of a person who owns several accounts, is told by
    M(tenantops.migration.entra_redemption_order).
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.entra
  - tenantops.migration.invitation_messages
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
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to find the guests."
      - "C(User.Invite.All), or C(User.ReadWrite.All), C(Directory.ReadWrite.All), where
        O(state=present): to invite them."
      - "C(User.ReadWrite.All), or C(Directory.ReadWrite.All), where O(state=absent): to remove
        them."
options:
  guests:
    description:
      - The guests that are meant.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The mail address.
        type: str
        required: true
      display_name:
        description: The name that a new guest is shown with. Without one it is Graph's choice.
        type: str
      language:
        description: The language to write to the guest in, such as V(sv-SE), if it is known.
        type: str
  state:
    description:
      - Whether the guests are to be there.
    type: str
    choices:
      - present
      - absent
    default: present
  redirect_url:
    description:
      - Where guests come to when they have accepted.
      - If not set, it is the list of their apps in this tenant
        (C(https://myapps.microsoft.com/?tenantid=<tenant>)).
    type: str
  links_file:
    description:
      - A file, as an absolute path, to write each new guest's redemption link to, as a table (CSV)
        that only its owner can read. A later run goes on in the same file.
      - Whoever has such a link can redeem in the guest's place. It is in no result and in no
        journal.
    type: path
  requests_per_second:
    description:
      - How many invitations or removals are sent in a second, at most. Microsoft allows 150
        invitations in 5 seconds for each tenant, of all apps together.
    type: float
    default: 27.0
  settle_time:
    description:
      - How many seconds it takes at most until Graph shows a new guest everywhere. So long the
        absence of one is not believed, if it is not known whether an invitation was made.
    type: float
    default: 20.0
seealso:
  - module: tenantops.migration.entra_guest_info
  - module: tenantops.migration.entra_guest_redemption
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Invite two people, with a mail in their own language
  tenantops.migration.entra_guest:
    guests:
      - address: kim.akers@litware.example
        display_name: Kim Akers
      - address: anna.berg@fabrikam.example
        display_name: Anna Berg (Fabrikam)
        language: sv-SE
    send_mail: true
    message_notice:
      organization: Contoso
      contact: guests@contoso.com
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Invite without a mail, and keep the links
  tenantops.migration.entra_guest:
    guests:
      - address: taro.yamada@litware.example
        language: ja
    redirect_url: https://contoso.sharepoint.com/sites/projects
    links_file: /var/lib/tenantops/links/contoso.csv
    requests_per_second: 10
    settle_time: 60
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Remove a guest
  tenantops.migration.entra_guest:
    guests:
      - address: kim.akers@litware.example
    state: absent
    max_changes: 1
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description: The guests that were made and removed; in check mode, those that a run would make or
    remove.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: guest
      id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11 kim.akers@litware.example
      name: kim.akers@litware.example
      property: guest
      action: create
      before: null
      after: kim.akers@litware.example
      rule: null
      reversible: true
invited:
  description: How many guests were invited; in check mode, how many a run would invite.
  returned: success, or when a part was done
  type: int
  sample: 1
removed:
  description: How many guests were removed; in check mode, how many a run would remove.
  returned: success, or when a part was done
  type: int
  sample: 0
unchanged:
  description: The guests about whom there was nothing to do. C(id), C(user_principal_name) and
    C(state), which is Graph's C(externalUserState), are V(null) for those who are not there.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - address: anna.berg@fabrikam.example
      id: 6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10
      user_principal_name: anna.berg_fabrikam.example#EXT#@contoso.onmicrosoft.com
      state: Accepted
failures:
  description: Guests who were not, or cannot be, invited or removed, each with C(address) and
    C(error).
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
    answer: "eve+contoso@litware.example: This address cannot be invited: Microsoft invites no
      address with +"
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._guest_invitations.model import Presence
from ..module_utils._guest_invitations.runner import run
from ..module_utils._notices.arguments import INVITATION_MESSAGES_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        INVITATION_MESSAGES_ARGUMENTS,
        Arguments(
            {
                "guests": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": {
                        "address": {"type": "str", "required": True},
                        "display_name": {"type": "str"},
                        "language": {"type": "str"},
                    },
                },
                "state": {
                    "type": "str",
                    "choices": [presence.value for presence in Presence],
                    "default": Presence.PRESENT.value,
                },
                "redirect_url": {"type": "str"},
                "links_file": {"type": "path"},
                "requests_per_second": {"type": "float", "default": 27.0},
                "settle_time": {"type": "float", "default": 20.0},
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
