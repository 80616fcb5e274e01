# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading thousands of objects by name, with many questions under way at once.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..._errors import NotUnderstood, ObjectGone, TenantopsError
from ..errors import NO_SUCH_OBJECT, SUCCESS, error_of
from ..wire.ber import NotBer
from ..wire.entries import entry, values_of
from ..wire.modify import read_operation
from ..wire.pipeline import Answer, Lost
from .connections import Connections, ObjectName

GUID = "objectGUID"
# A question that was lost so often with its connection is not asked again.
MOST_LOSSES = 3
_RANGE = ";range="
_OBJECTS_PER_FILTER = 100


@dataclass(frozen=True)
class Found:
    """An object as it is now: its values by attribute names in lower case."""

    dn: str
    values: Mapping[str, Sequence[bytes]]


Reading: TypeAlias = Found | TenantopsError


def read(
    connections: Connections, names: Iterable[ObjectName], attributes: Iterable[str]
) -> dict[str, Reading]:
    """Attributes of objects, or why they cannot be read (`ObjectGone`, ...), by objectGUID.

    Raises what keeps every object from being read: no connection to any server.
    """
    wanted = (*attributes, GUID)
    names = tuple(names)
    found = _read_by_name(connections, names, wanted)
    if not connections.root.is_active_directory:
        gone = [name for name in names if isinstance(found[name.guid], ObjectGone)]
        found |= _read_by_name(connections, renamed(connections, gone), wanted)
    return found


def renamed(connections: Connections, names: Sequence[ObjectName]) -> list[ObjectName]:
    """Of objects that have their name no longer, those that have another one."""
    found: list[ObjectName] = []
    for start in range(0, len(names), _OBJECTS_PER_FILTER):
        some = names[start : start + _OBJECTS_PER_FILTER]
        terms = "".join(f"({GUID}={_escaped(name.guid)})" for name in some)
        base = connections.root.default_naming_context
        found.extend(
            ObjectName(each.guid(), each.dn)
            for each in connections.search(base, f"(|{terms})", (GUID,))
        )
    return found


def gone(connections: Connections, name: ObjectName, answer: str) -> ObjectGone:
    """The error for an object that is not there, or not to be seen."""
    return ObjectGone(
        "The object does not exist any more, or this account may not see it",
        server=connections.server,
        subject=name.dn,
        answer=answer,
        advice="Check that it is still there and that the account may read it.",
    )


def _read_by_name(
    connections: Connections, names: Iterable[ObjectName], attributes: Sequence[str]
) -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    losses: Counter[str] = Counter()
    todo = {name.guid: name for name in names}
    time_limit = connections.settings.timeout
    while todo:
        # What may have broken a connection is not to break it for others again.
        lost_before = [guid for guid in todo if losses[guid]]
        questions = (
            (guid, read_operation(connections.address(todo[guid]), attributes, time_limit))
            for guid in lost_before or list(todo)
        )
        for guid, outcome in connections.ask(questions, one_by_one=bool(lost_before)):
            if not isinstance(outcome, Lost):
                found[guid] = _reading(connections, todo.pop(guid), outcome)
                continue
            losses[guid] += 1
            if losses[guid] >= MOST_LOSSES:
                del todo[guid]
                found[guid] = outcome.error
    return found


def _reading(connections: Connections, name: ObjectName, answer: Answer) -> Reading:
    result = answer.result
    if result.code == NO_SUCH_OBJECT:
        return gone(connections, name, str(result))
    if result.code != SUCCESS:
        identity = connections.directory.identity
        return error_of(result, server=connections.server, subject=name.dn, identity=identity)
    if not answer.entries:
        return gone(connections, name, "no object in the answer")
    try:
        dn, attributes = entry(answer.entries[0])
        values = {
            attribute.decode("ascii", "replace").lower(): values_of(raw)
            for attribute, raw in attributes.items()
        }
    except NotBer as error:
        return _not_understood(connections, name, str(error))
    if values.get(GUID.lower()) != [uuid.UUID(name.guid).bytes_le]:
        return gone(connections, name, "another object has its name")
    if any(_RANGE in attribute for attribute in values):
        return _not_understood(connections, name, "not all values of an attribute")
    return Found(dn.decode("utf-8", "backslashreplace"), values)


def _not_understood(connections: Connections, name: ObjectName, answer: str) -> NotUnderstood:
    return NotUnderstood(
        "The object cannot be read back",
        server=connections.server,
        subject=name.dn,
        answer=answer,
        advice="Look at the object itself.",
    )


def _escaped(guid: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in uuid.UUID(guid).bytes_le)
