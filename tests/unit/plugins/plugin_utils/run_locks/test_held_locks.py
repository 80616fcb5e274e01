# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The locks of a run: taken in the controller, renewed beside it, obeyed by workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.standing import (
    require_standing,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    LockUnusable,
    TenantLocked,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.folder import (
    LockFolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.owner import (
    is_gone,
    this_process,
)
from ansible_collections.tenantops.migration.plugins.plugin_utils._run_locks import held
from ansible_collections.tenantops.migration.plugins.plugin_utils._run_locks.held import RunLocks
from ansible_collections.tenantops.migration.plugins.plugin_utils._run_locks.writers import (
    is_writer,
)

LEASE = 300
US = this_process()
ELSEWHERE = replace(US, host="node9")


@pytest.fixture(autouse=True)
def immortal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests are no workers, and are not to end with whoever started them."""
    monkeypatch.setattr(held, "_die_with_the_controller", lambda controller: None)


@pytest.fixture
def folder(tmp_path: Path) -> LockFolder:
    return LockFolder(tmp_path / "locks")


@pytest.fixture
def locks() -> Iterator[RunLocks]:
    locks = RunLocks(LEASE)
    try:
        yield locks
    finally:
        locks.end()


def state(folder: LockFolder, tenant: str) -> str:
    seen = folder.look(tenant)
    assert seen is not None
    return seen.state(is_gone)


def work(locks: RunLocks, tenant: str, *, handed_over: bool = False) -> None:
    with locks.under_lock(tenant, handed_over=handed_over):
        require_standing()


def wait_for(condition: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < 60
        time.sleep(0.01)


def test_a_lock_is_kept_until_others_have_their_turn(folder: LockFolder, locks: RunLocks) -> None:
    for tenant in ("contoso", "fabrikam", "contoso"):
        locks.take(tenant, folder, US)
    work(locks, "contoso")
    assert locks.free_all_but({"fabrikam"}) == []
    assert state(folder, "contoso") == "free"
    assert state(folder, "fabrikam") == "held"
    with pytest.raises(LockUnusable, match="No lock was taken"):
        work(locks, "contoso")
    work(locks, "fabrikam")
    assert locks.end() == []
    assert state(folder, "fabrikam") == "free"


def test_who_has_no_lock_does_not_work(folder: LockFolder, locks: RunLocks) -> None:
    theirs = folder.take("contoso", ELSEWHERE)
    locks.take("contoso", folder, US)
    with pytest.raises(TenantLocked, match="node9"):
        work(locks, "contoso")
    locks.refuse("fabrikam", InvalidInput("no such folder"))
    with pytest.raises(InvalidInput, match="no such folder"):
        work(locks, "fabrikam")
    with pytest.raises(LockUnusable):
        work(locks, "nobody-asked")
    # The next task asks again.
    theirs.free()
    locks.take("contoso", folder, US)
    work(locks, "contoso")


def test_a_lock_that_is_lost_amid_a_task_stops_its_next_write(
    folder: LockFolder, locks: RunLocks
) -> None:
    locks.take("contoso", folder, US)
    with locks.under_lock("contoso", handed_over=False):
        require_standing()
        folder.break_lock("contoso", ELSEWHERE, force=True)
        with pytest.raises(LockUnusable, match="lost"):
            require_standing()
    require_standing()


def test_work_elsewhere_is_noted(folder: LockFolder, locks: RunLocks) -> None:
    locks.take("contoso", folder, US)
    work(locks, "contoso", handed_over=True)
    seen = folder.look("contoso")
    assert seen is not None
    assert seen.handed_over


def test_it_is_renewed_beside_the_run(folder: LockFolder) -> None:
    locks = RunLocks(1)
    try:
        locks.take("contoso", folder, US)
        (path,) = (folder.path / "contoso").glob("*.lease")
        os.utime(path, (0, 0))
        wait_for(lambda: path.stat().st_mtime > 0)
        work(locks, "contoso")
        folder.break_lock("contoso", ELSEWHERE, force=True)
        wait_for(lambda: locks._kept["contoso"].is_lost)
        with pytest.raises(LockUnusable, match="lost"):
            work(locks, "contoso")
    finally:
        locks.end()


def test_a_run_that_stood_still_does_not_rely_on_its_lease(
    folder: LockFolder, locks: RunLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks.take("contoso", folder, US)
    later = held._moment() + 0.9 * LEASE
    monkeypatch.setattr(held, "_moment", lambda: later)
    with pytest.raises(LockUnusable, match="lost"):
        work(locks, "contoso")


def test_without_the_callback_nothing_needs_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "_CURRENT", [])
    for nothing in ("", None):
        with held.under_lock("contoso", handed_over=False, folder=nothing):
            require_standing()
    with (
        pytest.raises(InvalidInput, match="nothing takes the locks"),
        held.under_lock("contoso", handed_over=False, folder="/mnt/locks"),
    ):
        pass


def _task(action: str, resolved: str | None) -> Any:
    return SimpleNamespace(action=action, resolved_action=resolved)


@pytest.mark.parametrize(
    ("action", "resolved", "expected"),
    [
        ("tenantops.migration.dns_txt", "tenantops.migration.in_worker", True),
        ("dns_txt", "tenantops.migration.dns_txt", True),
        ("tenantops.migration.change_rollback", None, True),
        ("tenantops.migration.dns_txt_info", "tenantops.migration.in_worker", False),
        ("tenantops.migration.entra_domain_gate", "tenantops.migration.in_worker", False),
        ("tenantops.migration.fleet_locks", "tenantops.migration.in_worker", False),
        ("tenantops.migration.no_such_module", None, False),
        ("other.collection.dns_txt", "other.collection.dns_txt", False),
        ("{{ which }}", None, True),
    ],
)
def test_who_could_change_a_tenant(action: str, resolved: str | None, expected: bool) -> None:
    assert is_writer(_task(action, resolved)) is expected
