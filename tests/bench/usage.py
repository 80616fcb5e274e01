# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a program takes: time, CPU and memory, with all the processes it starts."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# How often the memory is looked at, in seconds
_INTERVAL = 0.25
# How much of what a failed program printed is shown, in characters
_SHOWN = 3000


class ProgramFailed(Exception):
    """A measured program did not do what it was to do; the message holds what it printed."""


@dataclass(frozen=True)
class Usage:
    """`wall` and `cpu` (user and system) are seconds, `peak` bytes of memory.

    Of memory that processes share, each has its part; the peak is that of their sum.
    """

    wall: float
    cpu: float
    peak: int
    output: str


def run(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    folder: Path,
    stdout: int | IO[bytes] = subprocess.PIPE,
) -> Usage:
    """Run a program that prints little, or prints to `stdout`.

    :raises ProgramFailed: when it fails.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
    )
    with process, _Memory(process.pid) as memory:
        output = process.stdout.read() if process.stdout else b""
        errors = process.stderr.read() if process.stderr else b""
        # In place of process.wait, which does not tell what was used.
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        printed = (errors + output).decode("utf-8", "replace")
        raise ProgramFailed(f"{command[0]} failed:\n{printed[-_SHOWN:]}")
    return Usage(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        # Not the kernel's ru_maxrss: it begins with what this process has, and tells of only one.
        peak=memory.peak,
        output=output.decode(),
    )


class _Memory:
    """Looks at the memory of a process and its descendants now and then, in a thread.

    What happens between two looks is seen as far as the process itself is concerned.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(_INTERVAL):
            together = sum(map(_proportional_set_size, _family(self._pid)))
            self.peak = max(self.peak, together, _highest(self._pid))


def _family(pid: int) -> Iterator[int]:
    """The process and its descendants; one that ends meanwhile has none."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
    except FileNotFoundError:
        return
    for children in tasks:
        try:
            pids = children.read_text(encoding="ascii").split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in pids:
            yield from _family(int(child))


def _proportional_set_size(pid: int) -> int:
    return _bytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _highest(pid: int) -> int:
    """The most that the process itself ever had in memory."""
    return _bytes(Path(f"/proc/{pid}/status"), "VmHWM:")


def _bytes(path: Path, name: str) -> int:
    """A number that Linux tells in kibibytes; zero for a process that has ended."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))
