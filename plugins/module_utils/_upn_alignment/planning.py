# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one person needs next on the way to one sign-in name on both sides. Pure.

The directory sync gives a managed user who holds a licence no new sign-in name, unless the tenant
has the feature synchronizeUpnForManagedUsersEnabled (Microsoft Entra Connect sync service
features). So such a person's licences are written down, taken off, and given back when the sync has
been there. The next step follows from what is seen alone, so a run that was broken off anywhere is
taken up by the next one where it stood. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from .._sign_in_names.names import name_key

Licenses: TypeAlias = Mapping[str, frozenset[str]]
"""Licences that are assigned to a person directly: the disabled service plans by skuId."""


class Step(StrEnum):
    """What is done about one person, in the order in which a batch of people goes through it."""

    WRITE_DOWN = "write_down"
    """Their licences get on disk, before they are touched."""
    TAKE_OFF = "take_off"
    RENAME = "rename"
    """The sign-in name on premises."""
    GIVE_BACK = "give_back"
    """Before others are waited for, who may take long: nobody is without for their sake."""
    SETTLE = "settle"
    """Until Graph shows what has become of a write whose answer was lost."""
    CLOSE = "close"
    """What is on disk is done with."""
    AWAIT = "await"
    """Until the directory sync has brought the name to the cloud."""
    END = "end"
    """Nothing more in this run."""


@dataclass(frozen=True)
class State:
    """One person as far as it is known.

    `wanted` is null where nothing can be wanted, `directory` and `cloud` are the sign-in names, the
    latter null for who is not in the cloud. `inherited` are the skuIds of licences that come by a
    group. `snapshot` are the licences that are on disk and not known to be given back;
    `may_be_taken` says that they may have been taken off since.

    `is_adjusted` is false while something else on premises is to be changed with the name.
    `holds_back` says that the sync gives no licensed person a new name here. `is_certain` is false
    while Graph may still show what was before a write of ours. `is_given_up` says that nothing more
    is done towards `wanted` in this run, `is_left` that not even the licences are given back.
    """

    wanted: str | None
    directory: str | None
    cloud: str | None
    licenses: Licenses = field(default_factory=dict)
    inherited: frozenset[str] = frozenset()
    snapshot: Licenses | None = None
    may_be_taken: bool = False
    is_adjusted: bool = True
    holds_back: bool = False
    is_certain: bool = True
    is_given_up: bool = False
    is_left: bool = False

    @property
    def is_renamed(self) -> bool:
        """Whether the name on premises is as wanted, and what goes with it."""
        return self.is_adjusted and same_name(self.directory, self.wanted)

    @property
    def is_in_cloud(self) -> bool:
        """Whether the sync has nothing left to bring to the cloud."""
        return self.cloud is None or same_name(self.cloud, self.wanted)

    @property
    def is_aligned(self) -> bool:
        """Whether both names are as wanted."""
        return self.is_renamed and self.is_in_cloud

    @property
    def must_be_unlicensed(self) -> bool:
        """Whether the sync would not bring the name while there is a licence."""
        return self.holds_back and not self.is_in_cloud

    @property
    def is_blocked(self) -> bool:
        """Whether a licence is in the way that only the group can take off."""
        return self.must_be_unlicensed and bool(self.inherited)

    @property
    def missing(self) -> Licenses:
        """Licences on disk that may be gone through us."""
        if self.snapshot is None or not self.may_be_taken:
            return {}
        return {sku: off for sku, off in self.snapshot.items() if sku not in self.licenses}

    @property
    def altered(self) -> Licenses:
        """Licences that somebody else gave back with other disabled plans than are on disk."""
        if self.snapshot is None or not self.may_be_taken:
            return {}
        return {
            sku: off
            for sku, off in self.snapshot.items()
            if sku in self.licenses and self.licenses[sku] != off
        }

    @property
    def to_write_down(self) -> Licenses:
        """What is to be on disk before anything is taken off: never less than there is."""
        return {**(self.snapshot or {}), **self.licenses}

    @property
    def is_written_down(self) -> bool:
        """Whether all that would be taken off is on disk."""
        return self.snapshot is not None and all(
            self.snapshot.get(sku) == off for sku, off in self.licenses.items()
        )


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two sign-in names are one to a server, which looks at no case."""
    if one is None or other is None:
        return False
    return one == other or name_key(one) == name_key(other)


def next_step(state: State) -> Step:
    """What is to be done about a person now."""
    if state.snapshot is None:
        return _onwards(state)
    is_over = state.is_given_up or state.is_aligned or state.is_blocked
    return _back(state) if is_over or state.altered else _onwards(state)


def _onwards(state: State) -> Step:
    """The next step towards the wanted name."""
    if state.wanted is None or state.is_given_up or state.is_aligned or state.is_blocked:
        return Step.END
    if state.must_be_unlicensed and state.licenses:
        return Step.TAKE_OFF if state.is_written_down else Step.WRITE_DOWN
    return Step.AWAIT if state.is_renamed else Step.RENAME


def _back(state: State) -> Step:
    """The next step towards the licences that are on disk."""
    if state.is_left:
        return Step.END
    if state.missing:
        return Step.GIVE_BACK
    if state.may_be_taken and not state.is_certain:
        return Step.SETTLE
    return Step.END if state.altered else Step.CLOSE


def done(state: State, step: Step) -> State:
    """What a step leads to if it goes well."""
    match step:
        case Step.WRITE_DOWN:
            return replace(state, snapshot=state.to_write_down)
        case Step.TAKE_OFF:
            return replace(state, licenses={}, may_be_taken=True, is_certain=True)
        case Step.RENAME:
            return replace(state, directory=state.wanted, is_adjusted=True)
        case Step.AWAIT:
            return replace(state, cloud=state.wanted)
        case Step.GIVE_BACK:
            return _given_back(state)
        case Step.SETTLE:
            return replace(state, is_certain=True)
        case Step.CLOSE:
            return replace(state, snapshot=None, may_be_taken=False)
        case Step.END:
            return state


def _given_back(state: State) -> State:
    """Only what was assigned now is certain: what was to be seen beside it may be gone by now."""
    is_all = len(state.missing) == len(state.snapshot or {})
    return replace(
        state,
        licenses={**state.licenses, **state.missing},
        is_certain=state.is_certain or is_all,
    )


def course(state: State) -> Iterator[tuple[Step, State]]:
    """All steps of a person if each goes well, with what is there before each."""
    while (step := next_step(state)) is not Step.END:
        yield step, state
        state = done(state, step)
