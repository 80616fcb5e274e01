# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_user_upn`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import ConvergedMany, Failure, converge_many, partly_done
from .._changes.model import JsonValue
from .._changes.planned import PlannedChanges, planned_changes
from .._domains.verified import federated_domains, verified_domains
from .._doors.operation import Outcome
from .._errors import InvalidInput
from .._graph.client import EntraConnection, Graph, open_graph
from .._libraries import require
from .._licenses.names import skus_named
from .._licenses.reading import READ_SKUS, read_skus
from .._tenants.organization import Organization, read_organization
from .._users.groups import READ_GROUPS, members_of
from .._users.model import User
from .._users.planned import PlannedUsers
from .._users.selected import Selected
from .._users.selection import UserSelection
from .._users.streaming import READ_USERS
from .arguments import wanted_from_options
from .holders import read_holders
from .order import temporary_name
from .planning import FIELDS, Wishes, no_such_user, nobody, plan
from .wanted import Source, Wanted
from .writing import RENAME_USERS, SignInNames

_LIBRARIES = ("azure-identity", "httpx", "idna", "msgraph-sdk")
# A few seconds' worth: as many a killed run leaves open at most.
_ANNOUNCED_AT_ONCE = 100
_WARNED_OF = 10


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Give users the names that they should sign in with."""
    require(*_LIBRARIES)
    if parameters["settle_time"] < 0:
        raise InvalidInput("settle_time must not be less than 0")
    wanted = wanted_from_options(parameters)
    work = _Work(
        parameters,
        ChangeControl.from_parameters(parameters),
        wanted,
        _selection(parameters, wanted),
        planned_changes(parameters, check_mode=check_mode),
    )
    connection = EntraConnection.from_parameters(parameters)
    return asyncio.run(work.do(connection, check_mode=check_mode))


def _selection(parameters: Mapping[str, Any], wanted: Wanted) -> UserSelection:
    """Who is meant: those whom a mapping or a map of suffixes names, or those who are selected."""
    selection = UserSelection.from_parameters(parameters)
    if selection.is_everybody and wanted.source in (Source.PRIMARY_ADDRESS, Source.MAIL):
        raise InvalidInput(
            "It is not said which users are meant",
            advice="Give at least one of ids, user_principal_names, domains, groups, departments, "
            "licensed_with and filter.",
        )
    return selection


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    wanted: Wanted
    selection: UserSelection
    planned: PlannedChanges

    async def do(self, connection: EntraConnection, *, check_mode: bool) -> Outcome:
        async with open_graph(connection) as graph:
            groups = [READ_GROUPS] if self.selection.groups else []
            skus = [READ_SKUS] if self.selection.licensed_with else []
            await graph.require(READ_USERS, RENAME_USERS, *groups, *skus)
            organization = await read_organization(graph)
            later = PlannedUsers(self.planned)
            users, failures = await self._selected(graph, later)
            wishes = Wishes.of(users, self.wanted, graph.server)
            names = (*wishes.names.values(), *self.wanted.names.values())
            holders = await read_holders(graph, names, later.after)
            verified = verified_domains(organization, self.planned)
            federated = federated_domains(organization)
            renamings = plan(wishes, holders, verified, graph.server, federated)
            if self.selection.is_everybody:
                # Whom the map does not name was not meant in the first place.
                wishes.left.clear()
                failures += [
                    no_such_user(name, graph.server)
                    for name in nobody(self.wanted.names, users, holders)
                ]
            things = SignInNames(
                graph,
                initial_domain=_initial_domain(organization),
                settle_time=self.parameters["settle_time"],
            )
            converged = await converge_many(
                things,
                renamings.proposal(wishes.selected),
                self.control,
                check_mode=check_mode,
                announced_at_once=_ANNOUNCED_AT_ONCE,
            )
        failures += [*wishes.failures, *renamings.failures, *converged.failures]
        forgotten = [user for user in holders.parked if user.id not in wishes.seen]
        return replace(_outcome(wishes, things, converged, failures), warnings=_warnings(forgotten))

    async def _selected(
        self, graph: Graph, later: PlannedUsers
    ) -> tuple[list[User], list[Failure]]:
        """The users who are meant, as earlier tasks would leave them, and who cannot be read."""
        selection = self.selection
        skus: Mapping[str, str] = {}
        if selection.licensed_with:
            skus = skus_named(await read_skus(graph), selection.licensed_with)
        selected = Selected(
            selection,
            await members_of(graph, selection.groups),
            skus,
            _fields(selection),
            later.after,
        )
        users = [user async for user in selected.users(graph)]
        return users, list(selected.failures)


def _fields(selection: UserSelection) -> tuple[str, ...]:
    """What is asked about users: what they are selected by, too."""
    asks_licenses = selection.licensed is not None or bool(selection.licensed_with)
    return (*FIELDS, *(["licenseAssignmentStates"] if asks_licenses else []))


def _initial_domain(organization: Organization) -> str:
    return next((each.name for each in organization.verified_domains if each.is_initial), "")


def _outcome(
    wishes: Wishes,
    things: SignInNames,
    converged: ConvergedMany,
    failures: list[Failure],
) -> Outcome:
    return Outcome(
        changes=converged.changes,
        values={
            "selected": wishes.selected,
            "renamed": len(converged.changes),
            "unchanged": wishes.unchanged,
            "left": [each.to_json() for each in wishes.left],
            "temporary": [
                _parked(things, wishes.users[identity]) for identity in sorted(things.order.parked)
            ],
            "failures": [_failure(failure) for failure in failures],
        },
        error=partly_done(failures) or converged.stopped,
    )


def _warnings(forgotten: Sequence[User]) -> tuple[str, ...]:
    """What is told of those who stand under a temporary name and are not selected."""
    if not forgotten:
        return ()
    shown = ", ".join(user.user_principal_name for user in forgotten[:_WARNED_OF])
    more = len(forgotten) - _WARNED_OF
    warning = (
        f"These have a temporary name since a run was interrupted, and are not selected: {shown}"
        f"{f' and {more} more' if more > 0 else ''}. Run again with a selection they are in, such "
        "as ids."
    )
    return (warning,)


def _parked(things: SignInNames, user: User) -> dict[str, JsonValue]:
    """Somebody who has a temporary name for a moment."""
    return {
        "id": user.id,
        "user_principal_name": user.user_principal_name,
        "temporary_name": temporary_name(user.id, things.initial_domain),
    }


def _failure(failure: Failure) -> dict[str, JsonValue]:
    return {
        "id": failure.id,
        "user_principal_name": failure.name,
        "error": dict(failure.error.as_result()),
    }
