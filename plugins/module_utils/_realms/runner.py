# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_realm_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from .._doors.operation import Outcome
from .._errors import InvalidInput, PartlyDone
from .bulk import Found, NotFound, find_all
from .discovery import RealmConnection, open_realms
from .remembered import RememberedRealms

# How many failures the message tells; all of them are in the result.
_MOST_TOLD = 5


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Find out what there is to know about each name; nothing is changed."""
    in_flight, per_second = parameters["in_flight"], parameters["requests_per_second"]
    if in_flight < 1:
        raise InvalidInput(f"in_flight must be at least 1, not {in_flight}")
    if not per_second > 0:
        raise InvalidInput(f"requests_per_second must be more than 0, not {per_second}")
    results = asyncio.run(
        _find(
            parameters["names"],
            RealmConnection.from_parameters(parameters),
            personal_accounts=parameters["personal_accounts"],
            in_flight=in_flight,
            per_second=per_second,
        )
    )
    failures = [result for result in results if isinstance(result, NotFound)]
    return Outcome(
        values={
            "realms": [result.to_json() for result in results if isinstance(result, Found)],
            "failures": [failure.to_json() for failure in failures],
        },
        error=_partly_done(failures),
    )


async def _find(
    names: Sequence[str],
    connection: RealmConnection,
    *,
    personal_accounts: bool,
    in_flight: int,
    per_second: float,
) -> list[Found | NotFound]:
    async with open_realms(connection, in_flight=in_flight, per_second=per_second) as realms:
        return await find_all(
            names,
            RememberedRealms(realms),
            personal_accounts=personal_accounts,
            in_flight=in_flight,
        )


def _partly_done(failures: Sequence[NotFound]) -> PartlyDone | None:
    if not failures:
        return None
    told = [f"{failure.name!r}: {failure.error.problem}" for failure in failures[:_MOST_TOLD]]
    if len(failures) > len(told):
        told.append(f"and {len(failures) - len(told)} more")
    return PartlyDone(
        f"{len(failures)} {'name is' if len(failures) == 1 else 'names are'} not answered",
        answer="; ".join(told),
        advice="Each of them is in failures, with its own advice. All others are in realms.",
    )
