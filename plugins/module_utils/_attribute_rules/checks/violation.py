# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a check says: which rule a value breaks, and how.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model import Holder


class Violation(NamedTuple):
    """A rule (its id) that a value breaks; `value` is null where one is missing, and
    `holders` are the others where it is not theirs alone."""

    rule: str
    attribute: str
    value: str | None
    detail: str
    holders: tuple[Holder, ...] = ()
