# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_plan_pin
short_description: Keep the plans of a dry run over many tenants, so that they can be approved
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Takes what the callback P(tenantops.migration.change_plan#callback) wrote of a dry run and keeps
    the complete plan of each tenant in a store, with its digest.
  - A tenant whose plan is not complete, because a task failed, waits at a gate or could not be
    reached, gets none, and is told.
  - A plan that is kept never changes. A second call with the same plans changes nothing; a tenant
    whose plan is another one by then needs a run of another name.
  - Without O(dry_run) it only reads from the store, and tells how the run is called and when it
    began.
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
      - If it is not given, or empty, the time in UTC. Slices of one job need the same name.
    type: str
  course:
    description:
      - The playbook of this collection that the dry run was one of, without C(.yml).
    type: str
    required: true
  plan_lifetime:
    description:
      - For how many hours the plans can be approved and applied.
    type: str
    default: "72"
  keep_days:
    description:
      - Remove the plans of runs that are older than so many days. If it is not given, or empty,
        none are removed. An HTTPS location does not tell what it holds, so it fails there.
    type: str
  dry_run:
    description:
      - The folder that the callback wrote the dry run to, as an absolute path.
    type: path
  since:
    description:
      - When the playbook began, as RV(begun) tells it. What a dry run left before that is not
        taken for its plans.
    type: str
  tenants:
    description:
      - The tenants that were to be planned, by their names in the inventory.
    type: list
    elements: str
seealso:
  - module: tenantops.migration.fleet_plan_approve
  - module: tenantops.migration.fleet_plan_fetch
  - module: tenantops.migration.fleet_plan_compare
"""

EXAMPLES = r"""
- name: Name the run, and look whether the store can be used
  tenantops.migration.fleet_plan_pin:
    course: migrate
    store: git+https://git.example.com/operations/plans.git#main
    store_token: "{{ vault_plans_token }}"
    store_ca_path: /etc/ssl/certs/example.pem
  run_once: true
  register: pinning

# The dry run of the course, with the callback change_plan, is between the two.

- name: Pin the plans
  tenantops.migration.fleet_plan_pin:
    run: "{{ pinning.run }}"
    course: migrate
    store: git+https://git.example.com/operations/plans.git#main
    store_token: "{{ vault_plans_token }}"
    store_ca_path: /etc/ssl/certs/example.pem
    plan_lifetime: "24"
    keep_days: "90"
    dry_run: /var/lib/tenantops/report/check
    since: "{{ pinning.begun }}"
    tenants: "{{ ansible_play_hosts_all }}"
  run_once: true
"""

RETURN = r"""
run:
  description: The name of the plan run.
  returned: success
  type: str
  sample: 20261123T221500Z
begun:
  description: The time, for O(since) after the dry run.
  returned: success, without O(dry_run)
  type: str
  sample: "2026-11-23T22:15:00+00:00"
expires:
  description: Until when the plans can be approved and applied.
  returned: success, with O(dry_run)
  type: str
  sample: "2026-11-26T22:15:00+00:00"
plans:
  description: The tenants whose plans are pinned, each with C(sha256) and the number of C(changes).
  returned: success, with O(dry_run)
  type: dict
  sample:
    contoso:
      sha256: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
      changes: 0
stats:
  description: The digests for M(ansible.builtin.set_stats), one name for each tenant, because AWX
    keeps one value of each name.
  returned: success, with O(dry_run)
  type: dict
  sample:
    tenantops_plan_sha256_contoso: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
left_out:
  description: The tenants without a plan, each with the reason.
  returned: success, with O(dry_run)
  type: dict
  sample: {}
removed_runs:
  description: The runs that were removed, or would be.
  returned: success, with O(dry_run)
  type: list
  elements: str
  sample: []
summary:
  description: What came of it, in one line for people.
  returned: success
  type: str
  sample: "Plan run 20261123T221500Z in /srv/plans: 3 plans with 9 changes"
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
from ..module_utils._fleet_plans.pin_runner import run
from ..module_utils._plan_store.opening import STORE_ARGUMENTS

OPERATION = Operation(
    arguments=Arguments(
        {
            "run": {"type": "str"},
            "course": {"type": "str", "required": True},
            "plan_lifetime": {"type": "str", "default": "72"},
            "keep_days": {"type": "str"},
            "dry_run": {"type": "path"},
            "since": {"type": "str"},
            "tenants": {"type": "list", "elements": "str"},
        },
        required_together=[["dry_run", "since", "tenants"]],
    ).with_(STORE_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
