# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both sides of each person put together, with what is against them and whom they wait for. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._changes.model import Change
from .._errors import ChangedMeanwhile, InvalidInput, ObjectGone, TenantopsError
from .._licenses.model import Skus, direct_licenses, license_added, license_removed
from .._sign_in_names.names import name_key
from .._sign_in_names.order import Order, Renaming
from .._users.model import User
from . import objections
from .cloud import CloudSide
from .directory import DirectorySide, OnPremises
from .planning import Licenses, State, Step, course, done
from .sequence import Person
from .snapshots import Snapshot

Changes = tuple[Change, ...]


@dataclass(frozen=True)
class Subject:
    """Whom a `Person` is about: `side` is null for who is only known from an open snapshot, `user`
    for who is not in the cloud."""

    person: Person
    side: OnPremises | None
    user: User | None
    before: State
    planned: tuple[Step, ...] = ()

    @property
    def dn(self) -> str | None:
        """The name in the directory."""
        return None if self.side is None else self.side.person.dn

    @property
    def user_id(self) -> str:
        """The object id in the cloud. Only asked of who is there."""
        return "" if self.user is None else self.user.id

    @property
    def user_name(self) -> str:
        """The sign-in name in the cloud before all steps."""
        return self.person.name if self.user is None else self.user.user_principal_name


@dataclass
class Everybody:
    """All who are meant, by the keys of their `Person`, in the order of the plan.

    `waits_for` has, by key, whose name each gets; it has no circles.
    """

    subjects: dict[str, Subject] = field(default_factory=dict)
    waits_for: Mapping[str, str] = field(default_factory=dict)

    def waves(self) -> list[list[Person]]:
        """People so that nobody is in a wave with, or before, somebody whose name they get."""
        depths: dict[str, int] = {}
        for key in self.subjects:
            waiting: list[str] = []
            at: str | None = key
            while at is not None and at not in depths:
                waiting.append(at)
                at = self.waits_for.get(at)
            depth = -1 if at is None else depths[at]
            for each in reversed(waiting):
                depth += 1
                depths[each] = depth
        waves: list[list[Person]] = [[] for _depth in range(max(depths.values(), default=-1) + 1)]
        for key, subject in self.subjects.items():
            waves[depths[key]].append(subject.person)
        return waves


def courses(subject: Subject) -> list[Step]:
    """The steps of a person if each goes well."""
    return [step for step, _state in course(subject.person.state)]


def changes_of_course(subject: Subject, skus: Skus) -> Changes:
    """What is changed about a person if each step goes well, in order."""
    return tuple(
        change
        for step, state in course(subject.person.state)
        for change in changes_of_step(subject, step, state, skus)
    )


def changes_of_step(subject: Subject, step: Step, state: State, skus: Skus) -> Changes:
    """What one step changes about a person."""
    if step is Step.RENAME and subject.side is not None and subject.side.request is not None:
        return subject.side.request.changes
    if step is Step.TAKE_OFF:
        return tuple(
            license_removed(subject.user_id, subject.user_name, skus.name(sku), sku, plans)
            for sku, plans in sorted(state.licenses.items())
        )
    if step is Step.GIVE_BACK:
        return tuple(
            _given_back(subject, skus.name(sku), sku, plans)
            for sku, plans in sorted(state.missing.items())
        )
    return ()


def _given_back(subject: Subject, name: str, sku: str, plans: frozenset[str]) -> Change:
    """A rollback of this run must not take off what an earlier one had taken off."""
    added = license_added(subject.user_id, subject.user_name, name, sku, plans)
    return replace(added, reversible=sku not in subject.before.missing)


def put_together(
    directory: DirectorySide,
    cloud: CloudSide,
    snapshots: Mapping[str, Snapshot],
    *,
    pushes_names: bool,
) -> Everybody:
    """Everybody who is meant, and all who have an open snapshot (by the user's id)."""
    everybody = Everybody()
    having = Counter(side.person.immutable_id for side in directory.people)
    for side in directory.people:
        users = cloud.users.get(side.person.immutable_id, ())
        if users and having[side.person.immutable_id] > 1:
            subject = _one_of_several(side)
        else:
            subject = _subject(side, users, cloud, snapshots, pushes_names=pushes_names)
        everybody.subjects[subject.person.key] = subject
    known = {user.id: user for users in cloud.users.values() for user in users}
    for user_id, snapshot in snapshots.items():
        if user_id not in everybody.subjects:
            named = known.get(user_id) or cloud.named[user_id]
            everybody.subjects[user_id] = _only_open(snapshot, named)
    _object_to_collisions(everybody, cloud)
    for key, subject in everybody.subjects.items():
        planned = tuple(courses(subject))
        everybody.subjects[key] = replace(subject, planned=planned, before=subject.person.state)
    return everybody


def _subject(
    side: OnPremises,
    users: Sequence[User],
    cloud: CloudSide,
    snapshots: Mapping[str, Snapshot],
    *,
    pushes_names: bool,
) -> Subject:
    user = users[0] if len(users) == 1 else None
    dn = side.person.dn
    snapshot = None if user is None else snapshots.get(user.id)
    state = State(
        wanted=side.wanted,
        directory=side.person.user_principal_name,
        cloud=None if user is None else user.user_principal_name,
        licenses={} if user is None else direct(user),
        inherited=frozenset() if user is None else objections.inherited_skus(user.assigned),
        snapshot=None if snapshot is None else snapshot.licenses,
        may_be_taken=snapshot is not None,
        is_adjusted=side.request is None,
        holds_back=not pushes_names and user is not None and user.domain not in cloud.federated,
    )
    person = Person(side.person.guid if user is None else user.id, dn, state)
    subject = Subject(person, side, user, state)
    if not state.is_aligned or side.error is not None or len(users) > 1:
        error = _objection(side, users, state, cloud)
        if error is not None:
            _object(person, error)
    return subject


def _one_of_several(side: OnPremises) -> Subject:
    """Somebody of whom nobody can say whether the user with this immutable id is theirs."""
    state = State(side.wanted, side.person.user_principal_name, cloud=None)
    person = Person(side.person.guid, side.person.dn, state)
    _object(person, objections.not_the_only_one(side.person.immutable_id, side.person.dn))
    return Subject(person, side, None, state)


def _objection(
    side: OnPremises, users: Sequence[User], state: State, cloud: CloudSide
) -> TenantopsError | None:
    """What is against a person, whatever becomes of all others."""
    dn = side.person.dn
    if side.error is not None or side.wanted is None:
        return side.error or InvalidInput("There is no name for this person", subject=dn)
    error = objections.not_one_synced_user(users, dn) or objections.not_verified(
        side.wanted, cloud.verified, dn
    )
    if error is None and users and state.must_be_unlicensed:
        error = objections.cannot_be_taken_off(users[0], cloud.skus, dn)
    return error


def _only_open(snapshot: Snapshot, named: User | TenantopsError) -> Subject:
    """Somebody who is not selected any more, and whose licences are to be given back."""
    is_there = isinstance(named, User)
    state = State(
        wanted=None,
        directory=None,
        cloud=named.user_principal_name if isinstance(named, User) else None,
        licenses=direct(named) if isinstance(named, User) else {},
        snapshot=snapshot.licenses,
        may_be_taken=True,
        is_given_up=True,
        is_left=not is_there,
    )
    person = Person(snapshot.user_id, snapshot.name, state)
    if isinstance(named, TenantopsError):
        if isinstance(named, ObjectGone):
            named.advice = (
                "If the user was deleted for good, name it in forget: nothing is to be given back."
            )
        person.failures[Step.END] = named
    user = named if isinstance(named, User) else None
    return Subject(person, None, user, state)


def direct(user: User) -> Licenses:
    """The licences that are assigned to a user directly."""
    return {
        sku_id: frozenset(each.disabled_plans)
        for sku_id, each in direct_licenses(user.assigned).items()
    }


def altered(subject: Subject, skus: Skus) -> TenantopsError | None:
    """Licences that somebody else gave with other disabled plans than were taken off."""
    found = subject.person.state.altered
    if not found:
        return None
    return ChangedMeanwhile(
        "Somebody else gave this user a licence with other plans than were taken off",
        subject=subject.user_name,
        answer="; ".join(
            f"{skus.name(sku)} had these plans disabled: {', '.join(sorted(plans)) or 'none'}"
            for sku, plans in sorted(found.items())
        ),
        advice="If it is to be as it is now, name the user in forget. Else give the licence these"
        " disabled plans, or take it away, and run again.",
    )


def _object_to_collisions(everybody: Everybody, cloud: CloudSide) -> None:
    """See to it that every name is free in the cloud when it is somebody's turn."""
    meant = {
        key: subject
        for key, subject in everybody.subjects.items()
        if subject.side is not None
        and not subject.person.state.is_given_up
        and not subject.person.state.is_aligned
    }
    _object_to_twice_wanted(meant)
    # Those who are refused too: whoever wants their name is told of them.
    movers = {
        key: subject
        for key, subject in everybody.subjects.items()
        if subject.user is not None
        and subject.person.state.wanted is not None
        and not subject.person.state.is_in_cloud
    }
    for subject in meant.values():
        wanted = subject.person.state.wanted or ""
        in_the_way = [
            holder
            for holder in cloud.holders.others(wanted, subject.user_id)
            if objections.keeps_it(holder) or holder.id not in movers
        ]
        error = objections.taken(wanted, in_the_way, subject.person.name)
        if error is not None:
            _object(subject.person, error)
    _object_to_those_behind(everybody, movers)


def _object_to_twice_wanted(meant: Mapping[str, Subject]) -> None:
    wanting = Counter(name_key(each.person.state.wanted or "") for each in meant.values())
    for subject in meant.values():
        wanted = subject.person.state.wanted or ""
        if wanting[name_key(wanted)] > 1:
            error = InvalidInput(
                f"The name {wanted} is wanted for others as well",
                subject=subject.person.name,
                advice="None of them is renamed. Correct their addresses, or name them in a"
                " mapping.",
            )
            _object(subject.person, error)


def _object_to_those_behind(everybody: Everybody, movers: Mapping[str, Subject]) -> None:
    """Whoever waits for somebody who is not renamed is not either."""
    order = _order(movers.values())
    refused = {key for key, each in movers.items() if each.person.state.is_given_up}
    circles = order.parked - refused
    for key in circles:
        subject, holder = movers[key], movers[order.waits_for[key]]
        wanted = subject.person.state.wanted or ""
        error = objections.in_a_circle(wanted, holder.person.name, subject.person.name)
        _object(subject.person, error)
    for key, blocker in order.behind(refused | circles).items():
        subject = movers[key]
        wanted = subject.person.state.wanted or ""
        told = movers[blocker].person.name
        _object(subject.person, objections.not_free_yet(wanted, told, subject.person.name))
    # Nobody of a circle is renamed, so there it can be opened anywhere.
    everybody.waits_for = {
        key: holder for key, holder in order.waits_for.items() if key not in order.parked
    }


def _order(movers: Iterable[Subject]) -> Order:
    """Whom each has to wait for. Of those who want one name, none is renamed in any case."""
    renamings: dict[str, Renaming] = {}
    for subject in movers:
        state = subject.person.state
        wanted = state.wanted or ""
        renaming = Renaming(subject.person.key, state.cloud or "", wanted)
        renamings.setdefault(name_key(wanted), renaming)
    return Order.of(renamings.values())


def _object(person: Person, error: TenantopsError) -> None:
    person.failures.setdefault(Step.END, error)
    person.state = replace(person.state, is_given_up=True)


def at_the_end(subject: Subject) -> None:
    """Take the person to where all steps lead, as far as a dry run can tell."""
    person = subject.person
    for step, state in course(person.state):
        person.is_begun = True
        person.state = done(state, step)
