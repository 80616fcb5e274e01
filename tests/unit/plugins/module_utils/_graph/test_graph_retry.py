# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._graph.retry import (
    is_worth_retrying,
    proves_nothing_done,
    retry_delay,
)

NOW = datetime(2026, 11, 22, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "code", "again"),
    [
        (429, "", True),
        (429, "TooManyRequests", True),
        (503, "", True),
        (504, "UnknownError", True),
        (409, "Directory_ConcurrencyViolation", True),
        (409, "", False),
        (409, "ConflictingObjects", False),
        (500, "", False),
        (500, "Directory_ConcurrencyViolation", False),
        (502, "", False),
        (400, "", False),
        (401, "", False),
        (403, "", False),
        (404, "", False),
        (0, "", False),
    ],
)
def test_what_is_tried_again(status: int, code: str, again: bool) -> None:
    assert is_worth_retrying(status, code) is again


@pytest.mark.parametrize(
    ("status", "code", "is_proof"),
    [
        (429, "", True),
        (409, "Directory_ConcurrencyViolation", True),
        (409, "ConflictingObjects", False),
        (503, "ServiceUnavailable", False),
        (504, "", False),
        (500, "", False),
        (400, "Request_BadRequest", False),
    ],
)
def test_what_proves_that_nothing_was_done(status: int, code: str, is_proof: bool) -> None:
    assert proves_nothing_done(status, code) is is_proof


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("0", 0.0),
        ("2", 2.0),
        (" 200 ", 200.0),
        ("86400", 86400.0),
        ("Sun, 22 Nov 2026 20:20:00 GMT", 300.0),
        ("Sun, 22 Nov 2026 20:10:00 GMT", 0.0),
    ],
)
@pytest.mark.parametrize("header", ["Retry-After", "retry-after"])
def test_what_the_server_says_is_honoured(header: str, told: str, seconds: float) -> None:
    assert retry_delay(1, {header: told}, NOW) == seconds


@pytest.mark.parametrize("told", ["", "soon", "-5", "1.5", "²", "Sun, 22 Nov", "NaN"])
def test_what_is_not_understood_is_as_if_not_said(told: str) -> None:
    assert retry_delay(1, {"Retry-After": told}, NOW) == retry_delay(1, {}, NOW) == 1.0


def test_the_delay_doubles_up_to_a_minute() -> None:
    delays = [retry_delay(attempt, {}, NOW) for attempt in range(1, 9)]
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]
