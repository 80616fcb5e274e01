# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `entra_guest_redemption`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .._changes.control import ChangeControl
from .._changes.converge import ConvergedMany, Failure, converge_many, partly_done
from .._changes.model import JsonValue
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, TenantopsError
from .._graph.client import EntraConnection, Graph, open_graph
from .._guests.classified import classified
from .._guests.inviting import RESET_REDEMPTION
from .._guests.links import SignInLinks, sign_in_links
from .._guests.model import ExternalUserState, Guest, SignInMethod
from .._guests.reading import READ_GUESTS
from .._guests.selection import Selection
from .._libraries import require
from .._notices.messages import InvitationMessages
from .._notices.templates import REDEMPTION_RESET
from .._realms.discovery import RealmConnection, open_realms
from .._realms.remembered import RememberedRealms
from .directory_roles import READ_ROLES
from .earlier import Earlier, EarlierResets
from .links import LinksFile
from .model import Redemption, Sorted, not_found, redemption_of, sort, told
from .resets import GuestRedemptions, Wishes, read_redemption

_LIBRARIES = ("azure-identity", "httpx", "idna", "msgraph-sdk")
# A few seconds' worth: as many a killed run leaves open at most.
_ANNOUNCED_AT_ONCE = 100
_WARNED_OF = 10


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Reset the redemption of the guests that are selected."""
    require(*_LIBRARIES)
    control = ChangeControl.from_parameters(parameters)
    selection = Selection.from_parameters(parameters)
    wishes = _wishes(parameters)
    earlier = EarlierResets.read(None if control.journal is None else control.journal.path)
    work = _Work(parameters, control, selection, wishes, earlier)
    return asyncio.run(work.do(check_mode=check_mode))


def _wishes(parameters: Mapping[str, Any]) -> Wishes:
    if not parameters["requests_per_second"] > 0:
        raise InvalidInput("requests_per_second must be more than 0")
    if parameters["settle_time"] < 0:
        raise InvalidInput("settle_time must not be less than 0")
    links = _sign_in_links(parameters)
    path = parameters["links_file"]
    return Wishes(
        send_mail=parameters["send_mail"],
        messages=InvitationMessages.from_parameters(
            parameters, notice=REDEMPTION_RESET, links=links
        ),
        redirect_url=parameters["redirect_url"] or links.best,
        per_second=parameters["requests_per_second"],
        settle_time=parameters["settle_time"],
        check_roles=parameters["check_roles"],
        links=None if path is None else LinksFile(Path(path)),
    )


def _sign_in_links(parameters: Mapping[str, Any]) -> SignInLinks:
    tenant = parameters["entra_tenant_id"]
    if tenant is None:
        raise InvalidInput(
            "It is not said which tenant this is",
            advice="Give entra_tenant_id: the guests' links lead to it by name.",
        )
    return sign_in_links(tenant, cloud=parameters["entra_cloud"])


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    selection: Selection
    wishes: Wishes
    earlier: EarlierResets

    async def do(self, *, check_mode: bool) -> Outcome:
        connection = EntraConnection.from_parameters(self.parameters)
        async with open_graph(connection) as graph:
            needed = [READ_GUESTS, RESET_REDEMPTION]
            await graph.require(*needed, *([READ_ROLES] if self.wishes.check_roles else []))
            found, failures = await self._read(graph)
            found, reset_before = await self._besides_earlier(graph, found)
            sorted_guests = sort(found, graph.server)
            things = GuestRedemptions(graph, sorted_guests.to_reset, self.wishes)
            converged = await converge_many(
                things,
                sorted_guests.proposal(sorted_guests.to_reset, mailed=self.wishes.send_mail),
                self.control,
                check_mode=check_mode,
                announced_at_once=_ANNOUNCED_AT_ONCE,
            )
        failures = [*failures, *sorted_guests.failures, *converged.failures]
        return self._outcome(sorted_guests, reset_before, converged, failures, things.without_link)

    async def _read(self, graph: Graph) -> tuple[list[Guest], list[Failure]]:
        """The guests that are meant, and what keeps us from knowing more of them."""
        unknown_domains: dict[str, TenantopsError] = {}
        async with AsyncExitStack() as stack:
            realms = await stack.enter_async_context(
                open_realms(RealmConnection.from_parameters(self.parameters))
            )
            remembered = RememberedRealms(realms)
            meant = classified(graph, remembered, self.selection, unknown_domains)
            guests = [guest async for guest in meant]
        failures = [
            Failure(domain, domain, error) for domain, error in sorted(unknown_domains.items())
        ]
        failures += [
            Failure(name, name, error)
            for name, error in not_found(self.selection, guests, graph.server)
        ]
        known = [guest for guest in guests if not _is_of_unknown_domain(guest, unknown_domains)]
        return known, failures

    async def _besides_earlier(
        self, graph: Graph, guests: Sequence[Guest]
    ) -> tuple[list[Guest], list[Guest]]:
        """The guests without those whom an earlier run has reset, and these.

        Where a journal leaves open whether it was done, the guest is looked at again as late as
        it takes for Graph to know.
        """
        judged = {
            guest.id: self.earlier.of(guest.id, redemption_of(guest))
            for guest in guests
            if guest.state == ExternalUserState.ACCEPTED
        }
        unsure = [guest for guest in guests if judged.get(guest.id) is Earlier.OPEN]
        now = await self._look_again(graph, unsure)
        done = {identity for identity, earlier in judged.items() if earlier is Earlier.DONE}
        done.update(guest.id for guest in unsure if now[guest.id] != redemption_of(guest))
        return (
            [guest for guest in guests if guest.id not in done],
            [guest for guest in guests if guest.id in done],
        )

    async def _look_again(self, graph: Graph, guests: Sequence[Guest]) -> dict[str, Redemption]:
        settled = self.earlier.settled_at([guest.id for guest in guests], self.wishes.settle_time)
        if settled is None:
            return {}
        # A clock that was wrong does not make us wait for longer.
        left = min((settled - datetime.now(UTC)).total_seconds(), self.wishes.settle_time)
        if left > 0:
            tell(
                f"{len(guests)} guests: an earlier run may have reset them; Graph knows in "
                f"{left:.0f} s"
            )
            await asyncio.sleep(left)
        found = await asyncio.gather(*(read_redemption(graph, guest) for guest in guests))
        return {guest.id: now for guest, now in zip(guests, found, strict=True)}

    def _outcome(
        self,
        sorted_guests: Sorted,
        reset_before: Sequence[Guest],
        converged: ConvergedMany,
        failures: Sequence[Failure],
        without_link: Sequence[Guest],
    ) -> Outcome:
        return Outcome(
            changes=converged.changes,
            values={
                "selected": sorted_guests.selected + len(reset_before),
                "reset": len(converged.changes),
                "pending": told(sorted_guests.pending),
                "reset_before": told(reset_before),
                "internal": told(sorted_guests.internal),
                "failures": [_failure(failure) for failure in failures],
            },
            warnings=tuple(_warnings(without_link)),
            error=partly_done(failures) or converged.stopped,
        )


def _is_of_unknown_domain(guest: Guest, unknown: Mapping[str, TenantopsError]) -> bool:
    return guest.method is SignInMethod.ENTRA_UNRESOLVED and guest.domain in unknown


def _failure(failure: Failure) -> dict[str, JsonValue]:
    return {
        "id": failure.id,
        "address": failure.name,
        "error": dict(failure.error.as_result()),
    }


def _warnings(without_link: Sequence[Guest]) -> Iterable[str]:
    if without_link:
        shown = ", ".join(guest.name for guest in without_link[:_WARNED_OF])
        more = len(without_link) - _WARNED_OF
        yield (
            f"Reset, but Graph's answer with the redemption link was lost: {shown}"
            f"{f' and {more} more' if more > 0 else ''}. They can redeem at the tenant's sign-in "
            "address as well."
        )
