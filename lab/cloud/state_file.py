# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The file that keeps the state across restarts."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Writing that takes no longer than so many seconds is done at once. If it takes longer (a tenant of
# 100,000 guests takes seconds), changes wait, so that writing takes this part of the time at most.
_QUICK = 0.1
_PART = 1 / 20
# Seconds that a change waits for others if there are likely to be many.
_SOON = 0.25


class StateFile:
    """Writes the state in time; ``state`` returns it as JSON. Only its owner may read the file.

    What is written late is lost if the cloud is killed meanwhile, not if it is told to stop.
    """

    def __init__(self, path: Path, state: Callable[[], Any]) -> None:
        self._path = path
        self._state = state
        self._cost = 0.0
        self._waiting: asyncio.TimerHandle | None = None

    def read(self) -> Any:
        """Return what was written last, None if nothing was."""
        if not self._path.exists():
            return None
        return json.loads(self._path.read_text(encoding="utf-8"))

    def save(self) -> None:
        """Write the state, or see to it that it is written soon."""
        if self._cost <= _QUICK:
            self.write()
        else:
            self.save_soon()

    def save_soon(self) -> None:
        """See to it that the state is written, with other changes that come meanwhile."""
        if self._waiting is None:
            seconds = max(_SOON, self._cost / _PART)
            self._waiting = asyncio.get_running_loop().call_later(seconds, self.flush)

    def flush(self) -> None:
        """Write now what waits to be written."""
        if self._waiting is not None:
            self.write()

    def write(self) -> None:
        """Replace the file now: it holds keys and secrets."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        start = time.monotonic()
        text = json.dumps(self._state(), ensure_ascii=False)
        scratch = self._path.with_name(self._path.name + ".new")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        scratch.replace(self._path)
        self._cost = time.monotonic() - start
