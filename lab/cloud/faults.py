# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Misbehaviour on request: each fault says what goes wrong, for which requests and how often."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from threading import Event
from typing import Any, Literal, TypeVar

from starlette.requests import Request

from .conversion import ConversionError, from_json, to_json

Endpoint = Literal["graph", "token", "discovery"]


@dataclass(frozen=True)
class Throttle:
    """429. ``retry_after`` in seconds; null leaves the header out, as Conditional Access does.

    With ``per_second`` only those requests are hit that are more than so many in a second, or in
    as many seconds as ``window`` says.
    """

    retry_after: int | None = 1
    per_second: int | None = None
    window: float = 1


@dataclass(frozen=True)
class Failure:
    """A server error, in place of the work or after it was done.

    An empty body is what gateways in front of Graph answer now and then.
    """

    status: Literal[500, 502, 503, 504] = 503
    retry_after: int | None = None
    empty_body: bool = False
    when: Literal["before", "after"] = "before"


@dataclass(frozen=True)
class Conflict:
    """409 Directory_ConcurrencyViolation; nothing is written."""


@dataclass(frozen=True)
class Drop:
    """The connection is closed without an answer, before or after the work was done."""

    when: Literal["before", "after"] = "before"


@dataclass(frozen=True)
class Slow:
    """The answer takes longer, before or after the work was done.

    The work is not done at all for a client that has gone away meanwhile: so a test can end one
    between any two requests, and before or after what each does.
    """

    seconds: float
    when: Literal["before", "after"] = "before"


@dataclass(frozen=True)
class Lag:
    """Writes that match are done, but reads return the old values for so long."""

    seconds: float


@dataclass(frozen=True)
class Answer:
    """A good answer is changed on its way out.

    ``set`` and ``remove`` are about properties at the top of the JSON (an enum value nobody knows,
    a missing ``@odata.type``, a forged ``@odata.nextLink``); ``raw`` replaces the whole body.
    """

    set: dict[str, Any] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    raw: str | None = None

    def apply(self, body: Mapping[str, Any]) -> str:
        """Return the text to send in place of the body."""
        if self.raw is not None:
            return self.raw
        kept = {name: value for name, value in body.items() if name not in self.remove}
        return json.dumps({**kept, **self.set}, ensure_ascii=False)


Effect = Throttle | Failure | Conflict | Drop | Slow | Lag | Answer
EffectT = TypeVar("EffectT", Throttle, Failure, Conflict, Drop, Slow, Lag, Answer)

_KINDS: Mapping[str, type[Effect]] = {
    "throttle": Throttle,
    "failure": Failure,
    "conflict": Conflict,
    "drop": Drop,
    "slow": Slow,
    "lag": Lag,
    "answer": Answer,
}
# Seconds between two looks at whether a client still waits for a slow answer.
_GLANCE = 0.05
_GRAPH_ONLY = {"conflict", "lag"}
_READING = {"GET", "HEAD"}


@dataclass
class Scope:
    """Which requests a fault is for, and how many of them.

    ``tenant`` is the tenant's name in the lab; ``path`` a pattern such as
    ``/v1.0/policies/*`` (case does not count). The first ``skip`` matching requests go free, of the
    others one in ``every`` is hit, and ``count`` of them (null: all, until the fault is taken
    away). ``member`` is about the requests within a batch: true for these alone, false for those
    that came alone (a batch is one), null for both. ``writing`` is about what may change something:
    true for these requests alone, false for those that only read, null for both; a batch is one of
    the first if any of its members is.
    """

    endpoint: Endpoint = "graph"
    tenant: str | None = None
    method: str | None = None
    path: str | None = None
    skip: int = 0
    count: int | None = None
    every: int = 1
    member: bool | None = None
    writing: bool | None = None

    def __post_init__(self) -> None:
        if self.skip < 0 or self.every < 1 or (self.count is not None and self.count < 1):
            raise ValueError("skip has to be 0 or more, every 1 or more, count 1 or more or null")

    def covers(
        self,
        endpoint: Endpoint,
        tenant: str | None,
        method: str,
        path: str,
        *,
        member: bool,
        writing: bool,
    ) -> bool:
        """Say whether the request is one of those meant."""
        return (
            self.endpoint == endpoint
            and self.member in (None, member)
            and self.writing in (None, writing)
            and self.tenant in (None, tenant)
            and (self.method is None or self.method.upper() == method)
            and (self.path is None or fnmatchcase(path.casefold(), self.path.casefold()))
        )


_SCOPE_FIELDS = {entry.name for entry in fields(Scope)}


@dataclass
class Fault:
    """One entry of the fault book."""

    id: int
    kind: str
    scope: Scope
    effect: Effect
    let_through: deque[float] = field(default_factory=deque)
    passed: int = 0

    def spares(self, now: float) -> bool:
        """Say whether the request of this moment (monotonic seconds) is still within the rate."""
        if not isinstance(self.effect, Throttle) or self.effect.per_second is None:
            return False
        while self.let_through and self.let_through[0] <= now - self.effect.window:
            self.let_through.popleft()
        if len(self.let_through) >= self.effect.per_second:
            return False
        self.let_through.append(now)
        return True

    def describe(self) -> dict[str, Any]:
        """Return the entry as control clients gave it, with what is left of ``count``."""
        return {"id": self.id, "kind": self.kind, **to_json(self.scope), **to_json(self.effect)}


class FaultBook:
    """The faults in force. They live in memory only: a restart of the cloud ends them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0
        self._over = Event()

    def add(self, order: object) -> Fault:
        """Put a fault in force, from JSON such as ``{"kind": "throttle", "count": 2}``.

        Raises ConversionError when the order is not understood.
        """
        if not isinstance(order, dict) or order.get("kind") not in _KINDS:
            raise ConversionError(f"kind has to be one of {', '.join(_KINDS)}")
        kind = order["kind"]
        effect = {
            key: value for key, value in order.items() if key not in _SCOPE_FIELDS and key != "kind"
        }
        scope = {key: value for key, value in order.items() if key in _SCOPE_FIELDS}
        if kind in _GRAPH_ONLY and scope.get("endpoint", "graph") != "graph":
            raise ConversionError(f"{kind} is something that only Graph does")
        fault = Fault(
            id=self._last_id + 1,
            kind=kind,
            scope=from_json(scope, Scope),
            effect=from_json(effect, _KINDS[kind]),
        )
        self._last_id = fault.id
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults away, and let go of the requests that a slow one holds."""
        self._faults.clear()
        self._over.set()
        self._over = Event()

    def describe(self) -> list[dict[str, Any]]:
        """Return the faults in force."""
        return [fault.describe() for fault in self._faults]

    def draw(
        self,
        endpoint: Endpoint,
        tenant: str | None,
        method: str,
        path: str,
        *,
        member: bool = False,
        writing: bool = False,
    ) -> Drawn:
        """Return what is to go wrong with this request; counts it off the faults that hit.

        Of the faults that end a request only the oldest hits: the others wait for the next one.
        What happens to a connection cannot happen to a ``member`` of a batch.
        """
        hits: list[Fault] = []
        ended = False
        for fault in self._faults:
            if not fault.scope.covers(
                endpoint, tenant, method, path, member=member, writing=writing
            ):
                continue
            if member and isinstance(fault.effect, Drop | Slow):
                continue
            if isinstance(fault.effect, Lag) and method in _READING:
                continue
            ends = isinstance(fault.effect, Throttle | Failure | Conflict | Drop)
            if ends and ended:
                continue
            if fault.scope.skip > 0:
                fault.scope.skip -= 1
                continue
            fault.passed += 1
            if fault.passed % fault.scope.every:
                continue
            if fault.spares(time.monotonic()):
                continue
            ended = ended or ends
            hits.append(fault)
            if fault.scope.count is not None:
                fault.scope.count -= 1
        self._faults = [fault for fault in self._faults if fault.scope.count != 0]
        return Drawn(hits, self._over)


class Drawn:
    """The faults that hit one request."""

    def __init__(self, faults: Iterable[Fault], over: Event) -> None:
        self._faults = list(faults)
        self._over = over

    @property
    def kinds(self) -> list[str]:
        """The kinds of the faults, for the request log."""
        return [fault.kind for fault in self._faults]

    def first(self, kind: type[EffectT]) -> EffectT | None:
        """Return the oldest effect of this kind, if any."""
        for fault in self._faults:
            if isinstance(fault.effect, kind):
                return fault.effect
        return None

    def drops(self, when: Literal["before", "after"]) -> bool:
        """Say whether the connection is to be closed at this point."""
        drop = self.first(Drop)
        return drop is not None and drop.when == when

    async def delay(self, when: Literal["before", "after"], request: Request) -> bool:
        """Wait as long as the oldest slow fault says; say whether the client is still there.

        All faults taken away end the waiting as well.

        The request's body must have been read: the client's leaving is told in its place.
        """
        slow = self.first(Slow)
        if slow is None or slow.when != when:
            return True
        end = time.monotonic() + slow.seconds
        while (left := end - time.monotonic()) > 0:
            if await request.is_disconnected():
                return False
            if self._over.is_set():
                break
            await asyncio.sleep(min(left, _GLANCE))
        return True
