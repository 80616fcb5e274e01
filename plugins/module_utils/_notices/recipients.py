# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is to get a notice: from a list, and from a CSV file such as that of entra_guest_info.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._domain_names.names import address
from .._errors import InvalidInput
from .._lists.reading import in_line, list_lines
from .model import Recipient

_ADDRESS = "address"
_NAMES = ("name", "display_name")
_LANGUAGE = "preferred_language"


@dataclass(frozen=True)
class NoRecipient:
    """An entry that cannot be written to: how it stands in the list, and why."""

    text: str
    error: InvalidInput


def listed(entries: Sequence[Mapping[str, Any]]) -> Iterator[Recipient | NoRecipient]:
    """The recipients of the option `recipients`."""
    for entry in entries:
        row = {str(name): _text(value) for name, value in (entry["row"] or {}).items()}
        try:
            yield _recipient(entry[_ADDRESS], entry["name"], entry[_LANGUAGE], row)
        except InvalidInput as error:
            yield NoRecipient(entry[_ADDRESS], error)


def from_csv(path: Path, only: Mapping[str, Sequence[str]]) -> Iterator[Recipient | NoRecipient]:
    """The recipients of a CSV file with a column `address`, line by line.

    `only` has for some columns the values that a line must have one of. Raises `InvalidInput` for
    what is no such file.
    """
    wanted = {column.lower(): set(values) for column, values in only.items()}
    columns = (_ADDRESS, *_NAMES, _LANGUAGE, *wanted)
    for line in list_lines(path, needed=(_ADDRESS,), once=columns, also=wanted):
        try:
            row = line.values()
            if all(row[column] in values for column, values in wanted.items()):
                yield _recipient(
                    row.pop(_ADDRESS),
                    next((row[name] for name in _NAMES if row.get(name)), ""),
                    row.get(_LANGUAGE, ""),
                    row,
                )
        except InvalidInput as error:
            yield NoRecipient(line.text, in_line(error, path, line.number))


def _recipient(
    text: str, name: str | None, language: str | None, row: Mapping[str, str]
) -> Recipient:
    if not text:
        raise InvalidInput("There is no address", advice="Write to this person in another way.")
    return Recipient(str(address(text.strip())), name or "", (language or "").strip(), row)


def _text(value: object) -> str:
    return "" if value is None else str(value)
