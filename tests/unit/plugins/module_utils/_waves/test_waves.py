# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tenants in waves: repeatable, the pilot first, everybody once, and the error budget."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    BudgetSpent,
    InvalidInput,
)
from ansible_collections.tenantops.migration.plugins.module_utils._waves.order import (
    Amount,
    in_waves,
)
from ansible_collections.tenantops.migration.plugins.module_utils._waves.runner import run

TENANTS = [f"tenant-{number}" for number in range(20)]
NAMES = st.lists(st.text("abcdef", min_size=1, max_size=4), max_size=30)
SIZES = st.lists(
    st.one_of(st.integers(1, 9), st.integers(1, 100).map(lambda part: f"{part}%")), max_size=4
)


@given(NAMES, st.text(max_size=5), st.integers(0, 9), SIZES)
def test_everybody_has_one_turn(names: list[str], seed: str, pilot: int, sizes: list[Any]) -> None:
    waves = in_waves(names, seed=seed, pilot=pilot, sizes=sizes)
    assert sorted(tenant for wave in waves for tenant in wave) == sorted(set(names))
    assert all(waves)
    # In whatever order an inventory lists them
    assert waves == in_waves(names[::-1], seed=seed, pilot=pilot, sizes=sizes)


@given(NAMES, st.text(max_size=5), st.lists(st.integers(1, 9), max_size=4))
def test_one_tenant_more_moves_few(names: list[str], seed: str, sizes: list[int]) -> None:
    before = in_waves(names, seed=seed, sizes=sizes)
    after = in_waves([*names, "new"], seed=seed, sizes=sizes)
    for number, wave in enumerate(before):
        assert len(set(wave) - set(after[number])) <= 1


def test_a_seed_decides_the_order() -> None:
    waves = [in_waves(TENANTS, seed=seed, sizes=[5]) for seed in ("a", "b")]
    assert waves[0] != waves[1]
    # Known once and for all: another version must not go in another order.
    assert in_waves(["contoso", "fabrikam", "tailspin"], seed="x") == [
        ["tailspin", "contoso", "fabrikam"]
    ]


def test_the_pilot_is_first() -> None:
    waves = in_waves(TENANTS, seed="x", pilot=["tenant-3", "tenant-9"], sizes=["10%", 5, "50%"])
    assert set(waves[0]) == {"tenant-3", "tenant-9"}
    assert [len(wave) for wave in waves] == [2, 2, 5, 10, 1]
    assert [len(wave) for wave in in_waves(TENANTS, pilot="3", sizes="")] == [3, 17]
    assert [len(wave) for wave in in_waves(TENANTS, pilot="1%")] == [1, 19]


@pytest.mark.parametrize("nothing", [None, "", " \n", []], ids=repr)
def test_what_is_not_given(nothing: object) -> None:
    assert [len(wave) for wave in in_waves(TENANTS, pilot=nothing, sizes=nothing)] == [20]
    assert in_waves([], pilot=nothing, sizes=nothing) == []


@pytest.mark.parametrize(
    "told", ["tenant-3, tenant-9", "tenant-3\ntenant-9\n", "tenant-9 tenant-3"]
)
def test_a_survey_gives_text(told: str) -> None:
    assert set(in_waves(TENANTS, pilot=told)[0]) == {"tenant-3", "tenant-9"}
    assert [len(wave) for wave in in_waves(TENANTS, sizes="1, 4\n50%")] == [1, 4, 10, 5]


def test_a_pilot_that_is_mistyped_is_no_missing_pilot() -> None:
    with pytest.raises(InvalidInput, match="contosso"):
        in_waves(TENANTS, pilot=["contosso"])
    # One that is only not part of this run is left out.
    assert len(in_waves(TENANTS, pilot=["contoso"], known=["contoso", *TENANTS])) == 1


@pytest.mark.parametrize("size", ["-1", "1.5", "101%", "many", True, 0, "0%"], ids=repr)
def test_sizes_that_mean_nothing(size: object) -> None:
    with pytest.raises(InvalidInput):
        in_waves(TENANTS, sizes=[size])


@pytest.mark.parametrize(
    ("budget", "failed", "stops"),
    [
        (None, 20, False),
        ("", 20, False),
        ("0", 0, False),
        ("0", 1, True),
        ("2", 2, False),
        ("2", 3, True),
        ("10%", 2, False),
        ("10%", 3, True),
        ("4%", 1, True),
    ],
)
def test_the_error_budget(budget: str | None, failed: int, stops: bool) -> None:
    parameters = {"tenants": TENANTS, "going_on": TENANTS[failed:], "error_budget": budget}
    if stops:
        with pytest.raises(BudgetSpent, match=f"{failed} of 20 tenants have failed"):
            run(parameters, False)
    else:
        assert run(parameters, True).values["failed_tenants"] == TENANTS[:failed]


def test_who_is_not_in_the_play_cannot_go_on() -> None:
    with pytest.raises(InvalidInput):
        run({"tenants": ["a"], "going_on": ["b"], "error_budget": None}, False)


def test_an_amount_is_rounded_down() -> None:
    assert Amount.parse("33%", "x").of(10) == 3
