# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users that are meant, read in the way that takes the fewest requests.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Set
from dataclasses import dataclass, field

from .._changes.converge import Failure
from .._errors import ObjectGone, TenantopsError
from .._graph.client import Graph
from .model import FIELDS, User
from .selection import UserSelection
from .streaming import no_such_user, read_named_users, user_pages

# Members of groups are read one by one if they are no more, and else found among all users.
_MOST_READ_BY_NAME = 2000


@dataclass
class Selected:
    """The users of a selection; `members` are those of its groups, and `skus` the ids of its
    `licensed_with`. `later` says how earlier tasks will have left a user, in a dry run, and
    `ids_by_name` whom they will have given a sign-in name.

    `failures` tells of those who are named and cannot be read, when `users` has ended. `read` says
    how many were looked at.
    """

    selection: UserSelection
    members: Mapping[str, Set[str]] = field(default_factory=dict)
    skus: Mapping[str, str] = field(default_factory=dict)
    fields: Collection[str] = FIELDS
    later: Callable[[User], User] = lambda user: user
    ids_by_name: Mapping[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    read: int = 0

    async def users(self, graph: Graph) -> AsyncIterator[User]:
        """Each user once; in Graph's order, but for those who are read by name.

        Who is named is read one by one, and so is newer than Graph's lists.
        """
        async for user in self._candidates(graph):
            self.read += 1
            as_left = self.later(user)
            if self.selection.chooses(as_left, self.members, self.skus):
                yield as_left

    async def _candidates(self, graph: Graph) -> AsyncIterator[User]:
        selection = self.selection
        if selection.condition is None:
            names = selection.names or self._few_members()
            if names is not None:
                async for user in self._named(graph, names, are_given=bool(selection.names)):
                    yield user
                return
        pages = user_pages(
            graph,
            filter=selection.graph_condition,
            fields=self.fields,
            is_advanced=selection.condition is not None,
        )
        async for page in pages:
            for user in page:
                yield user

    def _few_members(self) -> tuple[str, ...] | None:
        """Nobody but these can be meant; null if they are too many, or groups are not asked for."""
        if not self.selection.groups:
            return None
        ids = sorted(set[str]().union(*(self.members[each] for each in self.selection.groups)))
        return tuple(ids) if len(ids) <= _MOST_READ_BY_NAME else None

    async def _named(
        self, graph: Graph, names: tuple[str, ...], *, are_given: bool
    ) -> AsyncIterator[User]:
        seen: set[str] = set()
        asked = {name: self.ids_by_name.get(name, name) for name in names}
        answers = read_named_users(graph, asked.values(), fields=self.fields)
        found = {name: answer async for name, answer in answers}
        # In the order of the names, so that two runs tell the same.
        for name in names:
            answer = found[asked[name]]
            if isinstance(answer, User) and self._loses(answer, name):
                answer = no_such_user(graph, name)
            if isinstance(answer, TenantopsError):
                # Groups have members that are no users, and some that were deleted just now.
                if are_given or not isinstance(answer, ObjectGone):
                    self.failures.append(Failure(name, name, answer))
            elif answer.id not in seen:
                seen.add(answer.id)
                yield answer

    def _loses(self, user: User, name: str) -> bool:
        """Whether an earlier task takes from a user the name that it was found by."""
        return (
            user.user_principal_name.lower() == name
            and self.later(user).user_principal_name.lower() != name
        )
