# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: change_rollback
short_description: Undo what a run changed, from its journal
version_added: 1.0.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Undoes the journal of one tenant and one run, newest change first, in every system that it tells
    of.
  - The servers are read first. A value that is still the one that the run wrote is put back to what
    it was before. A value that is back already is left. Any other value was changed by somebody
    since; it is left alone and reported as a conflict.
  - A write that was announced but whose outcome is not in the journal, because the run was killed,
    is resolved by the same reading.
  - Undoing is journaled itself, as another run, so it can be undone too.
requirements:
  - python >= 3.11
  - the packages that the modules need whose changes are undone
extends_documentation_fragment:
  - tenantops.migration.attributes
  - tenantops.migration.attributes.writer
  - tenantops.migration.ad
  - tenantops.migration.dns
  - tenantops.migration.entra
  - tenantops.migration.changes
  - tenantops.migration.attributes.graph_permissions
  - tenantops.migration.attributes.directory_rights
  - tenantops.migration.attributes.dns_rights
attributes:
  action_group:
    support: full
    membership:
      - tenantops.migration.ad
      - tenantops.migration.dns
      - tenantops.migration.entra
      - tenantops.migration.changes
  graph_permissions:
    support: full
    details:
      - "C(Organization.Read.All), or C(Organization.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where changes of M(tenantops.migration.entra_domain),
        M(tenantops.migration.entra_guest), M(tenantops.migration.entra_license),
        M(tenantops.migration.entra_redemption_order), M(tenantops.migration.entra_user),
        M(tenantops.migration.entra_user_upn), M(tenantops.migration.upn_alignment) are undone: to
        see that it is the same tenant."
      - "C(Domain.Read.All), or C(Domain.ReadWrite.All), where changes of
        M(tenantops.migration.entra_domain) are undone: to read the domains."
      - "C(Domain.ReadWrite.All) in a run, where changes of M(tenantops.migration.entra_domain) are
        undone: to change domains back."
      - "C(Policy.Read.AuthenticationMethod), or C(Policy.ReadWrite.AuthenticationMethod),
        C(Policy.Read.All), where changes of M(tenantops.migration.entra_email_otp) are undone: to
        read the setting."
      - "C(Policy.ReadWrite.AuthenticationMethod), where changes of
        M(tenantops.migration.entra_email_otp) are undone: to set it back."
      - "C(Policy.Read.All), or C(Policy.ReadWrite.CrossTenantAccess), where changes of
        M(tenantops.migration.entra_email_otp), M(tenantops.migration.entra_redemption_order) are
        undone: to read what guests fall back to."
      - "C(Policy.ReadWrite.CrossTenantAccess), where changes of
        M(tenantops.migration.entra_redemption_order) are undone: to set the order back."
      - "C(Policy.Read.AuthenticationMethod), or C(Policy.ReadWrite.AuthenticationMethod),
        C(Policy.Read.All), where changes of M(tenantops.migration.entra_redemption_order) are
        undone: to see whether guests can fall back to the passcode."
      - "C(Policy.Read.All), or C(Policy.ReadWrite.SecurityDefaults), where changes of
        M(tenantops.migration.entra_security_defaults) are undone: to read the setting."
      - "C(Policy.Read.All), where changes of M(tenantops.migration.entra_security_defaults) are
        undone: to read the policies of Conditional Access."
      - "C(Policy.ReadWrite.SecurityDefaults), or C(Policy.ReadWrite.ConditionalAccess), where
        changes of M(tenantops.migration.entra_security_defaults) are undone: to set it back."
      - "C(User.Read.All), or C(User.ReadWrite.All), C(Directory.Read.All),
        C(Directory.ReadWrite.All), where changes of M(tenantops.migration.entra_email_otp),
        M(tenantops.migration.entra_guest), M(tenantops.migration.entra_license),
        M(tenantops.migration.entra_user), M(tenantops.migration.entra_user_upn),
        M(tenantops.migration.upn_alignment) are undone: to find the users and guests."
      - "C(User.ReadWrite.All), or C(Directory.ReadWrite.All), where changes of
        M(tenantops.migration.entra_guest), M(tenantops.migration.entra_license),
        M(tenantops.migration.entra_user), M(tenantops.migration.entra_user_upn),
        M(tenantops.migration.upn_alignment) are undone: to delete them or change them back."
      - "C(User.DeleteRestore.All), or C(User.ReadWrite.All), C(Directory.ReadWrite.All), where
        changes of M(tenantops.migration.entra_guest), M(tenantops.migration.entra_user) are undone:
        to bring back who was deleted."
      - "C(RoleManagement.Read.Directory), or C(RoleManagement.Read.All),
        C(RoleManagement.ReadWrite.Directory), C(Directory.Read.All), C(Directory.ReadWrite.All),
        where changes of M(tenantops.migration.entra_user) are undone: to read who has which role."
      - "C(RoleManagement.ReadWrite.Directory), where changes of M(tenantops.migration.entra_user)
        are undone: to give back and take roles."
      - "C(LicenseAssignment.ReadWrite.All), or C(Directory.ReadWrite.All), where changes of
        M(tenantops.migration.entra_license), M(tenantops.migration.upn_alignment) are undone: to
        give back and take licences."
  directory_rights:
    support: full
    details:
      - "C(read), where changes of M(tenantops.migration.ad_attributes),
        M(tenantops.migration.ad_upn_suffix), M(tenantops.migration.upn_alignment) are undone: every
        account has it, unless somebody took it away."
      - "C(Write Property of the attributes to be fixed), where changes of
        M(tenantops.migration.ad_attributes) are undone: to write the old values."
      - "C(Write Property of uPNSuffixes), where changes of M(tenantops.migration.ad_upn_suffix) are
        undone: on CN=Partitions of the configuration partition."
      - "C(Write Property of userPrincipalName), where changes of
        M(tenantops.migration.upn_alignment) are undone: to write the old names."
      - "C(Write Property of mail and proxyAddresses), where changes of
        M(tenantops.migration.upn_alignment) are undone: to write the old addresses."
  dns_rights:
    support: full
    details:
      - "C(query), where changes of M(tenantops.migration.dns_txt) are undone: to read the TXT
        records."
      - "C(update of TXT), where changes of M(tenantops.migration.dns_txt) are undone: to put the
        old values back."
options:
  undo_run:
    description:
      - The run to undo, by the name that it had in its O(run). Its journal is looked for in
        O(journal) under O(tenant).
      - A tenant in which that run changed nothing has no journal, and nothing is undone there. A
        run that no tenant has is an error.
      - Exactly one of O(undo_run) and O(undo_file) is needed.
    type: str
  undo_file:
    description:
      - The journal file to undo.
      - Exactly one of O(undo_run) and O(undo_file) is needed.
    type: path
seealso:
  - module: tenantops.migration.ad_upn_suffix
  - module: tenantops.migration.dns_txt
  - module: tenantops.migration.entra_email_otp
"""

EXAMPLES = r"""
- name: Undo one run, as a run of its own
  tenantops.migration.change_rollback:
    undo_run: "2026-11-22T20-15"
    journal: /var/lib/tenantops/journal
    tenant: "{{ inventory_hostname }}"
    run: "2026-11-22T21-40"

- name: Undo a journal that was brought here, unless it is more than 50 changes
  tenantops.migration.change_rollback:
    undo_file: /root/from-another-node/contoso.jsonl
    max_changes: 50
"""

RETURN = r"""
changes:
  description: The changes that were made; in check mode, those that a run would make.
  returned: success, and where a part failed
  type: list
  elements: dict
  sample:
    - system: dns
      resource: txt_rrset
      id: contoso.test. contoso.test.
      name: contoso.test
      property: TXT
      action: remove
      before: '"MS=ms12345678"'
      after: null
      rule: null
      reversible: true
conflicts:
  description: >-
    The changes that were left alone, each as C(change), with the value C(found) and the
    C(reason). The first twenty are also warnings.
  returned: success, and where a part failed
  type: list
  elements: dict
  sample: []
failures:
  description: >-
    The objects of a directory that could not be put back, each with C(id), C(name) and its
    C(error). They keep no other from being put back, but the task fails.
  returned: success, and where a part failed
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: journal_unusable
    problem: "No tenant has a journal of the run '2026-11-22T20-51'"
    server: ""
    object: /var/lib/tenantops/journal
    answer: the newest runs are 2026-11-22T20-15
    advice: Give the name that the run to be undone had in its option run.
"""

from ..module_utils._dns.arguments import DNS_ARGUMENTS
from ..module_utils._doors.arguments import CHANGES_ARGUMENTS, Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.arguments import ENTRA_ARGUMENTS
from ..module_utils._ldap.arguments import AD_ARGUMENTS
from ..module_utils._rollback.runner import run

OPERATION = Operation(
    arguments=AD_ARGUMENTS.with_(
        DNS_ARGUMENTS,
        ENTRA_ARGUMENTS,
        CHANGES_ARGUMENTS,
        Arguments(
            {"undo_run": {"type": "str"}, "undo_file": {"type": "path"}},
            mutually_exclusive=(("undo_run", "undo_file"),),
            required_one_of=(("undo_run", "undo_file"),),
        ),
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
