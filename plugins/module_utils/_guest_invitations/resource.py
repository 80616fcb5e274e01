# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guests of a tenant, invited, removed and restored through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._changes.converge import Ending, Request
from .._changes.model import Action, Change, Value
from .._errors import (
    ChangedMeanwhile,
    InvalidInput,
    NotUnderstood,
    Refused,
    TenantopsError,
)
from .._graph.access import Access
from .._graph.batch import BatchAnswer, BatchEnding, Batches, BatchRequest, Found
from .._graph.client import Graph
from .._graph.errors import is_denied
from .._graph.waiting import DOUBT_TIME, looks
from .._guest_redemption.links import LinksFile
from .._guests.inviting import INVITE
from .._guests.model import ExternalUserState, Guest, ReadGuest
from .._notices.messages import InvitationMessages
from .._notices.model import Recipient
from .._pace import Pace
from .._tenants.journalled import check_tenant
from .finding import Deleted, deleted_users, holders_of, holders_of_one
from .model import PROPERTY, GuestKey, Holders, WantedGuest

REMOVE = Access("User.ReadWrite.All", "User Administrator", ("Directory.ReadWrite.All",))
"""What removing a guest needs."""
RESTORE = Access(
    "User.DeleteRestore.All",
    "User Administrator",
    ("User.ReadWrite.All", "Directory.ReadWrite.All"),
)
"""What bringing a guest back needs."""

# Nine tenths of the 150 in 5 s that Microsoft allows for invitations.
PER_SECOND = 27.0
_ACCESS = {"POST": INVITE, "DELETE": REMOVE}
_GONE = 404


@dataclass(frozen=True)
class Invitations:
    """How guests are invited."""

    guests: Mapping[str, WantedGuest]
    """By their addresses in lower case."""
    send_mail: bool
    messages: InvitationMessages
    redirect_url: str
    links: LinksFile | None = None

    def body(self, address: str) -> dict[str, Any]:
        """An invitation as Graph takes it. Raises `InvalidInput` if there is no mail to be made."""
        guest = self.guests[address]
        body: dict[str, Any] = {
            "invitedUserEmailAddress": guest.address,
            "inviteRedirectUrl": self.redirect_url,
            "sendInvitationMessage": self.send_mail,
            "invitedUserType": "Guest",
        }
        if guest.display_name:
            body["invitedUserDisplayName"] = guest.display_name
        if self.send_mail:
            message = self.messages.for_guest(self.recipient(address))
            information: dict[str, Any] = {"messageLanguage": message.language}
            if message.text is not None:
                information["customizedMessageBody"] = message.text
            body["invitedUserMessageInfo"] = information
        return body

    def recipient(self, address: str) -> Recipient:
        """The guest as somebody to write to."""
        guest = self.guests[address]
        return Recipient(guest.address, guest.display_name, guest.language)


@dataclass
class TenantGuests:
    """`Things` for the guests of one tenant; without `invitations`, a change that makes a guest
    brings the one back that was removed.

    How a second mail is avoided
    ----------------------------
    Each address is looked for once more some seconds before its request, so that nobody who came or
    changed meanwhile is written over. An invitation whose answer was lost is not sent again before
    the address was looked for, for as long as Graph may need to show a new guest.
    """

    graph: Graph
    invitations: Invitations | None = None
    per_second: float = PER_SECOND
    settle_time: float = DOUBT_TIME
    found: dict[str, Holders] = field(default_factory=dict)
    """Who has each address (lower case), as it was read last."""
    without_link: list[str] = field(default_factory=list)
    _deleted: Mapping[str, Deleted] = field(default_factory=dict)
    _links_failure: TenantopsError | None = None

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self.graph.server} tenant {self.graph.tenant}: guests"

    async def look(self, addresses: Iterable[str]) -> Mapping[str, Holders]:
        """Who has each of these addresses (lower case)."""
        found = await holders_of(self.graph, addresses)
        self.found.update(found)
        return found

    async def read(
        self, names: Mapping[str, str], _properties: Iterable[str]
    ) -> Mapping[str, Holders | TenantopsError]:
        """See `ReadableThings`. What else is told of guests cannot be undone and is not read."""
        keys = {identity: GuestKey.from_id(identity) for identity in names if " " in identity}
        await check_tenant(self.graph, [key.tenant_id for key in keys.values()])
        found = await self.look(key.address for key in keys.values())
        return {
            identity: found[keys[identity].address] if identity in keys else Holders()
            for identity in names
        }

    def current(self, state: Holders, change: Change) -> Value:
        """See `Resource`."""
        if change.property != PROPERTY:
            return change.after
        return state.value(change.name)

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse guests for whom there is no mail to be made, or whom nobody can bring back."""
        refused: dict[str, TenantopsError] = {}
        made = [each for each in requests if each.changes[0].action is Action.CREATE]
        if made and self.invitations is None:
            self._deleted = await deleted_users(self.graph)
        for request in made:
            address = _address(request)
            if self.invitations is None:
                if address not in self._deleted:
                    refused[request.id] = self._not_deleted(address)
                continue
            try:
                self.invitations.body(address)
            except InvalidInput as error:
                refused[request.id] = error
        return refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`."""
        links = None if self.invitations is None else self.invitations.links
        if links is not None:
            links.begin()
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

        batches = Batches(self.graph, Pace(self.per_second), look_back, check)
        async for batch_request, ending in batches.send(batch_requests()):
            request = taken.pop(batch_request.id)
            yield batch_request.id, self._ending(request, batch_request.method, ending)
        if self._links_failure is not None:
            raise self._links_failure

    def _batch_request(self, request: Request) -> BatchRequest:
        address = _address(request)
        if request.changes[0].action is Action.DELETE:
            user = self.found[address].guests[0]
            return BatchRequest(request.id, "DELETE", f"/users/{user.id}", address)
        if self.invitations is None:
            url = f"/directory/deletedItems/{self._deleted[address].user.id}/restore"
            return BatchRequest(request.id, "POST", url, address)
        body = self.invitations.body(address)
        return BatchRequest(request.id, "POST", "/invitations", address, body)

    async def _changed(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Whose address somebody has who had it not when it was read, or the other way round."""
        now = await holders_of(self.graph, map(_address, requests))
        return {
            each.id: self._changed_meanwhile(address)
            for each in requests
            if now[address := _address(each)] != self.found[address]
        }

    def _changed_meanwhile(self, address: str) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "Somebody else has invited, changed or removed this guest since it was read",
            server=self.graph.server,
            subject=address,
            advice="It was left alone. Run again: it is judged anew.",
        )

    async def _look_back(self, request: Request) -> Found:
        """Whether a request was done whose answer was lost. Old values are not believed at once."""
        is_wanted = request.changes[0].action is Action.CREATE
        async for _left in looks(self.settle_time):
            holders = await holders_of_one(self.graph, _address(request))
            if bool(holders.guests) == is_wanted:
                return Found.DONE
        return Found.NOT_DONE

    def _ending(self, request: Request, method: str, ending: BatchEnding) -> Ending:
        address = _address(request)
        if isinstance(ending, TenantopsError):
            if method == "DELETE" and getattr(ending, "status", 0) == _GONE:
                # Somebody else was faster, or it was done by a try whose answer was lost.
                return request.changes
            if is_denied(ending):
                restores = method == "POST" and self.invitations is None
                ending.advice = (RESTORE if restores else _ACCESS[method]).advice
            return ending
        if self.invitations is not None and method == "POST":
            return self._invited(request, address, ending)
        return request.changes

    def _invited(self, request: Request, address: str, ending: BatchAnswer | Any) -> Ending:
        if not isinstance(ending, BatchAnswer):
            self._keep_link(address, "", None)
            return request.changes
        answer = ending.body if isinstance(ending.body, Mapping) else {}
        invited = answer.get("invitedUser")
        identity = invited.get("id") if isinstance(invited, Mapping) else None
        if not isinstance(identity, str):
            return NotUnderstood(
                "The answer is not an invitation",
                server=self.graph.server,
                subject=address,
                answer=f"HTTP {ending.status}, {sorted(answer)}",
                advice="Look whether the guest is there; the next run does.",
            )
        self._keep_link(address, identity, answer.get("inviteRedeemUrl"))
        return request.changes

    def _keep_link(self, address: str, identity: str, link: object) -> None:
        if self.invitations is None or self.invitations.links is None:
            return
        if not isinstance(link, str) or not link:
            self.without_link.append(address)
            return
        language = self.invitations.messages.for_guest(self.invitations.recipient(address)).language
        try:
            self.invitations.links.add(_as_guest(address, identity), language, link)
        except InvalidInput as error:
            self._links_failure = error
            self.without_link.append(address)

    def _not_deleted(self, address: str) -> Refused:
        return Refused(
            "The tenant does not keep this guest among the deleted users any more",
            server=self.graph.server,
            subject=address,
            advice="They are kept for 30 days. Invite the guest again; what was shared with the "
            "old one has to be shared anew.",
        )


def _address(request: Request) -> str:
    return GuestKey.from_id(request.id).address


def _as_guest(address: str, identity: str) -> Guest:
    """A guest who was invited just now."""
    read = ReadGuest.from_json(
        {
            "id": identity,
            "userPrincipalName": address,
            "mail": address,
            "externalUserState": ExternalUserState.PENDING_ACCEPTANCE.value,
        }
    )
    # Its name in the tenant is not told.
    return replace(read.classified(None), user_principal_name="")
