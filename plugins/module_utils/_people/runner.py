# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `account_comparison_info`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .._doors.operation import Outcome
from .._graph.client import EntraConnection
from .._ldap.settings import ConnectionSettings
from .._libraries import require
from .both import Both, read_both
from .comparison import Finding, compare
from .match_table import MatchTable
from .reading import PeopleOptions
from .summary import Report, comparison_lines, comparison_table

_LIBRARIES = ("azure-identity", "httpx", "idna", "ldap3", "msgraph-sdk")


def run(parameters: Mapping[str, Any], _check_mode: bool) -> Outcome:
    """Compare the accounts; nothing is changed."""
    require(*_LIBRARIES)
    settings = ConnectionSettings.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    paths = {"csv": parameters["write_csv"], "json_lines": parameters["write_json_lines"]}
    with ExitStack() as files, MatchTable() as everybody:
        csv, lines = (None if path is None else Path(path) for path in paths.values())
        report = Report(
            parameters["rows_limit"],
            [Finding(name) for name in parameters["findings"] or Finding],
            None if csv is None else files.enter_context(comparison_table(csv)),
            None if lines is None else files.enter_context(comparison_lines(lines)),
        )
        options = PeopleOptions.from_parameters(parameters)
        both = asyncio.run(read_both(settings, options, connection, everybody))
        for match in everybody.matches():
            report.add(compare(match))
    return Outcome(
        values={
            "summary": {**report.summary.to_json(), **_passed_over(both)},
            "people": report.rows.rows,
            "written": {name: path for name, path in paths.items() if path is not None},
        },
        warnings=(*settings.warnings, *both.warnings),
    )


def _passed_over(both: Both) -> dict[str, Any]:
    return {
        "skipped": dict(sorted(both.skipped.items())),
        "guests": both.guests,
    }
