# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes changes and their opposites as LDIF, for teams that apply them themselves.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from .._changes.model import Change
from .._replaced_file import output_file
from .records import change_records, undoing


def write_plan_ldif(
    path: Path, changes: Iterable[Change], *, tenant: str | None = None, run: str | None = None
) -> None:
    """Write what makes the changes. Raises `InvalidInput` if the file cannot be written."""
    _write(path, changes, ["Makes the changes of a plan.", *_names(tenant, run)])


def write_undo_ldif(
    path: Path, changes: Sequence[Change], *, tenant: str | None = None, run: str | None = None
) -> None:
    """Write what takes the changes back, last one first. Raises `InvalidInput` likewise."""
    _write(path, undoing(changes), ["Takes back the changes of a plan.", *_names(tenant, run)])


def _names(tenant: str | None, run: str | None) -> Iterable[str]:
    return (f"{what}: {name}" for what, name in (("Tenant", tenant), ("Run", run)) if name)


def _write(path: Path, changes: Iterable[Change], comments: Iterable[str]) -> None:
    advice = "It fails where a value is not the old one: nothing newer is overwritten."
    with output_file(path, "The LDIF file") as file:
        for piece in change_records(changes, [*comments, advice]):
            file.write(piece)
