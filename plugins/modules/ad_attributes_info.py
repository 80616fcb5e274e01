# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_attributes_info
short_description: Find what directory sync to Entra would stumble over
version_added: 1.1.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads the users, groups and contacts of a directory once, judges them by every rule, and tells
    what is wrong with which value, what could stand there instead, and where a person must decide
    and why.
  - An address or a name that two objects hold is found wherever in the forest they are, also if one
    of them is not looked at, and over C(mail), C(proxyAddresses), C(userPrincipalName) and
    C(targetAddress) together. All holders are told.
  - What Entra Connect would not sync is skipped, and counted with the reason in
    RV(summary.skipped).
  - A suggestion passes every rule, is held by nobody else in the forest and suggested to nobody
    else, leaves the domain of an address alone, and neither cuts nor drops a letter.
  - If nothing could be read the task fails, since that is no directory without faults.
requirements:
  - python >= 3.11
  - anyascii
  - email-validator
  - idna
  - ldap3
  - publicsuffixlist
  - gssapi, for O(ad_auth=kerberos)
notes:
  - Every account can read what is needed, unless somebody took that right away. No right to write
    is needed.
  - Reading does not lock anything. It is done in pages, at the pace of the server.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.info_module
  - tenantops.migration.ad
  - tenantops.migration.directory_rules
  - tenantops.migration.attributes.directory_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.directory_rules
  directory_rights:
    support: full
    details:
      - "C(read): every account has it, unless somebody took it away."
options:
  write_csv:
    description:
      - A file to write all findings to, one row for each value, to be reviewed in a spreadsheet.
        O(tenantops.migration.ad_attributes#module:review_file) takes it back.
      - A file that is there and has decisions is kept beside it, under the time when it was saved.
      - It is written in check mode too.
    type: path
  write_json_lines:
    description:
      - A file to write all findings to for programs, one JSON object per line.
      - It is written in check mode too.
    type: path
seealso:
  - module: tenantops.migration.ad_attributes
"""

EXAMPLES = r"""
- name: Assess the domain, and write what there is to review
  tenantops.migration.ad_attributes_info:
    write_csv: "/var/lib/tenantops/reviews/{{ inventory_hostname }}.csv"
    write_json_lines: "/var/lib/tenantops/reviews/{{ inventory_hostname }}.jsonl"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
  register: assessment

- name: Stop where sync would fail
  ansible.builtin.assert:
    that: assessment.summary.severities.blocking == 0

- name: Assess the people of two companies, but for those who are not to be synced
  tenantops.migration.ad_attributes_info:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
      - OU=Fabrikam,DC=corp,DC=example,DC=com
    exclude:
      - OU=Leavers,OU=Contoso,DC=corp,DC=example,DC=com
    filter: (!(extensionAttribute1=NoSync))
    classes:
      - user
    forest_search: global_catalog
    findings_limit: 20
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Assess by rules of one's own
  tenantops.migration.ad_attributes_info:
    profile: office365_2016
    severities:
      userPrincipalName.character: warning
      mail.duplicate: "off"
    verified_domains:
      - contoso.com
    upn_suffixes:
      - contoso.com
    known_domains:
      - corp.test
    licensed: all
    most_proxy_addresses: 200
    transliteration_language: swedish
    transliteration_characters:
      å: aa
      山田: yamada
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
"""

RETURN = r"""
summary:
  description: What was read, and what was found in it. The figures are about all findings, however
    many RV(findings) lists.
  returned: success
  type: dict
  contains:
    searched:
      description: Where duplicates were looked for, in words.
      type: str
      sample: global catalog of corp.example.com at ldaps://dc1.corp.example.com:3269
    objects_read:
      description: How many objects were read in the forest.
      type: int
      sample: 2210
    in_scope:
      description: How many of them were judged.
      type: int
      sample: 1874
    with_findings:
      description: How many of these have findings.
      type: int
      sample: 911
    skipped:
      description: How many of all objects read are left out by Entra Connect, by the reason.
      type: dict
      sample:
        critical system object: 31
    severities:
      description: How many findings there are of each severity.
      type: dict
      sample:
        blocking: 212
        warning: 488
        advice: 1090
    rules:
      description: How many findings there are of each rule, by its id.
      type: dict
      sample:
        mail.duplicate: 12
    address_list_fields:
      description: How many of a hundred judged users have a value in each of the fields that the
        organisation's address list shows.
      type: dict
      sample:
        telephoneNumber: 71.4
findings:
  description: The findings, the gravest first, at most O(findings_limit).
  returned: success
  type: list
  elements: dict
  contains:
    rule:
      description: The id of the rule that the value breaks.
      type: str
      sample: userPrincipalName.non_ascii
    kind:
      description: What is wrong, as one of a few kinds.
      type: str
      sample: character
    severity:
      description: V(blocking), V(warning) or V(advice).
      type: str
      sample: blocking
    dn:
      description: The object.
      type: str
      sample: CN=Jürgen Müller,OU=People,DC=corp,DC=example,DC=com
    guid:
      description: The object's C(objectGUID).
      type: str
      sample: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
    object_class:
      description: V(user), V(group) or V(contact).
      type: str
      sample: user
    attribute:
      description: The attribute.
      type: str
      sample: userPrincipalName
    value:
      description: The value that breaks the rule, V(null) if one is missing.
      type: str
      sample: jürgen.müller@corp.example.com
    detail:
      description: What exactly is wrong with it.
      type: str
      sample: ü U+00FC LATIN SMALL LETTER U WITH DIAERESIS
    suggestion:
      description: What could be written instead, V(null) if there is no suggestion.
      type: dict
      contains:
        attribute:
          description: The attribute to write, which may be another one than the finding's.
          type: str
          sample: userPrincipalName
        before:
          description: The value to take away, V(null) if there is none.
          type: str
          sample: jürgen.müller@corp.example.com
        after:
          description: The value to write, V(null) if there is none.
          type: str
          sample: juergen.mueller@corp.example.com
    reason:
      description: Why a person must decide, empty if there is a suggestion.
      type: str
      sample: ""
    holders:
      description: For duplicates, the others that hold the same, each as a dictionary of C(dn),
        C(guid), C(object_class), C(attribute) and C(value).
      type: list
      elements: dict
      sample: []
written:
  description: The files that were written.
  returned: success
  type: dict
  contains:
    csv:
      description: The path of O(write_csv), or V(null).
      type: str
      sample: /var/lib/tenantops/reviews/contoso.csv
    json_lines:
      description: The path of O(write_json_lines), or V(null).
      type: str
      sample: /var/lib/tenantops/reviews/contoso.jsonl
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: not_understood
    problem: No object could be read
    server: ldaps://dc1.corp.example.com:636
    object: OU=People,DC=corp,DC=example,DC=com
    answer: ""
    advice: Look at search_bases and filter, and at what the account may read.
"""

from ..module_utils._attribute_scan.arguments import DIRECTORY_RULES_ARGUMENTS, READING_ARGUMENTS
from ..module_utils._attribute_scan.runner import run
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._ldap.arguments import AD_ARGUMENTS

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(DIRECTORY_RULES_ARGUMENTS, READING_ARGUMENTS), run=run
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
