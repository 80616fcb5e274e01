# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same work on many pieces, in as many processes as there are processors.

Forked, not spawned: what has been read is shared with them, Python's hashes are the same in all of
them, and a module that Ansible sends over as one file works as well. Private to the collection: it
can change in any release.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from .._errors import TenantopsError
from .._ldap.wire.ber import NotBer

Task = TypeVar("Task")
Result = TypeVar("Result")

MOST_PROCESSES = 4
# Small directories are done before a process is started; each then has a task waiting.
_FIRST_PIECES = 3
_TASKS_PER_PROCESS = 2


def processes_to_use() -> int:
    """As many as there are processors for this process, but not all of a large machine."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def map_in_processes(
    work: Callable[[Task], Result], tasks: Iterable[Task], processes: int
) -> Iterator[Result]:
    """The results of `work` in the order of its tasks.

    What `work` raises is raised here: `TenantopsError`, `NotBer`. Raises `TenantopsError` if a
    process dies.
    """
    waiting = iter(tasks)
    for _piece in range(_FIRST_PIECES):
        for task in waiting:
            yield work(task)
            break
    if processes < 2:
        yield from map(work, waiting)
        return
    crew = _Crew(work, processes)
    try:
        yield from crew.results(waiting)
    finally:
        crew.dismiss()


class _Crew(Generic[Task, Result]):
    def __init__(self, work: Callable[[Task], Result], processes: int) -> None:
        self._work = work
        self._processes = processes
        self._members: list[tuple[int, Connection]] = []
        self._assigned: deque[Connection] = deque()

    def results(self, tasks: Iterator[Task]) -> Iterator[Result]:
        for turn, task in enumerate(tasks):
            if len(self._assigned) >= self._processes * _TASKS_PER_PROCESS:
                yield self._next_result()
            connection = self._member(turn % self._processes)
            try:
                connection.send(task)
            except OSError as lost:
                raise _ended() from lost
            self._assigned.append(connection)
        while self._assigned:
            yield self._next_result()

    def dismiss(self) -> None:
        """End all processes; one that is told nothing more ends by itself."""
        for process, connection in self._members:
            connection.close()
            os.waitpid(process, 0)
        self._members.clear()

    def _member(self, place: int) -> Connection:
        if place == len(self._members):
            self._members.append(self._hire())
        return self._members[place][1]

    def _hire(self) -> tuple[int, Connection]:
        ours, theirs = Pipe()
        process = os.fork()
        if process:
            theirs.close()
            return process, ours
        # The child. It must not run anything of the parent's that follows, whatever happens.
        try:
            # What is made here is gone soon and has no cycles; looking for them takes time, and
            # copies the memory that is shared.
            gc.disable()
            ours.close()
            for _process, connection in self._members:
                connection.close()
            _serve(self._work, theirs)
        finally:
            os._exit(0)

    def _next_result(self) -> Result:
        connection = self._assigned.popleft()
        try:
            result, error = connection.recv()
        except (EOFError, OSError) as lost:
            raise _ended() from lost
        if error is not None:
            raise error
        value: Result = result
        return value


def _ended() -> TenantopsError:
    return TenantopsError(
        "A process that judged a part of the directory ended without a result",
        advice="The system may have ended it for lack of memory: allow more, or fewer processors.",
    )


def _serve(work: Callable[[Task], Result], connection: Connection) -> None:
    while True:
        try:
            task = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[Result | None, Exception | None] = (work(task), None)
        except (TenantopsError, NotBer) as error:
            answer = (None, error)
        connection.send(answer)
