# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person wants to write: what has to go with it, and what speaks against it.

A person may do what a suggestion must not: change a domain, take another name. The rules hold for
both. Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from ..addresses import address_key
from ..attributes import (
    COMMON_NAME,
    JUDGED,
    MAIL,
    MULTI_VALUED,
    PROXY_ADDRESSES,
    USER_ACCOUNT_CONTROL,
    USER_PRINCIPAL_NAME,
)
from ..catalogue import rule
from ..checks.e_mail import is_clean_address
from ..judgement import ADDRESS, judge, uniqueness_claims
from ..model import DirectoryObject, Finding, Severity, ValueChange
from ..policy import Policy
from ..value_changes import changed, composed
from .places import PRIMARY, SECONDARY, Place, addresses_of
from .trial import Breach, Taken

# The name in the DN is changed by a rename, the flags of an account are no text.
_WRITABLE = frozenset(JUDGED) - {COMMON_NAME, USER_ACCOUNT_CONTROL}


def with_companions(
    obj: DirectoryObject,
    changes: Sequence[ValueChange],
    policy: Policy,
    taken: Taken | None = None,
) -> tuple[ValueChange, ...]:
    """The changes, and those that keep mail, proxyAddresses and userPrincipalName together.

    An address that is changed in one of them is changed in the others too, as far as the changes do
    not say something else there. The old one stays as a secondary address if mail could arrive at
    it; but not if another object has it, nor as long as nobody says that none does (`taken`).
    """
    edit = _Edit(obj, changes)
    edit.rename_elsewhere()
    edit.demote_other_primaries()
    edit.add_mail()
    for old in edit.renamed:
        if _may_stay(obj, old, policy, taken) and not edit.is_decided(old):
            edit.add(f"{SECONDARY}:{old.address}")
    return composed(chain(changes, edit.companions))


def objections(
    obj: DirectoryObject, changes: Sequence[ValueChange], policy: Policy, taken: Taken
) -> tuple[str, ...]:
    """Why the changes must not be made: rules that block and that a new value breaks, or that are
    broken only then; addresses and names that another object has; what cannot be written."""
    after = changed(obj, changes)
    return (
        *_unwritable(obj, changes),
        *_broken(obj, after, changes, policy),
        *_taken(obj, after, policy, taken),
    )


class _Edit:
    """The object with the changes of a person, to which companions are added one by one."""

    def __init__(self, obj: DirectoryObject, changes: Sequence[ValueChange]) -> None:
        self.companions: list[ValueChange] = []
        self.renamed: list[Place] = []
        self._changes = changes
        self._before = addresses_of(obj)
        self._after = changed(obj, changes)
        self._addresses = addresses_of(self._after)

    def rename_elsewhere(self) -> None:
        """Change each address that was changed somewhere in all its other places."""
        new_of: dict[str, str] = {}
        for old, new in sorted(self._renamings(), key=lambda pair: pair[0].attribute != MAIL):
            if old.key not in new_of and old.key != new.key:
                new_of[old.key] = new.address
                self.renamed.append(old)
        for place in self._addresses.all:
            if place.key in new_of and not self._is_persons(place):
                self._rename(place, new_of[place.key])

    def demote_other_primaries(self) -> None:
        """If a person names a new primary address, the old one becomes secondary, and mail follows
        if it was that one."""
        named = [place for place in self._addresses.primaries if self._is_persons(place)]
        if len(named) != 1:
            return
        for place in self._addresses.primaries:
            if place not in named and place.key != named[0].key:
                self._replace(place, f"{SECONDARY}:{place.address}")
                mail = self._addresses.mail
                if mail is not None and mail.key == place.key and not self._is_persons(mail):
                    self._replace(mail, named[0].address)

    def add_mail(self) -> None:
        """Put the address that a person wrote into mail among the proxyAddresses, if there are
        any."""
        mail, smtp = self._addresses.mail, self._addresses.smtp
        if mail is None or not smtp or not self._is_persons(mail):
            return
        if mail.key not in {place.key for place in smtp}:
            prefix = SECONDARY if self._addresses.primaries else PRIMARY
            self.add(f"{prefix}:{mail.address}")

    def add(self, value: str) -> None:
        """Add one of the proxyAddresses."""
        self._make(ValueChange(PROXY_ADDRESSES, None, value))

    def is_decided(self, old: Place) -> bool:
        """Whether the person decided what becomes of the address among the proxyAddresses, or it is
        among them still."""
        decided = {place.value for place in self._before.smtp if place.key == old.key} & {
            change.before for change in self._changes if change.attribute == PROXY_ADDRESSES
        }
        return bool(decided) or old.key in {place.key for place in self._addresses.smtp}

    def _renamings(self) -> Iterator[tuple[Place, Place]]:
        for change in self._changes:
            old = _place(self._before.all, change.attribute, change.before)
            new = _place(self._addresses.all, change.attribute, change.after)
            if old is not None and new is not None:
                yield old, new

    def _is_persons(self, place: Place) -> bool:
        return any(
            (change.attribute, change.after) == (place.attribute, place.value)
            for change in self._changes
        )

    def _rename(self, place: Place, address: str) -> None:
        same = [other for other in self._addresses.smtp if other.key == address_key(address)]
        if not place.is_smtp or not same:
            self._replace(place, place.with_address(address))
        elif not place.is_primary or same[0].is_primary:
            self._make(ValueChange(PROXY_ADDRESSES, place.value, None))
        elif not self._is_persons(same[0]):
            self._make(ValueChange(PROXY_ADDRESSES, place.value, None))
            self._replace(same[0], f"{PRIMARY}:{same[0].address}")

    def _replace(self, place: Place, value: str) -> None:
        self._make(ValueChange(place.attribute, place.value, value))

    def _make(self, change: ValueChange) -> None:
        self.companions.append(change)
        self._after = changed(self._after, (change,))
        self._addresses = addresses_of(self._after)


def _place(places: Sequence[Place], attribute: str, value: str | None) -> Place | None:
    """The e-mail address in a value, null if there is none."""
    for place in places:
        if (place.attribute, place.value) == (attribute, value):
            is_e_mail = place.is_smtp or attribute in (MAIL, USER_PRINCIPAL_NAME)
            return place if is_e_mail else None
    return None


def _may_stay(obj: DirectoryObject, old: Place, policy: Policy, taken: Taken | None) -> bool:
    addresses = addresses_of(obj)
    was_mail = any(
        place.key == old.key and (place.is_smtp or place.attribute == MAIL)
        for place in addresses.all
    )
    return (
        taken is not None
        and was_mail
        and bool(addresses.smtp)
        and is_clean_address(old.address, policy)
        and not taken(ADDRESS, old.key, obj.guid)
    )


def _unwritable(obj: DirectoryObject, changes: Sequence[ValueChange]) -> Iterator[str]:
    for change in changes:
        attribute = change.attribute
        if attribute not in _WRITABLE:
            yield f"{attribute} is not among the attributes that are written"
        elif change.after == "":
            yield f"{attribute}: a directory holds no empty values; to remove one is another action"
        elif change.before is not None and change.before not in obj.all(attribute):
            yield f"{attribute}: {change.before!r} is not there"
        elif attribute in obj.undecodable and attribute not in MULTI_VALUED:
            yield f"{attribute} holds bytes that are not UTF-8 and would be lost"


def _broken(
    obj: DirectoryObject, after: DirectoryObject, changes: Sequence[ValueChange], policy: Policy
) -> Iterator[str]:
    written = {(change.attribute, change.after) for change in changes}
    blocking = [one for one in judge(after, policy) if one.severity is Severity.BLOCKING]
    before = set(map(Breach.of, judge(obj, policy))) if blocking else set()
    for finding in blocking:
        if (finding.attribute, finding.value) in written or Breach.of(finding) not in before:
            yield _told(finding)


def _told(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value!r}"
    return f"{finding.attribute}{value}: {finding.detail}. {rule(finding.rule).says}"


def _taken(
    obj: DirectoryObject, after: DirectoryObject, policy: Policy, taken: Taken
) -> Iterator[str]:
    held = {(claim.space, claim.key) for claim in uniqueness_claims(obj, policy)}
    for claim in uniqueness_claims(after, policy):
        if (claim.space, claim.key) not in held and taken(claim.space, claim.key, obj.guid):
            held.add((claim.space, claim.key))
            yield f"{claim.attribute} {claim.value!r}: another object has it or is to get it"
