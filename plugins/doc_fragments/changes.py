# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of change control, which every writer has."""

    DOCUMENTATION = r"""
options:
  approved_plan:
    description:
      - The plan that was approved, as the path of a file that the
        P(tenantops.migration.change_plan#callback) callback wrote in a dry run, or as its content.
      - Before the first write the task checks that every change it would make is in the plan. If
        one is not, the task fails, lists what deviates, and has written nothing.
      - If not set, the E(TENANTOPS_APPROVED_PLAN) environment variable is used.
    type: raw
  max_changes:
    description:
      - How many changes the task may make at most, as a number (V(10)) or as a percentage
        (V(20%)) of the values that it looks at, those that exist and those that it wants.
      - If there would be more, the task fails before the first write.
      - If not set, the E(TENANTOPS_MAX_CHANGES) environment variable is used.
    type: str
  journal:
    description:
      - The folder of the journal, as an absolute path. Every write is announced there before it is
        made, and its outcome is noted after, in the file C(<journal>/<tenant>/<run>.jsonl).
      - M(tenantops.migration.change_rollback) undoes a journal.
      - Needs O(tenant) and O(run).
      - If not set, the E(TENANTOPS_JOURNAL) environment variable is used. Without both, no journal
        is kept.
    type: path
  tenant:
    description:
      - The name of the tenant that the task works for, as the journal and the plans call it.
        Normally the inventory host.
      - If not set, the E(TENANTOPS_TENANT) environment variable is used.
    type: str
  run:
    description:
      - The name of this run in the journal, the same for all tasks of one playbook run.
      - If not set, the E(TENANTOPS_RUN) environment variable is used.
    type: str
"""
