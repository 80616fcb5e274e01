# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The UPN suffixes of a forest, and which changes bring them to what is wanted.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .._changes.converge import Proposal
from .._changes.model import Action, Change, System
from .._errors import InvalidInput
from .suffix import parse_suffix, same_suffix_key

RESOURCE = "forest"
PROPERTY = "uPNSuffixes"


@dataclass(frozen=True)
class ForestSuffixes:
    """What is in the directory now.

    `id` is the objectGUID (lower-case text) and `dn` the name of the object that holds the list,
    `forest` the DNS name of the root domain, `domains` the DNS names of all domains (each one is a
    suffix without being in the list), `suffixes` the list as it is spelled there.
    """

    id: str
    dn: str
    forest: str
    domains: tuple[str, ...]
    suffixes: tuple[str, ...]

    def spellings(self, text: str) -> tuple[str, ...]:
        """All values in the list that are this suffix, this very spelling first.

        One at most on Windows; Samba takes another spelling of a value for another value when it is
        added, though for the same one when it is deleted (observed with Samba 4.17).
        """
        same = [value for value in self.suffixes if same_suffix_key(value) == same_suffix_key(text)]
        return tuple(sorted(same, key=lambda value: value != text))

    def stored(self, text: str) -> str | None:
        """The value in the list that is this suffix, as it is spelled there."""
        return next(iter(self.spellings(text)), None)

    def is_own_domain(self, text: str) -> bool:
        """Whether this is a domain of the forest."""
        return same_suffix_key(text) in map(same_suffix_key, self.domains)


@dataclass(frozen=True)
class WantedSuffixes:
    """What the operator asks for: either the whole list (`exactly`), or what to add and remove."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    exactly: tuple[str, ...] | None = None

    @classmethod
    def from_option(cls, option: Mapping[str, Sequence[str] | None]) -> WantedSuffixes:
        """Read the option `suffixes`. Raises `InvalidInput` for what needs no directory to refuse.

        Texts in `remove` and `set` are not checked here: they may name an odd value that is in the
        directory already.
        """
        if option["set"] is not None:
            if option["add"] or option["remove"]:
                raise InvalidInput(
                    "suffixes: set tells the whole list, so add and remove cannot go with it",
                    advice="Use either set, or add and remove.",
                )
            return cls(exactly=_distinct(option["set"]))
        wanted = cls(
            add=_distinct(map(parse_suffix, option["add"] or ())),
            remove=_distinct(option["remove"] or ()),
        )
        both = _keys(wanted.add) & _keys(map(_ascii, wanted.remove))
        if both:
            raise InvalidInput(f"suffixes: both to add and to remove: {', '.join(sorted(both))}")
        return wanted


def propose(state: ForestSuffixes, wanted: WantedSuffixes) -> Proposal:
    """The changes that are needed: first what to add as asked for, then what to remove by name.

    The scope is the values in the list and the wanted ones that are not in it. Raises
    `InvalidInput` for a removal of one of the forest's own domain names, and in `set` for a text
    that is neither a suffix nor in the list.
    """
    if wanted.exactly is None:
        add, remove = wanted.add, _to_remove(state, wanted.remove)
    else:
        add = _distinct(_kept_or_parsed(state, text) for text in wanted.exactly)
        remove = _superfluous(state, add)
    missing = [text for text in add if not state.stored(text) and not state.is_own_domain(text)]
    changes = [
        *(_change(state, Action.ADD, text) for text in missing),
        *(_change(state, Action.REMOVE, text) for text in sorted(remove, key=same_suffix_key)),
    ]
    return Proposal(tuple(changes), scope=len(state.suffixes) + len(missing))


def state_after(state: ForestSuffixes, changes: Iterable[Change]) -> ForestSuffixes:
    """The state that the changes lead to."""
    for change in changes:
        suffix = suffix_of(change)
        if change.action is Action.ADD:
            kept = state.suffixes
            state = replace(state, suffixes=(*kept, *([] if suffix in kept else [suffix])))
        else:
            gone = state.stored(suffix)
            state = replace(
                state, suffixes=tuple(value for value in state.suffixes if value != gone)
            )
    return state


def exchange(
    state: ForestSuffixes, changes: Sequence[Change]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values to delete and to add in the one request that makes the changes.

    Only values that change are in it, but of a suffix that is there in several spellings all are:
    which one of them the server would delete is not for us to say.
    """
    keys = _keys(map(suffix_of, changes))
    before = [value for value in state.suffixes if same_suffix_key(value) in keys]
    after = [
        value for value in state_after(state, changes).suffixes if same_suffix_key(value) in keys
    ]
    return tuple(before), tuple(after)


def suffix_of(change: Change) -> str:
    """The suffix that is added or removed. Raises `InvalidInput` if this is no such change."""
    value = change.after if change.action is Action.ADD else change.before
    is_ours = change.resource == RESOURCE and change.property == PROPERTY
    if not (is_ours and change.action in (Action.ADD, Action.REMOVE) and isinstance(value, str)):
        raise InvalidInput(
            "This is not a change of a UPN suffix",
            subject=change.name,
            answer=f"{change.action.value} {change.property}",
        )
    return value


def ordered(suffixes: Iterable[str]) -> list[str]:
    """Suffixes in alphabetical order, whatever order the directory gave them in."""
    return sorted(suffixes, key=same_suffix_key)


def _change(state: ForestSuffixes, action: Action, suffix: str) -> Change:
    return Change(
        system=System.AD,
        resource=RESOURCE,
        id=state.id,
        name=state.forest,
        property=PROPERTY,
        action=action,
        before=None if action is Action.ADD else suffix,
        after=suffix if action is Action.ADD else None,
    )


def _to_remove(state: ForestSuffixes, texts: Iterable[str]) -> list[str]:
    remove: dict[str, str] = {}
    for text in texts:
        if state.is_own_domain(_ascii(text)):
            raise InvalidInput(
                f"{text} is a domain of the forest {state.forest}, and its name always is a UPN"
                " suffix; it cannot be removed",
                subject=state.dn,
                advice="Take it out of remove.",
            )
        remove |= {value: value for value in state.spellings(text)}
        remove |= {value: value for value in state.spellings(_ascii(text))}
    return list(remove)


def _superfluous(state: ForestSuffixes, wanted: Iterable[str]) -> list[str]:
    """What `set` removes: not the name of an own domain that somebody listed all the same, since
    listed or not it stays a suffix."""
    keys = _keys(wanted)
    return [
        stored
        for stored in state.suffixes
        if same_suffix_key(stored) not in keys and not state.is_own_domain(stored)
    ]


def _kept_or_parsed(state: ForestSuffixes, text: str) -> str:
    return state.stored(text) or parse_suffix(text)


def _ascii(text: str) -> str:
    """The ASCII form of a suffix; anything else as it is, since odd values can be removed."""
    try:
        return parse_suffix(text)
    except InvalidInput:
        return text


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """In the order given, each suffix once, in its first spelling."""
    first: dict[str, str] = {}
    for text in texts:
        first.setdefault(same_suffix_key(text), text)
    return tuple(first.values())


def _keys(texts: Iterable[str]) -> set[str]:
    return {same_suffix_key(text) for text in texts}
