# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Undoing a journal: its net effect, newest first, and what of it may be taken back.

Pure functions over the journal's writes and the values that the servers hold now. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .journal import Write
from .model import Action, Change, JsonValue, Value, display

ResourceKey = tuple[str, str, str]
_ValueKey = tuple[object, ...]


@dataclass(frozen=True)
class Conflict:
    """A change that is left alone, and why: its value is neither the old one nor ours."""

    change: Change
    found: Value
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        """The conflict as a task returns it."""
        return {
            "change": self.change.to_json(),
            "found": display(self.found),
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Undo:
    """What undoing comes to for one resource."""

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]


def resource_key(change: Change) -> ResourceKey:
    """What one write request concerns: changes with the same key are undone together."""
    return (change.system.value, change.resource, change.id)


def net_changes(writes: Iterable[Write]) -> dict[ResourceKey, list[Change]]:
    """The net effect of a journal per resource, newest first.

    A value that was changed more than once counts once, from the first value found to the last one
    written, so that undoing twice finds nothing to do the second time.
    """
    effects: dict[_ValueKey, list[_Effect]] = {}
    order = 0
    for write in writes:
        if write.outcome == "not_made":
            continue
        for change in write.changes:
            order += 1
            chain = effects.setdefault(_value_key(change), [])
            _append(chain, _Effect(change, order, certain=write.outcome == "made"))
    ordered = sorted(
        (effect for chain in effects.values() for effect in chain),
        key=lambda effect: effect.order,
        reverse=True,
    )
    by_resource: dict[ResourceKey, list[Change]] = {}
    for effect in ordered:
        if effect.change.before != effect.change.after or not effect.change.reversible:
            by_resource.setdefault(resource_key(effect.change), []).append(effect.change)
    return by_resource


def plan_undo(changes: Sequence[Change], current: Callable[[Change], Value]) -> Undo:
    """Which opposites to make for one resource's net changes (newest first), given its values now.

    A value that is still ours is put back; one that is already back is left; any other value is a
    conflict and is left alone as well.
    """
    chains: dict[_ValueKey, list[Change]] = {}
    for change in changes:
        chains.setdefault(_value_key(change), []).append(change)
    undone: list[Change] = []
    conflicts: list[Conflict] = []
    for chain in chains.values():
        found = current(chain[0])
        if _is_taken_away(found, chain[0].property, undone):
            # The same value in another spelling, which makes room for this one.
            found = None
        undo, left_alone = _put_back(chain, found)
        undone.extend(undo)
        conflicts.extend(left_alone)
    return Undo(tuple(undone), tuple(conflicts))


def _put_back(chain: Sequence[Change], found: Value) -> tuple[list[Change], list[Conflict]]:
    """At most one change, which undoes as much of a value's changes (newest first) as is ours."""
    undo: Change | None = None
    conflicts: list[Conflict] = []
    for change in chain:
        if not change.reversible:
            conflicts.append(Conflict(change, found, "it cannot be undone"))
        elif found == change.after:
            step = change.opposite()
            undo = step if undo is None else _joined(undo, step)
            found = change.before
        elif found != change.before:
            conflicts.append(Conflict(change, found, "somebody changed it since"))
            # What is older was changed by us once more and is not ours any longer.
            break
    return ([] if undo is None or undo.before == undo.after else [undo]), conflicts


def _is_taken_away(value: Value, property_name: str, changes: Iterable[Change]) -> bool:
    return any(
        (change.action, change.property, change.before) == (Action.REMOVE, property_name, value)
        for change in changes
    )


@dataclass(frozen=True)
class _Effect:
    change: Change
    order: int
    certain: bool


def _append(chain: list[_Effect], effect: _Effect) -> None:
    """Put an effect behind the others of its value.

    What an announced write without outcome came to is told by the value that the next write found.
    """
    if chain and not chain[-1].certain:
        unsure = chain.pop()
        if effect.change.before == unsure.change.after:
            _join(chain, replace(unsure, certain=True))
        elif effect.change.before != unsure.change.before:
            chain.append(unsure)
    _join(chain, effect)


def _join(chain: list[_Effect], effect: _Effect) -> None:
    """Make one effect of two that follow on each other, but only of such as are certain."""
    if chain and _follow_on(chain[-1], effect):
        chain[-1] = replace(effect, change=_joined(chain[-1].change, effect.change))
    else:
        chain.append(effect)


def _follow_on(first: _Effect, last: _Effect) -> bool:
    return (
        first.certain
        and last.certain
        and first.change.reversible
        and last.change.reversible
        and first.change.after == last.change.before
    )


def _joined(first: Change, last: Change) -> Change:
    action = last.action
    if action in (Action.ADD, Action.REMOVE):
        action = Action.ADD if first.before is None else Action.REMOVE
    return replace(last, action=action, before=first.before)


def _value_key(change: Change) -> _ValueKey:
    """Which value a change concerns: one member of a set for add and remove, else the property."""
    member: object = None
    if change.action in (Action.ADD, Action.REMOVE):
        member = display(change.after if change.before is None else change.before)
    return (*resource_key(change), change.property, member)
