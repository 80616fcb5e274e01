# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every kind of thing that a journal can tell of, and how to reach it again.

A new writer adds a line here. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Set
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

from .._changes.converge import Resource
from .._changes.model import System
from .._changes.undo import ResourceKey
from .._email_otp import model as email_otp
from .._email_otp.resource import EmailOtpResource
from .._errors import JournalUnusable
from .._graph.client import EntraConnection, open_graph
from .._ldap.connection import connect
from .._ldap.settings import ConnectionSettings
from .._txt_records import model as txt_records
from .._txt_records.resource import record_set_by_id
from .._upn_suffixes import model as upn_suffixes
from .._upn_suffixes.resource import UpnSuffixesResource

Parameters: TypeAlias = Mapping[str, Any]
Opened: TypeAlias = AbstractAsyncContextManager[Resource[Any]]


def open_resource(parameters: Parameters, key: ResourceKey, targets: Set[str]) -> Opened:
    """The thing that a change's key names, connected for the time of the block.

    `targets` is where the journal says that it was written. Raises `JournalUnusable` for a kind
    that this version does not know, and where the connection leads to another tenant.
    """
    system, kind, identity = key
    opener = _OPENERS.get((system, kind))
    if opener is None:
        raise JournalUnusable(
            f"The journal tells of a kind of thing that this version does not know: {kind}",
            subject=f"{system} {identity}",
            advice="Undo it with the version of the collection that wrote the journal, or newer.",
        )
    return opener(parameters, identity, targets)


@asynccontextmanager
async def _upn_suffixes(
    parameters: Parameters, identity: str, targets: Set[str]
) -> AsyncIterator[Resource[Any]]:
    with connect(ConnectionSettings.from_parameters(parameters)) as directory:
        yield UpnSuffixesResource(directory, expected_id=identity)


@asynccontextmanager
async def _txt_records(
    parameters: Parameters, identity: str, targets: Set[str]
) -> AsyncIterator[Resource[Any]]:
    yield record_set_by_id(parameters, identity)


@asynccontextmanager
async def _email_otp(
    parameters: Parameters, identity: str, targets: Set[str]
) -> AsyncIterator[Resource[Any]]:
    async with open_graph(EntraConnection.from_parameters(parameters)) as graph:
        resource = EmailOtpResource(graph)
        _check_target(resource, targets)
        yield resource


def _check_target(resource: Resource[Any], targets: Set[str]) -> None:
    """For things whose id is the same in every tenant."""
    if resource.target not in targets:
        raise JournalUnusable(
            "The journal was written for another tenant than the connection leads to",
            subject=resource.target,
            answer=f"written for {', '.join(sorted(targets))}",
            advice="Name the tenant in the connection as the run did that is to be undone.",
        )


_OPENERS: dict[tuple[str, str], Callable[[Parameters, str, Set[str]], Opened]] = {
    (System.AD, upn_suffixes.RESOURCE): _upn_suffixes,
    (System.DNS, txt_records.RESOURCE): _txt_records,
    (System.ENTRA, email_otp.RESOURCE): _email_otp,
}
