# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: entra_guest_redemption
short_description: Let guests of an Entra tenant redeem their invitation anew
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Resets the redemption of all guests that are selected, in one task. Each of them keeps the user
    with its groups, apps and rights, and redeems anew, in the way that the tenant's redemption
    order says then.
  - Only guests who have redeemed are reset. Those whose invitation is open are told as
    RV(pending) and left alone, so a second run resets and mails nobody again.
  - No guest is reset twice, whatever happens on the way. Graph offers no conditional reset, so a
    request whose answer was lost is not sent again before the guest was looked at. Where a run was
    killed, the next one asks the journals of the tenant what was done.
  - A reset cannot be undone.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
notes:
  - A person who signs in needs the role Helpdesk Administrator. What is missing is told in check
    mode, too.
  - An app cannot reset a guest who holds a directory role, and nobody can be invited by an address
    with a plus sign, for example. Such guests are in RV(failures) with the way out, in check mode
    as well, and the task fails when all others are done.
  - Where a guest belongs to a domain whose owner cannot be found out, it is not reset either.
  - Keep a journal. Without one, a run after one that was killed goes only by what Graph shows,
    which may be old.
  - Two runs for the same tenant at the same time do not see each other's resets.
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
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to find the guests."
      - "C(User.Invite.All), or C(User.ReadWrite.All), C(Directory.ReadWrite.All): to reset their
        redemption, which is an invitation too."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All),
        where O(check_roles): to tell those with a role, who cannot be reset."
options:
  methods:
    description:
      - Guests who sign in in one of these ways now; M(tenantops.migration.entra_guest_info) tells
        them.
      - A guest is reset to whom all of O(methods), O(domains), O(ids) and O(addresses) apply that
        are given. At least one of them must be.
    type: list
    elements: str
    choices:
      - one_time_passcode
      - entra_managed
      - entra_viral
      - entra_unresolved
      - microsoft_account
      - google
      - facebook
      - federated
      - not_redeemed
      - internal
      - unknown
    default: []
  domains:
    description:
      - Guests whose address is in one of these domains. Domains below them do not count.
    type: list
    elements: str
    default: []
  ids:
    description:
      - Guests with one of these object ids. If nothing else is given, an id that is no guest's is
        one of RV(failures).
    type: list
    elements: str
    default: []
  addresses:
    description:
      - Guests with one of these mail addresses, as C(mail) or among C(otherMails). If nothing else
        is given, an address that is no guest's is one of RV(failures).
    type: list
    elements: str
    default: []
  redirect_url:
    description:
      - Where guests come to when they have redeemed.
      - If not set, it is the list of their apps in this tenant
        (C(https://myapps.microsoft.com/?tenantid=<tenant>)).
    type: str
  links_file:
    description:
      - A file, as an absolute path, to write each guest's redemption link to, as a table (CSV) that
        only its owner can read. A later run goes on in the same file.
      - Whoever has such a link can redeem in the guest's place. It is in no result and in no
        journal.
      - A link whose answer was lost is missing, which a warning tells. The guest can redeem at the
        tenant's sign-in address as well.
    type: path
  requests_per_second:
    description:
      - How many resets are sent in a second, at most. Microsoft allows 150 invitations in 5 seconds
        for each tenant, of all apps together.
    type: float
    default: 27.0
  settle_time:
    description:
      - How many seconds it takes at most until Graph shows a reset everywhere. So long the old
        state of a guest is not believed, if it is not known whether a reset was made.
    type: float
    default: 120.0
  check_roles:
    description:
      - Whether to find out first which guests hold a directory role. If not, Graph refuses to reset
        them in the run, and the dry run does not know of it.
    type: bool
    default: true
seealso:
  - module: tenantops.migration.entra_guest_info
  - module: tenantops.migration.entra_redemption_order
  - module: tenantops.migration.entra_email_otp
  - name: Reset redemption status for a guest user
    description: Microsoft's page about what a reset does.
    link: https://learn.microsoft.com/entra/external-id/reset-redemption-status
"""

EXAMPLES = r"""
- name: Move the guests with personal and unmanaged accounts on, with a mail in Swedish
  tenantops.migration.entra_guest_redemption:
    methods: [microsoft_account, entra_viral]
    send_mail: true
    message_language: sv-SE
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Those of one domain, with the team's own words and a list of the links
  tenantops.migration.entra_guest_redemption:
    domains: [litware.example]
    send_mail: true
    messages:
      - language: en
        text: Please accept again. From now on you sign in with a code that is mailed to you.
      - language: ja
        domains: [jp]
        text: 招待をもう一度承諾してください。
    redirect_url: https://contoso.sharepoint.com/sites/projects
    links_file: /var/lib/tenantops/links/contoso.csv
    requests_per_second: 10
    settle_time: 300
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: A mail made from the notice that comes with the collection
  tenantops.migration.entra_guest_redemption:
    methods: [one_time_passcode]
    send_mail: true
    message_notice:
      organization: Contoso
      contact: guests@contoso.com
      default_language: sv
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Two guests, by id and without asking for roles
  tenantops.migration.entra_guest_redemption:
    ids:
      - 6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10
      - 0d2c8f9e-9f0a-4c57-8a54-7a9d1f1c2b13
    check_roles: false
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: One guest, by address, if it still has a personal account
  tenantops.migration.entra_guest_redemption:
    addresses: [ada@litware.example]
    methods: [microsoft_account]
    max_changes: 1
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description: The resets that were made; in check mode, those that a run would make.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: guest
      id: 6b1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f10
      name: ada@litware.example
      property: redemption
      action: invoke
      before:
        state: Accepted
        changed: "2024-02-11T09:12:44Z"
        method: microsoft_account
      after:
        state: PendingAcceptance
        mailed: true
      rule: null
      reversible: false
reset:
  description: How many guests were reset; in check mode, how many a run would reset.
  returned: success, or when a part was done
  type: int
  sample: 41
selected:
  description: How many guests are meant, whatever is done about them.
  returned: success, or when a part was done
  type: int
  sample: 45
pending:
  description: Guests who are meant and whose invitation is open. They are left alone.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 0d2c8f9e-9f0a-4c57-8a54-7a9d1f1c2b13
      address: bob@litware.example
      user_principal_name: bob_litware.example#EXT#@contoso.onmicrosoft.com
reset_before:
  description:
    - Guests whom an earlier run has reset, as the tenant's journals tell, though Graph still shows
      the state of before, or who have redeemed since under the same O(run). They are left alone.
    - Each is told as those in RV(pending).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample: []
internal:
  description:
    - Users who are meant and have an account of the tenant itself, so that there is nothing to
      redeem. Each is told as those in RV(pending).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample: []
failures:
  description: Guests who are meant and were not, or cannot be, reset.
  returned: success, or when a part was done
  type: list
  elements: dict
  contains:
    id:
      description: The guest's object id; where there is no such guest, the name that was asked for.
      type: str
      sample: 9c1f5c4e-57a4-4d0c-9a4c-2d6f3b0f9f11
    address:
      description: The guest's address, or the name in the tenant if there is none.
      type: str
      sample: eve@litware.example
    error:
      description: Why, in parts like those of RV(error).
      type: dict
      sample:
        kind: refused
        problem: This guest holds a directory role
        server: https://graph.microsoft.com
        object: eve@litware.example
        answer: Helpdesk Administrator
        advice: An app may not reset who holds a directory role. Take the role away, reset, and give
          it back.
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 object is not as wanted
    server: ""
    object: ""
    answer: "eve@litware.example: This guest holds a directory role (Helpdesk Administrator)"
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._guest_redemption.runner import run
from ..module_utils._guests.arguments import SELECTION_ARGUMENTS
from ..module_utils._notices.arguments import INVITATION_MESSAGES_ARGUMENTS

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        SELECTION_ARGUMENTS,
        INVITATION_MESSAGES_ARGUMENTS,
        Arguments(
            {
                "redirect_url": {"type": "str"},
                "links_file": {"type": "path"},
                "requests_per_second": {"type": "float", "default": 27.0},
                "settle_time": {"type": "float", "default": 120.0},
                "check_roles": {"type": "bool", "default": True},
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
