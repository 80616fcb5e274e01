# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_guest`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import (
    ConvergedMany,
    Failure,
    ManyProposal,
    Request,
    converge_many,
    partly_done,
)
from .._changes.model import Action, Change, JsonValue
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput
from .._graph.client import EntraConnection, Graph, open_graph
from .._guest_redemption.links import LinksFile
from .._guests.inviting import INVITE
from .._guests.links import SignInLinks, sign_in_links
from .._guests.reading import READ_GUESTS
from .._libraries import require
from .._notices.messages import InvitationMessages
from .._notices.templates import INVITATION
from .._tenants.organization import Organization, read_organization
from .earlier import announced_invitations, seconds_to_wait
from .model import GuestKey, Presence, WantedGuest, objection, proposed, told, wanted_guests
from .resource import REMOVE, Invitations, TenantGuests

_LIBRARIES = ("azure-identity", "email-validator", "httpx", "idna", "msgraph-sdk")
# A few seconds' worth: as many a killed run leaves open at most.
_ANNOUNCED_AT_ONCE = 100
_WARNED_OF = 10


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Invite the guests that are not there, or remove those that are."""
    require(*_LIBRARIES)
    if not parameters["requests_per_second"] > 0:
        raise InvalidInput("requests_per_second must be more than 0")
    if parameters["settle_time"] < 0:
        raise InvalidInput("settle_time must not be less than 0")
    control = ChangeControl.from_parameters(parameters)
    connection = EntraConnection.from_parameters(parameters)
    work = _Work(
        parameters,
        control,
        wanted_guests(parameters["guests"]),
        Presence(parameters["state"]),
        None if parameters["links_file"] is None else LinksFile(Path(parameters["links_file"])),
    )
    # Before Graph is asked, so that a wrong text is told at once.
    work.invitations(sign_in_links("contoso.onmicrosoft.com"))
    return asyncio.run(work.do(connection, check_mode=check_mode))


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    guests: tuple[WantedGuest, ...]
    presence: Presence
    links: LinksFile | None

    async def do(self, connection: EntraConnection, *, check_mode: bool) -> Outcome:
        async with open_graph(connection) as graph:
            await graph.require(
                READ_GUESTS, INVITE if self.presence is Presence.PRESENT else REMOVE
            )
            organization = await read_organization(graph)
            things = TenantGuests(
                graph,
                self.invitations(_links(organization, self.parameters["entra_cloud"])),
                per_second=self.parameters["requests_per_second"],
                settle_time=self.parameters["settle_time"],
            )
            await things.look(guest.folded for guest in self.guests)
            keys = [GuestKey(organization.tenant_id, guest.folded) for guest in self.guests]
            if self.presence is Presence.PRESENT:
                await self._look_again(things, keys)
            failures = list(self._objections(graph, things, keys))
            unwanted = {failure.id for failure in failures}
            changes = [
                change
                for key in keys
                if key.id not in unwanted
                and (change := proposed(key, things.found[key.address], self.presence)) is not None
            ]
            converged = await converge_many(
                things,
                ManyProposal(
                    tuple(Request((change,)) for change in changes), scope=len(self.guests)
                ),
                self.control,
                check_mode=check_mode,
                announced_at_once=_ANNOUNCED_AT_ONCE,
            )
        return self._outcome(things, changes, converged, [*failures, *converged.failures])

    def invitations(self, links: SignInLinks) -> Invitations:
        """How guests are invited. Raises `InvalidInput`."""
        return Invitations(
            {guest.folded: guest for guest in self.guests},
            self.parameters["send_mail"],
            InvitationMessages.from_parameters(self.parameters, notice=INVITATION, links=links),
            self.parameters["redirect_url"] or links.best,
            self.links,
        )

    async def _look_again(self, things: TenantGuests, keys: Sequence[GuestKey]) -> None:
        """Wait for guests whom an earlier run invited just now and Graph does not show yet."""
        journal = self.control.journal
        announced = announced_invitations(None if journal is None else journal.path)
        now, settle_time = datetime.now(UTC), things.settle_time
        unsure = {
            key.address: seconds_to_wait(announced[key.id], settle_time, now)
            for key in keys
            if key.id in announced and not things.found[key.address].users
        }
        seconds = max(unsure.values(), default=0.0)
        if seconds > 0:
            tell(
                f"{len(unsure)} guests: an earlier run may have invited them; Graph knows in "
                f"{seconds:.0f} s"
            )
            await asyncio.sleep(seconds)
            await things.look(unsure)

    def _objections(
        self, graph: Graph, things: TenantGuests, keys: Sequence[GuestKey]
    ) -> Sequence[Failure]:
        failures = []
        for guest, key in zip(self.guests, keys, strict=True):
            error = objection(guest, things.found[key.address], self.presence, graph.server)
            if error is not None:
                failures.append(Failure(key.id, guest.address, error))
        return failures

    def _outcome(
        self,
        things: TenantGuests,
        planned: Sequence[Change],
        converged: ConvergedMany,
        failures: Sequence[Failure],
    ) -> Outcome:
        actions = [change.action for change in converged.changes]
        changed = {change.name for change in planned}
        failed = {failure.name for failure in failures}
        return Outcome(
            changes=converged.changes,
            values={
                "invited": actions.count(Action.CREATE),
                "removed": actions.count(Action.DELETE),
                "unchanged": [
                    told(guest, things.found[guest.folded])
                    for guest in self.guests
                    if guest.folded not in changed and guest.address not in failed
                ],
                "failures": [_failure(failure) for failure in failures],
            },
            warnings=_warnings(things.without_link),
            error=partly_done(failures) or converged.stopped,
        )


def _links(organization: Organization, cloud: str) -> SignInLinks:
    domains = organization.verified_domains
    initial = next((domain.name for domain in domains if domain.is_initial), None)
    return sign_in_links(organization.tenant_id, initial, cloud)


def _failure(failure: Failure) -> dict[str, JsonValue]:
    return {"address": failure.name, "error": dict(failure.error.as_result())}


def _warnings(without_link: Sequence[str]) -> tuple[str, ...]:
    if not without_link:
        return ()
    shown = ", ".join(without_link[:_WARNED_OF])
    more = len(without_link) - _WARNED_OF
    warning = (
        f"Invited, but Graph's answer with the redemption link was lost: {shown}"
        f"{f' and {more} more' if more > 0 else ''}. They can redeem at the tenant's sign-in "
        "address as well."
    )
    return (warning,)
