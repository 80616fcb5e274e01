# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many requests under way at once over several connections, answered in any order.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from ..._errors import ConnectionFailed, NotUnderstood, TenantopsError
from ..errors import Result
from . import modify
from .ber import SEQUENCE, NotBer, element, integer
from .channel import Channel, Message
from .search import DONE, ENTRY, REFERENCE

# What answers an operation, by the tag of its request.
_ANSWER_TO = {modify.REQUEST: modify.RESPONSE, modify.READ_REQUEST: DONE}


@dataclass(frozen=True)
class Answer:
    """The result of an operation, and the messages with the entries that came before it."""

    result: Result
    entries: Sequence[bytes]


@dataclass(frozen=True)
class Lost:
    """An operation that was sent over a connection that then broke: what it did is not known."""

    error: TenantopsError


class Pipeline:
    """Connections to one server that share all operations; use it in one thread."""

    def __init__(self, channels: Iterable[Channel], timeout: float) -> None:
        """`timeout` is how many seconds no connection may be silent."""
        self._lanes = [_Lane(channel) for channel in channels]
        self._timeout = timeout

    @property
    def channels(self) -> list[Channel]:
        """The connections that are not broken."""
        return [lane.channel for lane in self._lanes]

    def give_up(self, channel: Channel) -> None:
        """Use a connection no longer, which has turned out to be broken."""
        self._lanes = [lane for lane in self._lanes if lane.channel is not channel]

    def ask(
        self, operations: Iterable[tuple[str, bytes]], in_flight: int
    ) -> Iterator[tuple[str, Answer | Lost]]:
        """Send operations and give back what comes of each, by their keys, in any order.

        They are taken when there is room for them among those `in_flight` that are under way at
        most, so that the server works while the next ones are made. A connection that breaks is
        given up, and the others go on; if none is left, no more are taken.
        """
        waiting = iter(operations)
        ended: list[tuple[str, Answer | Lost]] = []
        while self._lanes:
            for lane in self._lanes[:in_flight]:
                window = max(1, in_flight // len(self._lanes))
                self._try(lane, partial(lane.fill, waiting, window), ended)
            asked = [lane for lane in self._lanes if lane.under_way]
            for lane in self._readable(asked):
                self._try(lane, partial(lane.take, ended), ended)
            yield from ended
            ended.clear()
            if not asked:
                return

    def _readable(self, asked: Sequence[_Lane]) -> Sequence[_Lane]:
        """Those over which something has come; all that should have brought something, if none."""
        if len(asked) < 2:
            return asked
        with selectors.DefaultSelector() as selector:
            for lane in asked:
                selector.register(lane.channel, selectors.EVENT_READ, lane)
            ready = [key.data for key, _events in selector.select(self._timeout)]
        return ready or asked

    def _try(
        self, lane: _Lane, step: Callable[[], None], ended: list[tuple[str, Answer | Lost]]
    ) -> None:
        try:
            step()
        except (ConnectionFailed, NotUnderstood) as error:
            self._lanes.remove(lane)
            ended.extend((asked.key, Lost(error)) for asked in lane.under_way.values())


@dataclass(frozen=True)
class _Asked:
    key: str
    answer: int
    entries: list[bytes] = field(default_factory=list)


class _Lane:
    """One connection, and what is under way on it by message numbers."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.under_way: dict[int, _Asked] = {}

    def fill(self, waiting: Iterator[tuple[str, bytes]], window: int) -> None:
        """Send as much as there is room for, in one go."""
        messages = []
        for key, operation in islice(waiting, max(0, window - len(self.under_way))):
            number = self.channel.next_number()
            self.under_way[number] = _Asked(key, _ANSWER_TO[operation[0]])
            messages.append(element(SEQUENCE, integer(number) + operation))
        if messages:
            self.channel.send(b"".join(messages))

    def take(self, ended: list[tuple[str, Answer | Lost]]) -> None:
        """Take in what has come."""
        for message in self.channel.receive():
            asked = self.under_way.get(message.number)
            if asked is not None and message.tag == asked.answer:
                ended.append((asked.key, Answer(self._result(message), asked.entries)))
                del self.under_way[message.number]
            elif asked is not None and asked.answer == DONE and message.tag in (ENTRY, REFERENCE):
                if message.tag == ENTRY:
                    asked.entries.append(message.data[message.start : message.end])
            else:
                raise self.channel.not_understood(
                    f"message {message.number} with tag {message.tag:#04x}, not asked for"
                )

    def _result(self, message: Message) -> Result:
        try:
            return message.result()
        except NotBer as error:
            raise self.channel.not_understood(str(error)) from error
