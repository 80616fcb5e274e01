# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work in several processes: the same results, the same errors, nothing left behind."""

from __future__ import annotations

import os
import signal

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_scan.processes import (
    map_in_processes,
)
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    Refused,
    TenantopsError,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    NotBer,
)


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("amount", [0, 1, 3, 4, 50])
def test_results_come_in_the_order_of_the_tasks(processes: int, amount: int) -> None:
    squares = map_in_processes(lambda number: number * number, range(amount), processes)
    assert list(squares) == [number * number for number in range(amount)]


def test_results_can_be_larger_than_a_pipe_holds() -> None:
    results = map_in_processes(lambda number: bytes((number,)) * 1_000_000, range(20), 2)
    assert [(len(result), result[0]) for result in results] == [
        (1_000_000, number) for number in range(20)
    ]


def _fail_at_ten(number: int) -> int:
    if number == 10:
        raise Refused("no", server="dc1", subject="CN=x", answer="50", advice="Ask.")
    return number


def test_an_error_is_raised_here_with_all_that_it_says() -> None:
    with pytest.raises(Refused) as caught:
        list(map_in_processes(_fail_at_ten, range(100), 2))
    assert str(caught.value) == "no (server: dc1; object: CN=x; answer: 50). Ask."


def _break_at_ten(number: int) -> int:
    if number == 10:
        raise NotBer("cut off")
    return number


def test_a_malformed_answer_is_raised_here() -> None:
    with pytest.raises(NotBer, match="cut off"):
        list(map_in_processes(_break_at_ten, range(100), 2))


def _die_at_ten(number: int) -> int:
    if number == 10:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(TenantopsError, match="ended without a result"):
        list(map_in_processes(_die_at_ten, range(100), 2))


def test_no_process_is_left_when_nobody_wants_more_results() -> None:
    results = map_in_processes(lambda number: number, range(100), 2)
    for _turn in range(8):
        next(results)
    results.close()  # type: ignore[attr-defined]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
