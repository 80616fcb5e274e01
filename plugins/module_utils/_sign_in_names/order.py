# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order people get their new names, so that each is free when it is somebody's turn. Pure.

Where one person gets the name of another, who gets another one, the other goes first. Where people
exchange their names in a circle, nobody can go first: one of them takes a temporary name meanwhile.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .names import name_key

_TEMPORARY = "tenantops."


@dataclass(frozen=True)
class Renaming:
    """A person, by id, and the name before and after."""

    id: str
    before: str
    after: str


@dataclass(frozen=True)
class Order:
    """Whom each person has to wait for, and who goes out of the way first.

    `renamings` are by id, in an order in which everybody comes after the one waited for.
    `waits_for` names, by id, the one whose name has to become free. Those in `parked` take a
    temporary name before all others of their circle, which frees their old one.
    """

    renamings: Mapping[str, Renaming] = field(default_factory=dict)
    waits_for: Mapping[str, str] = field(default_factory=dict)
    parked: frozenset[str] = frozenset()

    @classmethod
    def of(cls, renamings: Iterable[Renaming]) -> Order:
        """The order of renamings of which no two are for one person, nor begin or end with one
        name."""
        by_id = {each.id: each for each in sorted(renamings, key=lambda one: (one.before, one.id))}
        holders = {name_key(each.before): each.id for each in by_id.values()}
        waits_for = {
            each.id: holder
            for each in by_id.values()
            if (holder := holders.get(name_key(each.after))) is not None and holder != each.id
        }
        first, parked = _sorted(by_id, waits_for)
        return cls({identity: by_id[identity] for identity in first}, waits_for, parked)

    def behind(self, identities: Collection[str]) -> Mapping[str, str]:
        """Who cannot be renamed if these are not, each with the one among all of them whose name
        does not become free."""
        followers = {blocker: waiting for waiting, blocker in self.waits_for.items()}
        found: dict[str, str] = {}
        for blocker in identities:
            waiting = followers.get(blocker)
            while waiting is not None and waiting not in identities and waiting not in found:
                found[waiting] = blocker
                blocker, waiting = waiting, followers.get(waiting)
        return found


def temporary_name(identity: str, initial_domain: str) -> str:
    """The name of a person who waits for another one: nobody else's, and recognised as ours."""
    return f"{_local(identity)}@{initial_domain}"


def is_temporary(name: str, identity: str) -> bool:
    """Whether a name is the temporary one of the person with this id."""
    return name.rpartition("@")[0].lower() == _local(identity)


def _local(identity: str) -> str:
    return f"{_TEMPORARY}{identity.replace('-', '').lower()}"


def _sorted(
    by_id: Mapping[str, Renaming], waits_for: Mapping[str, str]
) -> tuple[list[str], frozenset[str]]:
    """The ids so that each comes after the one that it waits for, but for one of each circle."""
    followers = {blocker: waiting for waiting, blocker in waits_for.items()}
    ordered: dict[str, None] = {}
    parked: set[str] = set()
    for identity in by_id:
        if identity not in waits_for:
            ordered.update(dict.fromkeys(_chain(identity, followers)))
    for identity in by_id:
        if identity not in ordered:
            # What is left are circles. Who is parked comes last among those who come after it.
            parked.add(identity)
            first, *others = _chain(identity, followers)
            ordered.update(dict.fromkeys((*others, first)))
    return list(ordered), frozenset(parked)


def _chain(identity: str, followers: Mapping[str, str]) -> Iterator[str]:
    """Somebody, who waits for them, who waits for that one, and so on."""
    waiting: str | None = identity
    while waiting is not None:
        yield waiting
        waiting = followers.get(waiting)
        if waiting == identity:
            return
