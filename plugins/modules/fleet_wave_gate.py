# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_wave_gate
short_description: Stops the waves that are left when too many tenants have failed
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Counts the tenants of a play that have failed so far, and fails when they are more than the
    error budget allows. With C(run_once) at the beginning of each wave, that leaves the tenants of
    this wave and of all later ones alone.
  - The role P(tenantops.migration.wave#role) does that in the playbooks of this collection.
  - Changes nothing and asks no server.
requirements:
  - python >= 3.11
notes:
  - A tenant that failed before a play began, and is therefore no longer in it, counts where the
    list of tenants has it.
  - Ansible by itself ends a play when all tenants of a wave have failed, whatever the budget is.
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode), and changes nothing.
  diff_mode:
    support: N/A
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    support: full
    description: Run twice in a row with the same arguments, it changes nothing the second time.
options:
  tenants:
    description:
      - All tenants of the play, those that have failed too, such as C(ansible_play_hosts_all).
    type: list
    elements: str
    required: true
  going_on:
    description: Those of them that have not failed, such as C(ansible_play_hosts).
    type: list
    elements: str
    required: true
  error_budget:
    description:
      - How many tenants may have failed, such as V(3), or which part of O(tenants), such as V(5%),
        which is rounded down. With V(0), none may.
      - If it is not given, or empty, there is no limit.
    type: str
seealso:
  - plugin: tenantops.migration.in_waves
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Let the next wave begin
  tenantops.migration.fleet_wave_gate:
    tenants: "{{ ansible_play_hosts_all }}"
    going_on: "{{ ansible_play_hosts }}"
    error_budget: 5%
  run_once: true
"""

RETURN = r"""
failed_tenants:
  description: The tenants that have failed so far.
  returned: success
  type: list
  elements: str
  sample:
    - contoso
allowed:
  description: How many may have failed; null without a limit.
  returned: success
  type: int
  sample: 3
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: error_budget_spent
    problem: 4 of 60 tenants have failed, and no more than 3 may (error budget 5%), so no further
      wave begins
    server: ""
    object: contoso, fabrikam, northwind, tailspin
    answer: ""
    advice: "The tenants of this wave and of later ones were left alone. Look at those that failed,
      and run again: what is done already is found and left."
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._waves.runner import run

OPERATION = Operation(
    arguments=Arguments(
        {
            "tenants": {"type": "list", "elements": "str", "required": True},
            "going_on": {"type": "list", "elements": "str", "required": True},
            "error_budget": {"type": "str"},
        }
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
