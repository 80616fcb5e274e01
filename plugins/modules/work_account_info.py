# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: work_account_info
short_description: Read a list of people, and tell which work account each of them gets
version_added: 1.4.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Reads a CSV file of people and tells which account each of them gets in the tenant's initial
    domain, in the form that M(tenantops.migration.entra_user) takes.
  - A name to sign in with is the part of the address before the @, in ASCII, unless the list gives
    another one. Two people who would get one name are both told in RV(failures).
  - Who has an old account that Microsoft's support has to disassociate first gets no account before
    the list says that this was confirmed. Microsoft warns not to sign in earlier.
  - Signs in to nothing, and changes nothing.
requirements:
  - python >= 3.11
  - anyascii
  - email-validator
  - idna
notes:
  - What the columns mean is in C(docs/accounts.md).
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and tell which changes a run would make, and make none.
  diff_mode:
    support: none
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    support: full
    description: Run twice in a row with the same arguments, it changes nothing the second time.
options:
  read_csv:
    description:
      - A CSV file in UTF-8 with a line for each person. The column C(address) has to be there.
      - It can have C(name), C(given_name), C(surname), C(department), C(job_title),
        C(company_name), C(preferred_language), C(usage_location), C(roles) with semicolons between
        them, C(user_principal_name), C(old_account) and C(support_confirmed), which holds a day as
        soon as there is a confirmation.
    type: path
    required: true
  domain:
    description:
      - The domain that the accounts are made in. That is the tenant's initial one as long as the
        organisation's own domain is not verified.
    type: str
    required: true
  other_domains:
    description:
      - Domains in which an account counts as the same person's, because it was made there before
        O(domain) was the tenant's, or is still to be moved.
    type: list
    elements: str
    default: []
  old_accounts:
    description:
      - Whether people have an old account where the list does not say, in its column
        C(old_account).
    type: bool
    default: false
  transliteration_language:
    description:
      - How letters that are not ASCII are written in a name. Letters are never left out.
    type: str
    choices:
      none: In no language's own way, V(é) as V(e) and V(ü) as V(u).
      danish: The Danish way, V(æ) as V(ae), V(ø) as V(oe), V(å) as V(aa).
      finnish: The Finnish way, V(ä) as V(a), V(ö) as V(o), V(å) as V(a).
      german: The German way, V(ä) as V(ae), V(ö) as V(oe), V(ü) as V(ue), V(ß) as V(ss).
      japanese: Kana in Hepburn's way. Kanji are read in many ways, so a person must decide.
      norwegian: The Norwegian way, V(æ) as V(a), V(ø) as V(o), V(å) as V(a).
      swedish: The Swedish way, V(å) as V(a), V(ä) as V(a), V(ö) as V(o).
    default: none
  transliteration_characters:
    description:
      - How certain characters, or names, are written whatever the language says, for example V(aa)
        for V(å).
    type: dict
    default: {}
seealso:
  - module: tenantops.migration.entra_user
  - module: tenantops.migration.entra_user_upn
  - module: tenantops.migration.notice_files
"""

EXAMPLES = r"""
- name: Tell who gets which account
  tenantops.migration.work_account_info:
    read_csv: "/etc/tenantops/people/{{ inventory_hostname }}.csv"
    domain: contoso.com
    other_domains:
      - contoso.onmicrosoft.com
    old_accounts: true
    transliteration_language: swedish
    transliteration_characters:
      æ: ae
"""

RETURN = r"""
accounts:
  description: The accounts of those who may get one, as
    O(tenantops.migration.entra_user#module:users) takes them.
  returned: success, and where single lines could not be used
  type: list
  elements: dict
  sample:
    - user_principal_name: anna.berg@contoso.onmicrosoft.com
      also_known_as: []
      display_name: Anna Berg
      other_mails:
        - anna.berg@contoso.com
      roles:
        - Global Administrator
waiting:
  description: Those who get none before Microsoft's support has confirmed that the old one is
    disassociated.
  returned: success, and where single lines could not be used
  type: list
  elements: dict
  sample:
    - address: bo.ek@contoso.com
      name: Bo Ek
      user_principal_name: bo.ek@contoso.onmicrosoft.com
recipients:
  description: Everybody, as O(tenantops.migration.notice_files#module:recipients) takes them for
    the notice C(work_account).
  returned: success, and where single lines could not be used
  type: list
  elements: dict
  sample:
    - address: anna.berg@contoso.com
      name: Anna Berg
      preferred_language: sv-SE
      row:
        sign_in_name: anna.berg@contoso.onmicrosoft.com
failures:
  description: Lines that nothing could be made of, each with C(id), C(name) and C(error).
  returned: always
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: partly_done
    problem: 1 object is not as wanted
    server: ""
    object: ""
    answer: "bo.ek@contoso.com: Somebody else in the list would get the same name"
    advice: Each of them is in failures, with its own advice. All others are done.
"""

from ..module_utils._attribute_rules.transliteration import Language
from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._work_accounts.runner import run

OPERATION = Operation(
    arguments=Arguments(
        {
            "read_csv": {"type": "path", "required": True},
            "domain": {"type": "str", "required": True},
            "other_domains": {"type": "list", "elements": "str", "default": []},
            "old_accounts": {"type": "bool", "default": False},
            "transliteration_language": {
                "type": "str",
                "choices": [language.value for language in Language],
                "default": "none",
            },
            "transliteration_characters": {"type": "dict", "default": {}},
        }
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
