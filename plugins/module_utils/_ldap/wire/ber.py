# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of BER that LDAP messages are made of (ITU-T X.690 8.1; RFC 4511 5.1).

ldap3 decodes a search entry into Python objects value by value, which takes longer than everything
else in a scan of a whole forest. Here a message stays bytes, and only what is needed is cut out.
Lengths are definite, as RFC 4511 demands; Active Directory writes them in five bytes even where one
would do. Pure. Private to the collection: it can change in any release.
"""

from __future__ import annotations

INTEGER = 0x02
OCTET_STRING = 0x04
ENUMERATED = 0x0A
BOOLEAN = 0x01
SEQUENCE = 0x30
SET = 0x31


class NotBer(ValueError):
    """These bytes are not what BER or LDAP allows at this place."""


def element(tag: int, content: bytes) -> bytes:
    """One element: tag, length, content."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    return bytes((tag,)) + _length(length) + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A non-negative integer in as few bytes as it takes."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def content_of(data: bytes, position: int, tag: int | None = None) -> tuple[int, int]:
    """Where the content of the element at `position` begins and ends.

    Raises `NotBer` if the tag is another one, or if the element is not complete.
    """
    try:
        if tag is not None and data[position] != tag:
            raise NotBer(f"tag {data[position]:#04x} instead of {tag:#04x} at byte {position}")
        length = data[position + 1]
    except IndexError as error:
        raise NotBer(f"the message ends at byte {len(data)}, in an element's head") from error
    start = position + 2
    if length > 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[position + 2 : start], "big")
    elif length == 0x80:
        raise NotBer(f"an indefinite length at byte {position + 1}")
    if start + length > len(data):
        raise NotBer(f"an element of {length} bytes at byte {position} is cut off")
    return start, start + length


def _length(length: int) -> bytes:
    """A length that takes more than the one byte which short ones have."""
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(digits),)) + digits
