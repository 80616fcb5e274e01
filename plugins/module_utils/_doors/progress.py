# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that tell how a long wait goes on, while the task is still running.

A door that can show them listens; where none does, as in a module, they are dropped. Whatever has
to be known afterwards belongs into the result. Private to the collection: it can change in any
release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Listener: TypeAlias = Callable[[str], None]

_listener: ContextVar[Listener | None] = ContextVar("_listener", default=None)


def tell(line: str) -> None:
    """Show one line to the operator, if anybody listens. Never put a secret into it."""
    listener = _listener.get()
    if listener is not None:
        listener(line)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` have the lines that are told in the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
