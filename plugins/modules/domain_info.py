# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: domain_info
short_description: Tell for many domains and people what has to be done about their accounts
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Takes domains and mail addresses, from a list or from a CSV file, and finds out for each whose
    the domain is, whether the address is a personal Microsoft account, where mail for the domain
    goes and who runs its DNS.
  - Says for each of them which way fits, see RV(assessed[].option). The ways are those of
    "Migration to Work or School Accounts", Microsoft's advice to people who manage volume licences.
  - Each domain is asked about once, and each address once, however often they occur. What is read
    and what is written passes through line by line, so that long lists need little memory.
  - Nothing is guessed. What could not be found out is an error of that row, and all other rows are
    answered. The task fails then.
requirements:
  - python >= 3.11
  - dnspython
  - email-validator
  - httpx
  - idna
  - publicsuffixlist
notes:
  - No credentials are needed. Microsoft's sign-in service and the resolvers learn which domains,
    and the service which addresses, are asked about.
  - A domain of which nobody runs a tenant can be one that is not yours, such as that of a public
    mail provider. No list of these is kept here, so look at who runs its DNS and its mail.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.entra_discovery
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.entra_discovery
options:
  names:
    description:
      - Domains and mail addresses, mixed as you like.
    type: list
    elements: str
  read_csv:
    description:
      - A CSV file in UTF-8, with commas, semicolons or tabs between the cells, to be read after
        O(names).
      - Its first line names the columns. One of them is C(address) or C(domain); C(name) and
        C(role) are passed on to the result, and all others are passed over.
      - A line that cannot be understood is told with its number, and the others are assessed.
    type: path
  write_csv:
    description:
      - A file to write all rows to, in their order, for a spreadsheet. It can be read again with
        O(read_csv).
      - It is written in check mode too, and when the task fails because of some rows.
    type: path
  own_tenants:
    description:
      - The ids of the tenants that are yours. Only what is said about a domain depends on it.
    type: list
    elements: str
    default: []
  rows_limit:
    description:
      - How many rows the result lists at most, those with errors first, then those with work to do.
        The figures in RV(summary) and the file O(write_csv) are about all of them.
    type: int
    default: 1000
  personal_accounts:
    description:
      - Whether to find out for mail addresses if there is a personal account. It takes one more
        request for each.
      - Without it of a mail address only the domain is sent.
    type: bool
    default: true
  in_flight:
    description:
      - How many questions the sign-in service is asked at a time, at most.
    type: int
    default: 8
  requests_per_second:
    description:
      - How many requests are sent to it in a second, at most. A domain of a tenant takes two, an
        unknown one takes one.
    type: float
    default: 20.0
  dns_in_flight:
    description:
      - How many domains are looked up in DNS at a time, at most.
    type: int
    default: 16
  dns_resolvers:
    description:
      - The resolvers to ask, each as V(host), V(host:port) or V([v6]:port). They are tried in order
        until one answers.
      - By default those of the system.
      - If not set, the E(TENANTOPS_DNS_RESOLVERS) environment variable is used, as a
        comma-separated list.
    type: list
    elements: str
  dns_transport:
    description:
      - What to send messages over. V(udp) goes over to TCP for messages that are too long for it.
      - If not set, the E(TENANTOPS_DNS_TRANSPORT) environment variable is used.
    type: str
    choices: [tcp, udp]
    default: tcp
  dns_timeout:
    description:
      - How many seconds to wait for each answer.
      - If not set, the E(TENANTOPS_DNS_TIMEOUT) environment variable is used.
    type: float
    default: 10.0
seealso:
  - module: tenantops.migration.entra_realm_info
  - module: tenantops.migration.entra_domain
    description: Adds a domain to a tenant, verifies it, and takes an unmanaged tenant over.
  - name: Take over an unmanaged directory as administrator
    description: Microsoft's page about the two ways to take one over.
    link: https://learn.microsoft.com/entra/identity/users/domains-admin-takeover
"""

EXAMPLES = r"""
- name: Assess the people who manage volume licences
  tenantops.migration.domain_info:
    read_csv: /srv/lists/volume-licensing.csv
    write_csv: /srv/lists/volume-licensing-assessed.csv
    own_tenants:
      - 8f7d1a52-6f0e-4a63-9c8e-3b1f0d9a4e01
  register: assessment

- name: Name the domains that can be taken over
  ansible.builtin.debug:
    msg: >-
      {{ assessment.assessed | selectattr('option', 'eq', 'take_over') | map(attribute='domain')
      | unique }}

- name: Assess two domains by resolvers of one's own, and slowly
  tenantops.migration.domain_info:
    names:
      - fourthcoffee.com
      - anna@fabrikam.com
    personal_accounts: false
    rows_limit: 10
    in_flight: 1
    requests_per_second: 2
    dns_in_flight: 1
    dns_resolvers:
      - 192.0.2.53
    dns_transport: udp
    dns_timeout: 5
"""

RETURN = r"""
summary:
  description: The figures, about all rows, however many RV(assessed) lists.
  returned: success, and when the task fails because of some rows
  type: dict
  contains:
    entries:
      description: How many rows there are.
      type: int
      sample: 412
    domains:
      description: How many different domains they have.
      type: int
      sample: 37
    failed:
      description: How many rows have errors.
      type: int
      sample: 0
    personal_accounts:
      description: How many rows are addresses of personal accounts.
      type: int
      sample: 9
    options:
      description: How many rows have each RV(assessed[].option).
      type: dict
      sample:
        take_over: 120
        new_account: 14
        add_domain: 0
        work_account: 278
    realms:
      description: How many domains have each RV(assessed[].realm).
      type: dict
      sample:
        unknown: 3
        managed: 20
        federated: 2
        viral: 12
    dns_hosts:
      description: How many domains have their DNS run by whom, the most first.
      type: dict
      sample:
        domaincontrol.com: 30
        azure-dns.com: 7
assessed:
  description: The rows, at most O(rows_limit).
  returned: success, and when the task fails because of some rows
  type: list
  elements: dict
  contains:
    line:
      description: The line in O(read_csv), V(null) for one of O(names).
      type: int
      sample: 2
    text:
      description: The address or the domain. Where it was not understood, the text as it was
        written.
      type: str
      sample: anna@fourthcoffee.com
    address:
      description: The address, V(null) if only a domain was given.
      type: str
      sample: anna@fourthcoffee.com
    domain:
      description: The domain, in lower case, in its ASCII form and without a final dot.
      type: str
      sample: fourthcoffee.com
    name:
      description: The cell C(name) of the line.
      type: str
      sample: Anna Berg
    role:
      description: The cell C(role) of the line.
      type: str
      sample: Volume licensing administrator
    realm:
      description: V(unknown) if nobody has verified the domain, V(managed) or V(federated) if it is
        verified in a tenant, and V(viral) if it is in an unmanaged tenant.
      type: str
      sample: viral
    tenant_id:
      description: The id of the tenant, V(null) for an unknown domain.
      type: str
      sample: 5e2d8a1c-7b40-4f5e-9d57-0c1b2a3d4e5f
    cloud:
      description: The tenant's cloud.
      type: str
      sample: global
    brand:
      description: The name of the organisation that is shown at sign-in, V(null) if there is none.
      type: str
      sample: Fourth Coffee
    personal_account:
      description: Whether a personal account has this address, V(null) for a domain and without
        O(personal_accounts).
      type: bool
      sample: false
    zone:
      description: The DNS zone that the domain is in, V(null) if nobody has registered the domain.
      type: str
      sample: fourthcoffee.com
    name_servers:
      description: The name servers of the zone.
      type: list
      elements: str
      sample: [ns51.domaincontrol.com, ns52.domaincontrol.com]
    dns_hosts:
      description: Who runs them, by the domains that they are in. A TXT record has to be published
        there.
      type: list
      elements: str
      sample: [domaincontrol.com]
    mail_servers:
      description: The hosts that take the domain's mail, the best first. V(.) stands for a domain
        that takes none.
      type: list
      elements: str
      sample: [mailstore1.secureserver.net]
    mail_hosts:
      description: Who runs them, by the domains that they are in.
      type: list
      elements: str
      sample: [secureserver.net]
    option:
      description:
        - What fits. V(take_over) is to take the unmanaged tenant over by proving the domain, option
          1 of Microsoft's advice. V(new_account) is a new work account, option 2 of it.
        - V(work_account) is to use the account in the managed tenant that has the domain.
          V(add_domain) is for a domain that no tenant has, which can be added without a takeover.
        - V(null) if it is not known whose the domain is.
      type: str
      sample: take_over
    reason:
      description: Why, for people.
      type: str
      sample: The domain is in an unmanaged tenant. Whoever can publish a TXT record for it can take
        it over.
    errors:
      description: What could not be found out, each in parts as in RV(error).
      type: list
      elements: dict
      sample: []
written:
  description: The files that were written.
  returned: success, and when the task fails because of some rows
  type: dict
  contains:
    csv:
      description: The path of O(write_csv).
      type: str
      sample: /srv/lists/volume-licensing-assessed.csv
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 of 412 is not wholly assessed
    server: ""
    object: ""
    answer: "line 7: This is not a mail address: 'anna' (there is no @)"
    advice: Their rows stand first and say why, each with its own advice. All others are done.
"""

from ..module_utils._domain_assessment.arguments import ASSESSMENT_ARGUMENTS
from ..module_utils._domain_assessment.runner import run
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._realms.arguments import REALM_ARGUMENTS

OPERATION = Operation(arguments=REALM_ARGUMENTS.with_(ASSESSMENT_ARGUMENTS), run=run)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
