# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Setting one value deep in a tree of dataclasses."""

from __future__ import annotations

import dataclasses
import typing
from typing import Any

from .conversion import from_json
from .people import User, Users


def put(root: Any, path: list[str], value: object) -> None:
    """Set the value at a path of fields, keys and indexes, as ``value`` has it in JSON.

    A user is named by id or user principal name.
    Raises KeyError when the path leads nowhere, ConversionError when the value does not fit.
    """
    holder, kind = root, type(root)
    users = None
    for key in path[:-1]:
        users = holder if isinstance(holder, Users) else users
        holder, kind = _step(holder, kind, key)
    _current, kind = _step(holder, kind, path[-1])
    wanted = from_json(value, kind)
    if isinstance(holder, Users):
        raise KeyError(path[-1])
    if dataclasses.is_dataclass(holder):
        # Some are frozen, to all but the lab's own door.
        object.__setattr__(holder, path[-1], wanted)
    else:
        holder[int(path[-1]) if isinstance(holder, list) else path[-1]] = wanted
    if users is not None:
        users.forget_names()


def _step(holder: Any, kind: Any, key: str) -> tuple[Any, Any]:
    """Return what is below a key and of which type it has to be; raises KeyError."""
    if dataclasses.is_dataclass(holder):
        hints = typing.get_type_hints(type(holder))
        if key not in hints:
            raise KeyError(key)
        return getattr(holder, key), hints[key]
    if isinstance(holder, Users):
        user = holder.find(key)
        if user is None:
            raise KeyError(key)
        return user, User
    if isinstance(holder, list):
        if not key.isdecimal() or int(key) >= len(holder):
            raise KeyError(key)
        return holder[int(key)], _arguments(kind)[0]
    if isinstance(holder, dict) and key in holder:
        return holder[key], _arguments(kind)[1]
    raise KeyError(key)


def _arguments(kind: Any) -> tuple[Any, ...]:
    """Return of what a list or dict is, also of one that might be None."""
    for one in (kind, *typing.get_args(kind)):
        if typing.get_origin(one) in (list, dict):
            return typing.get_args(one)
    raise TypeError(f"{kind} is no list or dict of something")
