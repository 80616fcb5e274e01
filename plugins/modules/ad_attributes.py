# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ad_attributes
short_description: Fix what directory sync to Entra would stumble over
version_added: 1.1.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Judges a directory as M(tenantops.migration.ad_attributes_info) does, and writes the values that
    it suggests for the findings of some rules or severities, or those that a person has put into a
    review file.
  - C(mail), C(proxyAddresses) and C(userPrincipalName) of an object are kept consistent when one of
    them is fixed. A primary address that was valid stays as a secondary one.
  - A value that a person has given is judged by the same rules before anything is written, and so
    is whether it is free in the whole forest.
  - Each object is one request that names the old values and the new ones. If somebody changed one
    of the values in between, the server refuses that object, and no other.
  - With O(rename) it gives people other names to sign in with, and fixes nothing else.
  - An object that cannot be changed stops no other. The task fails at the end if there were any,
    and lists them in RV(failures).
requirements:
  - python >= 3.11
  - anyascii
  - email-validator
  - idna
  - ldap3
  - publicsuffixlist
  - gssapi, for O(ad_auth=kerberos)
notes:
  - "The account needs the right Write Property for the attributes that it is to write. For each
    subtree and for each of the classes C(user), C(group) and C(contact): C(dsacls
    \"OU=People,DC=corp,DC=example,DC=com\" /I:S /G
    \"CORP\\svc-tenantops:WP;userPrincipalName;user\") and the same with C(mail), C(mailNickname),
    C(proxyAddresses), C(targetAddress), C(displayName), C(givenName), C(sn) and, where sign-in
    names before Windows 2000 are to be fixed, C(sAMAccountName)."
  - Members of protected groups, such as the domain's administrators, do not inherit such a right.
    They are reported in RV(failures).
  - A changed user principal name is another name to sign in with. Tell the people before they find
    out.
  - What somebody changes at another domain controller meanwhile may not have arrived yet at the one
    that is written to.
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.ad
  - tenantops.migration.changes
  - tenantops.migration.directory_rules
  - tenantops.migration.attributes.directory_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.changes
      - tenantops.migration.directory_rules
  directory_rights:
    support: full
    details:
      - "C(read): every account has it, unless somebody took it away."
      - "C(Write Property of the attributes to be fixed): for users, groups and contacts in the
        subtrees that are meant; see the notes."
options:
  fix_severities:
    description:
      - The severities whose findings are fixed where there is a suggestion, beside those of
        O(fix_rules). An empty list leaves it to O(fix_rules) alone.
      - With O(review_file) it only says which findings are counted as RV(left).
    type: list
    elements: str
    choices:
      - blocking
      - warning
      - advice
    default:
      - blocking
  fix_rules:
    description:
      - The ids of the rules whose findings are fixed where there is a suggestion, whatever their
        severity.
      - With O(review_file) it only says which findings are counted as RV(left).
    type: list
    elements: str
    default: []
  review_file:
    description:
      - A review file, as O(tenantops.migration.ad_attributes_info#module:write_csv) writes it, in
        which a person has set the column C(ACTION). C(EDIT) writes the value of C(UPDATE),
        C(REMOVE) takes the value away, C(COMPLETE) accepts it as it is. Rows without an action are
        left alone, and so is everything that is not in the file.
      - The row of an object that has changed since the file was written is refused, and told in
        RV(failures).
      - A file that IdFix exported can be read too.
    type: path
  protect:
    description:
      - Objects and subtrees in which nothing is written, as distinguished names. Their faults are
        told all the same.
    type: list
    elements: str
    default: []
  connections:
    description:
      - How many connections to write over.
    type: int
    default: 2
  in_flight:
    description:
      - How many requests may be on their way at once on each connection.
    type: int
    default: 100
  plan_ldif:
    description:
      - A file to write the changes to as LDIF (RFC 2849), for those who want to apply them by other
        means. With check mode nothing else is done.
    type: path
  undo_ldif:
    description:
      - A file to write the opposite changes to as LDIF, for those who want to undo them by other
        means.
    type: path
  rename:
    description:
      - Gives users in scope other names to sign in with (C(userPrincipalName)), instead of fixing
        what the rules find. The same rules judge the new names. Nobody gets a name that another
        object of the forest has as its own, nor one whose suffix the forest does not have.
      - A name in other letters (case) counts as the same one and is left.
      - Where the users are licensed in Entra, a new name may not arrive there. See
        M(tenantops.migration.upn_alignment), which renames in both systems.
    type: dict
    version_added: 1.4.0
    suboptions:
      source:
        description:
          - What the wanted name is made from.
          - V(primary_address) is the address that is marked with C(SMTP:) in C(proxyAddresses), or
            C(mail) where none is.
          - V(mail) is the attribute of this name.
          - V(suffix_map) is the name of now, with the suffix that O(rename.suffix_map) says.
          - V(mapping) is what the file O(rename.mapping) says.
        type: str
        choices: [primary_address, mail, suffix_map, mapping]
        required: true
      suffix_map:
        description:
          - The new suffixes by the old ones, for O(rename.source=suffix_map). Users with another
            suffix are not meant.
          - A suffix must not be a new and an old one at once, because a second run would rename
            the same users again.
        type: dict
      mapping:
        description:
          - A file that says who gets which name, for O(rename.source=mapping). Nobody else is
            meant.
          - A CSV file has a column C(new_user_principal_name), and C(id) for the objectGUID or
            C(user_principal_name) for the old name, or both; then the objectGUID counts.
          - A file whose name ends with C(.json) has an object of the new names by the old ones or
            by the objectGUIDs, or a list of objects with the columns' names.
        type: path
      ids:
        description:
          - The objectGUIDs of the users that are meant. An empty list means all in scope.
        type: list
        elements: str
        default: []
      adjust:
        description:
          - What becomes the new name as well, where the object has it.
          - With V(mail) it is C(mail).
          - With V(proxyAddresses) it is the primary address. The one before stays as a secondary
            one (C(smtp:)), unless no mail could arrive at it, as with C(.local).
        type: list
        elements: str
        choices: [mail, proxyAddresses]
        default: []
seealso:
  - module: tenantops.migration.ad_attributes_info
  - module: tenantops.migration.ad_upn_suffix
  - module: tenantops.migration.entra_user_upn
  - module: tenantops.migration.upn_alignment
  - module: tenantops.migration.change_rollback
"""

EXAMPLES = r"""
- name: Fix what would make sync fail
  tenantops.migration.ad_attributes:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
    upn_suffixes:
      - contoso.com
    verified_domains:
      - contoso.com
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-22T20-15"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Do what the review file says, at most to every tenth value, but for the board
  tenantops.migration.ad_attributes:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
    review_file: "/var/lib/tenantops/reviews/{{ inventory_hostname }}.csv"
    protect:
      - OU=Board,OU=Contoso,DC=corp,DC=example,DC=com
      - CN=Anna Andersson,OU=People,OU=Contoso,DC=corp,DC=example,DC=com
    max_changes: 10%
    approved_plan: "/var/lib/tenantops/plans/{{ inventory_hostname }}.json"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Write LDIF of two kinds of fixes, for others to apply
  tenantops.migration.ad_attributes:
    fix_severities: []
    fix_rules:
      - userPrincipalName.non_ascii
      - mail.space
    plan_ldif: /var/lib/tenantops/ldif/plan.ldif
    undo_ldif: /var/lib/tenantops/ldif/undo.ldif
    transliteration_language: german
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
  check_mode: true

- name: Fix all that can be fixed, gently
  tenantops.migration.ad_attributes:
    fix_severities:
      - blocking
      - warning
      - advice
    connections: 1
    in_flight: 10
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Let people sign in with their primary mail address
  tenantops.migration.ad_attributes:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
    rename:
      source: primary_address
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-23T07-15"
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Exchange a suffix that the cloud does not know, in the addresses as well
  tenantops.migration.ad_attributes:
    search_bases:
      - OU=Contoso,DC=corp,DC=example,DC=com
    upn_suffixes:
      - contoso.com
    rename:
      source: suffix_map
      suffix_map:
        corp.local: contoso.com
      adjust:
        - mail
        - proxyAddresses
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"

- name: Rename two people as a file says
  tenantops.migration.ad_attributes:
    rename:
      source: mapping
      mapping: /srv/lists/contoso-names.csv
      ids:
        - 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
        - 1f9d6a5c-3a1e-4f6e-9a63-2f0f4b6f7f11
    ad_servers:
      - dc1.corp.example.com
    ad_username: svc-tenantops@corp.example.com
    ad_password: "{{ tenant_ad_password }}"
"""

RETURN = r"""
changes:
  description: The changes that were made, or in check mode the same list of those that a run would
    make. For C(proxyAddresses) one for each value.
  returned: success, and where single objects could not be changed
  type: list
  elements: dict
  sample:
    - system: ad
      resource: directory_object
      id: 8a1b8a54-5a0c-4b5e-9b0e-0a3d4f8f7e21
      name: CN=Jürgen Müller,OU=People,DC=corp,DC=example,DC=com
      property: userPrincipalName
      action: replace
      before: jürgen.müller@contoso.com
      after: juergen.mueller@contoso.com
      rule: userPrincipalName.non_ascii
      reversible: true
failures:
  description: The objects that could not be changed, or whose row in the review file is refused,
    each with the C(error) in parts as in RV(error).
  returned: success, and where single objects could not be changed
  type: list
  elements: dict
  sample:
    - dn: CN=Anna Andersson,OU=People,DC=corp,DC=example,DC=com
      guid: 1f9d6a5c-3a1e-4f6e-9a63-2f0f4b6f7f11
      error:
        kind: refused
        problem: The server did not change the object
        server: ldaps://dc1.corp.example.com:636
        object: CN=Anna Andersson,OU=People,DC=corp,DC=example,DC=com
        answer: "insufficientAccessRights: 00002098: SecErr: DSID-03150F94"
        advice: Grant the right to write the attribute.
left:
  description: The findings of the chosen rules and severities that remain for a person, the gravest
    first, at most O(findings_limit), each as in
    RV(tenantops.migration.ad_attributes_info#module:findings).
  returned: success, and where single objects could not be changed
  type: list
  elements: dict
  sample: []
renaming:
  description: What O(rename) came to.
  returned: success with O(rename), and where single objects could not be changed
  type: dict
  contains:
    selected:
      description: How many users were meant.
      type: int
      sample: 412
    to_rename:
      description: How many were to be changed, in their names or their addresses.
      type: int
      sample: 310
    unchanged:
      description: How many had the wanted name already.
      type: int
      sample: 97
    left_count:
      description: How many were selected and left alone.
      type: int
      sample: 5
    left:
      description: Those, at most O(findings_limit), each with C(dn), C(guid),
        C(user_principal_name) and C(reason).
      type: list
      elements: dict
      sample:
        - dn: CN=Scanner,OU=Services,DC=corp,DC=example,DC=com
          guid: 0a3d4f8f-7e21-4f0e-8f43-6f1d2b6c2f0e
          user_principal_name: scanner@corp.local
          reason: there is no mail address
summary:
  description: What was read and what was found in it before anything was written, as in
    RV(tenantops.migration.ad_attributes_info#module:summary), and what is done about it. With
    O(rename) nothing is judged, so that only the numbers of the reading are there.
  returned: success, and where single objects could not be changed
  type: dict
  contains:
    objects_to_change:
      description: How many objects were to be changed.
      type: int
      sample: 187
    left:
      description: How many findings remain for a person, however many RV(left) lists.
      type: int
      sample: 25
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: too_many_changes
    problem: 412 changes are more than the 10% of 1874 values that are allowed
    server: ""
    object: ""
    answer: ""
    advice: Look at the changes in check mode. Raise max_changes if they are right.
"""

from ..module_utils._attribute_fixes.arguments import FIXING_ARGUMENTS
from ..module_utils._attribute_fixes.runner import run
from ..module_utils._attribute_scan.arguments import DIRECTORY_RULES_ARGUMENTS
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._ldap.arguments import AD_ARGUMENTS

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(CHANGES_ARGUMENTS, DIRECTORY_RULES_ARGUMENTS, FIXING_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
