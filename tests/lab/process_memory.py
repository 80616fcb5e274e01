# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all processes that this one has started hold in memory together, at most."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Seconds between two looks
_PAUSE = 0.25
_SHARE = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)


@dataclass
class Peak:
    """The most that was seen at one moment, in bytes, and in how many looks."""

    memory: int = 0
    looks: int = 0

    def look(self) -> None:
        self.memory = max(self.memory, sum(map(_memory, _offspring(os.getpid()))))
        self.looks += 1


@contextmanager
def watched() -> Iterator[Peak]:
    """Look again and again until the block ends.

    A page that processes share counts once in all of them together (PSS), since workers share
    nearly all of the process that they are forked from.
    """
    peak, ended = Peak(), threading.Event()

    def watch() -> None:
        while not ended.wait(_PAUSE):
            peak.look()

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(watch)
        try:
            yield peak
        finally:
            ended.set()
        # Raises what went wrong while watching: then the peak would be of a part of the run.
        watching.result()


def _offspring(ancestor: int) -> Iterator[int]:
    """Every process below one, but itself."""
    for child in _children(ancestor):
        yield child
        yield from _offspring(child)


def _children(pid: int) -> list[int]:
    """The processes that the threads of one have started; none if it has ended meanwhile."""
    try:
        threads = [Path(entry.path, "children") for entry in os.scandir(f"/proc/{pid}/task")]
        return [int(child) for path in threads for child in path.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _memory(pid: int) -> int:
    """Bytes of a process; none if it has ended meanwhile."""
    try:
        share = _SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(share[1]) * 1024 if share else 0
