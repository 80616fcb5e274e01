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
from collections.abc import Iterable, Iterator, Sequence
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
from ..wire.pipeline import Lost
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


def modify(
    connections: Connections, requests: Iterable[ModifyRequest]
) -> Iterator[tuple[str, Ending]]:
    """Make the requests, each for another object, and tell how each ended, by objectGUID.

    Requests are taken when there is room for them, and end in any order. The error of an object has
    `nothing_written` as far as that is known of this very object. Raises what keeps any further
    request from being made, after all that were taken have ended; then no more are taken.
    """
    work = _Work(connections, requests)
    try:
        while work.is_unfinished:
            for _sent in work.send():
                yield from work.ended()
            work.look()
            yield from work.ended()
    except TenantopsError as error:
        work.give_up(error)
        yield from work.ended()
        raise


@dataclass(eq=False)
class _Task:
    """A request on its way.

    `losses` counts the connections that broke under it, `rejections` the answers "too busy".
    `doubtful` is an answer that may mean that the object was not as expected; `is_open` says that
    the object has to be looked at, or looked for, before anything else.
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
        self._new = iter(requests)
        self._has_new = True
        self._todo: dict[str, _Task] = {}
        self._ended: list[tuple[str, Ending]] = []

    @property
    def is_unfinished(self) -> bool:
        """Whether anything is left to be sent or looked at."""
        return self._has_new or bool(self._todo)

    def ended(self) -> Iterator[tuple[str, Ending]]:
        """The requests that have ended since this was asked last."""
        yield from self._ended
        self._ended.clear()

    def send(self) -> Iterator[None]:
        """Send what has to be sent again, after a pause if the server was too busy; else what is
        new. Gives room after each answer."""
        again = [task for task in self._todo.values() if not task.is_open]
        # What may have broken a connection is not to break it for others again.
        lost_before = [task for task in again if task.losses]
        again = lost_before or again
        if again and (rejections := max(task.rejections for task in again)):
            time.sleep(PAUSES[rejections - 1])
        operations = map(self._operation, again or self._take_new())
        for guid, outcome in self._connections.ask(operations, one_by_one=bool(lost_before)):
            task = self._todo[guid]
            if isinstance(outcome, Lost):
                task.losses += 1
                task.is_open = True
            else:
                self._take(task, outcome.result)
            yield

    def _take_new(self) -> Iterator[_Task]:
        for request in self._new:
            task = self._todo[request.name.guid] = _Task(request, request.name)
            yield task
        self._has_new = False

    def look(self) -> None:
        """Settle by the objects themselves what the answers have left open."""
        tasks = [task for task in self._todo.values() if task.is_open]
        self._follow(
            [task for task in tasks if task.doubtful and task.doubtful.code == NO_SUCH_OBJECT]
        )
        tasks = [task for task in tasks if task.is_open]
        if not tasks:
            return
        attributes = {
            modification.attribute for task in tasks for modification in task.request.modifications
        }
        found = read(self._connections, [task.name for task in tasks], sorted(attributes))
        for task in tasks:
            self._settle(task, found[task.name.guid])

    def give_up(self, error: TenantopsError) -> None:
        """End what is left with an error that has stopped everything."""
        for task in tuple(self._todo.values()):
            self._fail(task, _for_object(error, task.name.dn, wrote_nothing=not task.losses))

    def _operation(self, task: _Task) -> tuple[str, bytes]:
        address = self._connections.address(task.name)
        return task.name.guid, modify_operation(address, task.request.modifications)

    def _take(self, task: _Task, result: Result) -> None:
        if result.code == SUCCESS:
            self._end(task, Done.BY_US)
        elif result.code in (BUSY, UNAVAILABLE) and task.rejections < len(PAUSES):
            task.rejections += 1
        elif result.code in _DOUBTFUL or (
            result.code == NO_SUCH_OBJECT and self._may_have_moved(task)
        ):
            task.doubtful = result
            task.is_open = True
        elif result.code == NO_SUCH_OBJECT:
            self._fail(task, gone(self._connections, task.name, str(result)))
        else:
            self._fail(task, self._error(task, result))

    def _may_have_moved(self, task: _Task) -> bool:
        return not task.has_moved and not self._connections.root.is_active_directory

    def _follow(self, tasks: Sequence[_Task]) -> None:
        """Find the new names of objects, to send their requests there, as far as they have one."""
        found = renamed(self._connections, [task.name for task in tasks])
        names = {name.guid: name for name in found}
        for task in tasks:
            result, task.doubtful = task.doubtful, None
            task.is_open, task.has_moved = False, True
            if task.name.guid in names:
                task.name = names[task.name.guid]
            else:
                self._fail(task, gone(self._connections, task.name, str(result)))

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
        del self._todo[task.name.guid]
        self._ended.append((task.name.guid, ending))

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
