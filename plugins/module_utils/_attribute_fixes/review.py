# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rows of a review file come to for one object.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .._attribute_rules.attributes import MULTI_VALUED
from .._attribute_rules.judgement import uniqueness_claims
from .._attribute_rules.model import DirectoryObject, ValueChange
from .._attribute_rules.policy import Policy
from .._attribute_rules.suggestions import Taken, objections, with_companions
from .._attribute_rules.value_changes import changed
from .._errors import ChangedMeanwhile, InvalidInput
from .._review_file.model import ReviewRow, value_change

_RUN_AGAIN = "Write a new review file, and decide about the object again."


def decided(
    thing: DirectoryObject, rows: Iterable[ReviewRow], policy: Policy, taken: Taken
) -> tuple[ValueChange, ...]:
    """The changes that the rows of one object ask for, and what has to go with them.

    A row that was carried out before asks for nothing more. Raises `ChangedMeanwhile` if a value is
    no longer the one of its row, and `InvalidInput` if a rule objects to the outcome.
    """
    rows = tuple(rows)
    wanted: list[ValueChange] = []
    for row in rows:
        change = value_change(row)
        if change is None or _is_done(thing, change):
            continue
        if not _holds(thing, change):
            raise _changed_since(thing, row)
        wanted.append(change)
    if not wanted:
        return ()
    changes = with_companions(thing, wanted, policy, taken)
    objected = objections(thing, changes, policy, taken)
    if objected:
        raise InvalidInput(
            "The review file asks for what the rules do not allow",
            subject=f"{thing.dn} ({_lines(rows)})",
            answer="; ".join(objected),
            advice="Decide about the object again.",
        )
    return changes


def colliding(
    planned: Mapping[str, tuple[DirectoryObject, Sequence[ValueChange]]], policy: Policy
) -> dict[str, tuple[str, ...]]:
    """Of objects that get an address or name which another one of them gets too: which, by the
    objects' objectGUIDs."""
    gained = {
        guid: _claims(changed(thing, changes), policy) - _claims(thing, policy)
        for guid, (thing, changes) in planned.items()
    }
    times = Counter(claim for claims in gained.values() for claim in claims)
    contested = {
        guid: tuple(sorted(key for space, key in claims if times[space, key] > 1))
        for guid, claims in gained.items()
    }
    return {guid: keys for guid, keys in contested.items() if keys}


def _claims(thing: DirectoryObject, policy: Policy) -> set[tuple[str, str]]:
    return {(claim.space, claim.key) for claim in uniqueness_claims(thing, policy)}


def _is_done(thing: DirectoryObject, change: ValueChange) -> bool:
    if change.attribute not in MULTI_VALUED:
        return thing.one(change.attribute) == change.after
    held = thing.all(change.attribute)
    return change.before not in held and (change.after is None or change.after in held)


def _holds(thing: DirectoryObject, change: ValueChange) -> bool:
    if change.attribute not in MULTI_VALUED:
        return thing.one(change.attribute) == change.before
    return change.before is None or change.before in thing.all(change.attribute)


def _changed_since(thing: DirectoryObject, row: ReviewRow) -> ChangedMeanwhile:
    held = ", ".join(map(repr, thing.all(row.attribute))) or "none"
    was = "none" if row.value is None else repr(row.value)
    return ChangedMeanwhile(
        "The object was changed after the review file was written",
        subject=f"{thing.dn} ({_lines([row])})",
        answer=f"{row.attribute} was {was}, and is {held} now",
        advice=_RUN_AGAIN,
    )


def _lines(rows: Sequence[ReviewRow]) -> str:
    numbers = ", ".join(str(row.line) for row in rows)
    return f"line{'s' if len(rows) > 1 else ''} {numbers} of the review file"
