# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paged searches over a socket, with a server that says exactly what it is told to."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tenantops.migration.plugins.module_utils._errors import (
    ConnectionFailed,
    NotUnderstood,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.errors import (
    Result,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.ber import (
    ENUMERATED,
    OCTET_STRING,
    SEQUENCE,
    SET,
    NotBer,
    element,
    integer,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.channel import (
    Channel,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.entries import (
    entries,
    values_of,
)
from ansible_collections.tenantops.migration.plugins.module_utils._ldap.wire.search import (
    DONE,
    ENTRY,
    REFERENCE,
    Page,
    SearchRequest,
    pages,
)

_PAGED = b"1.2.840.113556.1.4.319"
_REQUEST = SearchRequest("DC=x", "(mail=*)", ("mail",), 2, 5)


class _Server:
    """The other end of the channel."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        connection: Any = SimpleNamespace(socket=self.ours)
        self.channel = Channel(connection, "ldap://dc1", timeout=1)

    def says(self, *messages: bytes) -> None:
        self.theirs.sendall(b"".join(messages))

    def asked(self) -> bytes:
        return self.theirs.recv(1 << 16)


@pytest.fixture(name="server")
def _server() -> Iterator[_Server]:
    server = _Server()
    yield server
    server.ours.close()
    server.theirs.close()


def _message(number: int, tag: int, content: bytes, rest: bytes = b"") -> bytes:
    return element(SEQUENCE, integer(number) + element(tag, content) + rest)


def _entry(number: int, dn: bytes, attributes: dict[bytes, Sequence[bytes]]) -> bytes:
    listed = b"".join(
        element(
            SEQUENCE,
            element(OCTET_STRING, name)
            + element(SET, b"".join(element(OCTET_STRING, value) for value in values)),
        )
        for name, values in attributes.items()
    )
    return _message(number, ENTRY, element(OCTET_STRING, dn) + element(SEQUENCE, listed))


def _done(number: int, cookie: bytes | None = None, code: int = 0, text: bytes = b"") -> bytes:
    result = integer(code, ENUMERATED) + element(OCTET_STRING, b"") + element(OCTET_STRING, text)
    rest = b""
    if cookie is not None:
        value = element(SEQUENCE, integer(0) + element(OCTET_STRING, cookie))
        control = element(OCTET_STRING, _PAGED) + element(OCTET_STRING, value)
        rest = element(0xA0, element(SEQUENCE, control))
    return _message(number, DONE, result, rest)


def _accept(result: Result) -> None:
    if result.code:
        raise NotUnderstood(str(result))


_FIRST, _SECOND = 1 << 24, (1 << 24) + 1


def test_all_pages_are_read_and_the_next_is_asked_for_before_the_last_is_handed_on(
    server: _Server,
) -> None:
    server.says(
        _entry(_FIRST, b"CN=a", {b"mail": [b"a@x"]}),
        _message(_FIRST, REFERENCE, element(OCTET_STRING, b"ldap://other")),
        _done(_FIRST, b"more"),
    )
    found = []
    asked: list[bytes] = []
    for page in pages(server.channel, _REQUEST, _accept):
        if not asked:
            asked.append(server.asked())
            server.says(
                _entry(_SECOND, b"CN=b", {b"mail": [b"b@x", b"c@x"], b"cn": []}),
                _done(_SECOND, b""),
            )
        found += [(dn, {k: values_of(v) for k, v in raw.items()}) for _n, dn, raw in entries(page)]
    assert found == [
        (b"CN=a", {b"mail": [b"a@x"]}),
        (b"CN=b", {b"mail": [b"b@x", b"c@x"], b"cn": []}),
    ]
    # When the first page came, both questions had been asked.
    assert asked[0].count(_PAGED) == 2
    assert b"more" in asked[0]


def test_an_answer_without_the_control_ends_the_search(server: _Server) -> None:
    server.says(_done(_FIRST))
    assert [page.ends for page in pages(server.channel, _REQUEST, _accept)] == [[]]


def test_a_result_other_than_success_is_told(server: _Server) -> None:
    server.says(_done(_FIRST, None, 4, b"limit"))
    with pytest.raises(NotUnderstood, match="sizeLimitExceeded, limit"):
        list(pages(server.channel, _REQUEST, _accept))


def test_entries_of_a_cut_off_page_are_not_handed_on(server: _Server) -> None:
    server.says(_entry(_FIRST, b"CN=a", {b"mail": [b"a@x"]}))
    server.theirs.shutdown(socket.SHUT_WR)
    with pytest.raises(ConnectionFailed, match="closed the connection"):
        list(pages(server.channel, _REQUEST, _accept))


def test_a_server_that_is_silent_is_given_up(server: _Server) -> None:
    with pytest.raises(ConnectionFailed, match="no answer within 1 seconds"):
        list(pages(server.channel, _REQUEST, _accept))


def test_a_notice_of_disconnection_is_told(server: _Server) -> None:
    notice = integer(52, ENUMERATED) + element(OCTET_STRING, b"") + element(OCTET_STRING, b"bye")
    server.says(_message(0, 0x78, notice))
    with pytest.raises(ConnectionFailed, match="unavailable, bye"):
        list(pages(server.channel, _REQUEST, _accept))


@pytest.mark.parametrize(
    "nonsense",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"0\x80\x02\x01\x01\x00\x00\x00",
        b"0\x84\xff\xff\xff\xff\x02\x01",
        element(SEQUENCE, integer(5)),
        _message(77, 0x61, b""),
        _message(_SECOND, DONE, b"\x0a\x01"),
    ],
)
def test_what_is_not_ldap_is_not_understood(server: _Server, nonsense: bytes) -> None:
    server.says(nonsense)
    with pytest.raises(NotUnderstood):
        list(pages(server.channel, _REQUEST, _accept))


def test_a_message_may_come_in_any_pieces(server: _Server) -> None:
    whole = _entry(_FIRST, b"CN=" + b"a" * 300, {b"mail": [b"x" * 70_000]}) + _done(_FIRST)
    for at in range(0, len(whole), 7001):
        server.says(whole[at : at + 7001])
    (page,) = pages(server.channel, _REQUEST, _accept)
    ((_place, dn, raw),) = entries(page)
    assert dn == b"CN=" + b"a" * 300
    assert values_of(raw[b"mail"]) == [b"x" * 70_000]


@pytest.mark.parametrize("length", [1, 2, 5, 20, -1])
def test_a_cut_off_entry_is_no_entry(length: int) -> None:
    entry = _entry(5, b"CN=a", {b"mail": [b"a@x"]})[:length]
    with pytest.raises(NotBer):
        _decode(entry)


def _decode(message: bytes) -> None:
    for _place, _dn, raw in entries(Page(message, (len(message),))):
        for values in raw.values():
            values_of(values)
