# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Changes of directory objects as LDIF change records (RFC 2849). Pure.

Each record deletes the old values and adds the new ones, by value. So a server refuses it as a
whole if somebody changed a value since, where replacing would overwrite what they wrote.

Private to the collection: it can change in any release.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from .._changes.model import Change, System, Value
from .._errors import InvalidInput

# RFC 2849 leaves the length open; this is what ldapsearch writes.
_LONGEST_LINE = 76

# Stricter than RFC 2849's SAFE-STRING, which allows control characters and a space at the end.
_SAFE = re.compile(r"(?:[!-9;=-~](?:[ -~]*[!-~])?)?")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def change_records(changes: Iterable[Change], comments: Iterable[str] = ()) -> Iterator[str]:
    """The text of a file that makes the changes, in pieces, one record for each object in turn.

    Raises `InvalidInput` for changes that are not about the values of a directory object.
    """
    yield "version: 1\n"
    for comment in comments:
        yield _folded(f"# {_one_line(comment)}")
    for _id, group in groupby(changes, key=lambda change: change.id):
        record = tuple(group)
        modifications = "".join(_modifications(record))
        if modifications:
            name = _line("dn", record[0].name)
            yield f"\n{name}changetype: modify\n{modifications}"


def undoing(changes: Sequence[Change]) -> Iterator[Change]:
    """The opposites, newest first. Raises `InvalidInput` for what cannot be undone."""
    return (change.opposite() for change in reversed(changes))


def _modifications(changes: Sequence[Change]) -> Iterator[str]:
    by_attribute: dict[str, list[Change]] = {}
    for change in changes:
        by_attribute.setdefault(_attribute(change), []).append(change)
    for attribute, group in by_attribute.items():
        effective = [change for change in group if change.before != change.after]
        # What goes comes first: the new value may be the old one in another spelling.
        yield from _modification("delete", attribute, [change.before for change in effective])
        yield from _modification("add", attribute, [change.after for change in effective])


def _modification(operation: str, attribute: str, values: Iterable[Value]) -> Iterator[str]:
    lines = [_line(attribute, value) for value in values if isinstance(value, str)]
    if lines:
        yield f"{operation}: {attribute}\n{''.join(lines)}-\n"


def _attribute(change: Change) -> str:
    if (
        change.system is not System.AD
        or not _ATTRIBUTE.fullmatch(change.property)
        or not isinstance(change.before, str | None)
        or not isinstance(change.after, str | None)
    ):
        raise InvalidInput(
            "LDIF tells of attributes of directory objects and of nothing else",
            subject=change.name,
            answer=f"{change.action.value} {change.property}",
        )
    return change.property


def _line(name: str, value: str) -> str:
    if _SAFE.fullmatch(value):
        return _folded(f"{name}: {value}" if value else f"{name}:")
    return _folded(f"{name}:: {base64.b64encode(value.encode()).decode()}")


def _folded(line: str) -> str:
    """A line with its end, in several if it is long: those after the first begin with a space."""
    rest = line[_LONGEST_LINE:]
    width = _LONGEST_LINE - 1
    continued = [rest[start : start + width] for start in range(0, len(rest), width)]
    return "\n ".join([line[:_LONGEST_LINE], *continued]) + "\n"


def _one_line(comment: str) -> str:
    """A comment that cannot end early: everything but printable ASCII by its number."""
    return "".join(
        character if " " <= character <= "~" else ascii(character)[1:-1] for character in comment
    )
