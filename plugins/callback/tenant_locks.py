# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_locks
type: aggregate
short_description: Lets only one run at a time change a tenant
version_added: 1.5.0
author:
  - The tenantops.migration contributors (@tenantops)
description:
  - Takes a lock for each tenant (inventory host) before the first task of this collection that
    could change it, and gives it back when a play or a wave begins that the tenant has no part in,
    at the latest when the playbook has ended. Dry runs and modules that only read take none.
  - A tenant that another run has locked fails for this run, with who holds the lock and since when;
    the others go on.
  - All runs that should keep off each other need the same folder, which can be on NFS. A lock is a
    lease of five minutes that is renewed while the run lives. After a crash on the same machine the
    next run takes it at once, from another machine when the lease has run out.
  - While it is enabled, a task that could change a tenant is refused where no lock could be taken,
    and before each of its writes it is seen that the lock has not been lost meanwhile.
  - C(docs/waves_and_locks.md) tells how it works and what it does not cover.
  - The variable C(tenantops_lock_folder) of a tenant or a run names the folder in place of
    O(folder).
requirements:
  - Enabled with C(callbacks_enabled = tenantops.migration.tenant_locks) in C(ansible.cfg).
options:
  folder:
    description:
      - The folder of the locks, an absolute path. It is made if it does not exist, for its owner
        only.
      - If it is not given, C(locks) in the folder of the journal, which is that of the variable
        C(tenantops_journal), or of E(TENANTOPS_JOURNAL), or C(~/.local/state/tenantops/journal).
    type: path
    env:
      - name: TENANTOPS_LOCK_FOLDER
    ini:
      - section: callback_tenant_locks
        key: folder
  lease_seconds:
    description:
      - For how long a lock that is not renewed is still held, in seconds. It is renewed five times
        as often.
    type: int
    default: 300
    env:
      - name: TENANTOPS_LOCK_LEASE_SECONDS
    ini:
      - section: callback_tenant_locks
        key: lease_seconds
"""

import atexit
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.callback import CallbackBase
from ansible.template import Templar, trust_as_template

from ..module_utils._errors import TenantopsError
from ..module_utils._tenant_lock.folder import LockFolder
from ..module_utils._tenant_lock.owner import this_process
from ..module_utils._tenant_lock.runner import default_folder
from ..plugin_utils._run_locks.held import RunLocks, use
from ..plugin_utils._run_locks.writers import is_writer

_SHORTEST_LEASE = 1


class CallbackModule(CallbackBase):
    """Says when locks are to be taken and given back."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "tenantops.migration.tenant_locks"
    CALLBACK_NEEDS_ENABLED = True

    _locks: RunLocks | None = None
    _playbook = ""
    _play: Any = None

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbook = Path(playbook._file_name).stem
        if self._locks is None:
            seconds = int(self.get_option("lease_seconds"))  # type: ignore[no-untyped-call]
            self._locks = RunLocks(max(seconds, _SHORTEST_LEASE))
            use(self._locks)
            # For a run that is interrupted, which has no statistics.
            atexit.register(self._locks.end)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play
        variables = play.get_variable_manager().get_vars(play=play)
        self._free_all_but(variables["ansible_play_batch"])

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        if self._locks is None or task.check_mode is True or not is_writer(task):
            return
        tenant = host.get_name()
        if self._locks.has(tenant):
            # What follows fills in templates: the more variables there are, the longer it takes.
            return
        manager = self._play.get_variable_manager()
        variables = manager.get_vars(play=self._play, host=host, task=task)
        told = Templar(loader=None, variables=variables)
        if _is_dry_run(told, task.check_mode):
            return
        try:
            folder = LockFolder.from_option(self._folder(told))
        except TenantopsError as error:
            self._locks.refuse(tenant, error)
            return
        owner = this_process(run=_variable(told, "tenantops_run"), playbook=self._playbook)
        self._locks.take(tenant, folder, owner)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._free_all_but(())

    def _free_all_but(self, tenants: Any) -> None:
        if self._locks is not None:
            for problem in self._locks.free_all_but(frozenset(tenants)):
                self._display.warning(
                    f"tenant_locks: {problem} It ends by itself when this process has ended."
                )

    def _folder(self, told: Templar) -> str:
        named = _variable(told, "tenantops_lock_folder") or self.get_option("folder")  # type: ignore[no-untyped-call]
        return str(named or default_folder(_variable(told, "tenantops_journal")))


def _is_dry_run(told: Templar, check_mode: Any) -> bool:
    """Whether a task is to change nothing, which a play can tell by a template."""
    try:
        return bool(boolean(told.template(check_mode)))
    except (AnsibleError, TypeError):
        # Then the task says what is wrong, and a lock does no harm.
        return False


def _variable(told: Templar, name: str) -> str:
    """The value of a variable, empty where it has none."""
    template = trust_as_template("{{ " + name + " | default('', true) }}")
    return str(told.template(template))
