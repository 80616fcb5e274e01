# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names with which a tenant's users sign in, changed through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from .._changes.converge import Ending, Request
from .._changes.model import Change, Value
from .._changes.planned import PlannedChanges
from .._directory_roles.holders import protected_users
from .._domains.verified import federated_domains, verified_domains
from .._errors import ChangedMeanwhile, NotUnderstood, Refused, TenantopsError
from .._graph.access import Access
from .._graph.batch import READS_PER_SECOND, Batches, BatchRequest, Found
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._graph.waiting import DOUBT_TIME, looks
from .._pace import KNOWN_LIMIT, Pace
from .._tenants.organization import read_organization
from .._users.streaming import read_named_user, read_named_users
from .holders import read_holders
from .order import Order, Renaming, is_temporary
from .planning import FIELDS, PROPERTY, Wishes, not_free, plan
from .scheduling import Move, Schedule
from .wanted import is_same_name

RENAME_USERS = Access("User.ReadWrite.All", "User Administrator", ("Directory.ReadWrite.All",))
"""What giving users other names needs."""

# The tenant's quota sets the pace of all requests; this one only keeps a pause together.
WRITES_PER_SECOND = 500.0

_FIELDS = ("id", "userPrincipalName")
_TAKEN = "already exists"
_NOT_BY_AN_APP = (
    "An app may only rename who holds a directory role if it holds one itself that stands above "
    "it. Assign the app such a role (Privileged Authentication Administrator is above all); or "
    "take the user's role away, rename, and give it back; or let a Global Administrator rename the "
    "user in the Entra admin center."
)


@dataclass
class SignInNames:
    """`Things` (and `ReadableThings`) for the names of one tenant's users.

    A request gives one user one name, and is sent when the name is free. All that is needed is in
    the changes. `initial_domain` is read where it is needed and not given. With `judges` the
    changes are judged as wishes are, because nobody has done that yet, as in a rollback.

    How somebody else's work is kept
    --------------------------------
    Graph has no conditional renaming. Each user is looked at once more some seconds before: where
    the name is another one than the change has before it, or the temporary one, nothing is sent.
    Where an answer was lost, the user is looked at before anything is sent again.
    """

    graph: Graph
    initial_domain: str = ""
    judges: bool = False
    settle_time: float = DOUBT_TIME
    per_second: float = WRITES_PER_SECOND
    order: Order = field(default_factory=Order)
    _reading: Pace = field(default_factory=lambda: Pace(READS_PER_SECOND))

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self.graph.server} tenant {self.graph.tenant}: sign-in names"

    async def read(
        self, names: Mapping[str, str], _properties: Iterable[str]
    ) -> Mapping[str, str | TenantopsError]:
        """The names of users (by object id) as they are now, or why they cannot be read."""
        users = read_named_users(self.graph, names, fields=_FIELDS, pace=self._reading)
        return {
            identity: user if isinstance(user, TenantopsError) else user.user_principal_name
            async for identity, user in users
        }

    def current(self, state: str, change: Change) -> Value:
        """See `Resource`. A temporary name is what a request leaves that was interrupted, so it
        counts as that which the request was to give."""
        if is_temporary(state, change.id):
            return change.after
        for name in (change.after, change.before):
            if isinstance(name, str) and is_same_name(state, name):
                return name
        return state

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse those whom an app without a role may not rename, and those who wait for them."""
        refused: dict[str, TenantopsError] = {}
        if requests:
            roles = await protected_users(self.graph)
            refused = {
                each.id: self._holds_roles(each, roles[each.id])
                for each in requests
                if each.id in roles
            }
        if self.judges:
            refused |= await self._judged([each for each in requests if each.id not in refused])
        by_id = {each.id: each for each in requests}
        for identity, blocker in _order(requests).behind(refused).items():
            change = by_id[identity].changes[0]
            told = by_id[blocker].name
            refused[identity] = not_free(str(change.after), told, self.graph.server, change.name)
        self.order = _order([each for each in requests if each.id not in refused])
        if self.order.parked and not self.initial_domain:
            self.initial_domain = await self._read_initial_domain()
        return refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`. `guard` has been asked about the same requests before."""
        schedule = Schedule(self.order, self.initial_domain, self.graph.server)
        source = iter(requests)
        is_first = True
        try:
            while is_first or schedule.has_ready:
                is_first = False
                async for ending in self._send(schedule, source):
                    yield ending
        except TenantopsError as error:
            schedule.stop(error)
            for ending in schedule.endings:
                yield ending
            raise

    async def _send(
        self, schedule: Schedule, source: Iterator[Request]
    ) -> AsyncIterator[tuple[str, Ending]]:
        """Send what can be sent, until what is left waits for what is under way."""
        moves: dict[str, Move] = {}
        in_doubt: set[str] = set()

        def batch_requests() -> Iterator[BatchRequest]:
            # The ids of a batch's requests are Graph's to interpret, so they are numbers.
            for number, move in enumerate(schedule.moves(source)):
                moves[str(number)] = move
                yield _batch_request(str(number), move)

        async def look_back(batch_request: BatchRequest) -> Found:
            in_doubt.add(batch_request.id)
            return await self._look_back(moves[batch_request.id])

        async def check(batch_requests: Sequence[BatchRequest]) -> Mapping[str, TenantopsError]:
            members = {each.id: moves[each.id] for each in batch_requests}
            return await self._changed(members, in_doubt)

        batches = Batches(self.graph, Pace(self.per_second, KNOWN_LIMIT), look_back, check)
        async for batch_request, ending in batches.send(batch_requests()):
            move = moves.pop(batch_request.id)
            if isinstance(ending, TenantopsError):
                schedule.failed(move, _with_advice(ending))
            else:
                schedule.succeeded(move)
            for told in _drained(schedule):
                yield told
        # Those that failed without being sent, since the one that they waited for had failed.
        for told in _drained(schedule):
            yield told

    async def _changed(
        self, moves: Mapping[str, Move], in_doubt: Collection[str]
    ) -> Mapping[str, TenantopsError]:
        """Whose name is not the one that a change begins with, by the ids in the batch.

        The new name is ours where a try is in doubt, and can be given twice.
        """
        batch_ids = {move.request.id: batch_id for batch_id, move in moves.items()}
        refused: dict[str, TenantopsError] = {}
        users = read_named_users(self.graph, batch_ids, fields=_FIELDS, pace=self._reading)
        async for identity, user in users:
            batch_id = batch_ids[identity]
            move = moves[batch_id]
            if isinstance(user, TenantopsError):
                user.nothing_written = True
                refused[batch_id] = user
                continue
            name = user.user_principal_name
            is_done = batch_id in in_doubt and is_same_name(name, move.name)
            if not is_done and not _is_as_before(name, move):
                refused[batch_id] = self._changed_meanwhile(move, name)
        return refused

    async def _look_back(self, move: Move) -> Found:
        """Whether a move was made whose answer was lost. Old values are not believed at once."""
        async for _left in looks(self.settle_time):
            user = await read_named_user(self.graph, move.request.id, _FIELDS)
            if is_same_name(user.user_principal_name, move.name):
                return Found.DONE
        return Found.NOT_DONE

    async def _judged(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Who cannot get the name of a request, as far as that can be known before."""
        refused: dict[str, TenantopsError] = {}
        wishes = Wishes()
        names = {each.id: str(each.changes[0].after) for each in requests}
        users = read_named_users(self.graph, names, fields=FIELDS, pace=self._reading)
        async for identity, user in users:
            if isinstance(user, TenantopsError):
                refused[identity] = user
            else:
                wishes.users[identity], wishes.names[identity] = user, names[identity]
        organization = await read_organization(self.graph)
        verified = verified_domains(organization, PlannedChanges())
        holders = await read_holders(self.graph, names.values())
        federated = federated_domains(organization)
        failures = plan(wishes, holders, verified, self.graph.server, federated).failures
        return refused | {failure.id: failure.error for failure in failures}

    async def _read_initial_domain(self) -> str:
        for domain in (await read_organization(self.graph)).verified_domains:
            if domain.is_initial:
                return domain.name
        raise NotUnderstood(
            "None of the tenant's domains is the initial one",
            server=self.graph.server,
            subject=f"tenant {self.graph.tenant}",
            advice="Names cannot be exchanged without it: a temporary one is in that domain.",
        )

    def _holds_roles(self, request: Request, roles: Sequence[str]) -> TenantopsError:
        return Refused(
            "The user holds a directory role, and the app holds none",
            server=self.graph.server,
            subject=request.name,
            answer=", ".join(roles),
            advice=_NOT_BY_AN_APP,
        )

    def _changed_meanwhile(self, move: Move, found: str) -> TenantopsError:
        return ChangedMeanwhile(
            "Somebody else has renamed the user since it was read",
            server=self.graph.server,
            subject=move.request.name,
            answer=f"the name is {found}",
            advice="It was left alone. Run again: it is judged anew.",
        )


def _order(requests: Iterable[Request]) -> Order:
    return Order.of(
        Renaming(each.id, str(each.changes[0].before), str(each.changes[0].after))
        for each in requests
    )


def _drained(schedule: Schedule) -> Iterator[tuple[str, Ending]]:
    told = list(schedule.endings)
    schedule.endings.clear()
    yield from told


def _batch_request(batch_id: str, move: Move) -> BatchRequest:
    url = f"/users/{quote(move.request.id, safe='')}"
    return BatchRequest(batch_id, "PATCH", url, move.request.name, {PROPERTY: move.name})


def _is_as_before(name: str, move: Move) -> bool:
    before = str(move.request.changes[0].before)
    return is_same_name(name, before) or is_temporary(name, move.request.id)


def _with_advice(error: TenantopsError) -> TenantopsError:
    if is_denied(error):
        error.advice = f"{RENAME_USERS.advice} {_NOT_BY_AN_APP}"
    elif isinstance(error, GraphRefused) and _TAKEN in str(error).lower():
        # Graph has no code of its own for this; the words choose the advice and nothing else.
        error.advice = (
            "Another object has the name, perhaps one that this app may not see or that was "
            "deleted some days ago. Run again: it is looked for anew."
        )
    return error
