# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the lab's servers, tells whether they run, and ends them.

A process is ours only if its number, its start time and the boot it belongs to are those that
were recorded when it was started: process numbers are used again.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .errors import LabError
from .files import make_private_folder, write_private
from .settings import ROOT, Endpoint

POLL = 0.02


@dataclass(frozen=True)
class Service:
    """A server to run in the foreground of its own session.

    ``ready`` tells, without waiting long, whether the server answers. ``graceful`` seconds are
    given to it to end by itself.
    """

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    graceful: float = 10.0


@dataclass(frozen=True)
class _Record:
    """What is known of a started process; ``started`` is in clock ticks since boot."""

    pid: int
    started: int
    boot: str
    command: list[str]


class Processes:
    """The processes of one lab, recorded in a folder outside its state.

    Outside, so that removing a state folder (``git clean``) does not orphan its servers.
    """

    def __init__(self, records: Path) -> None:
        self._records = records

    def names(self) -> list[str]:
        """Names of all recorded processes, running or not."""
        return sorted(path.stem for path in self._records.glob("*.process"))

    def pid(self, name: str) -> int | None:
        """Return the process number if the process runs."""
        record = self._read(name)
        return record.pid if record is not None and _is_alive(record) else None

    def start_in_order(self, queues: Iterable[Sequence[Service]], timeout: float = 60.0) -> None:
        """Start the servers of a queue one after the other is ready, and the queues side by side.

        Servers that run already are left alone. One that fails does not keep back other queues.

        :raises LabError: when one ends or does not answer in time, with the end of its log.
        """
        deadline = time.monotonic() + timeout
        pending = [list(queue) for queue in queues if queue]
        failures: list[str] = []
        for queue in pending:
            self._start(queue[0])
        while pending:
            for queue in pending:
                service = queue[0]
                failure = self._failure(service, late=time.monotonic() > deadline)
                if failure:
                    failures.append(failure)
                    queue.clear()
                elif service.ready():
                    queue.pop(0)
                    if queue:
                        self._start(queue[0])
            pending = [queue for queue in pending if queue]
            time.sleep(POLL)
        if failures:
            raise LabError("\n\n".join(failures))

    def stop(self, names: Iterable[str], *, graceful: float = 10.0) -> None:
        """End the processes, all at once; after ``graceful`` seconds by force."""
        records = {name: record for name in names if (record := self._read(name))}
        for record in records.values():
            if graceful > 0 and _is_alive(record):
                _signal(record.pid, signal.SIGTERM)
        deadline = time.monotonic() + graceful
        _wait_for_end(records.values(), deadline)
        for record in records.values():
            if _is_alive(record):
                # The process leads its own session, so the group is it and its children.
                _signal_group(record.pid, signal.SIGKILL)
        _wait_for_end(records.values(), time.monotonic() + 10)
        for name, record in records.items():
            if _is_alive(record):
                raise LabError(f"{name} (process {record.pid}) cannot be ended.")
            self._path(name).unlink(missing_ok=True)

    def _start(self, service: Service) -> None:
        if self.pid(service.name) is not None:
            return
        make_private_folder(service.log.parent)
        # Only what a server needs: no credentials of whoever starts the lab.
        environment = {
            name: value for name, value in os.environ.items() if name in _INHERITED_VARIABLES
        } | dict(service.environment)
        with service.log.open("ab") as log:
            try:
                process = subprocess.Popen(
                    service.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=ROOT,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise LabError(f"Cannot start {service.command[0]}: {error}") from error
        stat = _stat(process.pid)
        record = _Record(
            pid=process.pid,
            started=stat.started if stat else -1,
            boot=_boot(),
            command=list(service.command),
        )
        write_private(self._path(service.name), json.dumps(asdict(record)))

    def _failure(self, service: Service, *, late: bool) -> str | None:
        if self.pid(service.name) is None:
            return f"{service.name} ended at once.\n{_end_of_log(service)}"
        if late and not service.ready():
            return f"{service.name} does not answer.\n{_end_of_log(service)}"
        return None

    def _path(self, name: str) -> Path:
        return self._records / f"{name}.process"

    def _read(self, name: str) -> _Record | None:
        try:
            return _Record(**json.loads(self._path(name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (json.JSONDecodeError, TypeError) as error:
            raise LabError(f"{self._path(name)} is damaged; remove it.") from error


_INHERITED_VARIABLES = frozenset({"PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR"})


@dataclass(frozen=True)
class _Stat:
    state: str
    started: int


def _stat(pid: int) -> _Stat | None:
    """Read /proc/PID/stat, see proc(5): field 3 is the state, field 22 the start time."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in parentheses and may hold spaces.
    fields = text.rpartition(")")[2].split()
    return _Stat(state=fields[0], started=int(fields[19]))


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _is_alive(record: _Record) -> bool:
    stat = _stat(record.pid)
    if stat is None or stat.started != record.started or record.boot != _boot():
        return False
    # A zombie has ended; whether anybody collects it is up to its parent.
    return stat.state not in "ZX"


def _wait_for_end(records: Iterable[_Record], deadline: float) -> None:
    records = list(records)
    while any(_is_alive(record) for record in records) and time.monotonic() < deadline:
        time.sleep(POLL)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _end_of_log(service: Service) -> str:
    if not service.log.exists():
        return f"It wrote no log ({service.log})."
    text = service.log.read_text(encoding="utf-8", errors="replace")
    return f"The end of {service.log}:\n{text[-3000:]}"


def accepts_connections(endpoint: Endpoint) -> bool:
    """Tell whether something listens on a TCP port."""
    try:
        with socket.create_connection((endpoint.address, endpoint.port), timeout=1):
            return True
    except OSError:
        return False
