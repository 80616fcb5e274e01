# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changing thousands of objects, with many requests under way at once.

What a request comes to concerns its own object alone. A request that was sent over a connection
that then broke is settled by looking at the object: the server may have made it or not. Private to
the collection: it can change in any release.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from ..._errors import ChangedMeanwhile, ConnectionFailed, Refused, TenantopsError
from ..errors import (
    BUSY,
    CONSTRAINT_VIOLATION,
    NO_RIGHT,
    NO_SUCH_ATTRIBUTE,
    NO_SUCH_OBJECT,
    SUCCESS,
    UNAVAILABLE,
    VALUE_EXISTS,
    Result,
    error_of,
)
from ..wire.modify import Modification, Standing, modify_operation, standing
from .connections import Connections, ObjectName
from .reading import MOST_LOSSES, Found, Reading, gone, read, renamed

# Seconds before a server that is too busy is asked again.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
# What a server answers if values are not as expected, but for other reasons as well.
_DOUBTFUL = frozenset({NO_SUCH_ATTRIBUTE, CONSTRAINT_VIOLATION, VALUE_EXISTS})
_LONGEST_VALUE_TOLD = 200


@dataclass(frozen=True)
class ModifyRequest:
    """The modifications of one object, made as a whole or not at all."""

    name: ObjectName
    modifications: tuple[Modification, ...]


class Done(Enum):
    """Who brought an object to where the request wants it."""

    BY_US = "by_us"
    BY_OTHERS = "by_others"


Ending: TypeAlias = Done | TenantopsError


@dataclass(frozen=True)
class Modified:
    """How each request ended, by objectGUID. `stopped`: why no further one can be sent at all."""

    endings: Mapping[str, Ending]
    stopped: TenantopsError | None = None


def modify(connections: Connections, requests: Iterable[ModifyRequest]) -> Modified:
    """Make the requests, each for another object, in any order. Raises nothing.

    The error of an object has `nothing_written` as far as that is known of this very object.
    """
    work = _Work(connections, requests)
    try:
        while work.todo:
            work.send()
            work.look()
    except TenantopsError as error:
        work.give_up(error)
        return Modified(work.endings, error)
    return Modified(work.endings)


@dataclass
class _Task:
    """A request on its way.

    `losses` counts the connections that broke under it, `rejections` the answers "too busy".
    `doubtful` is an answer that may mean that the object was not as expected; `is_open` says that
    the object has to be looked at before anything else.
    """

    request: ModifyRequest
    name: ObjectName
    losses: int = 0
    rejections: int = 0
    doubtful: Result | None = None
    is_open: bool = False
    has_moved: bool = False


class _Work:
    def __init__(self, connections: Connections, requests: Iterable[ModifyRequest]) -> None:
        self._connections = connections
        self.todo = {request.name.guid: _Task(request, request.name) for request in requests}
        self.endings: dict[str, Ending] = {}

    def send(self) -> None:
        """Send what has to be sent, after a pause if the server was too busy."""
        tasks = [task for task in self.todo.values() if not task.is_open]
        # What may have broken a connection is not to break it for others again.
        lost_before = [task for task in tasks if task.losses]
        tasks = lost_before or tasks
        if not tasks:
            return
        if rejections := max(task.rejections for task in tasks):
            time.sleep(PAUSES[rejections - 1])
        answers = self._connections.ask(
            {task.name.guid: self._operation(task) for task in tasks},
            one_by_one=bool(lost_before),
        )
        for guid, answer in answers.answered.items():
            self._take(self.todo[guid], answer.result)
        for guid in answers.lost:
            self.todo[guid].losses += 1
            self.todo[guid].is_open = True

    def look(self) -> None:
        """Settle by the objects themselves what the answers have left open."""
        tasks = [task for task in self.todo.values() if task.is_open]
        if not tasks:
            return
        attributes = {
            modification.attribute for task in tasks for modification in task.request.modifications
        }
        found = read(self._connections, (task.name for task in tasks), sorted(attributes))
        for task in tasks:
            self._settle(task, found[task.name.guid])

    def give_up(self, error: TenantopsError) -> None:
        """End what is left with an error that has stopped everything."""
        for task in tuple(self.todo.values()):
            self._fail(task, _for_object(error, task.name.dn, wrote_nothing=not task.losses))

    def _operation(self, task: _Task) -> bytes:
        return modify_operation(self._connections.address(task.name), task.request.modifications)

    def _take(self, task: _Task, result: Result) -> None:
        if result.code == SUCCESS:
            self._end(task, Done.BY_US)
        elif result.code in (BUSY, UNAVAILABLE) and task.rejections < len(PAUSES):
            task.rejections += 1
        elif result.code in _DOUBTFUL:
            task.doubtful = result
            task.is_open = True
        elif result.code == NO_SUCH_OBJECT:
            self._follow(task, result)
        else:
            self._fail(task, self._error(task, result))

    def _follow(self, task: _Task, result: Result) -> None:
        """Send the request to the object's new name, if it has one."""
        connections = self._connections
        if not connections.root.is_active_directory and not task.has_moved:
            task.has_moved = True
            names = renamed(connections, [task.name])
            if names:
                task.name = names[0]
                return
        self._fail(task, gone(connections, task.name, str(result)))

    def _settle(self, task: _Task, now: Reading) -> None:
        task.is_open = False
        result, task.doubtful = task.doubtful, None
        if not isinstance(now, Found):
            self._fail(task, _for_object(now, task.name.dn, wrote_nothing=not task.losses))
            return
        stands = standing(task.request.modifications, now.values)
        if stands is Standing.AFTER:
            self._end(task, Done.BY_US if task.losses else Done.BY_OTHERS)
        elif stands is Standing.OTHER:
            self._fail(task, self._changed(task, now, result))
        elif result is not None:
            self._fail(task, self._refused(task, result))
        elif task.losses >= MOST_LOSSES:
            self._fail(task, self._lost(task))
        else:
            task.name = ObjectName(task.name.guid, now.dn)

    def _end(self, task: _Task, ending: Ending) -> None:
        guid = task.name.guid
        del self.todo[guid]
        self.endings[guid] = ending

    def _fail(self, task: _Task, error: TenantopsError) -> None:
        if task.losses:
            # An answer is about the last time it was sent; an earlier time may have been another's.
            error.nothing_written = False
        self._end(task, error)

    def _error(self, task: _Task, result: Result) -> TenantopsError:
        directory = self._connections.directory
        attributes = [each.attribute for each in task.request.modifications]
        return error_of(
            result,
            server=directory.server,
            subject=task.name.dn,
            identity=directory.identity,
            advice=directory.advice_on_rights(task.name.dn, *attributes)
            if result.code == NO_RIGHT
            else "",
        )

    def _refused(self, task: _Task, result: Result) -> TenantopsError:
        if result.code == CONSTRAINT_VIOLATION:
            return self._error(task, result)
        return Refused(
            "The server refuses the change, though the object is as it was read",
            server=self._connections.server,
            subject=task.name.dn,
            answer=str(result),
            advice="Check that the attribute is in the schema and fits the object's class.",
        )

    def _changed(self, task: _Task, now: Found, result: Result | None) -> TenantopsError:
        told = "; ".join(
            f"{each.attribute} is now {_told(now, each.attribute)}"
            for each in task.request.modifications
            if standing([each], now.values) is not Standing.BEFORE
        )
        return ChangedMeanwhile(
            "Somebody else changed the object after it was read",
            server=self._connections.server,
            subject=now.dn,
            answer=told if result is None else f"{result}; {told}",
            advice="Run again: it is read and judged anew.",
        )

    def _lost(self, task: _Task) -> TenantopsError:
        return ConnectionFailed(
            f"The connection broke {task.losses} times while this object was to be changed",
            server=self._connections.server,
            subject=task.name.dn,
            advice="Look into the directory server's log, and run again.",
        )


def _told(now: Found, attribute: str) -> str:
    values = now.values.get(attribute.lower(), ())
    told = ", ".join(repr(value.decode("utf-8", "backslashreplace")) for value in values)
    if len(told) > _LONGEST_VALUE_TOLD:
        told = f"{told[:_LONGEST_VALUE_TOLD]} ..."
    return told or "without a value"


def _for_object(error: TenantopsError, dn: str, *, wrote_nothing: bool) -> TenantopsError:
    """An error of everything as one of an object."""
    told = type(error)(
        error.problem, server=error.server, subject=dn, answer=error.answer, advice=error.advice
    )
    told.nothing_written = wrote_nothing
    return told
