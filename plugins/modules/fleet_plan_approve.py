# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_plan_approve
short_description: Write down who approves which plans of many tenants until when
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Keeps an approval beside the plans of a run. It names each tenant with the digest of its plan,
    so nothing but that plan is approved.
  - An approval can be for some of the tenants, and there can be several.
  - If a plan is not there, is too old, or is not the one that was handed on, nothing is approved.
  - An approval is as good as the protection of the store. Who may write there can approve.
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
  approver:
    description:
      - Who approves, as a name or an address.
    type: str
    required: true
  tenants:
    description:
      - Which tenants, as a list, or as text with commas or line ends between them.
      - If it is not given, or an empty string, all that have a plan. An empty list is nobody.
    type: raw
  expires:
    description:
      - Until when, such as V(2026-11-30) for that whole day, or V(2026-11-30T18:00:00Z). Without a
        zone it is UTC.
      - If it is not given, or empty, or later, it ends with the plans.
    type: str
  digests:
    description:
      - The digests that earlier jobs handed on, by the names in
        RV(tenantops.migration.fleet_plan_pin#module:stats). If one differs, nothing is
        approved.
    type: dict
    default: {}
seealso:
  - module: tenantops.migration.fleet_plan_pin
  - module: tenantops.migration.fleet_plan_fetch
"""

EXAMPLES = r"""
- name: Approve the plans of two tenants until the evening
  tenantops.migration.fleet_plan_approve:
    run: 20261123T221500Z
    approver: anna.berg@example.com
    tenants:
      - contoso
      - fabrikam
    expires: "2026-11-24T18:00:00Z"
    digests:
      tenantops_plan_sha256_contoso: "{{ tenantops_plan_sha256_contoso }}"
    store: /srv/plans
"""

RETURN = r"""
run:
  description: The name of the plan run.
  returned: success
  type: str
  sample: 20261123T221500Z
approver:
  description: Who approved.
  returned: success
  type: str
  sample: anna.berg@example.com
expires:
  description: Until when.
  returned: success
  type: str
  sample: "2026-11-24T18:00:00+00:00"
approved:
  description: The tenants with the digests that were approved.
  returned: success
  type: dict
  sample:
    contoso: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
others:
  description: Tenants of the run that have a plan, and that this approval is not for.
  returned: success
  type: list
  elements: str
  sample:
    - fourthcoffee
summary:
  description: What came of it, in one line for people.
  returned: success
  type: str
  sample: anna.berg@example.com approves the plans of 2 tenants
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
from ..module_utils._fleet_plans.approve_runner import run
from ..module_utils._plan_store.opening import STORE_ARGUMENTS

OPERATION = Operation(
    arguments=Arguments(
        {
            "run": {"type": "str", "required": True},
            "approver": {"type": "str", "required": True},
            "tenants": {"type": "raw"},
            "expires": {"type": "str"},
            "digests": {"type": "dict", "default": {}},
        }
    ).with_(STORE_ARGUMENTS),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
