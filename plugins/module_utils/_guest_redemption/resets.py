# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The redemptions of a tenant's guests, reset through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._changes.converge import Ending, Request
from .._errors import ChangedMeanwhile, InvalidInput, NotUnderstood, Refused, TenantopsError
from .._graph.batch import (
    READS_PER_SECOND,
    BatchAnswer,
    BatchEnding,
    Batches,
    BatchRequest,
    Found,
    ask,
)
from .._graph.client import Graph
from .._graph.errors import is_denied
from .._graph.json_requests import get_json
from .._graph.waiting import looks
from .._guests.inviting import RESET_REDEMPTION
from .._guests.model import ExternalUserState, Guest
from .._notices.messages import InvitationMessage, InvitationMessages
from .._notices.model import Recipient
from .._pace import KNOWN_LIMIT, Pace
from .directory_roles import role_holders
from .links import LinksFile
from .model import Redemption, redemption_before

_FIELDS = "id,externalUserState,externalUserStateChangeDateTime"
_MAY_NOT_INVITE = (
    "The tenant's external collaboration settings must not leave inviting guests to administrators."
)
_NOT_BY_AN_APP = (
    "An app may not reset who holds a directory role. Take the role away, reset, and give it back; "
    "or let a person with the role Helpdesk Administrator or above reset the guest in the Entra "
    "admin center."
)


@dataclass(frozen=True)
class Wishes:
    """What the operator wants beside the resets themselves.

    `settle_time` is how many seconds it takes at most until Graph shows a reset everywhere.
    """

    send_mail: bool
    messages: InvitationMessages
    redirect_url: str
    per_second: float
    settle_time: float
    check_roles: bool
    links: LinksFile | None


async def read_redemption(graph: Graph, guest: Guest) -> Redemption:
    """How far a guest is now. Raises `NotUnderstood` for what is not documented."""
    path = f"users/{guest.id}"
    answer = await get_json(graph, guest.name, path, {"$select": _FIELDS})
    return _redemption(graph, guest, answer)


def _redemption(graph: Graph, guest: Guest, answer: Any) -> Redemption:
    if not isinstance(answer, Mapping):
        raise _not_understood(graph, guest, f"{answer!r}"[:200])
    state = answer.get("externalUserState")
    changed = answer.get("externalUserStateChangeDateTime")
    if answer.get("id") != guest.id or not isinstance(changed, str | None):
        raise _not_understood(graph, guest, f"an object with {sorted(answer)}")
    if state not in list(ExternalUserState):
        raise _not_understood(graph, guest, f"externalUserState {state!r}")
    return Redemption(state, changed)


class GuestRedemptions:
    """`Things` for the guests of one tenant.

    How a second reset is avoided
    -----------------------------
    Graph has no conditional reset. Each guest is looked at once more some seconds before: its state
    has a time of its own, which every redemption and every reset changes. A request whose answer
    was lost is not sent again before the guest was looked at, either.
    """

    def __init__(self, graph: Graph, guests: Iterable[Guest], wishes: Wishes) -> None:
        self._graph = graph
        self._guests = {guest.id: guest for guest in guests}
        self._wishes = wishes
        self._reading = Pace(READS_PER_SECOND)
        self._links_failure: TenantopsError | None = None
        self.without_link: list[Guest] = []

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self._graph.server} tenant {self._graph.tenant}: guests"

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse those whose roles keep an app from resetting them, as Graph would, and those for
        whom there is no mail to be made."""
        refused: dict[str, TenantopsError] = {}
        if self._wishes.send_mail:
            for request in requests:
                try:
                    self._message(self._guests[request.id])
                except InvalidInput as error:
                    refused[request.id] = error
        if requests and self._wishes.check_roles:
            holders = await role_holders(self._graph)
            for request in requests:
                if request.id in holders:
                    refused[request.id] = self._holds_a_role(request, holders[request.id])
        return refused

    def _holds_a_role(self, request: Request, roles: Iterable[str]) -> Refused:
        return Refused(
            "This guest holds a directory role",
            server=self._graph.server,
            subject=request.name,
            answer=", ".join(roles),
            advice=_NOT_BY_AN_APP,
        )

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`."""
        if self._wishes.links is not None:
            self._wishes.links.begin()
        taken: dict[str, Request] = {}

        def batch_requests() -> Iterator[BatchRequest]:
            for request in requests:
                taken[request.id] = request
                yield self._batch_request(request)
                if self._links_failure is not None:
                    return

        async def look_back(batch_request: BatchRequest) -> Found:
            return await self._look_back(taken[batch_request.id])

        async def check(batch_requests: Sequence[BatchRequest]) -> Mapping[str, TenantopsError]:
            return await self._changed([taken[each.id] for each in batch_requests])

        pace = Pace(self._wishes.per_second, KNOWN_LIMIT)
        batches = Batches(self._graph, pace, look_back, check)
        try:
            async for batch_request, ending in batches.send(batch_requests()):
                yield batch_request.id, self._ending(taken.pop(batch_request.id), ending)
        except TenantopsError as error:
            raise _with_advice(error) from error
        if self._links_failure is not None:
            raise self._links_failure

    def _batch_request(self, request: Request) -> BatchRequest:
        guest = self._guests[request.id]
        body: dict[str, Any] = {
            "invitedUserEmailAddress": guest.address,
            "inviteRedirectUrl": self._wishes.redirect_url,
            "sendInvitationMessage": self._wishes.send_mail,
            "resetRedemption": True,
            "invitedUser": {"id": guest.id},
        }
        if self._wishes.send_mail:
            message = self._message(guest)
            information: dict[str, Any] = {"messageLanguage": message.language}
            if message.text is not None:
                information["customizedMessageBody"] = message.text
            body["invitedUserMessageInfo"] = information
        return BatchRequest(guest.id, "POST", "/invitations", guest.name, body)

    def _message(self, guest: Guest) -> InvitationMessage:
        recipient = Recipient(
            guest.address or "", guest.display_name or "", guest.preferred_language or ""
        )
        return self._wishes.messages.for_guest(recipient)

    async def _changed(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Who is not as it was read any more, such as those who have redeemed anew meanwhile."""
        questions = [
            BatchRequest(each.id, "GET", f"/users/{each.id}?$select={_FIELDS}", each.name)
            for each in requests
        ]
        before = {each.id: redemption_before(each.changes[0]) for each in requests}
        refused: dict[str, TenantopsError] = {}
        async for question, answer in ask(self._graph, self._reading, questions):
            guest = self._guests[question.id]
            try:
                if isinstance(answer, TenantopsError):
                    raise answer
                if _redemption(self._graph, guest, answer.body) != before[guest.id]:
                    raise self._changed_meanwhile(guest)
            except TenantopsError as error:
                error.nothing_written = True
                refused[guest.id] = error
        return refused

    def _changed_meanwhile(self, guest: Guest) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "The guest has redeemed or was reset by somebody else since it was read",
            server=self._graph.server,
            subject=guest.name,
            advice="It was left alone. Run again: it is judged anew.",
        )

    async def _look_back(self, request: Request) -> Found:
        """Whether a reset was made whose answer was lost. Old values are not believed at once."""
        guest = self._guests[request.id]
        before = redemption_before(request.changes[0])
        async for _left in looks(self._wishes.settle_time):
            if await read_redemption(self._graph, guest) != before:
                return Found.DONE
        return Found.NOT_DONE

    def _ending(self, request: Request, ending: BatchEnding) -> Ending:
        guest = self._guests[request.id]
        if isinstance(ending, TenantopsError):
            return _with_advice(ending)
        if isinstance(ending, BatchAnswer):
            invitation = ending.body if isinstance(ending.body, Mapping) else {}
            invited = invitation.get("invitedUser")
            if not isinstance(invited, Mapping) or invited.get("id") != guest.id:
                return _not_understood(
                    self._graph, guest, f"HTTP {ending.status}, an invitation of somebody else"
                )
            self._keep_link(guest, invitation.get("inviteRedeemUrl"))
        else:
            self._keep_link(guest, None)
        return request.changes

    def _keep_link(self, guest: Guest, link: object) -> None:
        links = self._wishes.links
        if links is None:
            return
        if not isinstance(link, str) or not link:
            self.without_link.append(guest)
            return
        try:
            links.add(guest, self._message(guest).language, link)
        except InvalidInput as error:
            self._links_failure = error
            self.without_link.append(guest)


def _with_advice(error: TenantopsError) -> TenantopsError:
    """What is denied can have several reasons, which Graph does not tell."""
    if is_denied(error):
        error.advice = f"{RESET_REDEMPTION.advice} {_MAY_NOT_INVITE} {_NOT_BY_AN_APP}"
    return error


def _not_understood(graph: Graph, guest: Guest, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "What Graph answers about this guest is not understood",
        server=graph.server,
        subject=guest.name,
        answer=answer,
        advice="Look at the guest in the Entra admin center, and run again.",
    )
