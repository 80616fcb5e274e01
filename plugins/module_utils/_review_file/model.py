# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person decided in a review file. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .._attribute_rules.model import ValueChange


class Decision(StrEnum):
    """What is in the column ACTION: change the value, take it away, or leave it as it is."""

    EDIT = "EDIT"
    REMOVE = "REMOVE"
    COMPLETE = "COMPLETE"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row with a decision.

    `line` is where it begins in the file. `guid` is the objectGUID as lower-case text, null in a
    file of IdFix: there the object is known by `dn` alone. `value` is what the object held when the
    file was written and `update` what it is to hold; null where there is none, because a directory
    has no empty values.
    """

    line: int
    guid: str | None
    dn: str
    attribute: str
    value: str | None
    update: str | None
    action: Decision


@dataclass(frozen=True)
class ReviewFile:
    """A review file that makes sense as a whole: its decisions in the order of the file.

    Two rows never decide about the same value. `undecided` counts the rows without an ACTION.
    """

    rows: tuple[ReviewRow, ...]
    undecided: int
    warnings: tuple[str, ...]


def value_change(row: ReviewRow) -> ValueChange | None:
    """The change that a row asks for; null where nothing is to be written.

    As in IdFix, EDIT with an empty UPDATE removes the value.
    """
    if row.action is Decision.COMPLETE:
        return None
    after = None if row.action is Decision.REMOVE else row.update
    if after == row.value:
        return None
    return ValueChange(row.attribute, row.value, after)
