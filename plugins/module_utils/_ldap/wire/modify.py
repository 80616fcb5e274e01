# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modify requests (RFC 4511 4.6), and what an object's values say about them.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from .ber import BOOLEAN, ENUMERATED, OCTET_STRING, SEQUENCE, SET, element, integer

REQUEST = 0x66
RESPONSE = 0x67
_ADD = integer(0, ENUMERATED)
_DELETE = integer(1, ENUMERATED)

READ_REQUEST = 0x63
_PRESENT = 0x87


@dataclass(frozen=True)
class Modification:
    """Values of one attribute: those to remove must be there, those to add must not.

    `is_single` says that the attribute has one value at most, so that any other value in its place
    means that somebody changed it.
    """

    attribute: str
    remove: tuple[bytes, ...]
    add: tuple[bytes, ...]
    is_single: bool


class Standing(Enum):
    """How the values of an object stand to modifications of it."""

    BEFORE = "before"
    """Exactly as the modifications want to find them."""
    AFTER = "after"
    """Exactly as the modifications leave them."""
    OTHER = "other"


def modify_operation(dn: str, modifications: Iterable[Modification]) -> bytes:
    """The operation as it goes into a message.

    The server makes all of it or nothing, one step after the other: what is removed first can be
    added again, in another spelling.
    """
    steps: list[bytes] = []
    for modification in modifications:
        attribute = _attribute(modification.attribute)
        if modification.remove:
            steps.append(_step(_DELETE, attribute, modification.remove))
        if modification.add:
            steps.append(_step(_ADD, attribute, modification.add))
    return element(REQUEST, _text(dn) + element(SEQUENCE, b"".join(steps)))


def read_operation(dn: str, attributes: Iterable[str], time_limit: int) -> bytes:
    """A search for one object by its name (RFC 4511 4.5.1), as it goes into a message."""
    names = b"".join(map(_text, attributes))
    return element(
        READ_REQUEST,
        _text(dn)
        + integer(0, ENUMERATED)  # the base object alone
        + integer(0, ENUMERATED)  # aliases are not followed
        + integer(0)
        + integer(time_limit)
        + element(BOOLEAN, b"\x00")
        + element(_PRESENT, b"objectClass")
        + element(SEQUENCE, names),
    )


def standing(
    modifications: Iterable[Modification], values: Mapping[str, Sequence[bytes]]
) -> Standing:
    """How an object's values, by attribute names in lower case, stand to modifications of it."""
    stands = {
        _standing(modification, values.get(modification.attribute.lower(), ()))
        for modification in modifications
    }
    return stands.pop() if len(stands) == 1 else Standing.OTHER


def _standing(modification: Modification, values: Sequence[bytes]) -> Standing:
    there = set(values)
    removed, added = set(modification.remove), set(modification.add)
    if modification.is_single:
        before, after = there == removed, there == added
    else:
        # What is removed and added again says nothing.
        gone, come = removed - added, added - removed
        before = removed <= there and not come & there
        after = added <= there and not gone & there
    if before:
        return Standing.BEFORE
    return Standing.AFTER if after else Standing.OTHER


def _step(operation: bytes, attribute: bytes, values: Iterable[bytes]) -> bytes:
    content = b"".join([element(OCTET_STRING, value) for value in values])
    return element(SEQUENCE, operation + element(SEQUENCE, attribute + element(SET, content)))


@cache
def _attribute(name: str) -> bytes:
    """There are only some dozens of them."""
    return _text(name)


def _text(text: str) -> bytes:
    return element(OCTET_STRING, text.encode("utf-8"))
