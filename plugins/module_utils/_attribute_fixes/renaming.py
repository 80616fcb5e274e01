# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Other names to sign in with for objects of a directory, and the addresses that go with them.

Pure: no I/O, no Ansible. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .._attribute_rules.addresses import address_key
from .._attribute_rules.attributes import MAIL, PROXY_ADDRESSES, USER_PRINCIPAL_NAME
from .._attribute_rules.checks.e_mail import is_clean_address
from .._attribute_rules.domains import domain_key
from .._attribute_rules.fixes.places import PRIMARY, SECONDARY, addresses_of
from .._attribute_rules.judgement import ADDRESS
from .._attribute_rules.model import DirectoryObject, ValueChange
from .._attribute_rules.policy import Policy
from .._attribute_rules.suggestions import Taken, objections
from .._changes.converge import Failure, ManyProposal, Request
from .._errors import InvalidInput, TenantopsError
from .._sign_in_names.wanted import Wanted, WhyNot, is_same_name, wanted_name
from .model import Values, changes_of
from .review import colliding

_NOT_FOREST_SUFFIX = f"{USER_PRINCIPAL_NAME}.not_forest_suffix"


class Adjusted(StrEnum):
    """What is changed beside the userPrincipalName, where the object has it."""

    MAIL = "mail"
    """It becomes the new name."""
    PROXY_ADDRESSES = "proxyAddresses"
    """The new name becomes the primary address; the one before stays as a secondary one."""


@dataclass(frozen=True)
class DirectoryNames:
    """An object of a directory as a `Person` of `_sign_in_names`."""

    thing: DirectoryObject

    @property
    def user_principal_name(self) -> str | None:
        """See `Person`."""
        return self.thing.one(USER_PRINCIPAL_NAME)

    @property
    def mail(self) -> str | None:
        """See `Person`."""
        return self.thing.one(MAIL)

    @property
    def proxy_addresses(self) -> tuple[str, ...]:
        """See `Person`."""
        return self.thing.all(PROXY_ADDRESSES)


@dataclass(frozen=True)
class NotRenamed:
    """Somebody who is selected and not meant, and why."""

    thing: DirectoryObject
    reason: str


@dataclass
class RenamePlan:
    """What is to be renamed, what cannot be, and who is left alone.

    `known` are the values of the objects by objectGUID, for `DirectoryObjects`. `names` are the
    names that objects get, by objectGUID. `unchanged` counts those that have theirs.
    """

    requests: list[Request] = field(default_factory=list)
    known: dict[str, Values] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    left: list[NotRenamed] = field(default_factory=list)
    unchanged: int = 0
    scope: int = 0

    def refuse(self, thing: DirectoryObject, why: WhyNot) -> None:
        """Leave somebody alone for whom there is no name."""
        if why.is_failure:
            self.fail(
                thing,
                InvalidInput(
                    f"The object cannot be renamed: {why.reason}",
                    subject=thing.dn,
                    advice="Correct its addresses, or name another one in a mapping.",
                ),
            )
        else:
            self.left.append(NotRenamed(thing, why.reason))

    def fail(self, thing: DirectoryObject, error: TenantopsError) -> None:
        """Plan no change of an object, though one was wanted."""
        self.failures.append(Failure(thing.guid, thing.dn, error))

    def change(self, thing: DirectoryObject, changes: Iterable[ValueChange]) -> None:
        """Plan the changes of an object."""
        self.requests.append(Request(changes_of(thing, changes)))
        self.known[thing.guid] = thing.values

    @property
    def proposal(self) -> ManyProposal:
        """The requests, in an order that does not depend on the server's."""
        ordered = sorted(self.requests, key=lambda request: (request.name, request.id))
        return ManyProposal(tuple(ordered), self.scope)


def plan_renames(
    objects: Iterable[DirectoryObject],
    wanted: Wanted,
    adjusted: Iterable[Adjusted],
    policy: Policy,
    taken: Taken,
    objection: Callable[[DirectoryObject], TenantopsError | None] = lambda _thing: None,
) -> RenamePlan:
    """Plan other names for objects, each of which is one request.

    ``taken(space, key, guid)`` tells whether another object of the forest has an address or a name
    as its own now (`judgement.uniqueness_claims`; one that it only forwards to is not).
    `objection` tells why an object may not be changed at all.
    Nothing is planned that breaks a rule which blocks, or that two objects would have.
    """
    plan = RenamePlan()
    adjusted = frozenset(adjusted)
    planned: dict[str, tuple[DirectoryObject, tuple[ValueChange, ...]]] = {}
    for thing in objects:
        plan.scope += 1
        name = wanted_name(DirectoryNames(thing), wanted, thing.guid)
        if isinstance(name, WhyNot):
            plan.refuse(thing, name)
            continue
        changes = rename(thing, name, adjusted, policy)
        if not changes:
            plan.unchanged += 1
            continue
        error = objection(thing) or _objection(thing, changes, policy, taken)
        if error is None:
            planned[thing.guid] = (thing, changes)
            plan.names[thing.guid] = name
        else:
            plan.fail(thing, error)
    contested = colliding(planned, policy)
    for guid, (thing, changes) in planned.items():
        if guid in contested:
            plan.fail(thing, _collision(thing, contested[guid]))
        else:
            plan.change(thing, changes)
    return plan


def rename(
    thing: DirectoryObject, name: str, adjusted: Collection[Adjusted], policy: Policy
) -> tuple[ValueChange, ...]:
    """What giving an object this name comes to; nothing if it has it.

    An address that no mail can arrive at is not kept. An object without addresses gets none.
    """
    changes: list[ValueChange] = []
    now = thing.one(USER_PRINCIPAL_NAME)
    if now is None or not is_same_name(now, name):
        changes.append(ValueChange(USER_PRINCIPAL_NAME, now, name))
    mail = thing.one(MAIL)
    if Adjusted.MAIL in adjusted and mail is not None and not is_same_name(mail, name):
        changes.append(ValueChange(MAIL, mail, name))
    if Adjusted.PROXY_ADDRESSES in adjusted:
        changes += _new_primary(thing, name, policy)
    return tuple(changes)


def _new_primary(thing: DirectoryObject, name: str, policy: Policy) -> Iterator[ValueChange]:
    """Make the name the primary address, and the others secondary ones."""
    smtp = [place for place in addresses_of(thing).smtp if place.address]
    if not smtp:
        return
    same = [place for place in smtp if is_same_name(place.address, name)]
    if not any(place.is_primary for place in same):
        yield ValueChange(PROXY_ADDRESSES, same[0].value if same else None, f"{PRIMARY}:{name}")
    for place in smtp:
        if place.is_primary and place not in same:
            is_kept = is_clean_address(place.address, policy)
            secondary = f"{SECONDARY}:{place.address}" if is_kept else None
            yield ValueChange(PROXY_ADDRESSES, place.value, secondary)


def _objection(
    thing: DirectoryObject, changes: Sequence[ValueChange], policy: Policy, taken: Taken
) -> TenantopsError | None:
    """Why an object cannot have its new name, as far as that can be seen without the others of
    the plan."""
    told = (
        *_foreign_suffix(changes, policy),
        *_already_shared(thing, changes, taken),
        *objections(thing, changes, policy, taken),
    )
    if not told:
        return None
    return InvalidInput(
        "The object cannot be renamed so",
        subject=thing.dn,
        answer="; ".join(told),
        advice="Nothing of the object is changed. A suffix is added with ad_upn_suffix; a name that"
        " another object has is free once that one has been renamed; else name another one in a"
        " mapping.",
    )


def _foreign_suffix(changes: Sequence[ValueChange], policy: Policy) -> Iterator[str]:
    """The rule is a warning for names that are there; a new one is given only under a suffix that
    the forest has."""
    if policy.forest_suffixes is None or policy.severity(_NOT_FOREST_SUFFIX) is None:
        return
    for change in changes:
        if change.attribute == USER_PRINCIPAL_NAME and change.after is not None:
            suffix = change.after.rpartition("@")[2]
            if domain_key(suffix) not in policy.forest_suffixes:
                yield f"{suffix} is neither a domain of the forest nor a UPN suffix"


def _already_shared(
    thing: DirectoryObject, changes: Sequence[ValueChange], taken: Taken
) -> Iterator[str]:
    """An address that is the object's already, and another one's as well, must not become a name:
    which of them keeps it must be settled first."""
    own = {place.key for place in addresses_of(thing).all}
    for change in changes:
        name = change.after
        if change.attribute == USER_PRINCIPAL_NAME and name is not None:
            key = address_key(name)
            if key in own and taken(ADDRESS, key, thing.guid):
                yield f"userPrincipalName {name!r}: another object has it as well"


def _collision(thing: DirectoryObject, keys: Sequence[str]) -> TenantopsError:
    return InvalidInput(
        "Several objects would get what only one can have",
        subject=thing.dn,
        answer=", ".join(keys),
        advice="None of them is changed. Name another one for all but one of them in a mapping.",
    )
