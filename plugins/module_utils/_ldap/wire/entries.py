# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Search entries (RFC 4511 4.5.2) cut into values, and nothing more.

Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from .ber import NotBer
from .search import ENTRY, Page

Attributes: TypeAlias = dict[bytes, list[bytes]]
"""Values by attribute name as the server spells it."""


def entries(page: Page) -> Iterator[tuple[int, bytes, Attributes]]:
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
            attributes: Attributes = {}
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
                name = data[position : position + length]
                position += length
                length = data[position + 1]
                position += 2 + (length & 0x7F if length > 0x7F else 0)
                values = []
                while position < last:
                    length = data[position + 1]
                    position += 2
                    if length > 0x7F:
                        digits = position + (length & 0x7F)
                        length = number_of(data[position:digits], "big")
                        position = digits
                    stop = position + length
                    values.append(data[position:stop])
                    position = stop
                attributes[name] = values
        except IndexError as error:
            raise NotBer(f"an entry is cut off at byte {end}") from error
        if position != end:
            raise NotBer(f"an entry ends at byte {position} instead of {end}")
        yield place, dn, attributes


def entry(message: bytes) -> tuple[bytes, Attributes]:
    """The DN and the attributes of one message. Raises `NotBer` if it is not an entry."""
    for _place, dn, attributes in entries(Page(message, (len(message),))):
        return dn, attributes
    raise NotBer("a message that is no search entry")


def names_in_lower_case(attributes: Attributes) -> dict[str, Sequence[bytes]]:
    """The same by names in lower case, for comparing without regard to the server's spelling."""
    return {name.decode("ascii", "replace").lower(): values for name, values in attributes.items()}
