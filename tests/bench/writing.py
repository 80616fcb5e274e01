# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes an attribute of many objects in one way and says how long that took.

    python -m tests.bench.writing WAY FOLDER OBJECTS

FOLDER is that of a running server (lab.openldap.scale). An object's display name gets a space at
its end, which is a defect, or loses it, so every run changes every object. WAY `names` changes
nothing and tells the names of the objects.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import selectors
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.model import (
    changes_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_fixes.objects import (
    DirectoryObjects,
)
from ansible_collections.tenantops.migration.plugins.module_utils._attribute_rules.model import (
    DirectoryObject,
    ObjectClass,
    ValueChange,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.control import (
    ChangeControl,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.converge import (
    ManyProposal,
    Request,
    converge_many,
)
from ansible_collections.tenantops.migration.plugins.module_utils._changes.journal import Journal
from ansible_collections.tenantops.migration.plugins.module_utils._changes.model import Change
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.bulk.connections import (
    Connections,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.connection import connect
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.settings import (
    ConnectionSettings,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    SEQUENCE,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.modify import (
    Modification,
    modify_operation,
)
from lab.openldap import scale

from .reading import parameters

ATTRIBUTE = "displayName"
DEFECT = " "
# As ad_attributes has them by default
CONNECTIONS = 2
IN_FLIGHT = 100
_SOME_NUMBER = 1 << 24


@dataclass(frozen=True)
class Target:
    """An object, its display name, and the other one that it is to get."""

    guid: str
    dn: str
    before: str
    after: str


def targets(settings: ConnectionSettings, base: str, amount: int) -> list[Target]:
    """The first so many people."""
    with connect(settings) as directory:
        found = directory.search(
            base, f"(&(objectClass=user)({ATTRIBUTE}=*))", ("objectGUID", ATTRIBUTE)
        )
        people = [(each.guid(), each.dn, each.text(ATTRIBUTE)) for each in found][:amount]
    return [
        Target(guid, dn, name, name.rstrip() if name.endswith(DEFECT) else name + DEFECT)
        for guid, dn, name in people
    ]


def bare(settings: ConnectionSettings, people: Sequence[Target]) -> float:
    """Requests made beforehand, sent with as many under way as ours: no plan, no journal, no
    result, and of the answers nothing but that they came."""
    messages = [
        element(SEQUENCE, integer(number) + _operation(person))
        for number, person in enumerate(people, start=_SOME_NUMBER)
    ]
    with Connections(settings, amount=CONNECTIONS, in_flight=IN_FLIGHT) as connections:
        started = time.perf_counter()
        _send(connections, messages)
        return time.perf_counter() - started


def _operation(person: Target) -> bytes:
    change = Modification(ATTRIBUTE, (person.before.encode(),), (person.after.encode(),), True)
    return modify_operation(person.dn, [change])


def _send(connections: Connections, messages: Sequence[bytes]) -> None:
    waiting = iter(messages)
    left = len(messages)
    with selectors.DefaultSelector() as selector:
        for channel in connections.channels:
            channel.send(b"".join(itertools.islice(waiting, IN_FLIGHT // CONNECTIONS)))
            selector.register(channel, selectors.EVENT_READ, channel)
        while left:
            for key, _events in selector.select():
                _data, ends = key.data.receive_raw()
                left -= len(ends)
                if following := b"".join(itertools.islice(waiting, len(ends))):
                    key.data.send(following)


def ours(settings: ConnectionSettings, people: Sequence[Target]) -> float:
    """From a plan to the result of a task, journalled on disk."""
    requests = tuple(Request(_changes(person)) for person in people)
    known = {person.guid: {ATTRIBUTE: (person.before,)} for person in people}
    with (
        Connections(settings, amount=CONNECTIONS, in_flight=IN_FLIGHT) as connections,
        tempfile.TemporaryDirectory() as folder,
    ):
        started = time.perf_counter()
        control = ChangeControl(journal=Journal(Path(folder) / "journal" / "tenant" / "run.jsonl"))
        converged = asyncio.run(
            converge_many(
                DirectoryObjects(connections, known),
                ManyProposal(requests, len(requests)),
                control,
                check_mode=False,
            )
        )
        told = [change.to_json() for change in converged.changes]
        taken = time.perf_counter() - started
    if len(told) != len(people):
        raise SystemExit(f"{len(told)} of {len(people)} changes were made")
    return taken


def _changes(person: Target) -> tuple[Change, ...]:
    thing = DirectoryObject(
        person.guid, person.dn, ObjectClass.USER, "", {ATTRIBUTE: (person.before,)}
    )
    return changes_of(thing, [ValueChange(ATTRIBUTE, person.before, person.after)])


WAYS: Mapping[str, Callable[[ConnectionSettings, Sequence[Target]], float]] = {
    "bare": bare,
    "ours": ours,
}


def main() -> int:
    """Write in the way that the command line names."""
    way, folder, amount = sys.argv[1:]
    server = scale.load(Path(folder))
    settings = ConnectionSettings.from_parameters(parameters(server))
    people = targets(settings, server.base_dn, int(amount))
    if way == "names":
        print(json.dumps([person.dn for person in people]))
        return 0
    seconds = WAYS[way](settings, people)
    print(json.dumps({"objects": len(people), "seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
