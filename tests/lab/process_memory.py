# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all processes that this one has started hold in memory together, at most."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
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

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def _offspring(ancestor: int) -> Iterator[int]:
    """Every process below one, but itself."""
    for child in _children(ancestor):
        yield child
        yield from _offspring(child)


def _children(pid: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _memory(pid: int) -> int:
    """Bytes of a process; none if it has ended meanwhile."""
    try:
        share = _SHARE.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(share[1]) * 1024 if share else 0
