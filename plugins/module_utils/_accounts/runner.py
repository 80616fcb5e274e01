# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_user`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.announced import announced_creations, seconds_to_wait
from .._changes.control import ChangeControl
from .._changes.converge import (
    Failure,
    ManyProposal,
    Request,
    Things,
    converge_many,
    partly_done,
)
from .._changes.model import Action, Change, JsonValue
from .._changes.planned import PlannedChanges, planned_changes
from .._directory_roles.holders import READ_ROLES
from .._directory_roles.model import RESOURCE as ROLE_ASSIGNMENT
from .._directory_roles.model import PrincipalKey, Role, find_roles, given, taken
from .._directory_roles.reading import read_roles
from .._directory_roles.resource import ASSIGN_ROLES, RoleAssignments
from .._domains.verified import federated_domains, verified_domains
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, Refused, TenantopsError
from .._graph.access import Access
from .._graph.client import EntraConnection, Graph, open_graph
from .._libraries import require
from .._licenses.locations import RESOURCE as USAGE_LOCATION
from .._licenses.locations import UsageLocationWrites, location_set
from .._tenants.organization import Organization, read_organization
from .._users.model import User
from .._users.streaming import READ_USERS
from .delivery import Delivery, PasswordsCommand, PasswordsFile
from .finding import accounts_named
from .model import (
    DELETED,
    RESOURCE,
    USER,
    Account,
    AccountKey,
    Presence,
    Suffixes,
    WantedAccount,
    by_name_of_now,
    check_each_is_named_once,
    creation,
    deletion,
    deletion_objection,
    objection,
    purge,
    told,
    wanted_accounts,
)
from .passwords import why_refused
from .resource import RESTORE, WRITE_USERS, Making, TenantAccounts

_LIBRARIES = ("azure-identity", "httpx", "idna", "msgraph-sdk")
# A few seconds' worth: as many a killed run leaves open at most.
_ANNOUNCED_AT_ONCE = 100


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Make the accounts that are not there, with their roles, or delete those that are."""
    require(*_LIBRARIES)
    if parameters["settle_time"] < 0:
        raise InvalidInput("settle_time must not be less than 0")
    presence = Presence(parameters["state"])
    if presence is Presence.PRESENT and (parameters["purge"] or parameters["remove_roles"]):
        raise InvalidInput("purge and remove_roles are for state=absent")
    work = _Work(
        parameters,
        ChangeControl.from_parameters(parameters),
        wanted_accounts(parameters["users"]),
        presence,
        planned_changes(parameters, check_mode=check_mode),
        _delivery(parameters),
    )
    connection = EntraConnection.from_parameters(parameters)
    return asyncio.run(work.do(connection, check_mode=check_mode))


def _delivery(parameters: Mapping[str, Any]) -> Delivery | None:
    if parameters["passwords_file"] is not None:
        return PasswordsFile(Path(parameters["passwords_file"]))
    if parameters["passwords_command"] is not None:
        return PasswordsCommand(tuple(parameters["passwords_command"]))
    return None


@dataclass(frozen=True)
class _Step:
    """Requests of one kind, which are made before those of the next step."""

    things: Things
    requests: tuple[Request, ...]
    prepare: Callable[[], None] = lambda: None


@dataclass(repr=False)
class _Course:
    """The steps of a task, what has been (or would be) changed, and what went wrong."""

    steps: Sequence[_Step]
    scope: int
    changes: list[Change] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    stopped: TenantopsError | None = None

    async def run(self, control: ChangeControl, *, check_mode: bool) -> None:
        """All steps. Who fails in one is left out of those after it."""
        for step in self.steps:
            failed = {failure.name for failure in self.failures}
            requests = tuple(each for each in step.requests if each.name not in failed)
            if not requests:
                continue
            step.prepare()
            converged = await converge_many(
                step.things,
                ManyProposal(requests, self.scope),
                control,
                check_mode=check_mode,
                announced_at_once=_ANNOUNCED_AT_ONCE,
            )
            self.changes.extend(converged.changes)
            self.failures.extend(converged.failures)
            if converged.stopped is not None:
                self.stopped = converged.stopped
                return


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    wanted: tuple[WantedAccount, ...]
    presence: Presence
    planned: PlannedChanges
    delivery: Delivery | None

    async def do(self, connection: EntraConnection, *, check_mode: bool) -> Outcome:
        async with open_graph(connection) as graph:
            await graph.require(*self._needed())
            organization = await read_organization(graph)
            work, unclear = await self._by_names_of_now(graph, organization.tenant_id)
            return await work.follow(graph, organization, unclear, check_mode=check_mode)

    async def _by_names_of_now(self, graph: Graph, tenant_id: str) -> tuple[_Work, list[Failure]]:
        """The same work, where an account that is there by another of its names has that one."""
        names = (
            name
            for account in self.wanted
            if account.also_known_as
            for name in (account.name, *account.also_known_as)
        )
        found = await accounts_named(graph, names)
        wanted: list[WantedAccount] = []
        unclear: list[Failure] = []
        for account in self.wanted:
            try:
                wanted.append(by_name_of_now(account, found, graph.server))
            except Refused as error:
                key = AccountKey(tenant_id, account.name)
                unclear.append(Failure(key.id, account.name, error))
        check_each_is_named_once(wanted)
        return replace(self, wanted=tuple(wanted)), unclear

    async def follow(
        self,
        graph: Graph,
        organization: Organization,
        unclear: Sequence[Failure],
        *,
        check_mode: bool,
    ) -> Outcome:
        """Find out what is there, plan, and do it."""
        keys = {
            account.name: AccountKey(organization.tenant_id, account.name)
            for account in self.wanted
        }
        accounts = self._things(graph, organization.tenant_id)
        await accounts.look(keys)
        roles = await self._roles(graph)
        failures = list(unclear)
        if self.presence is Presence.PRESENT:
            await self._look_again(accounts, keys)
            suffixes = Suffixes(
                verified_domains(organization, self.planned), federated_domains(organization)
            )
            failures += await self._objections(accounts, keys, suffixes)
            steps = await self._steps_to_presence(accounts, keys, roles, failures)
        else:
            steps = await self._steps_to_absence(accounts, keys, roles, failures)
        there = _there(self.wanted, accounts)
        course = await self._follow(steps, failures, check_mode=check_mode)
        return self._outcome(accounts, steps, course, there)

    def _needed(self) -> list[Access]:
        needed = [READ_USERS, WRITE_USERS]
        if self.parameters["purge"]:
            needed.append(RESTORE)
        if self.parameters["remove_roles"] or any(account.roles for account in self.wanted):
            needed += [READ_ROLES, ASSIGN_ROLES]
        return needed

    def _things(self, graph: Graph, tenant_id: str) -> TenantAccounts:
        making = Making(
            {account.name: account for account in self.wanted},
            self.parameters["force_password_change"],
            self.delivery,
        )
        return TenantAccounts(
            graph,
            tenant_id,
            making if self.presence is Presence.PRESENT else None,
            settle_time=self.parameters["settle_time"],
            check_roles=not self.parameters["remove_roles"],
        )

    async def _roles(self, graph: Graph) -> RoleAssignments:
        things = RoleAssignments(graph, settle_time=self.parameters["settle_time"])
        if self.parameters["remove_roles"] or any(account.roles for account in self.wanted):
            things.roles = await read_roles(graph)
        return things

    async def _look_again(self, accounts: TenantAccounts, keys: Mapping[str, AccountKey]) -> None:
        """Wait for accounts that an earlier run made just now and Graph does not show yet."""
        journal = self.control.journal
        path = None if journal is None else journal.path
        announced = announced_creations(path, RESOURCE, USER)
        now, settle_time = datetime.now(UTC), accounts.settle_time
        unsure = {
            name: seconds_to_wait(announced[key.id], settle_time, now)
            for name, key in keys.items()
            if key.id in announced and accounts.found[name].account is None
        }
        seconds = max(unsure.values(), default=0.0)
        if seconds > 0:
            tell(
                f"{len(unsure)} users: an earlier run may have made them; Graph knows in "
                f"{seconds:.0f} s"
            )
            await asyncio.sleep(seconds)
            await accounts.look(unsure)

    async def _objections(
        self, accounts: TenantAccounts, keys: Mapping[str, AccountKey], suffixes: Suffixes
    ) -> list[Failure]:
        """Why which of the accounts that are not there cannot be made."""
        missing = [each for each in self.wanted if accounts.found[each.name].account is None]
        if self.delivery is None and any(account.password is None for account in missing):
            raise InvalidInput(
                "Passwords would be made up, and there is no place for them",
                advice="Give passwords_file or passwords_command, or a password for each user.",
            )
        await accounts.look_for_others(account.name for account in missing)
        failures = []
        for account in missing:
            error = objection(
                account, accounts.found[account.name], suffixes, accounts.graph.server
            ) or _password_objection(account)
            if error is not None:
                failures.append(Failure(keys[account.name].id, account.name, error))
        return failures

    async def _steps_to_presence(
        self,
        accounts: TenantAccounts,
        keys: Mapping[str, AccountKey],
        roles: RoleAssignments,
        failures: Iterable[Failure],
    ) -> list[_Step]:
        meant = find_roles((role for each in self.wanted for role in each.roles), roles.roles)
        failed = {failure.name for failure in failures}
        wanted = [account for account in self.wanted if account.name not in failed]
        ids = {
            account.name: there.id
            for account in wanted
            if (there := accounts.found[account.name].account) is not None
        }
        await roles.look(
            {_role_id(keys[each.name], ids): ids[each.name] for each in wanted if each.name in ids}
            if meant
            else {}
        )
        new = [account for account in wanted if account.name not in ids]
        creations = [Request((creation(keys[account.name]),)) for account in new]
        missing = [
            Request(changes)
            for account in wanted
            if (changes := _missing_roles(account, ids, keys, roles, meant))
        ]

        def introduce() -> None:
            made = {keys[name].id: identity for name, identity in accounts.made.items()}
            roles.principals.update(made)
            roles.made_just_now.update(made)

        locations = UsageLocationWrites(accounts.graph, accounts.settle_time)
        return [
            _Step(accounts, tuple(creations)),
            _Step(locations, tuple(_locations(accounts, wanted))),
            _Step(roles, tuple(missing), introduce),
        ]

    async def _steps_to_absence(
        self,
        accounts: TenantAccounts,
        keys: Mapping[str, AccountKey],
        roles: RoleAssignments,
        failures: list[Failure],
    ) -> list[_Step]:
        there: dict[str, Account] = {}
        for name, key in keys.items():
            account = accounts.found[name].account
            if account is None:
                continue
            error = deletion_objection(account, accounts.graph.server)
            if error is None:
                there[name] = account
            else:
                failures.append(Failure(key.id, name, error))
        deletions = [Request((deletion(keys[name], accounts.found[name]),)) for name in there]
        return [
            _Step(roles, await self._removals(roles, keys, there)),
            _Step(accounts, tuple(deletions)),
            _Step(accounts, await self._purges(accounts, keys, there, failures)),
        ]

    async def _removals(
        self,
        roles: RoleAssignments,
        keys: Mapping[str, AccountKey],
        there: Mapping[str, Account],
    ) -> tuple[Request, ...]:
        """All roles of those who are to be deleted."""
        if not self.parameters["remove_roles"]:
            return ()
        users = {name: account.id for name, account in there.items()}
        ids = {name: _role_id(keys[name], users) for name in there}
        await roles.look({ids[name]: users[name] for name in there})
        held = {name: roles.held_by(ids[name]).template_ids for name in there}
        return tuple(
            Request(changes)
            for name in there
            if (
                changes := tuple(
                    taken(ids[name], name, role)
                    for role in roles.roles
                    if role.template_id in held[name]
                )
            )
        )

    async def _purges(
        self,
        accounts: TenantAccounts,
        keys: Mapping[str, AccountKey],
        there: Mapping[str, Account],
        failures: Sequence[Failure],
    ) -> tuple[Request, ...]:
        """Everything that is deleted by these names, now or by this task."""
        if not self.parameters["purge"]:
            return ()
        failed = {failure.name for failure in failures}
        names = [name for name in keys if name not in failed]
        await accounts.look_for_deleted(names)
        requests = []
        for name in names:
            ids = [each.id for each in accounts.found[name].deleted]
            if name in there:
                ids.insert(0, there[name].id)
            if ids:
                requests.append(Request(tuple(purge(keys[name], identity) for identity in ids)))
        return tuple(requests)

    async def _follow(
        self, steps: Sequence[_Step], failures: Sequence[Failure], *, check_mode: bool
    ) -> _Course:
        """Plan all steps, have them admitted as a whole, and then make them."""
        scope = len(self.wanted) + sum(len(account.roles) for account in self.wanted)
        planned = _Course(steps, scope, failures=list(failures))
        await planned.run(ChangeControl(), check_mode=True)
        self.control.admit(planned.changes, scope)
        if check_mode or not planned.changes:
            return planned
        made = _Course(steps, scope, failures=list(failures))
        await made.run(replace(self.control, limit=None), check_mode=False)
        return made

    def _outcome(
        self,
        accounts: TenantAccounts,
        steps: Sequence[_Step],
        course: _Course,
        there: list[JsonValue],
    ) -> Outcome:
        kinds = Counter((each.resource, each.property, each.action) for each in course.changes)
        roles = Counter(each.action for each in course.changes if each.resource == ROLE_ASSIGNMENT)
        changed = {request.name for step in steps for request in step.requests}
        failed = {failure.name for failure in course.failures}
        return Outcome(
            changes=tuple(course.changes),
            values={
                "created": kinds[RESOURCE, USER, Action.CREATE],
                "deleted": kinds[RESOURCE, USER, Action.DELETE],
                "purged": kinds[RESOURCE, DELETED, Action.REMOVE],
                "usage_locations": sum(each.resource == USAGE_LOCATION for each in course.changes),
                "roles_given": roles[Action.ADD],
                "roles_removed": roles[Action.REMOVE],
                "there_before": there,
                "unchanged": [
                    told(account, accounts.found[account.name])
                    for account in self.wanted
                    if account.name not in changed | failed
                ],
                "failures": [_failure(failure) for failure in course.failures],
            },
            error=partly_done(course.failures) or course.stopped,
        )


def _there(wanted: Iterable[WantedAccount], accounts: TenantAccounts) -> list[JsonValue]:
    """Those of the accounts that were there before anything was done."""
    found = (accounts.found[account.name].account for account in wanted)
    return [
        {"id": account.id, "user_principal_name": account.user_principal_name}
        for account in found
        if account is not None
    ]


def _missing_roles(
    account: WantedAccount,
    ids: Mapping[str, str],
    keys: Mapping[str, AccountKey],
    roles: RoleAssignments,
    meant: Mapping[str, Role],
) -> tuple[Change, ...]:
    """The roles that an account is to be given; one that is called in two ways is one."""
    identity = _role_id(keys[account.name], ids)
    held = roles.held_by(identity).template_ids
    wanted = {meant[text].template_id: meant[text] for text in account.roles}
    return tuple(
        given(identity, account.name, role)
        for template_id, role in wanted.items()
        if template_id not in held
    )


def _role_id(key: AccountKey, ids: Mapping[str, str]) -> str:
    """What changes of roles name an account by: its object id, if it has one already."""
    return PrincipalKey(key.tenant_id, ids.get(key.name, key.name)).id


def _locations(accounts: TenantAccounts, wanted: Iterable[WantedAccount]) -> Iterator[Request]:
    """The usage locations of accounts that are there already."""
    for account in wanted:
        there = accounts.found[account.name].account
        location = account.usage_location
        if there is None or location is None or location == there.usage_location:
            continue
        user = User(there.id, account.name, usage_location=there.usage_location)
        yield Request((location_set(user, location),))


def _password_objection(account: WantedAccount) -> InvalidInput | None:
    if account.password is None:
        return None
    why = why_refused(account.password, account.user_principal_name)
    if why is None:
        return None
    return InvalidInput(
        f"Entra does not take the password of this user: {why}",
        subject=account.user_principal_name,
        advice="Give another one, or none to have one made up.",
    )


def _failure(failure: Failure) -> dict[str, JsonValue]:
    return {"user_principal_name": failure.name, "error": dict(failure.error.as_result())}
