# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: account_comparison_info
short_description: Compare the people of an Active Directory with the users of an Entra tenant
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads the users of a directory and those of a tenant, finds out who is who, and tells side by
    side what differs or is missing.
  - Somebody is found by the immutable id first, which directory sync makes of
    C(mS-DS-ConsistencyGuid) or else C(objectGUID). Who is not joined yet is found by the primary
    address or the UPN, as sync itself would do it, and told as a soft match.
  - Nobody is guessed. Where more than one fits, nobody is chosen, and all are told as ambiguous.
  - Both systems are read at the same time, page by page. What was read is kept in a temporary file
    without a name, so that a hundred thousand people need no more memory than a few.
requirements:
  - python >= 3.11
  - ldap3
  - msgraph-sdk
  - azure-identity
  - httpx
  - idna >= 3.7
  - gssapi, for O(ad_auth=kerberos)
notes:
  - A person who signs in needs the role Directory Readers.
  - Every account of the directory can read what is needed, unless somebody took that right away.
  - Accounts that Entra Connect never syncs are left out, and counted with the reason in
    RV(summary.skipped). Guests of the tenant are left out too.
  - Graph's lists may be some minutes behind the last changes.
  - Where sync uses another attribute as C(sourceAnchor), nobody is found by the immutable id.
  - The temporary file takes about two kilobytes for each person. It lies in the folder that the
    E(TMPDIR) environment variable names, or in C(/var/tmp).
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.ad
  - tenantops.migration.entra
  - tenantops.migration.attributes.graph_permissions
  - tenantops.migration.attributes.directory_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.entra
  graph_permissions:
    support: full
    details:
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All): to read the users."
  directory_rights:
    support: full
    details:
      - "C(read): every account has it, unless somebody took it away."
options:
  search_bases:
    description:
      - The subtrees of the server's domain whose people are compared, as distinguished names. The
        default is the whole domain.
      - They should hold everybody who is synced to the tenant. A user whose person is elsewhere is
        told as V(synced_from_elsewhere), see RV(people[].findings).
    type: list
    elements: str
  exclude:
    description:
      - Subtrees that are left out, as distinguished names.
    type: list
    elements: str
    default: []
  filter:
    description:
      - An LDAP filter (RFC 4515) that a person must match as well, for example
        V((!(extensionAttribute1=NoSync\)\)).
    type: str
  findings:
    description:
      - Of whom RV(people) and the files tell, that is of everybody with at least one of these
        findings, see RV(people[].findings). The default is any finding.
      - RV(summary) counts all of them all the same.
    type: list
    elements: str
    choices:
      - ambiguous
      - duplicate
      - only_in_directory
      - synced_from_elsewhere
      - upn_differs
      - address_differs
      - soft_match
      - upn_not_address
      - unlicensed
      - only_in_cloud
      - fields_missing
  rows_limit:
    description:
      - How many people the result lists at most, those with the gravest findings first.
    type: int
    default: 1000
  write_csv:
    description:
      - A file to write all people with findings to as a table for a spreadsheet. It can be read by
        its owner alone.
      - Its folder is made if it is not there. It is written in check mode as well.
    type: path
  write_json_lines:
    description:
      - A file to write all people with findings to for programs, one JSON object per line.
      - It is written in check mode too.
    type: path
seealso:
  - module: tenantops.migration.ad_attributes_info
  - module: tenantops.migration.entra_user_info
  - name: Microsoft Entra Connect design concepts
    description: Microsoft's page about what joins a person of the directory with a user.
    link: https://learn.microsoft.com/entra/identity/hybrid/connect/plan-connect-design-concepts
  - name: Prepare for directory synchronization to Microsoft 365
    description: Microsoft's page about what should be in order before and after.
    link: https://learn.microsoft.com/microsoft-365/enterprise/prepare-for-directory-synchronization
"""

EXAMPLES = r"""
- name: Compare all people, and write a table of those of whom there is something to tell
  tenantops.migration.account_comparison_info:
    write_csv: "/srv/lists/{{ inventory_hostname }}-accounts.csv"
    write_json_lines: "/srv/lists/{{ inventory_hostname }}-accounts.jsonl"
    rows_limit: 100
    ad_servers: [dc1.corp.example.com]
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
  register: compared

- name: Stop where nobody can say who is who
  ansible.builtin.assert:
    that: compared.summary.findings.ambiguous == 0

- name: List who signs in with another name in the cloud, or with one that is not the address
  tenantops.migration.account_comparison_info:
    search_bases:
      - OU=People,DC=corp,DC=example,DC=com
    exclude:
      - OU=Leavers,OU=People,DC=corp,DC=example,DC=com
    filter: (!(extensionAttribute1=NoSync))
    findings:
      - upn_differs
      - upn_not_address
    ad_servers: [dc1.corp.example.com]
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
    entra_tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    entra_client_id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    entra_client_secret: "{{ tenant_entra_client_secret }}"
"""

RETURN = r"""
summary:
  description: What was found, in numbers. They are about everybody, whatever RV(people) lists.
  returned: success
  type: dict
  contains:
    everybody:
      description: How many people there are in either system or both.
      type: int
      sample: 1912
    with_findings:
      description: How many of them have findings.
      type: int
      sample: 340
    in_directory:
      description: How many people of the directory were compared.
      type: int
      sample: 1874
    in_cloud:
      description: How many users of the tenant were compared.
      type: int
      sample: 1880
    matches:
      description: How many there are of each RV(people[].match). Of those who are ambiguous,
        people and users count apart.
      type: dict
      sample:
        hard: 1842
        soft: 10
        ambiguous: 3
        only_in_directory: 20
        only_in_cloud: 37
    findings:
      description: How many there are with each of RV(people[].findings).
      type: dict
      sample:
        ambiguous: 3
        duplicate: 4
        only_in_directory: 20
        synced_from_elsewhere: 0
        upn_differs: 212
        address_differs: 7
        soft_match: 10
        upn_not_address: 230
        unlicensed: 41
        only_in_cloud: 37
        fields_missing: 91
    missing_fields:
      description: How many people the address list shows without each of its fourteen fields.
      type: dict
      sample:
        telephoneNumber: 71
    directory_suffixes:
      description: How many UPNs of the directory have each suffix. The empty one is of people
        without a UPN.
      type: dict
      sample:
        corp.local: 230
        contoso.com: 1644
    cloud_suffixes:
      description: How many UPNs of the tenant have each suffix.
      type: dict
      sample:
        contoso.onmicrosoft.com: 249
        contoso.com: 1631
    skipped:
      description: How many accounts of the directory are never synced, by the reason.
      type: dict
      sample:
        critical system object: 3
    guests:
      description: How many guests of the tenant were left out.
      type: int
      sample: 52
people:
  description: Those with findings, the gravest first, at most O(rows_limit). With the same gravest
    finding, those of the directory come first, in its order.
  returned: success
  type: list
  elements: dict
  contains:
    match:
      description:
        - How somebody was found in the other system. V(hard) is by the immutable id, V(soft) by
          the primary address or the UPN.
        - V(ambiguous) is of one for whom several fit, see RV(people[].candidates).
          V(only_in_directory) and V(only_in_cloud) are of those for whom nobody fits.
      type: str
      sample: hard
    matched_by:
      description: V(immutable_id), V(primary_address) or V(sign_in_name), and V(null) unless there
        is a match.
      type: str
      sample: immutable_id
    findings:
      description:
        - What there is to tell, the gravest first.
        - V(ambiguous), V(soft_match), V(only_in_directory) and V(only_in_cloud) tell of the match.
          V(synced_from_elsewhere) is of a user who is synced, but from none of the people who were
          read.
        - V(duplicate) is of one who has an address or name that somebody else has as well, see
          RV(people[].duplicates).
        - V(upn_differs) and V(address_differs) are of one whose UPN or primary address is another
          one in the cloud than in the directory, also if there is none in one of them.
        - V(upn_not_address) is of one whose UPN is not the primary address. The directory's count,
          and the cloud's for users who are in the cloud alone.
        - V(unlicensed) is of a user who may sign in and has no licence, neither directly nor
          through a group.
        - V(fields_missing) is of one whom the address list shows without some of its fields, see
          RV(people[].missing_fields).
      type: list
      elements: str
      sample: [upn_differs, upn_not_address]
    directory_upn:
      description: The directory's C(userPrincipalName).
      type: str
      sample: kim@corp.local
    cloud_upn:
      description: The cloud's C(userPrincipalName).
      type: str
      sample: kim@contoso.onmicrosoft.com
    directory_address:
      description: The primary address in the directory, marked C(SMTP:) among C(proxyAddresses), or
        else C(mail).
      type: str
      sample: kim@contoso.com
    cloud_address:
      description: The same in the cloud.
      type: str
      sample: kim@contoso.com
    display_name:
      description: The display name.
      type: str
      sample: Kim Larsen
    directory_enabled:
      description: Whether the account of the directory is enabled. V(null) if that cannot be seen.
      type: bool
      sample: true
    cloud_enabled:
      description: Whether the user may sign in to the cloud.
      type: bool
      sample: true
    synced:
      description: Whether the user of the cloud is synced from a directory.
      type: bool
      sample: true
    licensed:
      description: Whether the user has any licence, directly or through a group.
      type: bool
      sample: true
    missing_fields:
      description: Which of the fourteen fields of the address list have no value, by their names in
        the directory. Empty for who has no address or is hidden from the list.
      type: list
      elements: str
      sample: [facsimileTelephoneNumber]
    duplicates:
      description: The addresses and names in lower case that somebody else has as well.
      type: list
      elements: dict
      contains:
        address:
          description: The address or name.
          type: str
          sample: kim@contoso.com
        holders:
          description: Up to five of the others, as the DN of a person or the UPN of a user.
          type: list
          elements: str
          sample: ["CN=Kim Olsen,OU=People,DC=corp,DC=example,DC=com"]
    candidates:
      description: Up to five of those who fit, told in the same way, if nobody was chosen among
        them. It can be only one, for whom others fit as well.
      type: list
      elements: str
      sample: []
    dn:
      description: The person of the directory.
      type: str
      sample: CN=Kim Larsen,OU=People,DC=corp,DC=example,DC=com
    guid:
      description: The C(objectGUID).
      type: str
      sample: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    immutable_id:
      description: The C(onPremisesImmutableId) that the user has, or else that sync would give the
        person of the directory.
      type: str
      sample: VIobigxaXkubDgo9T49+IQ==
    id:
      description: The object id of the user.
      type: str
      sample: 5d6f7a10-93d9-4d4e-8c3a-1b7f8a0c2e44
written:
  description: The files that were written.
  returned: success
  type: dict
  contains:
    csv:
      description: The path of O(write_csv).
      type: str
      sample: /srv/lists/contoso-accounts.csv
    json_lines:
      description: The path of O(write_json_lines).
      type: str
      sample: /srv/lists/contoso-accounts.jsonl
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
from ..module_utils._ldap.arguments import AD_ARGUMENTS
from ..module_utils._people.arguments import COMPARISON_ARGUMENTS, PEOPLE_ARGUMENTS
from ..module_utils._people.runner import run

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(ENTRA_ARGUMENTS, PEOPLE_ARGUMENTS, COMPARISON_ARGUMENTS), run=run
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
