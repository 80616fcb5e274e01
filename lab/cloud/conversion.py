# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Dataclasses from JSON and back, strictly: unknown keys and wrong types are errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cattrs import BaseValidationError, Converter, transform_error
from cattrs.errors import CattrsError

T = TypeVar("T")


class ConversionError(ValueError):
    """The JSON does not describe the dataclass; the message names each place that does not."""


def to_json(value: object) -> Any:
    """Return the dataclass as what the json module can write."""
    return _CONVERTER.unstructure(value)


def from_json(value: object, kind: type[T]) -> T:
    """Build the dataclass from what the json module has read; raises ConversionError."""
    try:
        return _CONVERTER.structure(value, kind)
    except (BaseValidationError, KeyError, TypeError, ValueError) as error:
        raise ConversionError("; ".join(transform_error(error))) from error
    except CattrsError as error:
        # A single value that is none of those allowed; within a dataclass it is told otherwise.
        raise ConversionError(str(error)) from error


def teach(kind: type[T], write: Callable[[T], object], read: Callable[[object], T]) -> None:
    """Let a class that is no dataclass be part of dataclasses; ``read`` raises ValueError."""
    _CONVERTER.register_unstructure_hook(kind, write)
    _CONVERTER.register_structure_hook(kind, lambda value, _kind: read(value))


def _strict_converter() -> Converter:
    """cattrs calls the type itself on a primitive (``bool("no")`` is true); refuse instead."""
    converter = Converter(forbid_extra_keys=True)
    for primitive in (bool, int, str):
        converter.register_structure_hook(primitive, _keep_or_refuse)
    converter.register_structure_hook(float, _number)
    return converter


def _keep_or_refuse(value: object, kind: type[T]) -> T:
    if type(value) is not kind:  # pylint: disable=unidiomatic-typecheck
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _number(value: object, _kind: type[float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


_CONVERTER = _strict_converter()
