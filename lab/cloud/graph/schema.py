# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of properties in bodies, and the check of a body against them.

Graph's OData reader refuses what it does not know; so does this one. A check returns the reason
why a value is wrong, or None.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import bad_request, malformed

UNKNOWN_FUTURE_VALUE = "unknownFutureValue"


class ValueType(Protocol):
    """What a property's value may be."""

    def problem(self, value: object, where: str) -> str | None:
        """Return what is wrong with the value at this place of the body, if anything."""


@dataclass(frozen=True)
class Primitive:
    """A string, boolean or number: ``name`` is the EDM name, ``type`` the Python one."""

    name: str
    type: type[str] | type[bool] | type[int]

    def problem(self, value: object, where: str) -> str | None:
        # bool is an int to Python, not to JSON: compare the exact type.
        if type(value) is self.type:  # pylint: disable=unidiomatic-typecheck
            return None
        return f"Cannot convert the value of '{where}' to the expected target type '{self.name}'."


STRING = Primitive("Edm.String", str)
BOOLEAN = Primitive("Edm.Boolean", bool)


@dataclass(frozen=True)
class Guid:
    """The text of a UUID, as ids of SKUs and service plans are."""

    def problem(self, value: object, where: str) -> str | None:
        if isinstance(value, str) and _GUID.fullmatch(value):
            return None
        return f"Cannot convert the value of '{where}' to the expected target type 'Edm.Guid'."


_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
GUID = Guid()


@dataclass(frozen=True)
class Enumeration:
    """One of the members by name. ``unknownFutureValue`` may be read but never written."""

    name: str
    members: tuple[str, ...]

    def problem(self, value: object, where: str) -> str | None:
        if value in self.members and value != UNKNOWN_FUTURE_VALUE:
            return None
        return (
            f"Cannot convert the literal '{value}' of '{where}' to the expected type '{self.name}'."
        )


@dataclass(frozen=True)
class Nullable:
    """A value of a type, or null."""

    item: ValueType

    def problem(self, value: object, where: str) -> str | None:
        return None if value is None else self.item.problem(value, where)


@dataclass(frozen=True)
class Collection:
    """An array of values of one type."""

    item: ValueType

    def problem(self, value: object, where: str) -> str | None:
        if not isinstance(value, list):
            return f"The value of '{where}' is not an array."
        for index, entry in enumerate(value):
            problem = self.item.problem(entry, f"{where}[{index}]")
            if problem:
                return problem
        return None


@dataclass(frozen=True)
class Complex:
    """An object inside another, without an identity of its own."""

    name: str
    properties: Mapping[str, ValueType]
    required: frozenset[str] = field(default_factory=frozenset)

    def problem(self, value: object, where: str) -> str | None:
        if not isinstance(value, dict):
            return f"The value of '{where}' is not an object."
        annotated = value.get("@odata.type", f"#{self.name}")
        if annotated != f"#{self.name}":
            return f"The type '{annotated}' of '{where}' is not '{self.name}'."
        missing = self.required - value.keys()
        if missing:
            return f"'{where}' lacks the property '{min(missing)}'."
        return _first_problem(self, value, f"{where}/")


@dataclass(frozen=True)
class EntityType:
    """A resource type as bodies name it.

    ``derived`` types share their path with other types, so that a body has to say with
    ``@odata.type`` which one it is.
    """

    name: str
    properties: Mapping[str, ValueType]
    derived: bool = False

    @property
    def odata_type(self) -> str:
        """The value of ``@odata.type``."""
        return f"#{self.name}"

    def read_patch(self, body: object) -> dict[str, Any]:
        """Return the properties that a PATCH sets, annotations left out; raises GraphError."""
        if not isinstance(body, dict):
            raise malformed("The request payload is not a JSON object.")
        self._check_type(body.get("@odata.type"))
        problem = _first_problem(self, body, "")
        if problem:
            raise bad_request(problem)
        return {name: value for name, value in body.items() if not _is_annotation(name)}

    def _check_type(self, given: object) -> None:
        if given is None:
            if self.derived:
                raise bad_request(
                    "A type annotation '@odata.type' is required: the expected type of the request "
                    f"payload is abstract, and '{self.name}' derives from it."
                )
        elif given != self.odata_type:
            raise bad_request(
                f"The type '{given}' of the request payload is not '{self.odata_type}'."
            )


@dataclass(frozen=True)
class Parameters:
    """The parameters of an action, all of them optional."""

    name: str
    properties: Mapping[str, ValueType]

    def read(self, body: object) -> dict[str, Any]:
        """Return the parameters given; no body is no parameter. Raises GraphError."""
        if body is None:
            return {}
        if not isinstance(body, dict):
            raise malformed("The request payload is not a JSON object.")
        problem = _first_problem(self, body, "")
        if problem:
            raise bad_request(problem)
        return body


def _first_problem(
    owner: Complex | EntityType | Parameters, value: Mapping[str, object], prefix: str
) -> str | None:
    for name, entry in value.items():
        if _is_annotation(name):
            continue
        if name not in owner.properties:
            return (
                f"The property '{name}' does not exist on type '{owner.name}'. Make sure to only "
                "use property names that are defined by the type."
            )
        problem = owner.properties[name].problem(entry, f"{prefix}{name}")
        if problem:
            return problem
    return None


def _is_annotation(name: str) -> bool:
    """Say whether the member is about the payload (``@odata.type``, ``x@odata.context``)."""
    return "@odata." in name
