# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that say who gets which name: CSV or JSON.

A CSV file has the column `new_user_principal_name`, and `user_principal_name` or `id` or both. A
JSON file has an object of the new names by the old ones or the ids, or a list of objects with the
columns' names. Private to the collection: it can change in any release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .._errors import InvalidInput
from .._lists.reading import in_line, list_lines
from .names import name_key

_NEW = "new_user_principal_name"
_OLD = "user_principal_name"
_ID = "id"


class _Pairs(tuple[tuple[str, Any], ...]):
    """An object as it is written, where the same name may be there twice."""

    __slots__ = ()


def read_mapping(path: Path) -> dict[str, str]:
    """The new names by the old ones and by ids, both in the form of `name_key`.

    Raises `InvalidInput` for what is no such file, and for one that says two things of somebody.
    """
    names: dict[str, str] = {}
    for key, new in _entries(path):
        if names.setdefault(name_key(key), new) != new:
            raise InvalidInput(
                f"The mapping gives {key!r} two names", subject=str(path), answer=new
            )
    if not names:
        raise InvalidInput("The mapping names nobody", subject=str(path))
    return names


def _entries(path: Path) -> Iterator[tuple[str, str]]:
    """The pairs of the file, a person with an id only by that."""
    if path.suffix.lower() == ".json":
        for entry in _json_entries(path):
            yield _pair(path, entry)
        return
    columns = (_OLD, _ID)
    for line in list_lines(path, needed=columns, once=(*columns, _NEW), also=(_NEW,)):
        try:
            values = line.values()
        except InvalidInput as error:
            raise in_line(error, path, line.number) from error
        yield _pair(path, values, f", line {line.number}")


def _pair(path: Path, entry: Mapping[str, Any], place: str = "") -> tuple[str, str]:
    texts = [entry.get(name) or "" for name in (_ID, _OLD, _NEW)]
    if not all(isinstance(text, str) for text in texts):
        raise _not_an_entry(path, place, entry)
    identity, old, new = (text.strip() for text in texts)
    if not new or not (identity or old):
        raise _not_an_entry(path, place, entry)
    return identity or old, new


def _json_entries(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_Pairs)
    except (OSError, ValueError) as error:
        raise InvalidInput(
            "The mapping cannot be read", subject=str(path), answer=str(error)
        ) from error
    if isinstance(content, _Pairs):
        return [{_OLD: old, _NEW: new} for old, new in content]
    if isinstance(content, list) and all(isinstance(entry, _Pairs) for entry in content):
        return [_without_repetition(path, entry) for entry in content]
    raise InvalidInput(
        "The mapping is neither an object nor a list of objects",
        subject=str(path),
        advice=f'Write {{"old name": "new name"}}, or objects with {_NEW} and {_OLD} or {_ID}.',
    )


def _without_repetition(path: Path, pairs: _Pairs) -> dict[str, Any]:
    entry = dict(pairs)
    if len(entry) < len(pairs):
        raise InvalidInput(
            "An object of the mapping has something twice", subject=str(path), answer=str(entry)
        )
    return entry


def _not_an_entry(path: Path, place: str, entry: Mapping[str, Any]) -> InvalidInput:
    return InvalidInput(
        "The mapping does not say who gets which name",
        subject=f"{path}{place}",
        answer=str({name: entry.get(name) for name in (_ID, _OLD, _NEW)}),
        advice=f"Give {_NEW}, and {_ID} or {_OLD}.",
    )
