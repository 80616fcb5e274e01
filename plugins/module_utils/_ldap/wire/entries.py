# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search entries (RFC 4511 4.5.2) cut into attributes, and no further until somebody asks.

Of a forest's million objects most are in order, which can be seen without cutting out each value.
Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import TypeAlias

from .ber import OCTET_STRING, SET, NotBer, content_of
from .search import ENTRY, Page

RawAttributes: TypeAlias = dict[bytes, bytes]
"""The set of values, as the element in which it came, by the attribute's name as the server spells
it."""

Attributes: TypeAlias = Mapping[bytes, list[bytes]]
"""Values by attribute name as the server spells it."""


def entries(page: Page) -> Iterator[tuple[int, bytes, RawAttributes]]:
    """Each entry of a page: its place among the page's messages, its DN, and its attributes.

    Messages that are no entries are passed over. Raises `NotBer`. One long function, because it
    takes most of the time of a scan, and a call costs as much as the work in it.
    """
    data, begin = page.content, 0
    number_of = int.from_bytes
    for place, end in enumerate(page.ends):
        try:
            # The message's head and number.
            length = data[begin + 1]
            position = begin + 2 + (length & 0x7F if length > 0x7F else 0)
            position += 2 + data[position + 1]
            begin = end
            if data[position] != ENTRY:
                continue
            length = data[position + 1]
            position += 2 + (length & 0x7F if length > 0x7F else 0)
            # The name.
            length = data[position + 1]
            position += 2
            if length > 0x7F:
                digits = position + (length & 0x7F)
                length = number_of(data[position:digits], "big")
                position = digits
            dn = data[position : position + length]
            position += length
            # The list of attributes.
            length = data[position + 1]
            position += 2 + (length & 0x7F if length > 0x7F else 0)
            attributes: RawAttributes = {}
            while position < end:
                length = data[position + 1]
                position += 2
                if length > 0x7F:
                    digits = position + (length & 0x7F)
                    length = number_of(data[position:digits], "big")
                    position = digits
                last = position + length
                length = data[position + 1]
                position += 2
                if length > 0x7F:
                    digits = position + (length & 0x7F)
                    length = number_of(data[position:digits], "big")
                    position = digits
                name_end = position + length
                attributes[data[position:name_end]] = data[name_end:last]
                position = last
        except IndexError as error:
            raise NotBer(f"an entry is cut off at byte {end}") from error
        if position != end:
            raise NotBer(f"an entry ends at byte {position} instead of {end}")
        yield place, dn, attributes


def entry(message: bytes) -> tuple[bytes, RawAttributes]:
    """The DN and the attributes of one message. Raises `NotBer` if it is not an entry."""
    for _place, dn, attributes in entries(Page(message, (len(message),))):
        return dn, attributes
    raise NotBer("a message that is no search entry")


def decoded(attributes: RawAttributes, names: Container[bytes]) -> Attributes:
    """The values of some attributes, and of parts of others (`name;range=...`). Raises `NotBer`."""
    return {
        name: values_of(raw) for name, raw in attributes.items() if name in names or b";" in name
    }


def values_of(raw: bytes) -> list[bytes]:
    """The values of one attribute. Raises `NotBer`."""
    position, end = content_of(raw, 0, SET)
    values: list[bytes] = []
    while position < end:
        length = raw[position + 1]
        start = position + 2
        if length > 0x7F:
            start += length & 0x7F
            length = int.from_bytes(raw[position + 2 : start], "big")
        if raw[position] != OCTET_STRING:
            raise NotBer(f"tag {raw[position]:#04x} among the values of an attribute")
        position = start + length
        values.append(raw[start:position])
    if position != len(raw):
        raise NotBer(f"{len(raw) - end} bytes behind the values of an attribute")
    return values
