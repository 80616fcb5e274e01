# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The locks that this run of Ansible holds: taken and renewed in the controller, obeyed in workers.

The callback `tenant_locks` takes a lock in the controller right before it forks the worker for a
task; so the worker, which is a copy, finds it in `current()`. What may be used in a worker must not
wait for the thread that renews, since the fork leaves it behind: those functions only look at the
dictionaries.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...module_utils._changes.standing import checked_before_writes
from ...module_utils._errors import InvalidInput, LockUnusable, TenantopsError
from ...module_utils._tenant_lock.folder import Held, LockFolder
from ...module_utils._tenant_lock.owner import Owner

# A lease is renewed this often while it lasts, and not relied upon in its last part.
_RENEWALS = 5
_RELIED_UPON = 0.8
_PR_SET_PDEATHSIG = 1
# Loaded here, once: a worker should not have to.
_LIBC = ctypes.CDLL(None, use_errno=True)

_ENABLE = (
    "Add tenantops.migration.tenant_locks to callbacks_enabled in ansible.cfg, or to "
    "ANSIBLE_CALLBACKS_ENABLED."
)


@dataclass
class _Kept:
    """A lock, and when it was last known to be ours, by a clock that goes on in a suspended
    machine."""

    held: Held
    renewed: float
    is_lost: bool = False


class RunLocks:
    """The locks of one run; made in the controller."""

    def __init__(self, lease_seconds: int) -> None:
        self._lease_seconds = lease_seconds
        self._controller = os.getpid()
        self._kept: dict[str, _Kept] = {}
        self._refused: dict[str, TenantopsError] = {}
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    # In the controller

    def has(self, tenant: str) -> bool:
        """Whether a tenant's lock was taken and not given back since."""
        return tenant in self._kept

    def take(self, tenant: str, folder: LockFolder, owner: Owner) -> None:
        """Take a tenant's lock, or keep in mind why not. Nothing to do for one that is held."""
        if self.has(tenant):
            return
        self._refused.pop(tenant, None)
        try:
            held = folder.take(tenant, owner, self._lease_seconds)
        except TenantopsError as error:
            self._refused[tenant] = error
            return
        with self._guard:
            self._kept[tenant] = _Kept(held, _moment())
        self._begin_renewing()

    def refuse(self, tenant: str, error: TenantopsError) -> None:
        """Keep in mind why a tenant's lock was not even asked for."""
        self._refused[tenant] = error

    def free_all_but(self, tenants: Collection[str]) -> list[str]:
        """Give back the locks of all other tenants; returns what went wrong."""
        with self._guard:
            done = [tenant for tenant in self._kept if tenant not in tenants]
            freed = [self._kept.pop(tenant) for tenant in done]
        problems = []
        for kept in freed:
            try:
                kept.held.free()
            except OSError as error:
                why = error.strerror or error
                problems.append(f"The lock {kept.held.path} was not given back ({why}).")
        return problems

    def end(self) -> list[str]:
        """Give all of them back, and stop renewing; for the controller only."""
        if os.getpid() != self._controller:
            return []
        self._ended.set()
        return self.free_all_but(())

    def _begin_renewing(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_renewing, daemon=True)
            self._thread.start()

    def _keep_renewing(self) -> None:
        while not self._ended.wait(self._lease_seconds / _RENEWALS):
            with self._guard:
                kept = list(self._kept.values())
            for each in kept:
                self._renew(each)

    def _renew(self, kept: _Kept) -> None:
        moment = _moment()
        # One that cannot be renewed right now is tried again, and not relied upon meanwhile.
        with contextlib.suppress(OSError), self._guard:
            if self._kept.get(kept.held.lease.tenant) is not kept:
                return  # It was given back just now.
            if kept.held.renew():
                kept.renewed = moment
            else:
                kept.is_lost = True

    # In a worker

    @contextmanager
    def under_lock(self, tenant: str, *, handed_over: bool) -> Iterator[None]:
        """For a task that may write: each of its writes asks whether the lock is still ours.

        `handed_over` is for a task that other processes perform. Raises `TenantLocked`,
        `LockUnusable` or `InvalidInput` if there is no lock.
        """
        kept = self._kept.get(tenant)
        if kept is None:
            raise self._refused.get(tenant) or LockUnusable(
                "No lock was taken for the tenant", subject=tenant, advice=_ENABLE
            )
        if kept.is_lost or _moment() - kept.renewed > self._lease_seconds * _RELIED_UPON:
            raise _lost(kept.held)
        _die_with_the_controller(self._controller)
        if handed_over:
            _hand_over(kept.held)
        with checked_before_writes(lambda: _require(kept.held)):
            yield


_CURRENT: list[RunLocks] = []


def use(locks: RunLocks) -> None:
    """Let all writers of this process, and of the workers it will fork, need a lock."""
    _CURRENT[:] = [locks]


@contextmanager
def under_lock(tenant: str, *, handed_over: bool, folder: object) -> Iterator[None]:
    """See `RunLocks.under_lock`; without the callback, nothing needs a lock.

    `folder` is the variable of the operator: who names one must not go without. Raises
    `InvalidInput` then.
    """
    if _CURRENT:
        with _CURRENT[0].under_lock(tenant, handed_over=handed_over):
            yield
        return
    if folder:
        raise InvalidInput(
            "tenantops_lock_folder is given, but nothing takes the locks", advice=_ENABLE
        )
    yield


def _require(held: Held) -> None:
    try:
        if held.is_ours():
            return
    except OSError as error:
        raise LockUnusable(
            "Whether the tenant is still locked for this run cannot be found out",
            subject=str(held.path),
            answer=error.strerror or str(error),
            advice="Nothing more is changed. See that the folder can be read, and run again.",
        ) from error
    raise _lost(held)


def _lost(held: Held) -> LockUnusable:
    return LockUnusable(
        "The lock of the tenant was lost: it was not renewed in time, or broken by somebody",
        subject=str(held.path),
        advice="Nothing more is changed. See who works on the tenant with the module fleet_locks, "
        "and run again.",
    )


def _hand_over(held: Held) -> None:
    try:
        held.hand_over()
    except OSError as error:
        raise LockUnusable(
            "The lock of the tenant cannot be written",
            subject=str(held.path),
            answer=error.strerror or str(error),
            advice="See that the folder can be written to, and run again.",
        ) from error


def _die_with_the_controller(controller: int) -> None:
    """End this worker when the controller is killed: others then take the tenant at once."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != controller and os.getpid() != controller:
        os.kill(os.getpid(), signal.SIGKILL)


def _moment() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
