# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: dns_txt_info
short_description: Tell what every name server says about TXT records
version_added: 1.2.0
description:
  - Asks every authoritative name server of a zone directly, at each of its IPv4 and IPv6 addresses,
    for the TXT records at a name, and resolvers as well if wanted.
  - The servers are those of the zone's NS records, read from O(dns_server) if that is given, else
    through O(dns_resolvers). They are asked at O(dns_port), without a signature, as anybody would.
  - Can wait until all of them have certain values, or say the same. A line on the screen tells
    after each look who is waited for (where the task runs in the controller).
  - How often is looked depends on what is waited for. The first pauses are short, later ones up to
    30 seconds. A resolver is left alone while it would only answer from its cache.
  - An address that this machine has no route to, such as one of IPv6 where there is only IPv4, is
    passed over if the server can be asked at another one.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.dns
  - tenantops.migration.attributes.dns_rights
attributes:
  action_group:
    support: full
    membership: [tenantops.migration.dns]
  dns_rights:
    support: full
    details:
      - "C(query): to read the TXT records of the names."
requirements:
  - python >= 3.11
  - dnspython >= 2.7
  - idna >= 3.7
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
      - The zone that O(name) is in. By default it is found by its SOA record.
    type: str
  values:
    description:
      - Values that every server is expected to have, beside whatever else is there.
      - Without this option, the servers are expected to agree with each other.
      - V((known after apply\)) is taken in check mode, and counts as not seen.
    type: list
    elements: str
  resolvers:
    description:
      - Resolvers to ask as well, each as V(host), V(host:port) or V([v6]:port).
      - With O(wait) they are asked only when all authoritative servers are as expected, because a
        resolver keeps an answer in its cache, also that there is no such record.
    type: list
    elements: str
  wait:
    description:
      - How many seconds to wait, at most, until all servers are as expected. If the time runs out
        the task fails and tells who says what.
      - V(0) looks once and does not fail because of what the servers say. Check mode does so too.
    type: float
    default: 0
seealso:
  - module: tenantops.migration.dns_txt
"""

EXAMPLES = r"""
---
- name: Look who has which TXT records of a domain
  tenantops.migration.dns_txt_info:
    name: fourthcoffee.example
    resolvers: [192.0.2.1, "[2001:db8::53]:5353"]

- name: Wait until every name server has a verification code
  tenantops.migration.dns_txt_info:
    zone: fourthcoffee.example
    name: fourthcoffee.example
    values: [MS=ms12345678]
    wait: 1800

- name: Ask the servers of a zone that no resolver can see
  tenantops.migration.dns_txt_info:
    name: corp.fourthcoffee.example
    dns_server: 192.0.2.10
    dns_port: 53
    dns_transport: udp
    dns_timeout: 5
"""

RETURN = r"""
---
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
    The values that all authoritative servers have that could be asked, V(null) if they do not
    agree. A byte that is no UTF-8 is shown as C(\\xNN).
  returned: success
  type: list
  elements: str
  sample: [MS=ms12345678, v=spf1 -all]
ttl:
  description: The TTL of the values in seconds, V(null) if there is none.
  returned: success
  type: int
  sample: 3600
seen:
  description: Whether all servers are as expected.
  returned: success
  type: bool
  sample: true
servers:
  description:
    - Who says what, one entry for each address of each server. It is returned when the time runs
      out, too.
    - RV(servers[].status) is V(as_expected), V(differs), V(failed) where there was no usable
      answer, V(not_asked) for a resolver whose cache was spared, or V(no_route).
  returned: success
  type: list
  elements: dict
  contains:
    server:
      description: The server's name.
      returned: success
      type: str
      sample: ns1.fourthcoffee.example
    address:
      description: Address and port, empty where the name has no address.
      returned: success
      type: str
      sample: 192.0.2.53:53
    kind:
      description: V(authoritative) or V(resolver).
      returned: success
      type: str
      sample: authoritative
    status:
      description: How it stands to what is expected.
      returned: success
      type: str
      sample: as_expected
    txt_values:
      description: What the server has, V(null) if it did not tell.
      returned: success
      type: list
      elements: str
      sample: [MS=ms12345678, v=spf1 -all]
    ttl:
      description: The TTL in seconds; of a resolver, what is left of it.
      returned: success
      type: int
      sample: 3600
    problem:
      description: What is not as expected, in words.
      returned: success
      type: str
      sample: ""
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: not_yet_seen
    problem: Not every name server has the records as expected after 900 s
    server: ""
    object: fourthcoffee.example TXT
    answer: "ns1.fourthcoffee.example (192.0.2.53:53): as expected; ns2.fourthcoffee.example
      (192.0.2.54:53): MS=ms12345678 is missing"
    advice: Run it again, with a longer wait if it only takes time.
"""

from ..module_utils._dns.arguments import DNS_ARGUMENTS
from ..module_utils._dns_watch.runner import run
from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation

OPERATION = Operation(
    arguments=DNS_ARGUMENTS.with_(
        Arguments(
            {
                "name": {"type": "str", "required": True},
                "zone": {"type": "str"},
                "values": {"type": "list", "elements": "str"},
                "resolvers": {"type": "list", "elements": "str"},
                "wait": {"type": "float", "default": 0},
            }
        )
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
