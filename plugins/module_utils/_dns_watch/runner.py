# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runner of dns_txt_info. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from .._dns.names import absolute_name, without_final_dot
from .._doors.operation import Outcome
from .._errors import InvalidInput
from .._txt_records.model import TxtValue, known_texts
from .authorities import ZoneGuide
from .model import Expected
from .watching import WatchedRecords, not_yet_seen, watch


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Who says what about a TXT record set. In check mode nothing is waited for.

    Raises `TenantopsError` for everything that goes wrong before the servers are asked.
    """
    expected, is_known = _expected(parameters["values"], check_mode=check_mode)
    wait = wait_from(parameters)
    owner = absolute_name(parameters["name"])
    guide = ZoneGuide.from_parameters(parameters)
    zone = guide.zone_of(owner, absolute_name(parameters["zone"]) if parameters["zone"] else None)
    records = WatchedRecords.find(guide, zone, owner, parameters["resolvers"])
    if check_mode or not wait:
        table = asyncio.run(records.look(expected, spare_caches=False))
    else:
        table = asyncio.run(watch(records, expected, wait))
    is_seen = table.is_settled and is_known
    agreed = table.agreed
    return Outcome(
        values={
            "zone": without_final_dot(zone),
            "name": records.name,
            "txt_values": None if agreed is None else agreed.texts,
            "ttl": None if agreed is None else agreed.ttl,
            "seen": is_seen,
            "servers": table.to_json(),
        },
        error=None if check_mode or not wait or is_seen else not_yet_seen(table, wait),
    )


def wait_from(parameters: Mapping[str, Any]) -> float:
    """The option `wait`, in seconds. Raises `InvalidInput` for less than nothing."""
    wait: float = parameters["wait"]
    if not 0 <= wait < float("inf"):
        raise InvalidInput(f"wait is not a number of seconds from 0: {wait:g}")
    return wait


def _expected(texts: list[str] | None, *, check_mode: bool) -> tuple[Expected | None, bool]:
    """What to expect, and whether that is all known: in a dry run a value may not be."""
    known = known_texts(texts, check_mode=check_mode)
    if known is None:
        return None, True
    values = frozenset(TxtValue.from_text(text).content for text in known)
    return Expected(present=values), known == texts
