# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several connections to one server that take turns, made anew when they break.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import TracebackType

from ..._errors import ConnectionFailed
from ..connection import Directory, connect
from ..settings import ConnectionSettings
from ..wire.pipeline import Answers, Pipeline

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
        self._directories: list[Directory] = []
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
        """One of the connections, for single questions."""
        return self._directories[0]

    @property
    def server(self) -> str:
        """The URL of the server."""
        return self.directory.server

    def address(self, name: ObjectName) -> str:
        """What an object is called in a request."""
        return f"<GUID={name.guid}>" if self.root.is_active_directory else name.dn

    def ask(self, operations: Mapping[str, bytes], *, one_by_one: bool = False) -> Answers:
        """See `Pipeline.ask`; `one_by_one` so that one that breaks a connection takes no other
        down with it.

        Connects again first if no connection is left, for which a server has half a minute. Raises
        what `connect` raises, and the reason why connections broke if they always do.
        """
        if self._pipeline.is_broken:
            self._reconnect()
        answers = self._pipeline.ask(operations, 1 if one_by_one else self._in_flight)
        self._fruitless = 0 if answers.answered else self._fruitless + 1
        if self._fruitless > _MOST_FRUITLESS:
            raise answers.errors[-1]
        return answers

    def close(self) -> None:
        """End all connections."""
        for directory in self._directories:
            directory.close()
        self._directories = []

    def _open(self) -> None:
        self._directories = [connect(self.settings)]
        self.root = self.directory.root_dse()
        same_server = replace(self.settings, servers=(self.directory.address,))
        for _number in range(1, self._amount):
            try:
                self._directories.append(connect(same_server))
            except ConnectionFailed:
                # A server that wants no more connections has to do with fewer.
                break
        channels = [directory.channel() for directory in self._directories]
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
