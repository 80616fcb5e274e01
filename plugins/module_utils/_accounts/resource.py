# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The accounts of a tenant, made, deleted, restored and purged through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from .._changes.converge import Ending, Request
from .._changes.model import Action, Change, Value
from .._directory_roles.holders import protected_users
from .._directory_roles.principals import find_deleted_users, find_users
from .._errors import ChangedMeanwhile, NotYetSeen, Refused, TenantopsError, write_was_sent
from .._graph.access import Access
from .._graph.batch import BatchAnswer, BatchEnding, Batches, BatchRequest, Found
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._graph.parts import Parts
from .._graph.waiting import DOUBT_TIME, looks
from .._pace import Pace
from .._tenants.journalled import check_tenant
from .delivery import Delivery, Initial
from .finding import accounts_named, deleted_accounts, others_with
from .model import (
    DELETED,
    USER,
    Account,
    AccountKey,
    DeletedAccount,
    Holders,
    WantedAccount,
    deleted_with,
)
from .passwords import made_up_password

WRITE_USERS = Access("User.ReadWrite.All", "User Administrator", ("Directory.ReadWrite.All",))
"""What making and deleting accounts needs."""
RESTORE = Access(
    "User.DeleteRestore.All",
    "User Administrator",
    ("User.ReadWrite.All", "Directory.ReadWrite.All"),
)
"""What bringing accounts back, and removing them for good, needs."""

# More than Graph's own quota for all writes, which the transport keeps to.
_PER_SECOND = 100.0
_GONE = 404
_REFUSED = 400
_HIDDEN = "(password)"


@dataclass
class Making:
    """How accounts are made; without it, a change that makes one restores the deleted one."""

    accounts: Mapping[str, WantedAccount]
    """By their names as they are compared."""
    force_change: bool = True
    delivery: Delivery | None = None
    passwords: dict[str, str] = field(default_factory=dict, repr=False)
    """Made up or found in this run, by the names of the accounts."""
    handed_over: set[str] = field(default_factory=set)

    def begin(self, tenant_id: str) -> None:
        """Make ready for passwords. Raises `InvalidInput`."""
        if self.delivery is not None:
            self.passwords.update(self.delivery.begin(tenant_id))

    def password(self, name: str) -> str:
        """The one password of an account, the same each time."""
        given = self.accounts[name].password
        if given is not None:
            return given
        if name not in self.passwords:
            self.passwords[name] = made_up_password(self.accounts[name].user_principal_name)
        return self.passwords[name]

    async def hand_over(self, tenant_id: str, names: Iterable[str]) -> Mapping[str, TenantopsError]:
        """See to it that the passwords of accounts are safe; tells by name whose are not."""
        if self.delivery is None:
            return {}
        new = {
            self.accounts[name].user_principal_name: name
            for name in names
            if name not in self.handed_over
        }
        if not new:
            return {}
        failed = await self.delivery.hand_over(
            [
                Initial(
                    tenant_id,
                    user_principal_name,
                    self.accounts[name].display_name,
                    self.password(name),
                    self.force_change,
                )
                for user_principal_name, name in new.items()
            ]
        )
        self.handed_over.update(name for shown, name in new.items() if shown not in failed)
        return {new[shown]: error for shown, error in failed.items()}


@dataclass
class TenantAccounts:
    """`Things` (and `ReadableThings`) for the accounts of one tenant.

    How nothing is done twice
    -------------------------
    Each account is looked at once more some seconds before its request, and its password is safe by
    then. Where an answer was lost, the account is looked for, for as long as Graph may need to show
    it, before anything is sent again; and once more if Graph then says that the name is taken.
    """

    graph: Graph
    tenant_id: str = ""
    making: Making | None = None
    settle_time: float = DOUBT_TIME
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What to ask for in place of names, for accounts that have another name by now."""
    check_roles: bool = False
    """Whether administrators are refused whom an app may not delete."""
    found: dict[str, Holders] = field(default_factory=dict)
    """Who has each name (as it is compared), as it was read last."""
    made: dict[str, str] = field(default_factory=dict)
    """The object ids of the accounts that were made, by their names."""
    _in_doubt: set[str] = field(default_factory=set)
    _deleted_just_now: set[str] = field(default_factory=set)

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self.graph.server} tenant {self.graph.tenant}: users"

    async def look(self, names: Iterable[str]) -> None:
        """Read who signs in with these names."""
        for name, account in (await self._named(names)).items():
            self.found[name] = replace(self.found.get(name, Holders()), account=account)

    async def _named(self, names: Iterable[str]) -> Mapping[str, Account | None]:
        asked = {name: self.aliases.get(name, name) for name in names}
        found = await accounts_named(self.graph, asked.values())
        return {name: found[key] for name, key in asked.items()}

    async def look_for_others(self, names: Iterable[str]) -> None:
        """Read who else has these names: as mail addresses, or deleted."""
        wanted = list(names)
        if not wanted:
            return
        others = await others_with(self.graph, wanted)
        deleted = await deleted_accounts(self.graph, wanted)
        for name in wanted:
            had_it = [each for each in deleted if name in each.names]
            self.found[name] = replace(
                self.found.get(name, Holders()),
                others=tuple(others[name]),
                deleted=tuple(sorted(had_it, key=lambda each: each.at, reverse=True)),
            )

    async def look_for_deleted(self, names: Iterable[str]) -> None:
        """Read which deleted accounts signed in with these names."""
        wanted = list(names)
        deleted = await deleted_accounts(self.graph, wanted) if wanted else ()
        for name in wanted:
            self.found[name] = replace(
                self.found.get(name, Holders()), deleted=deleted_with(name, deleted)
            )

    async def read(
        self, names: Mapping[str, str], _properties: Iterable[str]
    ) -> Mapping[str, Holders | TenantopsError]:
        """See `ReadableThings`."""
        keys = {identity: AccountKey.from_id(identity) for identity in names}
        await check_tenant(self.graph, names.keys())
        await self.look(key.name for key in keys.values())
        await self.look_for_deleted(
            key.name for key in keys.values() if self.found[key.name].account is None
        )
        return {identity: self.found[key.name] for identity, key in keys.items()}

    def current(self, state: Holders, change: Change) -> Value:
        """See `Resource`. What was removed for good is not what a deletion left."""
        if change.property == DELETED:
            return change.after
        if state.account is None and not state.deleted and change.action is Action.DELETE:
            return "(gone for good)"
        return state.value(change.name)

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse who is an administrator and may not be deleted by an app without a role."""
        deletions = [each for each in requests if _is(each, USER, Action.DELETE)]
        if not deletions or not self.check_roles:
            return {}
        protected = await protected_users(self.graph)
        refused: dict[str, TenantopsError] = {}
        for request in deletions:
            account = self._account(request)
            if account.id in protected:
                refused[request.id] = self._is_administrator(account, protected[account.id])
        return refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`. A request to purge is made of one to Graph for each deleted account."""
        if self.making is not None:
            self.making.begin(self.tenant_id)
        parts = Parts()
        members = (
            member for request in requests for member in parts.take(request, self._members(request))
        )
        try:
            async for member, ending in self._send(members, parts):
                for told in parts.end(member, await self._ending(member, parts, ending)):
                    yield told
        except TenantopsError as error:
            for told in parts.stop(error):
                yield told
            raise

    def _send(
        self, members: Iterable[BatchRequest], parts: Parts
    ) -> AsyncIterator[tuple[BatchRequest, BatchEnding]]:
        async def look_back(member: BatchRequest) -> Found:
            self._in_doubt.add(member.id)
            return await self._look_back(member, parts.write_of(member))

        async def check(batch: Sequence[BatchRequest]) -> Mapping[str, TenantopsError]:
            members = {member.id: parts.write_of(member) for member in batch}
            return {**await self._not_shown(members), **await self._checked(members)}

        return Batches(self.graph, Pace(_PER_SECOND), look_back, check).send(members)

    def _members(self, request: Request) -> Iterator[BatchRequest]:
        change = request.changes[0]
        key = AccountKey.from_id(request.id)
        if change.property == DELETED:
            for each in request.changes:
                url = f"/directory/deletedItems/{each.before}"
                yield BatchRequest(f"{each.before} {key.name}", "DELETE", url, key.name)
        elif change.action is Action.DELETE:
            url = f"/users/{self._account(request).id}"
            yield BatchRequest(request.id, "DELETE", url, key.name)
        elif self.making is None:
            url = f"/directory/deletedItems/{self._deleted(request).id}/restore"
            yield BatchRequest(request.id, "POST", url, key.name)
        else:
            wanted = self.making.accounts[key.name]
            body = wanted.body(
                self.making.password(key.name), force_change=self.making.force_change
            )
            yield BatchRequest(request.id, "POST", "/users", key.name, body)

    async def _checked(self, members: Mapping[str, Request]) -> Mapping[str, TenantopsError]:
        """Which requests must not be made any more; the passwords of the others are safe then."""
        accounts = {
            member_id: request
            for member_id, request in members.items()
            if request.changes[0].property == USER
        }
        names = {member_id: _name(request) for member_id, request in accounts.items()}
        now = await self._named(names.values())
        refused: dict[str, TenantopsError] = {
            member_id: self._changed_meanwhile(name)
            for member_id, name in names.items()
            if now[name] != self.found[name].account
        }
        if self.making is not None:
            to_make = {
                name: member_id
                for member_id, name in names.items()
                if member_id not in refused and _is(accounts[member_id], USER, Action.CREATE)
            }
            failed = await self.making.hand_over(self.tenant_id, to_make)
            refused |= {to_make[name]: error for name, error in failed.items()}
        return refused

    async def _not_shown(self, members: Mapping[str, Request]) -> Mapping[str, TenantopsError]:
        """Who was deleted by this run and cannot be purged yet, since Graph shows deletions late.

        It would say that there is nobody to purge, and bring them to light afterwards.
        """
        missing = {
            identity: member_id
            for member_id, request in members.items()
            if (identity := _purged(member_id, request)) in self._deleted_just_now
        }
        async for _left in looks(self.settle_time):
            shown = await find_deleted_users(self.graph, missing) if missing else {}
            missing = {each: missing[each] for each, found in shown.items() if found is None}
            if not missing:
                break
        self._deleted_just_now -= {_purged(*each) for each in members.items()} - missing.keys()
        return {
            member_id: self._is_not_shown(_name(members[member_id]))
            for member_id in missing.values()
        }

    async def _look_back(self, member: BatchRequest, request: Request) -> Found:
        """Whether a request was done whose answer was lost. Old values are not believed at once."""
        async for _left in looks(self.settle_time):
            if await self._is_done(member, request):
                return Found.DONE
        return Found.NOT_DONE

    async def _is_done(self, member: BatchRequest, request: Request) -> bool:
        identity = _purged(member.id, request)
        if identity:
            # Who was brought back is not among the deleted either.
            deleted = await find_deleted_users(self.graph, [identity])
            there = await find_users(self.graph, [identity])
            return deleted[identity] is None and there[identity] is None
        name = _name(request)
        account = (await self._named([name]))[name]
        if account is not None:
            self.made[name] = account.id
        return (account is not None) is _is(request, USER, Action.CREATE)

    async def _ending(self, member: BatchRequest, parts: Parts, ending: BatchEnding) -> Ending:
        request, made = parts.write_of(member), (parts.change_of(member),)
        if not isinstance(ending, TenantopsError):
            self._remember(request, ending)
            return made
        is_in_doubt = member.id in self._in_doubt and _may_be_our_own_doing(ending)
        # There is nobody to delete: perhaps because somebody else was faster.
        if is_in_doubt or (member.method == "DELETE" and getattr(ending, "status", 0) == _GONE):
            ending.nothing_written &= not is_in_doubt
            try:
                with write_was_sent():
                    found = await self._look_back(member, request)
            except TenantopsError as error:
                return error
            if found is Found.DONE:
                self._remember(request, found)
                return made
        if is_denied(ending):
            ending.advice = self._advice(request)
        return self._without_password(_name(request), ending)

    def _remember(self, request: Request, ending: BatchAnswer | Literal[Found.DONE]) -> None:
        if _is(request, USER, Action.DELETE):
            self._deleted_just_now.add(self._account(request).id)
        body = ending.body if isinstance(ending, BatchAnswer) else None
        identity = body.get("id") if isinstance(body, dict) else None
        if isinstance(identity, str) and _is(request, USER, Action.CREATE):
            self.made[_name(request)] = identity.lower()

    def _advice(self, request: Request) -> str:
        if self.making is None or not _is(request, USER, Action.CREATE):
            roles = " Who has a directory role can only be deleted by an app or a person with one."
            return (WRITE_USERS if _is(request, USER, Action.DELETE) else RESTORE).advice + roles
        return WRITE_USERS.advice

    def _without_password(self, name: str, error: TenantopsError) -> TenantopsError:
        """Graph has no reason to repeat a password, and if it did nobody should read it."""
        if self.making is None or name not in self.making.accounts:
            return error
        password = self.making.password(name)
        error.problem = error.problem.replace(password, _HIDDEN)
        error.answer = error.answer.replace(password, _HIDDEN)
        return error

    def _account(self, request: Request) -> Account:
        account = self.found[_name(request)].account
        if account is None:
            raise self._changed_meanwhile(_name(request))
        return account

    def _deleted(self, request: Request) -> DeletedAccount:
        deleted = self.found[_name(request)].deleted
        if not deleted:
            raise self._changed_meanwhile(_name(request))
        return deleted[0]

    def _is_administrator(self, account: Account, roles: Sequence[str]) -> Refused:
        return Refused(
            "This user holds a directory role, and this app none",
            server=self.graph.server,
            subject=account.user_principal_name,
            answer=", ".join(roles),
            advice="Take the roles away first, with remove_roles=true or in the Entra admin center;"
            " or let a person who is User Administrator or above delete the user.",
        )

    def _is_not_shown(self, name: str) -> TenantopsError:
        error = NotYetSeen(
            "The user was deleted, and Graph does not show it among the deleted ones yet",
            server=self.graph.server,
            subject=name,
            advice="Run again in a while: it is removed for good then.",
        )
        error.nothing_written = True
        return error

    def _changed_meanwhile(self, name: str) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "Somebody else has made, changed or deleted this user since it was read",
            server=self.graph.server,
            subject=name,
            advice="It was left alone. Run again: it is judged anew.",
        )


def _is(request: Request, property_name: str, action: Action) -> bool:
    change = request.changes[0]
    return (change.property, change.action) == (property_name, action)


def _purged(member_id: str, request: Request) -> str:
    """The object id of the user whom a request removes for good, empty for any other request."""
    return member_id.partition(" ")[0] if request.changes[0].property == DELETED else ""


def _may_be_our_own_doing(error: TenantopsError) -> bool:
    """Whether a refusal may tell that a try was done whose answer was lost."""
    is_refused = isinstance(error, GraphRefused) and error.status == _REFUSED
    return is_refused or isinstance(error, ChangedMeanwhile)


def _name(request: Request) -> str:
    return AccountKey.from_id(request.id).name
