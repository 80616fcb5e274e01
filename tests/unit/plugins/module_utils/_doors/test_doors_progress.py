# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio

from ansible_collections.tenantops.migration.plugins.module_utils._doors.progress import (
    listening,
    tell,
)


async def talk() -> None:
    tell("a coroutine")
    await asyncio.to_thread(tell, "a thread of it")


def test_who_listens_hears_it_from_wherever_it_is_told() -> None:
    lines: list[str] = []
    with listening(lines.append):
        tell("the task")
        asyncio.run(talk())
    assert lines == ["the task", "a coroutine", "a thread of it"]


def test_nobody_has_to_listen() -> None:
    lines: list[str] = []
    with listening(lines.append):
        pass
    tell("too late")
    assert lines == []
