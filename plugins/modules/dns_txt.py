# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_txt
short_description: Publish and withdraw DNS TXT values
version_added: 1.0.0
description:
  - Adds and removes single TXT values at a name on the primary name server of its zone, by dynamic
    update (RFC 2136). Other values at the name, such as SPF and the verification codes of other
    parties, stay as they are.
  - Every update carries the condition that the records are still those that were read. If somebody
    else changed them meanwhile nothing is written, and the task reads and plans again.
  - What was written is read back from the primary.
  - Check mode finds out too whether the server would take the update. It asks by an update that no
    server can carry out, because its conditions contradict each other.
  - Values are compared by their bytes, upper and lower case being different. A value of more than
    255 bytes is written as several strings; values that exist keep their own strings.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.dns
  - tenantops.migration.changes
  - tenantops.migration.attributes.dns_rights
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.dns, tenantops.migration.changes]
  dns_rights:
    support: full
    details:
      - "C(query): to read the TXT records of the names."
      - "C(update of TXT): of the names concerned; a dry run tries it with an update that cannot be
        carried out."
requirements:
  - python >= 3.11
  - dnspython >= 2.7
  - idna >= 3.7
  - gssapi >= 1.8 for O(dns_auth=gss_tsig)
author:
  - The tenantops.migration contributors (@tenantops)
options:
  name:
    description:
      - The full name of the records, for example V(example.com) or V(_dmarc.example.com). Names in
        Unicode are turned into their ASCII form.
    type: str
    required: true
  zone:
    description:
      - The zone that O(name) is in. By default it is found by its SOA record, at O(dns_server) if
        that is given, else at O(dns_resolvers).
    type: str
  values:
    description:
      - The values, without quotes around them. Quotes and backslashes inside are part of the value.
      - Needed, except to remove all values with O(state=absent) and O(exclusive=true).
      - In check mode V((known after apply\)) stands for a value that an earlier task will only know
        in the run, such as RV(tenantops.migration.entra_domain#module:verification.text). It is
        planned like any other; in a run it is an error.
    type: list
    elements: str
  state:
    description:
      - V(present) adds the values that are missing, V(absent) removes those that exist.
    type: str
    choices: [present, absent]
    default: present
  exclusive:
    description:
      - With O(state=present), remove all other TXT values of the name.
      - With O(state=absent) and without O(values), remove all TXT values of the name.
    type: bool
    default: false
  ttl:
    description:
      - The TTL of all TXT records of the name, in seconds, with O(state=present).
      - By default the TTL of existing records is kept, and that of a new record set is 3600.
    type: int
  planned_changes:
    description:
      - What earlier tasks of the same play returned as RV(changes), those of all of them in one
        list.
      - In check mode they count as made, as far as they are about the same records, so that what is
        planned is what the run will find to do. In a run this option makes no difference.
    type: list
    elements: dict
    default: []
    version_added: 1.2.0
  wait:
    description:
      - How many seconds to wait, at most, until every authoritative name server of the zone has the
        records as wanted, each asked directly at each of its addresses. Also where nothing had to
        be changed, because an earlier run may have ended too soon. V(0) does not wait.
      - If the time runs out, the task fails and tells who says what. The changes stay made, and
        the next run goes on waiting.
      - In check mode the servers are found but nothing is waited for.
    type: float
    default: 0
    version_added: 1.2.0
  wait_resolvers:
    description:
      - Resolvers that must have the records as wanted as well, written as in O(dns_resolvers), such
        as a public one for a zone that looks otherwise from outside.
      - They are asked only when all authoritative servers are as wanted, because a resolver keeps
        an answer in its cache, also that there is no such record.
    type: list
    elements: str
    version_added: 1.2.0
seealso:
  - module: tenantops.migration.dns_txt_info
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
---
- name: Publish a verification code beside whatever else is at the apex
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: [MS=ms12345678]
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Publish at a server that is not the zone's public primary, with a short TTL
  tenantops.migration.dns_txt:
    zone: fourthcoffee.example
    name: _verification.fourthcoffee.example
    values:
      - first=1
      - second=2
    ttl: 300
    dns_server: 192.0.2.53
    dns_port: 5353
    dns_transport: udp
    dns_timeout: 5
    dns_auth: tsig
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"
    dns_key_algorithm: hmac-sha512

- name: Publish, and go on when everybody can see it
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: [MS=ms12345678]
    wait: 900
    wait_resolvers: [192.0.2.1, "resolver.example:5353"]
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Own the DMARC record
  tenantops.migration.dns_txt:
    name: _dmarc.fourthcoffee.example
    values: [v=DMARC1; p=reject]
    exclusive: true
    dns_resolvers: ["192.0.2.1", "[2001:db8::1]:5353"]
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Withdraw the verification code
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: [MS=ms12345678]
    state: absent
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Withdraw, in a dry run, the value that an earlier task of it would have published
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: ["{{ entra_domain.verification.text }}"]
    state: absent
    # In a playbook: "{{ entra_domain.changes + published.changes }}"
    planned_changes:
      - system: dns
        resource: txt_rrset
        id: fourthcoffee.example. fourthcoffee.example.
        name: fourthcoffee.example
        property: TXT
        action: add
        before: null
        after: {known_after_apply: true}
        rule: null
        reversible: true
    dns_key_name: migration.fourthcoffee.example
    dns_key_secret: "{{ tenant_dns_key_secret }}"

- name: Publish in a zone of Active Directory, with a keytab
  tenantops.migration.dns_txt:
    name: corp.fourthcoffee.example
    values: [MS=ms12345678]
    dns_server: 192.0.2.10
    dns_server_name: dc1.corp.fourthcoffee.example
    dns_auth: gss_tsig
    dns_kerberos_principal: migration@CORP.FOURTHCOFFEE.EXAMPLE
    dns_kerberos_keytab: /etc/tenantops/migration.keytab

- name: Publish in a zone of Samba, which signs its answers wrongly, with a ticket of kinit
  tenantops.migration.dns_txt:
    name: corp.fourthcoffee.example
    values: [MS=ms12345678]
    dns_server: dc1.corp.fourthcoffee.example
    dns_auth: gss_tsig
    dns_kerberos_ccache: FILE:/tmp/krb5cc_migration
    dns_unverified_answers: read_back

- name: Publish in a zone at Cloudflare
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: [MS=ms12345678]
    dns_provider: cloudflare
    dns_provider_credentials:
      api_token: "{{ tenant_dns_api_token }}"
    dns_provider_settings:
      ca_path: /etc/ssl/certs/proxy.pem

- name: Publish only what was approved, and write it down
  tenantops.migration.dns_txt:
    name: fourthcoffee.example
    values: [MS=ms12345678]
    dns_server: 192.0.2.53
    dns_auth: none
    approved_plan: /var/lib/tenantops/plans/fourthcoffee.json
    max_changes: 2
    journal: /var/lib/tenantops/journal
    tenant: fourthcoffee
    run: "2026-01-31"
"""

RETURN = r"""
---
changes:
  description:
    - The changes that were made; in check mode, those that a run would make.
    - Property V(TXT) is a value, in the form that it has in a master file. Property V(ttl) is the
      TTL of all the values, null where there are none.
  returned: success
  type: list
  elements: dict
  sample:
    - system: dns
      resource: txt_rrset
      id: fourthcoffee.example. fourthcoffee.example.
      name: fourthcoffee.example
      property: TXT
      action: add
      before: null
      after: '"MS=ms12345678"'
      rule: null
      reversible: true
zone:
  description: The zone that the name is in.
  returned: success
  type: str
  sample: fourthcoffee.example
name:
  description: The name in its ASCII form.
  returned: success
  type: str
  sample: fourthcoffee.example
txt_values:
  description: >-
    All TXT values of the name afterwards, or in check mode as they would be. A byte that is no
    UTF-8 is shown as C(\\xNN).
  returned: success
  type: list
  elements: str
  sample: [MS=ms12345678, v=spf1 -all]
ttl:
  description: Their TTL in seconds, V(null) if there is no value.
  returned: success
  type: int
  sample: 3600
servers:
  description: Who says what, with O(wait) and not in check mode.
  returned: when it was waited
  type: list
  elements: dict
  sample:
    - server: ns1.fourthcoffee.example
      address: 192.0.2.53:53
      kind: authoritative
      status: as_expected
      txt_values: [MS=ms12345678, v=spf1 -all]
      ttl: 3600
      problem: ""
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: refused
    problem: The name server refuses
    server: ns1.fourthcoffee.example (192.0.2.53:53)
    object: fourthcoffee.example. TXT
    answer: REFUSED
    advice: Check that it serves the zone, and that the key may query and update it.
"""

from ..module_utils._dns.arguments import DNS_ARGUMENTS
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._txt_records.runner import run

OPERATION = Operation(
    arguments=DNS_ARGUMENTS.with_(
        CHANGES_ARGUMENTS,
        Arguments(
            {
                "name": {"type": "str", "required": True},
                "zone": {"type": "str"},
                "values": {"type": "list", "elements": "str"},
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                "exclusive": {"type": "bool", "default": False},
                "ttl": {"type": "int"},
                "planned_changes": {"type": "list", "elements": "dict", "default": []},
                "wait": {"type": "float", "default": 0},
                "wait_resolvers": {"type": "list", "elements": "str"},
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
