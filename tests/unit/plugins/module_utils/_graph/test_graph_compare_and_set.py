# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A setting without a conditional write: read before, written, and read until it shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ChangedMeanwhile,
    NotAsWritten,
    Refused,
)
from ansible_collections.tenantops.migration.plugins.module_utils._graph import waiting
from ansible_collections.tenantops.migration.plugins.module_utils._graph.compare_and_set import (
    Settable,
)
from ansible_collections.tenantops.migration.tests.unit.plugins.module_utils._graph.answering_graph import (  # noqa: E501
    AnsweringGraph,
)


class Clock:
    """Time passes only where it is waited for."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)
    monkeypatch.setattr(waiting, "asyncio", clock)


def set_to(wanted: str, *found: Any) -> list[str]:
    """From "old"; what is found each time, the last again and again."""
    answers, sent = list(found), list[str]()

    async def read() -> str:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    async def send() -> None:
        sent.append(wanted)

    setting = Settable(AnsweringGraph().graph, "policies/this", read)
    asyncio.run(setting.compare_and_set("old", wanted, send))
    assert len(answers) == 1
    return sent


def test_it_is_sent_once_and_waited_for() -> None:
    assert set_to("new", "old", "old", "old", "new") == ["new"]


def test_who_changed_it_meanwhile_is_not_overwritten() -> None:
    with pytest.raises(ChangedMeanwhile) as caught:
        set_to("new", "somebody's")
    assert caught.value.nothing_written


def test_what_never_shows_is_an_error() -> None:
    with pytest.raises(NotAsWritten, match="accepted 'new' but keeps answering 'old'") as caught:
        set_to("new", "old")
    assert not caught.value.nothing_written


def test_a_refused_look_at_what_was_written_proves_nothing() -> None:
    with pytest.raises(Refused) as caught:
        set_to("new", "old", Refused("No"))
    assert not caught.value.nothing_written
