# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asked before each write of a task, beside plan and limit: whether the run may still write at all.

Whoever performs a task says how to find that out, such as by looking whether the lock of the tenant
is still the run's own. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Check: TypeAlias = Callable[[], None]

_check: ContextVar[Check | None] = ContextVar("_check", default=None)


def require_standing() -> None:
    """Raise what the check raises, if there is one: then the write must not be made."""
    check = _check.get()
    if check is not None:
        check()


@contextmanager
def checked_before_writes(check: Check | None) -> Iterator[None]:
    """Ask `check` before each write in the block; it raises a `TenantopsError` to forbid it."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)
