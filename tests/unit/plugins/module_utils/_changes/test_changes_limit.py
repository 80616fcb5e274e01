# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._changes.limit import Limit
from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    InvalidInput,
    TooManyChanges,
)


@pytest.mark.parametrize(
    ("text", "changes", "scope"),
    [
        ("10", 10, 10),
        ("0", 0, 5),
        ("20%", 1, 5),
        ("20 %", 2, 10),
        (" 2.5% ", 1, 40),
        ("0%", 0, 0),
        ("100%", 7, 7),
        ("300%", 3, 1),
    ],
)
def test_within_the_limit(text: str, changes: int, scope: int) -> None:
    Limit.parse(text).check(changes, scope)


@pytest.mark.parametrize(
    ("text", "changes", "scope"),
    [
        ("10", 11, 1000),
        ("0", 1, 5),
        ("20%", 2, 5),
        ("19.9%", 1, 5),
        ("0%", 1, 100),
        ("50%", 1, 0),
        ("100%", 8, 7),
    ],
)
def test_beyond_the_limit(text: str, changes: int, scope: int) -> None:
    with pytest.raises(TooManyChanges) as caught:
        Limit.parse(text).check(changes, scope)
    assert f"max_changes={text}" in str(caught.value)
    assert caught.value.nothing_written


@pytest.mark.parametrize("text", ["", "-1", "1.5", "ten", "10%%", "%", "1e3", "10 20", "∞"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="max_changes"):
        Limit.parse(text)
