# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the steps are done: in the directory, in the cloud, and on disk.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .._attribute_fixes.objects import DirectoryObjects
from .._changes.control import ChangeControl
from .._changes.converge import ConvergedMany, ManyProposal, Request, Things, converge_many
from .._changes.model import Change
from .._doors.progress import tell
from .._errors import NotYetSeen, TenantopsError
from .._graph.client import Graph
from .._licenses.model import Skus
from .._licenses.resource import LicenseWrites
from .._sync.waiting import ExpectedUser, SyncedUser, wait_for_users
from .._sync.waiting import Look as SyncLook
from .._users.streaming import read_named_users
from .objections import inherited_skus
from .people import Subject, changes_of_step, direct
from .planning import Step
from .sequence import Done, Look, Person
from .snapshots import Snapshot, SnapshotFile

_LICENSES = ("id", "userPrincipalName", "licenseAssignmentStates")
# Some seconds' worth: as many a killed run leaves open at most.
_ANNOUNCED_AT_ONCE = 100


@dataclass
class RealActs:
    """`Acts` for one tenant.

    `made` are the changes that were made, by the keys of people. `sync_timeout` and `settle_time`
    are in seconds: how long to wait for the sync, and until Graph shows a write everywhere.
    """

    graph: Graph
    licenses: LicenseWrites
    directory: DirectoryObjects
    snapshots: SnapshotFile
    control: ChangeControl
    subjects: Mapping[str, Subject]
    skus: Skus
    sync_timeout: float
    settle_time: float
    made: dict[str, list[Change]] = field(default_factory=dict)
    _waits_until: dict[str, float] = field(default_factory=dict)
    _last_write: float = field(default_factory=time.monotonic)

    async def write_down(self, people: Sequence[Person]) -> None:
        """See `Acts`."""
        self.snapshots.open(
            Snapshot(
                self.subjects[person.key].user_id,
                self.subjects[person.key].user_name,
                person.state.to_write_down,
            )
            for person in people
        )

    async def take_off(self, people: Sequence[Person]) -> Done:
        """See `Acts`."""
        return await self._write_licenses(people, Step.TAKE_OFF)

    async def give_back(self, people: Sequence[Person]) -> Done:
        """See `Acts`."""
        return await self._write_licenses(people, Step.GIVE_BACK)

    async def rename(self, people: Sequence[Person]) -> Done:
        """See `Acts`."""
        keys: dict[str, str] = {}
        requests = []
        for person in people:
            request = self._request(person, Step.RENAME)
            keys[request.id] = person.key
            requests.append(request)
        return self._done(await self._write(self.directory, requests), keys)

    async def wait(self, people: Sequence[Person]) -> Done:
        """See `Acts`."""
        expected = {
            ExpectedUser(
                person.name,
                user_id=self.subjects[person.key].user_id,
                user_principal_name=person.state.wanted,
            ): person
            for person in people
        }
        now = time.monotonic()
        ends = [
            self._waits_until.setdefault(person.key, now + self.sync_timeout) for person in people
        ]

        def is_enough(look: SyncLook) -> bool:
            _tell_look(look)
            return any(expected[each].is_open for each in look.arrived)

        seconds = max(0.0, min(ends) - now)
        waited = await wait_for_users(self.graph, expected, seconds, is_enough)
        if waited.seconds_left > 0:
            still = (*waited.missing, *waited.unknown)
            return Done(pending=frozenset(expected[each].key for each in still))
        failures: dict[str, TenantopsError] = {
            expected[each].key: self._not_come(expected[each], found)
            for each, found in waited.missing.items()
        }
        failures |= {expected[each].key: error for each, error in waited.unknown.items()}
        return Done(failures)

    async def settle(self, people: Sequence[Person]) -> None:
        """See `Acts`."""
        left = self._last_write + self.settle_time - time.monotonic()
        if left > 0:
            tell(f"{len(people)} people: Graph shows their licences for sure in {left:.0f} s")
            await asyncio.sleep(left)

    async def close(self, people: Sequence[Person]) -> None:
        """See `Acts`."""
        self.snapshots.close((self.subjects[person.key].user_id for person in people), "given back")

    async def look(self, people: Sequence[Person]) -> Mapping[str, Look | TenantopsError]:
        """See `Acts`."""
        keys = {self.subjects[person.key].user_id: person.key for person in people}
        found: dict[str, Look | TenantopsError] = {}
        async for user_id, user in read_named_users(self.graph, keys, fields=_LICENSES):
            found[keys[user_id]] = (
                user
                if isinstance(user, TenantopsError)
                else Look(user.user_principal_name, direct(user), inherited_skus(user.assigned))
            )
        return found

    async def _write_licenses(self, people: Sequence[Person], step: Step) -> Done:
        keys = {self.subjects[person.key].user_id: person.key for person in people}
        requests = [self._request(person, step) for person in people]
        try:
            async with self.snapshots.kept_fresh():
                return self._done(await self._write(self.licenses, requests), keys)
        finally:
            self._last_write = time.monotonic()

    async def _write(self, things: Things, requests: Sequence[Request]) -> ConvergedMany:
        # Limit and approval were for all steps of all people, before the first one.
        return await converge_many(
            things,
            ManyProposal(tuple(requests), scope=0),
            ChangeControl(journal=self.control.journal),
            check_mode=False,
            announced_at_once=_ANNOUNCED_AT_ONCE,
        )

    def _request(self, person: Person, step: Step) -> Request:
        subject = self.subjects[person.key]
        return Request(changes_of_step(subject, step, person.state, self.skus))

    def _done(self, converged: ConvergedMany, keys: Mapping[str, str]) -> Done:
        for change in converged.changes:
            self.made.setdefault(keys[change.id], []).append(change)
        failures = {keys[failure.id]: failure.error for failure in converged.failures}
        return Done(failures, converged.stopped)

    def _not_come(self, person: Person, now: SyncedUser | None) -> TenantopsError:
        return NotYetSeen(
            f"The sync has not brought the name {person.state.wanted} within"
            f" {self.sync_timeout:.0f} s",
            server=self.graph.server,
            subject=person.name,
            answer="there is no such user" if now is None else now.user_principal_name,
            advice="See whether the sync runs and what it reports of this person, and run again. A"
            " name that was changed while there was a licence may need a full cycle"
            " (Start-ADSyncSyncCycle -PolicyType Initial).",
        )


def changes_made(subjects: Iterable[Subject], acts: RealActs) -> tuple[Change, ...]:
    """The changes in the order of the plan."""
    return tuple(change for subject in subjects for change in acts.made.get(subject.person.key, ()))


def _tell_look(look: SyncLook) -> None:
    if look.open:
        tell(f"waiting for the sync: {look.open} names, {look.seconds_left:.0f} s left")
