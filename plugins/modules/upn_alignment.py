# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: upn_alignment
short_description: Give synchronised people one sign-in name in the directory and in the cloud
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Changes the C(userPrincipalName) of people on premises, waits until directory sync has brought
    it to the cloud, and reads it back there.
  - Without the feature C(synchronizeUpnForManagedUsersEnabled), the sync gives a managed user who
    holds a licence no new name. Only for such people the licences are written down on disk, taken
    off, and given back with the same disabled plans as soon as the name has arrived. For all others
    the licences are not touched.
  - Names and addresses on premises are judged as M(tenantops.migration.ad_attributes) does. Of the
    objects that the options choose, only users are meant, and no rule is applied to anything that
    is not changed.
  - Everything is judged before the first write. Who cannot have the name, would not get a licence
    back, or is licensed by a group, is told in RV(failures), and nothing is done about them.
  - People go through it in batches, a canary first. Nobody new is begun after too many failures.
  - Licences come back as soon as a name has arrived, while others are still waited for. If the sync
    does not come in time, they are given back all the same, and the people are told as V(waiting),
    see RV(people[].result).
  - A run that was broken off anywhere is finished by the next one. Those whose licences are off
    come first then, even if they are not selected any more. A rollback does not take off again what
    that one has given back.
  - No task ends well while somebody's licences are off. They are named in the message and in
    RV(unlicensed).
requirements:
  - python >= 3.11
  - anyascii
  - email-validator
  - ldap3
  - publicsuffixlist
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
  - gssapi, for O(ad_auth=kerberos)
notes:
  - "O(journal), O(tenant) and O(run) are needed. The licences are written to the file
    C(<tenant>.licenses.jsonl) in O(journal), which must be there in the next run as well: it must
    not be a folder that goes away with the container the task runs in."
  - The account of the directory needs the right Write Property for C(userPrincipalName), and for
    what O(adjust) names, see M(tenantops.migration.ad_attributes).
  - While a licence is off, the person cannot use what it gives. Mailboxes are kept for 30 days.
    Small batches, and a sync that runs often, keep the gap short.
  - While a seat is free, somebody else can take it. The licence is then given back by a later run,
    when there is a seat again.
  - The name in the cloud is written by the sync, so it is in RV(people) and not in RV(changes).
  - Users who are not synchronised are renamed by M(tenantops.migration.entra_user_upn).
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.ad
  - tenantops.migration.entra
  - tenantops.migration.changes
  - tenantops.migration.directory_rules
  - tenantops.migration.attributes.graph_permissions
  - tenantops.migration.attributes.directory_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.entra
      - tenantops.migration.changes
      - tenantops.migration.directory_rules
  graph_permissions:
    support: full
    details:
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to know the tenant's domains and its synchronisation."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the users and their licences."
      - "C(LicenseAssignment.Read.All), or C(LicenseAssignment.ReadWrite.All),
        C(Organization.Read.All), C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the products."
      - "C(LicenseAssignment.ReadWrite.All), or C(Directory.ReadWrite.All): to take licences off and
        give them back, where they are in the way."
      - "C(OnPremDirectorySynchronization.Read.All), or
        C(OnPremDirectorySynchronization.ReadWrite.All), where O(sync_feature=read): to know whether
        licences are in the way."
  directory_rights:
    support: full
    details:
      - "C(read): every account has it, unless somebody took it away."
      - "C(Write Property of userPrincipalName): for the people who are meant."
      - "C(Write Property of mail and proxyAddresses), where O(adjust): for the people who are
        meant."
options:
  source:
    description:
      - What the wanted name is made from.
      - V(primary_address) is the address that C(proxyAddresses) marks with C(SMTP:), or C(mail)
        where none is.
      - V(mail) is the attribute of this name.
      - V(suffix_map) is the name of now, with the suffix that O(suffix_map) says.
      - V(mapping) is what the file O(mapping) says.
    type: str
    choices: [primary_address, mail, suffix_map, mapping]
    default: primary_address
  suffix_map:
    description:
      - The new suffixes by the old ones, for O(source=suffix_map). People with other suffixes are
        not meant.
      - A suffix must not be a new and an old one at once.
    type: dict
  mapping:
    description:
      - A file that says who gets which name, for O(source=mapping). Nobody else is meant.
      - A CSV file has a column C(new_user_principal_name), and C(id) for the objectGUID or
        C(user_principal_name) for the old name, or both; then the objectGUID counts.
      - A file whose name ends with C(.json) has an object of the new names by the old ones or by
        the objectGUIDs, or a list of objects with the columns' names.
    type: path
  adjust:
    description:
      - What becomes the new name as well, where the person has it.
      - With V(mail) it is C(mail).
      - With V(proxyAddresses) it is the primary address. The one before stays as a secondary one,
        unless no mail could arrive at it.
    type: list
    elements: str
    choices: [mail, proxyAddresses]
    default: []
  batch_size:
    description:
      - How many people are under way at once. Their licences are off at the same time.
    type: int
    default: 100
  canary:
    description:
      - How many people come first, alone. If anything goes wrong with one of them, nobody else is
        begun. With V(0) there is no canary.
    type: int
    default: 5
  max_failures:
    description:
      - If something goes wrong with more people than this in the run, nobody new is begun.
      - What is told before the first write does not count.
    type: int
    default: 10
  sync_timeout:
    description:
      - How many seconds to wait for the sync in each batch. A cycle of Entra Connect comes every
        half an hour, unless it is started by hand.
    type: float
    default: 3600.0
  settle_time:
    description:
      - How many seconds it takes at most until Graph shows a write everywhere. So long nothing is
        decided by what Graph shows of licences that an earlier run, or a request without answer,
        may have changed.
    type: float
    default: 120.0
  sync_feature:
    description:
      - Whether the sync brings new names to licensed users as well.
      - V(read) asks Graph for C(synchronizeUpnForManagedUsersEnabled), and fails if it does not
        tell.
      - V(enabled) and V(disabled) are for where Graph does not tell. If V(enabled) is not true,
        people are told as V(waiting), see RV(people[].result).
    type: str
    choices: [read, enabled, disabled]
    default: read
  forget:
    description:
      - Users of the cloud, by object id or by the name in RV(unlicensed), to whom nothing is to be
        given back any more, because somebody has seen to their licences otherwise.
    type: list
    elements: str
    default: []
  connections:
    description:
      - How many connections to write to the directory over.
    type: int
    default: 2
  in_flight:
    description:
      - How many requests may be on their way at once on each connection.
    type: int
    default: 100
  rows_limit:
    description:
      - How many entries RV(people) and RV(left) have at most.
    type: int
    default: 1000
  planned_changes:
    description:
      - The RV(changes) that earlier tasks of the same course returned. In check mode they count as
        made, so that a domain which M(tenantops.migration.entra_domain) would verify is verified.
      - It is of no account in a run.
    type: list
    elements: dict
    default: []
seealso:
  - module: tenantops.migration.account_comparison_info
  - module: tenantops.migration.ad_attributes
  - module: tenantops.migration.ad_upn_suffix
  - module: tenantops.migration.entra_license
  - module: tenantops.migration.entra_sync_info
  - module: tenantops.migration.entra_user_upn
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Let people sign in with their primary address, on both sides
  tenantops.migration.upn_alignment:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
    exclude:
      - OU=Services,OU=Contoso,DC=corp,DC=example,DC=com
    batch_size: 50
    canary: 3
    max_failures: 5
    sync_timeout: 5400
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Exchange a local suffix, with the addresses, for one that earlier tasks add and verify
  tenantops.migration.upn_alignment:
    source: suffix_map
    suffix_map:
      corp.local: contoso.example
    adjust: [mail, proxyAddresses]
    upn_suffixes:
      - contoso.example
    filter: (department=Sales)
    forest_search: connected_domain
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
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"

- name: Give names from a file where Graph does not tell of the feature, and settle one user by hand
  tenantops.migration.upn_alignment:
    source: mapping
    mapping: /srv/lists/contoso-names.csv
    sync_feature: disabled
    forget:
      - kim@contoso.example
    settle_time: 300
    connections: 1
    in_flight: 10
    rows_limit: 50
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T08-30"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
changes:
  description: The changes that were made, person by person; in check mode the same list of those
    that a run would make. A licence that is taken off and given back is told twice.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - system: entra
      resource: license
      id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      name: kim@contoso.onmicrosoft.com
      property: ENTERPRISEPACK
      action: replace
      before:
        sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
        disabled_plans: []
      after: null
      rule: null
      reversible: true
    - system: ad
      resource: directory_object
      id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
      name: CN=Kim Akers,OU=People,DC=corp,DC=example,DC=com
      property: userPrincipalName
      action: replace
      before: kim@corp.local
      after: kim.akers@contoso.example
      rule: null
      reversible: true
    - system: entra
      resource: license
      id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      name: kim@contoso.onmicrosoft.com
      property: ENTERPRISEPACK
      action: replace
      before: null
      after:
        sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
        disabled_plans: []
      rule: null
      reversible: true
people:
  description: Those about whom something is (or would be) done or told, at most O(rows_limit).
  returned: success, or when a part was done
  type: list
  elements: dict
  contains:
    dn:
      description: The person in the directory; null for who is only known from an earlier run.
      type: str
      sample: CN=Kim Akers,OU=People,DC=corp,DC=example,DC=com
    guid:
      description: The person's objectGUID.
      type: str
      sample: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    id:
      description: The user's object id in the cloud, null for who is not there.
      type: str
      sample: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
    directory_name:
      description: The user principal name on premises before the run.
      type: str
      sample: kim@corp.local
    cloud_name:
      description: The user principal name in the cloud before the run.
      type: str
      sample: kim@contoso.onmicrosoft.com
    wanted_name:
      description: The user principal name for both sides.
      type: str
      sample: kim.akers@contoso.example
    steps:
      description: What was to be done, in order. The steps are C(write_down), C(take_off),
        C(rename), C(await), C(give_back) and C(close).
      type: list
      elements: str
      sample: [write_down, take_off, rename, await, give_back, close]
    result:
      description:
        - What has become of the person; in check mode, what would if all goes well.
        - V(aligned) has the wanted name on both sides.
        - V(restored) is not selected any more, and has the licences back that an earlier run took
          off.
        - V(waiting) has the name on premises, and the sync has not brought it to the cloud.
        - V(not_begun) was left because the run stopped before.
        - V(failed) is told in RV(failures), and has the licences from before.
        - V(unlicensed) has not, or not for sure.
      type: str
      sample: aligned
summary:
  description: How many people were selected, and what has become of them, see
    RV(people[].result). C(left) were selected and not meant, C(unchanged) had one name already,
    C(licenses_off_and_on) are those whose licences were (or would be) taken off meanwhile.
  returned: success, or when a part was done
  type: dict
  sample:
    selected: 412
    left: 2
    unchanged: 97
    licenses_off_and_on: 250
    aligned: 409
    restored: 0
    waiting: 0
    not_begun: 0
    failed: 1
    unlicensed: 0
left:
  description: People who were selected and not meant, such as those without an address.
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - dn: CN=Scanner,OU=People,DC=corp,DC=example,DC=com
      reason: there is no mail address
synced_names:
  description: The names that the sync has brought (in check mode, would bring) to the cloud, as
    changes. The sync makes them, so they are not in RV(changes); a later task of the same course
    takes both in C(planned_changes).
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
unlicensed:
  description: Users whose licences were taken off and are not known to be back as they were, with
    these licences. If there is anybody, the task fails. A task that fails before it comes to the
    users whom an earlier one has left without tells of them all the same.
  returned: success, or when a part was done, or when somebody is without from an earlier run
  type: list
  elements: dict
  sample:
    - id: 6f1d2b6c-2f0e-4f0e-8f43-0a3d4f8f7e21
      user_principal_name: kim@contoso.onmicrosoft.com
      dn: CN=Kim Akers,OU=People,DC=corp,DC=example,DC=com
      licenses:
        - sku_id: 6fd2c87f-b296-42f0-b197-1e91e994b900
          disabled_plans: []
failures:
  description: What went wrong, or is against somebody, each with the C(error) in parts as in
    RV(error).
  returned: success, or when a part was done
  type: list
  elements: dict
  sample:
    - id: 1f9d6a5c-3a1e-4f6e-9a63-2f0f4b6f7f11
      guid: 0a3d4f8f-7e21-4f0e-8f43-6f1d2b6c2f0e
      name: CN=Anna Andersson,OU=People,DC=corp,DC=example,DC=com
      error:
        kind: refused
        problem: The sync gives no new name to a licensed user, and this one is licensed by a group
        server: ""
        object: CN=Anna Andersson,OU=People,DC=corp,DC=example,DC=com
        answer: EMS by group 3a1e4f6e-9a63-4f6e-8f43-2f0f4b6f7f11
        advice: Switch on synchronizeUpnForManagedUsersEnabled.
error:
  description: What went wrong, in parts, for example C(kind), C(problem) and C(advice).
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 object is not as wanted
    server: ""
    object: ""
    answer: ""
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._attribute_scan.arguments import DIRECTORY_RULES_ARGUMENTS
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._ldap.arguments import AD_ARGUMENTS
from ..module_utils._upn_alignment.arguments import ALIGNMENT_ARGUMENTS
from ..module_utils._upn_alignment.runner import run

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(
        ENTRA_ARGUMENTS, CHANGES_ARGUMENTS, DIRECTORY_RULES_ARGUMENTS, ALIGNMENT_ARGUMENTS
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
