# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What moved between a plan that was approved and what a dry run finds now. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .._changes.model import Change, Place, display
from .._changes.plan import Plan, digest


class Standing(StrEnum):
    """How a tenant stands to its approved plan."""

    AS_APPROVED = "as_approved"
    """A dry run finds exactly what was approved."""
    BEGUN = "begun"
    """An earlier application made a part of it; what is left was approved."""
    NOTHING_TO_DO = "nothing_to_do"
    """The approved plan is empty, and so is the dry run."""
    ALREADY_APPLIED = "already_applied"
    """An earlier application made all of it."""
    MOVED = "moved"
    """The tenant is not as it was planned for: it is left alone."""


@dataclass(frozen=True)
class Comparison:
    """How a tenant stands, and if it moved, what did: one line for each thing."""

    standing: Standing
    moved: tuple[str, ...] = ()


def compare(approved: Plan, now: Plan, *, begun: bool) -> Comparison:
    """Hold what a dry run finds now against what was approved.

    `begun` says that this plan was begun to be applied before: then what is missing may have been
    made by that, but whatever else differs has moved all the same.
    """
    if _digest(approved) == _digest(now):
        empty = not approved.changes
        return Comparison(Standing.NOTHING_TO_DO if empty else Standing.AS_APPROVED)
    if begun and not approved.deviations(now.changes):
        return Comparison(Standing.BEGUN if now.changes else Standing.ALREADY_APPLIED)
    return Comparison(Standing.MOVED, tuple(_movements(approved.changes, now.changes)))


def _digest(plan: Plan) -> str:
    return digest(change.to_json() for change in plan.changes)


def _movements(approved: Sequence[Change], now: Sequence[Change]) -> list[str]:
    planned = {change.identity() for change in approved}
    found = {change.identity() for change in now}
    gone = [change for change in approved if change.identity() not in found]
    new = [change for change in now if change.identity() not in planned]
    by_place: dict[Place, list[Change]] = {}
    for change in new:
        by_place.setdefault(change.place(), []).append(change)
    lines = []
    for change in gone:
        others = by_place.get(change.place(), [])
        if others:
            other = others.pop(0)
            lines.append(f"{_what(change)}: approved {_values(change)}, now {_values(other)}")
        else:
            lines.append(
                f"{_what(change)}: {_values(change)} was approved, and is not due any more"
            )
    lines += [
        f"{_what(change)}: {_values(change)} is due now, and was not approved"
        for change in _left(by_place)
    ]
    return lines or ["The same changes in another order, or with another name, rule or note"]


def _left(by_place: dict[Place, list[Change]]) -> Iterable[Change]:
    return (change for changes in by_place.values() for change in changes)


def _what(change: Change) -> str:
    return f"{change.system.value}: {change.action.value} {change.property} of {change.name}"


def _values(change: Change) -> str:
    return f"{display(change.before)} -> {display(change.after)}"
