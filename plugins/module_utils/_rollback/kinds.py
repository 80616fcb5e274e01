# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of thing that a journal can tell of, and how to reach it again.

A new writer adds a line here. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from .._accounts import model as accounts
from .._accounts.resource import TenantAccounts
from .._attribute_fixes import model as attribute_fixes
from .._attribute_fixes.objects import DirectoryObjects
from .._attribute_rules.attributes import USER_PRINCIPAL_NAME
from .._changes.converge import Resource
from .._changes.model import Change, System
from .._changes.undo import ResourceKey
from .._directory_roles import model as directory_roles
from .._directory_roles.resource import RoleAssignments
from .._domains import default_model as default_domains
from .._domains import model as domains
from .._domains.api import Domains
from .._domains.default_resource import DefaultDomainResource
from .._domains.resource import DomainResource
from .._email_otp import model as email_otp
from .._email_otp.locked_out import Allowed
from .._email_otp.resource import EmailOtpResource
from .._errors import JournalUnusable
from .._graph.client import EntraConnection, open_graph
from .._guest_invitations import model as guests
from .._guest_invitations.resource import TenantGuests
from .._ldap.bulk.connections import Connections
from .._ldap.connection import connect
from .._ldap.settings import ConnectionSettings
from .._licenses import locations as usage_locations
from .._licenses import model as licenses
from .._licenses.locations import UsageLocationWrites
from .._licenses.resource import LicenseWrites
from .._realms.discovery import RealmConnection, open_realms
from .._redemption_order import model as redemption_order
from .._redemption_order.resource import RedemptionOrderResource
from .._security_defaults import model as security_defaults
from .._security_defaults.resource import SecurityDefaultsResource
from .._sign_in_names import planning as sign_in_names
from .._sign_in_names.names import name_key
from .._sign_in_names.writing import SignInNames
from .._tenants.journalled import check_tenant
from .._txt_records import model as txt_records
from .._txt_records.resource import record_set_by_id
from .._upn_suffixes import model as upn_suffixes
from .._upn_suffixes.resource import UpnSuffixesResource
from .many import ReadableThings

# As ad_attributes has them by default.
_CONNECTIONS = 2
_IN_FLIGHT = 100

Opened: TypeAlias = AbstractAsyncContextManager[Resource[Any]]


OpenedMany: TypeAlias = AbstractAsyncContextManager[ReadableThings[Any]]


@dataclass(frozen=True)
class JournalledThing:
    """A thing that a journal tells of: its key, where it was written, and how to reach it.

    `warn` takes what the operator should know though it worked. `undone` is what the same rollback
    has done before it comes to this thing, or in a dry run would have done.
    """

    key: ResourceKey
    targets: frozenset[str]
    parameters: Mapping[str, Any]
    warn: Callable[[Iterable[str]], None]
    undone: Sequence[Change] = ()

    def open(self) -> Opened:
        """The thing, connected for the time of the block.

        Raises `JournalUnusable` for a kind that this version does not know, and where the
        connection leads to another tenant.
        """
        system, kind, identity = self.key
        opener = _OPENERS.get((system, kind))
        if opener is None:
            raise JournalUnusable(
                f"The journal tells of a kind of thing that this version does not know: {kind}",
                subject=f"{system} {identity}",
                advice="Undo it with the version of the collection that wrote it, or a newer one.",
            )
        return opener(self, identity)


def are_many(kind: tuple[str, str]) -> bool:
    """Whether things of this kind (its system and its name) are read and written together."""
    return kind in _MANY_OPENERS


@dataclass(frozen=True)
class JournalledThings:
    """All things of one kind; `kind` is its system and its name.

    `warn` and `undone` as in `JournalledThing`.
    """

    kind: tuple[str, str]
    parameters: Mapping[str, Any]
    warn: Callable[[Iterable[str]], None]
    undone: Sequence[Change] = ()

    def open(self) -> OpenedMany:
        """The things, connected for the time of the block."""
        return _MANY_OPENERS[self.kind](self)


@asynccontextmanager
async def _upn_suffixes(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    settings = ConnectionSettings.from_parameters(thing.parameters)
    with connect(settings) as directory:
        yield UpnSuffixesResource(
            directory, expected_id=identity, renamed=_renamed_users(thing.undone)
        )
    thing.warn(settings.warnings)


def _renamed_users(undone: Iterable[Change]) -> dict[str, str | None]:
    """User principal names by objectGUID; null for users who have none any more."""
    return {
        change.id: change.after
        for change in undone
        if (change.resource, change.property) == (attribute_fixes.RESOURCE, USER_PRINCIPAL_NAME)
        and isinstance(change.after, str | None)
    }


@asynccontextmanager
async def _txt_records(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    resource = record_set_by_id(thing.parameters, identity)
    yield resource
    thing.warn(resource.provider.warnings)


@asynccontextmanager
async def _email_otp(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    async with open_graph(EntraConnection.from_parameters(thing.parameters)) as graph:
        resource = EmailOtpResource(graph, Allowed(earlier=thing.undone, is_planned=True))
        _check_target(resource, thing.targets)
        yield resource


@asynccontextmanager
async def _redemption_order(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    async with open_graph(EntraConnection.from_parameters(thing.parameters)) as graph:
        await check_tenant(graph, [identity])
        yield RedemptionOrderResource(graph, identity, thing.undone)


@asynccontextmanager
async def _security_defaults(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    async with open_graph(EntraConnection.from_parameters(thing.parameters)) as graph:
        # Whoever undoes turning them on knows that the administrators were not protected before.
        resource = SecurityDefaultsResource(graph, may_unprotect=True)
        _check_target(resource, thing.targets)
        yield resource


@asynccontextmanager
async def _domain(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    key = domains.DomainKey.from_id(identity)
    async with (
        open_graph(EntraConnection.from_parameters(thing.parameters)) as graph,
        open_realms(RealmConnection.from_parameters(thing.parameters)) as realms,
    ):
        await check_tenant(graph, [key.tenant_id])
        yield DomainResource(Domains(graph), key, realms.realm, undone=thing.undone)


@asynccontextmanager
async def _default_domain(thing: JournalledThing, identity: str) -> AsyncIterator[Resource[Any]]:
    async with open_graph(EntraConnection.from_parameters(thing.parameters)) as graph:
        await check_tenant(graph, [identity])
        yield DefaultDomainResource(Domains(graph), identity)


def _check_target(resource: Resource[Any], targets: Set[str]) -> None:
    """For things whose id is the same in every tenant."""
    if resource.target not in targets:
        raise JournalUnusable(
            "The journal was written for another tenant than the connection leads to",
            subject=resource.target,
            answer=f"written for {', '.join(sorted(targets))}",
            advice="Name the tenant in the connection as the run did that is to be undone.",
        )


@asynccontextmanager
async def _directory_objects(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    settings = ConnectionSettings.from_parameters(things.parameters)
    with Connections(settings, amount=_CONNECTIONS, in_flight=_IN_FLIGHT) as connections:
        yield DirectoryObjects(connections)
    things.warn(settings.warnings)


@asynccontextmanager
async def _guests(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield TenantGuests(graph)


@asynccontextmanager
async def _licenses(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield LicenseWrites(graph)


@asynccontextmanager
async def _usage_locations(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield UsageLocationWrites(graph)


@asynccontextmanager
async def _accounts(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield TenantAccounts(graph, aliases=_renamed_accounts(things.undone))


@asynccontextmanager
async def _role_assignments(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield RoleAssignments(graph, aliases=_renamed_accounts(things.undone))


def _renamed_accounts(undone: Iterable[Change]) -> dict[str, str]:
    """Object ids of users by the names that they have again after this rollback.

    In a dry run they have other names still, and by their ids they are found in both.
    """
    return {
        name_key(change.after): change.id
        for change in undone
        if change.resource == sign_in_names.RESOURCE and isinstance(change.after, str)
    }


@asynccontextmanager
async def _sign_in_names(things: JournalledThings) -> AsyncIterator[ReadableThings[Any]]:
    async with open_graph(EntraConnection.from_parameters(things.parameters)) as graph:
        yield SignInNames(graph, judges=True)


_OPENERS: dict[tuple[str, str], Callable[[JournalledThing, str], Opened]] = {
    (System.AD, upn_suffixes.RESOURCE): _upn_suffixes,
    (System.DNS, txt_records.RESOURCE): _txt_records,
    (System.ENTRA, email_otp.RESOURCE): _email_otp,
    (System.ENTRA, redemption_order.RESOURCE): _redemption_order,
    (System.ENTRA, security_defaults.RESOURCE): _security_defaults,
    (System.ENTRA, domains.RESOURCE): _domain,
    (System.ENTRA, default_domains.RESOURCE): _default_domain,
}

_MANY_OPENERS: dict[tuple[str, str], Callable[[JournalledThings], OpenedMany]] = {
    (System.AD, attribute_fixes.RESOURCE): _directory_objects,
    (System.ENTRA, accounts.RESOURCE): _accounts,
    (System.ENTRA, directory_roles.RESOURCE): _role_assignments,
    (System.ENTRA, guests.RESOURCE): _guests,
    (System.ENTRA, licenses.RESOURCE): _licenses,
    (System.ENTRA, usage_locations.RESOURCE): _usage_locations,
    (System.ENTRA, sign_in_names.RESOURCE): _sign_in_names,
}
