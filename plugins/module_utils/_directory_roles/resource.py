# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of a tenant's users, given and taken through Microsoft Graph in batches.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .._changes.converge import Ending, Request
from .._changes.model import Action, Change, Value
from .._errors import ChangedMeanwhile, ObjectGone, Refused, TenantopsError, write_was_sent
from .._graph.access import Access
from .._graph.batch import BatchEnding, Batches, BatchRequest, Found
from .._graph.client import Graph
from .._graph.errors import GraphRefused, is_denied
from .._graph.parts import Parts
from .._graph.waiting import DOUBT_TIME, looks
from .._pace import Pace
from .._tenants.journalled import check_tenant
from .model import (
    GLOBAL_ADMINISTRATOR,
    WHOLE_TENANT,
    Assignment,
    PrincipalKey,
    Role,
    template_of,
)
from .principals import find_deleted_users, find_users
from .reading import ASSIGNMENTS, assignments_of, holders_of, read_roles

ASSIGN_ROLES = Access("RoleManagement.ReadWrite.Directory", "Privileged Role Administrator")
"""What giving and taking roles needs."""

# More than Graph's own quota for all writes, which the transport keeps to.
_PER_SECOND = 100.0
_GONE = 404
_ALREADY = frozenset({400, 409})


@dataclass(frozen=True)
class HeldRoles:
    """The roles that somebody has in the whole tenant, by template id.

    `is_gone` is for somebody who is not there and cannot be restored.
    """

    template_ids: frozenset[str] = frozenset()
    is_gone: bool = False


@dataclass
class RoleAssignments:
    """`Things` for the roles of one tenant's users.

    A role that is there is not given twice, and an assignment whose answer was lost is looked for
    before it is sent again. A user who was made just now may not be known to all of Graph's servers
    yet: then the role is given as soon as they know, within `settle_time` seconds.
    """

    graph: Graph
    roles: Sequence[Role] = ()
    settle_time: float = DOUBT_TIME
    principals: dict[str, str] = field(default_factory=dict)
    """The object ids by the ids of changes; who is not there yet is missing."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What to ask for in place of names, for users who have another name by now."""
    made_just_now: set[str] = field(default_factory=set)
    """The ids of changes about users whom this run has made."""
    _held: dict[str, tuple[Assignment, ...]] = field(default_factory=dict)
    _in_doubt: set[str] = field(default_factory=set)

    @property
    def target(self) -> str:
        """See `Things`."""
        return f"{self.graph.server} tenant {self.graph.tenant}: directory roles"

    async def look(self, principals: Mapping[str, str]) -> None:
        """Read the roles of users; `principals` has their object ids by the ids of changes."""
        self.principals.update(principals)
        self._held.update(await assignments_of(self.graph, principals.values()))

    def held_by(self, identity: str) -> HeldRoles:
        """The roles of a user as they were read last, by the id of the user's changes."""
        return HeldRoles(frozenset(self._template_ids(self._assignments(identity))))

    async def read(
        self, names: Mapping[str, str], _properties: Iterable[str]
    ) -> Mapping[str, HeldRoles | TenantopsError]:
        """See `ReadableThings`. Who is deleted and can be restored has no roles."""
        await check_tenant(self.graph, names.keys())
        self.roles = await read_roles(self.graph)
        keys = {identity: PrincipalKey.from_id(identity) for identity in names}
        asked = {each: self.aliases.get(key.name, key.name) for each, key in keys.items()}
        found = await find_users(self.graph, asked.values())
        absent = [
            key.name for each, key in keys.items() if key.is_by_id and found[asked[each]] is None
        ]
        deleted = await find_deleted_users(self.graph, absent)
        await self.look(
            {each: user for each, name in asked.items() if (user := found[name]) is not None}
        )
        return {
            each: replace(self.held_by(each), is_gone=_is_gone(found[asked[each]], key, deleted))
            for each, key in keys.items()
        }

    def current(self, state: HeldRoles, change: Change) -> Value:
        """See `Resource`. Who is gone for good cannot be given a role again."""
        if state.is_gone and change.action is Action.REMOVE:
            return "(gone for good)"
        template_id = template_of(change)
        return template_id if template_id in state.template_ids else None

    async def guard(self, requests: Sequence[Request]) -> Mapping[str, TenantopsError]:
        """Refuse what would leave the tenant without a Global Administrator, and roles that the
        tenant does not have."""
        refused: dict[str, TenantopsError] = {}
        known = {role.template_id: role for role in self.roles}
        leaving: dict[str, Request] = {}
        for request in requests:
            for change in request.changes:
                template_id = template_of(change)
                if template_id not in known:
                    refused[request.id] = self._no_such_role(change)
                elif template_id == GLOBAL_ADMINISTRATOR and change.action is Action.REMOVE:
                    leaving[self.principals.get(request.id, "")] = request
        if leaving:
            holders = await holders_of(self.graph, known[GLOBAL_ADMINISTRATOR])
            if {holder.principal_id for holder in holders} <= leaving.keys():
                refused |= {each.id: self._last_one(each) for each in leaving.values()}
        return refused

    async def write(self, requests: Iterable[Request]) -> AsyncIterator[tuple[str, Ending]]:
        """See `Things`. A request for several roles is made of one to Graph for each."""
        parts = Parts()
        try:
            members = (
                member
                for request in requests
                for member in parts.take(request, self._members(request))
            )
            async for left in looks(self.settle_time):
                too_early: list[BatchRequest] = []
                async for member, ending in self._send(members, parts):
                    if left > 0 and self._is_too_early(member, parts, ending):
                        too_early.append(member)
                        continue
                    for told in parts.end(member, await self._ending(member, parts, ending)):
                        yield told
                if not too_early:
                    return
                members = (member for member in too_early)
        except TenantopsError as error:
            for told in parts.stop(error):
                yield told
            raise

    def _send(
        self, members: Iterable[BatchRequest], parts: Parts
    ) -> AsyncIterator[tuple[BatchRequest, BatchEnding]]:
        async def look_back(member: BatchRequest) -> Found:
            self._in_doubt.add(member.id)
            principal = self.principals[parts.write_of(member).id]
            return await self._look_back(principal, parts.change_of(member))

        async def check(batch: Sequence[BatchRequest]) -> Mapping[str, TenantopsError]:
            return await self._changed(
                {each.id: (parts.write_of(each).id, parts.change_of(each)) for each in batch}
            )

        return Batches(self.graph, Pace(_PER_SECOND), look_back, check).send(members)

    def _members(self, request: Request) -> Iterator[BatchRequest]:
        for number, change in enumerate(request.changes):
            yield self._member(f"{number} {request.id}", request.id, change)

    def _member(self, member_id: str, identity: str, change: Change) -> BatchRequest:
        role = self._role(template_of(change))
        subject = f"{role.name} of {change.name}"
        if change.action is Action.REMOVE:
            assignment = self._of_role(self._assignments(identity), role)[0]
            return BatchRequest(member_id, "DELETE", f"/{ASSIGNMENTS}/{assignment.id}", subject)
        body = {
            "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
            "principalId": self.principals.get(identity, ""),
            "roleDefinitionId": role.id,
            "directoryScopeId": WHOLE_TENANT,
        }
        return BatchRequest(member_id, "POST", f"/{ASSIGNMENTS}", subject, body)

    async def _changed(
        self, members: Mapping[str, tuple[str, Change]]
    ) -> Mapping[str, TenantopsError]:
        """Which roles somebody else has given or taken since they were read."""
        known = {
            identity: self.principals[identity]
            for identity, _change in members.values()
            if identity in self.principals
        }
        now = await assignments_of(self.graph, known.values())
        refused: dict[str, TenantopsError] = {}
        for member_id, (identity, change) in members.items():
            if identity not in known:
                refused[member_id] = self._is_absent(change)
            elif member_id not in self._in_doubt:
                held = template_of(change) in self._template_ids(now[known[identity]])
                if held is (change.action is Action.ADD):
                    refused[member_id] = self._changed_meanwhile(change)
        return refused

    async def _look_back(self, principal: str, change: Change) -> Found:
        """Whether a request was done whose answer was lost. Old values are not believed at once."""
        async for _left in looks(self.settle_time):
            if await self._is_done(principal, change):
                return Found.DONE
        return Found.NOT_DONE

    async def _is_done(self, principal: str, change: Change) -> bool:
        now = await assignments_of(self.graph, [principal])
        held = template_of(change) in self._template_ids(now[principal])
        return held is (change.action is Action.ADD)

    def _is_too_early(self, member: BatchRequest, parts: Parts, ending: BatchEnding) -> bool:
        """Whether the server that was asked does not know the new user yet."""
        return (
            member.method == "POST"
            and parts.write_of(member).id in self.made_just_now
            and isinstance(ending, GraphRefused)
            and ending.status == _GONE
        )

    async def _ending(self, member: BatchRequest, parts: Parts, ending: BatchEnding) -> Ending:
        change = parts.change_of(member)
        if not isinstance(ending, TenantopsError):
            return (change,)
        status = ending.status if isinstance(ending, GraphRefused) else 0
        # That it is refused now may tell that a lost try was done after all.
        is_in_doubt = member.id in self._in_doubt and status in _ALREADY
        # There is nothing to take: perhaps because somebody else was faster.
        if is_in_doubt or (member.method == "DELETE" and status == _GONE):
            ending.nothing_written &= not is_in_doubt
            try:
                with write_was_sent():
                    principal = self.principals[parts.write_of(member).id]
                    if await self._look_back(principal, change) is Found.DONE:
                        return (change,)
            except TenantopsError as error:
                return error
        if is_denied(ending):
            ending.advice = ASSIGN_ROLES.advice
        return ending

    def _assignments(self, identity: str) -> tuple[Assignment, ...]:
        return self._held.get(self.principals.get(identity, ""), ())

    def _of_role(self, assignments: Iterable[Assignment], role: Role) -> list[Assignment]:
        return [each for each in assignments if each.role_id == role.id]

    def _template_ids(self, assignments: Iterable[Assignment]) -> set[str]:
        templates = {role.id: role.template_id for role in self.roles}
        return {templates.get(each.role_id, each.role_id) for each in assignments}

    def _role(self, template_id: str) -> Role:
        # That the tenant has it, `guard` has seen to.
        return {role.template_id: role for role in self.roles}[template_id]

    def _is_absent(self, change: Change) -> ObjectGone:
        return ObjectGone(
            "There is no such user in this tenant",
            server=self.graph.server,
            subject=change.name,
        )

    def _no_such_role(self, change: Change) -> Refused:
        return Refused(
            f"The tenant does not have the directory role {change.property} any more",
            server=self.graph.server,
            subject=change.name,
        )

    def _changed_meanwhile(self, change: Change) -> ChangedMeanwhile:
        return ChangedMeanwhile(
            "Somebody else has given or taken this role since it was read",
            server=self.graph.server,
            subject=f"{change.property} of {change.name}",
            advice="It was left alone. Run again: it is judged anew.",
        )

    def _last_one(self, request: Request) -> Refused:
        return Refused(
            "Nobody would be Global Administrator any more",
            server=self.graph.server,
            subject=request.name,
            advice="Give the role to somebody else first.",
        )


def _is_gone(found: str | None, key: PrincipalKey, deleted: Mapping[str, str | None]) -> bool:
    """Whether a user is neither there nor among the deleted, as far as that can be asked."""
    return found is None and (not key.is_by_id or deleted[key.name] is None)
