# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object after changes, and several changes in a row taken as one.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .attributes import MULTI_VALUED
from .model import DirectoryObject, ValueChange


def changed(obj: DirectoryObject, changes: Iterable[ValueChange]) -> DirectoryObject:
    """The object after the changes, made one after the other.

    A value that is to be replaced and is not there counts as added, and one that is to be added and
    is there already stays the only one.
    """
    values = {attribute: list(all_values) for attribute, all_values in obj.values.items()}
    for change in changes:
        held = values.setdefault(change.attribute, [])
        if change.attribute not in MULTI_VALUED:
            held[:] = [] if change.after is None else [change.after]
        else:
            _exchange(held, change.before, change.after)
    return replace(obj, values={name: tuple(held) for name, held in values.items() if held})


def composed(changes: Iterable[ValueChange]) -> tuple[ValueChange, ...]:
    """Changes in a row as the changes from the first state to the last.

    A value that went through several forms is one change; what came and went is none.
    """
    net: list[ValueChange] = []
    for change in changes:
        _compose(net, change)
    return tuple(change for change in net if change.before != change.after)


def _exchange(held: list[str], before: str | None, after: str | None) -> None:
    position = held.index(before) if before in held else len(held)
    held[position : position + 1] = [] if after is None or after in held else [after]


def _compose(net: list[ValueChange], change: ValueChange) -> None:
    for position, earlier in enumerate(net):
        if (
            earlier.attribute == change.attribute
            and earlier.after == change.before
            and (change.before is not None or change.attribute not in MULTI_VALUED)
        ):
            net[position] = replace(earlier, after=change.after)
            return
    net.append(change)
