# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets which name to sign in with, and who cannot, before anything is written. Pure.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .._changes.converge import Failure, ManyProposal, Request
from .._changes.model import Action, Change, JsonValue, System
from .._errors import ConditionUnmet, InvalidInput, ObjectGone, TenantopsError
from .._users.model import User
from .names import name_key, suffix_of
from .order import Order, Renaming, is_temporary
from .wanted import Source, Wanted, WhyNot, is_same_name, smtp_addresses, wanted_name

RESOURCE = "sign_in_name"
PROPERTY = "userPrincipalName"

FIELDS = (
    "id",
    "userPrincipalName",
    "mail",
    "userType",
    "accountEnabled",
    "onPremisesSyncEnabled",
    "onPremisesImmutableId",
    "proxyAddresses",
    "department",
)
"""What is asked about those who are selected."""
HOLDER_FIELDS = ("id", "userPrincipalName", "mail", "proxyAddresses")
"""What is asked about all others."""

_GUEST = "Guest"
_OF_A_GUEST = "#EXT#"
_SHOWN = 5


class Held(StrEnum):
    """How somebody has a name."""

    AS_NAME = "as the name to sign in with"
    AS_ADDRESS = "among its addresses"


@dataclass(frozen=True)
class Holder:
    """Somebody who has a name that another one is to get; `name` is for people."""

    id: str
    name: str
    held: Held
    is_deleted: bool = False


class Holders:
    """Who of the tenant has any of some names now.

    `parked` are the users of the tenant who stand under their temporary names.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.parked: list[User] = []
        self._holders: dict[str, list[Holder]] = {name_key(name): [] for name in names}

    def add(self, user: User, *, is_deleted: bool = False) -> None:
        """Take a user into account, who may be one of those that are to be renamed."""
        if is_temporary(user.user_principal_name, user.id) and not is_deleted:
            self.parked.append(user)
        name = _undeleted_name(user) if is_deleted else user.user_principal_name
        self._add(name, Holder(user.id, name, Held.AS_NAME, is_deleted))
        addresses = (*smtp_addresses(user), *filter(None, (user.mail,)))
        for address in addresses:
            self._add(address, Holder(user.id, name, Held.AS_ADDRESS, is_deleted))

    def others(self, name: str, identity: str) -> list[Holder]:
        """Those other than the user with this id who have a name."""
        return [holder for holder in self._holders[name_key(name)] if holder.id != identity]

    def is_somebodys(self, name: str) -> bool:
        """Whether somebody signs in with a name."""
        return any(
            holder.held is Held.AS_NAME and not holder.is_deleted
            for holder in self._holders[name_key(name)]
        )

    def _add(self, name: str, holder: Holder) -> None:
        holders = self._holders.get(name_key(name))
        if holders is not None and holder not in holders:
            holders.append(holder)


def _undeleted_name(user: User) -> str:
    """Graph puts the id before the name of a user that is deleted."""
    return user.user_principal_name.removeprefix(user.id.replace("-", ""))


@dataclass(frozen=True)
class Left:
    """Somebody who is selected and not meant, and why."""

    user: User
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        """As a task returns it."""
        return {
            "id": self.user.id,
            "user_principal_name": self.user.user_principal_name,
            "reason": self.reason,
        }


@dataclass
class Wishes:
    """The names that those who are selected should have.

    `names` are the new ones by id, of `users`. `unchanged` have theirs. `seen` are the ids of all.
    """

    seen: set[str] = field(default_factory=set)
    users: dict[str, User] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    left: list[Left] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @classmethod
    def of(cls, users: Iterable[User], wanted: Wanted, server: str) -> Wishes:
        """What is wished for each of these."""
        wishes = cls()
        for user in users:
            wishes._add(user, wanted, server)
        return wishes

    @property
    def selected(self) -> int:
        """How many are selected."""
        return len(self.names) + self.unchanged + len(self.left) + len(self.failures)

    def _add(self, user: User, wanted: Wanted, server: str) -> None:
        self.seen.add(user.id)
        if user.user_type == _GUEST or _OF_A_GUEST in user.user_principal_name:
            self.left.append(Left(user, "it is a guest"))
            return
        name = wanted_name(user, wanted, user.id)
        is_parked = is_temporary(user.user_principal_name, user.id)
        if is_parked and wanted.source is Source.SUFFIX_MAP:
            name = WhyNot("the name of now is not one that another suffix is for", is_failure=True)
        if isinstance(name, WhyNot):
            if name.is_failure or is_parked:
                self.failures.append(_failure(user, _no_name(user, name.reason, server)))
            else:
                self.left.append(Left(user, name.reason))
        elif is_same_name(name, user.user_principal_name):
            self.unchanged += 1
        else:
            self.users[user.id] = user
            self.names[user.id] = name


@dataclass(frozen=True)
class RenamingPlan:
    """The requests in the order in which they can be made, and who cannot be renamed."""

    requests: tuple[Request, ...]
    order: Order
    failures: tuple[Failure, ...]

    def proposal(self, scope: int) -> ManyProposal:
        """The requests; `scope` is how many users are selected."""
        return ManyProposal(self.requests, scope)


def plan(
    wishes: Wishes,
    holders: Holders,
    verified: Collection[str],
    server: str,
    federated: Collection[str] = (),
) -> RenamingPlan:
    """Judge the wishes.

    `verified` are the tenant's verified domains, and `federated` those of them whose users sign in
    elsewhere, in lower case.
    """
    refused: dict[str, TenantopsError] = {}
    wanting: dict[str, list[str]] = {}
    for identity, name in wishes.names.items():
        wanting.setdefault(name_key(name), []).append(identity)
    for identity, name in wishes.names.items():
        error = _objection(wishes, identity, holders, verified, server)
        if error is None and suffix_of(name) in federated:
            error = _federated(wishes.users[identity], name, server)
        if error is None and len(wanting[name_key(name)]) > 1:
            error = _wanted_twice(wishes, identity, wanting[name_key(name)], server)
        if error is not None:
            refused[identity] = error
    order = Order.of(_renamings(wishes, refused))
    refused |= dict(_stuck(wishes, holders, order, refused, server))
    order = Order.of(_renamings(wishes, refused))
    return RenamingPlan(
        requests=tuple(
            Request((renamed(wishes.users[each.id], each.after),))
            for each in order.renamings.values()
        ),
        order=order,
        failures=tuple(
            _failure(wishes.users[identity], error) for identity, error in refused.items()
        ),
    )


def renamed(user: User, name: str) -> Change:
    """The change that gives a user another name. Back to a temporary one nobody wants to go."""
    return Change(
        system=System.ENTRA,
        resource=RESOURCE,
        id=user.id,
        name=user.user_principal_name,
        property=PROPERTY,
        action=Action.REPLACE,
        before=user.user_principal_name,
        after=name,
        reversible=not is_temporary(user.user_principal_name, user.id),
    )


def nobody(names: Mapping[str, str], users: Iterable[User], holders: Holders) -> Iterator[str]:
    """The keys of a mapping that are nobody's, unless their new names are somebody's already."""
    known: set[str] = set()
    for user in users:
        known.update((name_key(user.id), name_key(user.user_principal_name)))
    for key, new in names.items():
        is_done = "@" in key and holders.is_somebodys(new)
        if key not in known and not is_done:
            yield key


def no_such_user(name: str, server: str) -> Failure:
    """What is told of somebody who is named and is not there."""
    error = ObjectGone(
        "The tenant has no such user, or it is not among those who are selected",
        server=server,
        subject=name,
        advice="Check the spelling. Whoever was removed since can be taken off the list.",
    )
    return Failure(name, name, error)


def not_free(name: str, blocker: str, server: str, subject: str) -> TenantopsError:
    """Why somebody is not renamed who was to get the name of somebody who keeps it."""
    return ConditionUnmet(
        f"The name {name} does not become free: {blocker} is not renamed",
        server=server,
        subject=subject,
        advice=f"See what is told of {blocker}, and run again.",
    )


def _renamings(wishes: Wishes, refused: Collection[str]) -> Iterator[Renaming]:
    for identity, name in wishes.names.items():
        if identity not in refused:
            yield Renaming(identity, wishes.users[identity].user_principal_name, name)


def _stuck(
    wishes: Wishes,
    holders: Holders,
    order: Order,
    refused: Mapping[str, TenantopsError],
    server: str,
) -> Iterator[tuple[str, TenantopsError]]:
    """Those whose name somebody keeps, and those who wait for these, and so on."""
    kept: dict[str, TenantopsError] = {}
    for identity in order.renamings:
        for holder in holders.others(wishes.names[identity], identity):
            if holder.held is Held.AS_NAME and holder.id not in order.renamings:
                kept[identity] = _keeps(wishes, identity, holder, refused, server)
    yield from kept.items()
    for identity, blocker in order.behind(kept).items():
        user, name = wishes.users[identity], wishes.names[identity]
        told = wishes.users[blocker].user_principal_name
        yield identity, not_free(name, told, server, user.user_principal_name)


def _keeps(
    wishes: Wishes,
    identity: str,
    holder: Holder,
    refused: Mapping[str, TenantopsError],
    server: str,
) -> TenantopsError:
    user, name = wishes.users[identity], wishes.names[identity]
    if holder.id in refused:
        return not_free(name, holder.name, server, user.user_principal_name)
    return _taken(user, name, [holder], server)


def _objection(
    wishes: Wishes, identity: str, holders: Holders, verified: Collection[str], server: str
) -> TenantopsError | None:
    """Why a user cannot get a name, whatever becomes of the others who are to be renamed."""
    user, name = wishes.users[identity], wishes.names[identity]
    if user.is_synced:
        return ConditionUnmet(
            "The user is synchronised from a directory, where its name has to be changed",
            server=server,
            subject=user.user_principal_name,
            answer="onPremisesSyncEnabled is true",
            advice="Change it on-premises: tenantops.migration.upn_alignment does, with the "
            "licences of those for whom it matters.",
        )
    suffix = suffix_of(name)
    if suffix not in verified:
        return ConditionUnmet(
            f"{suffix} is not a verified domain of the tenant",
            server=server,
            subject=user.user_principal_name,
            answer=f"wanted is {name}",
            advice="Verify the domain first: tenantops.migration.entra_domain does.",
        )
    in_the_way = [
        holder
        for holder in holders.others(name, identity)
        # Who signs in with it now may be about to get another name.
        if holder.is_deleted or holder.held is Held.AS_ADDRESS
    ]
    return _taken(user, name, in_the_way, server) if in_the_way else None


def _federated(user: User, name: str, server: str) -> TenantopsError | None:
    """Who signs in elsewhere is known there by the immutable id, so that Graph asks for one."""
    if user.on_premises_immutable_id is not None:
        return None
    return ConditionUnmet(
        f"{suffix_of(name)} is a federated domain, and the user has no immutable id",
        server=server,
        subject=user.user_principal_name,
        answer=f"wanted is {name}",
        advice="Give a name in another domain, or make the user in the directory that is "
        "synchronised.",
    )


def _taken(user: User, name: str, in_the_way: Sequence[Holder], server: str) -> TenantopsError:
    told = "; ".join(
        f"{'the deleted user ' if holder.is_deleted else ''}{holder.name} ({holder.id}) has it "
        f"{holder.held.value}"
        for holder in in_the_way
    )
    deleted = any(holder.is_deleted for holder in in_the_way)
    advice = (
        "Restore the deleted user and use that one, or remove it for good, which cannot be undone."
        if deleted
        else "Decide which of them it belongs to, and take it from the other one."
    )
    return InvalidInput(
        f"The name {name} is taken",
        server=server,
        subject=user.user_principal_name,
        answer=told,
        advice=advice,
    )


def _wanted_twice(
    wishes: Wishes, identity: str, wanting: Sequence[str], server: str
) -> TenantopsError:
    user, name = wishes.users[identity], wishes.names[identity]
    others = [wishes.users[other].user_principal_name for other in wanting if other != identity]
    more = [f"and {len(others) - _SHOWN} more"] if len(others) > _SHOWN else []
    return InvalidInput(
        f"The name {name} is wanted for others as well",
        server=server,
        subject=user.user_principal_name,
        answer=", ".join([*others[:_SHOWN], *more]),
        advice="None of them is renamed. Correct their addresses, or name them in a mapping.",
    )


def _no_name(user: User, reason: str, server: str) -> TenantopsError:
    if is_temporary(user.user_principal_name, user.id):
        return ConditionUnmet(
            "The user has a temporary name since a run was interrupted, and no other one is wanted",
            server=server,
            subject=user.user_principal_name,
            answer=reason,
            advice="Name the user by its id in a mapping.",
        )
    return InvalidInput(
        f"The user cannot be renamed: {reason}",
        server=server,
        subject=user.user_principal_name,
        advice="Correct its addresses, or name another one for it in a mapping.",
    )


def _failure(user: User, error: TenantopsError) -> Failure:
    return Failure(user.id, user.user_principal_name, error)
