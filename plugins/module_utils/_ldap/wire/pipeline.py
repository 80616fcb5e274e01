# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many requests under way at once over several connections, answered in any order.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

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


@dataclass
class Answers:
    """What came of operations, by their keys.

    `lost` were sent, but no answer came: what they did is not known. `unsent` were not, since no
    connection was left. `errors` say what broke each connection that did.
    """

    answered: dict[str, Answer] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    errors: list[TenantopsError] = field(default_factory=list)


class Pipeline:
    """Connections to one server that share all operations; use it in one thread."""

    def __init__(self, channels: Iterable[Channel], timeout: float) -> None:
        """`timeout` is how many seconds no connection may be silent."""
        self._lanes = [_Lane(channel) for channel in channels]
        self._timeout = timeout

    @property
    def is_broken(self) -> bool:
        """Whether no connection is left."""
        return not self._lanes

    def ask(self, operations: Mapping[str, bytes], in_flight: int) -> Answers:
        """Send all operations, at most `in_flight` of them under way, and gather the answers.

        Raises nothing: a connection that breaks is given up, and the others go on.
        """
        answers = Answers()
        waiting = deque(operations.items())
        while self._lanes and (waiting or any(lane.under_way for lane in self._lanes)):
            for lane in self._lanes[:in_flight]:
                self._try(lane, partial(lane.fill, waiting, in_flight // len(self._lanes)), answers)
            for lane in self._readable():
                self._try(lane, partial(lane.take, answers), answers)
        answers.unsent.extend(key for key, _operation in waiting)
        return answers

    def _readable(self) -> list[_Lane]:
        """Those over which something has come; all that should have brought something, if none."""
        asked = [lane for lane in self._lanes if lane.under_way]
        if len(asked) < 2:
            return asked
        with selectors.DefaultSelector() as selector:
            for lane in asked:
                selector.register(lane.channel, selectors.EVENT_READ, lane)
            ready = [key.data for key, _events in selector.select(self._timeout)]
        return ready or asked

    def _try(self, lane: _Lane, step: Callable[[], None], answers: Answers) -> None:
        try:
            step()
        except (ConnectionFailed, NotUnderstood) as error:
            self._lanes.remove(lane)
            answers.errors.append(error)
            answers.lost.extend(asked.key for asked in lane.under_way.values())


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

    def fill(self, waiting: deque[tuple[str, bytes]], window: int) -> None:
        """Send as much as there is room for, in one go; one request at least if none is."""
        messages = []
        while waiting and len(self.under_way) < max(1, window):
            key, operation = waiting.popleft()
            number = self.channel.next_number()
            self.under_way[number] = _Asked(key, _ANSWER_TO[operation[0]])
            messages.append(element(SEQUENCE, integer(number) + operation))
        if messages:
            self.channel.send(b"".join(messages))

    def take(self, answers: Answers) -> None:
        """Take in what has come."""
        for message in self.channel.receive():
            asked = self.under_way.get(message.number)
            if asked is not None and message.tag == asked.answer:
                answers.answered[asked.key] = Answer(self._result(message), asked.entries)
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
