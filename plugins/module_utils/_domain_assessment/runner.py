# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `domain_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from .._dns.discovery import Resolvers
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, PartlyDone
from .._libraries import require
from .._realms.discovery import RealmConnection, open_realms
from .._realms.remembered import RememberedRealms
from .asking import Assessor, DnsByDomain, assess_all
from .dns_facts import dns_facts
from .model import Assessed, BadEntry, Entry
from .reading import from_csv, listed
from .summary import FirstRows, Summary
from .writing import assessment_file

_LIBRARIES = ("dnspython", "email-validator", "httpx", "idna", "publicsuffixlist")
_POSITIVE = ("in_flight", "requests_per_second", "dns_in_flight")
# More than are asked about, so that one slow answer keeps nobody else waiting.
_ENTRIES_FOR_EACH_QUESTION = 4
_TELL_EVERY = 250
# How many failures the message tells; all of them are in the rows.
_MOST_TOLD = 5


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Assess every entry; nothing is changed."""
    require(*_LIBRARIES)
    for name in _POSITIVE:
        if not parameters[name] > 0:
            raise InvalidInput(f"{name} must be more than 0, not {parameters[name]}")
    report = Report(parameters["rows_limit"])
    path = parameters["write_csv"]
    with ExitStack() as files:
        takers: list[Callable[[Assessed], None]] = [report.add]
        if path is not None:
            takers.append(files.enter_context(assessment_file(Path(path))).add)
        asyncio.run(_assess(_entries(parameters), parameters, takers))
    return Outcome(
        values={
            "summary": report.summary.to_json(),
            "assessed": report.rows.rows,
            "written": {} if path is None else {"csv": path},
        },
        error=report.error,
    )


class Report:
    """What the result tells, gathered row by row."""

    def __init__(self, rows_limit: int) -> None:
        self.summary = Summary()
        self.rows = FirstRows(rows_limit)
        self._failures: list[str] = []

    def add(self, assessed: Assessed) -> None:
        """Take one more into account."""
        self.summary.add(assessed)
        self.rows.add(assessed)
        if assessed.errors and len(self._failures) < _MOST_TOLD:
            self._failures.append(_failure(assessed))
        if self.summary.entries % _TELL_EVERY == 0:
            tell(f"{self.summary.entries} assessed, {self.summary.failed} of them not wholly")

    @property
    def error(self) -> PartlyDone | None:
        """What the task fails with, null if everything was found out."""
        failed = self.summary.failed
        if not failed:
            return None
        more = failed - len(self._failures)
        told = [*self._failures, *([f"and {more} more"] if more else [])]
        return PartlyDone(
            f"{failed} of {self.summary.entries} {'is' if failed == 1 else 'are'} not wholly "
            "assessed",
            answer="; ".join(told),
            advice="Their rows stand first and say why, each with its own advice. All others are "
            "done.",
        )


async def _assess(
    entries: Iterable[Entry | BadEntry],
    parameters: Mapping[str, Any],
    takers: list[Callable[[Assessed], None]],
) -> None:
    in_flight, dns_in_flight = parameters["in_flight"], parameters["dns_in_flight"]
    connection = RealmConnection.from_parameters(parameters)
    resolvers = Resolvers.from_options(
        parameters["dns_resolvers"], parameters["dns_transport"], parameters["dns_timeout"]
    )

    def take(assessed: Assessed) -> None:
        for taker in takers:
            taker(assessed)

    with ThreadPoolExecutor(dns_in_flight) as threads:
        async with open_realms(
            connection, in_flight=in_flight, per_second=parameters["requests_per_second"]
        ) as realms:
            await assess_all(
                entries,
                Assessor(
                    realms=RememberedRealms(realms),
                    accounts=realms if parameters["personal_accounts"] else None,
                    dns=DnsByDomain(partial(dns_facts, resolvers), threads),
                    own_tenants=frozenset(tenant.lower() for tenant in parameters["own_tenants"]),
                ),
                take,
                in_flight=_ENTRIES_FOR_EACH_QUESTION * (in_flight + dns_in_flight),
            )


def _entries(parameters: Mapping[str, Any]) -> Iterable[Entry | BadEntry]:
    from_file = () if parameters["read_csv"] is None else from_csv(Path(parameters["read_csv"]))
    return chain(listed(parameters["names"] or ()), from_file)


def _failure(assessed: Assessed) -> str:
    error = assessed.errors[0]
    where = f"line {assessed.entry.line}: " if assessed.entry.line is not None else ""
    answer = f" ({error.answer})" if error.answer else ""
    return f"{where}{error.problem}{answer}"
