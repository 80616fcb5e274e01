# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets every request to Graph wait until it fits into the quota.

It stands where requests leave and answers come in, so that none goes by it, whoever makes it.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .quota import Cost, Quota, Turn, Usage, next_turn
from .quota_costs import cost_of
from .quota_file import UsageFile

if TYPE_CHECKING:
    import httpx

_BATCH = "/$batch"
_UNITS_HEADER = "x-ms-resource-unit"
_USE_HEADER = "x-ms-throttle-limit-percentage"
_HIGHEST_NUMBER = 1_000.0
# A task that only asks some questions is not worth a file.
_UNNOTED_UNITS = 30.0
# Seconds. Another process holds the lock for much less, unless it was stopped in the middle.
_LOCK_PAUSE = 0.002
_LOCK_PATIENCE = 1.0


@dataclass
class UsageBook:
    """What is used of one quota, noted in the file at `path`.

    Where that cannot be used, it is noted for this task alone: the pace is there to be kept from
    being throttled, and is no reason to fail.
    """

    quota: Quota
    path: Path | None
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _usage: Usage = field(default_factory=Usage, init=False)
    _file: UsageFile | None = field(default=None, init=False)
    _is_open: bool = field(default=False, init=False)
    _told: float = field(default=0.0, init=False)
    # Writing waits longer, and what is read before a write must not wait behind other writes.
    _writers: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _readers: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def turn(self, cost: Cost) -> None:
        """Wait until requests of this cost may be sent; first come, first served in this task."""
        self._open()
        async with self._writers if cost.writes else self._readers:
            while True:
                turn = await self._take(cost)
                if turn.is_reserved:
                    break
                await self.sleep(turn.wait)
        if turn.wait:
            await self.sleep(turn.wait)

    def learn(self, use: float) -> None:
        """Graph told how much of the quota is used."""
        self._told = max(use, self._told)

    def close(self) -> None:
        """Leave what Graph told last to the others, and let go of the file."""
        if self._file is not None:
            if self._told:
                with suppress(OSError):
                    self._file.turn(self._taking(Cost()))
            self._file.close()
            self._file = None

    def _open(self) -> None:
        if self._is_open:
            return
        self._is_open = True
        if self.path is not None:
            try:
                self._file = UsageFile(self.path)
            except OSError:
                self._file = None

    def _taking(self, cost: Cost) -> Callable[[Usage], Turn]:
        def take(usage: Usage) -> Turn:
            now = self.clock()
            if self._told:
                usage = usage.at(now).told_use(self._told)
            return next_turn(self.quota, usage, cost, now)

        return take

    async def _take(self, cost: Cost) -> Turn:
        take = self._taking(cost)
        turn = await self._take_noted(take)
        if turn is None:
            turn = take(self._usage)
        if turn.is_reserved:
            self._usage, self._told = turn.usage, 0.0
        return turn

    async def _take_noted(self, take: Callable[[Usage], Turn]) -> Turn | None:
        for _try in range(int(_LOCK_PATIENCE / _LOCK_PAUSE)):
            if self._file is None:
                return None
            try:
                turn = self._file.turn(take)
            except OSError:
                self.close()
                return None
            if turn is not None:
                return turn
            await self.sleep(_LOCK_PAUSE)
        return None


class QuotaTurns:
    """The turns of one task's requests; closed at its end.

    The first book is of the quota that Graph tells the use of.
    """

    def __init__(self, *books: UsageBook) -> None:
        self._books = books
        self._is_noted = False
        # What was not noted yet, and what was estimated wrong
        self._unnoted = Cost()

    async def before(self, request: httpx.Request) -> None:
        """Wait until a request may be sent; one that is a batch counts as those in it."""
        cost = Cost()
        for method, url in _asked(request).values():
            cost += cost_of(method, url)
        await self.turn(cost)

    async def after(self, response: httpx.Response) -> None:
        """Learn from an answer how much there really was to pay, and how much is used."""
        request = response.request
        if not _is_batch(request):
            self._learn(cost_of(request.method, str(request.url)), response.headers)
            return
        asked = _asked(request)
        for identity, headers in _answers(await response.aread()):
            if identity in asked:
                self._learn(cost_of(*asked[identity]), headers)
        self._learn_use(response.headers)

    async def turn(self, cost: Cost) -> None:
        """Wait until requests of this cost may be sent."""
        cost += self._unnoted
        self._unnoted = Cost()
        if not self._is_noted and not cost.writes and cost.units <= _UNNOTED_UNITS:
            self._unnoted = cost
            return
        self._is_noted = True
        for book in self._books:
            await book.turn(cost)

    async def aclose(self) -> None:
        """Let go of the files."""
        for book in self._books:
            book.close()

    def _learn(self, estimated: Cost, headers: Mapping[str, str]) -> None:
        units = _number(headers, _UNITS_HEADER)
        if units is not None and units != estimated.units:
            self._unnoted += Cost(units - estimated.units)
        self._learn_use(headers)

    def _learn_use(self, headers: Mapping[str, str]) -> None:
        use = _number(headers, _USE_HEADER)
        if use is not None and self._books:
            self._books[0].learn(use)


def _is_batch(request: httpx.Request) -> bool:
    return request.url.path.endswith(_BATCH)


def _asked(request: httpx.Request) -> dict[str, tuple[str, str]]:
    """The method and the address of each request that is in one, by its id in the batch."""
    if not _is_batch(request):
        return {"": (request.method, str(request.url))}
    asked: dict[str, tuple[str, str]] = {}
    for member in _list(request.content, "requests"):
        asked[str(member.get("id"))] = (str(member.get("method")), str(member.get("url")))
    return asked


def _answers(content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The headers of each answer in a batch, by its id."""
    for member in _list(content, "responses"):
        headers = member.get("headers")
        if isinstance(headers, Mapping):
            yield str(member.get("id")), headers


def _list(content: bytes, name: str) -> list[Mapping[str, Any]]:
    """What others judge: whatever is no such list is an empty one here."""
    try:
        body = json.loads(content)
    except ValueError:
        return []
    listed = body.get(name) if isinstance(body, dict) else None
    if not isinstance(listed, list):
        return []
    return [each for each in listed if isinstance(each, Mapping)]


def _number(headers: Mapping[str, str], wanted: str) -> float | None:
    """A number in a header, null if there is none that makes sense."""
    for name, text in headers.items():
        if name.lower() == wanted:
            try:
                number = float(text)
            except (TypeError, ValueError):
                return None
            return number if 0 <= number <= _HIGHEST_NUMBER else None
    return None
