# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: notice_files
short_description: Write a text for each guest or user that tells what changes for them
version_added: 1.3.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Writes one text file for each recipient, to be mailed by whatever the team sends mail with, and
    an index over them, C(index.csv). Nothing is sent.
  - The texts come from templates in English, Swedish and Japanese, which a team can replace and add
    languages to.
  - Everybody is written to in the language that they prefer, else in that of their domain, else in
    O(default_language).
  - Only what is not there yet, or would say something else, is written. One task does it for
    thousands of people.
requirements:
  - python >= 3.11
  - email-validator
  - idna
  - jinja2 >= 3.1
notes:
  - The files can be read by their owner only. They hold no links that are secrets.
  - What a template can use, and the format of the files, are in C(docs/notices.md).
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and tell which files a run would write, and write none.
  diff_mode:
    support: none
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    support: full
    description: Run twice in a row with the same arguments, it changes nothing the second time.
options:
  notice:
    description:
      - The name of the notice. With the collection come V(invitation) and V(redemption_reset) for
        guests, V(sign_in_name) for users whose sign-in name changes, V(account_takeover) for users
        who once signed up by themselves, and V(work_account) for those who get an account.
      - A team's own templates can have other names.
      - Required with O(folder).
    type: str
  folder:
    description:
      - The folder to write to. It is made if it is not there, for its owner only.
      - Notices of an earlier list that are in it stay there and are told in RV(left_over). The
        index names only those that are for somebody.
    type: path
  recipients:
    description:
      - The people to write to.
    type: list
    elements: dict
    suboptions:
      address:
        description: The mail address.
        type: str
        required: true
      name:
        description: The name to address the person by.
        type: str
      preferred_language:
        description: The language that the person prefers, such as V(sv-SE).
        type: str
      row:
        description: What else a template uses of the person, as a dictionary.
        type: dict
  read_csv:
    description:
      - A CSV file in UTF-8 with more people to write to, such as the one that
        O(tenantops.migration.entra_guest_info#module:write_csv) names.
      - It has a column C(address), and can have C(name) or C(display_name), and
        C(preferred_language). A template can use the other columns too.
    type: path
  only:
    description:
      - Which lines of O(read_csv) are meant. For each column the value, or the list of values, that
        a line must have.
    type: dict
  organization:
    description:
      - The name of the organisation that the notice comes from.
      - Required with O(folder).
    type: str
  contact:
    description:
      - Where people can ask questions, such as a mail address.
    type: str
  tenant_id:
    description:
      - The tenant to sign in to, for the links in the notice.
    type: str
  initial_domain:
    description:
      - The tenant's domain under C(onmicrosoft.com), for a link that people can read.
    type: str
  cloud:
    description:
      - The cloud that the tenant is in.
    type: str
    choices:
      - global
      - us_government
      - us_government_dod
      - china
    default: global
  variables:
    description:
      - What else the templates use. Those that come with the collection use C(date), from when on
        something changes, and C(fallback), which is V(microsoft_account) where guests without an
        account get no passcode and have to make a Microsoft account.
    type: dict
  templates:
    description:
      - A folder with templates of one's own, as C(<language>/<notice>.txt.j2). They take the place
        of those that come with the collection.
    type: path
  languages:
    description:
      - The languages to use. If it is not given, all that there are templates in.
    type: list
    elements: str
  languages_by_domain:
    description:
      - For people who prefer no language that there is a template in, the language by their domain.
        A domain stands for those below it too, and V(jp) for all in Japan.
    type: dict
  default_language:
    description:
      - The language for everybody else.
    type: str
    default: en
  copy_templates_to:
    description:
      - A folder to copy the collection's templates to, for a team that wants to begin with them.
        What is there already stays as it is.
    type: path
seealso:
  - module: tenantops.migration.entra_guest_info
  - module: tenantops.migration.entra_guest_redemption
"""

EXAMPLES = r"""
- name: Tell the guests who sign in by passcode that they have to accept their invitation once more
  tenantops.migration.notice_files:
    notice: redemption_reset
    folder: "/var/lib/tenantops/notices/{{ inventory_hostname }}"
    read_csv: "/var/lib/tenantops/guests/{{ inventory_hostname }}.csv"
    only:
      method: one_time_passcode
    organization: Contoso
    contact: it-support@contoso.com
    tenant_id: 3f2b6c1e-0d5a-4c57-9f0a-7a9d1f1c2b11
    initial_domain: contoso.onmicrosoft.com
    cloud: global
    variables:
      fallback: microsoft_account

- name: Begin with templates of one's own
  tenantops.migration.notice_files:
    copy_templates_to: /etc/tenantops/notices

- name: Tell two users about their new names, from templates of one's own
  tenantops.migration.notice_files:
    notice: sign_in_name
    folder: /var/lib/tenantops/notices/contoso-users
    recipients:
      - address: anna.berg@contoso.com
        name: Anna Berg
        preferred_language: sv-SE
        row:
          new_name: anna.berg@contoso.com
      - address: taro.yamada@contoso.jp
    organization: Contoso
    templates: /etc/tenantops/notices
    languages:
      - en
      - sv
      - ja
    languages_by_domain:
      jp: ja
    default_language: en
    variables:
      date: 2026-12-01
"""

RETURN = r"""
written:
  description: The files in O(folder) that were written; in check mode, those that a run would
    write.
  returned: success
  type: list
  elements: str
  sample:
    - anna@fabrikam.com.txt
    - index.csv
notices:
  description: How many notices there are, those that were there already included.
  returned: success
  type: int
  sample: 412
languages:
  description: How many of them are in which language.
  returned: success
  type: dict
  sample:
    en: 340
    sv: 72
chosen_by:
  description: How many languages were chosen by V(preferred_language), by V(domain) and by
    V(default).
  returned: success
  type: dict
  sample:
    default: 300
    preferred_language: 112
left_over:
  description: Notices in O(folder) that are for nobody in the list. They are not in the index.
  returned: success
  type: list
  elements: str
  sample: []
templates_written:
  description: The templates that were copied to O(copy_templates_to), or would be.
  returned: success
  type: list
  elements: str
  sample:
    - en/invitation.txt.j2
failures:
  description: Entries of the list that nothing could be written for, each with C(id), C(name) and
    C(error). All others are written.
  returned: always
  type: list
  elements: dict
  sample: []
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: invalid_input
    problem: There is no template for a notice farewell
    server: ""
    object: ""
    answer: the collection has account_takeover, invitation, redemption_reset, sign_in_name,
      work_account
    advice: Put one into the folder of templates, as en/farewell.txt.j2.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._graph.clouds import CLOUDS
from ..module_utils._notices.runner import run

OPERATION = Operation(
    arguments=Arguments(
        {
            "notice": {"type": "str"},
            "folder": {"type": "path"},
            "recipients": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "address": {"type": "str", "required": True},
                    "name": {"type": "str"},
                    "preferred_language": {"type": "str"},
                    "row": {"type": "dict"},
                },
            },
            "read_csv": {"type": "path"},
            "only": {"type": "dict"},
            "organization": {"type": "str"},
            "contact": {"type": "str"},
            "tenant_id": {"type": "str"},
            "initial_domain": {"type": "str"},
            "cloud": {"type": "str", "choices": list(CLOUDS), "default": "global"},
            "variables": {"type": "dict"},
            "templates": {"type": "path"},
            "languages": {"type": "list", "elements": "str"},
            "languages_by_domain": {"type": "dict"},
            "default_language": {"type": "str", "default": "en"},
            "copy_templates_to": {"type": "path"},
        },
        required_one_of=(("folder", "copy_templates_to"),),
        required_by={"folder": ("notice", "organization")},
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
