# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_sync_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .._changes.model import JsonValue
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, NotYetSeen, TenantopsError
from .._graph.client import EntraConnection, Graph, open_graph
from .._users.streaming import READ_USERS
from .state import SyncState, moment_from, read_sync_state, syncs_since
from .waiting import ExpectedUser, Look, SyncedUser, Waited, wait_for_users

_MOST_EXAMPLES = 5


@dataclass(frozen=True)
class _Wish:
    """What is to be seen, and how many seconds that may take."""

    users: Sequence[ExpectedUser]
    synced_after: datetime | None
    wait: float


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Tell how the tenant is synchronised, and wait for what is expected.

    A dry run waits for nothing: nobody has changed anything in it. Raises `TenantopsError` for what
    goes wrong, but not for what has not come in time, which is an error beside the result.
    """
    wish = _wish(parameters)
    connection = EntraConnection.from_parameters(parameters)
    is_waiting = wish.wait > 0 and not check_mode
    return asyncio.run(_look(connection, wish, is_waiting=is_waiting))


async def _look(connection: EntraConnection, wish: _Wish, *, is_waiting: bool) -> Outcome:
    async with open_graph(connection) as graph:
        if wish.users:
            await graph.require(READ_USERS)
        end = time.monotonic() + (wish.wait if is_waiting else 0.0)
        is_synced = await _wait_for_sync(graph, wish.synced_after, end - time.monotonic())
        left = max(0.0, end - time.monotonic())
        waited = await wait_for_users(graph, wish.users, left, _tell)
        state = await read_sync_state(graph)
    if not is_waiting:
        for problem in waited.unknown.values():
            raise problem
    is_seen = is_synced and not waited.missing and not waited.unknown
    error = None
    if is_waiting and not is_seen:
        error = _not_yet_seen(connection, wish, state, waited)
    values: dict[str, JsonValue] = {
        "sync": state.to_json(),
        "users": [_told(each, waited) for each in wish.users],
        "seen": is_seen,
    }
    return Outcome(values=values, error=error)


async def _wait_for_sync(graph: Graph, moment: datetime | None, seconds: float) -> bool:
    if moment is None:
        return True
    is_done = False
    async for is_done in syncs_since(graph, moment, seconds):
        if not is_done:
            tell(f"No synchronisation has ended since {moment.isoformat()}")
    return is_done


def _tell(look: Look) -> None:
    if look.open:
        tell(f"{look.open} users are not as expected yet, {look.seconds_left:.0f} seconds left")


def _told(expected: ExpectedUser, waited: Waited) -> dict[str, JsonValue]:
    found = waited.arrived.get(expected) or waited.missing.get(expected)
    unknown = waited.unknown.get(expected)
    return {
        "id": expected.user_id,
        "immutable_id": expected.immutable_id,
        "user_principal_name": expected.user_principal_name,
        "seen": None if unknown else expected in waited.arrived,
        "found": None if found is None else _found(found),
        "problem": None if unknown is None else str(unknown),
    }


def _found(user: SyncedUser) -> dict[str, JsonValue]:
    return {
        "id": user.id,
        "immutable_id": user.immutable_id,
        "user_principal_name": user.user_principal_name,
        "is_synced": user.is_synced,
    }


def _not_yet_seen(
    connection: EntraConnection, wish: _Wish, state: SyncState, waited: Waited
) -> TenantopsError:
    missing = [*waited.missing, *waited.unknown]
    names = ", ".join(each.name for each in missing[:_MOST_EXAMPLES])
    more = len(missing) - _MOST_EXAMPLES
    told = f"{names} and {more} more" if more > 0 else names
    problem = f"Not as expected after {wish.wait:g} seconds: {told}"
    if not missing:
        problem = f"No synchronisation has ended in {wish.wait:g} seconds"
    return NotYetSeen(
        problem,
        server=connection.cloud.graph_url,
        subject=f"tenant {connection.tenant}",
        answer=f"the last synchronisation was at {state.last_sync or 'no time that is known'}",
        advice="See in the synchronisation's own errors who was left out and why, and whether it "
        "runs at all. Run again, with a longer wait if it only takes time.",
    )


def _wish(parameters: Mapping[str, Any]) -> _Wish:
    wait: float = parameters["wait"]
    if not 0 <= wait < float("inf"):
        raise InvalidInput(f"wait is not a number of seconds from 0: {wait:g}")
    moment = parameters["synced_after"]
    users = [_expected(entry) for entry in parameters["users"] or ()]
    return _Wish(
        list(dict.fromkeys(users)),
        None if moment is None else moment_from("synced_after", moment),
        wait,
    )


def _expected(entry: Mapping[str, Any]) -> ExpectedUser:
    identity, immutable_id = entry.get("id"), entry.get("immutable_id")
    name = entry.get("user_principal_name")
    label = name or immutable_id or identity
    if not label:
        raise InvalidInput(
            "An entry of users is empty",
            advice="Give each at least one of user_principal_name, immutable_id and id.",
        )
    return ExpectedUser(label, identity or None, immutable_id or None, name or None)
