# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several connections to one server that take turns, made anew when they break.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType

from ..._errors import ConnectionFailed
from ..connection import Directory, connect
from ..entry import Entry
from ..settings import ConnectionSettings
from ..wire.channel import Channel
from ..wire.pipeline import Answer, Lost, Pipeline

# How long to wait for a server that has gone to come back, and between attempts, in seconds.
_PATIENCE = 30.0
_RECONNECT_EVERY = 1.0
# Servers that take what they are sent and then break off, so often in a row, are given up.
_MOST_FRUITLESS = 10


@dataclass(frozen=True)
class ObjectName:
    """An object: its objectGUID as lower-case text, which stays, and its DN, which may change."""

    guid: str
    dn: str


class Connections:
    """A context manager; use it in one thread only.

    Objects of an Active Directory are addressed by their objectGUID ([MS-ADTS] 3.1.1.3.1.2.4), so
    that a new name does not matter; elsewhere there is only the name.
    """

    def __init__(self, settings: ConnectionSettings, *, amount: int, in_flight: int) -> None:
        """Connect to the first server that can be reached, `amount` times.

        `in_flight` is how many requests are under way at most, on all connections together. Raises
        what `connect` raises.
        """
        self.settings = settings
        self._amount = amount
        self._in_flight = in_flight
        self._opened: list[tuple[Directory, Channel]] = []
        self._fruitless = 0
        self._open()

    def __enter__(self) -> Connections:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def directory(self) -> Directory:
        """One of the connections, one that is not broken if there is any."""
        return self._single()[0]

    @property
    def channels(self) -> Sequence[Channel]:
        """The connections that are not broken, for messages of one's own."""
        return self._pipeline.channels

    @property
    def server(self) -> str:
        """The URL of the server."""
        return self.directory.server

    def address(self, name: ObjectName) -> str:
        """What an object is called in a request."""
        return f"<GUID={name.guid}>" if self.root.is_active_directory else name.dn

    def ask(
        self, operations: Iterable[tuple[str, bytes]], *, one_by_one: bool = False
    ) -> Iterator[tuple[str, Answer | Lost]]:
        """See `Pipeline.ask`; `one_by_one` so that one that breaks a connection takes no other
        down with it.

        Connects again first if no connection is left, for which a server has half a minute. Raises
        what `connect` raises, and the reason why connections broke if they always do.
        """
        if not self._pipeline.channels:
            self._reconnect()
        lost: Lost | None = None
        for key, outcome in self._pipeline.ask(operations, 1 if one_by_one else self._in_flight):
            if isinstance(outcome, Lost):
                lost = outcome
            else:
                self._fruitless = -1
            yield key, outcome
        self._fruitless += 1
        if lost is not None and self._fruitless > _MOST_FRUITLESS:
            raise lost.error

    def search(self, base: str, search_filter: str, attributes: Sequence[str]) -> list[Entry]:
        """As `Directory.search`, over another connection if one breaks. Not while `ask` is used."""
        for _attempt in range(_MOST_FRUITLESS):
            if not self._pipeline.channels:
                self._reconnect()
            directory, channel = self._single()
            try:
                return list(directory.search(base, search_filter, attributes))
            except ConnectionFailed:
                self._pipeline.give_up(channel)
        return list(self.directory.search(base, search_filter, attributes))

    def close(self) -> None:
        """End all connections."""
        for directory, _channel in self._opened:
            directory.close()

    def _single(self) -> tuple[Directory, Channel]:
        channels = self._pipeline.channels
        whole = (opened for opened in self._opened if opened[1] in channels)
        return next(whole, self._opened[0])

    def _open(self) -> None:
        first = connect(self.settings)
        self._opened = [(first, first.channel())]
        self.root = first.root_dse()
        same_server = replace(self.settings, servers=(first.address,))
        for _number in range(1, self._amount):
            try:
                another = connect(same_server)
            except ConnectionFailed:
                # A server that wants no more connections has to do with fewer.
                break
            self._opened.append((another, another.channel()))
        channels = [channel for _directory, channel in self._opened]
        self._pipeline = Pipeline(channels, self.settings.timeout)

    def _reconnect(self) -> None:
        give_up_at = time.monotonic() + _PATIENCE
        while True:
            self.close()
            try:
                self._open()
                return
            except ConnectionFailed:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(_RECONNECT_EVERY)
