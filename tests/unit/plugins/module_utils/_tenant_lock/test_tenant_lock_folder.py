# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks of tenants: held by one, taken over from the dead, lost by who does not renew."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    LockUnusable,
    TenantLocked,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.folder import (
    Held,
    LockFolder,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.lease import (
    Lease,
    Seen,
)
from ansible_collections.tenantops.migration.plugins.module_utils._tenant_lock.owner import (
    Owner,
    is_gone,
    this_process,
)

# A process of a machine that cannot be looked into from here
ELSEWHERE = Owner("anna", "node9", 4711, "123", "another-boot", "pid:[1]", run="monday")


@pytest.fixture
def folder(tmp_path: Path) -> LockFolder:
    return LockFolder(tmp_path / "locks")


def found(folder: LockFolder, tenant: str = "contoso") -> Seen:
    seen = folder.look(tenant)
    assert seen is not None
    return seen


def state(folder: LockFolder, tenant: str = "contoso") -> str:
    return found(folder, tenant).state(is_gone)


def grow_old(held: Held, seconds: float) -> None:
    """As if nobody had renewed it for so long."""
    moment = time.time() - seconds
    os.utime(held.path, (moment, moment))


def test_only_one_has_it_and_the_other_is_told_who(folder: LockFolder) -> None:
    folder.take("contoso", ELSEWHERE)
    with pytest.raises(TenantLocked) as told:
        folder.take("contoso", this_process())
    assert "anna on node9, process 4711, run monday" in told.value.answer
    assert "since 20" in told.value.answer
    assert "fleet_locks" in told.value.advice
    folder.take("fabrikam", this_process())


def test_after_it_was_given_back_the_next_one_has_it(folder: LockFolder) -> None:
    for _turn in range(3):
        held = folder.take("contoso", ELSEWHERE)
        assert held.is_ours()
        held.free()
        assert state(folder) == "free"
        assert not held.is_ours()
    # What was before does not pile up.
    assert len(list((folder.path / "contoso").iterdir())) == 1


def test_a_lease_that_is_not_renewed_runs_out(folder: LockFolder) -> None:
    held = folder.take("contoso", ELSEWHERE)
    grow_old(held, 299)
    assert state(folder) == "held"
    grow_old(held, 301)
    assert state(folder) == "expired"
    taken = folder.take("contoso", this_process())
    assert not held.is_ours()
    assert not held.renew()
    held.free()
    assert taken.is_ours()


def test_renewing_keeps_it(folder: LockFolder) -> None:
    held = folder.take("contoso", ELSEWHERE)
    grow_old(held, 301)
    # Nobody wanted it meanwhile.
    assert held.renew()
    assert state(folder) == "held"


def test_the_owner_s_lease_counts_and_not_that_of_who_asks(folder: LockFolder) -> None:
    held = folder.take("contoso", ELSEWHERE, 1000)
    grow_old(held, 400)
    with pytest.raises(TenantLocked):
        folder.take("contoso", this_process(), 10)


def test_who_was_killed_is_noticed_at_once(folder: LockFolder) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    us = this_process()
    owner = replace(us, pid=process.pid, started=_started(process.pid))
    folder.take("contoso", owner)
    assert state(folder) == "held"
    process.kill()
    # Not even when nobody has waited for it yet.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert state(folder) == "owner_gone"
    process.communicate()
    assert state(folder) == "owner_gone"
    folder.take("contoso", us)


def _started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@pytest.mark.parametrize(
    "unlike",
    [{"host": "node9"}, {"boot": "another"}, {"pid_namespace": "pid:[1]"}, {"boot": ""}],
    ids=str,
)
def test_a_process_that_cannot_be_seen_is_not_taken_for_dead(unlike: dict[str, str]) -> None:
    dead = replace(this_process(), pid=2**22 + 1)
    assert is_gone(dead)
    assert not is_gone(replace(dead, **unlike))  # type: ignore[arg-type]


def test_another_process_of_the_same_number_is_not_the_owner() -> None:
    us = this_process()
    assert not is_gone(us)
    assert is_gone(replace(us, started="1"))


def test_work_that_was_handed_over_may_outlive_its_owner(folder: LockFolder) -> None:
    held = folder.take("contoso", replace(this_process(), pid=2**22 + 1))
    held.hand_over()
    assert state(folder) == "held"
    grow_old(held, 301)
    folder.take("contoso", this_process())
    assert not found(folder).handed_over


def test_breaking_needs_force_while_the_owner_may_be_at_work(folder: LockFolder) -> None:
    held = folder.take("contoso", ELSEWHERE)
    by = replace(this_process(), user="berta")
    with pytest.raises(TenantLocked):
        folder.break_lock("contoso", by, force=False)
    assert held.is_ours()
    broken = folder.break_lock("contoso", by, force=True)
    assert broken is not None
    assert broken.lease.owner == ELSEWHERE
    assert "berta" in found(folder).lease.broken_by
    assert not held.renew()
    assert folder.break_lock("contoso", by, force=True) is None
    assert folder.break_lock("nobody", by, force=True) is None
    folder.take("contoso", this_process())


def test_what_cannot_be_read_is_an_error_and_not_a_free_lock(folder: LockFolder) -> None:
    held = folder.take("contoso", ELSEWHERE)
    for content in ("", "[]", '{"format": 2}', '{"format": 1, "owner": {}}', "\0"):
        held.path.write_text(content)
        with pytest.raises(LockUnusable, match="nothing that can be understood"):
            folder.take("contoso", this_process())
    (error,) = folder.all()
    assert isinstance(error, LockUnusable)
    assert folder.break_lock("contoso", this_process(), force=True) is not None
    folder.take("contoso", this_process())


def test_a_number_that_was_removed_is_not_believed_in(folder: LockFolder) -> None:
    """Somebody who was very slow makes a number that others had and have removed since."""
    for _turn in range(2):
        folder.take("contoso", ELSEWHERE).free()
    newest = folder.take("contoso", ELSEWHERE)
    slow = newest.path.with_name("00000001.lease")
    slow.write_text(replace(newest.lease, token="slow").to_text())
    with pytest.raises(TenantLocked):
        folder.take("contoso", this_process())
    assert newest.is_ours()


@pytest.mark.parametrize("name", ["", "../etc", ".hidden", "a/b", "-x"])
def test_names_that_are_no_files(folder: LockFolder, name: str) -> None:
    with pytest.raises(InvalidInput):
        folder.take(name, this_process())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LockUnusable, match="tenantops_lock_folder"):
        LockFolder(tmp_path / "file").take("contoso", this_process())
    with pytest.raises(InvalidInput, match="absolute"):
        LockFolder.from_option("locks")


def test_a_lease_is_read_as_it_was_written() -> None:
    lease = Lease("contoso", "abc", ELSEWHERE, "2026-11-23T22:00:00+00:00")
    assert Lease.from_text(lease.to_text()) == lease


def test_many_who_want_it_have_it_one_after_the_other(folder: LockFolder) -> None:
    """Eight processes, some of which die with it, and never two have it."""
    context = multiprocessing.get_context("fork")
    inside = context.Value("i", 0)
    most = context.Value("i", 0)
    turns = context.Value("i", 0)
    workers = [
        context.Process(target=_want, args=(folder, inside, most, turns, number))
        for number in range(8)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert {worker.exitcode for worker in workers} == {0, -signal.SIGKILL}
    assert most.value == 1
    assert turns.value == 6 * 10 + 2


def _want(folder: LockFolder, inside, most, turns, number: int) -> None:  # type: ignore[no-untyped-def]
    """Take it ten times; two of the processes are killed while they have it."""
    owner = this_process()
    for _turn in range(10):
        while True:
            try:
                held = folder.take("contoso", owner)
                break
            except (TenantLocked, LockUnusable):
                time.sleep(0.001)
        with inside.get_lock():
            inside.value += 1
            most.value = max(most.value, inside.value)
        time.sleep(0.002)
        with inside.get_lock():
            inside.value -= 1
            turns.value += 1
        if number < 2:
            os.kill(os.getpid(), signal.SIGKILL)
        held.free()
