# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs `upn_alignment`. Private to the collection: it can change in any release."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any

from .._attribute_fixes.objects import DirectoryObjects
from .._changes.control import ChangeControl
from .._changes.planned import PlannedChanges, planned_changes
from .._doors.operation import Outcome
from .._doors.progress import tell
from .._errors import InvalidInput, TenantopsError
from .._graph.client import EntraConnection, open_graph
from .._graph.waiting import DOUBT_TIME
from .._ldap.bulk.connections import Connections
from .._ldap.settings import ConnectionSettings
from .._libraries import require
from .._licenses.reading import READ_SKUS
from .._licenses.resource import ASSIGN_LICENSES, LicenseWrites
from .._sign_in_names.arguments import wanted_from_options
from .._sign_in_names.wanted import Wanted
from .._users.streaming import READ_USERS
from .acts import RealActs, changes_made
from .cloud import brings_names, read_cloud
from .directory import DirectorySide, read_directory
from .outcome import Report, still_open
from .people import at_the_end, changes_of_course, put_together
from .planning import Step
from .sequence import Alignment, Limits
from .snapshots import OpenSnapshots, Snapshot, SnapshotFile

_LIBRARIES = (
    "anyascii",
    "azure-identity",
    "email-validator",
    "httpx",
    "idna",
    "ldap3",
    "msgraph-sdk",
    "publicsuffixlist",
)
_AT_LEAST = {
    "batch_size": 1,
    "canary": 0,
    "max_failures": 0,
    "sync_timeout": 0,
    "settle_time": 0,
    "connections": 1,
    "in_flight": 1,
    "rows_limit": 0,
}
_STEPS_WITH_LICENSES = frozenset({Step.TAKE_OFF, Step.GIVE_BACK})


def run(parameters: Mapping[str, Any], check_mode: bool) -> Outcome:
    """Lead people to one name on both sides."""
    require(*_LIBRARIES)
    for option, least in _AT_LEAST.items():
        if not least <= parameters[option] < inf:
            raise InvalidInput(f"{option} must be at least {least}, not {parameters[option]}")
    control = ChangeControl.from_parameters(parameters)
    wanted = wanted_from_options(parameters)
    planned = planned_changes(parameters, check_mode=check_mode)
    file = _snapshot_file(parameters)
    with ExitStack() as held:
        if not check_mode:
            held.enter_context(file.held())
        snapshots = _not_forgotten(file, parameters["forget"], check_mode=check_mode)
        try:
            _wait_until_settled(snapshots, parameters["settle_time"])
            side = read_directory(parameters, wanted)
            settings = ConnectionSettings.from_parameters(parameters)
            with Connections(
                settings, amount=parameters["connections"], in_flight=parameters["in_flight"]
            ) as connections:
                work = _Work(parameters, control, wanted, planned, file, snapshots.by_user, side)
                return asyncio.run(work.do(connections, check_mode=check_mode))
        except TenantopsError as error:
            if not snapshots.by_user:
                raise
            return still_open(snapshots.by_user.values(), error)


def _snapshot_file(parameters: Mapping[str, Any]) -> SnapshotFile:
    names = [parameters[name] for name in ("journal", "tenant", "run")]
    if not all(names):
        raise InvalidInput(
            "journal, tenant and run are needed: licences that are taken off are written down"
            " beside the journal",
            advice="Set all three once in module_defaults for group/tenantops.migration.changes.",
        )
    folder, tenant, its_run = names
    return SnapshotFile.of(folder, tenant, its_run)


def _not_forgotten(file: SnapshotFile, forget: Sequence[str], *, check_mode: bool) -> OpenSnapshots:
    """The open snapshots but for those whom the operator has settled."""
    found = file.read()
    names = {name.casefold() for name in forget}
    forgotten = [
        user_id
        for user_id, each in found.by_user.items()
        if not names.isdisjoint((user_id.casefold(), each.name.casefold()))
    ]
    if forgotten and not check_mode:
        file.close(forgotten, "forgotten")
    kept = {user_id: each for user_id, each in found.by_user.items() if user_id not in forgotten}
    return OpenSnapshots(kept, found.written)


def _wait_until_settled(snapshots: OpenSnapshots, settle_time: float) -> None:
    """An earlier run may have written just now what Graph does not show everywhere yet."""
    if snapshots.written is None:
        return
    age = (datetime.now(UTC) - snapshots.written).total_seconds()
    # A clock that was wrong does not make us wait for longer.
    left = min(settle_time - age, settle_time)
    if left > 0:
        tell(f"An earlier run has changed licences: Graph shows them for sure in {left:.0f} s")
        asyncio.run(asyncio.sleep(left))


@dataclass(frozen=True)
class _Work:
    parameters: Mapping[str, Any]
    control: ChangeControl
    wanted: Wanted
    planned: PlannedChanges
    file: SnapshotFile
    snapshots: Mapping[str, Snapshot]
    side: DirectorySide

    async def do(self, connections: Connections, *, check_mode: bool) -> Outcome:
        connection = EntraConnection.from_parameters(self.parameters)
        async with open_graph(connection) as graph:
            await graph.require(READ_USERS, READ_SKUS)
            cloud = await read_cloud(
                graph,
                (each.person.immutable_id for each in self.side.people),
                (each.wanted for each in self.side.people if each.wanted is not None),
                self.snapshots,
                self.planned.changes,
            )
            pushes_names = brings_names(graph, cloud.sync, self.parameters["sync_feature"])
            directory = DirectoryObjects(connections, self.side.known)
            self.side.refuse(await directory.guard(self.side.requests))
            everybody = put_together(self.side, cloud, self.snapshots, pushes_names=pushes_names)
            subjects = everybody.subjects.values()
            if any(not _STEPS_WITH_LICENSES.isdisjoint(each.planned) for each in subjects):
                await graph.require(ASSIGN_LICENSES)
            changes = tuple(
                change for each in subjects for change in changes_of_course(each, cloud.skus)
            )
            self.control.admit(changes, self.side.selected + len(everybody.subjects))
            report = Report(everybody, self.side, cloud, self.parameters["rows_limit"])
            if check_mode:
                for each in subjects:
                    at_the_end(each)
                return report.outcome(changes)
            acts = RealActs(
                graph,
                # What Graph shows everywhere by then is not looked for any longer.
                LicenseWrites(graph, min(DOUBT_TIME, self.parameters["settle_time"])),
                directory,
                self.file,
                self.control,
                everybody.subjects,
                cloud.skus,
                self.parameters["sync_timeout"],
                self.parameters["settle_time"],
            )
            alignment = Alignment(acts, self._limits, tell)
            await alignment.run(everybody.waves(), everybody.waits_for)
            return report.outcome(changes_made(subjects, acts), alignment)

    @property
    def _limits(self) -> Limits:
        return Limits(
            self.parameters["batch_size"],
            self.parameters["canary"],
            self.parameters["max_failures"],
        )
