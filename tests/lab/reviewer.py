# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody who goes through a review file in a spreadsheet and saves it again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

Row = dict[str, str]

# A byte order mark in front, as a spreadsheet reads and writes it
_ENCODING = "utf-8-sig"


def rows(path: Path) -> list[Row]:
    """The rows of a review file, by the names of its columns."""
    with path.open(encoding=_ENCODING, newline="") as file:
        return list(csv.DictReader(file, strict=True))


def blocking(path: Path) -> list[Row]:
    """The rows about what blocks sync."""
    return [row for row in rows(path) if row["SEVERITY"] == "blocking"]


def review(path: Path, decide: Callable[[Row], Row]) -> None:
    """Put a decision into each row of a review file."""
    _save(path, [decide(row) for row in rows(path)])


def accept_suggestions(row: Row) -> Row:
    """Do what is proposed, and leave alone what is not."""
    return {**row, "ACTION": row["PROPOSEDACTION"]}


def _save(path: Path, reviewed: Iterable[Row]) -> None:
    kept = list(reviewed)
    with path.open("w", encoding=_ENCODING, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)
