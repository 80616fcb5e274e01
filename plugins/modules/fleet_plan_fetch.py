# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_plan_fetch
short_description: Fetch the approved plans of many tenants, and tell who has none
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - For each tenant it looks whether its plan of a run is approved, whether plan and approval are
    still good, and whether it is the plan that was handed on.
  - The plans of those who are approved are written to a folder, where the option C(approved_plan)
    of the modules finds them. Who is not is told with the reason, and is no failure of the others.
  - Changes no tenant, and nothing in the store.
requirements:
  - python >= 3.11
  - httpx, for a store at an HTTPS location
  - git, for a store in a Git repository
notes:
  - Works on the controller, for all tenants in one task, so a play runs it once (C(run_once)).
  - How the playbooks use it is in C(docs/fleet_plans.md), what is in the store in
    C(docs/formats.md).
extends_documentation_fragment:
  - tenantops.migration.plan_store
attributes:
  check_mode:
    support: full
    details:
      - The files in O(folder) are written in check mode too, since what follows reads them.
    description: Can run in C(check_mode) and tell which changes a run would make, and make none.
  diff_mode:
    support: none
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    support: full
    description: Run twice in a row with the same arguments, it changes nothing the second time.
options:
  run:
    description:
      - The name of the plan run. It has letters, digits, dots, underscores and hyphens.
    type: str
    required: true
  course:
    description:
      - The playbook that is to be applied, without C(.yml). The run must have been planned for it.
    type: str
    required: true
  tenants:
    description:
      - The tenants, by their names in the inventory.
    type: list
    elements: str
    required: true
  digests:
    description:
      - The digests that earlier jobs handed on, by the names in
        RV(tenantops.migration.fleet_plan_pin#module:stats). A tenant with another one is left
        alone.
    type: dict
    default: {}
  folder:
    description:
      - The folder to write the plans to, as an absolute path. It is made if it is not there, for
        its owner only. The plan of C(contoso) becomes C(contoso.json).
    type: path
    required: true
seealso:
  - module: tenantops.migration.fleet_plan_approve
  - module: tenantops.migration.fleet_plan_compare
"""

EXAMPLES = r"""
- name: Fetch what was approved
  tenantops.migration.fleet_plan_fetch:
    run: 20261123T221500Z
    course: migrate
    tenants: "{{ ansible_play_hosts_all }}"
    folder: /var/lib/tenantops/report/approved
    store: /srv/plans
  run_once: true
"""

RETURN = r"""
run:
  description: The name of the plan run.
  returned: success
  type: str
  sample: 20261123T221500Z
begun:
  description: The time, for O(tenantops.migration.fleet_plan_compare#module:since) after the dry
    run.
  returned: success
  type: str
  sample: "2026-11-23T22:15:00+00:00"
ready:
  description: The tenants that have an approved plan.
  returned: success
  type: list
  elements: str
  sample:
    - contoso
approvals:
  description: For each of them who approved it, and until when.
  returned: success
  type: dict
  sample:
    contoso:
      approver: anna.berg@example.com
      expires: "2026-11-24T18:00:00+00:00"
left_alone:
  description: The others, each with C(tenant), C(reason) and C(msg). A reason is C(not_planned),
    C(not_approved), C(expired), C(digest_differs) or C(unusable_name).
  returned: success
  type: list
  elements: dict
  sample:
    - tenant: fourthcoffee
      reason: not_approved
      msg: Nobody approved its plan.
summary:
  description: What came of it, in one line for people.
  returned: success
  type: str
  sample: 1 tenants have an approved plan of run 20261123T221500Z, 1 are left alone
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: plan_store_unusable
    problem: The plan store cannot be used
    server: ""
    object: /srv/plans
    answer: No such folder
    advice: The folder has to be there (mounted), writable for this user, and on a file system that
      has hard links.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._fleet_plans.fetch_runner import run
from ..module_utils._plan_store.opening import STORE_ARGUMENTS

OPERATION = Operation(
    arguments=Arguments(
        {
            "run": {"type": "str", "required": True},
            "course": {"type": "str", "required": True},
            "tenants": {"type": "list", "elements": "str", "required": True},
            "digests": {"type": "dict", "default": {}},
            "folder": {"type": "path", "required": True},
        }
    ).with_(STORE_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
