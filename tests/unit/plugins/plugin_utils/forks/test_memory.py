# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is there is kept out of later collections of garbage; what is garbage by then is gone."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from ansible_collections.tenantops.migration.plugins.plugin_utils._forks.memory import keep_shared


class Kept:
    """Something that can refer to itself."""

    itself: Kept


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    try:
        yield
    finally:
        gc.unfreeze()


def is_looked_through(one: object) -> bool:
    """Whether a collection of garbage meets it."""
    return any(each is one for each in gc.get_objects())


def test_what_is_there_is_looked_through_no_more() -> None:
    before, after = Kept(), None
    assert is_looked_through(before)
    keep_shared()
    after = Kept()
    assert not is_looked_through(before)
    assert is_looked_through(after)


def test_what_is_garbage_already_is_collected_first() -> None:
    garbage = Kept()
    garbage.itself = garbage
    gone = weakref.ref(garbage)
    del garbage
    keep_shared()
    assert gone() is None


def test_what_is_done_with_is_freed_as_ever() -> None:
    kept = Kept()
    gone = weakref.ref(kept)
    keep_shared()
    del kept
    assert gone() is None
