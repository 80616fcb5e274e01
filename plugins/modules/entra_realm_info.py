# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: entra_realm_info
short_description: Tell whose domains are, without credentials
version_added: 1.2.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Asks Microsoft's sign-in service about many domains or mail addresses in one task. Anybody may
    ask it; no credentials are needed.
  - A domain is V(unknown) if nobody has verified it in this cloud, V(managed) or V(federated) if it
    is verified in a tenant, and V(viral) if it is in an unmanaged tenant, which people made by
    signing up by themselves with their mail addresses. The id of the tenant and its cloud are told
    as well.
  - For a mail address it can also tell whether a personal Microsoft account has that address.
  - Each domain is asked about once, however many addresses have it, and each address once. The
    service has no published limits, so few questions are under way at a time, and all of them wait
    when it asks for that.
  - Nothing is guessed. What could not be found out is in RV(failures), each with its own error, and
    all others are in RV(realms). The task fails then.
requirements:
  - python >= 3.11
  - email-validator, for mail addresses
  - httpx
  - idna, for names with other letters than those of ASCII
notes:
  - Microsoft documents the service's answers only in parts. A field that nothing depends on may be
    missing in them, and whatever else is not as expected is a failure.
  - Whether a mail address has an account in a tenant is not asked about.
  - The service learns which domains and addresses are asked about.
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
      - Domains and mail addresses, mixed as you like. Upper and lower case, Unicode or its ASCII
        form, and a final dot make no difference.
    type: list
    elements: str
    required: true
  personal_accounts:
    description:
      - Whether to find out for mail addresses if there is a personal account. It takes one more
        request for each.
      - Without it of a mail address only the domain is sent.
    type: bool
    default: true
  in_flight:
    description:
      - How many questions are asked at a time, at most.
    type: int
    default: 8
  requests_per_second:
    description:
      - How many requests are sent in a second, at most. A domain of a tenant takes two, an unknown
        one takes one.
    type: float
    default: 20.0
seealso:
  - module: tenantops.migration.entra_domain
    description: Adds a domain to a tenant, verifies it, and takes an unmanaged tenant over.
"""

EXAMPLES = r"""
- name: Find out whose the domains are
  tenantops.migration.entra_realm_info:
    names:
      - contoso.com
      - fabrikam.com
      - bücher.example
  register: discovery

- name: Name the unmanaged ones
  ansible.builtin.debug:
    msg: "{{ discovery.realms | selectattr('kind', 'eq', 'viral') | map(attribute='domain') }}"

- name: Find out which people would be asked for a personal account
  tenantops.migration.entra_realm_info:
    names: "{{ lookup('ansible.builtin.file', 'addresses.txt').splitlines() }}"
    personal_accounts: true

- name: Ask in another cloud, very slowly, and through an inspecting proxy
  tenantops.migration.entra_realm_info:
    names:
      - contoso.us
    in_flight: 1
    requests_per_second: 2
    entra_cloud: us_government
    entra_ca_path: /etc/ssl/certs/proxy.pem
    entra_timeout: 10
    entra_retry_time: 60
"""

RETURN = r"""
realms:
  description: The names that were answered, in the order of O(names).
  returned: success, and when the task fails because of others
  type: list
  elements: dict
  contains:
    name:
      description: The domain or the address as it is in O(names).
      type: str
      sample: Anna@Contoso.com
    domain:
      description: The domain, in lower case, in its ASCII form and without a final dot.
      type: str
      sample: contoso.com
    kind:
      description: V(unknown), V(managed), V(federated) or V(viral).
      type: str
      sample: viral
    tenant_id:
      description: The id of the tenant, V(null) for an unknown domain.
      type: str
      sample: 8f7d1a52-6f0e-4a63-9c8e-3b1f0d9a4e01
    cloud:
      description: The tenant's cloud, as one of the choices of O(entra_cloud), or as the service
        names it if it is none of these. V(null) if that is not told.
      type: str
      sample: global
    brand:
      description: The name of the organisation that is shown at sign-in, V(null) if there is none.
      type: str
      sample: Contoso
    personal_account:
      description: Whether there is a personal account of this address, V(null) for a domain and
        without O(personal_accounts).
      type: bool
      sample: true
failures:
  description: The names that could not be answered, in the order of O(names), and for each the
    C(error).
  returned: success, and when the task fails because of them
  type: list
  elements: dict
  contains:
    name:
      description: The domain or the address as it is in O(names).
      type: str
      sample: "*.contoso.com"
    error:
      description: What went wrong, in parts.
      type: dict
      sample:
        kind: invalid_input
        problem: "This is not the name of a domain: '*.contoso.com'"
        server: ""
        object: ""
        answer: it is a wildcard
        advice: Write a full name such as contoso.com.
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 name is not answered
    server: ""
    object: ""
    answer: "'*.contoso.com': This is not the name of a domain: '*.contoso.com'"
    advice: Each of them is in failures, with its own advice. All others are in realms.
"""

from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._realms.arguments import QUESTION_ARGUMENTS, REALM_ARGUMENTS
from ..module_utils._realms.runner import run

OPERATION = Operation(arguments=REALM_ARGUMENTS.with_(QUESTION_ARGUMENTS), run=run)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
