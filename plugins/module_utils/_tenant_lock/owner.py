# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who holds a lock: a process of a machine, so that others can see whether it still lives.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Owner:
    """A process, and what people know its run by.

    `started` is the process's start in clock ticks since the machine's, as /proc tells it; `boot`
    is drawn anew at each start of a machine; `pid_namespace` tells containers of one machine apart,
    in which the same number is another process. Each is empty where the system does not tell it.
    `job` is AWX's number of the job.
    """

    user: str
    host: str
    pid: int
    started: str
    boot: str
    pid_namespace: str
    run: str = ""
    playbook: str = ""
    job: str = ""

    def __str__(self) -> str:
        names = {"run": self.run, "playbook": self.playbook, "AWX job": self.job}
        known = [f"{name} {value}" for name, value in names.items() if value]
        return ", ".join([f"{self.user} on {self.host}", f"process {self.pid}", *known])


def this_process(*, run: str = "", playbook: str = "") -> Owner:
    """The owner that the calling process is."""
    return Owner(
        user=_user(),
        host=socket.gethostname(),
        pid=os.getpid(),
        started=_started(os.getpid()),
        boot=_boot(),
        pid_namespace=_pid_namespace(),
        run=run,
        playbook=playbook,
        job=os.environ.get("JOB_ID", ""),
    )


def is_gone(owner: Owner) -> bool:
    """Whether a process has surely ended. False for one that cannot be seen from here.

    A machine that was copied while it ran has the same boot id, therefore the name counts as well.
    """
    if not (owner.boot and owner.started and owner.pid_namespace):
        return False
    there = (owner.host, owner.boot, owner.pid_namespace)
    if there != (socket.gethostname(), _boot(), _pid_namespace()):
        return False
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # It is somebody else's, so it is there.
    started = _started(owner.pid)
    return started not in ("", owner.started)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container can run as a number that has no name.
        return str(os.getuid())


def _boot() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return str(_PID_NAMESPACE.readlink())
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process started; `ended` for one that only waits to be noticed by its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The name in parentheses may hold anything; the state is the field after it.
    fields = stat.rpartition(")")[2].split()
    return "ended" if fields[0] in "ZX" else fields[19]
