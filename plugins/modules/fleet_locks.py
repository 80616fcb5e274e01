# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_locks
short_description: Lists the locks of tenants, and breaks one
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Tells which tenants are locked by the callback P(tenantops.migration.tenant_locks#callback), by
    whom, since when, and whether that run still lives as far as can be seen.
  - Breaks the lock of one tenant, if its run has surely ended, or by force. A run that has lost a
    lock notices before its next write, and writes no more to the tenant.
  - That is seldom needed. A lock whose run has ended on the same machine, or has not been renewed
    for its lease of five minutes, is taken over by the next run.
requirements:
  - python >= 3.11
notes:
  - To tell the age of a lease by the clock of the file server, a file is made and removed in the
    folder of the tenant, in check mode as well.
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and tell which lock a run would break, and break none.
  diff_mode:
    support: none
    description: Will tell in diff mode what changes, or would change in C(check_mode).
  idempotent:
    support: full
    description: Run twice in a row with the same arguments, it changes nothing the second time.
options:
  folder:
    description:
      - The folder of the locks, an absolute path.
      - If it is not given, E(TENANTOPS_LOCK_FOLDER), else C(locks) in the folder of the journal,
        which is that of E(TENANTOPS_JOURNAL) or C(~/.local/state/tenantops/journal).
    type: path
  break_lock:
    description:
      - The tenant whose lock is to be broken. One that is free already is left as it is.
      - Without O(force), a lock is broken only if its lease has run out or its process has ended.
    type: str
  force:
    description:
      - Whether to break the lock of a run that may still be at work. Stop that run first.
    type: bool
    default: false
seealso:
  - plugin: tenantops.migration.tenant_locks
    plugin_type: callback
"""

EXAMPLES = r"""
- name: See who works on which tenant
  tenantops.migration.fleet_locks:
    folder: /mnt/tenantops/locks
  register: locks

- name: Break the lock of a run on a machine that will not come back
  tenantops.migration.fleet_locks:
    folder: /mnt/tenantops/locks
    break_lock: contoso
    force: true
"""

RETURN = r"""
locks:
  description:
    - The locks that are not free, by tenant.
    - C(state) is V(held); V(expired), if it was not renewed in time; V(owner_gone), if its process
      has ended on this machine; or V(unreadable), with C(problem).
    - Whoever wants a tenant whose lock is V(expired) or V(owner_gone) takes it.
  returned: success
  type: list
  elements: dict
  sample:
    - tenant: contoso
      state: held
      user: anna
      host: node3
      pid: 4711
      run: contoso-monday
      playbook: migrate
      job: "812"
      since: "2026-11-23T21:50:04+00:00"
      renewed_seconds_ago: 12
broken:
  description: The lock that was broken, or would be, as it was; null if there was none.
  returned: success
  type: dict
  sample: null
error:
  description: What went wrong, in parts. C(msg) tells the same in words.
  returned: failure
  type: dict
  sample:
    kind: locked
    problem: The tenant contoso is locked by another run
    server: ""
    object: contoso
    answer: held by anna on node3, process 4711, run contoso-monday, since
      2026-11-23T21:50:04+00:00, renewed 12 seconds ago
    advice: Nothing was changed here. Wait until that run has ended and run again, or break it with
      the module fleet_locks and force=true, once you are sure that its run has ended.
"""

from ..module_utils._doors.arguments import Arguments
from ..module_utils._doors.module import run_module
from ..module_utils._doors.operation import Operation
from ..module_utils._tenant_lock.runner import run

OPERATION = Operation(
    arguments=Arguments(
        {
            "folder": {"type": "path"},
            "break_lock": {"type": "str"},
            "force": {"type": "bool", "default": False},
        }
    ),
    run=run,
)


def main() -> None:
    """Run as an ordinary module."""
    run_module(OPERATION)


if __name__ == "__main__":
    main()
