# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""TXT record sets, and which changes one needs. Pure: no I/O and no Ansible.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._changes.converge import Proposal
from .._changes.model import KNOWN_AFTER_APPLY, Action, Change, System, Value
from .._errors import InvalidInput
from . import master_file

RESOURCE = "txt_rrset"
VALUE = "TXT"
TTL = "ttl"
DEFAULT_TTL = 3600
# RFC 2181 section 8: 31 bits.
LARGEST_TTL = 2**31 - 1
# RFC 1035 section 4.1.4: the data of a record has two bytes for its length.
_LARGEST_DATA = 65535


@dataclass(frozen=True, order=True)
class TxtValue:
    """One TXT record: its strings, in order. Two records are one value if their bytes are."""

    strings: tuple[bytes, ...]

    @classmethod
    def from_text(cls, text: str) -> TxtValue:
        """A value as people give it, cut by bytes into as few strings as can be.

        Raises `InvalidInput` if it is no text or too long for a record.
        """
        try:
            content = text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidInput(
                f"A TXT value is not valid Unicode: {text!r}", answer=error.reason
            ) from error
        size = master_file.LONGEST_STRING
        strings = tuple(content[at : at + size] for at in range(0, len(content), size)) or (b"",)
        if len(content) + len(strings) > _LARGEST_DATA:
            raise InvalidInput(
                f"A TXT value of {len(content)} bytes does not fit into a record",
                subject=f"{text[:40]}...",
                advice="A record holds 65,279 bytes at most.",
            )
        return cls(strings)

    @classmethod
    def from_master_file(cls, form: str) -> TxtValue:
        """Read `master_file_form`. Raises `InvalidInput`."""
        return cls(master_file.parsed(form))

    @property
    def content(self) -> bytes:
        """The bytes of all strings together, by which values are compared."""
        return b"".join(self.strings)

    @property
    def text(self) -> str:
        """The value for people; a byte that is no UTF-8 as \\xNN."""
        return self.content.decode("utf-8", "backslashreplace")

    @property
    def master_file_form(self) -> str:
        """The strings in quotes, without loss."""
        return master_file.written(self.strings)


@dataclass(frozen=True)
class TxtRRset:
    """The TXT records at one name and the TTL that they share; none has no TTL.

    `has_unknown` is for dry runs: there is one record more, whose value only the run makes known.
    """

    values: frozenset[TxtValue] = frozenset()
    ttl: int | None = None
    has_unknown: bool = False

    @property
    def texts(self) -> list[str]:
        """The values for people, in a fixed order."""
        known = [value.text for value in sorted(self.values)]
        return [*known, str(KNOWN_AFTER_APPLY)] if self.has_unknown else known

    def form_of(self, value: TxtValue) -> str | None:
        """How `value` is written here: its own form, else one cut differently, else null."""
        if value in self.values:
            return value.master_file_form
        same = sorted(other for other in self.values if other.content == value.content)
        return same[0].master_file_form if same else None


@dataclass(frozen=True)
class RRsetName:
    """The zone and the owner name of a record set: absolute, in lower case, with the final dot."""

    zone: str
    owner: str

    @property
    def id(self) -> str:
        return f"{self.zone} {self.owner}"

    @property
    def name(self) -> str:
        return self.owner.removesuffix(".")

    @classmethod
    def from_id(cls, text: str) -> RRsetName:
        """Read `id`. Raises `InvalidInput`."""
        zone, _space, owner = text.partition(" ")
        if not zone.endswith(".") or not owner.endswith("."):
            raise InvalidInput("This is not the id of a TXT record set", subject=text)
        return cls(zone, owner)


@dataclass(frozen=True)
class Wanted:
    """What the operator wants: these values present or absent, alone or beside others.

    `values` is null only where the whole set is to go. `ttl` null keeps what there is. `unknown`:
    in a dry run, one value more is meant that only the run makes known. `is_by_hand`: whoever makes
    the change by hand chooses the TTL where none is wanted, so it is no change of ours.
    """

    values: tuple[TxtValue, ...] | None
    present: bool
    exclusive: bool
    ttl: int | None
    unknown: bool = False
    is_by_hand: bool = False

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any], *, check_mode: bool) -> Wanted:
        """Read the options of dns_txt. Raises `InvalidInput` for what cannot be meant."""
        texts: Sequence[str] | None = parameters["values"]
        present = parameters["state"] == "present"
        exclusive = parameters["exclusive"]
        _check_combination(texts, present=present, exclusive=exclusive)
        ttl = parameters["ttl"]
        if ttl is not None and not 0 <= ttl <= LARGEST_TTL:
            raise InvalidInput(f"ttl is not between 0 and {LARGEST_TTL}: {ttl}")
        known = known_texts(texts, check_mode=check_mode)
        return cls(
            values=None if known is None else tuple(map(TxtValue.from_text, known)),
            present=present,
            exclusive=exclusive,
            ttl=ttl if present else None,
            unknown=known is not None and known != texts,
            is_by_hand=parameters["dns_provider"] == "manual",
        )


def known_texts(texts: Sequence[str] | None, *, check_mode: bool) -> list[str] | None:
    """The values without those that an earlier task of a dry run could not know yet.

    Raises `InvalidInput` for such a value in a run.
    """
    if texts is None:
        return None
    known = [text for text in texts if text != str(KNOWN_AFTER_APPLY)]
    if len(known) < len(texts) and not check_mode:
        raise InvalidInput(
            f"A TXT value is not known: {KNOWN_AFTER_APPLY}",
            advice="This stands for a value in check mode only. In a run, the task that makes it "
            "known has to come first, and must not be in check mode itself.",
        )
    return known


def _check_combination(texts: Sequence[str] | None, *, present: bool, exclusive: bool) -> None:
    if texts is not None and not texts:
        raise InvalidInput(
            "values is an empty list",
            advice="Leave the task out where there is nothing to publish. To remove all TXT "
            "records of the name, set state=absent and exclusive=true and leave values out.",
        )
    if present and texts is None:
        raise InvalidInput("state=present needs values")
    if not present and texts is None and not exclusive:
        raise InvalidInput(
            "state=absent needs values",
            advice="To remove all TXT records of the name, set exclusive=true as well.",
        )
    if not present and texts is not None and exclusive:
        raise InvalidInput(
            "state=absent with exclusive=true removes all TXT records of the name, so values "
            "cannot be meant",
            advice="Leave out values, or exclusive to remove just these.",
        )


def propose(name: RRsetName, wanted: Wanted, state: TxtRRset) -> Proposal:
    """The changes that bring `state` to what is wanted: removals, additions, then the TTL."""
    removed = _forms(value for value in state.values if _is_unwanted(value, wanted))
    added = [value.master_file_form for value in _missing(wanted, state)]
    changes = [
        *(_change(name, VALUE, Action.REMOVE, form, None) for form in removed),
        *_change_of_unknown(name, wanted, state),
        *(_change(name, VALUE, Action.ADD, None, form) for form in added),
    ]
    after = state_after(state, changes)
    ttl = _ttl_after(wanted, state) if after.values or after.has_unknown else None
    if ttl != state.ttl and not (wanted.is_by_hand and wanted.ttl is None):
        # Told when the set comes or goes too, so that undoing brings back the same TTL.
        changes.append(_change(name, TTL, Action.REPLACE, state.ttl, ttl))
    # The TTL is one more thing that can change.
    return Proposal(tuple(changes), scope=len(state.values) + len(added) + 1)


def state_after(state: TxtRRset, changes: Iterable[Change]) -> TxtRRset:
    """What `state` becomes by any list of changes of this kind, of ours or their opposites."""
    values, ttl, has_unknown = set(state.values), state.ttl, state.has_unknown
    for change in changes:
        if change.property == TTL:
            ttl = _ttl(change.after)
        elif KNOWN_AFTER_APPLY in (change.before, change.after):
            has_unknown = change.after == KNOWN_AFTER_APPLY
        else:
            values -= _values(change.before)
            values |= _values(change.after)
    if not values and not has_unknown:
        return TxtRRset()
    if ttl is None:
        # The set was to go, but others have records in it: these keep their TTL.
        ttl = DEFAULT_TTL if state.ttl is None else state.ttl
    return TxtRRset(frozenset(values), ttl, has_unknown)


def without_idle(state: TxtRRset, changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes without that of a TTL which cannot be made.

    Undoing the creation of a set takes back its TTL as well. If others have added records to it
    since, it stays, and so does its TTL.
    """
    after = state_after(state, changes)
    return tuple(
        change
        for change in changes
        if change.property != TTL or change.after is not None or after.ttl is None
    )


def current(state: TxtRRset, change: Change) -> Value:
    """What `state` holds where `change` has its `before` and `after`."""
    if change.property == TTL:
        return state.ttl
    return state.form_of(_value(change.after if change.before is None else change.before))


def contradictions(changes: Iterable[Change], found: TxtRRset, expected: TxtRRset) -> list[str]:
    """Where `found`, read after a write, is not what the changes should have brought about.

    Values that others added since are no contradiction; values that are gone are.
    """
    told = [f"{form} is missing" for form in _forms(expected.values - found.values)]
    kept = {_value(change.before) for change in changes if _is_removal(change)} - expected.values
    told += [f"{form} is still there" for form in _forms(kept & found.values)]
    if expected.ttl != found.ttl and any(change.property == TTL for change in changes):
        told.append(f"the TTL is {found.ttl} and not {expected.ttl}")
    return told


def _is_unwanted(value: TxtValue, wanted: Wanted) -> bool:
    if wanted.values is None:
        return True
    is_named = any(value.content == other.content for other in wanted.values)
    return wanted.exclusive and not is_named if wanted.present else is_named


def _change_of_unknown(name: RRsetName, wanted: Wanted, state: TxtRRset) -> list[Change]:
    """What becomes of the value that only the run makes known."""
    if wanted.present and wanted.unknown:
        is_there = state.has_unknown
        return [] if is_there else [_change(name, VALUE, Action.ADD, None, KNOWN_AFTER_APPLY)]
    # One that is to go by name may well be there; only the run will see.
    if wanted.unknown or (wanted.exclusive and state.has_unknown):
        return [_change(name, VALUE, Action.REMOVE, KNOWN_AFTER_APPLY, None)]
    return []


def _missing(wanted: Wanted, state: TxtRRset) -> list[TxtValue]:
    if not wanted.present:
        return []
    there = {value.content for value in state.values}
    # Each once, in the order given.
    return [value for value in dict.fromkeys(wanted.values or ()) if value.content not in there]


def _ttl_after(wanted: Wanted, state: TxtRRset) -> int:
    if wanted.ttl is not None:
        return wanted.ttl
    return DEFAULT_TTL if state.ttl is None else state.ttl


def _change(name: RRsetName, prop: str, action: Action, before: Value, after: Value) -> Change:
    return Change(
        system=System.DNS,
        resource=RESOURCE,
        id=name.id,
        name=name.name,
        property=prop,
        action=action,
        before=before,
        after=after,
    )


def _is_removal(change: Change) -> bool:
    return change.property == VALUE and change.before is not None


def _forms(values: Iterable[TxtValue]) -> list[str]:
    return [value.master_file_form for value in sorted(values)]


def _values(form: Value) -> set[TxtValue]:
    return set() if form is None else {_value(form)}


def _value(form: Value) -> TxtValue:
    if not isinstance(form, str):
        raise InvalidInput("This is not a TXT value", subject=str(form))
    return TxtValue.from_master_file(form)


def _ttl(value: Value) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise InvalidInput("This is not a TTL", subject=str(value))
    return value
