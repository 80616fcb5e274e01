# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change is: one property of one thing, before and after.

The same list of changes is the result of a task, the content of a plan, of the journal and of the
report, in check mode and in a real run. Pure data: no I/O and no Ansible. Private to the
collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, TypeAlias

from .._errors import InvalidInput

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None


class KnownAfterApply(Enum):
    """The mark for a value that only the run itself will bring about."""

    VALUE = "(known after apply)"

    def __str__(self) -> str:
        return str(self.value)


KNOWN_AFTER_APPLY = KnownAfterApply.VALUE
_KNOWN_AFTER_APPLY_JSON: dict[str, JsonValue] = {"known_after_apply": True}

Value: TypeAlias = JsonValue | KnownAfterApply

# System, kind of thing, id, property and action.
Place: TypeAlias = tuple[str, str, str, str, str]


class System(StrEnum):
    """Where a change takes place."""

    AD = "ad"
    DNS = "dns"
    ENTRA = "entra"


class Action(StrEnum):
    """What a change does. `add` and `remove` concern one value of a set, `replace` a whole value,
    `create` and `delete` a whole object, `invoke` is a call without a value to compare."""

    CREATE = "create"
    DELETE = "delete"
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    INVOKE = "invoke"


_OPPOSITE = {
    Action.CREATE: Action.DELETE,
    Action.DELETE: Action.CREATE,
    Action.ADD: Action.REMOVE,
    Action.REMOVE: Action.ADD,
    Action.REPLACE: Action.REPLACE,
}


@dataclass(frozen=True)
class Change:
    """One change.

    `resource` is the kind of thing (`forest`, `txt_rrset`, `email_authentication_method`), `id`
    names it for good (objectGUID, zone plus owner name, Graph id), `name` names it for people.
    `before` and `after` are JSON values; null means that there is none. `rule` is the id of the
    rule that asked for the change, if any. `note` is why a person allowed what a guard asks about.
    It does not count when changes are compared. A secret is never in any of these.
    """

    system: System
    resource: str
    id: str
    name: str
    property: str
    action: Action
    before: Value
    after: Value
    rule: str | None = None
    reversible: bool = True
    note: str | None = None

    def opposite(self) -> Change:
        """The change that undoes this one. Raises `InvalidInput` if it cannot be undone."""
        if not self.reversible or self.action not in _OPPOSITE:
            raise InvalidInput(
                f"{self.action.value} of {self.property} cannot be undone", subject=self.name
            )
        return Change(
            system=self.system,
            resource=self.resource,
            id=self.id,
            name=self.name,
            property=self.property,
            action=_OPPOSITE[self.action],
            before=self.after,
            after=self.before,
            rule=None,
            reversible=True,
        )

    def to_json(self) -> dict[str, JsonValue]:
        """The change as it stands in results, plans and journals."""
        fields: dict[str, JsonValue] = {
            "system": self.system.value,
            "resource": self.resource,
            "id": self.id,
            "name": self.name,
            "property": self.property,
            "action": self.action.value,
            "before": _value_to_json(self.before),
            "after": _value_to_json(self.after),
            "rule": self.rule,
            "reversible": self.reversible,
        }
        if self.note is not None:
            fields["note"] = self.note
        return fields

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Change:
        """Read what `to_json` wrote. Raises `InvalidInput` for anything else."""
        try:
            return cls(
                system=System(fields["system"]),
                resource=str(fields["resource"]),
                id=str(fields["id"]),
                name=str(fields["name"]),
                property=str(fields["property"]),
                action=Action(fields["action"]),
                before=_value_from_json(fields["before"]),
                after=_value_from_json(fields["after"]),
                rule=fields["rule"],
                reversible=bool(fields["reversible"]),
                note=None if fields.get("note") is None else str(fields["note"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                "This is not a change as this collection writes it", answer=str(error)
            ) from error

    def place(self) -> Place:
        """What is changed and how, without the values: what a change may be looked up by."""
        return (self.system.value, self.resource, self.id, self.property, self.action.value)

    def identity(self) -> tuple[Place, str, str]:
        """What is the same in two changes that cover each other and know their values."""
        return (self.place(), _exactly(self.before), _exactly(self.after))

    def covers(self, other: Change) -> bool:
        """Whether `other` is this change, where a value known only after apply fits any value."""
        return (
            self.place() == other.place()
            and _fits(self.before, other.before)
            and _fits(self.after, other.after)
        )


def display(value: Value) -> str:
    """A value for people: text as it is, everything else as JSON, null as `(none)`."""
    if isinstance(value, KnownAfterApply):
        return str(value)
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _exactly(value: Value) -> str:
    return json.dumps(_value_to_json(value), sort_keys=True)


def _fits(planned: Value, actual: Value) -> bool:
    return isinstance(planned, KnownAfterApply) or planned == actual


def _value_to_json(value: Value) -> JsonValue:
    return dict(_KNOWN_AFTER_APPLY_JSON) if isinstance(value, KnownAfterApply) else value


def _value_from_json(value: JsonValue) -> Value:
    return KNOWN_AFTER_APPLY if value == _KNOWN_AFTER_APPLY_JSON else value
