# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An object after changes, and several changes in a row taken as one.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .attributes import MULTI_VALUED
from .model import DirectoryObject, ValueChange


def changed(obj: DirectoryObject, changes: Iterable[ValueChange]) -> DirectoryObject:
    """The object after the changes, which are all made at once.

    A value that is to be replaced and is not there counts as added, and one that is to be added and
    is there already stays the only one.
    """
    by_attribute: dict[str, list[ValueChange]] = {}
    for change in changes:
        by_attribute.setdefault(change.attribute, []).append(change)
    values = dict(obj.values)
    for attribute, several in by_attribute.items():
        held = (
            _exchanged(obj.all(attribute), several)
            if attribute in MULTI_VALUED
            else tuple(filter(None, (several[-1].after,)))
        )
        values.pop(attribute, None)
        values |= {attribute: held} if held else {}
    return replace(obj, values=values)


def composed(changes: Iterable[ValueChange]) -> tuple[ValueChange, ...]:
    """Changes in a row as the changes from the first state to the last.

    A value that went through several forms is one change; what came and went is none.
    """
    net: list[ValueChange] = []
    for change in changes:
        _compose(net, change)
    return tuple(change for change in net if change.before != change.after)


def _exchanged(held: tuple[str, ...], changes: Sequence[ValueChange]) -> tuple[str, ...]:
    replaced = {change.before: change.after for change in changes if change.before is not None}
    stay = (replaced.get(value, value) for value in held)
    come = (change.after for change in changes if change.before not in held)
    return tuple(dict.fromkeys(value for value in (*stay, *come) if value is not None))


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
