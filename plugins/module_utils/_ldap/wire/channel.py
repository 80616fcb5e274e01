# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole LDAP messages over the socket of a connection that ldap3 has opened, secured and bound.

For the two things of which there are a million: search entries and modifications. Private to the
collection: it can change in any release.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._errors import ConnectionFailed, NotUnderstood
from ..._libraries import library
from ..errors import Result
from .ber import SEQUENCE, NotBer, content_of

with library("ldap3"):
    from ldap3.core.results import RESULT_CODES

if TYPE_CHECKING:
    import ldap3

UNSOLICITED = 0
# What thousands of modifications are answered with: success, no DN, no text, nothing more to tell
_PLAIN_SUCCESS = b"\x0a\x01\x00\x04\x00\x04\x00"
_SUCCESS = Result(code=0, name="success", diagnostic="")
_CHUNK = 1 << 18
# A search entry can hold photographs and long lists, but what claims to be longer is not LDAP.
_LONGEST_MESSAGE = 1 << 28
# Numbers of our own, far from those that ldap3 counts on the same connection.
_FIRST_MESSAGE_ID = 1 << 24


@dataclass(frozen=True)
class Message:
    """One LDAP message: its number, the tag of its operation, and where in `data` it all is."""

    data: bytes
    start: int
    end: int
    number: int
    tag: int
    content: tuple[int, int]

    def result(self) -> Result:
        """The LDAPResult (RFC 4511 4.1.9) that the operation consists of. Raises `NotBer`."""
        position = self.content[0]
        if self.data.startswith(_PLAIN_SUCCESS, position):
            return _SUCCESS
        texts: list[bytes] = []
        for _field in range(3):
            begin, position = content_of(self.data, position)
            texts.append(self.data[begin:position])
        code = int.from_bytes(texts[0], "big")
        return Result(
            code=code,
            name=RESULT_CODES.get(code, "unknown"),
            diagnostic=texts[2].decode("utf-8", "backslashreplace").rstrip("\x00").strip(),
        )


class Channel:
    """Sends and receives messages. Use it in one thread, and not while ldap3 itself is asking."""

    def __init__(self, connection: ldap3.Connection, server: str, timeout: int) -> None:
        self._socket = connection.socket
        self._socket.settimeout(timeout)
        self._numbers = itertools.count(_FIRST_MESSAGE_ID)
        self._buffer = bytearray()
        self._timeout = timeout
        self.server = server

    def fileno(self) -> int:
        """For `select`: once this can be read, `receive` does not wait for the server to begin."""
        return int(self._socket.fileno())

    def next_number(self) -> int:
        """A number for a new message."""
        return next(self._numbers)

    def send(self, message: bytes) -> None:
        """Send a message. Raises `ConnectionFailed`."""
        try:
            self._socket.sendall(message)
        except OSError as error:
            raise self.broken(str(error)) from error

    def receive(self) -> Iterator[Message]:
        """The messages that have come by now, at least one; waits for it.

        Raises `ConnectionFailed` if the connection breaks, no answer comes in time or the server
        says goodbye; `NotUnderstood` for what is not LDAP.
        """
        data, ends = self.receive_raw()
        start = 0
        for end in ends:
            yield self.message_at(data, start)
            start = end

    def message_at(self, data: bytes, start: int) -> Message:
        """The message that begins at `start`; raises as `receive` does."""
        try:
            message = _message(data, start)
            if message.number == UNSOLICITED:
                raise self.broken(f"the server says goodbye: {message.result()}")
        except NotBer as error:
            raise self.not_understood(str(error)) from error
        return message

    def not_understood(self, answer: str) -> NotUnderstood:
        """The error for an answer that is not LDAP."""
        return NotUnderstood(
            "The server's answer is not LDAP",
            server=self.server,
            answer=answer,
            advice="Check that address and port are those of a directory server.",
        )

    def receive_raw(self) -> tuple[bytes, list[int]]:
        """As `receive`: the bytes of all complete messages, and where each of them ends."""
        buffer = self._buffer
        while True:
            try:
                ends = _ends(buffer)
                missing = 0 if ends else _missing(buffer)
            except NotBer as error:
                raise self.not_understood(str(error)) from error
            if ends:
                data = bytes(buffer[: ends[-1]])
                del buffer[: ends[-1]]
                return data, ends
            self._fill(missing)

    def _fill(self, at_least: int) -> None:
        """Receive until the buffer has grown by `at_least` bytes."""
        while at_least > 0:
            try:
                chunk = self._socket.recv(max(_CHUNK, at_least))
            except TimeoutError as error:
                raise self.broken(f"no answer within {self._timeout} seconds") from error
            except OSError as error:
                raise self.broken(str(error)) from error
            if not chunk:
                raise self.broken("the server closed the connection")
            self._buffer += chunk
            at_least -= len(chunk)

    def broken(self, answer: str) -> ConnectionFailed:
        """The error for a connection that can be used no longer."""
        return ConnectionFailed(
            "The connection to the directory server failed",
            server=self.server,
            answer=answer,
            advice=f"Check that it is running and reachable; it had {self._timeout} seconds.",
        )


def not_ldap(server: str, answer: str) -> NotUnderstood:
    """The error for an answer that is not LDAP."""
    return NotUnderstood(
        "The server's answer is not LDAP",
        server=server,
        answer=answer,
        advice="Check that address and port are those of a directory server.",
    )


def _message(data: bytes, start: int) -> Message:
    position, end = content_of(data, start, SEQUENCE)
    begin, position = content_of(data, position)
    number = int.from_bytes(data[begin:position], "big")
    if position >= end:
        raise NotBer(f"a message without an operation at byte {start}")
    return Message(data, start, end, number, data[position], content_of(data, position))


def _ends(buffer: bytearray) -> list[int]:
    """Where each complete message in the buffer ends.

    In one piece, since it runs once for each entry of a forest.
    """
    ends: list[int] = []
    position, size = 0, len(buffer)
    while position + 2 <= size:
        length = buffer[position + 1]
        if buffer[position] != SEQUENCE or length == 0x80:
            raise NotBer(f"bytes {bytes(buffer[position : position + 2])!r} begin a message")
        start = position + 2
        if length > 0x80:
            start += length & 0x7F
            if start > size:
                break
            length = int.from_bytes(buffer[position + 2 : start], "big")
        position = start + length
        if position > size:
            break
        ends.append(position)
    return ends


def _missing(buffer: bytearray) -> int:
    head = _head(buffer, 0)
    return 1 if head is None else head - len(buffer)


def _head(buffer: bytearray, position: int) -> int | None:
    """Where the message at `position` will end; null if too little of it is there to tell."""
    if position + 2 > len(buffer):
        return None
    if buffer[position] != SEQUENCE:
        raise NotBer(f"tag {buffer[position]:#04x} where a message begins")
    length = buffer[position + 1]
    start = position + 2
    if length > 0x80:
        start += length & 0x7F
        if start > len(buffer):
            return None
        length = int.from_bytes(buffer[position + 2 : start], "big")
    if length == 0x80 or length > _LONGEST_MESSAGE:
        raise NotBer("a message of indefinite or impossible length")
    return start + length
