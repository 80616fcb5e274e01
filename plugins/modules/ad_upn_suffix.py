# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_upn_suffix
short_description: Set which UPN suffixes an Active Directory forest offers
version_added: 1.0.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Adds and removes values of C(uPNSuffixes) on the forest's C(CN=Partitions), which is the list
    of suffixes that administrators can choose for a user principal name beside the names of the
    forest's domains.
  - Suffixes are compared without regard to case. The names of the forest's own domains count as
    present.
  - A suffix that a user still has is not removed, in check mode either, unless O(force=true).
  - A change is one request that names only the values that change, so what somebody else changes
    at the same moment is never overwritten. Write to one domain controller of a forest only, since
    replication between them lets the later list win.
requirements:
  - python >= 3.11
  - ldap3
  - idna, for suffixes with letters that are not ASCII
  - gssapi, for O(ad_auth=kerberos)
notes:
  - "The account needs the right Write Property for C(uPNSuffixes) on C(CN=Partitions) in the
    configuration partition, and nothing else: C(dsacls
    \"CN=Partitions,CN=Configuration,DC=corp,DC=example,DC=com\" /G
    \"CORP\\svc-tenantops:WP;uPNSuffixes\"). For removing it must see all users, which every
    account does unless somebody took it away."
  - In a forest of more than one domain, removing searches the global catalog, port 3269 with
    O(ad_encryption=ldaps) and else 3268, on the hosts in O(ad_servers).
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.ad
  - tenantops.migration.changes
  - tenantops.migration.attributes.directory_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.changes
  directory_rights:
    support: full
    details:
      - "C(read): of all users, where a suffix is to be removed; every account has it, unless
        somebody took it away."
      - "C(Write Property of uPNSuffixes): on CN=Partitions of the configuration partition."
options:
  suffixes:
    description:
      - Which suffixes there shall be.
      - A suffix is a DNS name of letters, digits, hyphens and underscores in labels of at most 63
        characters, at most 253 in all. A name in other letters becomes its ASCII form
        (V(bücher.example) is stored as V(xn--bcher-kva.example)).
    type: dict
    required: true
    suboptions:
      add:
        description:
          - Suffixes that shall be there. Others stay.
        type: list
        elements: str
      remove:
        description:
          - Suffixes that shall not be there. Others stay.
          - Odd values that are no DNS names can be removed as well.
        type: list
        elements: str
      set:
        description:
          - All suffixes that shall be there. Others are removed; an empty list removes all of them.
          - Cannot go with O(suffixes.add) and O(suffixes.remove).
        type: list
        elements: str
  force:
    description:
      - Whether suffixes that users still have are removed. The users keep their user principal
        names.
    type: bool
    default: false
seealso:
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Offer the suffixes that the migration needs
  tenantops.migration.ad_upn_suffix:
    suffixes:
      add:
        - contoso.com
        - bücher.example
    ad_servers:
      - dc1.corp.example.com
      - dc2.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Drop one that nobody has any more, over StartTLS and with the organisation's own CA
  tenantops.migration.ad_upn_suffix:
    suffixes:
      remove:
        - old.example
    ad_servers:
      - 192.0.2.10
    ad_server_name: dc1.corp.example.com
    ad_encryption: start_tls
    ad_port: 389
    ad_ca_path: /etc/tenantops/corp-ca.pem
    ad_username: CORP\svc-tenantops
    ad_password: "{{ tenant_ad_password }}"
    ad_connect_timeout: 5
    ad_timeout: 30

- name: Own the whole list, with Kerberos, only what was approved, written down before it is made
  tenantops.migration.ad_upn_suffix:
    suffixes:
      set:
        - contoso.com
        - fabrikam.com
    force: true
    approved_plan: "/var/lib/tenantops/plans/{{ inventory_hostname }}.json"
    max_changes: 20%
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-22T20-15"
    ad_servers:
      - dc1.corp.example.com
    ad_auth: kerberos
    ad_kerberos_principal: svc-tenantops@CORP.EXAMPLE.COM
    ad_kerberos_keytab: /etc/tenantops/svc-tenantops.keytab

- name: With the ticket that is in a credential cache
  tenantops.migration.ad_upn_suffix:
    suffixes:
      add:
        - contoso.com
    ad_servers:
      - dc1.corp.example.com
    ad_auth: kerberos
    ad_kerberos_ccache: FILE:/run/user/1000/krb5cc

- name: With a client certificate
  tenantops.migration.ad_upn_suffix:
    suffixes:
      add:
        - contoso.com
    ad_servers:
      - dc1.corp.example.com
    ad_auth: certificate
    ad_client_certificate: /etc/tenantops/svc-tenantops.pem
    ad_client_key: /etc/tenantops/svc-tenantops.key

- name: Without any protection, on a network where that is acceptable
  tenantops.migration.ad_upn_suffix:
    suffixes:
      add:
        - contoso.com
    ad_servers:
      - dc1.test.example.com
    ad_encryption: none
    ad_allow_unencrypted_bind: true
    ad_validate_certs: false
    ad_username: svc-tenantops@test.example.com
    ad_password: "{{ tenant_ad_password }}"
"""

RETURN = r"""
changes:
  description: The changes that were made, or in check mode the same list of those that a run would
    make.
  returned: success
  type: list
  elements: dict
  sample:
    - system: ad
      resource: forest
      id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
      name: corp.example.com
      property: uPNSuffixes
      action: add
      before: null
      after: contoso.com
      rule: null
      reversible: true
suffixes:
  description: The suffixes in the list as it is after the task, in alphabetical order, without the
    forest's domains.
  returned: success
  type: list
  elements: str
  sample:
    - contoso.com
    - xn--bcher-kva.example
forest:
  description: The name of the forest, which is the DNS name of its root domain.
  returned: success
  type: str
  sample: corp.example.com
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: still_in_use
    problem: "UPN suffix old.example is still used by 1 users: anna@old.example"
    server: ldaps://dc1.corp.example.com:636
    object: CN=Partitions,CN=Configuration,DC=corp,DC=example,DC=com
    answer: ""
    advice: Give them another UPN first. With force the suffix is removed all the same; they keep
      their UPN.
"""

from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._ldap.arguments import AD_ARGUMENTS
from ..module_utils._upn_suffixes.runner import run

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "suffixes": {
                    "type": "dict",
                    "required": True,
                    "options": {
                        "add": {"type": "list", "elements": "str"},
                        "remove": {"type": "list", "elements": "str"},
                        "set": {"type": "list", "elements": "str"},
                    },
                    "mutually_exclusive": [["add", "set"], ["remove", "set"]],
                    "required_one_of": [["add", "remove", "set"]],
                },
                "force": {"type": "bool", "default": False},
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
