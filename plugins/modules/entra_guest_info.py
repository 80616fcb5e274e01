# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_guest_info
short_description: List the guests of an Entra tenant with how each of them signs in
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Lists the guests of a tenant, tells how each of them signs in now, and what happens to each when
    the email one-time passcode is turned on, is turned off, or is made the fallback of the
    redemption order.
  - Graph tells the same of work accounts in managed and in unmanaged tenants. Which one it is, the
    sign-in service is asked by the domain of the guest's address, about each domain once.
  - Graph gives the guests page by page, and no more than a page of them is in memory. The result
    lists the first rows; O(write_csv) writes all.
  - Nothing is guessed. A way to sign in that this version does not know is V(unknown), with Graph's
    own words for it.
requirements:
  - python >= 3.11
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
notes:
  - A person who signs in needs the role Directory Readers.
  - Graph's lists may be some minutes behind the last changes.
  - The sign-in service learns the domains of guests who have work accounts, and no addresses.
  - Users from outside whose user type is that of a member are not listed.
  - How fast the sign-in service is asked is set by O(in_flight) and O(requests_per_second). It has
    no published limits.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra
  - tenantops.migration.attributes.graph_permissions
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.entra]
  graph_permissions:
    support: full
    details:
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the guests."
options:
  methods:
    description:
      - Only guests who sign in in one of these ways, see RV(guests[].method).
      - If it is only O(methods=one_time_passcode), O(methods=google) or O(methods=facebook), Graph
        itself searches for them. For all others every guest has to be read.
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
      - Only guests whose address is in one of these domains. Domains below them do not count.
    type: list
    elements: str
    default: []
  ids:
    description:
      - Only guests with one of these object ids.
    type: list
    elements: str
    default: []
  addresses:
    description:
      - Only guests with one of these mail addresses, as C(mail) or among C(otherMails).
    type: list
    elements: str
    default: []
  rows_limit:
    description:
      - How many guests the result lists at most. Those come first about whom something may have to
        be done, such as those who sign in by passcode. RV(summary) counts all of them.
    type: int
    default: 1000
  write_csv:
    description:
      - A file to write all of the guests to as a table for a spreadsheet, in the order of Graph. It
        can be read by its owner alone.
      - Its folder is made if it is not there. It is written in check mode as well.
    type: path
  in_flight:
    description:
      - How many questions the sign-in service is asked at a time, at most.
    type: int
    default: 8
  requests_per_second:
    description:
      - How many requests are sent to the sign-in service in a second, at most. Each domain takes
        one.
    type: float
    default: 20.0
seealso:
  - module: tenantops.migration.entra_email_otp
  - module: tenantops.migration.entra_guest_redemption
  - module: tenantops.migration.entra_realm_info
  - name: Properties of a B2B collaboration user
    description: Microsoft's page about what the directory tells of a guest.
    link: https://learn.microsoft.com/entra/external-id/user-properties
  - name: Email one-time passcode authentication
    description: Microsoft's page about what the passcode is and who gets one.
    link: https://learn.microsoft.com/entra/external-id/one-time-passcode
"""

EXAMPLES = r"""
- name: Write a table of all guests
  tenantops.migration.entra_guest_info:
    write_csv: /srv/lists/fourthcoffee-guests.csv
    rows_limit: 100
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: listed

- name: Tell whom it would lock out to turn the passcode off
  ansible.builtin.debug:
    msg: >-
      {{ listed.guests | selectattr('if_passcode_off', 'eq', 'locked_out')
      | map(attribute='address') }}

- name: List those who use accounts of unmanaged tenants or personal ones, in two domains
  tenantops.migration.entra_guest_info:
    methods: [entra_viral, microsoft_account]
    domains: [litware.example, proseware.example]
    in_flight: 2
    requests_per_second: 5
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Look two guests up
  tenantops.migration.entra_guest_info:
    addresses: [kim.akers@litware.example]
    ids: [6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21]
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
summary:
  description: The figures, about all guests that are meant, however many RV(guests) lists.
  returned: success, and when the task fails because of some domains
  type: dict
  contains:
    guests:
      description: How many guests there are.
      type: int
      sample: 412
    domains:
      description: How many different domains their addresses have.
      type: int
      sample: 57
    disabled:
      description: How many of them may not sign in at all, because their account is disabled here.
      type: int
      sample: 3
    methods:
      description: How many guests have each RV(guests[].method).
      type: dict
      sample:
        one_time_passcode: 61
        entra_managed: 240
        entra_viral: 30
        entra_unresolved: 1
        microsoft_account: 40
        google: 12
        facebook: 0
        federated: 8
        not_redeemed: 20
        internal: 0
        unknown: 0
    if_passcode_on:
      description: How many guests have each RV(guests[].if_passcode_on) that occurs.
      type: dict
      sample: {unchanged: 331, passcode: 61, passcode_if_no_account: 20}
    if_passcode_off:
      description: How many guests have each RV(guests[].if_passcode_off) that occurs.
      type: dict
      sample: {unchanged: 331, locked_out: 61, microsoft_account_if_no_account: 20}
    if_passcode_fallback:
      description: How many guests have each RV(guests[].if_passcode_fallback) that occurs.
      type: dict
      sample: {unchanged: 331, passcode: 61, passcode_before_microsoft_account: 20}
    viral_domains:
      description: How many guests are in each domain of an unmanaged tenant, the most first.
      type: dict
      sample: {litware.example: 30}
    unknown:
      description: Graph's words for the guests whose method is V(unknown), and how many they are.
      type: dict
      sample: {}
all_guests:
  description: Whether every guest of the tenant is meant, since no option says otherwise.
  returned: success, and when the task fails because of some domains
  type: bool
  sample: true
guests:
  description: The guests, at most O(rows_limit). Times are in UTC.
  returned: success, and when the task fails because of some domains
  type: list
  elements: dict
  contains:
    id:
      description: The object id.
      type: str
      sample: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
    address:
      description: The mail address, or else the first of RV(guests[].other_mails). V(null) if there
        is none.
      type: str
      sample: kim.akers@litware.example
    other_mails:
      description: More addresses that the guest is known by.
      type: list
      elements: str
      sample: [kim.akers@litware.example]
    user_principal_name:
      description: The name in this tenant.
      type: str
      sample: kim.akers_litware.example#EXT#@fourthcoffee.onmicrosoft.com
    display_name:
      description: The name for people.
      type: str
      sample: Kim Akers
    domain:
      description: The domain of the address, or of the one that the name in this tenant was made
        of. V(null) if neither tells one.
      type: str
      sample: litware.example
    state:
      description: Graph's C(externalUserState).
      type: str
      sample: Accepted
    state_changed:
      description: Since when that is so.
      type: str
      sample: "2023-05-17T08:30:00Z"
    method:
      description:
        - How the guest signs in now.
        - V(one_time_passcode) is with a code that is mailed each time. V(entra_managed) is with an
          account of a managed tenant, and V(entra_viral) with one of an unmanaged tenant.
          V(entra_unresolved) is with a work account of which it cannot be seen in which tenant it
          is, because the domain of the address is in none, or could not be found out about.
        - V(microsoft_account) is with a personal account, V(google) and V(facebook) are with one of
          these, and V(federated) is at a server of the partner's own.
        - V(not_redeemed) is not at all yet, since an invitation has not been redeemed, also after a
          reset. V(internal) is with an account of this tenant.
        - V(unknown) is in a way that this version does not know.
      type: str
      sample: entra_viral
    issuer:
      description: Graph's word for who signs the guest in, V(null) if there is none.
      type: str
      sample: ExternalAzureAD
    preferred_language:
      description: The language that the guest prefers, V(null) if that is not known.
      type: str
      sample: sv-SE
    account_enabled:
      description: Whether the guest may sign in at all.
      type: bool
      sample: true
    created:
      description: Since when the guest is one.
      type: str
      sample: "2019-05-17T08:30:00Z"
    if_passcode_on:
      description:
        - What happens when the passcode is turned on. V(unchanged) is to sign in as before, and
          V(passcode) to do so by passcode, also if that was off until now.
        - V(passcode_if_no_account) is of one who has not redeemed, who will then do so by passcode
          if there is neither a work account, one of a provider that the tenant federates with, nor
          a personal Microsoft account. So it is unless the redemption order has another fallback
          than C(defaultConfiguredIdp).
        - V(unknown) is of one who signs in in a way that is not known.
      type: str
      sample: unchanged
    if_passcode_off:
      description:
        - What happens when the passcode is turned off. V(locked_out) is not to be able to sign in
          any more until the redemption is reset.
        - V(microsoft_account_if_no_account) is of one who has not redeemed, who will then need a
          personal Microsoft account if there is no account of another kind. So it is unless the
          fallback is the passcode, with which they cannot redeem at all.
      type: str
      sample: unchanged
    if_passcode_fallback:
      description:
        - What happens when the passcode is on and made the fallback of the redemption order.
        - V(passcode_before_microsoft_account) is of one who has not redeemed, who will then do so
          by passcode, also if there is a personal Microsoft account, unless there is a work account
          or one of a provider that the tenant federates with.
      type: str
      sample: unchanged
    sign_in_link:
      description: Where the guest signs in to this tenant. V(null) without O(entra_tenant_id).
      type: str
      sample: https://myapps.microsoft.com/?tenantid=3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
sign_in_links:
  description: Where guests sign in to this tenant. Guests with a passcode cannot use addresses that
    name no tenant. Empty without O(entra_tenant_id).
  returned: success, and when the task fails because of some domains
  type: dict
  contains:
    my_apps:
      description: The list of apps, by the tenant's id. V(null) in clouds that have none.
      type: str
      sample: https://myapps.microsoft.com/?tenantid=3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    my_apps_by_domain:
      description: The same by the tenant's initial domain, which the names of the guests tell.
      type: str
      sample: https://myapps.microsoft.com/fourthcoffee.onmicrosoft.com
    portal:
      description: The portal of Azure.
      type: str
      sample: https://portal.azure.com/3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
written:
  description: The files that were written.
  returned: success, and when the task fails because of some domains
  type: dict
  contains:
    csv:
      description: The path of O(write_csv).
      type: str
      sample: /srv/lists/fourthcoffee-guests.csv
failures:
  description: The domains whose realm could not be found out, each with its own error. Their guests
    are told as V(entra_unresolved), and the task fails.
  returned: success, and when the task fails because of some domains
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: The app lacks the permission User.Read.All
    server: https://graph.microsoft.com
    object: tenant 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    answer: the claim roles of its token does not name it
    advice: The app needs the Graph permission User.Read.All with admin consent, which takes some
      minutes to be in its tokens; a person who signs in needs the role Directory Readers. Nothing
      was sent.
"""

from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._guests.arguments import LISTING_ARGUMENTS, SELECTION_ARGUMENTS
from ..module_utils._guests.runner import run

OPERATION = Operation(
    arguments=ENTRA_ARGUMENTS.with_(SELECTION_ARGUMENTS, LISTING_ARGUMENTS), run=run
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
