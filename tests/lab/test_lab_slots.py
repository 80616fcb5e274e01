# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which place of a machine a lab gets: its own again, a free one, or that of a lab that is down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab import slots
from lab.errors import LabError


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The slots in which a lab is up, on a machine with two of them."""
    up: set[int] = set()
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    monkeypatch.setattr(slots, "SLOTS", range(2))
    monkeypatch.setattr(slots, "_runtime_folder", lambda: runtime)
    monkeypatch.setattr(slots, "_is_running", lambda slot: slot in up)
    monkeypatch.setattr(slots, "_sockets_are_free", lambda slot: slot not in up)
    return up


def place(state: Path, *, hours_ago: int) -> int:
    """The slot that a lab gets when it is started, so long ago."""
    state.mkdir(exist_ok=True)
    slot = slots.take_place(state).settings.slot
    moment = slots._last_owned(slot) - 3600 * hours_ago
    os.utime(slots._slot_folder(slot) / "owner", (moment, moment))
    return slot


def test_lab_gets_its_own_place_again(running: set[int], tmp_path: Path) -> None:
    first = place(tmp_path / "first", hours_ago=3)
    assert place(tmp_path / "second", hours_ago=2) != first
    assert place(tmp_path / "first", hours_ago=1) == first


def test_lab_that_is_down_for_longest_gives_way(running: set[int], tmp_path: Path) -> None:
    second = place(tmp_path / "second", hours_ago=2)
    first = place(tmp_path / "first", hours_ago=3)
    assert place(tmp_path / "third", hours_ago=1) == first
    assert place(tmp_path / "first", hours_ago=0) == second


def test_lab_that_is_up_stays_where_it_is(running: set[int], tmp_path: Path) -> None:
    running.add(place(tmp_path / "first", hours_ago=3))
    second = place(tmp_path / "second", hours_ago=2)
    assert place(tmp_path / "third", hours_ago=1) == second
    running.add(second)
    with pytest.raises(LabError, match=r"All 2 places .* are taken\. End one"):
        slots.take_place(tmp_path / "second")
