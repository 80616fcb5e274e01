# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_plan_compare
short_description: Hold a dry run over many tenants against what was approved
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Compares what a dry run finds now with the approved plan of each tenant, by their digests.
  - A tenant that moved is told with what moved, and is no failure of the others.
  - Whoever is to be applied is noted in the store. If an application is cut short, the next one
    goes on with what is left of the approved plan, and finds what is done already applied.
  - Changes no tenant.
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
      - The playbook that is to be applied, without C(.yml).
    type: str
    required: true
  tenants:
    description:
      - The tenants that have an approved plan, as
        RV(tenantops.migration.fleet_plan_fetch#module:ready) tells them.
    type: list
    elements: str
    required: true
  approved:
    description:
      - The folder that M(tenantops.migration.fleet_plan_fetch) wrote the approved plans to.
    type: path
    required: true
  dry_run:
    description:
      - The folder that the callback P(tenantops.migration.change_plan#callback) wrote the dry run
        to, as an absolute path.
    type: path
    required: true
  since:
    description:
      - When the playbook began, as RV(tenantops.migration.fleet_plan_fetch#module:begun) tells it.
        What a dry run left before that is not taken for its plans.
    type: str
    required: true
seealso:
  - module: tenantops.migration.fleet_plan_fetch
"""

EXAMPLES = r"""
- name: Compare with what was approved
  tenantops.migration.fleet_plan_compare:
    run: 20261123T221500Z
    course: migrate
    tenants: "{{ fetched.ready }}"
    approved: /var/lib/tenantops/report/approved
    dry_run: /var/lib/tenantops/report/check
    since: "{{ fetched.begun }}"
    store: /srv/plans
  run_once: true
"""

RETURN = r"""
apply:
  description: The tenants that are as approved, and have something to do.
  returned: success
  type: list
  elements: str
  sample:
    - contoso
resumed:
  description: Those of RV(apply) of which an earlier application made a part.
  returned: success
  type: list
  elements: str
  sample: []
already_applied:
  description: The tenants of which an earlier application made all that was approved.
  returned: success
  type: list
  elements: str
  sample: []
nothing_to_do:
  description: The tenants whose approved plan is empty, and still is.
  returned: success
  type: list
  elements: str
  sample: []
moved:
  description: The tenants that moved, each with what did.
  returned: success
  type: dict
  sample:
    fabrikam:
      - "ad: add uPNSuffixes of example.com: (none) -> fabrikam.com was approved, and is not due any
        more"
incomplete:
  description: The tenants whose dry run is not complete, each with the reason.
  returned: success
  type: dict
  sample: {}
summary:
  description: What came of it, in one line for people.
  returned: success
  type: str
  sample: 1 tenants are as approved and are applied now; 0 are already applied
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
from ..module_utils._fleet_plans.compare_runner import run
from ..module_utils._plan_store.opening import STORE_ARGUMENTS

OPERATION = Operation(
    arguments=Arguments(
        {
            "run": {"type": "str", "required": True},
            "course": {"type": "str", "required": True},
            "tenants": {"type": "list", "elements": "str", "required": True},
            "approved": {"type": "path", "required": True},
            "dry_run": {"type": "path", "required": True},
            "since": {"type": "str", "required": True},
        }
    ).with_(STORE_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
