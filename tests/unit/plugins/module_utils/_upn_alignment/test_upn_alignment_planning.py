# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._upn_alignment.planning import (
    State,
    Step,
    course,
    same_name,
)

E3 = {"e3": frozenset({"sway"})}
BOTH = {**E3, "ems": frozenset[str]()}
HELD_BACK = State(
    "kim@firm.example",
    "kim@firm.local",
    "kim@firm.onmicrosoft.example",
    licenses=E3,
    holds_back=True,
)
BROKEN_OFF = replace(HELD_BACK, licenses={}, snapshot=E3, may_be_taken=True)
DANCE = [
    Step.WRITE_DOWN,
    Step.TAKE_OFF,
    Step.RENAME,
    Step.AWAIT,
    Step.GIVE_BACK,
    Step.CLOSE,
]


def steps(state: State) -> list[Step]:
    return [step for step, _state in course(state)]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(HELD_BACK, DANCE, id="held back"),
        pytest.param(
            replace(HELD_BACK, directory="KIM@firm.example"),
            [step for step in DANCE if step is not Step.RENAME],
            id="only the cloud is behind",
        ),
        pytest.param(
            replace(HELD_BACK, holds_back=False), [Step.RENAME, Step.AWAIT], id="sync brings it"
        ),
        pytest.param(replace(HELD_BACK, licenses={}), [Step.RENAME, Step.AWAIT], id="no licence"),
        pytest.param(
            replace(HELD_BACK, cloud="kim@firm.example"), [Step.RENAME], id="cloud has it already"
        ),
        pytest.param(replace(HELD_BACK, cloud=None, licenses={}), [Step.RENAME], id="not synced"),
        pytest.param(replace(HELD_BACK, wanted=None), [], id="nothing wanted"),
        pytest.param(replace(HELD_BACK, is_given_up=True), [], id="refused"),
        pytest.param(replace(HELD_BACK, inherited=frozenset({"ems"})), [], id="by a group"),
        pytest.param(
            replace(HELD_BACK, directory="kim@firm.example", cloud="kim@firm.example"),
            [],
            id="aligned",
        ),
        pytest.param(
            replace(
                HELD_BACK,
                directory="kim@firm.example",
                cloud="kim@firm.example",
                is_adjusted=False,
            ),
            [Step.RENAME],
            id="addresses alone",
        ),
    ],
)
def test_whole_course(state: State, expected: list[Step]) -> None:
    assert steps(state) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(BROKEN_OFF, [Step.RENAME, Step.AWAIT, Step.GIVE_BACK, Step.CLOSE], id="off"),
        pytest.param(
            replace(BROKEN_OFF, licenses=E3), DANCE[1:], id="written down, or given back too early"
        ),
        pytest.param(
            replace(BROKEN_OFF, directory="kim@firm.example"),
            [Step.AWAIT, Step.GIVE_BACK, Step.CLOSE],
            id="renamed",
        ),
        pytest.param(
            replace(BROKEN_OFF, directory="kim@firm.example", cloud="kim@firm.example"),
            [Step.GIVE_BACK, Step.CLOSE],
            id="arrived",
        ),
        pytest.param(
            replace(
                BROKEN_OFF, directory="kim@firm.example", cloud="kim@firm.example", licenses=E3
            ),
            [Step.CLOSE],
            id="given back",
        ),
        pytest.param(
            replace(BROKEN_OFF, wanted=None, is_given_up=True),
            [Step.GIVE_BACK, Step.CLOSE],
            id="not selected any more",
        ),
        pytest.param(
            replace(BROKEN_OFF, inherited=frozenset({"ems"})),
            [Step.GIVE_BACK, Step.CLOSE],
            id="licensed by a group since",
        ),
        pytest.param(replace(BROKEN_OFF, licenses={"e3": frozenset()}), [], id="other plans since"),
        pytest.param(
            replace(BROKEN_OFF, snapshot=BOTH, licenses={"e3": frozenset()}),
            [Step.GIVE_BACK],
            id="other plans of one licence since",
        ),
        pytest.param(replace(BROKEN_OFF, is_given_up=True, is_left=True), [], id="cannot be had"),
    ],
)
def test_goes_on_where_it_was_broken_off(state: State, expected: list[Step]) -> None:
    assert steps(state) == expected


def test_another_license_is_written_down_before_it_is_taken_off() -> None:
    state = replace(BROKEN_OFF, licenses={"ems": frozenset()})
    before = dict(course(state))
    assert list(before) == [*DANCE]
    assert before[Step.TAKE_OFF].snapshot == BOTH
    assert before[Step.GIVE_BACK].missing == BOTH


def test_what_was_never_taken_off_is_not_given_back() -> None:
    state = replace(BROKEN_OFF, licenses={}, may_be_taken=False, is_given_up=True)
    assert steps(state) == [Step.CLOSE]


def test_nothing_is_closed_by_what_graph_may_have_shown_too_early() -> None:
    state = replace(BROKEN_OFF, licenses=E3, is_given_up=True, is_certain=False)
    assert steps(state) == [Step.SETTLE, Step.CLOSE]


def test_part_that_is_given_back_makes_the_rest_no_more_certain() -> None:
    state = replace(BROKEN_OFF, snapshot=BOTH, licenses=E3, is_given_up=True, is_certain=False)
    assert steps(state) == [Step.GIVE_BACK, Step.SETTLE, Step.CLOSE]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Kim@firm.example", "kim@FIRM.example", True),
        ("kim@firm.example", "lee@firm.example", False),
        (None, None, False),
        ("kim@firm.example", None, False),
    ],
)
def test_names_are_compared_as_servers_do(
    one: str | None, other: str | None, expected: bool
) -> None:
    assert same_name(one, other) is expected
