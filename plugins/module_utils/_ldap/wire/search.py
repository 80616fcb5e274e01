# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Searches of a million entries: page by page (RFC 2696), each page as the bytes that came.

The next page is asked for before the one that came is handed on, so the server works while we do.
Private to the collection: it can change in any release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ..._libraries import library
from ..errors import Result
from .ber import (
    BOOLEAN,
    INTEGER,
    OCTET_STRING,
    SEQUENCE,
    NotBer,
    content_of,
    element,
    integer,
)
from .channel import Channel, Message

with library("ldap3"):
    from ldap3.operation.search import search_operation
    from pyasn1.codec.ber.encoder import encode as encode_with_pyasn1

ENTRY = 0x64
DONE = 0x65
REFERENCE = 0x73
_CONTROLS = 0xA0
_PAGED_RESULTS = b"1.2.840.113556.1.4.319"
_TRUE = element(BOOLEAN, b"\xff")


@dataclass(frozen=True)
class SearchRequest:
    """A search below `base`, whole subtree, with a filter of RFC 4515; limits in seconds."""

    base: str
    search_filter: str
    attributes: Sequence[str]
    page_size: int
    time_limit: int

    def encoded(self) -> bytes:
        """The operation as it goes into a message. ldap3 reads the filter."""
        operation = search_operation(
            self.base,
            self.search_filter,
            "SUBTREE",
            "NEVER",
            list(self.attributes),
            0,
            self.time_limit,
            False,
            auto_escape=False,
            auto_encode=False,
        )
        content: bytes = encode_with_pyasn1(operation)
        return content


@dataclass(frozen=True)
class Page:
    """The entries of one page, as the messages in which they came: `ends` says where each ends.

    References to other servers are among the messages; the scan counts and passes over them.
    """

    content: bytes
    ends: Sequence[int]


def pages(
    channel: Channel, request: SearchRequest, check: Callable[[Result], None]
) -> Iterator[Page]:
    """Every page of a search.

    `check` raises for a result other than success. Raises `ConnectionFailed` and `NotUnderstood` as
    the channel does.
    """
    operation = request.encoded()
    number = _ask(channel, operation, request.page_size, b"")
    while True:
        page, done = _receive_page(channel, number)
        try:
            check(done.result())
            cookie = _cookie(done)
        except NotBer as error:
            raise channel.not_understood(str(error)) from error
        if cookie:
            number = _ask(channel, operation, request.page_size, cookie)
        yield page
        if not cookie:
            return


def _ask(channel: Channel, operation: bytes, page_size: int, cookie: bytes) -> int:
    number = channel.next_number()
    value = element(SEQUENCE, integer(page_size) + element(OCTET_STRING, cookie))
    control = element(
        SEQUENCE,
        element(OCTET_STRING, _PAGED_RESULTS) + _TRUE + element(OCTET_STRING, value),
    )
    message = element(SEQUENCE, integer(number) + operation + element(_CONTROLS, control))
    channel.send(message)
    return number


def _receive_page(channel: Channel, number: int) -> tuple[Page, Message]:
    """The messages up to the one that ends the page, and that one."""
    parts: list[bytes] = []
    ends: list[int] = []
    size = 0
    while True:
        data, new_ends = channel.receive_raw()
        last = channel.message_at(data, new_ends[-2] if len(new_ends) > 1 else 0)
        if last.tag in (ENTRY, REFERENCE):
            parts.append(data)
            ends.extend(size + end for end in new_ends)
            size += len(data)
            continue
        if last.tag != DONE or last.number != number:
            raise channel.not_understood(
                f"message {last.number} with tag {last.tag:#04x} in answer to search {number}"
            )
        parts.append(data[: last.start])
        ends.extend(size + end for end in new_ends[:-1])
        return Page(b"".join(parts), ends), last


def _cookie(done: Message) -> bytes:
    """Where the server wants to go on, empty at the end (RFC 2696 section 3)."""
    position = done.content[1]
    if position >= done.end:
        return b""
    position, end = content_of(done.data, position, _CONTROLS)
    while position < end:
        control, position_after = content_of(done.data, position, SEQUENCE)
        begin, stop = content_of(done.data, control, OCTET_STRING)
        if done.data[begin:stop] == _PAGED_RESULTS:
            return _cookie_in(done.data, stop)
        position = position_after
    return b""


def _cookie_in(data: bytes, position: int) -> bytes:
    if data[position] == BOOLEAN:
        position = content_of(data, position)[1]
    begin, _end = content_of(data, position, OCTET_STRING)
    begin, _end = content_of(data, begin, SEQUENCE)
    _begin, begin = content_of(data, begin, INTEGER)
    begin, end = content_of(data, begin, OCTET_STRING)
    return data[begin:end]
